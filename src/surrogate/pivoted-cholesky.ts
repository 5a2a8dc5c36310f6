/**
 * Whitened features from a covariance that is given entry by entry: the pivoted Cholesky factor L (N×D) of K
 * / σ²,
 *
 *   K / σ² = L Lᵀ + R,   R positive semidefinite,   max_n R_nn ≤ tolerance
 *
 * Each step takes the point of largest remaining variance and clears its column, so D stays as small as the
 * kernel allows and only N(D + 1) entries of K are ever asked for. A batch B loses at most ½ Σ_{n∈B} R_nn ≤ ½
 * |B| · residual nats of JMI (the argument is in principal-axes.ts), and nothing where all its points were
 * cleared: R is zero in their rows.
 *
 * Kernels of many inputs let no column go: 5,000 rows of nine take 4,973. As N D² operations are not to grow
 * with N, D ends at √(2³² / N): 2,072 of 1,000 points, so all, 306 of 45,730. The cleared points are those of
 * largest variance given the others, so the informative ones are told exactly and the rest as less than they are.
 *
 * Source: Harbrecht, Peters and Schneider, On the low-rank approximation by the pivoted Cholesky
 * decomposition (2012).
 */
import * as E from '#fp-ts/Either';
import { type NumericalFailure, numericalFailure } from '../failure.js';
import { atOnce, type Work } from '../work.js';
import { type Matrix, matrixFrom } from '../linear-algebra/matrix.js';
import { defaultTolerance } from './principal-axes.js';

/** A low-rank factor and what it leaves out. */
export interface PivotedCholesky {
  /** L, N×D, columns in the order of their pivots. Without a unit. */
  readonly whitened: Matrix;
  /** The D points cleared, in order. */
  readonly pivots: readonly number[];
  /** max_n R_nn: the most that a point loses of its variance, in units of the noise variance. */
  readonly residual: number;
}

/**
 * When to stop: at a residual of `tolerance` noise variances (10⁻⁶ if not given), or at `maximalRank`
 * columns ({@link affordableRank} if not given).
 */
export interface PivotedCholeskyOptions {
  readonly noiseVariance: number;
  readonly tolerance?: number;
  readonly maximalRank?: number;
}

/** The largest D with N D² ≤ 2³², some ten seconds of one core; at least one. */
export const affordableRank = (count: number): number =>
  Math.max(1, Math.floor(Math.sqrt(2 ** 32 / Math.max(1, count))));

const indexOfLargest = (values: Float64Array): number =>
  values.reduce((best, x, i) => (x > (values[best] ?? NaN) ? i : best), 0);

/** Operations between two places where the work can be stopped, and those that an entry of the covariance is taken to need. */
const aTurn = 2 ** 24;
const perEntry = 1000;

/** {@link pivotedCholesky} in steps. */
export function* pivotedCholeskyInSteps(
  count: number,
  covariance: (i: number, j: number) => number,
  {
    noiseVariance,
    tolerance = defaultTolerance,
    maximalRank = affordableRank(count),
  }: PivotedCholeskyOptions,
): Work<E.Either<NumericalFailure, PivotedCholesky>> {
  const remaining = Float64Array.from({ length: count }, (_, i) => covariance(i, i) / noiseVariance);
  const fault = remaining.findIndex((x) => !(x >= 0 && x < Infinity));
  if (fault >= 0)
    return E.left(
      numericalFailure(
        'pivoted Cholesky factor',
        `the variance of point ${fault + 1} is ${remaining[fault] ?? NaN} noise variances`,
        'Give a covariance function that is positive semidefinite and a positive noise variance',
      ),
    );
  let operations = 0;
  const pivots: number[] = [];
  const columns: Float64Array[] = [];
  let pivot = indexOfLargest(remaining);
  // Nothing remains of no points.
  const least = Math.max(tolerance, 4 * Number.EPSILON * (remaining[pivot] ?? 0));
  while (columns.length < Math.min(maximalRank, count) && (remaining[pivot] ?? NaN) > least) {
    operations += count * (columns.length + perEntry);
    if (operations > aTurn) {
      operations = 0;
      yield;
    }
    const root = Math.sqrt(remaining[pivot] ?? 1);
    const column = new Float64Array(count);
    for (let i = 0; i < count; i++) column[i] = covariance(i, pivot) / noiseVariance;
    for (const earlier of columns) {
      const factor = earlier[pivot] ?? NaN;
      for (let i = 0; i < count; i++) column[i] = (column[i] ?? NaN) - factor * (earlier[i] ?? NaN);
    }
    for (let i = 0; i < count; i++) {
      column[i] = (column[i] ?? NaN) / root;
      remaining[i] = Math.max(0, (remaining[i] ?? NaN) - (column[i] ?? NaN) ** 2);
    }
    // Exact by definition; rounding must not leave a cleared point, or let it be cleared twice.
    for (const cleared of pivots) column[cleared] = 0;
    column[pivot] = root;
    remaining[pivot] = 0;
    pivots.push(pivot);
    columns.push(column);
    pivot = indexOfLargest(remaining);
  }
  return E.right({
    whitened: matrixFrom(count, columns.length, (i, j) => columns[j]?.[i] ?? NaN),
    pivots,
    residual: remaining[pivot] ?? 0,
  });
}

/**
 * The factor of the covariance (i, j) ↦ K_ij of N points (0-based, symmetric, squared units of the target). A
 * NumericalFailure where a variance is negative or not finite. Rounding ends the tolerance at about 10⁻¹⁵ of
 * the largest variance, whatever is asked.
 */
export const pivotedCholesky = (
  count: number,
  covariance: (i: number, j: number) => number,
  options: PivotedCholeskyOptions,
): E.Either<NumericalFailure, PivotedCholesky> => atOnce(pivotedCholeskyInSteps(count, covariance, options));
