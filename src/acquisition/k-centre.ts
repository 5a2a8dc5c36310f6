/**
 * Core-set selection: b times the point that is furthest from the centres so far, the batch's and the origin, for what is labelled
 * (distances.ts); of equally far ones the first. So no point of the pool is far from all centres: at most twice as far as from the
 * best b centres. It sees outliers above all. Nothing in it is random, so all draws are one batch.
 *
 * Source: Sener and Savarese, Active learning for convolutional neural networks: a core-set approach (2018, arXiv 1708.00489),
 * algorithm 1; the bound, Gonzalez (1985). On features of a posterior as in Holzmüller et al. (2023, arXiv 2203.09410), MaxDist.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { type Distances, distancesOf, nearer } from './distances.js';
import { bestFree } from './greedy.js';
import { always, finite, hostStrategy } from './host.js';

/** The points of a start, and then each time the one furthest from those before and the origin, until there are `count`. */
export const withFurthest = (
  { fromOrigin, from }: Distances,
  start: readonly number[],
  count: number,
): readonly number[] => {
  const taken = new Set(start);
  let nearest = start.reduce((least, n) => nearer(least, from(n)), fromOrigin);
  while (taken.size < count) {
    const next = bestFree(nearest, (n) => !taken.has(n));
    taken.add(next);
    nearest = nearer(nearest, from(next));
  }
  return [...taken];
};

/** The strategy. It fails with a NumericalFailure where a feature is not finite. */
export const kCentre = hostStrategy({
  takes: [],
  prepare: ({ scoredPool: { utility, scored } }, { batchSize }) => {
    const distances = distancesOf(utility.proxyFeatures);
    return pipe(
      finite('k-centre', distances.fromOrigin),
      E.map(() => always(scored(withFurthest(distances, [], batchSize)))),
    );
  },
});
