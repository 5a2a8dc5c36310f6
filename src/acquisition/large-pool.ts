/**
 * How many points of a large pool does a policy train on, where nobody said? An iteration of training takes time in
 * proportion to N · b: on one core some 0.07 s at N = 10,000 and b = 10 (README, Speed), so a hundred of them are seconds
 * up to there and minutes beyond. Above 10,000 points it trains on and draws from 1,000 candidates (candidates.ts), or ten
 * batches where that is more. Those 1,000 hold the greedy batch, the points next to it in rank, and as many at random.
 *
 * A policy whose states take more than N numbers says itself how far it reaches (`reach` in src/gflownet/policy.ts).
 */
import type { Policy } from '../gflownet/policy.js';
import { policyOf, type PolicyName } from '../gflownet/policies/index.js';

/** The largest pool that is trained on whole. */
export const wholePool = 10_000;

/** The candidates of a larger one, at least. */
export const defaultCandidates = 1_000;

/** What {@link candidatesOf} goes by where a policy does not say how far it reaches. */
const usualReach: Required<Policy>['reach'] = { wholePool, candidates: defaultCandidates };

/**
 * M ≤ N: the number that was given, or else the default for a pool of N points and batches of b, by the policy's reach where it
 * has one.
 */
export const candidatesOf = (
  given: number | undefined,
  poolSize: number,
  batchSize: number,
  reach = usualReach,
): number =>
  Math.min(
    poolSize,
    given ?? (poolSize > reach.wholePool ? Math.max(reach.candidates, 10 * batchSize) : poolSize),
  );

/** How far the policy of a name reaches. */
export const reachOf = (policy: PolicyName | undefined): Policy['reach'] =>
  policy === undefined ? undefined : policyOf(policy).reach;
