/**
 * Batches drawn uniformly from all C(N, b) of them, with their JMI: what any other strategy has to beat.
 *
 * A batch by Floyd's method: for j = N−b … N−1 draw k uniformly from 0 … j, and take k, or j if k is taken
 * already. Source: Bentley and Floyd, Programming Pearls: A Sample of Brilliance (1987).
 */
import { type Key, split, uniforms } from '../random/key.js';
import { jointMutualInformation, type ScoredBatch } from '../reward/exact.js';
import type { Posterior } from '../surrogate/posterior.js';

/** b different indices below N, each subset equally likely, in ascending order. Needs 0 ≤ b ≤ N. */
export const uniformSubset = (key: Key, poolSize: number, batchSize: number): readonly number[] => {
  if (!Number.isInteger(batchSize) || batchSize < 0 || batchSize > poolSize)
    throw new RangeError(`uniformSubset: a batch of ${batchSize} from a pool of ${poolSize} points`);
  const taken = new Set<number>();
  uniforms(key, batchSize).forEach((u, i) => {
    const j = poolSize - batchSize + i;
    // A u next to 1 must not round up to j + 1.
    const k = Math.min(j, Math.floor(u * (j + 1)));
    taken.add(taken.has(k) ? j : k);
  });
  return Array.from(taken).sort((p, q) => p - q);
};

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
