/**
 * Greedy: b times the point of largest gain given those already chosen; by joint mutual information, greedy BatchBALD.
 *
 * As the gains of JMI are submodular, that of the batch is at least 1 − 1/e of the best batch's. Source: Kirsch, van
 * Amersfoort and Gal, BatchBALD (2019), algorithm 1; by whitened features with the rank-one updates of reward/exact.ts,
 * O(b N (D + b)) in all, or of large pools by the scans of reward/scan.ts, O(b N D).
 */
import { requireFinitePosterior, requirePoints, requireReward } from '../misuse.js';
import type { PartialBatch, Reward, Utility } from '../reward/utility.js';
import type { ScoredBatch } from '../reward/exact.js';
import { growingVariances, isScanned, scannedAtOnce, type Scans } from '../reward/scan.js';
import type { Posterior } from '../surrogate/posterior.js';
import { type ScoredPool, scoredPoolOf } from './scored-pool.js';

/** The free point of largest value, of equal ones the first. −1 where none is free. */
export const bestFree = (values: Float64Array, taken: ReadonlySet<number>): number => {
  let best = -1;
  for (let n = 0; n < values.length; n++)
    if ((best < 0 || (values[n] ?? NaN) > (values[best] ?? NaN)) && !taken.has(n)) best = n;
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

/**
 * The points that a rule takes, in their order: `next` tells the point by the gains of all, which is then taken, and −1 ends the batch;
 * `goesOn` whether there may be another.
 */
export function* greedyBy(
  { empty, programmed, proxyFeatures }: Utility,
  next: (gains: Float64Array) => number,
  goesOn: () => boolean,
): Scans<readonly number[]> {
  const chosen: number[] = [];
  if (!goesOn()) return chosen;
  // Where U is the information of features that are scanned, gains grow with their variances.
  const pool =
    programmed === undefined && isScanned(proxyFeatures) ? growingVariances(proxyFeatures) : undefined;
  let state = empty;
  let values = pool === undefined ? yield* gainsOf(state) : pool.start;
  for (let best = next(values); best >= 0; best = next(values)) {
    chosen.push(best);
    if (!goesOn()) break;
    values = yield* pool?.join(best) ?? gainsOf((state = state.with(best)));
  }
  return chosen;
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
  return yield* greedyBy(
    utility,
    (gains) => {
      const best = bestFree(gains, taken);
      taken.add(best);
      return best;
    },
    () => taken.size < most,
  );
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
