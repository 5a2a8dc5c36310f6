/**
 * log P_T(B), the log-probability that a policy draws a given batch, whatever the order of its points:
 *
 *   P_T(B) = Σ over orders of Π_t π(n_t | s_t)
 *
 * Exactly, by dynamic programming over the 2^|B| subsets of the batch (P(∅) = 1, P(s) = Σ_{n ∈ s} P(s ∖ n) π(n | s ∖ n)); or
 * by importance, log mean over orders from the backward policy of P_F / P_B, which is unbiased before the log.
 */
import { at } from '../at.js';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../engine/engine.js';
import { inBlocks } from '../engine/with-program.js';
import type { Failure } from '../failure.js';
import { logSumExp } from '../linear-algebra/log-sum.js';
import { split, type Key } from '../random/key.js';
import { takeLast } from '../tensor/derived/matrix.js';
import { logSoftmax } from '../tensor/derived/softmax.js';
import type { TypedArray } from '../tensor/expression.js';
import { concat, input, reshape, slice } from '../tensor/operations.js';
import { program, type Program } from '../tensor/program.js';
import { allowedActions } from './environment.js';
import { modelInputs, problemValues, samplerOf, type Model } from './model.js';
import { drawOrders } from './orders.js';
import type { Problem } from './problem.js';
import { givenSubsets, logitsAt } from './rollout.js';
import { logRatiosOfOrders } from './sample.js';

/** log π [S, c] of the actions u32 [S, c] (input `actions`) after subsets u32 [S, k] (input `subsets`, k ≥ 1). */
const stepProgram = (model: Model, size: number, actions: number, count: number): Program => {
  const inputs = modelInputs(model);
  const sampler = samplerOf(model, inputs);
  const subsets = givenSubsets(sampler, size, count);
  const logs = logSoftmax(logitsAt(sampler, subsets), allowedActions(subsets, sampler.stopFrom));
  const wanted = input('actions', 'u32', [count, actions]);
  const columns = Array.from({ length: actions }, (_, column) => {
    const own = reshape(slice(wanted, [0, column], [count, 1]), [count]);
    return reshape(takeLast(logs, own), [count, 1]);
  });
  return program({ logs: concat(columns, 1) }, {}, Object.values(inputs));
};

/** A subset of a batch: which batch, and which of its places as bits. */
interface Part {
  readonly batch: number;
  readonly positions: number;
}

/** The subsets of each batch that have `size` points, as bits over the positions of the batch. */
const partsOf = (batches: readonly (readonly number[])[], size: number): readonly Part[] =>
  batches.flatMap((points, batch) =>
    Array.from({ length: 2 ** points.length }, (_, positions) => ({ batch, positions })).filter(
      ({ positions }) => bitsOf(positions, points.length).length === size,
    ),
  );

const bitsOf = (positions: number, length: number): readonly number[] =>
  Array.from({ length }, (_, position) => position).filter((position) => (positions >> position) % 2 === 1);

/** Subsets side by side in one run. */
const side = 256;

/** The probability that a trajectory comes by each subset of each batch: 1 of the empty one, and of none yet beside it. */
const firstMass = (batches: readonly (readonly number[])[]): readonly Float64Array[] =>
  batches.map((points) => Float64Array.from({ length: 2 ** points.length }, (_, i) => Number(i === 0)));

/**
 * Hands what a trajectory comes by a subset with to the larger subsets, by the logs of one step: of the points of the batch, and
 * of the stop where the batch has fewer than `logs`.
 */
const passOn = (own: Float64Array, length: number, positions: number, logs: Float64Array): void => {
  const from = at(own, positions);
  for (let position = 0; position < length; position++) {
    const next = positions + 2 ** position;
    if ((positions >> position) % 2 === 0) own[next] = at(own, next) + from * Math.exp(at(logs, position));
  }
  // A smaller batch is complete with its stop.
  if (positions === 2 ** length - 1 && length < logs.length)
    own[positions] = from * Math.exp(at(logs, length));
};

/**
 * log P_T in nats of each batch, exact: 2^b states a batch. Fails where the engine does.
 */
export const exactLogProbabilities = (
  engine: Engine,
  model: Model,
  problem: Problem,
  parameters: TypedArray,
  batches: readonly (readonly number[])[],
): TE.TaskEither<Failure, Float64Array> => {
  const { batchSize, whitened } = problem;
  const shared = { ...problemValues(model, problem), parameters };
  const mass = firstMass(batches);
  const level = (size: number): TE.TaskEither<Failure, undefined> => {
    const parts = partsOf(batches, size);
    if (parts.length === 0) return TE.right(undefined);
    const count = Math.min(side, parts.length);
    // The last block is filled up with what it has first.
    const rows = (block: number): readonly Part[] =>
      Array.from({ length: count }, (_, i) => parts[block * count + i] ?? at(parts, 0));
    // A batch's own positions, and the stop for those that it lacks.
    const actionsOf = ({ batch }: Part): readonly number[] =>
      Array.from({ length: batchSize }, (_, position) => at(batches, batch)[position] ?? whitened.rows);
    const subsetOf = ({ batch, positions }: Part): readonly number[] =>
      bitsOf(positions, batchSize).map((position) => at(at(batches, batch), position));
    return pipe(
      inBlocks(
        engine,
        stepProgram(model, size, batchSize, count),
        Math.ceil(parts.length / count),
        shared,
        (block) => ({
          ...(size > 0 ? { subsets: Uint32Array.from(rows(block).flatMap(subsetOf)) } : {}),
          actions: Uint32Array.from(rows(block).flatMap(actionsOf)),
        }),
      ),
      TE.map((blocks) => {
        parts.forEach(({ batch, positions }, row) => {
          const logs = blocks[Math.floor(row / count)]?.['logs'] ?? [];
          const from = (row % count) * batchSize;
          const own = Float64Array.from({ length: batchSize }, (_, i) => logs[from + i] ?? NaN);
          passOn(at(mass, batch), at(batches, batch).length, positions, own);
        });
        return undefined;
      }),
    );
  };
  return pipe(
    Array.from({ length: batchSize }, (_, size) => size),
    TE.traverseSeqArray(level),
    TE.map(() => Float64Array.from(mass, (own) => Math.log(at(own, own.length - 1)))),
  );
};

/**
 * log P_T in nats of each batch, estimated by importance from `orders` orders a batch: below the exact value in expectation,
 * and near it where orders are alike in weight. Fails where the engine does.
 */
export const estimatedLogProbabilities = (
  engine: Engine,
  model: Model,
  problem: Problem,
  parameters: TypedArray,
  batches: readonly (readonly number[])[],
  orders: number,
  key: Key,
): TE.TaskEither<Failure, Float64Array> => {
  const repeated = batches.flatMap((batch) => Array.from({ length: orders }, () => batch));
  return pipe(
    drawOrders(engine, model, problem, parameters, repeated, split(key, 0)),
    TE.chain((drawn) => logRatiosOfOrders(engine, model, problem, parameters, drawn)),
    TE.map((ratios) =>
      Float64Array.from(
        batches,
        (_, i) => logSumExp(ratios.subarray(i * orders, (i + 1) * orders).map((x) => -x)) - Math.log(orders),
      ),
    ),
  );
};
