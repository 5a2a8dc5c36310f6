/**
 * The posterior of class labels after a hypothetical batch B. What its labels would say depends on what they are, so they are
 * drawn from their joint predictive distribution: a parameter draw θ_r, each equally likely, and labels y_n ~ p(y_n | θ_r),
 * n ∈ B. Given those, parameter draws have weights
 *
 *   w_s ∝ Π_{n∈B} p(y_n | θ_s)
 *
 * and S draws with equal weights come of them by systematic resampling. As θ_r itself may come back, posteriors after
 * batches scatter about the present one as they should: the mean of p(y | θ) over labels is what it was. After many
 * informative labels few different draws are left: what comes is then sketched, not known.
 *
 * Source: Kitagawa, Monte Carlo filter and smoother (1996), for the resampling.
 */
import { requireArray, requireKey, requireObjects } from '../../misuse.js';
import { at } from '../../at.js';
import { firstAbove } from '../../linear-algebra/cumulative.js';
import { systematicPlaces } from '../../linear-algebra/resample.js';
import { type Key, split, uniforms } from '../../random/key.js';
import { categoricalAt, type CategoricalPosterior } from '../../surrogate/categorical-posterior.js';
import { pointsOutside } from './hypothetical.js';

const logProbabilityOf =
  ({ points, classes, logProbabilities }: CategoricalPosterior) =>
  (s: number, n: number, c: number): number =>
    logProbabilities[(s * points + n) * classes + c] ?? NaN;

/** Labels of points, drawn together: one each, from 0. */
export const fantasyLabels = (
  posterior: CategoricalPosterior,
  batch: readonly number[],
  key: Key,
): readonly number[] => {
  const { draws, classes } = posterior;
  const logs = logProbabilityOf(posterior);
  const [u = 0, ...own] = uniforms(key, batch.length + 1);
  const r = Math.min(draws - 1, Math.floor(u * draws));
  return batch.map((n, i) => {
    let total = 0;
    const sums = Float64Array.from({ length: classes }, (_, c) => (total += Math.exp(logs(r, n, c))));
    return firstAbove(sums, 0, classes, at(own, i) * total);
  });
};

/** Which parameter draws stand for the posterior after labels of points: S of them, ascending, some of them repeated. */
export const drawsAfter = (
  posterior: CategoricalPosterior,
  batch: readonly number[],
  labels: readonly number[],
  key: Key,
): readonly number[] => {
  const { draws } = posterior;
  const logs = logProbabilityOf(posterior);
  const weights = Float64Array.from({ length: draws }, (_, s) =>
    batch.reduce((sum, n, i) => sum + logs(s, n, labels[i] ?? NaN), 0),
  );
  const [u = 0] = uniforms(key, 1);
  return systematicPlaces(weights, draws, u);
};

/**
 * The label probabilities of the points outside B after its labels, drawn with the key; `indices` says which points they
 * are. Throws a RangeError for an index outside the pool.
 */
export const afterFantasies = (
  posterior: CategoricalPosterior,
  batch: readonly number[],
  key: Key,
): { readonly classes: CategoricalPosterior; readonly indices: readonly number[] } => {
  requireObjects('afterFantasies', { posterior });
  requireArray('afterFantasies', 'batch', batch);
  requireKey('afterFantasies', 'key', key);
  const indices = pointsOutside(batch, posterior.points, 'afterFantasies');
  const kept = drawsAfter(posterior, batch, fantasyLabels(posterior, batch, split(key, 0)), split(key, 1));
  return { classes: categoricalAt(posterior, indices, kept), indices };
};
