/**
 * Backward policies: which member a trajectory, walked back, gives up first.
 *
 *  - `uniform`: log P_B(s ∖ m | s) = −log |s|, so −log b! for a whole trajectory.
 *  - `learned`: the softmax over members of member embedding · query(Σ embeddings, |s| / b), which is uniform at start
 *    because the query's last layer is zero. Any backward policy leaves the target of batches as it is; a learned one
 *    lets the flow choose its orders.
 */
import { weights, zeros, type Parameters } from '../nn/parameters.js';
import { dense } from '../tensor/derived/matrix.js';
import type { Tensor } from '../tensor/expression.js';
import { concat, matmul, mul, tanh, transpose } from '../tensor/operations.js';

/** The name of a backward policy. */
export type BackwardName = 'uniform' | 'learned';

/** Parameters of the learned backward policy. */
export const backwardParameters = (hidden: number) => ({
  backward1: weights(hidden + 1, hidden),
  backward1Bias: zeros(hidden),
  backward2: zeros(hidden, hidden),
});

/** Logits [S, N] of giving up each point; only members' count. Aggregates [S, E], filled parts [S, 1], members [N, E]. */
export const backwardLogits = (
  parameters: Parameters,
  members: Tensor,
  aggregate: Tensor,
  filled: Tensor,
): Tensor => {
  const p = parameters as Parameters<ReturnType<typeof backwardParameters>>;
  const state = tanh(dense(concat([aggregate, filled], 1), p.backward1, p.backward1Bias));
  const width = members.shape[1] ?? 1;
  return mul(matmul(matmul(state, p.backward2), transpose(members)), 1 / Math.sqrt(width));
};

/** log P_B of each step of a trajectory under the uniform backward policy: −log of the size that the step reached. */
export const logUniformBackward = (batchSize: number): readonly number[] =>
  Array.from({ length: batchSize }, (_, step) => -Math.log(step + 1));
