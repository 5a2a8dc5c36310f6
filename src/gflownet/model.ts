/**
 * A policy on a pool as inputs of a program: which inputs programs of this room share, and their values.
 */
import { initialParameters, parameterCount, unpack, zeros, type ParameterSpecs } from '../nn/parameters.js';
import { split, type Key } from '../random/key.js';
import type { Values } from '../engine/engine.js';
import type { DType, Tensor } from '../tensor/expression.js';
import { input, mul, slice } from '../tensor/operations.js';
import type { Policy } from './policy.js';
import { meanSquareNorm, type Problem } from './problem.js';
import { policies, type PolicyName } from './policies/index.js';
import type { Sampler } from './rollout.js';

/** What fixes the shapes of a model's programs. */
export interface ModelShape {
  readonly policy: PolicyName;
  readonly hidden: number;
  readonly poolSize: number;
  readonly features: number;
  readonly batchSize: number;
  /** f32 everywhere; f64 on the CPU engine, for oracles. */
  readonly dtype: DType;
}

/** A model: a policy's architecture, with the learned log Z (nats) as its last parameter. */
export interface Model {
  readonly shape: ModelShape;
  readonly policy: Policy;
  readonly specs: ParameterSpecs;
  /** Elements of the flat parameter vector, log Z included. */
  readonly size: number;
}

/** The model of a shape. */
export const modelOf = (shape: ModelShape): Model => {
  const policy: Policy = policies[shape.policy];
  const specs = { ...policy.parameters({ inputs: shape.features, hidden: shape.hidden }), logZ: zeros(1) };
  return { shape, policy, specs, size: parameterCount(specs) };
};

/** First values of the parameters; log Z is zero and waits for its estimate. */
export const firstParameters = (model: Model, key: Key): Float64Array =>
  initialParameters(model.specs, split(key, 0));

/** Inputs that every program of a model takes: `parameters`, `features`, `scale` and `inverseTemperature`. */
export const modelInputs = ({ shape, size }: Model) => ({
  parameters: input('parameters', shape.dtype, [size]),
  features: input('features', shape.dtype, [shape.poolSize, shape.features]),
  scale: input('scale', shape.dtype, []),
  inverseTemperature: input('inverseTemperature', shape.dtype, []),
});

/** Values of those inputs but for the parameters. */
export const problemValues = ({ whitened, temperature }: Problem): Values => ({
  features: whitened.data,
  scale: Float64Array.of(1 / Math.sqrt(meanSquareNorm(whitened))),
  inverseTemperature: Float64Array.of(1 / temperature),
});

/** The sampler that a model's inputs describe. */
export const samplerOf = (model: Model, inputs: ReturnType<typeof modelInputs>): Sampler => {
  const { parameters: flat, features, scale, inverseTemperature } = inputs;
  const parameters = unpack(model.specs, flat);
  const pool = { points: mul(features, scale), whitened: features, inverseTemperature };
  const embedded = model.policy.embed(parameters, pool);
  const { policy, shape } = model;
  return { policy, parameters, embedded, pool, features, batchSize: shape.batchSize };
};

/** The learned log Z, a scalar expression. */
export const logZOf = (model: Model, flat: Tensor): Tensor => slice(flat, [model.size - 1], [1]);
