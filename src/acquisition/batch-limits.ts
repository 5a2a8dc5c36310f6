/**
 * Greedy within limits: a budget in place of a batch size, and at most so many points of one group (a plate, a site, a patient).
 *
 *   budget     the larger in U of two batches: the point of largest gain per unit of cost, and that of largest gain, of those that the
 *              rest of the budget still pays for, until none is. Either alone can be arbitrarily bad, the larger has at least
 *              ½ (1 − 1/e) of the best batch that the budget pays for. As in CELF, whose lazy evaluations a scan of all gains needs not
 *   groups     a partition matroid: the point of largest gain of those whose group is not full; at least ½ of the best such batch
 *
 * Sources: Leskovec, Krause, Guestrin, Faloutsos, VanBriesen and Glance, Cost-effective outbreak detection in networks (KDD 2007),
 * section 3.2 and theorem 3; Fisher, Nemhauser and Wolsey, An analysis of approximations for maximizing submodular set functions II
 * (1978), for the matroid.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { clock } from '../clock.js';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import type { Posterior } from '../surrogate/posterior.js';
import { membersOf, requireFinitePosterior, requireNumbers, requireWhole, wrongArgument } from '../misuse.js';
import { type Key, permutation, split } from '../random/key.js';
import { information } from '../reward/information.js';
import { scannedOn, type Scans } from '../reward/scan.js';
import { watchedBy } from './certified.js';
import { greedyBy, type GreedyRule } from './greedy.js';
import { meanAtRandom } from './random.js';
import { type ScoredPool, scoredPoolOf, utilityOfScored } from './scored-pool.js';
import type { Proposal, StrategyOptions } from './strategy.js';
import { proposalKeys } from './summary.js';
import { present } from '../present.js';

/** What a batch may cost, and how many points of one group it may have. */
export interface Limits {
  /** What each of the N points costs, above 0, and what a batch may cost. */
  readonly costs?: Float64Array;
  readonly budget?: number;
  /** The group of each of the N points, as a number, and how many of one a batch may have. */
  readonly groups?: ArrayLike<number>;
  readonly atMost?: number;
}

/** What is said of limits. */
export interface WithinLimits {
  /** What the batch costs, of which budget, and by which of the two rules it was chosen. */
  readonly cost?: number;
  readonly budget?: number;
  readonly by?: 'gain per cost' | 'gain';
  readonly atMost?: number;
}

const where = 'proposeWithin';

/** Throws unless limits are of a pool of so many points. */
const requireLimits = ({ costs, budget, groups, atMost }: Limits, points: number): void => {
  if ((costs === undefined) !== (budget === undefined) || (groups === undefined) !== (atMost === undefined))
    throw wrongArgument(where, 'limits', undefined, 'costs with a budget, groups with atMost');
  if (costs !== undefined) {
    requireNumbers(where, 'limits.costs', costs);
    if (costs.length !== points || !costs.every((cost) => cost > 0 && cost < Infinity))
      throw wrongArgument(where, 'limits.costs', costs, `${points} numbers above 0, one a point`);
    if (!(typeof budget === 'number' && budget > 0))
      throw wrongArgument(where, 'limits.budget', budget, 'a number above 0');
  }
  if (groups !== undefined) {
    if (groups.length !== points)
      throw wrongArgument(where, 'limits.groups', groups, `${points} numbers, one a point`);
    requireWhole(where, 'limits.atMost', atMost, 1);
  }
};

/** What is left of the limits while a batch grows. */
const ledgerOf = ({ costs, budget = Infinity, groups, atMost = Infinity }: Limits, batchSize: number) => {
  const taken = new Set<number>();
  const counts = new Map<number, number>();
  let rest = budget;
  const costOf = (n: number): number => costs?.[n] ?? 0;
  return {
    costOf,
    /** Whether the point may join. */
    isFree: (n: number): boolean =>
      taken.size < batchSize &&
      !taken.has(n) &&
      costOf(n) <= rest &&
      (groups === undefined || (counts.get(groups[n] ?? NaN) ?? 0) < atMost),
    take: (n: number): void => {
      taken.add(n);
      rest -= costOf(n);
      const group = groups?.[n] ?? NaN;
      counts.set(group, (counts.get(group) ?? 0) + 1);
    },
  };
};

