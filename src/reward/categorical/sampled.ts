/**
 * The joint mutual information of more labels than can be enumerated, from M configurations of labels drawn once. By the
 * chain rule, in any order of the batch and with y the labels of the points before n,
 *
 *   JMI(B) = Σ_n E_y I(y_n ; θ | y),     I(y_n ; θ | y) = H( Σ_s w_s p(y_n | θ_s) ) − Σ_s w_s H(y_n | θ_s)
 *
 * with importance weights w_s = p(θ_s | y) ∝ p(y | θ_s). Only E_y is sampled: the labels of each point in turn are summed
 * over exactly, as BatchBALD does with those of the last one. So each term is at least 0 and at most log C, one point is
 * exact, and the estimate is unbiased. H(y_B) = JMI(B) + Σ_{n∈B} E_θ H(y_n | θ).
 *
 * Common random numbers: configuration m belongs to draw m mod S, and its label of point n comes from the uniform number m
 * of the point's own key, whatever the batch. So the same point has the same labels in all batches, the estimate is a fixed
 * function of the batch, and differences between batches that share points are less noisy than the values. The points are
 * taken in ascending order, so their order does not matter. As every draw has equally many configurations (they are
 * stratified), the standard error, that of M independent ones, is rather too large.
 *
 * Source: Kirsch, van Amersfoort and Gal, BatchBALD (2019) (arXiv 1906.08158).
 */
import { requireWhole } from '../../misuse.js';
import { timesLog } from '../../linear-algebra/log-sum.js';
import { dotFourInto } from '../../linear-algebra/vector.js';
import { type Key, split, uniforms } from '../../random/key.js';
import {
  type LabelInformation,
  type Likelihoods,
  labelsOf,
  pointOf,
  remainingEntropy,
} from './likelihoods.js';

/** How configurations of labels are drawn. */
export interface LabelSampling {
  /** Where they are drawn from: the same key, the same configurations. */
  readonly key: Key;
  /** At least so many configurations, rounded up to a multiple of the draws; {@link defaultSamples} if not given. */
  readonly samples?: number;
}

/** The number of configurations where none is given. */
export const defaultSamples = 1000;

/** A batch that grows by one point at a time, with M configurations of its labels. Immutable. */
export interface SampledLabels {
  readonly likelihoods: Likelihoods;
  readonly key: Key;
  /** The points, in the order chosen. */
  readonly chosen: readonly number[];
  /** p(θ_s | y_m), [M, S]. */
  readonly weights: Float64Array;
  /** Σ I(y_n ; θ | y_m) of the points chosen, [M], nats; their mean is JMI(s). */
  readonly gained: Float64Array;
}

/** M: a multiple of the draws. Throws a TypeError where the samples are not a whole number above 0. */
export const samplesOf = ({ draws }: Likelihoods, { samples = defaultSamples }: LabelSampling): number => {
  requireWhole('labelInformation', 'samples', samples, 1);
  return Math.ceil(samples / draws) * draws;
};

/** The empty batch. Throws a TypeError where the samples are not a whole number above 0. */
export const noSampledLabels = (likelihoods: Likelihoods, sampling: LabelSampling): SampledLabels => {
  const { key } = sampling;
  const { draws } = likelihoods;
  const count = samplesOf(likelihoods, sampling);
  return {
    likelihoods,
    key,
    chosen: [],
    weights: new Float64Array(count * draws).fill(1 / draws),
    gained: new Float64Array(count),
  };
};

