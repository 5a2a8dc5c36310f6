/**
 * Rollout: batches drawn point by point. Nothing of it has a derivative; the log-probabilities that objectives
 * differentiate come from {@link scoreTrajectories}, one batched pass over all visited states.
 */
import { randomCategorical, randomUniform, splitKey } from '../tensor/derived/random.js';
import { logSoftmax } from '../tensor/derived/softmax.js';
import { takeLast } from '../tensor/derived/matrix.js';
import type { Tensor } from '../tensor/expression.js';
import {
  concat,
  constant,
  equal,
  filled,
  gather,
  iota,
  less,
  matmul,
  cast,
  reshape,
  select,
  slice,
  stopGradient,
  broadcast,
} from '../tensor/operations.js';
import type { Parameters } from '../nn/parameters.js';
import { addPoint, allowedPoints, emptySubsets, gainsOf, type Subsets } from './environment.js';
import type { Embedded, Policy, PoolView } from './policy.js';

/** What drawing needs: a policy with its parameters on a pool. */
export interface Sampler {
  readonly policy: Policy;
  readonly parameters: Parameters;
  readonly embedded: Embedded;
  readonly pool: PoolView;
  /** [N, D]: the whitened features of the reward. */
  readonly features: Tensor;
  readonly batchSize: number;
}

/** S trajectories of b steps. */
export interface Trajectories {
  /** [S, b] u32: the points in the order in which they joined. */
  readonly actions: Tensor;
  /** [S, b]: the gain in nats that each brought; the sum over a row is the batch's joint mutual information. */
  readonly gains: Tensor;
  /** The states before each step, b of them. */
  readonly states: readonly Subsets[];
}

/** A number for every state, [S, 1]. */
const everywhere = (sampler: Sampler, subsets: Subsets, value: number): Tensor =>
  filled(value, sampler.features.dtype, [subsets.aggregate.shape[0] ?? 1, 1]);

/** Masked-out logits [S, N] of the next point, for subsets of one size. */
export const logitsAt = (sampler: Sampler, subsets: Subsets): Tensor =>
  sampler.policy.logits(
    sampler.parameters,
    sampler.embedded,
    {
      aggregate: subsets.aggregate,
      gains: gainsOf(subsets),
      filled: everywhere(sampler, subsets, subsets.size / sampler.batchSize),
      remaining: everywhere(sampler, subsets, sampler.batchSize - subsets.size - 1),
    },
    sampler.pool,
  );

/** Walks b steps; `choose` gives the point (u32 [S]) that joins at each. */
const walk = (
  sampler: Sampler,
  count: number,
  choose: (subsets: Subsets, step: number) => Tensor,
): Trajectories => {
  const { features, embedded, batchSize } = sampler;
  const states: Subsets[] = [];
  const actions: Tensor[] = [];
  const gains: Tensor[] = [];
  let subsets = emptySubsets(features, embedded.members, count);
  for (let step = 0; step < batchSize; step++) {
    const chosen = choose(subsets, step);
    const { next, gain } = addPoint(features, embedded.members, subsets, chosen);
    states.push(subsets);
    actions.push(reshape(chosen, [count, 1]));
    gains.push(reshape(gain, [count, 1]));
    subsets = next;
  }
  return { actions: concat(actions, 1), gains: concat(gains, 1), states };
};

/**
 * Draws S trajectories from the policy. With probability `exploration` (a scalar, or absent for none) a step is uniform
 * over the points that may join.
 */
export const rollout = (sampler: Sampler, count: number, key: Tensor, exploration?: Tensor): Trajectories =>
  walk(sampler, count, (subsets, step) => {
    const own = splitKey(key, step);
    const logits = logitsAt(sampler, subsets);
    if (exploration === undefined) return randomCategorical(own, logits, allowedPoints(subsets));
    const coin = less(randomUniform(splitKey(own, 1), logits.dtype, [count, 1]), exploration);
    return randomCategorical(splitKey(own, 0), select(coin, 0, logits), allowedPoints(subsets));
  });

/** The trajectories of given actions (u32 [S, b]), states and gains computed anew. */
export const follow = (sampler: Sampler, actions: Tensor): Trajectories => {
  const [count = 1] = actions.shape;
  return walk(sampler, count, (_, step) => reshape(slice(actions, [0, step], [count, 1]), [count]));
};

/**
 * log P_F of every step [S, b] in one batched pass over all visited states, with derivatives in the parameters. States
 * and gains are data here; a subset's aggregate is the sum of the embeddings of the actions before it.
 */
export const scoreTrajectories = (sampler: Sampler, { actions, states }: Trajectories): Tensor => {
  const { policy, parameters, embedded, pool, features } = sampler;
  const [count = 1, length = 1] = actions.shape;
  const size = features.shape[0] ?? 1;
  const width = embedded.members.shape[1] ?? 1;
  const stacked = (parts: readonly Tensor[]): Tensor =>
    reshape(
      concat(
        parts.map((part) => reshape(part, [count, 1, size])),
        1,
      ),
      [count * length, size],
    );
  const before = cast(
    less(iota('u32', [length, length], 1), iota('u32', [length, length], 0)),
    features.dtype,
  );
  const aggregate = matmul(before, gather(embedded.members, actions));
  const byStep = (value: (size: number) => number): Tensor => {
    const steps = constant(
      states.map((state) => value(state.size)),
      features.dtype,
      [length],
    );
    return reshape(broadcast(steps, [count, length]), [count * length, 1]);
  };
  const logits = policy.logits(
    parameters,
    embedded,
    {
      aggregate: reshape(aggregate, [count * length, width]),
      gains: stopGradient(stacked(states.map(gainsOf))),
      filled: byStep((size) => size / sampler.batchSize),
      remaining: byStep((size) => sampler.batchSize - size - 1),
    },
    pool,
  );
  const allowed = equal(stacked(states.map((state) => state.members)), 0);
  return reshape(takeLast(logSoftmax(logits, allowed), reshape(actions, [count * length])), [count, length]);
};
