/**
 * Learned state flows, common to all policies: log F(s) = level(|s|) + network(Σ embeddings of s, |s| / b).
 *
 * The levels, one a size, begin at estimates from a trial (src/gflownet/start.ts); the network begins at zero. The level
 * of the empty set is log Z, up to the network's constant there.
 */
import { weights, zeros, type Parameters, type ParameterSpecs } from '../nn/parameters.js';
import { dense } from '../tensor/derived/matrix.js';
import type { Tensor } from '../tensor/expression.js';
import { add, broadcast, concat, reshape, slice, tanh } from '../tensor/operations.js';

/** Parameters of the flows for batches of b points; `flowLevels` must stay the last. */
export const flowParameters = (hidden: number, batchSize: number) =>
  ({
    flow1: weights(hidden + 1, hidden),
    flow1Bias: zeros(hidden),
    flow2: zeros(hidden, 1),
    flowLevels: zeros(batchSize),
  }) satisfies ParameterSpecs;

/** log F of S·L states in rows of L sizes from 0: aggregates [S·L, E], filled parts [S·L, 1] → [S·L]. */
export const learnedFlow = (
  parameters: Parameters,
  aggregate: Tensor,
  filled: Tensor,
  length: number,
): Tensor => {
  const p = parameters as Parameters<ReturnType<typeof flowParameters>>;
  const rows = aggregate.shape[0] ?? 1;
  const network = dense(tanh(dense(concat([aggregate, filled], 1), p.flow1, p.flow1Bias)), p.flow2);
  const levels = broadcast(slice(p.flowLevels, [0], [length]), [rows / length, length]);
  return add(reshape(network, [rows]), reshape(levels, [rows]));
};
