/**
 * A policy on a pool as inputs of a program: which inputs programs of this room share, and their values.
 */
import {
  initialParameters,
  parameterCount,
  unpack,
  type ParameterSpecs,
  type Parameters,
} from '../nn/parameters.js';
import { split, type Key } from '../random/key.js';
import type { Values } from '../engine/engine.js';
import { tableInputs, tableValues } from '../reward/programmed.js';
import { hasFewPoints, priorOf } from '../reward/conditional-variance.js';
import { sizeOf, type DType, type Tensor } from '../tensor/expression.js';
import { equal, gather, input, mul, reshape, select } from '../tensor/operations.js';
import { backwardParameters, type BackwardName } from './backward.js';
import { withStop } from './environment.js';
import { flowParameters } from './state-network.js';
import type { Points, Policy } from './policy.js';
import { batchSizes, medianSquareNorm, type Problem } from './problem.js';
import { policies, type PolicyName } from './policies/index.js';
import type { Sampler } from './rollout.js';
import { stopParameters } from './state-network.js';

/** What fixes the shapes of a model's programs. */
export interface ModelShape {
  readonly policy: PolicyName;
  readonly hidden: number;
  readonly poolSize: number;
  readonly features: number;
  readonly batchSize: number;
  /** f32 everywhere; f64 on the CPU engine, for oracles. */
  readonly dtype: DType;
  /** The backward policy; uniform if left out. */
  readonly backward?: BackwardName;
  /** The temperatures, lowest and highest, that one model serves; left out, it serves its problem's alone. */
  readonly temperatures?: readonly [lowest: number, highest: number];
  /** The smallest batch, below `batchSize` where sizes vary; all batches have `batchSize` points if left out. */
  readonly smallestBatch?: number;
}

/** A model: a policy's architecture and its state flows. The last parameters are the flows' size biases. */
export interface Model {
  readonly shape: ModelShape;
  readonly policy: Policy;
  readonly specs: ParameterSpecs;
  /** Elements of the flat parameter vector. */
  readonly size: number;
}

/** The smallest size of a batch where sizes vary. */
const stopFrom = ({ batchSize, smallestBatch = batchSize }: ModelShape): number | undefined =>
  smallestBatch < batchSize ? smallestBatch : undefined;

/** The model of a shape. */
export const modelOf = (shape: ModelShape): Model => {
  const policy: Policy = policies[shape.policy];
  const { features: inputs, hidden, batchSize, backward } = shape;
  const specs = {
    ...policy.parameters({ inputs, hidden }),
    ...(stopFrom(shape) === undefined ? {} : stopParameters(hidden, batchSize)),
    ...(backward === 'learned' ? backwardParameters(hidden) : {}),
    ...flowParameters(hidden, batchSize),
  };
  return { shape, policy, specs, size: parameterCount(specs) };
};

/** First values of the parameters; the flows' size biases are zero and wait for their estimates. */
export const firstParameters = (model: Model, key: Key): Float64Array =>
  initialParameters(model.specs, split(key, 0));

/** Inputs that every program of a model takes. */
export const modelInputs = ({ shape, size }: Model) => ({
  parameters: input('parameters', shape.dtype, [size]),
  features: input('features', shape.dtype, [shape.poolSize, shape.features]),
  scale: input('scale', shape.dtype, []),
  inverseTemperature: input('inverseTemperature', shape.dtype, []),
  temperatureCode: input('temperatureCode', shape.dtype, []),
  pointCost: input('pointCost', shape.dtype, []),
});

/** The middle and half-width of the range of log T; a half-width of 0 for a single temperature. */
export const temperatureRange = ({ shape: { temperatures } }: Model, problem: Problem) => {
  const [lowest, highest] = temperatures ?? [problem.temperature, problem.temperature];
  return {
    middle: temperatures === undefined ? problem.temperature : Math.sqrt(lowest * highest),
    half: Math.log(highest / lowest) / 2,
  };
};

/**
 * Values of those inputs but for the parameters. Throws a RangeError where the problem's temperature lies outside the
 * model's range, or the sizes of its batches are others than the model's.
 */
