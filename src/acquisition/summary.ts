/**
 * What all strategies say about their draws, and the batches that stand beside them: the greedy one and uniform random
 * ones on the same posterior, by the same reward. One seed gives the same random batches whichever the strategy.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
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
import { meanAtRandom, randomScored } from './random.js';
import { checkSettings } from './request.js';
import type { LogPartition, Proposal, StrategyOptions } from './strategy.js';
import { defaultTemperature } from './temperature.js';
import { batchName, utilityOfScored, type ScoredPool, scoredPoolOf } from './scored-pool.js';
import { present } from '../present.js';
import { inTurns, type WorkControl } from '../work.js';

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

/** What is asked for on a posterior, in the hands of a strategy. */
export interface ProposalContext {
  readonly posterior: Posterior;
  readonly scoredPool: ScoredPool;
  /** What stands beside its draws. */
  readonly baselines: Pick<Proposal, 'greedy' | 'random' | 'reward'>;
}

/**
 * The pool by the reward, `scoredPool` where it is there already, with the greedy batch and the mean of as many random ones as
 * will be drawn, with turns of signals between them. Throws a RangeError where the batch is larger than the pool.
 */
export function* contextOf(
  posterior: Posterior,
  { batchSize, draws, seed, reward }: StrategyOptions,
  scoredPool: ScoredPool = scoredPoolOf(posterior, reward),
): Scans<ProposalContext> {
  const greedy = yield* greedyScored(scoredPool, batchSize);
  const { random: key } = proposalKeys(seed);
  const { name, unit } = scoredPool.reward;
  const random = yield* meanAtRandom(draws, (i) => randomScored(scoredPool, batchSize, split(key, i)));
  return {
    posterior,
    scoredPool,
    baselines: {
      greedy,
      random: { mean: random },
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
  checkSettings(options);
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
 * The draw of largest utility of at least one, of equal ones the first, and what all of them are, scored in turns. Fails with
 * Interrupted once the signal is aborted.
 */
export const summaryInTurns = <Draw>(
  draws: readonly Draw[],
  scored: (draw: Draw) => ScoredBatch,
  control: Pick<WorkControl, 'signal'>,
): TE.TaskEither<Failure, Pick<Proposal, 'best' | 'drawn'>> =>
  inTurns(function* () {
    let best: ScoredBatch | undefined;
    let mean = 0;
    const batches: (readonly number[])[] = [];
    const information: number[] = [];
    for (const draw of draws) {
      const batch = scored(draw);
      if (best === undefined || utilityOfScored(batch) > utilityOfScored(best)) best = batch;
      mean += utilityOfScored(batch) / draws.length;
      batches.push(batch.indices);
      information.push(batch.jointMutualInformation);
      yield undefined;
    }
    const { indices, jointMutualInformation, utility } = best as ScoredBatch;
    return {
      // A draw may hold more than its batch.
      best: { indices, jointMutualInformation, ...present({ utility }) },
      drawn: {
        ...{ mean, best: utility ?? jointMutualInformation, count: draws.length },
        ...{ jointMutualInformation: information, batches },
      },
    };
  }, control);

/** The same of batches at a temperature, and log Σ exp(U / T) over those of them, and greedy's, that differ. */
export const targetSummary = (
  { scoredPool, baselines: { greedy } }: ProposalContext,
  batches: readonly (readonly number[])[],
  temperature: number,
  control: Pick<WorkControl, 'signal'>,
) => {
  const known = new Map<string, number>();
  const knows = (batch: ScoredBatch): ScoredBatch => {
    known.set(batchName(batch.indices), utilityOfScored(batch) / temperature);
    return batch;
  };
  knows(greedy);
  return pipe(
    summaryInTurns(batches, (batch) => knows(scoredPool.scored(batch)), control),
    TE.map((summary) => ({ ...summary, bound: logSumExp([...known.values()]) })),
  );
};

/**
 * What is known of log Z beside batches that are known: never less than Σ exp(U / T) over those that differ. Where the draws
 * are not certified, or the estimate is below that bound, its error is not known, and draws of the target give no EUBO.
 */
export const withinBounds = (
  logPartition: LogPartition,
  certificate: Certificate | null,
  bound: number,
): LogPartition => {
  const { estimate, standardError } = logPartition;
  // Utilities are known to rounding, in units of T.
  const missed = estimate + 3 * standardError < bound - 1e-9 * Math.abs(bound);
  return missed || certificate?.totalVariation === 1
    ? { ...logPartition, estimate: Math.max(estimate, bound), standardError: Infinity, eubo: null }
    : logPartition;
};
