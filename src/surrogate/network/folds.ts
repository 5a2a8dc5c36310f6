/**
 * Which rows a network learns from, and which are held out of it: K folds of the labelled rows, so that every row is said
 * something of by networks that have not seen its label. What those say sets the noise variance, or the temperature of class
 * probabilities: networks fit their own labels as closely as they like, so these tell nothing of noise.
 *
 *   σ² = argmax Σ_i log N(y_i; f̄_i, σ² + v_i) + log prior(σ²)
 *
 * f̄_i the mean of q held-out draws of row i, v_i their variance (1 + 1/q: the mean's own error), drawn towards the mean over
 * rows as if of κ = 4 draws more, for a variance of few draws is mostly chance (Smyth 2004, Linear models and empirical Bayes); the prior
 * and range of σ² those of the Gaussian process (marginal-likelihood.ts), in units of the targets' variance. Few rows leave it at the
 * prior's median, whatever the networks make of them.
 */
import { at } from '../../at.js';
import { type Matrix, matrixFrom } from '../../linear-algebra/matrix.js';
import { type Key, permutation } from '../../random/key.js';
import { logPriorAt } from '../evidence-maximum.js';
import { processNoisePrior } from '../marginal-likelihood.js';

/** The most folds, and the fewest rows that are divided at all. */
export const foldCount = 5;

/** The fold of each of n rows, 0 … K − 1, alike in size; none (−1) of fewer than five rows. */
export const foldsOf = (rows: number, folds: number, key: Key): Int32Array => {
  const order = permutation(key, rows);
  const out = new Int32Array(rows);
  order.forEach((row, place) => {
    out[row] = rows < foldCount ? -1 : place % folds;
  });
  return out;
};

/** w [n, M]: 1 where network m learns from row i. `without` names the fold that a network leaves out, −1 for none. */
export const learnsFrom = (folds: Int32Array, without: readonly number[]): Matrix =>
  matrixFrom(folds.length, without.length, (i, m) => {
    const own = without[m] ?? -1;
    return own >= 0 && folds[i] === own ? 0 : 1;
  });

/** Values of q draws that have not seen the label of their row, [q, n, O]. */
export interface HeldOut {
  readonly draws: number;
  readonly values: Float64Array;
}

/**
 * The held-out values of all rows out of those of M networks, [M, n, O]: of each row the first q networks whose fold is the row's,
 * q the fewest that any fold has. Without folds there are none.
 */
export const heldOutOf = (
  values: Float64Array,
  outputs: number,
  folds: Int32Array,
  without: readonly number[],
): HeldOut => {
  const own = Array.from({ length: Math.max(...without) + 1 }, (_, fold) =>
    Array.from(without.keys()).filter((m) => without[m] === fold),
  );
  const n = folds.length;
  const divided = folds.every((fold) => fold >= 0) && own.length > 0;
  const draws = divided ? Math.min(...own.map((members) => members.length)) : 0;
  const out = new Float64Array(draws * n * outputs);
  for (let s = 0; s < draws; s++)
    for (let i = 0; i < n; i++) {
      const m = at(at(own, at(folds, i)), s);
      out.set(values.subarray((m * n + i) * outputs, (m * n + i + 1) * outputs), (s * n + i) * outputs);
    }
  return { draws, values: out };
};

/** κ. */
const kappa = 4;

/** Points of the grid over log σ²: a step of a tenth, a twentieth of the prior's deviation off at most. */
const grid = 77;

/** σ² from the held-out values of one output and the targets, both in units of the targets' deviation. */
export const noiseVarianceOf = ({ draws, values }: HeldOut, targets: Float64Array): number => {
  if (draws === 0) return processNoisePrior.median;
  const n = targets.length;
  const squares = new Float64Array(n);
  const own = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const said = Array.from({ length: draws }, (_, s) => values[s * n + i] ?? NaN);
    const mean = said.reduce((sum, f) => sum + f, 0) / draws;
    squares[i] = ((targets[i] ?? NaN) - mean) ** 2;
    own[i] = said.reduce((sum, f) => sum + (f - mean) ** 2, 0);
  }
  const common = own.reduce((sum, x) => sum + x, 0) / n / Math.max(1, draws - 1);
  const spreads = own.map((x) => ((x + kappa * common) / (draws - 1 + kappa)) * (1 + 1 / draws));
  const { floor, ceiling } = processNoisePrior;
  const score = (noise: number): number =>
    squares.reduce(
      (sum, square, i) => {
        const variance = noise + (spreads[i] ?? NaN);
        return sum - 0.5 * (Math.log(variance) + square / variance);
      },
      logPriorAt(processNoisePrior, noise),
    );
  const candidates = Array.from({ length: grid }, (_, k) => floor * (ceiling / floor) ** (k / (grid - 1)));
  return candidates.reduce((best, noise) => (score(noise) > score(best) ? noise : best));
};
