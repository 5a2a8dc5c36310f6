/**
 * The exact distribution over batches that a policy samples from, by dynamic programming over subsets. With M(s) the
 * probability that a walk comes by s,
 *
 *   M(∅) = 1        M(s) = Σ_{n ∈ s} M(s ∖ n) π(n | s ∖ n)        P(B) = M(B) π(stop | B)
 *
 * where batches of the largest size always stop. Level by level of |s|; states are handed to the policy in blocks.
 */
import * as E from '#fp-ts/Either';
import type { TaskEither } from '#fp-ts/TaskEither';
import type { Failure } from '../../failure.js';
import { batchOrder, type BatchOrder, type BatchSizes } from './batch-order.js';
import { binomial, childRanker, firstSubset, toNextSubset } from './subsets.js';

/**
 * Log-probabilities (nats) of what follows S subsets of one size k < b ([S, k], ascending, written over after the call):
 * [S, N] of the next point, and where sizes vary [S, N + 1], the last column for stopping. Entries of members, and of
 * stopping below the smallest size, are ignored.
 */
export type LogPolicy = (
  subsets: Uint32Array,
  size: number,
  count: number,
) => TaskEither<Failure, ArrayLike<number>>;

/** A {@link LogPolicy} for the subsets of one size. */
export type LogPolicyOfSize = (subsets: Uint32Array, count: number) => TaskEither<Failure, ArrayLike<number>>;

/** Opens the policy of a size, uses it for all blocks of that size, and closes it. Fails where opening or the use does. */
export type WithLogPolicy = (
  size: number,
  use: (logPolicy: LogPolicyOfSize) => TaskEither<Failure, void>,
) => TaskEither<Failure, void>;

/** How many subsets a policy is given at a time, where it is not said. */
export const defaultBlock = 1024;

/** Sends the mass of all subsets of a size on to those of one point more, and leaves with each what stops there. */
const spread =
  (
    { poolSize, sizes: [smallest, largest] }: BatchOrder,
    size: number,
    mass: Float64Array,
    next: Float64Array,
    block: number,
    logPolicy: LogPolicyOfSize,
  ): TaskEither<Failure, void> =>
  async () => {
    const columns = smallest < largest ? poolSize + 1 : poolSize;
    const rankChildren = childRanker(poolSize, size);
    const ranks = new Float64Array(poolSize);
    const subset = firstSubset(size);
    const states = new Uint32Array(block * size);
    const rows = new Float64Array(block);
    for (let row = 0; row < mass.length;) {
      let count = 0;
      // States that no walk comes by are left out.
      for (; row < mass.length && count < block; row++) {
        if (mass[row] !== 0) {
          states.set(subset, count * size);
          rows[count++] = row;
        }
        toNextSubset(subset, poolSize);
      }
      if (count === 0) break;
      const answer = await logPolicy(states.subarray(0, count * size), count)();
      if (E.isLeft(answer)) return answer;
      const logs = answer.right;
      if (logs.length !== count * columns)
        throw new RangeError(
          `a policy gave ${logs.length} log-probabilities for ${count} subsets, not ${columns} for each`,
        );
      for (let s = 0; s < count; s++) {
        const at = rows[s] ?? -1;
        const own = mass[at] ?? NaN;
        rankChildren(states, s * size, ranks);
        for (let point = 0; point < poolSize; point++) {
          const child = ranks[point] ?? -1;
          if (child >= 0)
            next[child] = (next[child] ?? NaN) + own * Math.exp(logs[s * columns + point] ?? NaN);
        }
        if (size >= smallest) mass[at] = own * Math.exp(logs[s * columns + poolSize] ?? NaN);
      }
    }
    return E.right(undefined);
  };

/**
 * The probability of every batch in the order of {@link batchOrder}, from a policy that is opened once for each size
 * 0 … b − 1 and given at most `block` subsets at a time. Memory: 8 bytes a batch, and two levels of smaller subsets.
 * Fails where the policy does; rejects with a RangeError where its answers are of the wrong length, and throws as
 * {@link batchOrder} does.
 */
export const terminalDistributionWith = (
  poolSize: number,
  sizes: BatchSizes,
  withLogPolicy: WithLogPolicy,
  block = defaultBlock,
): TaskEither<Failure, Float64Array> => {
  const order = batchOrder(poolSize, sizes);
  const [smallest, largest] = sizes;
  return async () => {
    const probabilities = new Float64Array(order.count);
    // The levels of batches are parts of the answer: mass gathers there, and what stops remains.
    const level = (size: number): Float64Array =>
      size < smallest
        ? new Float64Array(binomial(poolSize, size))
        : probabilities.subarray(order.start(size), order.start(size + 1));
    let mass = level(0);
    mass[0] = 1;
    for (let size = 0; size < largest; size++) {
      const own = mass;
      const next = level(size + 1);
      const done = await withLogPolicy(size, (logPolicy) =>
        spread(order, size, own, next, Math.min(block, own.length), logPolicy),
      )();
      if (E.isLeft(done)) return done;
      mass = next;
    }
    return E.right(probabilities);
  };
};

/** {@link terminalDistributionWith} of a policy that needs no opening. */
export const terminalDistribution = (
  poolSize: number,
  sizes: BatchSizes,
  logPolicy: LogPolicy,
  block = defaultBlock,
): TaskEither<Failure, Float64Array> =>
  terminalDistributionWith(
    poolSize,
    sizes,
    (size, use) => use((subsets, count) => logPolicy(subsets, size, count)),
    block,
  );
