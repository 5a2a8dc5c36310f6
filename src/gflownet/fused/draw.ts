/**
 * Drawing as one composite: what a run of drawing means, and the dispatch that does it on a device.
 *
 *   (parameters, features, scale, 1 / T, place, keys u32 [K, 2], (1 / T, place, 0), the parts of the pool's table) → [4, K·side, b]:
 *   log P_F, log P_B, gains, actions
 *
 * Trajectories k·side … (k + 1)·side − 1 are drawn with key k. The meaning is the rollout of src/gflownet/rollout.ts. Kernel:
 * kernels/rollout, which reads the table (pool-table.ts); the meaning does not.
 */
import type { Composite } from '../../tensor/composite.js';
import { splitKey } from '../../tensor/derived/random.js';
import type { Tensor } from '../../tensor/expression.js';
import { cast, composite, concat, filled, reshape, slice } from '../../tensor/operations.js';
import { samplerOf, type Model, type modelInputs } from '../model.js';
import { detached as withoutDerivative, rollout } from '../rollout.js';
import { logBackwardOf } from '../visits.js';
import { isFused } from './layout.js';
import { partsOf, poolTable } from './pool-table.js';
import { rolloutKernel } from './rollout-kernel.js';

type Operands = readonly [
  parameters: Tensor,
  features: Tensor,
  scale: Tensor,
  inverseTemperature: Tensor,
  temperatureCode: Tensor,
  keys: Tensor,
  ...table: readonly Tensor[],
];

/** The rollouts of all keys, one under the other, in the operands' precision. */
const meaningOf =
  (model: Model, side: number): Composite['meaning'] =>
  (operands) => {
    const [parameters, features, scale, inverseTemperature, temperatureCode, keys] = operands as Operands;
    // What a label costs plays no part in drawing.
    const pointCost = filled(0, features.dtype, []);
    const sampler = withoutDerivative(
      samplerOf(model, { parameters, features, scale, inverseTemperature, temperatureCode, pointCost }, side),
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

/** What the kernel reads of the pool, where there is one. */
const tableParts = (model: Model, inputs: Parameters<typeof poolTable>[1]): readonly Tensor[] => {
  if (!isFused(model)) return [];
  const table = poolTable(model, inputs);
  return [table.scalars, ...partsOf(table)];
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
    kernel: ({ operands }) =>
      isFused(model)
        ? rolloutKernel(
            model,
            operands,
            { parameters: 0, keys: 5, scalars: 6, columns: 7, embeddings: 8, members: 9 },
            side,
          )
        : undefined,
  };
  const { parameters, features, scale, inverseTemperature, temperatureCode } = inputs;
  const given = [parameters, features, scale, inverseTemperature, temperatureCode, keys];
  const planes = composite(of, [...given, ...tableParts(model, inputs)]);
  const [, count = 1, steps = 1] = planes.shape;
  const plane = (i: number): Tensor => reshape(slice(planes, [i, 0, 0], [1, count, steps]), [count, steps]);
  return { logForward: plane(0), logBackward: plane(1), gains: plane(2), actions: plane(3) };
};