/** The free point of largest gain, or gain per cost, of equal ones the first; none where no gain is above 0. */
const ruleOf = (limits: Limits, batchSize: number, points: number, perCost: boolean): GreedyRule => {
  const ledger = ledgerOf(limits, batchSize);
  return {
    ...ledger,
    // What costs nothing and adds nothing is not worth a point either.
    score: (n, gain) => (gain > 0 ? gain / (perCost ? ledger.costOf(n) : 1) : 0),
    above: 0,
    goesOn: () => {
      for (let n = 0; n < points; n++) if (ledger.isFree(n)) return true;
      return false;
    },
  };
};

/** A batch of points in random order, each of which joins where the limits let it. */
const randomWithin = (limits: Limits, batchSize: number, points: number, key: Key): readonly number[] => {
  const ledger = ledgerOf(limits, batchSize);
  return Array.from(permutation(key, points)).filter((n) => {
    const free = ledger.isFree(n);
    if (free) ledger.take(n);
    return free;
  });
};

/** Random batches beside the greedy one, whatever number of draws is asked for: all draws of greedy are one batch. */
const mostRandom = 64;

function* proposed(
  scoredPool: ScoredPool,
  limits: Limits,
  { batchSize, seed, draws }: Pick<StrategyOptions, 'batchSize' | 'seed' | 'draws'>,
): Scans<Proposal> {
  const started = clock();
  const { utility, scored, reward } = scoredPool;
  const { points } = utility;
  const greedy = scored(yield* greedyBy(utility, ruleOf(limits, batchSize, points, false)));
  const perCost =
    limits.costs === undefined
      ? greedy
      : scored(yield* greedyBy(utility, ruleOf(limits, batchSize, points, true)));
  const best = utilityOfScored(perCost) > utilityOfScored(greedy) ? perCost : greedy;
  const count = Math.min(draws, mostRandom);
  const { random: key } = proposalKeys(seed);
  const random = yield* meanAtRandom(count, (i) =>
    scored(randomWithin(limits, batchSize, points, split(key, i))),
  );
  const { name, unit } = reward;
  const worth = utilityOfScored(best);
  return {
    ...{ best, greedy, improvement: null, certificate: null },
    random: { mean: random },
    drawn: {
      ...{ mean: worth, best: worth, count: 1, batches: [best.indices] },
      jointMutualInformation: [best.jointMutualInformation],
    },
    ...(reward === information ? {} : { reward: { name, unit } }),
    ...{ effectiveSampleSize: null, temperature: null, logPartition: null, iterations: 0 },
    limits: present({
      cost: limits.costs && best.indices.reduce((sum, n) => sum + (limits.costs?.[n] ?? NaN), 0),
      budget: limits.budget,
      by: limits.costs && (best === greedy ? 'gain' : 'gain per cost'),
      atMost: limits.atMost,
    }),
    seconds: { train: 0, draw: clock() - started },
  };
}

/**
 * The greedy batch within limits, of at most `batchSize` points; beside it greedy by gain alone and random batches, within them
 * too. Fails with Interrupted once the signal is aborted. Throws a TypeError for limits that are none, or of another number of
 * points, and for what is no posterior.
 */
export const proposeWithin = (
  engine: Engine,
  posterior: Posterior,
  limits: Limits,
  options: Omit<StrategyOptions, 'start'>,
): TE.TaskEither<Failure, Proposal> => {
  requireFinitePosterior(where, posterior);
  requireLimits(
    membersOf(where, 'limits', limits, '{ costs, budget } or { groups, atMost }'),
    posterior.mean.length,
  );
  requireWhole(where, 'batchSize', options.batchSize, 1);
  return pipe(
    TE.of<Failure, ScoredPool>(scoredPoolOf(posterior, options.reward)),
    TE.chain((scoredPool) =>
      scannedOn(engine, () => proposed(scoredPool, limits, options), watchedBy(options)),
    ),
  );
};
