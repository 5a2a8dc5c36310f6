/** Batches drawn uniformly from all C(N, b) of them, with their JMI: what any other strategy has to beat. */
import { type Key, split } from '../random/key.js';
import { uniformSubset } from '../random/subset.js';
import type { ScoredBatch } from '../reward/exact.js';
import type { Posterior } from '../surrogate/posterior.js';
import { type ScoredPool, scoredPoolOf } from './scored-pool.js';

/** How many batches of which size, and from which key. */
export interface RandomOptions {
  readonly batchSize: number;
  readonly count: number;
  readonly key: Key;
}

/** Random batches of a pool, scored. */
export const randomScored = (
  { utility: { points }, scored }: ScoredPool,
  { batchSize, count, key }: RandomOptions,
): readonly ScoredBatch[] =>
  Array.from({ length: count }, (_, i) => scored(uniformSubset(split(key, i), points, batchSize)));

/**
 * `count` batches of b pool indices, independent of each other, the i-th from the i-th child of the key, with
 * their JMI in nats. Throws a RangeError for a batch size that is not a whole number from 0 to the size of
 * the pool.
 */
export const randomBatches = (posterior: Posterior, options: RandomOptions): readonly ScoredBatch[] =>
  randomScored(scoredPoolOf(posterior), options);
