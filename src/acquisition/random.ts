/** Batches drawn uniformly from all C(N, b) of them, with their JMI: what any other strategy has to beat. */
import { type Key, split } from '../random/key.js';
import { uniformSubset } from '../random/subset.js';
import { jointMutualInformation, type ScoredBatch } from '../reward/exact.js';
import type { Posterior } from '../surrogate/posterior.js';

/**
 * `count` batches of b pool indices, independent of each other, the i-th from the i-th child of the key, with
 * their JMI in nats. Throws a RangeError for a batch size that is not a whole number from 0 to the size of
 * the pool.
 */
export const randomBatches = (
  { whitened }: Posterior,
  { batchSize, count, key }: { readonly batchSize: number; readonly count: number; readonly key: Key },
): readonly ScoredBatch[] =>
  Array.from({ length: count }, (_, i) => {
    const indices = uniformSubset(split(key, i), whitened.rows, batchSize);
    return { indices, jointMutualInformation: jointMutualInformation(whitened, indices) };
  });
