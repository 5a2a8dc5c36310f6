/**
 * How far are points from each other? By squared distances of features, |φ_n − φ_m|²: of a Gaussian surrogate's whitened features
 * the variance of f_n − f_m in noise variances, which is small of points that say the same. The features of what is labelled already
 * vanish, up to the noise, so the origin stands for all of it: |φ_n|² is how far a point is from what is known.
 */
import type { Matrix } from '../linear-algebra/matrix.js';
import { dotRange } from '../linear-algebra/vector.js';
import { priorVariancesOf } from '../reward/gram.js';
import type { Work } from '../work.js';
import { always, finite, hostStrategy } from './host.js';
import type { Strategy, StrategyOptions } from './strategy.js';

/** The squared distances of N points. */
export interface Distances {
  /** From the origin [N]. */
  readonly fromOrigin: Float64Array;
  /** From a point [N]: 0 of itself, and never below. */
  readonly from: (m: number) => Float64Array;
}

/** Of features N×D, in O(N D) a point. */
export const distancesOf = (features: Matrix): Distances => {
  const { columns, data } = features;
  const fromOrigin = priorVariancesOf(features);
  return {
    fromOrigin,
    from: (m) =>
      fromOrigin.map((square, n) =>
        n === m
          ? 0
          : Math.max(
              0,
              square + (fromOrigin[m] ?? NaN) - 2 * dotRange(data, n * columns, data, m * columns, columns),
            ),
      ),
  };
};

/** The smaller of two distances of each point. */
export const nearer = (a: Float64Array, b: Float64Array): Float64Array =>
  a.map((x, n) => Math.min(x, b[n] ?? NaN));

/** The points chosen so far. */
export function* told(done: number, total: number): Work<void> {
  yield { stage: 'choosing points', done, total };
}

/**
 * The strategy that chooses points in steps by distances and features, by its name for people; all its draws are one batch. It fails
 * with a NumericalFailure where a feature is not finite.
 */
export const byDistances = (
  name: string,
  choose: (distances: Distances, options: StrategyOptions, features: Matrix) => Work<readonly number[]>,
): Strategy =>
  hostStrategy({
    takes: [],
    prepare: function* ({ scoredPool: { utility, scored } }, options) {
      const distances = distancesOf(utility.proxyFeatures);
      finite(name, distances.fromOrigin);
      return always(scored(yield* choose(distances, options, utility.proxyFeatures)));
    },
  });
