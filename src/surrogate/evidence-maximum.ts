/**
 * Noise variance σ², prior variance p and length-scale ℓ by evidence maximisation, on standardised inputs and
 * targets, with floors and weak priors: the maximum of
 *
 *   log evidence + log prior(σ²) + log prior(s) + log prior(ℓ),      s = p · mean |φ(x)|²,  the signal variance
 *
 * each prior a normal in the logarithm (a log density up to a constant, its maximum 0).
 *
 * Why priors and not the evidence alone: with few labelled points the evidence is flat or tops at an end of
 * the range. At s → 0 all is noise, every batch has JMI 0 and there is nothing to choose by; at ℓ → 0 every
 * point is its own signal and all batches are alike; at σ² → 0 five points pin down a curve exactly. The
 * priors' pull is worth a nat or two, so they decide where the data say nothing and are drowned by some tens
 * of rows. Their medians say what holds for most regression data: the signal is as large as the targets (s =
 * 1), noise is a fifth of their variance, and the length-scale is √d, as two standardised points lie √(2d)
 * apart. Medians and deviations were chosen among a dozen by the log predictive density of held-out rows of
 * four public regression tables and a one-dimensional curve, 5 to 100 labelled rows each; between neighbours
 * it differs by a few hundredths of a nat a row.
 *
 * Why floors: a finite feature map is never exactly right, so noise below 10⁻³ of the targets' variance would
 * be trust in a fit nobody has; and I + ΦΦᵀ must stay well conditioned in the 32 bits of a GPU (10³ per
 * point). The ceiling on noise is the variance of the targets twice over; the signal stays within 10^±3 of
 * it.
 *
 * Source of the idea: MacKay, Bayesian Interpolation (1992); priors of this kind, Hvarfner, Hellsten and
 * Nardi, Vanilla Bayesian Optimization Performs Great in High Dimensions (2024).
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type { NumericalFailure } from '../failure.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { dot } from '../linear-algebra/vector.js';
import type { Work } from '../work.js';
import {
  type EvidenceSpectrum,
  evidenceDerivatives,
  evidenceSpectrumInSteps,
  logEvidence,
  type Variances,
} from './evidence.js';

/** A normal prior on the logarithm of a positive quantity, cut off at both ends. */
export interface LogPrior {
  readonly median: number;
  /** The standard deviation of the logarithm. */
  readonly deviation: number;
  readonly floor: number;
  readonly ceiling: number;
}

/** The prior on σ², in units of the targets' variance. */
export const noisePrior: LogPrior = { median: 0.2, deviation: 1, floor: 1e-3, ceiling: 2 };

/** The prior on s, the variance of the function averaged over the labelled rows, in the same units. */
export const signalPrior: LogPrior = { median: 1, deviation: 1, floor: 1e-3, ceiling: 1e3 };

/** The prior on ℓ for d standardised inputs. */
export const lengthScalePrior = (dimension: number): LogPrior => {
  const median = Math.sqrt(dimension);
  return { median, deviation: 0.75, floor: median / 20, ceiling: median * 20 };
};

/**
 * The log density of a prior at a value in the logarithm, less its maximum: −½ ((log x − log median) /
 * deviation)².
 */
export const logPriorAt = ({ median, deviation }: LogPrior, value: number): number =>
  -0.5 * (Math.log(value / median) / deviation) ** 2;

/** What is to be fitted, and what the caller has fixed. Everything in standardised units. */
export interface EvidenceProblem {
  /** Φ (n×D) at a length-scale; a map without one ignores it. */
  readonly features: (lengthScale: number) => Matrix;
  readonly targets: Float64Array;
  /** The prior on ℓ, or 'none' for a map that has no length-scale. */
  readonly lengthScalePrior: LogPrior | 'none';
  readonly noiseVariance?: number | undefined;
  readonly priorVariance?: number | undefined;
  readonly lengthScale?: number | undefined;
}

