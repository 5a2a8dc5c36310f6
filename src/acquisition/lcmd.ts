/**
 * Largest cluster, maximum distance: each point belongs to the nearest centre, of the batch's or the origin, for what is labelled
 * (distances.ts); b times the next centre is the furthest point of the cluster whose squared distances add up to most. So a batch
 * goes where many points are far from what is known, not to outliers alone, as k-centre.ts does. Of equal ones the first. Nothing in
 * it is random, so all draws are one batch.
 *
 * Source: Holzmüller, Zaverkin, Kästner and Steinwart, A framework and benchmark for deep batch active learning for regression
 * (2023, arXiv 2203.09410), LCMD; there labelled points are centres one by one, here the features of a posterior put them at the
 * origin.
 */
import { at } from '../at.js';
import type { Work } from '../work.js';
import { byDistances, type Distances, told } from './distances.js';
import type { StrategyOptions } from './strategy.js';

/** The furthest free point of the largest cluster with a free point; cluster 0 is that of the origin. */
const nextCentre = (
  nearest: Float64Array,
  cluster: Int32Array,
  clusters: number,
  taken: ReadonlySet<number>,
): number => {
  const sizes = new Float64Array(clusters);
  const furthest = new Int32Array(clusters).fill(-1);
  nearest.forEach((distance, n) => {
    const own = at(cluster, n);
    sizes[own] = at(sizes, own) + distance;
    const before = at(furthest, own);
    if (!taken.has(n) && (before < 0 || distance > at(nearest, before))) furthest[own] = n;
  });
  let best = -1;
  furthest.forEach((n, own) => {
    if (n >= 0 && (best < 0 || at(sizes, own) > at(sizes, best))) best = own;
  });
  return at(furthest, best);
};

function* centres({ fromOrigin, from }: Distances, { batchSize }: StrategyOptions): Work<readonly number[]> {
  const taken = new Set<number>();
  const nearest = fromOrigin.slice();
  const cluster = new Int32Array(nearest.length);
  while (taken.size < batchSize) {
    yield* told(taken.size, batchSize);
    const next = nextCentre(nearest, cluster, taken.size + 1, taken);
    taken.add(next);
    from(next).forEach((distance, n) => {
      if (distance >= at(nearest, n) && n !== next) return;
      nearest[n] = distance;
      cluster[n] = taken.size;
    });
  }
  return [...taken];
}

/** The strategy. It fails with a NumericalFailure where a feature is not finite. */
export const lcmd = byDistances('LCMD', centres);
