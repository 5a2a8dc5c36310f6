/**
 * The stop action, common to all policies: one more logit beside those of the points,
 *
 *   logit(stop | s) = level(|s|) + network(Σ embeddings of s, |s| / b, temperature code)
 *
 * The exact policy stops with probability R(s) / F(s). The levels begin at estimates of that from a pilot rollout
 * (src/gflownet/start.ts).
 */
import type { Parameters, ParameterSpecs } from '../nn/parameters.js';
import type { Tensor } from '../tensor/expression.js';
import { reshape } from '../tensor/operations.js';
import { sizeBiases } from './size-biases.js';
import { stateLayers, stateNetwork } from './state-network.js';

/** Parameters of the stop for batches of at most b points. */
export const stopParameters = (hidden: number, batchSize: number) => {
  const [stop1, stop1Bias, stop2] = stateLayers(hidden);
  return { stop1, stop1Bias, stop2, stopLevels: sizeBiases(batchSize) } satisfies ParameterSpecs;
};

/** Logits [S·L, 1] of S·L states in rows of L sizes from `from`: aggregates [S·L, E], filled parts [S·L, 1]. */
export const stopLogits = (
  parameters: Parameters,
  aggregate: Tensor,
  filled: Tensor,
  temperatureCode: Tensor,
  from: number,
  length: number,
): Tensor => {
  const p = parameters as Parameters<ReturnType<typeof stopParameters>>;
  const layers = [p.stop1, p.stop1Bias, p.stop2] as const;
  const logits = stateNetwork(layers, p.stopLevels, aggregate, filled, temperatureCode, from, length);
  return reshape(logits, [aggregate.shape[0] ?? 1, 1]);
};
