/**
 * The stop action, common to all policies: one more logit beside those of the points,
 *
 *   logit(stop | s) = level(|s|) + network(Σ embeddings of s, |s| / b, place of T)
 *
 * The exact policy stops with probability R(s) / F(s). Levels, one a size (src/gflownet/levels.ts), begin at estimates of that from a trial
 * (src/gflownet/start.ts); the network begins at zero.
 */
import { weights, zeros, type Parameters, type ParameterSpecs } from '../nn/parameters.js';
import { dense } from '../tensor/derived/matrix.js';
import type { Tensor } from '../tensor/expression.js';
import { add, broadcast, concat, reshape, tanh } from '../tensor/operations.js';
import { levels, levelsAt } from './levels.js';

/** Parameters of the stop for batches of at most b points. */
export const stopParameters = (hidden: number, batchSize: number) =>
  ({
    stop1: weights(hidden + 2, hidden),
    stop1Bias: zeros(hidden),
    stop2: zeros(hidden, 1),
    stopLevels: levels(batchSize),
  }) satisfies ParameterSpecs;

/** Logits [S·L, 1] of S·L states in rows of L sizes from `from`: aggregates [S·L, E], filled parts [S·L, 1]. */
export const stopLogits = (
  parameters: Parameters,
  aggregate: Tensor,
  filled: Tensor,
  place: Tensor,
  from: number,
  length: number,
): Tensor => {
  const p = parameters as Parameters<ReturnType<typeof stopParameters>>;
  const [rows = 1] = aggregate.shape;
  const state = concat([aggregate, filled, broadcast(reshape(place, [1, 1]), [rows, 1])], 1);
  const network = dense(tanh(dense(state, p.stop1, p.stop1Bias)), p.stop2);
  const ofSize = broadcast(levelsAt(p.stopLevels, place, from, length), [rows / length, length]);
  return add(network, reshape(ofSize, [rows, 1]));
};
