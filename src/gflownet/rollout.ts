/**
 * Rollout: batches drawn point by point, S side by side, with the log-probability of each step.
 *
 * Training draws with a detached sampler, through which no derivative goes to the embeddings; src/gflownet/policy-gradient.ts
 * takes it from there, a step at a time.
 */
import { at } from '../at.js';
import { randomCategorical, randomUniform, splitKey } from '../tensor/derived/random.js';
import { logSoftmaxAt } from '../tensor/derived/log-softmax-at.js';
import type { Tensor } from '../tensor/expression.js';
import {
  concat,
  equal,
  filled,
  input,
  iota,
  less,
  mul,
  reshape,
  select,
  slice,
  stopGradient,
  sub,
  sum,
} from '../tensor/operations.js';
import type { Parameters } from '../nn/parameters.js';
import { type Prior, sharesOf } from '../reward/conditional-variance.js';
import { addPoint, allowedActions, emptySubsets, type Subsets } from './environment.js';
import type { BackwardName } from './backward.js';
import type { Policy, PoolView, StateView } from './policy.js';
import { stopLogits } from './state-network.js';

/** What drawing needs: a policy with its parameters on a pool. */
export interface Sampler {
  readonly policy: Policy;
  readonly parameters: Parameters;
  /** [N, ·]: what the policy's logits need of candidates. */
  readonly candidates: Tensor;
  /** What given actions (u32, any shape) add to the aggregate of a subset: [..., E]. */
  readonly joining: (actions: Tensor) => Tensor;
  /** E. */
  readonly width: number;
  readonly pool: PoolView;
  /** Of the whitened features of the reward by action, [A, D]: N points, and zeros for the stop where sizes vary. */
  readonly prior: Prior;
  readonly batchSize: number;
  readonly backward: BackwardName;
  /** The smallest size of a batch, where sizes vary. */
  readonly stopFrom: number | undefined;
  /** What a label costs, nats; a scalar. */
  readonly pointCost: Tensor;
  /** U of whole batches (u32 [S, b] → [S]) where it is not the sum of gains. */
  readonly utility: ((batches: Tensor) => Tensor) | undefined;
}

/** S trajectories of b steps. */
export interface Trajectories {
  /** [S, b] u32: the points in the order in which they joined; N, the stop, from where a batch was complete. */
  readonly actions: Tensor;
  /** [S, b]: the gain in nats that each step brought; the sum over a row is the features' joint mutual information. */
  readonly gains: Tensor;
  /** log P_F of each step, [S, b]. */
  readonly logForward: Tensor;
  /** The states before each step, b of them. */
  readonly states: readonly Subsets[];
  /** The state after the last step. */
  readonly end: Subsets;
  /** Of all states in rows of b, where they are at hand together. */
  readonly trace?: Trace;
}

/** Tables [S·b, N] of states. */
export interface Trace {
  /** Logits, of members the least float. */
  readonly logits: Tensor;
  readonly variances: Tensor;
}

/**
 * The sampler with embeddings that are data: no derivative goes through them. With `apart`, what candidates are is computed
 * for it alone, so that nothing of that has to be kept for derivatives.
 */
export const detached = (sampler: Sampler, apart = false): Sampler => ({
  ...sampler,
  candidates: stopGradient(apart ? candidatesApart(sampler) : sampler.candidates),
  joining: (actions) => stopGradient(sampler.joining(actions)),
});

const candidatesApart = ({ policy, parameters, pool }: Sampler): Tensor => {
  const own = mapParameters(parameters, stopGradient);
  return policy.candidates(own, policy.embed(own, pool.points), pool);
};

const mapParameters = (parameters: Parameters, f: (tensor: Tensor) => Tensor): Parameters =>
  Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, f(tensor)]));

/** The mask (u32, like `actions`) of stops. */
export const stops = ({ pool }: Sampler, actions: Tensor): Tensor =>
  equal(actions, at(pool.whitened.shape, 0));

/** Every action in order, u32 [A]. */
export const allActions = ({ prior: { features } }: Sampler): Tensor =>
  iota('u32', [features.shape[0] ?? 1], 0);

/**
 * The gains [S, b] with the last replaced by what is left of U: they add up to U along whole trajectories, and those of a
 * part of one are still a function of its state.
 */
const endingInUtility = ({ utility, batchSize }: Sampler, actions: Tensor, gains: Tensor): Tensor => {
  const [count = 1, length = 1] = actions.shape;
  if (utility === undefined || length < batchSize) return gains;
  const whole = reshape(utility(actions), [count, 1]);
  if (length === 1) return whole;
  const before = slice(gains, [0, 0], [count, length - 1]);
  return concat([before, sub(whole, reshape(sum(before, [1]), [count, 1]))], 1);
};

/** What each step adds to log R [S, b]: (gain − cost) / T of a point, nothing of a stop. */
export const logRewardSteps = (
  sampler: Sampler,
  { actions, gains }: Pick<Trajectories, 'actions' | 'gains'>,
): Tensor =>
  mul(
    select(stops(sampler, actions), 0, sub(endingInUtility(sampler, actions, gains), sampler.pointCost)),
    sampler.pool.inverseTemperature,
  );

/** Shares [S, k, A] without that of the stop. */
const sharesOfPoints = (shares: Tensor | undefined, { whitened }: PoolView): Tensor | undefined => {
  if (shares === undefined) return undefined;
  const [count = 1, size = 1, actions = 1] = shares.shape;
  const [points = 1] = whitened.shape;
  return points === actions ? shares : slice(shares, [0, 0, 0], [count, size, points]);
};

