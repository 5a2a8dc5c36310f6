/**
 * Learned state flows, common to all policies: log F(s) = level(|s|) + network(Σ embeddings of s, |s| / b, temperature code).
 *
 * The levels begin at estimates from a pilot rollout (src/gflownet/start.ts). The level of the empty set is log Z, up to the
 * network's constant there.
 */
import type { Parameters, ParameterSpecs } from '../nn/parameters.js';
import type { Tensor } from '../tensor/expression.js';
import { sizeBiases } from './size-biases.js';
import { stateLayers, stateNetwork } from './state-network.js';

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
