/**
 * A training step's trajectories as one composite, with what its gradient needs of every state that they passed:
 *
 *   (parameters, features, scale, (1 / T, place, ε), key u32 [1, 2], the parts of the pool's table[, given u32 [G, b]]) →
 *   log P_F, log P_B, gains and actions, all [S, b], then logits and conditional variances, both [S, b, N]
 *
 * one behind the other in a flat tensor. S counts what is drawn and, after it, what is given. Logits of members are the least
 * float. The meaning is the rollout of src/gflownet/rollout.ts; kernel: kernels/rollout. The gradient by way of log P_F is another
 * composite: a step at a time with the walk's own states, or, where the kernel left a trace, of all steps together.
 */
import { sizeOf, type Shape, type Tensor } from '../../tensor/expression.js';
import type { Composite } from '../../tensor/composite.js';
import { splitKey } from '../../tensor/derived/random.js';
import { lowestFinite } from '../../tensor/derived/softmax.js';
import {
  cast,
  composite,
  concat,
  filled,
  gather,
  reshape,
  select,
  slice,
  stopGradient,
} from '../../tensor/operations.js';
import { allowedActions } from '../environment.js';
import { samplerOf, type Model, type modelInputs } from '../model.js';
import { policyGradient } from '../policy-gradient.js';
import {
  detached as withoutDerivative,
  follow,
  logitsAt,
  rollout,
  type Sampler,
  type Trajectories,
} from '../rollout.js';
import { logBackwardOf } from '../visits.js';
import { partsOf, scalarsAs, scalarsOf, tableOf } from './pool-table.js';
import { rolloutKernel } from './rollout-kernel.js';

type Operands = readonly [
  parameters: Tensor,
  features: Tensor,
  scale: Tensor,
  scalars: Tensor,
  key: Tensor,
  ...rest: readonly Tensor[],
];

const flat = (tensor: Tensor): Tensor => reshape(tensor, [sizeOf(tensor.shape)]);

/** The walk that the operands mean, by samplers with and without derivatives through their embeddings. */
const walkOf = (model: Model, count: number, operands: readonly Tensor[], given: Tensor | undefined) => {
  const [parameters, features, scale, scalars, keys] = operands as Operands;
  const [inverseTemperature, temperatureCode, exploration] = scalarsOf(scalars);
  // What a label costs plays no part in drawing.
  const pointCost = filled(0, features.dtype, []);
  const inputs = { parameters, features, scale, inverseTemperature, temperatureCode, pointCost };
  const attached = samplerOf(model, inputs);
  const sampler = withoutDerivative(attached);
  const key = splitKey(reshape(keys, [2]), 0);
  const beside = given === undefined ? {} : { given };
  return {
    ...{ parameters, attached, sampler },
    drawn: (): Trajectories => rollout(sampler, count, key, { exploration, ...beside }),
  };
};

/** The parts of the flat tensor, one behind the other. */
const planesOf = (model: Model, rows: number, planes: Tensor) => {
  const { batchSize, poolSize } = model.shape;
  let start = 0;
  const plane = (shape: Shape): Tensor => {
    const part = reshape(slice(planes, [start], [sizeOf(shape)]), shape);
    start += sizeOf(shape);
    // Of each, not of all together: where there is no kernel a plane is what it is made of.
    return stopGradient(part);
  };
  const steps = [rows, batchSize];
  const [logForward, , gains, actions] = [plane(steps), plane(steps), plane(steps), plane(steps)];
  const states = [rows * batchSize, poolSize];
  return {
    logForward,
    gains,
    actions: cast(actions, 'u32'),
    trace: { logits: plane(states), variances: plane(states) },
  };
};

/** The trajectories of a step, and what is had of them. */
export interface TracedRollout {
  readonly trajectories: Trajectories;
  /** The gradient [parameters] for weights [S, b] of log P_F (src/gflownet/policy-gradient.ts). */
  readonly gradient: (weights: Tensor) => Tensor;
}

