/** Batches drawn uniformly from all C(N, b) of them, with their JMI: what any other strategy has to beat. */
import { membersOf, requireFinitePosterior, requireKey, requireWhole } from '../misuse.js';
import { type Key, split } from '../random/key.js';
import { uniformSubset } from '../random/subset.js';
import type { ScoredBatch } from '../reward/exact.js';
import type { Posterior } from '../surrogate/posterior.js';
import { atOnce, type Work } from '../work.js';
import { scoredInSteps, type ScoredPool, scoredPoolOf } from './scored-pool.js';

/** How many batches of which size, and from which key. */
export interface RandomOptions {
  readonly batchSize: number;
  readonly count: number;
  readonly key: Key;
}

/** Random batches of a pool, scored, in steps. */
export const randomScored = (
  pool: ScoredPool,
  { batchSize, count, key }: RandomOptions,
): Work<readonly ScoredBatch[]> =>
  scoredInSteps(pool, 'random batches', count, (i) =>
    uniformSubset(split(key, i), pool.utility.points, batchSize),
  );

/**
 * `count` batches of b pool indices, independent of each other, the i-th from the i-th child of the key, with
 * their JMI in nats. Throws a TypeError for a batch size that is not a whole number from 0 to the size of
 * the pool, a number of batches that is none, and what is no posterior or no key.
 */
export const randomBatches = (posterior: Posterior, options: RandomOptions): readonly ScoredBatch[] => {
  const where = 'randomBatches';
  requireFinitePosterior(where, posterior);
  const { batchSize, count, key } = membersOf(where, 'options', options, '{ batchSize, count, key }');
  requireWhole(where, 'batchSize', batchSize, 0, posterior.whitened.rows);
  requireWhole(where, 'count', count);
  requireKey(where, 'key', key);
  return atOnce(randomScored(scoredPoolOf(posterior), options));
};
