/**
 * What all strategies say about their draws, and the batches that stand beside them: greedy BatchBALD and uniform random
 * batches on the same posterior. One seed gives the same random batches whichever the strategy.
 */
import { type Key, keyFromSeed, split } from '../random/key.js';
import type { ScoredBatch } from '../reward/exact.js';
import type { Posterior } from '../surrogate/posterior.js';
import { greedyBatch } from './greedy.js';
import { randomBatches } from './random.js';
import type { Proposal, StrategyOptions } from './strategy.js';
import { defaultTemperature } from './temperature.js';

/** Which child of the seed's key strategies draw from: data and feature maps hang on the same seed. */
const stream = 0x67666e;

/** The keys of a proposal: of a strategy's preparation, its draws, the random batches beside them, and its candidates. */
export const proposalKeys = (
  seed: number,
): { readonly prepare: Key; readonly draws: Key; readonly random: Key; readonly candidates: Key } => {
  const key = split(keyFromSeed(seed), stream);
  // The preparation splits its key itself, by numbers below 3.
  return { prepare: key, draws: split(key, 4), random: split(key, 3), candidates: split(key, 5) };
};

/** Seconds since some fixed moment. */
export const clock = (): number => performance.now() / 1000;

const mean = (values: readonly number[]): number => values.reduce((total, x) => total + x / values.length, 0);

/**
 * The greedy batch and the mean of as many random ones as will be drawn, in nats. Throws a RangeError where the batch
 * is larger than the pool.
 */
export const besideDraws = (
  posterior: Posterior,
  { batchSize, draws, seed }: StrategyOptions,
): Pick<Proposal, 'greedy' | 'random'> => {
  const greedy = greedyBatch(posterior, batchSize);
  const random = randomBatches(posterior, { batchSize, count: draws, key: proposalKeys(seed).random });
  return { greedy, random: { mean: mean(random.map((batch) => batch.jointMutualInformation)) } };
};

/** The temperature that is asked for, or else {@link defaultTemperature} from what stands beside the draws. */
export const temperatureOf = (
  { whitened }: Posterior,
  { batchSize, temperature }: StrategyOptions,
  { greedy, random }: Pick<Proposal, 'greedy' | 'random'>,
): number =>
  temperature ??
  defaultTemperature({
    greedy: greedy.jointMutualInformation,
    random: random.mean,
    poolSize: whitened.rows,
    batchSize,
  });

/** The most informative of at least one draw, of equal ones the first, and the information of all of them, in nats. */
export const summaryOf = (batches: readonly ScoredBatch[]): Pick<Proposal, 'best' | 'drawn'> => {
  const information = batches.map((batch) => batch.jointMutualInformation);
  const best = batches.reduce((a, b) => (b.jointMutualInformation > a.jointMutualInformation ? b : a));
  return {
    // A draw may hold more than its batch.
    best: { indices: best.indices, jointMutualInformation: best.jointMutualInformation },
    drawn: {
      mean: mean(information),
      best: best.jointMutualInformation,
      count: batches.length,
      jointMutualInformation: information,
    },
  };
};
