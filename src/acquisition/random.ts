/** Batches drawn uniformly from all C(N, b) of them, with their JMI: what any other strategy has to beat. */
import { membersOf, requireFinitePosterior, requireKey, requireWhole } from '../misuse.js';
import { type Key, split } from '../random/key.js';
import { uniformSubset } from '../random/subset.js';
import type { ScoredBatch } from '../reward/exact.js';
import type { Posterior } from '../surrogate/posterior.js';
import type { Work } from '../work.js';
import { type ScoredPool, scoredPoolOf, utilityOfScored } from './scored-pool.js';

/** How many batches of which size, and from which key. */
export interface RandomOptions {
  readonly batchSize: number;
  readonly count: number;
  readonly key: Key;
}

/** A random batch of a pool, scored. */
export const randomScored = (
  { utility: { points }, scored }: ScoredPool,
  batchSize: number,
  key: Key,
): ScoredBatch => scored(uniformSubset(key, points, batchSize));

/** The mean utility of so many batches at random, in steps. */
export function* meanAtRandom(count: number, batchAt: (i: number) => ScoredBatch): Work<number> {
  let mean = 0;
  for (let i = 0; i < count; i++) {
    mean += utilityOfScored(batchAt(i)) / count;
    yield { stage: 'random batches', done: i + 1, total: count };
  }
  return mean;
}

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
  const scoredPool = scoredPoolOf(posterior);
  return Array.from({ length: options.count }, (_, i) =>
    randomScored(scoredPool, options.batchSize, split(options.key, i)),
  );
};
