/**
 * Greedy: b times the point of largest gain given those already chosen; by joint mutual information, greedy BatchBALD.
 *
 * As the gains of JMI are submodular, that of the batch is at least 1 − 1/e of the best batch's. Source: Kirsch, van
 * Amersfoort and Gal, BatchBALD (2019), algorithm 1; by whitened features lazily (lazy-gains.ts), O(b N D) at worst.
 */
import { at } from '../at.js';
import { requireFinitePosterior, requirePoints, requireReward } from '../misuse.js';
import type { PartialBatch, Reward, Utility } from '../reward/utility.js';
import type { ScoredBatch } from '../reward/exact.js';
import { scannedAtOnce, type Scans } from '../reward/scan.js';
import type { Posterior } from '../surrogate/posterior.js';
import { lazyGains } from './lazy-gains.js';
import { type ScoredPool, scoredPoolOf } from './scored-pool.js';

/** The free point of largest value, of equal ones the first. −1 where none is free. */
export const bestFree = (values: Float64Array, isFree: (n: number) => boolean): number => {
  let best = -1;
  for (let n = 0; n < values.length; n++)
    if ((best < 0 || (values[n] ?? NaN) > (values[best] ?? NaN)) && isFree(n)) best = n;
  return best;
};

/** Throws a RangeError, in its caller's name, where the points that are left are fewer than a batch. */
export const requireBatch = (
  { points }: Utility,
  batchSize: number,
  without: readonly number[] = [],
  caller = 'greedyBatch',
): void => {
  const left = points - without.length;
  if (!Number.isInteger(batchSize) || batchSize < 0 || batchSize > left)
    throw new RangeError(
      `${caller}: a batch of ${batchSize} from a pool of ${left} points; give a whole number from 0 to ${left}`,
    );
};

function* gainsOf({ gains, gainScans }: PartialBatch): Scans<Float64Array> {
  return gainScans === undefined ? gains() : yield* gainScans();
}

/** Which points may be taken, and in what order. */
export interface GreedyRule {
  /** What a point of such a gain is preferred by, never less for a larger one; the gain itself if left out. */
  readonly score?: (n: number, gain: number) => number;
  /** Only points of larger scores are taken; any if left out. */
  readonly above?: number;
  /** Whether a point may be taken; one that may not never may again. */
  readonly isFree: (n: number) => boolean;
  readonly take: (n: number) => void;
  /** Whether there may be another. */
  readonly goesOn: () => boolean;
}

/**
 * The points that a rule takes, in their order: each time the free one of largest score, of equal ones the first; lazily where U is
 * the information of features.
 */
export function* greedyBy(
  { empty, programmed, proxyFeatures }: Utility,
  { score = (_, gain) => gain, above = -Infinity, isFree, take, goesOn }: GreedyRule,
): Scans<readonly number[]> {
  const chosen: number[] = [];
  if (!goesOn()) return chosen;
  const pool = programmed === undefined ? lazyGains(proxyFeatures, score) : undefined;
  for (let state = empty; ;) {
    yield;
    const [first = -1] = pool === undefined ? [] : yield* pool.largest(1, isFree);
    const scores = pool?.scores ?? (yield* gainsOf(state)).map((gain, n) => score(n, gain));
    const best = pool === undefined ? bestFree(scores, isFree) : first;
    if (best < 0 || at(scores, best) <= above) return chosen;
    take(best);
    chosen.push(best);
    if (!goesOn()) return chosen;
    if (pool === undefined) state = state.with(best);
    else pool.join(best);
  }
}

/**
 * The points of a greedy batch in the order chosen, none of them in `without`. Throws a RangeError, in its caller's name,
 * as greedyBatch does.
 */
export function* greedyIndices(
  utility: Utility,
  batchSize: number,
  without: readonly number[] = [],
  caller?: string,
): Scans<readonly number[]> {
  requireBatch(utility, batchSize, without, caller);
  const taken = new Set(without);
  const most = taken.size + batchSize;
  return yield* greedyBy(utility, {
    isFree: (n) => !taken.has(n),
    take: (n) => taken.add(n),
    goesOn: () => taken.size < most,
  });
}

/** The same, scored. */
export function* greedyScored(
  { utility, scored }: ScoredPool,
  batchSize: number,
  without: readonly number[] = [],
): Scans<ScoredBatch> {
  return scored(yield* greedyIndices(utility, batchSize, without));
}

/**
 * b pool indices in the order chosen, all different and none of them in `without` (different points of the pool), with
 * their JMI in nats, and their utility by another reward where one is given. Throws a RangeError for a batch size that is
 * not a whole number from 0 to the number of points left, a TypeError for what is no posterior, no reward or no points of the pool,
 * and for features that are not finite.
 */
export const greedyBatch = (
  posterior: Posterior,
  batchSize: number,
  without: readonly number[] = [],
  reward?: Reward,
): ScoredBatch => {
  const where = 'greedyBatch';
  requireFinitePosterior(where, posterior);
  requirePoints(where, 'without', without, posterior.whitened.rows);
  requireReward(where, reward);
  return scannedAtOnce(greedyScored(scoredPoolOf(posterior, reward), batchSize, without));
};
