/**
 * A number for each state, common to flows and stop: level(|s|) + network(Σ embeddings of s, |s| / b, temperature code), with the
 * levels of src/gflownet/size-biases.ts and a network that begins at zero.
 */
import { weights, zeros } from '../nn/parameters.js';
import { dense } from '../tensor/derived/matrix.js';
import type { Tensor } from '../tensor/expression.js';
import { add, broadcast, concat, reshape, tanh } from '../tensor/operations.js';
import { sizeBiasesAt } from './size-biases.js';

/** First layer with its bias, and last layer, for embeddings of width `hidden`. */
export const stateLayers = (hidden: number) =>
  [weights(hidden + 2, hidden), zeros(hidden), zeros(hidden, 1)] as const;

/** [S·L] of S·L states in rows of L sizes from `from`: aggregates [S·L, E], filled fractions [S·L, 1], the temperature code a scalar. */
export const stateNetwork = (
  [first, bias, last]: readonly [Tensor, Tensor, Tensor],
  levels: Tensor,
  aggregate: Tensor,
  filled: Tensor,
  temperatureCode: Tensor,
  from: number,
  length: number,
): Tensor => {
  const [rows = 1] = aggregate.shape;
  const state = concat([aggregate, filled, broadcast(reshape(temperatureCode, [1, 1]), [rows, 1])], 1);
  const network = dense(tanh(dense(state, first, bias)), last);
  const ofSize = broadcast(sizeBiasesAt(levels, temperatureCode, from, length), [rows / length, length]);
  return add(reshape(network, [rows]), reshape(ofSize, [rows]));
};
