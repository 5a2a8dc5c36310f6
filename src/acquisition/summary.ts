/**
 * What all strategies say about their draws, and the batches that stand beside them: the greedy one and uniform random
 * ones on the same posterior, by the same reward. One seed gives the same random batches whichever the strategy.
 */
import type * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import type { Certificate } from '../gibbs/certificate.js';
import { logSumExp } from '../linear-algebra/log-sum.js';
import type { Estimates } from '../gflownet/estimates.js';
import { type Key, keyFromSeed, split } from '../random/key.js';
import type { ScoredBatch } from '../reward/exact.js';
import type { Posterior } from '../surrogate/posterior.js';
import { information } from '../reward/information.js';
import { scannedOn, type Scans } from '../reward/scan.js';
import { watchedBy } from './certified.js';
import { greedyScored, requireBatch } from './greedy.js';
import { randomScored } from './random.js';
import type { LogPartition, Proposal, StrategyOptions } from './strategy.js';
import { defaultTemperature } from './temperature.js';
import { batchName, utilityOfScored, type ScoredPool, scoredPoolOf } from './scored-pool.js';
import { present } from '../present.js';

/** Which child of the seed's key strategies draw from: data and feature maps hang on the same seed. */
const stream = 0x67666e;

/**
 * The keys of a proposal: of a strategy's preparation, its draws, the random batches beside them, its candidates, and the Gibbs
 * updates of its draws.
 */
export const proposalKeys = (
  seed: number,
): Readonly<Record<'prepare' | 'draws' | 'random' | 'candidates' | 'gibbs', Key>> => {
  const key = split(keyFromSeed(seed), stream);
  // The preparation splits its key itself, by numbers below 3.
  return {
    prepare: key,
    draws: split(key, 4),
    random: split(key, 3),
    candidates: split(key, 5),
    gibbs: split(key, 6),
  };
};

const mean = (values: readonly number[]): number => values.reduce((total, x) => total + x / values.length, 0);

/** What is asked for on a posterior, in the hands of a strategy. */
export interface ProposalContext {
  readonly posterior: Posterior;
  readonly scoredPool: ScoredPool;
  /** What stands beside its draws. */
  readonly baselines: Pick<Proposal, 'greedy' | 'random' | 'reward'>;
}

/**
 * The pool by the reward, `scoredPool` where it is there already, with the greedy batch and the mean of as many random ones as
 * will be drawn. Throws a RangeError where the batch is larger than the pool.
 */
export function* contextOf(
  posterior: Posterior,
  { batchSize, draws, seed, reward }: StrategyOptions,
  scoredPool: ScoredPool = scoredPoolOf(posterior, reward),
): Scans<ProposalContext> {
  const greedy = yield* greedyScored(scoredPool, batchSize);
  const random = yield* randomScored(scoredPool, { batchSize, count: draws, key: proposalKeys(seed).random });
  const { name, unit } = scoredPool.reward;
  return {
    posterior,
    scoredPool,
    baselines: {
      greedy,
      random: { mean: mean(random.map(utilityOfScored)) },
      ...(scoredPool.reward === information ? {} : { reward: { name, unit } }),
    },
  };
}

/** The same on an engine (reward/scan.ts). Throws at once where it does; fails as {@link scannedOn} does. */
export const contextOn = (
  engine: Engine,
  posterior: Posterior,
  options: StrategyOptions,
): TE.TaskEither<Failure, ProposalContext> => {
  const scoredPool = scoredPoolOf(posterior, options.reward);
  requireBatch(scoredPool.utility, options.batchSize);
  return scannedOn(engine, () => contextOf(posterior, options, scoredPool), watchedBy(options));
};

/**
 * The temperature that is asked for, or else {@link defaultTemperature} from what stands beside the draws; 1 where that is beyond
 * the numbers, as the proposal will be.
 */
export const temperatureOf = (
  { scoredPool: { utility }, baselines }: ProposalContext,
  { batchSize, temperature }: Pick<StrategyOptions, 'batchSize' | 'temperature'>,
): number => {
  if (temperature !== undefined) return temperature;
  const [greedy, random] = [utilityOfScored(baselines.greedy), baselines.random.mean];
  return Number.isFinite(greedy) && Number.isFinite(random)
    ? defaultTemperature({ greedy, random, poolSize: utility.points, batchSize })
    : 1;
};

/** log Z by importance from n trajectories alone: its standard error is that of weights with this effective sample size. */
export const importanceEstimate = (
  { elbo, logZ, effectiveSampleSize }: Estimates,
  count: number,
): LogPartition => ({
  estimate: logZ,
  standardError: Math.sqrt((1 / effectiveSampleSize - 1) / count),
  method: 'importance',
  elbo,
  eubo: null,
});

/**
 * What is known of log Z beside batches that are known: never less than Σ exp(U / T) over those that differ. Where the draws
 * are not certified, or the estimate is below that bound, its error is not known, and draws of the target give no EUBO.
 */
export const withinBounds = (
  { baselines: { greedy } }: Pick<ProposalContext, 'baselines'>,
  logPartition: LogPartition,
  certificate: Certificate | null,
  drawn: readonly ScoredBatch[],
  temperature: number,
): LogPartition => {
  const known = new Map(
    [greedy, ...drawn].map((batch) => [batchName(batch.indices), utilityOfScored(batch) / temperature]),
  );
  const bound = logSumExp([...known.values()]);
  const { estimate, standardError } = logPartition;
  // Utilities are known to rounding, in units of T.
  const missed = estimate + 3 * standardError < bound - 1e-9 * Math.abs(bound);
  return missed || certificate?.totalVariation === 1
    ? { ...logPartition, estimate: Math.max(estimate, bound), standardError: Infinity, eubo: null }
    : logPartition;
};

/** The draw of largest utility of at least one, of equal ones the first, and what all of them are scoredPool. */
export const summaryOf = (batches: readonly ScoredBatch[]): Pick<Proposal, 'best' | 'drawn'> => {
  const { indices, jointMutualInformation, utility } = batches.reduce((a, b) =>
    utilityOfScored(b) > utilityOfScored(a) ? b : a,
  );
  return {
    // A draw may hold more than its batch.
    best: { indices, jointMutualInformation, ...present({ utility }) },
    drawn: {
      mean: mean(batches.map(utilityOfScored)),
      best: utility ?? jointMutualInformation,
      count: batches.length,
      jointMutualInformation: batches.map((batch) => batch.jointMutualInformation),
      batches: batches.map((batch) => batch.indices),
    },
  };
};
