/**
 * What the backward policy and the flows say of the states that trajectories visited: one batched pass over all of them,
 * with derivatives in the parameters. A subset's aggregate is the sum of the embeddings of the points that joined before.
 */
import { learnedFlow } from './state-network.js';
import type { Tensor } from '../tensor/expression.js';
import { logSoftmax } from '../tensor/derived/softmax.js';
import { takeLast } from '../tensor/derived/matrix.js';
import {
  add,
  broadcast,
  cast,
  concat,
  constant,
  iota,
  less,
  matmul,
  pad,
  reshape,
  select,
  slice,
  stopGradient,
} from '../tensor/operations.js';
import { backwardLogits, logUniformBackward } from './backward.js';
import type { Subsets } from './environment.js';
import { allActions, stops, type Sampler, type Trajectories } from './rollout.js';

/** S rows of L states each: the states of sizes 0 … L − 1 that the actions [S, steps] led through, steps ≥ L − 1. */
export interface Visits {
  readonly actions: Tensor;
  readonly states: readonly Subsets[];
}

/** 1 where row r > column c, else 0, of shape [rows, columns]: sums what came before. */
const before = (sampler: Sampler, rows: number, columns: number): Tensor =>
  cast(less(iota('u32', [rows, columns], 1), iota('u32', [rows, columns], 0)), sampler.prior.features.dtype);

/** Σ over earlier steps: values [S, steps] → [S, L]. */
const sumsBefore = (sampler: Sampler, values: Tensor, length: number): Tensor => {
  const [count = 1, steps = 1] = values.shape;
  const column = reshape(values, [count, steps, 1]);
  return reshape(matmul(before(sampler, length, steps), column), [count, length]);
};

/** The aggregates of all visited states, [S·L, E]. */
export const aggregates = (sampler: Sampler, { actions, states }: Visits): Tensor => {
  const [count = 1, steps = 1] = actions.shape;
  const { joining, width } = sampler;
  const sums = matmul(before(sampler, states.length, steps), joining(actions));
  return reshape(sums, [count * states.length, width]);
};

/** A number for each size, for all visited states: [S·L, 1]. */
export const bySize = (
  sampler: Sampler,
  { actions, states }: Visits,
  value: (size: number) => number,
): Tensor => {
  const sizes = states.map((state) => value(state.size));
  const [count = 1] = actions.shape;
  const row = constant(sizes, sampler.prior.features.dtype, [sizes.length]);
  return reshape(broadcast(row, [count, sizes.length]), [count * sizes.length, 1]);
};

const stacked = ({ actions, states }: Visits, part: (state: Subsets) => Tensor): Tensor => {
  const [count = 1] = actions.shape;
  const parts = states.map((state) => part(state));
  const size = parts[0]?.shape[1] ?? 1;
  const columns = parts.map((tensor) => reshape(tensor, [count, 1, size]));
  return reshape(concat(columns, 1), [count * states.length, size]);
};

/** The mask (u32 [S, A]) of the points of subsets, the stop never among them. */
const pointsOf =
  ({ pool, stopFrom }: Sampler) =>
  ({ members }: Subsets): Tensor => {
    if (stopFrom === undefined) return members;
    const [count = 1, actions = 1] = members.shape;
    return pad(slice(members, [0, 0], [count, pool.whitened.shape[0] ?? 1]), [0, 0], [count, actions]);
  };

/** log P_B of every step, taken back from the state that it reached, [S, b]; a stop is taken back for certain. */
export const logBackwardOf = (sampler: Sampler, { actions, states, end }: Trajectories): Tensor => {
  const [count = 1, length = 1] = actions.shape;
  const { dtype } = sampler.prior.features;
  const ofPoints = (logs: Tensor): Tensor => select(stops(sampler, actions), 0, logs);
  if (sampler.backward === 'uniform')
    return ofPoints(broadcast(constant(logUniformBackward(length), dtype, [length]), [count, length]));
  const visits = { actions, states: [...states, end] };
  const filled = bySize(sampler, visits, (size) => size / sampler.batchSize);
  const members = sampler.joining(allActions(sampler));
  const logits = backwardLogits(sampler.parameters, members, aggregates(sampler, visits), filled);
  const size = members.shape[0] ?? 1;
  // The empty set has nothing to give up.
  const rows = slice(reshape(logits, [count, length + 1, size]), [0, 1, 0], [count, length, size]);
  const inside = stacked({ actions, states: visits.states.slice(1) }, pointsOf(sampler));
  const logs = logSoftmax(reshape(rows, [count * length, size]), inside);
  return ofPoints(reshape(takeLast(logs, reshape(actions, [count * length])), [count, length]));
};

/**
 * log F of all visited states, [S, L] (nats): the learned flow and, if forward-looking, the exact partial reward
 * log R(s) of the steps [S, steps] so far (Pan et al. 2023, arXiv 2302.01687).
 */
export const logFlowAt = (
  sampler: Sampler,
  visits: Visits,
  rewards: Tensor,
  forwardLooking: boolean,
): Tensor => {
  const [count = 1] = visits.actions.shape;
  const length = visits.states.length;
  const filled = bySize(sampler, visits, (size) => size / sampler.batchSize);
  const { parameters, pool } = sampler;
  const learned = reshape(
    learnedFlow(parameters, aggregates(sampler, visits), filled, pool.temperatureCode, length),
    [count, length],
  );
  if (!forwardLooking) return learned;
  return add(learned, sumsBefore(sampler, stopGradient(rewards), length));
};
