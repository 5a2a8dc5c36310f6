/**
 * How many points of a large pool does a policy train on, where nobody said? An iteration of training takes time in
 * proportion to N · b: on one core some 0.07 s at N = 10,000 and b = 10 (README, Speed), so a hundred of them are seconds
 * up to there and minutes beyond. Above 10,000 points it trains on and draws from 1,000 candidates (candidates.ts), or ten
 * batches where that is more. Those 1,000 hold the greedy batch, the points next to it in rank, and as many at random.
 */

/** The largest pool that is trained on whole. */
export const wholePool = 10_000;

/** The candidates of a larger one, at least. */
export const defaultCandidates = 1_000;

/** M ≤ N: the number that was given, or else the default for a pool of N points and batches of b. */
export const candidatesOf = (given: number | undefined, poolSize: number, batchSize: number): number =>
  Math.min(
    poolSize,
    given ?? (poolSize > wholePool ? Math.max(defaultCandidates, 10 * batchSize) : poolSize),
  );