export const problemValues = (model: Model, problem: Problem): Values => {
  const { whitened, temperature, pointCost = 0 } = problem;
  const { batchSize, smallestBatch = batchSize } = model.shape;
  const [smallest, largest] = batchSizes(problem);
  if (smallest !== smallestBatch || largest !== batchSize)
    throw new RangeError(
      `the model draws batches of ${smallestBatch} to ${batchSize} points, the problem asks for ${smallest} to ${largest}`,
    );
  if (problem.utility !== undefined && smallest !== largest)
    throw new RangeError(
      `batches of ${smallest} to ${largest} points by a utility of the problem's own; give one size of batches`,
    );
  const { middle, half } = temperatureRange(model, problem);
  const temperatureCode = half === 0 ? 0 : Math.log(temperature / middle) / half;
  if (!(Math.abs(temperatureCode) <= 1 + 1e-9))
    throw new RangeError(
      `the model serves temperatures from ${middle * Math.exp(-half)} to ${middle * Math.exp(half)}, not ${temperature}`,
    );
  return {
    features: whitened.data,
    scale: Float64Array.of(1 / Math.sqrt(medianSquareNorm(whitened))),
    inverseTemperature: Float64Array.of(1 / temperature),
    temperatureCode: Float64Array.of(temperatureCode),
    pointCost: Float64Array.of(pointCost),
  };
};

/**
 * What actions (u32, any shape) add to an aggregate, [..., E]; zero of the stop, which stands after the points (`stops`). Of
 * few points all are embedded once, as candidates are; of many those that join.
 */
const joiningOf = (
  policy: Policy,
  parameters: Parameters,
  { rows, scale }: Points,
  embedded: Tensor,
  { stops, few }: { readonly stops: boolean; readonly few: boolean },
): ((actions: Tensor) => Tensor) => {
  const [size = 1, features = 1] = rows.shape;
  // Beyond a table there are zeros.
  if (few) {
    const members = policy.members(parameters, embedded);
    return (actions) => gather(members, actions);
  }
  return (actions) => {
    const count = sizeOf(actions.shape);
    const joining = { rows: reshape(gather(rows, actions), [count, features]), scale };
    const members = policy.members(parameters, policy.embed(parameters, joining));
    const stopped = reshape(equal(actions, size), [count, 1]);
    return reshape(stops ? select(stopped, 0, members) : members, [...actions.shape, members.shape[1] ?? 1]);
  };
};

/** A problem's own utility in the programs of a model. */
export interface Scoring {
  /** Inputs that such a program takes beside {@link modelInputs}. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** As a {@link Sampler} has it. */
  readonly utility: Sampler['utility'];
}

/** How programs score whole batches: by the utility of the problem, if it has one of its own. */
export const scoringOf = ({ shape: { dtype } }: Model, { utility }: Pick<Problem, 'utility'>): Scoring => {
  if (utility === undefined) return { inputs: {}, utility };
  const tables = tableInputs(utility.programmed, dtype === 'f64' ? 'f64' : 'f32');
  const scale = input('utilityScale', dtype, []);
  return {
    inputs: { ...tables, scale },
    utility: (batches) => mul(scale, utility.programmed.value(tables, batches)),
  };
};

/** The values of a scoring's inputs. */
export const scoringValues = ({ utility }: Pick<Problem, 'utility'>): Values =>
  utility === undefined
    ? {}
    : { ...tableValues(utility.programmed), utilityScale: Float64Array.of(utility.scale) };

/**
 * The sampler that a model's inputs describe, of batches that are worth the sum of their gains. So many `states` at a time, if
 * few, are made without what pays for many.
 */
export const samplerOf = (model: Model, inputs: ReturnType<typeof modelInputs>, states?: number): Sampler => {
  const { parameters: flat, features, scale, inverseTemperature, temperatureCode, pointCost } = inputs;
  const parameters = unpack(model.specs, flat);
  const points = { rows: features, scale };
  const pool = { points, whitened: features, inverseTemperature, temperatureCode };
  const { policy, shape } = model;
  const embedded = policy.embed(parameters, points);
  const from = stopFrom(shape);
  const few = hasFewPoints(shape.poolSize, states);
  return {
    policy,
    parameters,
    candidates: policy.candidates(parameters, embedded, pool),
    joining: joiningOf(policy, parameters, points, embedded, { stops: from !== undefined, few }),
    width: policy.members(parameters, embedded).shape[1] ?? 1,
    pool,
    prior: priorOf(from === undefined ? features : withStop(features), few),
    batchSize: shape.batchSize,
    backward: shape.backward ?? 'uniform',
    stopFrom: from,
    pointCost,
    utility: undefined,
  };
};
