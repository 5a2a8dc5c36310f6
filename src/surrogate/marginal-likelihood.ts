/**
 * The hyperparameters θ of a Gaussian process with a constant mean, on standardised inputs and targets: the
 * maximum of
 *
 *   log N(y; m 1, K),   K = k(X, X) + σ² I,      plus the log priors of σ², of m and of the kernel
 *
 * over log σ², the kernel's logarithms (kernels.ts) and m. Of m the maximum is known, and by the envelope
 * theorem the slopes in θ there are those at constant m: with α = K⁻¹ (y − m 1),
 *
 *   m = 1ᵀK⁻¹y / (1ᵀK⁻¹1 + 1/v)        ∂ log N / ∂θ = ½ tr( (α αᵀ − K⁻¹) ∂K/∂θ )
 *
 * for m ~ N(0, v), v = 1. Of several quantities that share θ, each with its m, it is the mean of the first two terms over them
 * that joins the priors of θ. The ranges are those of the Bayesian linear surrogate, and so are the priors, but for
 * that on σ², and the reasons for them (evidence-maximum.ts). The likelihood has several maxima (much noise and a long
 * length-scale explain what little noise and a short one do), so the ascent begins at several starts.
 *
 * What the priors are for: five labels of the toy problem (src/data/toy.ts), 24 seeds, four starts. Fits with
 * more than half of the targets' variance as noise, and with noise at its floor of 10⁻³:
 *
 *               with priors         without
 *              noise   floor     noise   floor
 *   rbf          0       0         2       12
 *   matern52     0       0         3       13
 *   periodic     0       0         0       19
 *   linear       0       0        12        0
 *
 * The prior on σ² was chosen among a dozen, on these seeds and on generated functions of 6 to 60 labels, by log
 * predictive density and these counts. On 200 seeds that had no part in it none collapses with priors, and 43,
 * 55, 0 and 127 do without.
 *
 * Source: Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), equations 2.30, 5.8 and 5.9.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { at } from '../at.js';
import type { NumericalFailure } from '../failure.js';
import { choleskyInSteps, inverseInSteps, logDeterminantOfFactor } from '../linear-algebra/cholesky.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { applyTo, rowsOf } from '../linear-algebra/product.js';
import { dot } from '../linear-algebra/vector.js';
import { keyFromSeed, normals, split } from '../random/key.js';
import type { Work } from '../work.js';
import { ascend, type Bounds, clipped, type Sloped, type Visited } from './bounded-ascent.js';
import { type LogPrior, logPriorAt, noisePrior } from './evidence-maximum.js';
import {
  type KernelKind,
  type KernelParameters,
  kernelOf,
  kernelPriors,
  slopesOf,
  unpacked,
} from './kernels.js';

/**
 * The prior on σ², in units of the targets' variance. Tighter and lower than that of the Bayesian linear
 * surrogate (median 0.2, deviation 1): a kernel can follow the targets where a few features cannot, and noise
 * then needs less room.
 */
export const processNoisePrior: LogPrior = { ...noisePrior, median: 0.15, deviation: 0.7 };

/** What is to be fitted, in standardised units, and what the caller has fixed. */
export interface LikelihoodProblem {
  readonly kernel: KernelKind;
  /** n×d. */
  readonly inputs: Matrix;
  /** One quantity or several, n targets each: independent processes of one kernel and one noise variance. */
  readonly targets: readonly Float64Array[];
  /** 'none' keeps the ranges and drops the pull: the marginal likelihood alone. */
  readonly priors: 'weak' | 'none';
  /** σ², s, the length-scales, p: a number where it is fixed. */
  readonly fixed: readonly (number | undefined)[];
  /** m of every quantity, where it is fixed. */
  readonly mean?: number | undefined;
}

/** The objective at a point θ = log (σ², s, ℓ …, p): `value` is log likelihood, of a quantity, plus log priors, nats. */
export interface LikelihoodAt extends Sloped {
  /** log N(y; m 1, K), nats, summed over the quantities. */
  readonly logLikelihood: number;
  /** m, one a quantity. */
  readonly means: readonly number[];
}

