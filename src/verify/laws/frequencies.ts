/**
 * The law that makes a sampler one: outcomes come in proportion to their rewards. Counts of independent draws against
 *
 *   P(x) = R(x) / Σ R
 *
 * by Pearson's χ² (or the G-test) with small cells gathered. A distance is no test: the frequencies of a perfect
 * sampler are some total variation from P too, and the report gives both.
 *
 * What n draws see: with one probability p off by the part δ (the others scaled to fit), the statistic grows by n δ²
 * p / (1 − p) on average; it must outgrow the threshold, which is near ν + 5√(2ν) + 15 for a false alarm of 1e-6.
 */
import { at } from '../../at.js';
import { subsetsOf } from '../../gflownet/exact/subsets.js';
import { targetOf } from '../../gflownet/exact/target.js';
import { totalVariation } from '../divergence.js';
import { chiSquareTest, gTest, perfectSamplerTotalVariation } from '../goodness-of-fit.js';
import type { ChanceOptions } from './batches.js';
import { byChance, countBy, defaultFalseAlarm, digits, keyOf, type Batch, type LawReport } from './report.js';
import type { Sampler } from './report.js';

/** An outcome and what it should be drawn in proportion to. */
export interface Rewarded<A> {
  readonly outcome: A;
  /** Natural log of the reward (nats), up to a constant that all share; −∞ where it must never be drawn. */
  readonly logReward: number;
}

/** Settings of the frequency law. */
export interface FrequencyOptions<A> extends ChanceOptions {
  /** The name by which outcomes are counted; where it is not given, arrays of numbers are sets and the rest go by JSON. */
  readonly key?: (outcome: A) => string;
  /** Pearson's χ² where it is not given. */
  readonly test?: 'chi-square' | 'G';
}

/** The frequency law's answer. */
export interface FrequencyReport extends LawReport {
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
  readonly falseAlarm: number;
  /** Of the frequencies from the target, in [0, 1]. */
  readonly totalVariation: number;
  /** What a perfect sampler shows with as many draws, on average. */
  readonly perfectTotalVariation: number;
}

/** Every batch of a size of a pool, with its log reward (nats): the outcomes of the frequency law. */
export const rewardedBatches = (
  poolSize: number,
  batchSize: number,
  logReward: (batch: Batch) => number,
): readonly Rewarded<Batch>[] => {
  const flat = subsetsOf(poolSize, batchSize);
  return Array.from({ length: flat.length / batchSize }, (_, i) => {
    const outcome = Array.from(flat.subarray(i * batchSize, (i + 1) * batchSize));
    return { outcome, logReward: logReward(outcome) };
  });
};

/**
 * Frequencies are proportional to rewards: `draws` (100,000 where not given) independent draws against all outcomes
 * that there are. An outcome that is not listed breaks the law with p = 0. Throws a RangeError where two outcomes
 * have one key, a reward is not a number, or none is above 0.
 */
export const frequenciesMatch = async <A>(
  sampler: Sampler<A>,
  outcomes: readonly Rewarded<A>[],
  {
    seed = 0,
    draws = 100_000,
    falseAlarm = defaultFalseAlarm,
    key = keyOf,
    test = 'chi-square',
  }: FrequencyOptions<A> = {},
): Promise<FrequencyReport> => {
  const law = 'frequencies are proportional to rewards';
  const names = outcomes.map(({ outcome }) => key(outcome));
  const listed = new Set(names);
  if (listed.size !== names.length)
    throw new RangeError('frequenciesMatch: two outcomes have the same key; list each once, or give a key');
  const { probabilities, logZ } = targetOf(Float64Array.from(outcomes, ({ logReward }) => logReward));
  if (!Number.isFinite(logZ))
    throw new RangeError(`frequenciesMatch: log of the sum of rewards is ${logZ}; give finite log rewards`);
  const drawn = await sampler.sample(seed, draws);
  if (drawn.length !== draws)
    throw new RangeError(`frequenciesMatch: ${draws} draws were asked for, ${drawn.length} came`);
  const found = countBy(drawn, key);
  const counts = names.map((name) => found.get(name) ?? 0);
  const unlisted = [...found.keys()].find((name) => !listed.has(name));
  const result =
    unlisted === undefined
      ? (test === 'G' ? gTest : chiSquareTest)(counts, probabilities)
      : { statistic: Infinity, degreesOfFreedom: names.length - 1, pValue: 0 };
  const distance = totalVariation(
    [...counts.map((count) => count / draws), unlisted === undefined ? 0 : 1 - sum(counts) / draws],
    [...probabilities, 0],
  );
  const perfect = perfectSamplerTotalVariation(probabilities, draws);
  const off = farthest(counts, probabilities, draws);
  const measured =
    unlisted !== undefined
      ? `${unlisted} was drawn and is not among the outcomes`
      : `${draws} draws of ${names.length} outcomes, ${test} ${digits(result.statistic, 4)} with ${result.degreesOfFreedom} degrees of freedom, total variation ${digits(distance)} (a perfect sampler: ${digits(perfect)}), farthest off: ${names[off]} with ${counts[off]} draws for ${digits(draws * at(probabilities, off), 6)}`;
  return {
    ...byChance(law, result.pValue, falseAlarm, measured),
    statistic: result.statistic,
    degreesOfFreedom: result.degreesOfFreedom,
    totalVariation: distance,
    perfectTotalVariation: perfect,
  };
};

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** The outcome whose count is most standard deviations from what is expected. */
const farthest = (counts: readonly number[], probabilities: Float64Array, draws: number): number => {
  const deviation = counts.map((count, i) => {
    const p = at(probabilities, i);
    return Math.abs(count - draws * p) / Math.sqrt(Math.max(draws * p * (1 - p), 1e-300));
  });
  return deviation.indexOf(deviation.reduce((a, b) => Math.max(a, b), 0));
};
