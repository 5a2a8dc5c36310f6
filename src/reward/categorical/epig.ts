/**
 * The expected predictive information gain of a batch of class labels: what they say of the label at a target, on average over M
 * targets,
 *
 *   U(B) = (1/M) Σ_t I(y_B ; y_t) = (1/M) Σ_t E_{y_B} KL( p(y_t | y_B) ‖ p(y_t) )      nats
 *
 * with p(y_B, y_t) = 1/S Σ_s p(y_B | θ_s) p(y_t | θ_s), the labels independent given θ. It is at most log C, and near log S it still
 * tells batches apart: what θ is, is not asked for.
 *
 * While the C^b configurations of a batch are few it is summed over them all; beyond, over M' configurations drawn once, those of
 * sampled.ts (common random numbers, the same for every batch), with w_m = p(θ | y_m):
 *
 *   U(B) ≈ (1/M M') Σ_t Σ_m Σ_c p_tcm log( p_tcm / p_tc ),     p_tcm = Σ_s w_ms p(y_t = c | θ_s)
 *
 * unbiased and never below 0. Both are one expression, on the host in f64 and in programs in f32: O(K Q S M C) for K batches of Q
 * configurations.
 *
 * Source: Bickford Smith, Kirsch, Farquhar, Gal, Foster and Rainforth, Prediction-Oriented Bayesian Active Learning (2023), arXiv
 * 2304.08151; of a batch by labels drawn, ParBaLS (2025), arXiv 2510.09877.
 */
import { keyFromSeed } from '../../random/key.js';
import { uniformSubset } from '../../random/subset.js';
import { type CategoricalPosterior, categoricalAt } from '../../surrogate/categorical-posterior.js';
import { mean } from '../../tensor/derived/softmax.js';
import type { Tensor } from '../../tensor/expression.js';
import { concat, div, matmul, mul, reshape, slice, sub, sum, transpose } from '../../tensor/operations.js';
import type { ProgrammedUtility, Table } from '../utility.js';
import { jointOf, logOf } from './expression.js';
import { likelihoodsOf } from './likelihoods.js';
import type { LabelSampling } from './sampled.js';
import { samplingTables, weightsOf } from './sampled-expression.js';

/** C^b up to which U is found by enumeration. */
export const exactConfigurations = 256;

/** Configurations drawn where none are said: the draws' number rounds it up. */
const defaultSamples = 128;

/** The most targets where the pool itself is meant. */
const maxTargets = 64;

/** Batches that are looked at together. */
export const together = 32;

/** The targets of a pool where none are given: all its points, or some of them. */
export const labelTargetsOf = (pool: CategoricalPosterior): CategoricalPosterior =>
  pool.points <= maxTargets
    ? pool
    : categoricalAt(pool, Array.from(uniformSubset(keyFromSeed(0), pool.points, maxTargets)));

/** Σ_t Σ_q p_q KL(p(y_t | q) ‖ p(y_t)) / M of p(y_t = c, q) [K, Q, M C], p(q) [K, Q, 1] and p_tc [M C] → [K]. */
const informationOf = (joint: Tensor, own: Tensor, targets: Tensor, count: number): Tensor => {
  const ratios = sub(sub(logOf(joint), logOf(own)), logOf(targets));
  return div(sum(mul(joint, ratios), [1, 2]), count);
};

const named = (tables: Readonly<Record<string, Tensor>>, name: string): Tensor => {
  const table = tables[name];
  if (table === undefined) throw new RangeError(`epig: the table ${name} is missing`);
  return table;
};

/** Of each part of the batches, u32 [K, b] → [K]. */
const inParts = (batches: Tensor, of: (part: Tensor) => Tensor): Tensor => {
  const [count = 1, size = 1] = batches.shape;
  const parts: Tensor[] = [];
  for (let from = 0; from < count; from += together)
    parts.push(of(slice(batches, [from, 0], [Math.min(together, count - from), size])));
  return concat(parts, 0);
};

/** [K, Q, S] times p(y_t = c | θ_s) [M, C, S] → [K, Q, M C]. */
const atTargets = (weights: Tensor, targets: Tensor): Tensor => {
  const [count = 1, rows = 1, draws = 1] = weights.shape;
  const [points = 1, classes = 1] = targets.shape;
  const wide = matmul(
    reshape(weights, [count * rows, draws]),
    transpose(reshape(targets, [points * classes, draws])),
  );
  return reshape(wide, [count, rows, points * classes]);
};

/** U of batches by the configurations of `configurations`: weights [K, Q, S] that sum to 1 over Q and S together. */
const valueBy =
  (
    configurations: (tables: Readonly<Record<string, Tensor>>, part: Tensor) => Tensor,
  ): ProgrammedUtility['value'] =>
  (tables, batches) => {
    const targets = named(tables, 'targets');
    const [points = 1, classes = 1] = targets.shape;
    const marginal = reshape(mean(targets, [2]), [points * classes]);
    return inParts(batches, (part) => {
      const weights = configurations(tables, part);
      const [count = 1, rows = 1] = weights.shape;
      const own = reshape(sum(weights, [2]), [count, rows, 1]);
      return informationOf(atTargets(weights, targets), own, marginal, points);
    });
  };

/** By all configurations of the labels, p(y | θ_s) / S. */
const enumerated = valueBy((tables, part) => {
  const probabilities = named(tables, 'probabilities');
  const [, , draws = 1] = probabilities.shape;
  return div(transpose(jointOf(transpose(probabilities, [0, 2, 1]), part, 0, part.shape[1] ?? 1)), draws);
});

/** By those drawn, p(θ_s | y_m) / M'. */
const sampled = valueBy((tables, part) => {
  const labels = named(tables, 'labels');
  return div(weightsOf(named(tables, 'probabilities'), labels, part), labels.shape[1] ?? 1);
});

/**
 * U in programs by the size of batches, enumerated up to `most` configurations. The targets' parameter draws are those of the
 * pool. Throws a RangeError where they are not as many, or of as many classes, and where there is no target.
 */
export const labelEpig = (
  pool: CategoricalPosterior,
  targets: CategoricalPosterior,
  { key, samples = defaultSamples }: LabelSampling,
  most = exactConfigurations,
): ((size: number) => ProgrammedUtility) => {
  if (targets.draws !== pool.draws || targets.classes !== pool.classes || targets.points === 0)
    throw new RangeError(
      `epig: ${targets.points} targets of ${targets.classes} classes and ${targets.draws} draws for a pool of ${pool.classes} and ${pool.draws}`,
    );
  const tableOf = ({ points, classes, draws }: CategoricalPosterior, values: Float64Array): Table => ({
    shape: [points, classes, draws],
    dtype: 'f32',
    values,
  });
  const likelihoods = likelihoodsOf(pool);
  const exact = {
    probabilities: tableOf(pool, likelihoods.probabilities),
    targets: tableOf(targets, likelihoodsOf(targets).probabilities),
  };
  let drawn: ReturnType<typeof samplingTables>['labels'] | undefined;
  return (size) =>
    pool.classes ** size <= most
      ? { tables: exact, value: enumerated }
      : {
          tables: {
            ...exact,
            labels: (drawn ??= samplingTables(likelihoods, { key, samples }).labels),
          },
          value: sampled,
        };
};
