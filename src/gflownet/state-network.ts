/**
 * What policies and objectives learn of states: a number for each, log F(s) for the state flows and the logit of stopping,
 *
 *   bias(|s|) + network(Σ embeddings of s, |s| / b, temperature code)
 *
 * The network begins at zero. The bias of size k is a parabola in the temperature code c,
 *
 *   bias_k(c) = l_k0 + l_k1 c + l_k2 c²
 *
 * and begins at estimates from a pilot rollout (src/gflownet/start.ts): that of the flow of the empty set is then log Z, up to
 * the network's constant there, and the exact policy stops with probability R(s) / F(s). A model for a single temperature has
 * the code 0 and never learns l_k1 and l_k2. Model files call the biases flowLevels and stopLevels, an older word.
 */
import {
  weights,
  zeros,
  type Parameters,
  type ParameterSpec,
  type ParameterSpecs,
} from '../nn/parameters.js';
import { dense } from '../tensor/derived/matrix.js';
import type { Tensor } from '../tensor/expression.js';
import { add, broadcast, concat, mul, reshape, slice, tanh } from '../tensor/operations.js';

/** The parameter [3, sizes]: constants, slopes and curvatures. */
export const sizeBiases = (sizes: number): ParameterSpec => zeros(3, sizes);

/** The biases [length] of the sizes from `from`, at a temperature code (a scalar). */
export const sizeBiasesAt = (
  parameter: Tensor,
  temperatureCode: Tensor,
  from: number,
  length: number,
): Tensor => {
  const row = (degree: number): Tensor => reshape(slice(parameter, [degree, from], [1, length]), [length]);
  return add(row(0), mul(temperatureCode, add(row(1), mul(temperatureCode, row(2)))));
};

/** Values of the parameter: through biases given at the code 0 alone, or at −1, 0 and 1. */
export const sizeBiasesThrough = (given: readonly Float64Array[]): Float64Array => {
  const [low, middle, high] = given.length === 1 ? [given[0], given[0], given[0]] : given;
  const sizes = middle?.length ?? 0;
  const out = new Float64Array(3 * sizes);
  for (let k = 0; k < sizes; k++) {
    const [a = 0, b = 0, c = 0] = [low?.[k], middle?.[k], high?.[k]];
    out[k] = b;
    out[sizes + k] = (c - a) / 2;
    out[2 * sizes + k] = (a + c) / 2 - b;
  }
  return out;
};

/** First layer with its bias, and last layer, for embeddings of width `hidden`. */
const stateLayers = (hidden: number) =>
  [weights(hidden + 2, hidden), zeros(hidden), zeros(hidden, 1)] as const;

/** [S·L] of S·L states in rows of L sizes from `from`: aggregates [S·L, E], filled fractions [S·L, 1], the temperature code a scalar. */
const stateNetwork = (
  [first, bias, last]: readonly [Tensor, Tensor, Tensor],
  sizeBiases: Tensor,
  aggregate: Tensor,
  filled: Tensor,
  temperatureCode: Tensor,
  from: number,
  length: number,
): Tensor => {
  const [rows = 1] = aggregate.shape;
  const state = concat([aggregate, filled, broadcast(reshape(temperatureCode, [1, 1]), [rows, 1])], 1);
  const network = dense(tanh(dense(state, first, bias)), last);
  const ofSize = broadcast(sizeBiasesAt(sizeBiases, temperatureCode, from, length), [rows / length, length]);
  return add(reshape(network, [rows]), reshape(ofSize, [rows]));
};

/** Parameters of the flows for batches of b points; `flowLevels` must stay the last. */
export const flowParameters = (hidden: number, batchSize: number) => {
  const [flow1, flow1Bias, flow2] = stateLayers(hidden);
  return { flow1, flow1Bias, flow2, flowLevels: sizeBiases(batchSize) } satisfies ParameterSpecs;
};

/** log F of S·L states in rows of L sizes from 0: aggregates [S·L, E], filled parts [S·L, 1] → [S·L]. */
export const learnedFlow = (
  parameters: Parameters,
  aggregate: Tensor,
  filled: Tensor,
  temperatureCode: Tensor,
  length: number,
): Tensor => {
  const p = parameters as Parameters<ReturnType<typeof flowParameters>>;
  return stateNetwork(
    [p.flow1, p.flow1Bias, p.flow2],
    p.flowLevels,
    aggregate,
    filled,
    temperatureCode,
    0,
    length,
  );
};

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