/** The hyperparameters that a maximum stands for. */
export interface LikelihoodMaximum {
  readonly noiseVariance: number;
  readonly kernel: KernelParameters;
  /** m, one a quantity. */
  readonly means: readonly number[];
  /** log N(y; m 1, K), nats, summed over the quantities. */
  readonly logLikelihood: number;
  /** With the log priors: the quantity that is largest here. */
  readonly logPosterior: number;
  /** log posterior of the starts that ascents began at. */
  readonly starts: readonly number[];
}

const priorsOf = ({ kernel, inputs }: LikelihoodProblem): readonly LogPrior[] => [
  processNoisePrior,
  ...kernelPriors(kernel, inputs.columns),
];

/** The variance of the prior on the mean, in units of the targets' variance. */
const meanVariance = 1;

/** The log priors at θ and means m; their slopes are added to those of the likelihood. */
const priorsAt = (
  problem: LikelihoodProblem,
  point: Float64Array,
  means: readonly number[],
  slopes: Float64Array,
): number => {
  if (problem.priors !== 'weak') return 0;
  let sum =
    problem.mean === undefined
      ? means.reduce((total, mean) => total - (0.5 * mean ** 2) / meanVariance, 0) / means.length
      : 0;
  priorsOf(problem).forEach((prior, i) => {
    if (problem.fixed[i] !== undefined) return;
    const x = point[i] ?? NaN;
    sum += logPriorAt(prior, Math.exp(x));
    slopes[i] = at(slopes, i) - (x - Math.log(prior.median)) / prior.deviation ** 2;
  });
  return sum;
};

/** Pairs of rows between two places where the work can be stopped. */
const pairsOfATurn = 2 ** 17;

/**
 * The objective and its slopes at θ. A NumericalFailure where K is not positive definite there.
 */
export const likelihoodAt = (
  problem: LikelihoodProblem,
): ((point: Float64Array) => Work<E.Either<NumericalFailure, LikelihoodAt>>) => {
  const { kernel: kind, inputs, targets } = problem;
  const n = inputs.rows;
  const rows = rowsOf(inputs);
  const weak = problem.priors === 'weak';
  const ones = new Float64Array(n).fill(1);
  const rowsOfATurn = Math.max(1, Math.floor(pairsOfATurn / n));
  return function* (point) {
    const [noiseVariance = NaN, ...rest] = point.map(Math.exp);
    const parameters = unpacked(kind, rest);
    const value = kernelOf(kind, parameters);
    const k = new Float64Array(n * n);
    for (const [i, x] of rows.entries()) {
      for (let j = 0; j <= i; j++) k[i * n + j] = value(x, rows[j] ?? x) + (i === j ? noiseVariance : 0);
      if (i % rowsOfATurn === 0) yield;
    }
    const factored = yield* choleskyInSteps({ rows: n, columns: n, data: k });
    if (E.isLeft(factored)) return factored;
    const factor = factored.right;
    const inverse = yield* inverseInSteps(factor);
    const inverseOfOnes = applyTo(inverse, ones);
    const means = targets.map(
      (y) =>
        problem.mean ?? dot(inverseOfOnes, y) / (dot(inverseOfOnes, ones) + (weak ? 1 / meanVariance : 0)),
    );
    const left = targets.map((y, c) => y.map((x) => x - (means[c] ?? NaN)));
    const alphas = left.map((residual) => applyTo(inverse, residual));
    const normalisation = logDeterminantOfFactor(factor) + n * Math.log(2 * Math.PI);
    const logLikelihood = left.reduce(
      (sum, residual, c) => sum - 0.5 * (dot(residual, alphas[c] ?? residual) + normalisation),
      0,
    );
    const slopes = new Float64Array(point.length);
    const ofKernel = slopes.subarray(1);
    const add = slopesOf(kind, parameters);
    for (const [i, x] of rows.entries()) {
      for (let j = 0; j <= i; j++) {
        let weight = 0;
        for (const alpha of alphas) weight += (alpha[i] ?? NaN) * (alpha[j] ?? NaN);
        weight = weight / alphas.length - (inverse.data[i * n + j] ?? NaN);
        // Each pair off the diagonal stands for two.
        add(x, rows[j] ?? x, i === j ? weight / 2 : weight, ofKernel);
        if (i === j) slopes[0] = (slopes[0] ?? NaN) + (weight * noiseVariance) / 2;
      }
      if (i % rowsOfATurn === 0) yield;
    }
    const logPriors = priorsAt(problem, point, means, slopes);
    return E.right({ value: logLikelihood / targets.length + logPriors, slopes, logLikelihood, means });
  };
};

