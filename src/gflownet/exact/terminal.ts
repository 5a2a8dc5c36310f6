/**
 * The exact distribution over batches that a policy samples from, by dynamic programming over subsets:
 *
 *   P(∅) = 1        P(s) = Σ_{n ∈ s} P(s ∖ n) π(n | s ∖ n)
 *
 * level by level of |s|, so that two levels are held at a time.
 */
import { ranker, subsetsOf } from './subsets.js';

/** Log-probabilities [S, N] of the next point for S subsets of size k ([S, k], ascending); entries of members are ignored. */
export type LogPolicy = (subsets: Uint32Array, size: number, count: number) => Promise<ArrayLike<number>>;

/**
 * The probability of every batch of size b, in lexicographic order of {@link subsetsOf}. `block` subsets are given to
 * the policy at a time. Memory: two levels of subsets. Rejects where the policy does.
 */
export const terminalDistribution = async (
  poolSize: number,
  batchSize: number,
  logPolicy: LogPolicy,
  block = 1024,
): Promise<Float64Array> => {
  let probabilities = Float64Array.of(1);
  for (let size = 0; size < batchSize; size++) {
    const subsets = subsetsOf(poolSize, size);
    const rank = ranker(poolSize, size + 1);
    const next = new Float64Array(subsetsOf(poolSize, size + 1).length / (size + 1));
    const grown = new Uint32Array(size + 1);
    for (let start = 0; start < probabilities.length; start += block) {
      const count = Math.min(block, probabilities.length - start);
      const logs = await logPolicy(subsets.subarray(start * size, (start + count) * size), size, count);
      for (let row = 0; row < count; row++) {
        const members = subsets.subarray((start + row) * size, (start + row + 1) * size);
        const mass = probabilities[start + row] ?? 0;
        for (let point = 0; point < poolSize; point++) {
          if (members.includes(point)) continue;
          insertSorted(members, point, grown);
          const at = rank(grown);
          next[at] = (next[at] ?? 0) + mass * Math.exp(logs[row * poolSize + point] ?? -Infinity);
        }
      }
    }
    probabilities = next;
  }
  return probabilities;
};

/** Writes the ascending members with one more point, in order, into `out`. */
const insertSorted = (members: Uint32Array, point: number, out: Uint32Array): void => {
  let placed = false;
  for (let i = 0; i < members.length; i++) {
    const member = members[i] ?? 0;
    if (!placed && point < member) {
      out[i] = point;
      placed = true;
    }
    out[i + (placed ? 1 : 0)] = member;
  }
  if (!placed) out[members.length] = point;
};
