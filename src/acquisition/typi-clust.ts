/**
 * TypiClust: the most typical point of each of the b largest clusters (k-means.ts),
 *
 *   typicality(n) = 1 / mean of |φ_n − φ_m| over the 20 points m of its cluster that are nearest to it
 *
 * for the first labels, when what is dense tells more than what is doubtful. The points around the origin are known, and are a
 * cluster that is taken last of all. A cluster that has been through gives its next typical point when all others have given one.
 * The seed says where the
 * clusters begin; all draws are one batch.
 *
 * Source: Hacohen, Dekel and Weinshall, Active learning on a budget (2022, arXiv 2202.02794), where clusters are as many as labels
 * and batch together, and those with a label are passed over; on features of a posterior as in distances.ts.
 */
import { at } from '../at.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import type { Work } from '../work.js';
import { byDistances, told } from './distances.js';
import { type Clusters, kMeans } from './k-means.js';
import { clusterStarts } from './k-means-plus-plus.js';
import { top } from './top.js';

/** Neighbours by which a point is typical. */
const neighbours = 20;

/** Points of a cluster that are looked at: of a larger one those nearest to its mean. */
const mostLookedAt = 2048;

/** Mean distance of each of some points from the nearest of the others: 0 of one alone. */
function* spreads({ columns, data }: Matrix, points: readonly number[]): Work<Float64Array> {
  const all: number[] = [];
  for (const n of points) {
    const negative = Float64Array.from(points, (m) => {
      let square = 0;
      for (let j = 0; j < columns; j++)
        square += ((data[n * columns + j] ?? NaN) - (data[m * columns + j] ?? NaN)) ** 2;
      return m === n ? -Infinity : -Math.sqrt(square);
    });
    const nearest = top(Math.min(neighbours, points.length - 1), negative);
    all.push(nearest.reduce((sum, i) => sum - at(negative, i) / nearest.length, 0));
    yield;
  }
  return Float64Array.from(all);
}

/** The points of a cluster, the most typical first, of equal ones the first; then those that were not looked at. */
function* byTypicality(
  features: Matrix,
  { home, distances }: Clusters,
  cluster: number,
): Work<readonly number[]> {
  const all = Array.from(home.keys()).filter((n) => home[n] === cluster);
  const near =
    all.length <= mostLookedAt
      ? all
      : top(
          mostLookedAt,
          Float64Array.from(all, (n) => -at(distances, n)),
        )
          .map((i) => at(all, i))
          .toSorted((n, m) => n - m);
  const order = top(
    near.length,
    (yield* spreads(features, near)).map((spread) => -spread),
  ).map((i) => at(near, i));
  const looked = new Set(near);
  return [...order, ...all.filter((n) => !looked.has(n))];
}

function* typical(features: Matrix, starts: readonly number[]): Work<readonly number[]> {
  const clusters = yield* kMeans(features, starts);
  const sizes = new Float64Array(starts.length + 1);
  for (const k of clusters.home) sizes[k] = at(sizes, k) + 1;
  const largestFirst = top(starts.length, sizes.subarray(1)).map((k) => k + 1);
  const ranked = new Map<number, readonly number[]>();
  const chosen: number[] = [];
  const take = function* (k: number, place: number): Work<void> {
    const known = ranked.get(k) ?? (yield* byTypicality(features, clusters, k));
    ranked.set(k, known);
    const n = known[place];
    if (n !== undefined && chosen.length < starts.length) chosen.push(n);
    yield* told(chosen.length, starts.length);
  };
  for (let place = 0; chosen.length < starts.length && place < features.rows; place++) {
    const before = chosen.length;
    for (const k of largestFirst) if (at(sizes, k) > place) yield* take(k, place);
    if (chosen.length === before) break;
  }
  for (let place = 0; chosen.length < starts.length; place++) yield* take(0, place);
  return chosen;
}

/** The strategy. It fails with a NumericalFailure where a feature is not finite. */
export const typiClust = byDistances('TypiClust', function* (distances, options, features) {
  return yield* typical(features, yield* clusterStarts(distances, options));
});
