/** Samplers that have nothing to do with this project, right and wrong, for the laws to judge. */
import type { Batch, BatchSampler, Sampler } from '../../src/verify/index.js';

/** Mulberry32, a small generator of uniform numbers in [0, 1). */
export const mulberry = (seed: number) => {
  let state = seed + 1;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** A die whose faces have these probabilities. */
export const die = (faces: readonly number[]): Sampler<number> => ({
  sample: (seed, count) => {
    const next = mulberry(seed);
    return Array.from({ length: count }, () => {
      let left = next();
      return faces.findIndex((p, i) => (left -= p) < 0 || i === faces.length - 1);
    });
  },
  logProbability: (outcomes) => outcomes.map((face) => Math.log(faces[face] ?? 0)),
});

/** Points one after another, each in proportion to its weight among those left; `weights` by point. */
export const successive = (weights: readonly number[], batchSize: number): BatchSampler => ({
  poolSize: weights.length,
  batchSize,
  sample: (seed, count) => {
    const next = mulberry(seed);
    return Array.from({ length: count }, () => draw(weights, batchSize, next));
  },
  logProbability: (batches) => batches.map((batch) => Math.log(overOrders(weights, batch))),
});

const draw = (weights: readonly number[], batchSize: number, next: () => number): Batch => {
  const left = [...weights];
  return Array.from({ length: batchSize }, () => {
    let mass = next() * left.reduce((a, b) => a + b, 0);
    const chosen = left.findIndex((w) => w > 0 && (mass -= w) < 0);
    left[chosen] = 0;
    return chosen;
  });
};

/** The probability of a set: the sum over the orders in which it can be drawn. */
const overOrders = (weights: readonly number[], left: Batch, taken = 0): number => {
  const rest = weights.reduce((a, b) => a + b, 0) - taken;
  return left.length === 0
    ? 1
    : left.reduce((sum, point, i) => {
        const weight = weights[point] ?? 0;
        return (
          sum +
          (weight / rest) * overOrders(weights, [...left.slice(0, i), ...left.slice(i + 1)], taken + weight)
        );
      }, 0);
};
