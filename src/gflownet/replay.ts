/**
 * Replay: the last trajectories, kept as their actions alone, from which some are trained on again. Their log-probabilities
 * and flows are computed anew under the current parameters each time: those of the day they were drawn are stale.
 *
 * Objectives hold for trajectories from any sampler with full support, so nothing is reweighed.
 */
import { randomUniform, splitKey } from '../tensor/derived/random.js';
import type { DType, Tensor } from '../tensor/expression.js';
import { add, cast, concat, gather, maximum, mul, neg, slice } from '../tensor/operations.js';

/** How to replay. */
export interface ReplayOptions {
  /** Past trajectories a step, beside the fresh ones. */
  readonly trajectories: number;
  /** Trajectories that are kept; at least those of one step. */
  readonly capacity: number;
}

/** The memory u32 [capacity, b] with fresh actions [S, b] first and the oldest forgotten. */
export const remember = (memory: Tensor, actions: Tensor): Tensor => {
  const [capacity = 1, length = 1] = memory.shape;
  const [fresh = 1] = actions.shape;
  return fresh === capacity
    ? actions
    : concat([actions, slice(memory, [0, 0], [capacity - fresh, length])], 0);
};

/** `count` rows of a memory, uniformly with replacement from its first `held` (a scalar of floats, at least 1). */
export const recall = (key: Tensor, memory: Tensor, held: Tensor, count: number): Tensor => {
  const dtype: DType = held.dtype;
  const [capacity = 1] = memory.shape;
  const filledCount = neg(maximum(neg(held), -capacity));
  // A uniform number next to 1 times a large `held` may round up to it.
  const below = neg(
    maximum(neg(mul(randomUniform(splitKey(key, 0), dtype, [count]), filledCount)), add(1, neg(filledCount))),
  );
  return gather(memory, cast(below, 'u32'));
};