/** The hyperparameters at the maximum. */
export interface EvidenceMaximum extends Variances {
  /** Absent where the map has none. */
  readonly lengthScale?: number;
  /** log evidence of the standardised targets, nats. */
  readonly logEvidence: number;
  /** log evidence plus the log priors of what was fitted: the quantity that is largest here. */
  readonly logPosterior: number;
}

/** One of the two variances: its range in the logarithm, and the prior's centre there. */
interface Axis {
  readonly low: number;
  readonly high: number;
  readonly centre: number;
  /** 1 / deviation², zero where the value is fixed. */
  readonly precision: number;
}

const axisOf = (prior: LogPrior, unit: number, fixed: number | undefined): Axis =>
  fixed === undefined
    ? {
        low: Math.log(prior.floor / unit),
        high: Math.log(prior.ceiling / unit),
        centre: Math.log(prior.median / unit),
        precision: prior.deviation ** -2,
      }
    : { low: Math.log(fixed), high: Math.log(fixed), centre: Math.log(fixed), precision: 0 };

const clamp = ({ low, high }: Axis, x: number): number => Math.min(high, Math.max(low, x));

/** Grid points an axis: enough that Newton's method starts in the right basin. */
const gridSize = 9;

const gridOf = ({ low, high }: Axis): readonly number[] =>
  high === low
    ? [low]
    : Array.from({ length: gridSize }, (_, i) => low + ((high - low) * i) / (gridSize - 1));

interface Candidate {
  readonly a: number;
  readonly b: number;
  readonly value: number;
}

const better = (x: Candidate, y: Candidate): Candidate => (y.value > x.value ? y : x);

/**
 * The maximum over (a, b) = (log σ², log p) in the box: the best point of a grid, then Newton steps with
 * Levenberg's damping, clipped to the box; a coordinate that sits on its bound and is drawn outwards stays
 * there.
 */
const maximumOverVariances = (spectrum: EvidenceSpectrum, noise: Axis, prior: Axis): Candidate => {
  const at = (a: number, b: number): Candidate => ({
    a,
    b,
    value:
      logEvidence(spectrum, { noiseVariance: Math.exp(a), priorVariance: Math.exp(b) }) -
      0.5 * (noise.precision * (a - noise.centre) ** 2 + prior.precision * (b - prior.centre) ** 2),
  });
  const held = (axis: Axis, x: number, slope: number): boolean =>
    (slope >= 0 && x >= axis.high) || (slope <= 0 && x <= axis.low);
  let best = gridOf(noise)
    .flatMap((a) => gridOf(prior).map((b) => at(a, b)))
    .reduce(better);
  let damping = 0;
  for (let i = 0; i < 60; i++) {
    const d = evidenceDerivatives(spectrum, {
      noiseVariance: Math.exp(best.a),
      priorVariance: Math.exp(best.b),
    });
    const slopeA = d.a - noise.precision * (best.a - noise.centre);
    const slopeB = d.b - prior.precision * (best.b - prior.centre);
    const freeA = !held(noise, best.a, slopeA);
    const freeB = !held(prior, best.b, slopeB);
    // The negated Hessian, with rows and columns of held coordinates replaced by those of the identity.
    const aa = freeA ? noise.precision - d.aa : 1;
    const bb = freeB ? prior.precision - d.bb : 1;
    const ab = freeA && freeB ? -d.ab : 0;
    const determinant = (aa + damping) * (bb + damping) - ab * ab;
    const ga = freeA ? slopeA : 0;
    const gb = freeB ? slopeB : 0;
    const stepA = ((bb + damping) * ga - ab * gb) / determinant;
    const stepB = ((aa + damping) * gb - ab * ga) / determinant;
    const next = at(clamp(noise, best.a + stepA), clamp(prior, best.b + stepB));
    if (next.value > best.value) {
      const moved = Math.max(Math.abs(next.a - best.a), Math.abs(next.b - best.b));
      best = next;
      damping /= 10;
      if (moved < 1e-10) break;
    } else {
      if (Math.max(Math.abs(stepA), Math.abs(stepB)) < 1e-10) break;
      damping = Math.max(10 * damping, 1e-3);
    }
  }
  return best;
};

