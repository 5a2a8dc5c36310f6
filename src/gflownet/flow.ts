/**
 * Learned state flows, common to all policies: log F(s) = level(|s|) + network(Σ embeddings of s, |s| / b, place of T).
 *
 * The levels, one a size (src/gflownet/levels.ts), begin at estimates from a trial (src/gflownet/start.ts); the network
 * begins at zero. The level of the empty set is log Z, up to the network's constant there.
 */
import { weights, zeros, type Parameters, type ParameterSpecs } from '../nn/parameters.js';
import { dense } from '../tensor/derived/matrix.js';
import type { Tensor } from '../tensor/expression.js';
import { add, broadcast, concat, reshape, tanh } from '../tensor/operations.js';
import { levels, levelsAt } from './levels.js';

/** Parameters of the flows for batches of b points; `flowLevels` must stay the last. */
export const flowParameters = (hidden: number, batchSize: number) =>
  ({
    flow1: weights(hidden + 2, hidden),
    flow1Bias: zeros(hidden),
    flow2: zeros(hidden, 1),
    flowLevels: levels(batchSize),
  }) satisfies ParameterSpecs;

/** log F of S·L states in rows of L sizes from 0: aggregates [S·L, E], filled parts [S·L, 1] → [S·L]. */
export const learnedFlow = (
  parameters: Parameters,
  aggregate: Tensor,
  filled: Tensor,
  place: Tensor,
  length: number,
): Tensor => {
  const p = parameters as Parameters<ReturnType<typeof flowParameters>>;
  const rows = aggregate.shape[0] ?? 1;
  const state = concat([aggregate, filled, broadcast(reshape(place, [1, 1]), [rows, 1])], 1);
  const network = dense(tanh(dense(state, p.flow1, p.flow1Bias)), p.flow2);
  const ofSize = broadcast(levelsAt(p.flowLevels, place, 0, length), [rows / length, length]);
  return add(reshape(network, [rows]), reshape(ofSize, [rows]));
};
