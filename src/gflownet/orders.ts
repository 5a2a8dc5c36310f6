/**
 * Orders of given batches, drawn from the backward policy: what makes a batch a trajectory. A batch gives up its points one
 * after the other, and its trajectory is that walk reversed.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { at } from '../at.js';
import type { Engine } from '../engine/engine.js';
import { inBlocks } from '../engine/with-program.js';
import type { Failure } from '../failure.js';
import { keyWords, permutation, split, type Key } from '../random/key.js';
import { randomCategorical, randomUniform, splitKey } from '../tensor/derived/random.js';
import { oneHotMask } from '../tensor/derived/matrix.js';
import type { Tensor, TypedArray } from '../tensor/expression.js';
import {
  add,
  broadcast,
  cast,
  concat,
  equal,
  filled,
  input,
  iota,
  less,
  matmul,
  max,
  mul,
  reshape,
  select,
  stopGradient,
  sum,
} from '../tensor/operations.js';
import { program, type Program } from '../tensor/program.js';
import { backwardLogits } from './backward.js';
import { modelInputs, problemValues, samplerOf, type Model } from './model.js';
import type { Problem } from './problem.js';
import { allActions, type Sampler } from './rollout.js';

const poolSizeOf = ({ pool }: Sampler): number => pool.whitened.shape[0] ?? 1;

/** Orders of batches from the learned backward policy: [S, b] → [S, b]. */
const learnedOrders = (sampler: Sampler, batches: Tensor, key: Tensor): Tensor => {
  const { parameters } = sampler;
  const joining = sampler.joining(allActions(sampler));
  const [count = 1, batchSize = 1] = batches.shape;
  const { dtype } = sampler.prior.features;
  const poolSize = poolSizeOf(sampler);
  const none = equal(batches, poolSize);
  const sizes = sum(cast(equal(none, 0), dtype), [1]);
  const actionCount = joining.shape[0] ?? 1;
  // The column of the stop, if there is one, belongs to nobody.
  const columns = select(
    reshape(none, [count, batchSize, 1]),
    0,
    cast(oneHotMask(batches, actionCount), dtype),
  );
  let members = less(0.5, sum(columns, [1]));
  const actions: Tensor[] = [];
  for (let left = batchSize; left > 0; left--) {
    const part = filled(left / batchSize, dtype, [count, 1]);
    const logits = backwardLogits(parameters, joining, matmul(cast(members, dtype), joining), part);
    const drawn = randomCategorical(splitKey(key, left), logits, members);
    const complete = less(left - 0.5, sizes);
    const goes = select(reshape(complete, [count, 1]), oneHotMask(drawn, actionCount), 0);
    members = select(goes, 0, members);
    actions.unshift(reshape(select(complete, drawn, poolSize), [count, 1]));
  }
  return concat(actions, 1);
};

/** Uniform orders of batches, what they lack last: [S, b] → [S, b], by the ranks of uniform numbers. */
const uniformOrders = (sampler: Sampler, batches: Tensor, key: Tensor): Tensor => {
  const [count = 1, size = 1] = batches.shape;
  const { dtype } = sampler.prior.features;
  const numbers = add(
    randomUniform(key, dtype, [count, size]),
    mul(2, cast(equal(batches, poolSizeOf(sampler)), dtype)),
  );
  const [own, other] = [reshape(numbers, [count, size, 1]), reshape(numbers, [count, 1, size])];
  // Of equal numbers the first comes first.
  const before = less(iota('u32', [size, size], 1), iota('u32', [size, size], 0));
  const earlier = select(equal(own, other), broadcast(before, [count, size, size]), less(other, own));
  const ranks = cast(sum(cast(earlier, dtype), [2]), 'u32');
  const position = broadcast(iota('u32', [1, size, size], 1), [count, size, size]);
  const taken = equal(broadcast(reshape(ranks, [count, 1, size]), [count, size, size]), position);
  const actions = broadcast(reshape(batches, [count, 1, size]), [count, size, size]);
  return max(select(taken, actions, 0), [2]);
};

/**
 * An order of each batch from the backward policy, u32 [S, b] → [S, b], N in place of points that a smaller batch lacks, and
 * at the end of its order. No derivative goes through it.
 */
export const backwardOrders = (sampler: Sampler, batches: Tensor, key: Tensor): Tensor =>
  stopGradient(
    sampler.backward === 'uniform'
      ? uniformOrders(sampler, batches, key)
      : learnedOrders(sampler, batches, key),
  );

/** The program that gives each of `batches` (u32 [S, b]) an order. */
const backwardProgram = (model: Model, count: number): Program => {
  const inputs = modelInputs(model);
  const batches = input('batches', 'u32', [count, model.shape.batchSize]);
  const orders = backwardOrders(samplerOf(model, inputs), batches, input('key', 'u32', [2]));
  return program({ orders }, {}, Object.values(inputs));
};

/** Batches side by side in one run. */
const side = 256;

/**
 * One order for each batch, count×b points with N (the stop) after the end of a smaller batch, from the model's backward
 * policy. The same key gives the same orders. Fails where the engine does.
 */
export const drawOrders = (
  engine: Engine,
  model: Model,
  problem: Problem,
  parameters: TypedArray,
  batches: readonly (readonly number[])[],
  key: Key,
): TE.TaskEither<Failure, Uint32Array> => {
  const { batchSize, whitened } = problem;
  const padded = (batch: readonly number[]): readonly number[] =>
    Array.from({ length: batchSize }, (_, i) => batch[i] ?? whitened.rows);
  if ((model.shape.backward ?? 'uniform') === 'uniform')
    return TE.right(
      Uint32Array.from(
        batches.flatMap((batch, i) =>
          padded(Array.from(permutation(split(key, i), batch.length), (position) => at(batch, position))),
        ),
      ),
    );
  const width = Math.min(side, batches.length);
  return pipe(
    inBlocks(
      engine,
      backwardProgram(model, width),
      Math.ceil(batches.length / width),
      { ...problemValues(model, problem), parameters },
      (block) => ({
        // The last block is filled up with the first batch, whose further orders are dropped.
        batches: Uint32Array.from(
          Array.from({ length: width }, (_, i) =>
            padded(batches[block * width + i] ?? batches[0] ?? []),
          ).flat(),
        ),
        key: keyWords(split(key, block)),
      }),
    ),
    TE.map((parts) =>
      Uint32Array.from(parts.flatMap((part) => Array.from(part['orders'] ?? []))).slice(
        0,
        batches.length * batchSize,
      ),
    ),
  );
};
