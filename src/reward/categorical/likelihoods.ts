/**
 * The label probabilities of a CategoricalPosterior, laid out for sums over draws, and the entropies that follow from
 * single points:
 *
 *   H(y_n | θ_s) = −Σ_c p(y_n = c | θ_s) log p(y_n = c | θ_s)      nats,  0 log 0 = 0
 */
import { timesLog } from '../../linear-algebra/log-sum.js';
import { requirePoint } from '../../misuse.js';
import type { CategoricalPosterior } from '../../surrogate/categorical-posterior.js';

/** p(y_n = c | θ_s) and its entropies. */
export interface Likelihoods {
  /** S. */
  readonly draws: number;
  /** N. */
  readonly points: number;
  /** C. */
  readonly classes: number;
  /** p(y_n = c | θ_s), [N, C, S]: the draws of a label lie together. */
  readonly probabilities: Float64Array;
  /** H(y_n | θ_s), [N, S], nats. */
  readonly drawEntropies: Float64Array;
  /** E_θ H(y_n | θ), [N], nats. */
  readonly entropies: Float64Array;
}

/** The probabilities of a posterior and their entropies: O(S N C) time and memory. */
export const likelihoodsOf = ({
  draws,
  points,
  classes,
  logProbabilities,
}: CategoricalPosterior): Likelihoods => {
  const probabilities = new Float64Array(logProbabilities.length);
  const drawEntropies = new Float64Array(points * draws);
  const entropies = new Float64Array(points);
  for (let n = 0; n < points; n++)
    for (let s = 0; s < draws; s++) {
      let entropy = 0;
      for (let c = 0; c < classes; c++) {
        const p = Math.exp(logProbabilities[(s * points + n) * classes + c] ?? NaN);
        probabilities[(n * classes + c) * draws + s] = p;
        entropy -= timesLog(p);
      }
      drawEntropies[n * draws + s] = entropy;
      entropies[n] = (entropies[n] ?? NaN) + entropy / draws;
    }
  return { draws, points, classes, probabilities, drawEntropies, entropies };
};

/** The index itself. Throws a RangeError where it is not one of the pool's. */
export const pointOf = ({ points }: Likelihoods, n: number): number =>
  requirePoint('labelInformation', n, points);

/** p(y_n = c | θ_s) of one point, [C, S]. Throws a RangeError for an index outside the pool. */
export const labelsOf = (likelihoods: Likelihoods, n: number): Float64Array => {
  const size = likelihoods.classes * likelihoods.draws;
  return likelihoods.probabilities.subarray(pointOf(likelihoods, n) * size, (n + 1) * size);
};

/** Σ_{n∈B} E_θ H(y_n | θ), nats: the entropy of the labels of a batch that the parameters leave. */
export const remainingEntropy = (likelihoods: Likelihoods, batch: readonly number[]): number =>
  batch.reduce((total, n) => total + (likelihoods.entropies[pointOf(likelihoods, n)] ?? NaN), 0);

/** What the labels of a batch tell. */
export interface LabelInformation {
  /** I(y_B ; θ), nats. */
  readonly jointMutualInformation: number;
  /** H(y_B), nats. */
  readonly jointEntropy: number;
  /** Of both, nats: the standard deviation of the sampling error as estimated from the sample; 0 where exact. */
  readonly standardError: number;
}
