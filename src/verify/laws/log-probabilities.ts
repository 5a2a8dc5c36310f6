/**
 * Laws of log-probabilities and log-partitions.
 *
 *   normalised   log Σ_x exp(log P(x)) = 0 over all outcomes there are
 *   log Z        E[w / Z] = 1 for independent draws with log w = log R + log P_B − log P_F (nats), or log R − log P
 *
 * The second is tested by z = (mean w/Z − 1) / (sd / √n), standard normal as n grows. Weights with a heavy tail hide
 * their largest values from few draws, so the effective sample size stands in the detail: where it is a handful of
 * draws, neither answer means much.
 */
import { estimatesOf } from '../../gflownet/estimates.js';
import { targetOf } from '../../gflownet/exact/target.js';
import { normalSurvival } from '../special-functions.js';
import type { DrawOptions } from './batches.js';
import { byChance, digits, type Awaitable, type LawReport, type Sampler } from './report.js';

/**
 * Log-probabilities are normalised: their log-sum-exp (nats) over all outcomes is 0 within `tolerance` (1e-6 where
 * not given), and each is at most that. Throws a RangeError where the sampler knows no log-probabilities.
 */
export const logProbabilitiesNormalised = async <A>(
  { logProbability }: Pick<Sampler<A>, 'logProbability'>,
  outcomes: readonly A[],
  { tolerance = 1e-6 }: { readonly tolerance?: number } = {},
): Promise<LawReport> => {
  const law = 'log-probabilities are normalised';
  if (logProbability === undefined)
    throw new RangeError('logProbabilitiesNormalised: this sampler has no logProbability');
  const logs = Float64Array.from(await logProbability(outcomes));
  if (logs.length !== outcomes.length)
    return { law, holds: false, detail: `${outcomes.length} outcomes got ${logs.length} log-probabilities` };
  const wrong = logs.findIndex((log) => !(log <= tolerance));
  if (wrong >= 0)
    return {
      law,
      holds: false,
      detail: `outcome ${JSON.stringify(outcomes[wrong])} has log-probability ${logs[wrong]}`,
    };
  const { logZ } = targetOf(logs);
  return {
    law,
    holds: Math.abs(logZ) <= tolerance,
    detail: `log of the sum of ${logs.length} probabilities is ${digits(logZ)} nats (0 within ${tolerance})`,
  };
};

/** What the log-partition law asks for. */
export interface LogPartitionOptions extends DrawOptions {
  /** The exact log Z, nats. */
  readonly logZ: number;
  /** How many standard errors the estimate may be off; 5 where not given: a false alarm in 1.7 million. */
  readonly standardErrors?: number;
  /** Least standard error of w/Z that is assumed, for weights that are all alike up to rounding; 1e-6 where not given. */
  readonly tolerance?: number;
}

/**
 * log Z is consistent: the mean weight of `draws` (10,000 where not given) independent draws estimates the exact Z
 * within so many standard errors. `logWeights` draws by a seed and gives the log weight (nats) of each. The
 * false-alarm probability is that of the normal limit. Rejects where `logWeights` does.
 */
export const logPartitionConsistent = async (
  logWeights: (seed: number, count: number) => Awaitable<ArrayLike<number>>,
  { logZ, seed = 0, draws = 10_000, standardErrors = 5, tolerance = 1e-6 }: LogPartitionOptions,
): Promise<LawReport> => {
  const law = 'log Z is consistent';
  const logs = Float64Array.from(await logWeights(seed, draws));
  const wrong = logs.find((log) => Number.isNaN(log) || log === Infinity);
  if (wrong !== undefined || logs.length < 2)
    return { law, holds: false, detail: `${logs.length} log weights, of which one is ${wrong}` };
  const { logZ: estimate, effectiveSampleSize } = estimatesOf(logs);
  const ratios = logs.map((log) => Math.exp(log - logZ));
  const mean = ratios.reduce((a, b) => a + b, 0) / ratios.length;
  const variance = ratios.reduce((a, b) => a + (b - mean) ** 2, 0) / (ratios.length - 1);
  const error = Math.max(Math.sqrt(variance / ratios.length), tolerance);
  const z = (mean - 1) / error;
  const size = digits(effectiveSampleSize * logs.length);
  return byChance(
    law,
    Number.isFinite(z) ? 2 * normalSurvival(Math.abs(z)) : 0,
    2 * normalSurvival(standardErrors),
    `estimate ${digits(estimate, 7)}, exact ${digits(logZ, 7)} nats: ${digits(z)} standard errors of at most ${standardErrors}; ${logs.length} draws, effective sample size ${size}`,
  );
};

/**
 * The log weights log R − log P (nats) of a sampler that knows its log-probabilities, for
 * {@link logPartitionConsistent}. Throws a RangeError where it knows none.
 */
export const logWeightsOf =
  <A>({ sample, logProbability }: Sampler<A>, logReward: (outcome: A) => number) =>
  async (seed: number, count: number): Promise<Float64Array> => {
    if (logProbability === undefined)
      throw new RangeError('logWeightsOf: this sampler has no logProbability');
    const outcomes = await sample(seed, count);
    const logs = await logProbability(outcomes);
    return Float64Array.from(outcomes, (outcome, i) => logReward(outcome) - (logs[i] ?? NaN));
  };
