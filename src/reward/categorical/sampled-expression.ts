/**
 * The joint mutual information of more class labels than can be enumerated, of many batches at once, as an expression on any
 * engine: the function of sampled.ts, from the same configurations. With w_ms = p(θ_s | y_m) over the points before n, those
 * of a batch taken in ascending order,
 *
 *   JMI(B) = Σ_n mean_m ( −Σ_c p_mc log p_mc − Σ_s w_ms H(y_n | θ_s) ),     p_mc = Σ_s w_ms p(y_n = c | θ_s)
 *
 * O(K b M S C) time; O(M S) memory for each of at most 32 batches that are looked at together.
 */
import { split, uniforms } from '../../random/key.js';
import type { Tensor } from '../../tensor/expression.js';
import { mean } from '../../tensor/derived/softmax.js';
import {
  add,
  cast,
  concat,
  div,
  equal,
  filled,
  gather,
  less,
  matmul,
  maximum,
  mul,
  neg,
  iota,
  reshape,
  select,
  slice,
  sub,
  sum,
  transpose,
} from '../../tensor/operations.js';
import type { Table } from '../utility.js';
import { logOf } from './expression.js';
import type { Likelihoods } from './likelihoods.js';
import { labelsOf } from './likelihoods.js';
import { labelAt, type LabelSampling, samplesOf } from './sampled.js';

/** p(y_n = c | θ_s) [N, C, S], H(y_n | θ_s) [N, S], and the label of every point in every configuration, u32 [N, M]. */
export const samplingTables = (
  likelihoods: Likelihoods,
  sampling: LabelSampling,
): Readonly<Record<'probabilities' | 'drawEntropies' | 'labels', Table>> => {
  const { points, draws, classes, probabilities, drawEntropies } = likelihoods;
  const count = samplesOf(likelihoods, sampling);
  const labels = new Uint32Array(points * count);
  for (let n = 0; n < points; n++) {
    const own = labelsOf(likelihoods, n);
    uniforms(split(split(sampling.key, n), 0), count).forEach((u, m) => {
      labels[n * count + m] = labelAt(own, draws, m % draws, u);
    });
  }
  return {
    probabilities: { shape: [points, classes, draws], dtype: 'f32', values: probabilities },
    drawEntropies: { shape: [points, draws], dtype: 'f32', values: drawEntropies },
    labels: { shape: [points, count], dtype: 'u32', values: labels },
  };
};

/** Each row of different indices (u32 [K, b]) in ascending order: the position of one is how many are smaller. */
const ascending = (batches: Tensor): Tensor => {
  const [count = 1, size = 1] = batches.shape;
  const numbers = cast(batches, 'f32');
  const [rows, columns] = [reshape(numbers, [count, size, 1]), reshape(numbers, [count, 1, size])];
  const positions = reshape(sum(cast(less(columns, rows), 'f32'), [2]), [count, size, 1]);
  const ranks = cast(iota('u32', [count, size, size], 2), 'f32');
  return cast(reshape(sum(select(equal(positions, ranks), rows, 0), [1]), [count, size]), 'u32');
};

const column = (table: Tensor, k: number): Tensor => {
  const [count = 1] = table.shape;
  return reshape(slice(table, [0, k], [count, 1]), [count]);
};

/** Batches that are looked at together. */
const together = 32;

/** p(θ_s | y_m) [K, M, S] with the labels of the points n [K], from p(y_n = c | θ_s) [N C, S]. */
const told = (weights: Tensor, rows: Tensor, n: Tensor, labels: Tensor, classes: number): Tensor => {
  const [count = 1, samples = 1] = weights.shape;
  const at = add(mul(reshape(n, [count, 1]), filled(classes, 'u32', [count, 1])), gather(labels, n));
  const unscaled = mul(weights, gather(rows, at));
  return div(unscaled, reshape(maximum(sum(unscaled, [2]), 1e-37), [count, samples, 1]));
};

const informationOf = (
  probabilities: Tensor,
  drawEntropies: Tensor,
  labels: Tensor,
  batches: Tensor,
): Tensor => {
  const [points = 1, classes = 1, draws = 1] = probabilities.shape;
  const [count = 1, size = 1] = batches.shape;
  const [, samples = 1] = labels.shape;
  const rows = reshape(probabilities, [points * classes, draws]);
  const sorted = ascending(batches);
  let weights = filled(1 / draws, probabilities.dtype, [count, samples, draws]);
  let total = filled(0, probabilities.dtype, [count]);
  for (let k = 0; k < size; k++) {
    const n = column(sorted, k);
    const predictive = matmul(weights, transpose(gather(probabilities, n), [0, 2, 1]));
    const entropies = reshape(gather(drawEntropies, n), [count, draws, 1]);
    const kept = reshape(matmul(weights, entropies), [count, samples]);
    const entropy = neg(sum(mul(predictive, logOf(predictive)), [2]));
    total = add(total, mean(sub(entropy, kept), [1]));
    if (k + 1 === size) break;
    weights = told(weights, rows, n, labels, classes);
  }
  return total;
};

/** p(θ_s | y_m) once all labels of each batch are told, [K, M, S]: batches u32 [K, b] of different points. */
export const weightsOf = (probabilities: Tensor, labels: Tensor, batches: Tensor): Tensor => {
  const [points = 1, classes = 1, draws = 1] = probabilities.shape;
  const [count = 1, size = 1] = batches.shape;
  const rows = reshape(probabilities, [points * classes, draws]);
  const sorted = ascending(batches);
  const start = filled(1 / draws, probabilities.dtype, [count, labels.shape[1] ?? 1, draws]);
  return Array.from({ length: size }, (_, k) => column(sorted, k)).reduce(
    (weights, n) => told(weights, rows, n, labels, classes),
    start,
  );
};

/** Throws a RangeError for a table that is not there. */
export const missing = (name: string): never => {
  throw new RangeError(`labelUtility: the table ${name} is missing`);
};

/** JMI of each batch in nats: batches u32 [K, b] of different points, the tables those of {@link samplingTables} → [K]. */
export const sampledInformationOf = (tables: Readonly<Record<string, Tensor>>, batches: Tensor): Tensor => {
  const [count = 1, size = 1] = batches.shape;
  const named = (name: string): Tensor => tables[name] ?? missing(name);
  const [probabilities, drawEntropies, labels] = [
    named('probabilities'),
    named('drawEntropies'),
    named('labels'),
  ];
  const parts: Tensor[] = [];
  for (let from = 0; from < count; from += together) {
    const part = slice(batches, [from, 0], [Math.min(together, count - from), size]);
    parts.push(informationOf(probabilities, drawEntropies, labels, part));
  }
  return concat(parts, 0);
};
