/**
 * A Gaussian process of known kernel k and noise variance σ², conditioned on labelled points (X, y), as a
 * Posterior:
 *
 *   mean(x)    = k(x, X) (k(X, X) + σ² I)⁻¹ y
 *   cov(x, x') = k(x, x') − k(x, X) (k(X, X) + σ² I)⁻¹ k(X, x')
 *   log p(y)   = −½ ( |L⁻¹ y|² + log det(L Lᵀ) + n log 2π ),   L Lᵀ = k(X, X) + σ² I
 *
 * With no labelled points it is the prior. Points that arrive later add rows to L and leave those it has. The
 * first n rows of the factor are L, and
 *
 *   rows n + 1 … of the factor:   [ A  M ],   A = (L⁻¹ k(X, X'))ᵀ,   M Mᵀ = k(X', X') + σ² I − A Aᵀ
 *
 * Source: Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), algorithm 2.1; Golub and Van
 * Loan, Matrix Computations (4th ed.), section 4.2, for the factor by blocks.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { at } from '../at.js';
import type { NumericalFailure } from '../failure.js';
import {
  choleskyInSteps,
  inverseInSteps,
  logDeterminantOfFactor,
  solveLower,
} from '../linear-algebra/cholesky.js';
import { type Matrix, matrixFrom } from '../linear-algebra/matrix.js';
import { applyTo, columnVector, product, rowGram, transpose } from '../linear-algebra/product.js';
import { dot, dotRange } from '../linear-algebra/vector.js';
import { atOnce, type Work } from '../work.js';
import { pivotedCholeskyInSteps } from './pivoted-cholesky.js';
import type { Posterior } from './posterior.js';

/** A symmetric positive semidefinite function of two points, in squared units of the target. */
export type Kernel<X> = (x: X, y: X) => number;

/** A point and its target. */
export interface Labelled<X> {
  readonly input: X;
  readonly target: number;
}

/**
 * A Posterior, with the most that a point lost of its variance in the low-rank factor (pivoted-cholesky.ts).
 */
export interface LowRankPosterior extends Posterior {
  readonly residual: number;
}

/** What is known of the process beforehand. The mean is zero. */
export interface GaussianProcess<X> {
  readonly kernel: Kernel<X>;
  /** σ², in squared units of the target. Positive. */
  readonly noiseVariance: number;
  /** Of the low-rank factor, in noise variances; 10⁻⁶ if not given. */
  readonly tolerance?: number;
}

/** A process that has taken in n labelled points. */
export interface ConditionedProcess<X> {
  readonly process: GaussianProcess<X>;
  /** X. */
  readonly inputs: readonly X[];
  /** L, n×n. */
  readonly factor: Matrix;
  /** L⁻¹ y. */
  readonly solved: Float64Array;
}

/** A process that has seen nothing. */
export const unconditioned = <X>(process: GaussianProcess<X>): ConditionedProcess<X> => ({
  process,
  inputs: [],
  factor: matrixFrom(0, 0, () => 0),
  solved: new Float64Array(0),
});

/** k(x_i, y_j), n×m. */
export const kernelMatrix = <X>(kernel: Kernel<X>, xs: readonly X[], ys: readonly X[]): Matrix =>
  matrixFrom(xs.length, ys.length, (i, j) => {
    const [x, y] = [xs[i], ys[j]];
    return x === undefined || y === undefined ? NaN : kernel(x, y);
  });

/** {@link withLabelled} in steps. */
export const withLabelledInSteps = <X>(labelled: readonly Labelled<X>[]) =>
  function* (before: ConditionedProcess<X>): Work<E.Either<NumericalFailure, ConditionedProcess<X>>> {
    const { kernel, noiseVariance } = before.process;
    const [n, m] = [before.inputs.length, labelled.length];
    const inputs = labelled.map((_) => _.input);
    const added = transpose(solveLower(before.factor, kernelMatrix(kernel, before.inputs, inputs)));
    const own = kernelMatrix(kernel, inputs, inputs).data;
    const explained = rowGram(added).data;
    yield;
    return pipe(
      yield* choleskyInSteps(
        matrixFrom(
          m,
          m,
          (i, j) => (own[i * m + j] ?? NaN) + (i === j ? noiseVariance : 0) - (explained[i * m + j] ?? NaN),
        ),
      ),
      E.map((corner) => {
        const surprise = labelled.map(
          ({ target }, i) => target - dotRange(added.data, i * n, before.solved, 0, n),
        );
        return {
          process: before.process,
          inputs: [...before.inputs, ...inputs],
          factor: matrixFrom(n + m, n + m, (i, j) =>
            i < n
              ? j < n
                ? at(before.factor.data, i * n + j)
                : 0
              : j < n
                ? at(added.data, (i - n) * n + j)
                : at(corner.data, (i - n) * m + j - n),
          ),
          solved: Float64Array.from([
            ...before.solved,
            ...solveLower(corner, columnVector(Float64Array.from(surprise))).data,
          ]),
        };
      }),
    );
  };

