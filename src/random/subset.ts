/**
 * Uniform subsets by Floyd's method: for j = N−b … N−1 draw k uniformly from 0 … j, and take k, or j if k is taken
 * already. Source: Bentley and Floyd, Programming Pearls: A Sample of Brilliance (1987).
 */
import { type Key, uniforms } from './key.js';

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
