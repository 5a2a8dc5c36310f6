/**
 * The exact distribution over batches that a policy samples from, by dynamic programming over subsets:
 *
 *   P(∅) = 1        P(s) = Σ_{n ∈ s} P(s ∖ n) π(n | s ∖ n)
 *
 * level by level of |s|, so that two levels are held at a time.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Failure } from '../../failure.js';
import { binomial, ranker, subsetsOf } from './subsets.js';

/** Log-probabilities [S, N] of the next point for S subsets of size k ([S, k], ascending); entries of members are ignored. */
export type LogPolicy = (
  subsets: Uint32Array,
  size: number,
  count: number,
) => TaskEither<Failure, ArrayLike<number>>;

/** Sends the mass of a block of subsets on to the subsets of one point more. */
const spread = (
  poolSize: number,
  subsets: Uint32Array,
  mass: Float64Array,
  logs: ArrayLike<number>,
  rank: ReturnType<typeof ranker>,
  next: Float64Array,
): void => {
  const size = subsets.length / mass.length;
  const grown = new Uint32Array(size + 1);
  mass.forEach((own, row) => {
    const members = subsets.subarray(row * size, (row + 1) * size);
    for (let point = 0; point < poolSize; point++) {
      if (members.includes(point)) continue;
      insertSorted(members, point, grown);
      const at = rank(grown);
      next[at] = (next[at] ?? 0) + own * Math.exp(logs[row * poolSize + point] ?? -Infinity);
    }
  });
};

/**
 * The probability of every batch of size b, in lexicographic order of {@link subsetsOf}. `block` subsets are given to
 * the policy at a time. Memory: two levels of subsets. Fails where the policy does.
 */
export const terminalDistribution =
  (
    poolSize: number,
    batchSize: number,
    logPolicy: LogPolicy,
    block = 1024,
  ): TaskEither<Failure, Float64Array> =>
  async () => {
    let probabilities = Float64Array.of(1);
    for (let size = 0; size < batchSize; size++) {
      const subsets = subsetsOf(poolSize, size);
      const rank = ranker(poolSize, size + 1);
      const next = new Float64Array(binomial(poolSize, size + 1));
      for (let start = 0; start < probabilities.length; start += block) {
        const mass = probabilities.subarray(start, start + block);
        const rows = subsets.subarray(start * size, (start + mass.length) * size);
        const logs = await logPolicy(rows, size, mass.length)();
        if (E.isLeft(logs)) return logs;
        spread(poolSize, rows, mass, logs.right, rank, next);
      }
      probabilities = next;
    }
    return E.right(probabilities);
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
