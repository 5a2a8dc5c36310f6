/**
 * A Gaussian process of known kernel k and noise variance σ², conditioned on labelled points (X, y), as a
 * Posterior:
 *
 *   mean(x)    = k(x, X) (k(X, X) + σ² I)⁻¹ y
 *   cov(x, x') = k(x, x') − k(x, X) (k(X, X) + σ² I)⁻¹ k(X, x')
 *
 * With no labelled points it is the prior. Source: Rasmussen and Williams, Gaussian Processes for Machine
 * Learning (2006), algorithm 2.1.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type { NumericalFailure } from '../failure.js';
import { cholesky, solveLower } from '../linear-algebra/cholesky.js';
import { matrixFrom } from '../linear-algebra/matrix.js';
import { applyTo, columnVector, transpose } from '../linear-algebra/product.js';
import { dotRange } from '../linear-algebra/vector.js';
import { pivotedCholesky } from './pivoted-cholesky.js';
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

/**
 * The posterior over a pool of N points given n labelled ones. A NumericalFailure where the kernel is not
 * one.
 */
export const conditionedOn =
  <X>(labelled: readonly Labelled<X>[]) =>
  ({ kernel, ...options }: GaussianProcess<X>) =>
  (pool: readonly X[]): E.Either<NumericalFailure, LowRankPosterior> => {
    const n = labelled.length;
    const between = (i: number, j: number): number => {
      const [p, q] = [labelled[i], labelled[j]];
      return p === undefined || q === undefined ? NaN : kernel(p.input, q.input);
    };
    const cross = matrixFrom(n, pool.length, (i, j) => {
      const [p, x] = [labelled[i], pool[j]];
      return p === undefined || x === undefined ? NaN : kernel(p.input, x);
    });
    return pipe(
      cholesky(matrixFrom(n, n, (i, j) => between(i, j) + (i === j ? options.noiseVariance : 0))),
      E.chain((factor) => {
        // Rows are pool points: L⁻¹ k(X, x).
        const explained = transpose(solveLower(factor, cross));
        const targets = Float64Array.from(labelled, (_) => _.target);
        const mean = applyTo(explained, solveLower(factor, columnVector(targets)).data);
        return pipe(
          pivotedCholesky(
            pool.length,
            (i, j) => {
              const [x, y] = [pool[i], pool[j]];
              if (x === undefined || y === undefined) return NaN;
              return kernel(x, y) - dotRange(explained.data, i * n, explained.data, j * n, n);
            },
            options,
          ),
          E.map(({ whitened, residual }) => ({
            mean,
            whitened,
            noiseVariance: options.noiseVariance,
            residual,
          })),
        );
      }),
    );
  };
