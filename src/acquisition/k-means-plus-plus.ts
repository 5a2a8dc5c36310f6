/**
 * The first step of k-means++: b times a point with probability proportional to its squared distance from the centres so far, the
 * batch's and the origin, for what is labelled (distances.ts). Where no point is away from all centres, each of those left is as
 * likely as any. Between the furthest points (k-centre.ts) and random ones.
 *
 * Source: Arthur and Vassilvitskii, k-means++ (2007); as a rule for batches, on gradients of the last layer, Ash, Zhang,
 * Krishnamurthy, Langford and Agarwal, Deep batch active learning by diverse, uncertain gradient lower bounds (2020, arXiv
 * 1906.03671), BADGE, which these are where the features are such gradients.
 */
import { type Key, uniforms } from '../random/key.js';
import type { Work } from '../work.js';
import { type Distances, distancesOf, nearer } from './distances.js';
import { finite, hostStrategy, inOneStep, noTarget } from './host.js';
import type { StrategyOptions } from './strategy.js';
import { proposalKeys } from './summary.js';

/** The free point at a place u in (0, 1) of the distribution ∝ weights; uniform where all free ones weigh nothing. */
const pointAt = (weights: Float64Array, taken: ReadonlySet<number>, u: number): number => {
  let total = 0;
  weights.forEach((weight, n) => {
    if (!taken.has(n)) total += weight;
  });
  const free = weights.length - taken.size;
  let left = u * (total > 0 ? total : free);
  let last = -1;
  for (let n = 0; n < weights.length; n++) {
    const weight = total > 0 ? (weights[n] ?? NaN) : 1;
    if (taken.has(n) || weight === 0) continue;
    last = n;
    left -= weight;
    if (left < 0) break;
  }
  return last;
};

/** b points in the order drawn, in steps. */
export function* plusPlusPoints(
  { fromOrigin, from }: Distances,
  batchSize: number,
  key: Key,
): Work<readonly number[]> {
  const taken = new Set<number>();
  let nearest = fromOrigin;
  for (const u of uniforms(key, batchSize)) {
    const next = pointAt(nearest, taken, u);
    taken.add(next);
    nearest = nearer(nearest, from(next));
    yield;
  }
  return [...taken];
}

/** Where clusters begin. */
export const clusterStarts = (
  distances: Distances,
  { batchSize, seed }: StrategyOptions,
): Work<readonly number[]> => plusPlusPoints(distances, batchSize, proposalKeys(seed).prepare);

/** The strategy. It fails with a NumericalFailure where a feature is not finite. */
export const kMeansPlusPlus = hostStrategy({
  takes: [],
  prepare: inOneStep(({ scoredPool: { utility, scored } }, { batchSize }) => {
    const distances = distancesOf(utility.proxyFeatures);
    finite('k-means++', distances.fromOrigin);
    return {
      draw: function* (key) {
        return scored(yield* plusPlusPoints(distances, batchSize, key));
      },
      target: () => noTarget,
    };
  }),
});
