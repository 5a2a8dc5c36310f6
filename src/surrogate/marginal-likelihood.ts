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
import { at } from '../at.js';
import type { NumericalFailure } from '../failure.js';
import {
  choleskyInSteps,
  inverseInSteps,
  logDeterminantOfFactor,
  solveLower,
} from '../linear-algebra/cholesky.js';
import { type Matrix, matrixFrom } from '../linear-algebra/matrix.js';
import { applyTo, rowOf, transpose } from '../linear-algebra/product.js';
import { addScaledInto, dot } from '../linear-algebra/vector.js';
import type { Work } from '../work.js';
import type { Bounds, Sloped } from './bounded-ascent.js';
import { type LogPrior, logPriorAt, noisePrior } from './evidence-maximum.js';
import { pairKernel } from './kernel-pairs.js';
import { type KernelKind, kernelPriors, unpacked } from './kernels.js';

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

/** The priors of θ, in its order. */
export const priorsOf = ({ kernel, inputs }: LikelihoodProblem): readonly LogPrior[] => [
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

/** The objective at θ, before its slopes. */
export interface LikelihoodValue {
  /** Log likelihood, of a quantity, plus log priors, nats. */
  readonly value: number;
  /** The same with its slopes, in steps, at twice the cost again. To be asked for before the next θ. */
  readonly withSlopes: () => Work<LikelihoodAt>;
}

/** −½ (|L⁻¹ (y − m)|² + log det K + n log 2π) over the quantities, with the best m of each where it is not given. */
const fittedMeans = (
  { targets, mean, priors }: LikelihoodProblem,
  factor: Matrix,
): { readonly means: readonly number[]; readonly logLikelihood: number } => {
  const n = factor.rows;
  const solved = transpose(
    solveLower(
      factor,
      matrixFrom(n, 1 + targets.length, (i, c) => (c === 0 ? 1 : (targets[c - 1]?.[i] ?? NaN))),
    ),
  );
  const ones = rowOf(solved, 0);
  const ofOnes = dot(ones, ones) + (priors === 'weak' ? 1 / meanVariance : 0);
  const normalisation = logDeterminantOfFactor(factor) + n * Math.log(2 * Math.PI);
  const means = targets.map((_, c) => mean ?? dot(ones, rowOf(solved, c + 1)) / ofOnes);
  const logLikelihood = means.reduce((sum, m, c) => {
    const left = rowOf(solved, c + 1).map((z, i) => z - m * (ones[i] ?? NaN));
    return sum - 0.5 * (dot(left, left) + normalisation);
  }, 0);
  return { means, logLikelihood };
};

/** The lower triangle of α αᵀ − K⁻¹, the first averaged over the quantities, of their residuals y − m. Writes over K⁻¹. */
const misfitInto = (inverse: Matrix, residuals: readonly Float64Array[]): Matrix => {
  const { rows: n, data } = inverse;
  const alphas = residuals.map((residual) => applyTo(inverse, residual));
  for (let i = 0; i < n; i++) {
    for (let k = i * n; k <= i * n + i; k++) data[k] = -(data[k] ?? NaN);
    for (const alpha of alphas) addScaledInto(data, i * n, at(alpha, i) / alphas.length, alpha, 0, i + 1);
  }
  return inverse;
};

/**
 * The objective at θ, in steps, and its slopes if they are asked for. One θ after another: arrays are used again. A
 * NumericalFailure where K is not positive definite there.
 */
export const likelihoodValueAt = (
  problem: LikelihoodProblem,
): ((point: Float64Array) => Work<E.Either<NumericalFailure, LikelihoodValue>>) => {
  const { kernel: kind, inputs, targets } = problem;
  const n = inputs.rows;
  const pairs = pairKernel(kind, inputs);
  return function* (point) {
    const [noiseVariance = NaN, ...rest] = point.map(Math.exp);
    const { values, slopes: slopesOfKernel } = yield* pairs(unpacked(kind, rest));
    for (let i = 0; i < n; i++) values.data[i * n + i] = (values.data[i * n + i] ?? NaN) + noiseVariance;
    const factored = yield* choleskyInSteps(values);
    if (E.isLeft(factored)) return factored;
    const factor = factored.right;
    const { means, logLikelihood } = fittedMeans(problem, factor);
    const priorSlopes = new Float64Array(point.length);
    const value = logLikelihood / targets.length + priorsAt(problem, point, means, priorSlopes);
    return E.right({
      value,
      withSlopes: function* () {
        const weights = misfitInto(
          yield* inverseInSteps(factor),
          targets.map((y, c) => y.map((x) => x - (means[c] ?? NaN))),
        );
        let trace = 0;
        for (let i = 0; i < n; i++) trace += weights.data[i * n + i] ?? NaN;
        const ofKernel = yield* slopesOfKernel(weights);
        const slopes = priorSlopes.map(
          (x, i) => x + (i === 0 ? (trace * noiseVariance) / 2 : at(ofKernel, i - 1)),
        );
        return { value, slopes, logLikelihood, means };
      },
    });
  };
};

/** The objective and its slopes at θ. Fails as {@link likelihoodValueAt}. */
export const likelihoodAt = (
  problem: LikelihoodProblem,
): ((point: Float64Array) => Work<E.Either<NumericalFailure, LikelihoodAt>>) => {
  const valueAt = likelihoodValueAt(problem);
  return function* (point) {
    const found = yield* valueAt(point);
    return E.isLeft(found) ? found : E.right(yield* found.right.withSlopes());
  };
};

/** The ranges of θ. */
export const likelihoodBounds = (problem: LikelihoodProblem): readonly Bounds[] =>
  priorsOf(problem).map(({ floor, ceiling }, i) => {
    const fixed = problem.fixed[i];
    return { low: Math.log(fixed ?? floor), high: Math.log(fixed ?? ceiling) };
  });