function* maximumAt(
  problem: EvidenceProblem,
  lengthScale: number,
): Work<E.Either<NumericalFailure, EvidenceMaximum>> {
  const features = problem.features(lengthScale);
  const meanSquare = dot(features.data, features.data) / Math.max(1, features.rows) || 1;
  const logPriorOfLengthScale =
    problem.lengthScalePrior === 'none' || problem.lengthScale !== undefined
      ? 0
      : logPriorAt(problem.lengthScalePrior, lengthScale);
  return pipe(
    yield* evidenceSpectrumInSteps(features, problem.targets),
    E.map((spectrum) => {
      const { a, b, value } = maximumOverVariances(
        spectrum,
        axisOf(noisePrior, 1, problem.noiseVariance),
        axisOf(signalPrior, meanSquare, problem.priorVariance),
      );
      const variances = {
        noiseVariance: problem.noiseVariance ?? Math.exp(a),
        priorVariance: problem.priorVariance ?? Math.exp(b),
      };
      return {
        ...variances,
        ...(problem.lengthScalePrior === 'none' ? {} : { lengthScale }),
        logEvidence: logEvidence(spectrum, variances),
        logPosterior: value + logPriorOfLengthScale,
      };
    }),
  );
}

/** Points of the grid over log ℓ, and golden-section steps around the best of them. */
const lengthScaleGrid = 13;
const goldenSteps = 11;
const golden = (Math.sqrt(5) - 1) / 2;

const bestOf = (x: EvidenceMaximum, y: EvidenceMaximum): EvidenceMaximum =>
  y.logPosterior > x.logPosterior ? y : x;

/**
 * In steps, the hyperparameters of largest evidence times prior; those that the caller fixed stay as they are.
 * Deterministic. The length-scale by a grid over its logarithm and golden-section search between the
 * neighbours of the best point, good to about 1%. A NumericalFailure where features are not finite.
 */
export function* maximiseEvidence(
  problem: EvidenceProblem,
): Work<E.Either<NumericalFailure, EvidenceMaximum>> {
  const prior = problem.lengthScalePrior;
  if (prior === 'none' || problem.lengthScale !== undefined)
    return yield* maximumAt(problem, problem.lengthScale ?? 1);
  const low = Math.log(prior.floor);
  const step = (Math.log(prior.ceiling) - low) / (lengthScaleGrid - 1);
  let done = 0;
  const at: EvidenceAt = function* (logLengthScale) {
    yield { stage: 'fitting', done: done++, total: lengthScaleGrid + goldenSteps + 2, note: 'length-scales' };
    return yield* maximumAt(problem, Math.exp(logLengthScale));
  };
  const grid: EvidenceMaximum[] = [];
  for (let i = 0; i < lengthScaleGrid; i++) {
    const found = yield* at(low + i * step);
    if (E.isLeft(found)) return found;
    grid.push(found.right);
  }
  const best = grid.reduce(bestOf);
  const middle = low + grid.indexOf(best) * step;
  return yield* goldenSection(at, middle - step, middle + step, best);
}

type EvidenceAt = (x: number) => Work<E.Either<NumericalFailure, EvidenceMaximum>>;

/** The best of what was known and of all points visited. */
function* goldenSection(
  at: EvidenceAt,
  from: number,
  to: number,
  known: EvidenceMaximum,
): Work<E.Either<NumericalFailure, EvidenceMaximum>> {
  let [low, high, best] = [from, to, known];
  let left = yield* at(high - golden * (high - low));
  let right = yield* at(low + golden * (high - low));
  for (let i = 0; ; i++) {
    if (E.isLeft(left)) return left;
    if (E.isLeft(right)) return right;
    best = bestOf(bestOf(best, left.right), right.right);
    if (i === goldenSteps) return E.right(best);
    if (left.right.logPosterior >= right.right.logPosterior) {
      high = low + golden * (high - low);
      right = left;
      left = yield* at(high - golden * (high - low));
    } else {
      low = high - golden * (high - low);
      left = right;
      right = yield* at(low + golden * (high - low));
    }
  }
}
