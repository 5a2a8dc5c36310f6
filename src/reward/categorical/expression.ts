/**
 * The joint mutual information of the class labels of many batches at once, exactly, as an expression on any engine:
 *
 *   JMI(B) = −Σ_y p(y) log p(y) − Σ_{n∈B} E_θ H(y_n | θ),   p(y) = 1/S Σ_s Π_{n∈B} p(y_n | θ_s)      in nats
 *
 * The configurations y = (y_L, y_R) of a batch are pairs of those of its halves, so p is a product of two matrices,
 * p(y_L | θ) of [C^⌊b/2⌋, S] and p(y_R | θ) of [S, C^⌈b/2⌉], for each batch: O(K S C^b) time, O(K (C^b + S C^⌈b/2⌉))
 * memory. Probabilities, not their logarithms, are multiplied: what is too small for the dtype is too small to count in
 * p log p. Source: Kirsch, van Amersfoort and Gal, BatchBALD (2019), arXiv 1906.08158.
 */
import type { CategoricalPosterior } from '../../surrogate/categorical-posterior.js';
import type { Tensor } from '../../tensor/expression.js';
import { mean } from '../../tensor/derived/softmax.js';
import {
  div,
  exp,
  gather,
  log,
  matmul,
  maximum,
  mul,
  neg,
  reshape,
  slice,
  sub,
  sum,
  transpose,
} from '../../tensor/operations.js';

/** log p of probabilities: the floor keeps it finite where p is 0, and p log p 0. */
export const logOf = (p: Tensor): Tensor => log(maximum(p, 1e-37));

/** In place of −Infinity, which engines need not keep: e^−1000 is 0 in 32 and in 64 bits. */
const impossible = -1000;

/** The log-probabilities as a program takes them, [S, N, C], finite: what cannot be has −1000 nats. */
export const finiteLogProbabilities = ({ logProbabilities }: CategoricalPosterior): Float64Array =>
  logProbabilities.map((logp) => Math.max(logp, impossible));

/** p(y | θ_s) of all configurations of the points in some columns of the batches, [K, S, C^k], from p(y_n | θ_s) [N, S, C]. */
export const jointOf = (probabilities: Tensor, batches: Tensor, from: number, count: number): Tensor => {
  const [, draws = 1, classes = 1] = probabilities.shape;
  const [size = 1] = batches.shape;
  const labelsOf = (column: number): Tensor =>
    gather(probabilities, reshape(slice(batches, [0, column], [size, 1]), [size]));
  let joint = labelsOf(from);
  for (let column = from + 1; column < from + count; column++) {
    const before = joint.shape[2] ?? 1;
    const pairs = mul(
      reshape(joint, [size, draws, before, 1]),
      reshape(labelsOf(column), [size, draws, 1, classes]),
    );
    joint = reshape(pairs, [size, draws, before * classes]);
  }
  return joint;
};

/** p(y) of all configurations of each batch, [K, …]. */
const predictive = (probabilities: Tensor, batches: Tensor): Tensor => {
  const [, width = 1] = batches.shape;
  const half = Math.floor(width / 2);
  const right = jointOf(probabilities, batches, half, width - half);
  if (half === 0) return mean(right, [1]);
  const left = jointOf(probabilities, batches, 0, half);
  return div(matmul(transpose(left), right), probabilities.shape[1] ?? 1);
};

/**
 * JMI of each batch in nats: logProbabilities [S, N, C], finite ({@link finiteLogProbabilities}); batches u32 [K, b] of
 * indices below N, b at least 1 → [K]. The points of a batch may repeat.
 */
export const labelInformationOf = (logProbabilities: Tensor, batches: Tensor): Tensor => {
  const probabilities = exp(logProbabilities);
  const remaining = mean(neg(sum(mul(probabilities, logProbabilities), [2])), [0]);
  const p = predictive(transpose(probabilities, [1, 0, 2]), batches);
  // The floor keeps the logarithm finite where p is 0, and p log p 0.
  const terms = mul(p, logOf(p));
  const entropy = neg(sum(terms, terms.shape.map((_, axis) => axis).slice(1)));
  return sub(entropy, sum(gather(remaining, batches), [1]));
};