/** The ranges of θ. */
export const likelihoodBounds = (problem: LikelihoodProblem): readonly Bounds[] =>
  priorsOf(problem).map(({ floor, ceiling }, i) => {
    const fixed = problem.fixed[i];
    return { low: Math.log(fixed ?? floor), high: Math.log(fixed ?? ceiling) };
  });

/** Points drawn from the priors for each start that is taken. */
const drawnForEach = 4;

/** The medians of the priors, and draws from them, in the ranges. */
const candidates = (problem: LikelihoodProblem, count: number, seed: number): readonly Float64Array[] => {
  const key = keyFromSeed(seed);
  const priors = priorsOf(problem);
  const bounds = likelihoodBounds(problem);
  return Array.from({ length: count }, (_, k) => {
    const z = k === 0 ? new Float64Array(priors.length) : normals(split(key, k), priors.length);
    return clipped(
      bounds,
      Float64Array.from(priors, ({ median, deviation }, i) => Math.log(median) + deviation * at(z, i)),
    );
  });
};

/** The objective, and how far the fit has come: ascents that are done, and how often the objective was asked for. */
const counted = (
  problem: LikelihoodProblem,
  total: number,
): {
  readonly valueAt: ReturnType<typeof likelihoodAt>;
  readonly ascended: () => void;
} => {
  const valueAt = likelihoodAt(problem);
  let [done, evaluations] = [0, 0];
  return {
    valueAt: function* (point) {
      yield { stage: 'fitting', done, total, note: `ascents, ${evaluations++} likelihoods` };
      return yield* valueAt(point);
    },
    ascended: () => {
      done++;
    },
  };
};

/**
 * The best maximum that ascents from `starts` points lead to: the medians of the priors, and the best of four
 * times as many points drawn from the priors by the seed. The same seed gives the same bits. A
 * NumericalFailure where the covariance is positive definite at none of the points.
 */
export function* maximiseLikelihood(
  problem: LikelihoodProblem,
  { starts, seed }: { readonly starts: number; readonly seed: number },
): Work<E.Either<NumericalFailure, LikelihoodMaximum>> {
  const { valueAt, ascended } = counted(problem, starts);
  const bounds = likelihoodBounds(problem);
  const free = bounds.some(({ low, high }) => low < high);
  const tried: E.Either<NumericalFailure, Visited<LikelihoodAt>>[] = [];
  for (const point of candidates(problem, free ? 1 + drawnForEach * (starts - 1) : 1, seed))
    tried.push(
      pipe(
        yield* valueAt(point),
        E.map((at) => ({ point, at })),
      ),
    );
  const [median, ...drawn] = tried;
  if (median === undefined) throw new RangeError('maximiseLikelihood: no start');
  const good = drawn
    .flatMap((one) => (E.isRight(one) ? [one.right] : []))
    .sort((a, b) => b.at.value - a.at.value)
    .slice(0, E.isRight(median) ? starts - 1 : starts);
  if (E.isLeft(median) && good.length === 0) return median;
  const chosen = [...(E.isRight(median) ? [median.right] : []), ...good];
  const tops: Visited<LikelihoodAt>[] = [];
  for (const { point } of chosen) {
    const top = yield* ascend(valueAt, bounds, point);
    if (E.isLeft(top)) return top;
    tops.push(top.right);
    ascended();
  }
  const { point, at } = tops.reduce((best, top) => (top.at.value > best.at.value ? top : best));
  const [noiseVariance = NaN, ...rest] = point.map((x, i) => problem.fixed[i] ?? Math.exp(x));
  return E.right({
    noiseVariance,
    kernel: unpacked(problem.kernel, rest),
    means: at.means,
    logLikelihood: at.logLikelihood,
    logPosterior: at.value,
    starts: chosen.map((start) => start.at.value),
  });
}
