/** Whether p-values are what they say: uniform where nothing is wrong. */
import * as assert from 'uvu/assert';
import { keyFromSeed, split, uniforms } from '../../src/random/key.js';

/** Uniform numbers in (0, 1), one at a time. */
export const stream = (seed: number, index = 0): (() => number) => {
  const key = split(keyFromSeed(seed), index);
  let block = 0;
  let values = uniforms(split(key, 0), 256);
  let at = 0;
  return () => {
    if (at === 256) {
      values = uniforms(split(key, ++block), 256);
      at = 0;
    }
    return values[at++] ?? 0;
  };
};

/** An index drawn with the given probabilities. */
export const categorical = (probabilities: ArrayLike<number>, next: () => number): number => {
  let left = next();
  for (let i = 0; i < probabilities.length - 1; i++) {
    left -= probabilities[i] ?? 0;
    if (left < 0) return i;
  }
  return probabilities.length - 1;
};

/** Counts of n draws with the given probabilities. */
export const countsOf = (probabilities: ArrayLike<number>, n: number, next: () => number): Float64Array => {
  const counts = new Float64Array(probabilities.length);
  for (let i = 0; i < n; i++) {
    const at = categorical(probabilities, next);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
};

/** Kolmogorov and Smirnov's distance of values from the uniform distribution on [0, 1]. */
export const distanceFromUniform = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  return sorted.reduce((most, x, i) => Math.max(most, (i + 1) / n - x, x - i / n), 0);
};

/**
 * Asserts that p-values are uniform: KS distance ≤ c / √n with c = √(½ log (2/α)), α = 1e-4 (Massart's bound, Annals of
 * Probability 18, 1990: exceeded with probability at most α for continuous p-values, whatever n), plus `slack` for
 * statistics that are discrete or chi-square in the limit only.
 */
export const assertUniform = (pValues: readonly number[], what: string, slack = 0): void => {
  const allowed = Math.sqrt(Math.log(2 / 1e-4) / 2 / pValues.length) + slack;
  const distance = distanceFromUniform(pValues);
  assert.ok(distance <= allowed, `${what}: distance ${distance} from uniform, at most ${allowed}`);
};