/**
 * Takes in m more labelled points, at n²m + nm² operations. A NumericalFailure where the covariance of all is
 * not positive definite.
 */
export const withLabelled =
  <X>(labelled: readonly Labelled<X>[]) =>
  (before: ConditionedProcess<X>): E.Either<NumericalFailure, ConditionedProcess<X>> =>
    atOnce(withLabelledInSteps(labelled)(before));

/** log p(y) of the targets taken in, in nats. */
export const logMarginalLikelihood = <X>({ factor, solved }: ConditionedProcess<X>): number =>
  -0.5 * (dot(solved, solved) + logDeterminantOfFactor(factor) + solved.length * Math.log(2 * Math.PI));

/**
 * f at each labelled point given the other n − 1, in steps, of Q quantities that share the process: with targets Y (n×Q) and κ_i =
 * (K⁻¹)_ii, K = k(X, X) + σ² I,
 *
 *   mean  Y_iq − (K⁻¹ Y)_iq / κ_i  (n×Q)        variance  1 / κ_i − σ²  (n)
 *
 * The targets that the process has taken in itself are not read. Source: Rasmussen and Williams, equations 5.10–5.12.
 */
export function* leaveOneOut<X>(
  { process, factor }: ConditionedProcess<X>,
  targets: Matrix,
): Work<{ readonly mean: Matrix; readonly variance: Float64Array }> {
  const n = factor.rows;
  const inverse = yield* inverseInSteps(factor);
  const precision = (i: number): number => inverse.data[i * n + i] ?? NaN;
  const { data, columns } = product(inverse, targets);
  return {
    mean: matrixFrom(n, columns, (i, q) => {
      const at = i * columns + q;
      return (targets.data[at] ?? NaN) - (data[at] ?? NaN) / precision(i);
    }),
    variance: Float64Array.from({ length: n }, (_, i) =>
      Math.max(0, 1 / precision(i) - process.noiseVariance),
    ),
  };
}

/** Operations of one block of points. */
const aTurn = 2 ** 25;

/** (L⁻¹ k(X, x))ᵀ of N points, N×n, some of them at a time. */
function* explainedInSteps<X>(
  factor: Matrix,
  points: readonly X[],
  between: (some: readonly X[]) => Matrix,
): Work<Matrix> {
  const n = factor.rows;
  const data = new Float64Array(points.length * n);
  const size = Math.max(1, Math.floor(aTurn / Math.max(1, n * n)));
  for (let from = 0; from < points.length; from += size) {
    const some = points.slice(from, from + size);
    data.set(transpose(solveLower(factor, between(some))).data, from * n);
    yield;
  }
  return { rows: points.length, columns: n, data };
}

/** {@link posteriorOfProcess} in steps. */
export const posteriorInSteps = <X>({ process, inputs, factor, solved }: ConditionedProcess<X>) =>
  function* (pool: readonly X[]): Work<E.Either<NumericalFailure, LowRankPosterior>> {
    const { kernel, ...options } = process;
    const n = inputs.length;
    // Rows are pool points: L⁻¹ k(X, x).
    const explained = yield* explainedInSteps(factor, pool, (some) => kernelMatrix(kernel, inputs, some));
    return pipe(
      yield* pivotedCholeskyInSteps(
        pool.length,
        (i, j) => {
          const [x, y] = [pool[i], pool[j]];
          if (x === undefined || y === undefined) return NaN;
          return kernel(x, y) - dotRange(explained.data, i * n, explained.data, j * n, n);
        },
        options,
      ),
      E.map(({ whitened, residual }) => ({
        mean: applyTo(explained, solved),
        whitened,
        noiseVariance: options.noiseVariance,
        residual,
      })),
    );
  };

/** The posterior over a pool of N points. A NumericalFailure where the kernel is not one. */
export const posteriorOfProcess =
  <X>(known: ConditionedProcess<X>) =>
  (pool: readonly X[]): E.Either<NumericalFailure, LowRankPosterior> =>
    atOnce(posteriorInSteps(known)(pool));

/**
 * The posterior over a pool of N points given n labelled ones. A NumericalFailure where the kernel is not
 * one.
 */
export const conditionedOn =
  <X>(labelled: readonly Labelled<X>[]) =>
  (process: GaussianProcess<X>) =>
  (pool: readonly X[]): E.Either<NumericalFailure, LowRankPosterior> =>
    pipe(
      unconditioned(process),
      withLabelled(labelled),
      E.chain((conditioned) => posteriorOfProcess(conditioned)(pool)),
    );
