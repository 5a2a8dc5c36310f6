/**
 * The joint mutual information of the class labels of a batch and the parameters, by enumeration of all C^b
 * configurations, in 64 bits on the host (nats):
 *
 *   JMI(B) = H(y_B) − Σ_{n∈B} E_θ H(y_n | θ),   H(y_B) = −Σ_y p(y) log p(y),   p(y) = 1/S Σ_s Π_{n∈B} p(y_n | θ_s)
 *
 * The joint probabilities p(y_1 … y_k | θ_s) of k points are a matrix of C^k rows and S columns, built point by point.
 * Two such matrices of different points give p(y) of both as the products of their rows, so a whole batch needs only
 * those of its halves: O(S C^b) time, O(S C^⌈b/2⌉) memory. Probabilities too small for 64 bits count as zero; so do
 * their p log p. Source: Kirsch, van Amersfoort and Gal, BatchBALD (2019), arXiv 1906.08158.
 */
import { timesLog } from '../../linear-algebra/log-sum.js';
import { dotRange } from '../../linear-algebra/vector.js';
import { type LabelInformation, type Likelihoods, labelsOf, remainingEntropy } from './likelihoods.js';

/** C^b up to which JMI is found by enumeration. */
export const enumerationLimit = 20_000;

/** Whether the C^b configurations of the labels of b points are few enough to enumerate. */
export const enumerable = ({ classes }: Likelihoods, batchSize: number): boolean =>
  classes ** batchSize <= enumerationLimit;

/** The rows of [Q, S] times those of [C, S], draw by draw: [Q·C, S]. */
const joined = (joint: Float64Array, labels: Float64Array, draws: number): Float64Array => {
  const [before, classes] = [joint.length / draws, labels.length / draws];
  const after = new Float64Array(before * classes * draws);
  let at = 0;
  for (let y = 0; y < before; y++)
    for (let c = 0; c < classes; c++)
      for (let s = 0; s < draws; s++)
        after[at++] = (joint[y * draws + s] ?? NaN) * (labels[c * draws + s] ?? NaN);
  return after;
};

/** H of the labels of two groups of points, nats, from their joint probabilities [P, S] and [Q, S]. */
const entropyOf = (left: Float64Array, right: Float64Array, draws: number): number => {
  let entropy = 0;
  for (let y = 0; y < left.length; y += draws)
    for (let z = 0; z < right.length; z += draws)
      entropy -= timesLog(dotRange(left, y, right, z, draws) / draws);
  return entropy;
};

/** p(y | θ_s) of all configurations of some points, [C^k, S]; of no points, one row of ones. */
const jointOf = (likelihoods: Likelihoods, points: readonly number[]): Float64Array =>
  points.reduce<Float64Array>(
    (joint, n) => joined(joint, labelsOf(likelihoods, n), likelihoods.draws),
    new Float64Array(likelihoods.draws).fill(1),
  );

const requireEnumerable = (likelihoods: Likelihoods, batchSize: number): void => {
  if (!enumerable(likelihoods, batchSize))
    throw new RangeError(
      `${likelihoods.classes}^${batchSize} configurations of labels are more than ${enumerationLimit}: sample them (sampledLabelInformation)`,
    );
};

/**
 * JMI and joint entropy of a batch of pool indices in any order, exactly; an index given twice counts as two
 * measurements. Throws a RangeError for an index outside the pool, and where C^b is above {@link enumerationLimit}.
 */
export const exactLabelInformation = (
  likelihoods: Likelihoods,
  batch: readonly number[],
): LabelInformation => {
  requireEnumerable(likelihoods, batch.length);
  const half = batch.length >> 1;
  const jointEntropy = entropyOf(
    jointOf(likelihoods, batch.slice(0, half)),
    jointOf(likelihoods, batch.slice(half)),
    likelihoods.draws,
  );
  return {
    jointEntropy,
    jointMutualInformation: jointEntropy - remainingEntropy(likelihoods, batch),
    standardError: 0,
  };
};

/** A batch that grows by one point at a time, with the joint probabilities of its labels. Immutable. */
export interface EnumeratedLabels {
  readonly likelihoods: Likelihoods;
  /** The points, in the order chosen. */
  readonly chosen: readonly number[];
  /** p(y | θ_s), [C^k, S]. */
  readonly joint: Float64Array;
  /** H(y_s) of the labels of the points chosen, nats. */
  readonly jointEntropy: number;
}

/** The empty batch. */
export const noLabels = (likelihoods: Likelihoods): EnumeratedLabels => ({
  likelihoods,
  chosen: [],
  joint: jointOf(likelihoods, []),
  jointEntropy: 0,
});

/** gain(n | s) = JMI(s + n) − JMI(s) of a point, nats, in O(S C^{k+1}). Throws a RangeError as JMI does. */
export const gainOfLabel = (
  { likelihoods, chosen, joint, jointEntropy }: EnumeratedLabels,
  n: number,
): number => {
  requireEnumerable(likelihoods, chosen.length + 1);
  return (
    entropyOf(joint, labelsOf(likelihoods, n), likelihoods.draws) -
    jointEntropy -
    remainingEntropy(likelihoods, [n])
  );
};

/** s + n. Throws a RangeError as {@link exactLabelInformation} does. */
export const chooseLabel = (before: EnumeratedLabels, n: number): EnumeratedLabels => {
  const { likelihoods, chosen, joint } = before;
  requireEnumerable(likelihoods, chosen.length + 1);
  const labels = labelsOf(likelihoods, n);
  return {
    likelihoods,
    chosen: [...chosen, n],
    joint: joined(joint, labels, likelihoods.draws),
    jointEntropy: entropyOf(joint, labels, likelihoods.draws),
  };
};
