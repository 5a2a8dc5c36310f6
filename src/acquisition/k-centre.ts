/**
 * Core-set selection: b times the point that is furthest from the centres so far, the batch's and the origin, for what is labelled
 * (distances.ts); of equally far ones the first. So no point of the pool is far from all centres: at most twice as far as from the
 * best b centres. It sees outliers above all. Nothing in it is random, so all draws are one batch.
 *
 * Source: Sener and Savarese, Active learning for convolutional neural networks: a core-set approach (2018, arXiv 1708.00489),
 * algorithm 1; the bound, Gonzalez (1985). On features of a posterior as in Holzmüller et al. (2023, arXiv 2203.09410), MaxDist.
 */
import type { Work } from '../work.js';
import { byDistances, type Distances, nearer, told } from './distances.js';
import { bestFree } from './greedy.js';

/** The points of a start, and then each time the one furthest from those before and the origin, until there are `count`. */
export function* withFurthest(
  { fromOrigin, from }: Distances,
  start: readonly number[],
  count: number,
): Work<readonly number[]> {
  const taken = new Set<number>();
  let nearest = fromOrigin;
  while (taken.size < count) {
    yield* told(taken.size, count);
    const next = start[taken.size] ?? bestFree(nearest, (n) => !taken.has(n));
    taken.add(next);
    nearest = nearer(nearest, from(next));
  }
  return [...taken];
}

/** The strategy. It fails with a NumericalFailure where a feature is not finite. */
export const kCentre = byDistances('k-centre', (distances, { batchSize }) =>
  withFurthest(distances, [], batchSize),
);
