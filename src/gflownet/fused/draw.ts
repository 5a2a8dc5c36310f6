/**
 * Drawing as one composite: what a run of drawing means, and the few dispatches that do it on a device.
 *
 *   (parameters, features, scale, 1 / T, place, keys u32 [K, 2]) → [4, K·side, b]: log P_F, log P_B, gains, actions
 *
 * Trajectories k·side … (k + 1)·side − 1 are drawn with key k. The meaning is the rollout of src/gflownet/rollout.ts. The
 * kernels are for batches of one size, the uniform backward policy, and policies that say so (`fused`): the pool is
 * embedded (pool-embedding.wgsl), and one dispatch makes all b steps of all trajectories (kernels/rollout).
 */
import { parameterOffset } from '../../nn/parameters.js';
import type { Composite } from '../../tensor/composite.js';
import { splitKey } from '../../tensor/derived/random.js';
import type { Tensor } from '../../tensor/expression.js';
import { cast, composite, concat, filled, reshape, slice } from '../../tensor/operations.js';
import { samplerOf, type Model, type modelInputs } from '../model.js';
import { detached as withoutDerivative, rollout } from '../rollout.js';
import { logBackwardOf } from '../visits.js';

type Operands = readonly [
  parameters: Tensor,
  features: Tensor,
  scale: Tensor,
  inverseTemperature: Tensor,
  temperatureCode: Tensor,
  keys: Tensor,
];

/** The rollouts of all keys, one under the other, in the operands' precision. */
const meaningOf =
  (model: Model, side: number): Composite['meaning'] =>
  (operands) => {
    const [parameters, features, scale, inverseTemperature, temperatureCode, keys] = operands as Operands;
    // What a label costs plays no part in drawing.
    const pointCost = filled(0, features.dtype, []);
    const sampler = withoutDerivative(
      samplerOf(model, { parameters, features, scale, inverseTemperature, temperatureCode, pointCost }),
    );
    const [count = 1] = keys.shape;
    const ofKeys = Array.from({ length: count }, (_, k) => {
      const key = reshape(slice(keys, [k, 0], [1, 2]), [2]);
      const trajectories = rollout(sampler, side, splitKey(key, 0));
      const { logForward, gains, actions } = trajectories;
      // log P_F comes first, so that engines, which compute depth first, are done with a step's logits before the next.
      const planes = [logForward, logBackwardOf(sampler, trajectories), gains, cast(actions, features.dtype)];
      return reshape(concat(planes, 0), [planes.length, ...logForward.shape]);
    });
    return concat(ofKeys, 1);
  };

/** What the kernels' workgroup memory, 16 KiB, has room for. */
const maxSizes = { hidden: 256, features: 512, batchSize: 256 };

/** Lengths of workgroup memory come in few classes, which pipelines are keyed by. */
const classOf = (...lengths: readonly number[]): number =>
  2 ** Math.ceil(Math.log2(Math.max(64, ...lengths)));

const known = ({ shape, policy }: Model): boolean =>
  policy.fused !== undefined &&
  (shape.backward ?? 'uniform') === 'uniform' &&
  (shape.smallestBatch ?? shape.batchSize) === shape.batchSize &&
  shape.hidden <= maxSizes.hidden &&
  shape.features <= maxSizes.features &&
  shape.batchSize <= maxSizes.batchSize;

/** Where parts of some sizes lie one behind the other, from a start; and where they end. */
const laidOut = <K extends string>(start: number, sizes: Readonly<Record<K, number>>) => {
  let end = start;
  const places = {} as Record<K, number>;
  for (const name of Object.keys(sizes) as K[]) {
    places[name] = end;
    end += sizes[name];
  }
  return { places, end };
};

const kernelOf =
  (model: Model, side: number): NonNullable<Composite['kernel']> =>
  ({ operands }) => {
    if (!known(model)) return undefined;
    const { poolSize: points, features, hidden: width, batchSize: steps } = model.shape;
    const [ofParameters = 0, ofFeatures = 0, ofScale = 0, ofTemperature = 0, ofPlace = 0, ofKeys = 0] =
      operands.map(({ view }) => view.offset);
    const keys = operands[5]?.shape[0] ?? 1;
    const groups = keys * Math.ceil(side / 4);
    const at = (name: string): number =>
      name in model.specs ? ofParameters + parameterOffset(model.specs, name) : 0;
    const own = 4 * keys * side * steps;
    const { places, end } = laidOut(own, {
      columns: features * points,
      embeddings: width * points,
      members: points * width,
      variances: groups * 4 * points,
      directions: groups * 4 * steps * features,
      aggregates: groups * 4 * width,
    });
    const embedding = {
      kernel: 'pool-embedding',
      constants: { HELD: classOf(2 * width) },
      uniforms: [
        ...[points, features, width, ofFeatures, ofScale],
        ...['point1', 'point1Bias', 'point2', 'point2Bias', 'key', 'member'].map(at),
        ...[places.columns, places.embeddings, places.members],
      ],
      operands: [1, 2, 0],
      threads: 64 * Math.ceil(points / 4),
      workgroupSize: 64,
    };
    const steered = {
      kernel: 'rollout',
      constants: {
        POLICY: model.policy.fused ?? 0,
        HELD: classOf(width + 3, features),
        LAYER: classOf(width, steps),
      },
      uniforms: [
        ...[points, features, width, steps, side, keys, ofTemperature, ofPlace, ofKeys, 0],
        ...['query1', 'query1Bias', 'query2', 'query2Bias', 'query3', 'query3Bias'].map(at),
        ...['temperature1', 'temperature2'].map(at),
        ...[places.columns, places.embeddings, places.members],
        ...[places.variances, places.directions, places.aggregates],
      ],
      operands: [0, 3, 4, 5],
      threads: 64 * groups,
      workgroupSize: 64,
    };
    return {
      dispatches: [embedding, steered],
      scratch: end - own,
    };
  };

/** The indices of larger pools are no longer whole numbers in f32. */
const largestPool = 2 ** 24;

/**
 * The trajectories of K keys (u32 [K, 2]), `side` each: parts of [K·side, b], log-probabilities and gains in nats. Actions
 * are whole numbers in the model's float type; throws a RangeError for pools of more than 2²⁴ points, which f32 cannot
 * count.
 */
export const drawn = (
  model: Model,
  inputs: Omit<ReturnType<typeof modelInputs>, 'pointCost'>,
  keys: Tensor,
  side: number,
) => {
  if (model.shape.poolSize > largestPool)
    throw new RangeError(
      `draw: a pool of ${model.shape.poolSize} points; at most ${largestPool}, which f32 counts, draw from a part of it`,
    );
  const of: Composite = {
    name: 'draw',
    settings: { ...model.shape, side },
    meaning: meaningOf(model, side),
    kernel: kernelOf(model, side),
  };
  const { parameters, features, scale, inverseTemperature, temperatureCode } = inputs;
  const planes = composite(of, [parameters, features, scale, inverseTemperature, temperatureCode, keys]);
  const [, count = 1, steps = 1] = planes.shape;
  const plane = (i: number): Tensor => reshape(slice(planes, [i, 0, 0], [1, count, steps]), [count, steps]);
  return { logForward: plane(0), logBackward: plane(1), gains: plane(2), actions: plane(3) };
};
