/**
 * The points nearest to the means of b clusters (k-means.ts): one for each part of the pool, and none for what lies around the origin,
 * which is known. Where clusters are fewer than b, as among equal points, the rest are those furthest from the batch so far, as
 * core-set selection has it (k-centre.ts). The seed says where the
 * clusters begin; all draws are one batch.
 *
 * Source: Zhdanov, Diverse mini-batch active learning (2019, arXiv 1901.05954), without its weights: features of a posterior are long
 * where much is to be learned.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { at } from '../at.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { type Distances, distancesOf } from './distances.js';
import { always, finite, hostStrategy } from './host.js';
import { kMeans } from './k-means.js';
import { withFurthest } from './k-centre.js';
import { plusPlusPoints } from './k-means-plus-plus.js';
import { proposalKeys } from './summary.js';

const medoids = (features: Matrix, between: Distances, starts: readonly number[]): readonly number[] => {
  const { home, distances } = kMeans(features, starts);
  const nearest = starts.map(() => -1);
  distances.forEach((distance, n) => {
    const own = at(home, n) - 1;
    if (own < 0) return;
    const before = at(nearest, own);
    if (before < 0 || distance < at(distances, before)) nearest[own] = n;
  });
  const taken = nearest.filter((n) => n >= 0);
  return taken.length === starts.length ? taken : withFurthest(between, taken, starts.length);
};

/** The strategy. It fails with a NumericalFailure where a feature is not finite. */
export const kMedoids = hostStrategy({
  takes: [],
  prepare: ({ scoredPool: { utility, scored } }, { batchSize, seed }) => {
    const features = utility.proxyFeatures;
    const distances = distancesOf(features);
    return pipe(
      finite('k-medoids', distances.fromOrigin),
      E.map(() =>
        always(
          scored(
            medoids(features, distances, plusPlusPoints(distances, batchSize, proposalKeys(seed).prepare)),
          ),
        ),
      ),
    );
  },
});
