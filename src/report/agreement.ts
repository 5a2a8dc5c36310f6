/**
 * Where does each batch lie in the picture of learned against target probability? Both axes are one axis in logarithms
 * (nats), so that equal probabilities lie on the diagonal. Its lower end is the greatest of
 *
 *   the least of all values,    a hundredth of the least target,    10⁻¹² of the greatest of all values,
 *
 * and what is below it, or 0, lies on the edge: a policy that never visits a batch must not squeeze all others into a
 * corner. A margin of 3 % is left inside the frame.
 *
 * Where the target is known up to a constant, log p* = log target + c with c = mean (log learned − log target): then
 * the diagonal has slope 1 and goes through the mean, and only the spread about it speaks.
 */
import { at } from '../at.js';
import { thinnedSpots, type Spot } from './thinning.js';
import type { VerificationRun } from './plot-data.js';

/** A picture on the unit square, u for target and v for learned. */
export interface Agreement {
  /** Ends of both axes, natural logarithms. */
  readonly low: number;
  readonly high: number;
  readonly spots: readonly Spot[];
  /** Cells a side where batches were gathered into spots; null where each has its own. */
  readonly side: number | null;
  /** The most batches in a spot that is not on the edge. */
  readonly largest: number;
  readonly batches: number;
  /** Batches on the edge: 0, or below the axis. */
  readonly below: number;
  /** What was added to the logarithms of the target: 0 where they are probabilities. */
  readonly constant: number;
  /** Standard deviation of log learned − log target where both are finite, nats; null where the target is all known. */
  readonly spread: number | null;
}

/** Probabilities below it are drawn as 0: the axis is in probabilities, and f64 ends soon after. */
const minProbability = 1e-260;

const extent = (values: Float64Array): readonly [number, number] => {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values)
    if (value > -Infinity) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  return [low, high];
};

const axisOf = (logTarget: Float64Array, logLearned: Float64Array): readonly [number, number] => {
  const [lowTarget, highTarget] = extent(logTarget);
  const [lowLearned, highLearned] = extent(logLearned);
  const high = Math.max(highTarget, highLearned);
  if (high === -Infinity) return [-Math.LN10, 0];
  const low = Math.max(
    Math.min(lowTarget, lowLearned),
    (lowTarget === Infinity ? -Infinity : lowTarget) - Math.log(100),
    high - Math.log(1e12),
  );
  const margin = high > low ? 0.03 * (high - low) : 0.5;
  return [low - margin, high + margin];
};

const unit = (values: Float64Array, low: number, high: number): Float64Array =>
  values.map((value) => Math.max(0, (value - low) / (high - low)));

const agreementOf = (
  logTarget: Float64Array,
  logLearned: Float64Array,
  most: number,
  constant: number,
  spread: number | null,
): Agreement => {
  const [low, high] = axisOf(logTarget, logLearned);
  const [us, vs] = [unit(logTarget, low, high), unit(logLearned, low, high)];
  const { spots, side } = thinnedSpots(us, vs, most);
  return {
    low,
    high,
    spots,
    side,
    largest: spots.reduce((most, { u, v, count }) => (u > 0 && v > 0 ? Math.max(most, count) : most), 1),
    batches: us.length,
    below: us.reduce((sum, u, i) => sum + (u === 0 || vs[i] === 0 ? 1 : 0), 0),
    constant,
    spread,
  };
};

const ofHeldOut = (
  { logTarget, logLearned }: NonNullable<VerificationRun['logRatios']>,
  most: number,
): Agreement => {
  const ratios = Float64Array.from(logLearned, (value, i) => value - at(logTarget, i)).filter((ratio) =>
    Number.isFinite(ratio),
  );
  const n = Math.max(1, ratios.length);
  const constant = ratios.reduce((sum, ratio) => sum + ratio / n, 0);
  const variance = ratios.reduce((sum, ratio) => sum + (ratio - constant) ** 2 / n, 0);
  const shifted = Float64Array.from(logTarget, (value) => value + constant);
  return agreementOf(shifted, Float64Array.from(logLearned), most, constant, Math.sqrt(variance));
};

/** The picture of a run with at most `most` spots; undefined where the run has neither probabilities nor log ratios. */
export const agreementOfRun = (run: VerificationRun, most: number): Agreement | undefined => {
  if (run.probabilities !== undefined) {
    const log = (values: ArrayLike<number>): Float64Array =>
      Float64Array.from(values, (p) => (p < minProbability ? -Infinity : Math.log(p)));
    return agreementOf(log(run.probabilities.target), log(run.probabilities.learned), most, 0, null);
  }
  return run.logRatios === undefined ? undefined : ofHeldOut(run.logRatios, most);
};
