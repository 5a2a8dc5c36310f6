/**
 * The Matérn-5/2 kernel and the synthetic problem that a pool size and a seed name.
 *
 *   k(r) = s (1 + u + u²/3) e^{−u},   u = √5 r / ℓ
 *
 * Source: Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), equation 4.17.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { at } from '../at.js';
import type { NumericalFailure } from '../failure.js';
import { cholesky } from '../linear-algebra/cholesky.js';
import { matrixFrom } from '../linear-algebra/matrix.js';
import { applyTo } from '../linear-algebra/product.js';
import { keyFromSeed, normals, split } from '../random/key.js';
import { conditionedOn, type Kernel, type Labelled, type LowRankPosterior } from './gaussian-process.js';

/**
 * The Matérn-5/2 kernel of points on a line, by its length-scale ℓ and output scale s = k(0) (1 if not
 * given).
 */
export const matern52 =
  (lengthScale: number, outputScale = 1): Kernel<number> =>
  (x, y) => {
    const u = (Math.sqrt(5) * Math.abs(x - y)) / lengthScale;
    return outputScale * (1 + u + (u * u) / 3) * Math.exp(-u);
  };

/** The synthetic problem's size and seed, and its constants where they differ from the usual. */
export interface MaternProblemOptions {
  readonly poolSize: number;
  readonly seed: number;
  /** 0.7 if not given. */
  readonly lengthScale?: number;
  /** 0.01 if not given. */
  readonly noiseVariance?: number;
  /** 5 if not given; 0 makes the posterior the prior. */
  readonly labelledCount?: number;
  /** Of the low-rank factor, in noise variances; 10⁻⁶ if not given. */
  readonly tolerance?: number;
}

/** The synthetic problem: points on a line, a few of them labelled, and the posterior over the others. */
export interface MaternProblem {
  readonly pool: readonly number[];
  readonly labelled: readonly Labelled<number>[];
  readonly posterior: LowRankPosterior;
}

/**
 * N pool points and the labelled ones, all x ~ N(0, 1), targets drawn from the prior of a Matérn-5/2 process
 * of output scale 1 and its noise, everything from the seed. A NumericalFailure where the labelled points lie
 * so close that their covariance is singular, which takes a noise variance near zero.
 */
export const maternProblem = ({
  poolSize,
  seed,
  lengthScale = 0.7,
  noiseVariance = 0.01,
  labelledCount = 5,
  ...options
}: MaternProblemOptions): E.Either<NumericalFailure, MaternProblem> => {
  const key = keyFromSeed(seed);
  const kernel = matern52(lengthScale);
  const pool = Array.from(normals(split(key, 0), poolSize));
  const inputs = normals(split(key, 1), labelledCount);
  return pipe(
    // y = L z has the covariance k(X, X) + σ² I of noisy targets.
    cholesky(
      matrixFrom(
        labelledCount,
        labelledCount,
        (i, j) => kernel(at(inputs, i), at(inputs, j)) + (i === j ? noiseVariance : 0),
      ),
    ),
    E.map((factor) => applyTo(factor, normals(split(key, 2), labelledCount))),
    E.map((targets) => Array.from(targets, (target, i) => ({ input: at(inputs, i), target }))),
    E.chain((labelled) =>
      pipe(
        pool,
        conditionedOn(labelled)({ kernel, noiseVariance, ...options }),
        E.map((posterior) => ({ pool, labelled, posterior })),
      ),
    ),
  );
};
