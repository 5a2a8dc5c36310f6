/**
 * Clusters of points around b means and the origin, which stays where it is and stands for what is labelled (distances.ts). Begun at
 * b points of the first step of k-means++ (k-means-plus-plus.ts), then, until no point changes its cluster,
 *
 *   cluster(n) = argmin_k |φ_n − μ_k|²,  of equally near ones the first,    μ_k = the mean of cluster k, k ≥ 1;  μ_0 = 0
 *
 * A cluster that has lost all its points keeps its mean.
 *
 * Source: Lloyd, Least squares quantization in PCM (1982); Arthur and Vassilvitskii, k-means++ (2007).
 */
import { at } from '../at.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import type { Work } from '../work.js';

/** Clusters 0 (of the origin), 1, …, b of the rows of a matrix. */
export interface Clusters {
  /** The cluster of each point [N]. */
  readonly home: Int32Array;
  /** The squared distance of each point from the mean of its cluster [N]. */
  readonly distances: Float64Array;
}

/** Steps at most: they are few where clusters are. */
const maxSteps = 100;

/** Each point to its nearest mean; whether any has changed its cluster. */
function* assign(
  { rows, columns, data }: Matrix,
  means: Float64Array,
  { home, distances }: Clusters,
): Work<boolean> {
  let changed = false;
  for (let n = 0; n < rows; n++) {
    yield;
    let [best, least] = [0, Infinity];
    for (let from = 0, k = 0; from < means.length; from += columns, k++) {
      let square = 0;
      for (let j = 0; j < columns; j++)
        square += ((data[n * columns + j] ?? NaN) - (means[from + j] ?? NaN)) ** 2;
      if (square < least) [best, least] = [k, square];
    }
    changed ||= home[n] !== best;
    home[n] = best;
    distances[n] = least;
  }
  return changed;
}

/** Means of clusters 1, …, b. */
const average = ({ rows, columns, data }: Matrix, means: Float64Array, home: Int32Array): void => {
  const counts = new Float64Array(means.length / columns);
  const sums = new Float64Array(means.length);
  for (let n = 0; n < rows; n++) {
    const k = at(home, n);
    counts[k] = at(counts, k) + 1;
    for (let j = 0; j < columns; j++)
      sums[k * columns + j] = (sums[k * columns + j] ?? NaN) + (data[n * columns + j] ?? NaN);
  }
  for (let k = 1; k < counts.length; k++)
    if (counts[k] !== 0)
      for (let j = 0; j < columns; j++)
        means[k * columns + j] = (sums[k * columns + j] ?? NaN) / (counts[k] ?? NaN);
};

/** The clusters of features N×D, of one column at least, from starts: points of theirs. O(N D b) a step; in steps. */
export function* kMeans(features: Matrix, starts: readonly number[]): Work<Clusters> {
  const { rows, columns, data } = features;
  const means = new Float64Array((starts.length + 1) * columns);
  starts.forEach((n, k) => {
    means.set(data.subarray(n * columns, (n + 1) * columns), (k + 1) * columns);
  });
  const clusters: Clusters = { home: new Int32Array(rows).fill(-1), distances: new Float64Array(rows) };
  for (let step = 0; step < maxSteps && (yield* assign(features, means, clusters)); step++) {
    average(features, means, clusters.home);
    yield { stage: 'clustering', done: step, total: maxSteps };
  }
  return clusters;
}
