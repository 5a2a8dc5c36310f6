/**
 * Greedy: b times the point of largest gain given those already chosen; by joint mutual information, greedy BatchBALD.
 *
 * As the gains of JMI are submodular, that of the batch is at least 1 − 1/e of the best batch's. Source: Kirsch, van
 * Amersfoort and Gal, BatchBALD (2019), algorithm 1; by whitened features with the rank-one updates of reward/exact.ts,
 * O(b N (D + b)) in all.
 */
import { requireFinitePosterior, requirePoints, requireReward } from '../misuse.js';
import type { Reward, Utility } from '../reward/utility.js';
import type { ScoredBatch } from '../reward/exact.js';
import type { Posterior } from '../surrogate/posterior.js';
import { type ScoredPool, scoredPoolOf } from './scored-pool.js';

/** The free point of largest value, of equal ones the first. −1 where none is free. */
export const bestFree = (values: Float64Array, taken: ReadonlySet<number>): number => {
  let best = -1;
  values.forEach((v, n) => {
    if (!taken.has(n) && (best < 0 || v > (values[best] ?? NaN))) best = n;
  });
  return best;
};

/**
 * The points of a greedy batch in the order chosen, none of them in `without`. Throws a RangeError, in its caller's name,
 * as greedyBatch does.
 */
export const greedyIndices = (
  { points, empty }: Utility,
  batchSize: number,
  without: readonly number[] = [],
  caller = 'greedyBatch',
): readonly number[] => {
  const left = points - without.length;
  if (!Number.isInteger(batchSize) || batchSize < 0 || batchSize > left)
    throw new RangeError(
      `${caller}: a batch of ${batchSize} from a pool of ${left} points; give a whole number from 0 to ${left}`,
    );
  let state = empty;
  for (let i = 0; i < batchSize; i++)
    state = state.with(bestFree(state.gains(), new Set([...state.chosen, ...without])));
  return state.chosen;
};

/** The same, scored. */
export const greedyScored = (
  { utility, scored }: ScoredPool,
  batchSize: number,
  without: readonly number[] = [],
): ScoredBatch => scored(greedyIndices(utility, batchSize, without));

/**
 * b pool indices in the order chosen, all different and none of them in `without` (different points of the pool), with
 * their JMI in nats, and their utility by another reward where one is given. Throws a RangeError for a batch size that is
 * not a whole number from 0 to the number of points left, a TypeError for what is no posterior, no reward or no points of the pool,
 * and for features that are not finite.
 */
export const greedyBatch = (
  posterior: Posterior,
  batchSize: number,
  without: readonly number[] = [],
  reward?: Reward,
): ScoredBatch => {
  const where = 'greedyBatch';
  requireFinitePosterior(where, posterior);
  requirePoints(where, 'without', without, posterior.whitened.rows);
  requireReward(where, reward);
  return greedyScored(scoredPoolOf(posterior, reward), batchSize, without);
};
