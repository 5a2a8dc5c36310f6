/**
 * The points nearest to the means of b clusters (k-means.ts): one for each part of the pool, and none for what lies around the origin,
 * which is known. Where clusters are fewer than b, as among equal points, the rest are those furthest from the batch so far, as
 * core-set selection has it (k-centre.ts). The seed says where the
 * clusters begin; all draws are one batch.
 *
 * Source: Zhdanov, Diverse mini-batch active learning (2019, arXiv 1901.05954), without its weights: features of a posterior are long
 * where much is to be learned.
 */
import { at } from '../at.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import type { Work } from '../work.js';
import { byDistances, type Distances } from './distances.js';
import { kMeans } from './k-means.js';
import { withFurthest } from './k-centre.js';
import { clusterStarts } from './k-means-plus-plus.js';

function* medoids(features: Matrix, between: Distances, starts: readonly number[]): Work<readonly number[]> {
  const { home, distances } = yield* kMeans(features, starts);
  const nearest = starts.map(() => -1);
  distances.forEach((distance, n) => {
    const own = at(home, n) - 1;
    if (own < 0) return;
    const before = at(nearest, own);
    if (before < 0 || distance < at(distances, before)) nearest[own] = n;
  });
  const taken = nearest.filter((n) => n >= 0);
  return taken.length === starts.length ? taken : yield* withFurthest(between, taken, starts.length);
}

/** The strategy. It fails with a NumericalFailure where a feature is not finite. */
export const kMedoids = byDistances('k-medoids', function* (distances, options, features) {
  return yield* medoids(features, distances, yield* clusterStarts(distances, options));
});