/** Σ_s w_s p(y_n = c | θ_s) for all configurations, [M, C], and from it I(y_n ; θ | y_m), [M], nats. */
const looked = (
  { likelihoods, weights, gained }: SampledLabels,
  n: number,
): { readonly predictive: Float64Array; readonly gains: Float64Array } => {
  const { draws, classes, drawEntropies } = likelihoods;
  // The labels and then the entropies, four rows at a time, the last filled up with nothing.
  const rows = (classes + 4) & ~3;
  const own = new Float64Array(rows * draws);
  own.set(labelsOf(likelihoods, n));
  own.set(drawEntropies.subarray(n * draws, (n + 1) * draws), classes * draws);
  const sums = new Float64Array(rows);
  const predictive = new Float64Array(gained.length * classes);
  const gains = gained.map((_, m) => {
    for (let k = 0; k < rows; k += 4)
      dotFourInto(sums.subarray(k), weights, m * draws, own, k * draws, draws, draws);
    let gain = -(sums[classes] ?? NaN);
    for (let c = 0; c < classes; c++) {
      const p = sums[c] ?? NaN;
      predictive[m * classes + c] = p;
      gain -= timesLog(p);
    }
    return gain;
  });
  return { predictive, gains };
};

/**
 * The label at which the sums of p(y_n = c | θ_s), from labels [C, S] of one point, pass u of [0, 1]: never one of
 * probability zero, even where rounding leaves the last sum below u.
 */
export const labelAt = (labels: Float64Array, draws: number, s: number, u: number): number => {
  let total = 0;
  let last = 0;
  for (let at = s, c = 0; at < labels.length; at += draws, c++) {
    const p = labels[at] ?? NaN;
    if (p > 0) last = c;
    total += p;
    if (total > u) return last;
  }
  return last;
};

const meanOf = (values: Float64Array): number => values.reduce((total, x) => total + x, 0) / values.length;

/** gain(n | s) of a point, nats, in O(M S C). Throws a RangeError for an index outside the pool. */
export const sampledGain = (state: SampledLabels, n: number): number => meanOf(looked(state, n).gains);

/** s + n, with a label of n in every configuration. Throws a RangeError for an index outside the pool. */
export const chooseSampledLabel = (before: SampledLabels, n: number): SampledLabels => {
  const { likelihoods, key, chosen, gained } = before;
  const { draws, classes } = likelihoods;
  const { predictive, gains } = looked(before, n);
  const labels = labelsOf(likelihoods, n);
  // A point that is measured again has another label.
  const again = chosen.filter((other) => other === n).length;
  const u = uniforms(split(split(key, n), again), gained.length);
  const weights = before.weights.slice();
  for (let m = 0; m < gained.length; m++) {
    const c = labelAt(labels, draws, m % draws, u[m] ?? NaN);
    const scale = 1 / (predictive[m * classes + c] ?? 1);
    for (let s = 0; s < draws; s++)
      weights[m * draws + s] = (weights[m * draws + s] ?? NaN) * (labels[c * draws + s] ?? NaN) * scale;
  }
  return {
    likelihoods,
    key,
    chosen: [...chosen, n],
    weights,
    gained: gained.map((sum, m) => sum + (gains[m] ?? NaN)),
  };
};

/** √(variance / M) of the mean of M numbers. */
const standardErrorOf = (values: Float64Array): number => {
  const mean = meanOf(values);
  const squares = values.reduce((total, x) => total + (x - mean) ** 2, 0);
  return values.length > 1 ? Math.sqrt(squares / (values.length - 1) / values.length) : Infinity;
};

/**
 * JMI and joint entropy of a batch of pool indices in any order, with their standard error, in O(b M S C); an index given
 * twice counts as two measurements. Throws a RangeError for an index outside the pool.
 */
export const sampledLabelInformation = (
  likelihoods: Likelihoods,
  sampling: LabelSampling,
  batch: readonly number[],
): LabelInformation => {
  const ascending = batch.map((n) => pointOf(likelihoods, n)).sort((p, q) => p - q);
  const start = noSampledLabels(likelihoods, sampling);
  // The labels of the last point are summed over, so they are not drawn.
  const last = ascending.at(-1);
  const before = ascending.slice(0, -1).reduce(chooseSampledLabel, start);
  const gains = last === undefined ? start.gained : looked(before, last).gains;
  const total = gains.map((gain, m) => gain + (before.gained[m] ?? NaN));
  const jointMutualInformation = meanOf(total);
  return {
    jointMutualInformation,
    jointEntropy: jointMutualInformation + remainingEntropy(likelihoods, batch),
    standardError: standardErrorOf(total),
  };
};