/** The composite of the trajectories: `count` drawn, and as many more as are given, the last operand. */
const tracedOf = (model: Model, count: number, rows: number): Composite => ({
  name: 'tracedRollout',
  settings: { ...model.shape, count, rows },
  meaning: (operands) => {
    const { sampler, drawn } = walkOf(model, count, operands, operands[8]);
    const trajectories = drawn();
    const { logForward, gains, actions, states } = trajectories;
    const ofStates = (part: (state: (typeof states)[number]) => Tensor): Tensor =>
      concat(
        states.map((state) => reshape(part(state), [rows, 1, model.shape.poolSize])),
        1,
      );
    const { dtype } = gains;
    const logits = (state: (typeof states)[number]): Tensor =>
      select(allowedActions(state), logitsAt(sampler, state), lowestFinite(dtype));
    return concat(
      [
        ...[logForward, logBackwardOf(sampler, trajectories), gains, cast(actions, dtype)],
        ...[ofStates(logits), ofStates(({ conditioned }) => conditioned.variances)],
      ].map(flat),
      0,
    );
  },
  kernel: ({ operands }) =>
    rolloutKernel(
      model,
      operands,
      {
        ...{ parameters: 0, scalars: 3, keys: 4, columns: 5, embeddings: 6, members: 7 },
        given: rows === count ? undefined : 8,
      },
      rows,
    ),
});

/** The same sampler, its members made of those points alone that join: a trace has less of them than there are points. */
const ofJoining = (sampler: Sampler): Sampler => {
  const { policy, parameters, pool, width } = sampler;
  const embedded = policy.embed(parameters, pool.points);
  const joining = (actions: Tensor): Tensor => {
    const rows = gather(embedded, reshape(actions, [sizeOf(actions.shape)]));
    return reshape(policy.members(parameters, rows), [...actions.shape, width]);
  };
  // Of the same node, so that what both are given goes back through the embedding once.
  return { ...sampler, candidates: policy.candidates(parameters, embedded, pool), joining };
};

/** The composite of the gradient: operands as above, but planes and weights in the table's place, before what is given. */
const gradientOf = (model: Model, count: number, rows: number): Composite => {
  const by = (operands: readonly Tensor[], traced: boolean): Tensor => {
    const [planes, weights, given] = operands.slice(5);
    if (planes === undefined || weights === undefined)
      throw new Error('tracedGradient: an operand is missing');
    const { parameters, attached, sampler, drawn } = walkOf(model, count, operands, given);
    const own = planesOf(model, rows, planes);
    if (!traced) return policyGradient(attached, sampler, drawn(), weights, parameters, false);
    const trajectories = { ...follow(sampler, own.actions), ...own };
    return policyGradient(ofJoining(attached), sampler, trajectories, weights, parameters, false);
  };
  return {
    name: 'tracedGradient',
    settings: { ...model.shape, count, rows },
    meaning: (operands) => by(operands, false),
    wide: (operands) => by(operands, true),
  };
};

/**
 * `count` trajectories drawn from a model that isFused (layout.ts) with child 0 of a key, and the given ones (u32 [G, b]) after
 * them. `sampler` is the model's, detached; no derivative goes through the trajectories.
 */
export const tracedRollout = (
  model: Model,
  inputs: ReturnType<typeof modelInputs>,
  sampler: Sampler,
  count: number,
  key: Tensor,
  { exploration, given }: { readonly exploration: Tensor; readonly given?: Tensor },
): TracedRollout => {
  const rows = count + (given?.shape[0] ?? 0);
  const shown = given === undefined ? [] : [given];
  const { parameters, features, scale, inverseTemperature, temperatureCode } = inputs;
  const scalars = scalarsAs(inverseTemperature, temperatureCode, exploration);
  const operands = [parameters, features, scale, scalars, reshape(key, [1, 2])];
  const planes = composite(tracedOf(model, count, rows), [
    ...operands,
    ...partsOf(tableOf(sampler)),
    ...shown,
  ]);
  const { logForward, gains, actions } = planesOf(model, rows, planes);
  return {
    trajectories: { ...follow(sampler, actions), actions, gains, logForward },
    gradient: (weights) =>
      composite(gradientOf(model, count, rows), [...operands, planes, weights, ...shown]),
  };
};
