/**
 * Rollout: batches drawn point by point. Nothing of it has a derivative; the log-probabilities and flows that objectives
 * differentiate come from src/gflownet/visits.ts, one batched pass over all visited states.
 */
import { randomCategorical, randomUniform, splitKey } from '../tensor/derived/random.js';
import type { Tensor } from '../tensor/expression.js';
import { concat, filled, less, reshape, select, slice } from '../tensor/operations.js';
import type { Parameters } from '../nn/parameters.js';
import { addPoint, allowedPoints, emptySubsets, gainsOf, type Subsets } from './environment.js';
import type { BackwardName } from './backward.js';
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
  readonly backward: BackwardName;
}

/** S trajectories of b steps. */
export interface Trajectories {
  /** [S, b] u32: the points in the order in which they joined. */
  readonly actions: Tensor;
  /** [S, b]: the gain in nats that each brought; the sum over a row is the batch's joint mutual information. */
  readonly gains: Tensor;
  /** The states before each step, b of them. */
  readonly states: readonly Subsets[];
  /** The state after the last step. */
  readonly end: Subsets;
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

/** Walks some steps; `choose` gives the point (u32 [S]) that joins at each. */
const walk = (
  sampler: Sampler,
  count: number,
  length: number,
  choose: (subsets: Subsets, step: number) => Tensor,
): Trajectories => {
  const { features, embedded } = sampler;
  const states: Subsets[] = [];
  const actions: Tensor[] = [];
  const gains: Tensor[] = [];
  let subsets = emptySubsets(features, embedded.members, count);
  for (let step = 0; step < length; step++) {
    const chosen = choose(subsets, step);
    const { next, gain } = addPoint(features, embedded.members, subsets, chosen);
    states.push(subsets);
    actions.push(reshape(chosen, [count, 1]));
    gains.push(reshape(gain, [count, 1]));
    subsets = next;
  }
  return { actions: concat(actions, 1), gains: concat(gains, 1), states, end: subsets };
};

/**
 * Draws S trajectories from the policy. With probability `exploration` (a scalar, or absent for none) a step is uniform
 * over the points that may join.
 */
export const rollout = (sampler: Sampler, count: number, key: Tensor, exploration?: Tensor): Trajectories =>
  walk(sampler, count, sampler.batchSize, (subsets, step) => {
    const own = splitKey(key, step);
    const logits = logitsAt(sampler, subsets);
    if (exploration === undefined) return randomCategorical(own, logits, allowedPoints(subsets));
    const coin = less(randomUniform(splitKey(own, 1), logits.dtype, [count, 1]), exploration);
    return randomCategorical(splitKey(own, 0), select(coin, 0, logits), allowedPoints(subsets));
  });

/** The trajectories of given actions (u32 [S, steps], at least one step), states and gains computed anew. */
export const follow = (sampler: Sampler, actions: Tensor): Trajectories => {
  const [count = 1, length = 1] = actions.shape;
  return walk(sampler, count, length, (_, step) => reshape(slice(actions, [0, step], [count, 1]), [count]));
};