/** Logits [S·L, A] of all actions at states in rows of L sizes from `from`; `variances` and `allowed` have a column an action. */
export const actionLogits = (sampler: Sampler, states: StateView, from: number, length: number): Tensor => {
  const { policy, parameters, candidates, pool, stopFrom } = sampler;
  const { variances } = states;
  const ofPoints = (table: Tensor): Tensor =>
    slice(table, [0, 0], [variances.shape[0] ?? 1, pool.whitened.shape[0] ?? 1]);
  const points = {
    ...states,
    variances: ofPoints(variances),
    allowed: ofPoints(states.allowed),
    shares: sharesOfPoints(states.shares, pool),
  };
  const logits = policy.logits(parameters, candidates, points, pool);
  if (stopFrom === undefined) return logits;
  const stop = stopLogits(parameters, states.aggregate, states.filled, pool.temperatureCode, from, length);
  return concat([logits, stop], 1);
};

/** A number for every state, [S, 1]. */
const everywhere = (sampler: Sampler, subsets: Subsets, value: number): Tensor =>
  filled(value, sampler.prior.features.dtype, [subsets.aggregate.shape[0] ?? 1, 1]);

/** Logits [S, A] of the next action, for subsets of one size; those not allowed are masked by the caller. */
export const logitsAt = (sampler: Sampler, subsets: Subsets): Tensor =>
  actionLogits(
    sampler,
    {
      aggregate: subsets.aggregate,
      variances: subsets.conditioned.variances,
      allowed: equal(subsets.members, 0),
      shares: sharesOf(sampler.prior, subsets.conditioned),
      filled: everywhere(sampler, subsets, subsets.size / sampler.batchSize),
      remaining: everywhere(sampler, subsets, sampler.batchSize - subsets.size - 1),
      picks: sampler.batchSize - subsets.size,
    },
    subsets.size,
    1,
  );

/** log π(a | s) [S] of one action (u32 [S]) of each subset; allowed ones, others hold no meaning. */
export const logPolicyOf = (sampler: Sampler, subsets: Subsets, actions: Tensor): Tensor =>
  logSoftmaxAt(logitsAt(sampler, subsets), allowedActions(subsets, sampler.stopFrom), actions);

/** The subsets that the input `subsets` (u32 [S, k]) holds; S empty ones, and no input, for k = 0. */
export const givenSubsets = ({ prior, joining, width }: Sampler, size: number, count: number): Subsets => {
  let subsets = emptySubsets(prior, width, count);
  if (size === 0) return subsets;
  const members = input('subsets', 'u32', [count, size]);
  for (let k = 0; k < size; k++) {
    const chosen = reshape(slice(members, [0, k], [count, 1]), [count]);
    subsets = addPoint(prior, subsets, chosen, joining(chosen)).next;
  }
  return subsets;
};

/** Walks some steps; `choose` gives the action (u32 [S]) of each. */
const walk = (
  sampler: Sampler,
  count: number,
  length: number,
  choose: (subsets: Subsets, step: number) => Tensor,
): Trajectories => {
  const { prior, joining, width } = sampler;
  const states: Subsets[] = [];
  const actions: Tensor[] = [];
  const gains: Tensor[] = [];
  const stepLogs: Tensor[] = [];
  let subsets = emptySubsets(prior, width, count);
  for (let step = 0; step < length; step++) {
    const chosen = choose(subsets, step);
    const { next, gain } = addPoint(prior, subsets, chosen, joining(chosen));
    states.push(subsets);
    stepLogs.push(logPolicyOf(sampler, subsets, chosen));
    actions.push(reshape(chosen, [count, 1]));
    gains.push(reshape(gain, [count, 1]));
    subsets = next;
  }
  const logForward = concat(
    stepLogs.map((logs) => reshape(logs, [count, 1])),
    1,
  );
  return { actions: concat(actions, 1), gains: concat(gains, 1), logForward, states, end: subsets };
};

/** The first `count` rows of a table [S, ·]. */
export const firstRows = (table: Tensor, count: number): Tensor =>
  table.shape[0] === count ? table : slice(table, [0, 0], [count, table.shape[1] ?? 1]);

/**
 * Draws S trajectories from the policy. With probability `exploration` (a scalar, or absent for none) a step is uniform
 * over the actions that are allowed. Trajectories of `given` actions (u32 [G, b]), if there are, follow them in the same walk.
 */
export const rollout = (
  sampler: Sampler,
  count: number,
  key: Tensor,
  { exploration, given }: { readonly exploration?: Tensor; readonly given?: Tensor } = {},
): Trajectories => {
  const others = given?.shape[0] ?? 0;
  const drawnAt = (subsets: Subsets, step: number): Tensor => {
    const own = splitKey(key, step);
    const logits = firstRows(logitsAt(sampler, subsets), count);
    const allowed = firstRows(allowedActions(subsets, sampler.stopFrom), count);
    if (exploration === undefined) return randomCategorical(own, logits, allowed);
    const coin = less(randomUniform(splitKey(own, 1), logits.dtype, [count, 1]), exploration);
    return randomCategorical(splitKey(own, 0), select(coin, 0, logits), allowed);
  };
  return walk(sampler, count + others, sampler.batchSize, (subsets, step) => {
    const drawn = drawnAt(subsets, step);
    return given === undefined
      ? drawn
      : concat([drawn, reshape(slice(given, [0, step], [others, 1]), [others])], 0);
  });
};

/** The trajectories of given actions (u32 [S, steps], at least one step), states and gains computed anew. */
export const follow = (sampler: Sampler, actions: Tensor): Trajectories => {
  const [count = 1, length = 1] = actions.shape;
  return walk(sampler, count, length, (_, step) => reshape(slice(actions, [0, step], [count, 1]), [count]));
};
