/**
 * The posterior of a model elsewhere, by what it predicts for a pool of N points. Of a number: S draws of the noise-free
 * function values, from an ensemble, masks or samples of a posterior,
 *
 *   mean_n = Σ_s f_s(n) / S,      φ_n = (f_1(n) − mean_n, …, f_S(n) − mean_n) / (σ √(S − 1)),      Φ Φᵀ = Cov(f) / σ²
 *
 * or the covariance of these values itself, by its pivoted Cholesky factor (pivoted-cholesky.ts). Of classes: the probabilities
 * of each label under S draws of the parameters, as BatchBALD has them (Kirsch et al. 2019, arXiv 1906.08158). σ² is the variance
 * of a label's noise: what a label of a point tells hangs on it, and no draws of noise-free values know it.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { at } from '../at.js';
import { badInput, type Failure, inputFailure, noneOf } from '../failure.js';
import { type Matrix, matrixFrom, entry } from '../linear-algebra/matrix.js';
import { dotRange } from '../linear-algebra/vector.js';
import { membersOf, requireMatrix, requireNumbers } from '../misuse.js';
import { categoricalPosterior, sumTolerance } from './categorical-posterior.js';
import { classPosterior } from './class-posterior.js';
import { largestTarget, notFinite, notPositive } from './input-faults.js';
import { pivotedCholesky, type PivotedCholesky } from './pivoted-cholesky.js';
import type { Posterior } from './posterior.js';

/** What predictions of a number need beside them. */
export interface PredictedNoise {
  /** σ², in squared units of the target. */
  readonly noiseVariance: number;
}

/** Of draws S×N: their mean [N], and `unit` times what each deviates from it, N×S. */
export const momentsOfDraws = (
  { rows: count, columns: points, data }: Matrix,
  unit: number,
): Pick<Posterior, 'mean' | 'whitened'> => {
  const mean = Float64Array.from({ length: points }, (_, n) => {
    let sum = 0;
    for (let s = 0; s < count; s++) sum += at(data, s * points + n);
    return sum / count;
  });
  return {
    mean,
    whitened: matrixFrom(points, count, (n, s) => unit * (at(data, s * points + n) - at(mean, n))),
  };
};

/** σ² as it is given: a program in JavaScript may leave it out, and then it is no number. */
const given = ({ noiseVariance }: Partial<PredictedNoise>): number => noiseVariance ?? NaN;

/** A posterior of which labels would tell something. */
const uncertain = (posterior: Posterior): E.Either<Failure, Posterior> =>
  posterior.whitened.data.some((x) => x !== 0)
    ? E.right(posterior)
    : E.left(
        badInput(
          'predictions',
          'they are certain of every point, so that no label would tell anything',
          'Give draws that differ (of an ensemble or dropout), or variances above 0',
        ),
      );

/** A posterior whose features have squares; else its noise is too small beside what it predicts. */
const withinNumbers = (posterior: Posterior): E.Either<Failure, Posterior> =>
  pipe(
    noneOf(notFinite('features', posterior.whitened, largestTarget)),
    E.match(
      () =>
        E.left(
          badInput(
            'noise variance',
            `it is ${posterior.noiseVariance}, too small for what is predicted`,
            'Give a larger one',
          ),
        ),
      () => uncertain(posterior),
    ),
  );

/**
 * A posterior from draws of function values (S×N, a row a draw, in units of the target) and the noise variance σ². An
 * InputFailure for fewer than two draws, or draws that do not differ, entries that are not finite or have no squares, or a noise
 * that is not positive.
 */
export const posteriorOfDraws = (draws: Matrix, noise: PredictedNoise): E.Either<Failure, Posterior> => {
  requireMatrix('posteriorOfDraws', 'draws', draws);
  membersOf('posteriorOfDraws', 'noise', noise, '{ noiseVariance }');
  const { rows: count } = draws;
  const noiseVariance = given(noise);
  const sound = noneOf([
    ...notFinite('draws', draws, largestTarget),
    ...notPositive('noise variance', noiseVariance),
  ]);
  if (E.isLeft(sound)) return sound;
  if (count < 2)
    return E.left(
      badInput(
        'draws',
        `there ${count === 1 ? 'is one draw' : 'are no draws'}, whose spread says nothing`,
        'Give two draws at least',
      ),
    );
  return withinNumbers({
    ...momentsOfDraws(draws, 1 / Math.sqrt(noiseVariance * (count - 1))),
    noiseVariance,
  });
};

/** Whether all rows of C numbers are distributions, as posteriorOfProbabilities takes them; not of none. */
export const isDistributions = (values: ArrayLike<number>, classes: number): boolean => {
  if (classes < 1) return false;
  for (let at = 0; at < values.length; at += classes) {
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const p = values[at + c] ?? NaN;
      if (!(p >= 0)) return false;
      sum += p;
    }
    if (!(Math.abs(sum - 1) <= sumTolerance)) return false;
  }
  return values.length > 0;
};

/**
 * A posterior of class labels from probabilities [S, N, C], row-major: p(y_n = c | θ_s) under S draws of the parameters. A row
 * that misses a sum of one by at most 1e-4 is divided by its sum. Of one draw labels tell nothing: it is for margin and
 * entropy. An InputFailure that names the draw and the point (from 0) of a row that misses it by more, or has a number below 0
 * or none; one for several draws that do not differ. Throws a RangeError where the length is not S·N·C.
 */
export const posteriorOfProbabilities = (
  shape: readonly [draws: number, points: number, classes: number],
  probabilities: ArrayLike<number>,
): E.Either<Failure, Posterior> => {
  requireNumbers('posteriorOfProbabilities', 'shape', shape);
  requireNumbers('posteriorOfProbabilities', 'probabilities', probabilities);
  const [draws, points, classes] = shape;
  // Sizes that do not fit are misuse, which categoricalPosterior tells.
  const rows = probabilities.length === draws * points * classes && classes >= 1 ? draws * points : 0;
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    let lowest = Infinity;
    for (let c = 0; c < classes; c++) {
      const p = probabilities[row * classes + c] ?? NaN;
      sum += p;
      lowest = Math.min(lowest, p);
    }
    if (!(lowest >= 0 && Math.abs(sum - 1) <= sumTolerance))
      return E.left(
        badInput(
          'probabilities',
          `those of point ${row % points} under draw ${Math.floor(row / points)} ${lowest < 0 ? `have ${lowest} among them` : `sum to ${sum}`}`,
          'Give probabilities [draws, points, classes], the softmax of logits, with a sum of 1',
        ),
      );
  }
  return pipe(
    categoricalPosterior(
      shape,
      Float64Array.from(probabilities, (p) => Math.log(p)),
    ),
    E.chain(classPosterior),
    E.mapLeft((failure): Failure => failure),
    E.chain((posterior) => (draws > 1 ? uncertain(posterior) : E.right(posterior))),
  );
};

/** How far K_nm and K_mn may be apart, and K from being positive semidefinite, of its largest variance: float32 and some more. */
const roundOff = 1e-5;

/** The first pair of points whose covariances differ by more than rounding, or are larger than their variances allow. */
const unsoundPair = (covariance: Matrix): string | undefined => {
  const count = covariance.rows;
  let largest = 0;
  for (let n = 0; n < count; n++) largest = Math.max(largest, Math.abs(entry(covariance, n, n)));
  for (let n = 0; n < count; n++) {
    if (!(entry(covariance, n, n) >= 0)) return `the variance of point ${n} is ${entry(covariance, n, n)}`;
    for (let m = 0; m < n; m++) {
      const [above, below] = [entry(covariance, m, n), entry(covariance, n, m)];
      if (Math.abs(above - below) > roundOff * largest)
        return `entry [${m}, ${n}] is ${above} and entry [${n}, ${m}] is ${below}`;
      if (Math.abs(above) > Math.sqrt(entry(covariance, n, n) * entry(covariance, m, m)) + roundOff * largest)
        return `the covariance ${above} of points ${m} and ${n} is larger than their variances allow`;
    }
  }
  return undefined;
};

/**
 * Whether K − L Lᵀ is as small as what a factor leaves of a positive semidefinite K, in some of its rows: no entry of a positive
 * semidefinite matrix is larger than the largest of its diagonal, which is `residual` noise variances.
 */
const isLeftOver = (
  covariance: Matrix,
  { whitened: { columns, data }, residual }: PivotedCholesky,
  noiseVariance: number,
): boolean => {
  const { rows } = covariance;
  let largest = 0;
  for (let n = 0; n < rows; n++) largest = Math.max(largest, entry(covariance, n, n));
  const most = noiseVariance * residual + 10 * roundOff * largest;
  for (let n = 0; n < rows; n += Math.max(1, Math.floor(rows / 64)))
    for (let m = 0; m < rows; m++) {
      const made = noiseVariance * dotRange(data, n * columns, data, m * columns, columns);
      if (Math.abs(entry(covariance, n, m) - made) > most) return false;
    }
  return true;
};

/** What a covariance needs beside it: σ², and the N means where they are known. */
export interface PredictedMoments extends PredictedNoise {
  readonly mean?: Float64Array;
}

/**
 * A posterior from the covariance of the noise-free function values of N points (N×N, squared units of the target), the noise
 * variance σ² and the means (0 if left out). An InputFailure that names the entry where one is not finite, the matrix is not
 * symmetric, or a pair of points has more covariance than variances; one for a matrix that is not positive semidefinite, and
 * for a noise that is not positive, or variances that are all 0 beside it. Throws a RangeError where it is not square.
 */
export const posteriorOfCovariance = (
  covariance: Matrix,
  moments: PredictedMoments,
): E.Either<Failure, Posterior> => {
  requireMatrix('posteriorOfCovariance', 'covariance', covariance);
  membersOf('posteriorOfCovariance', 'moments', moments, '{ noiseVariance }');
  const { mean = new Float64Array(covariance.rows) } = moments;
  const noiseVariance = given(moments);
  requireNumbers('posteriorOfCovariance', 'mean', mean);
  const { rows: points, columns } = covariance;
  if (points !== columns || mean.length !== points)
    throw new RangeError(
      `posteriorOfCovariance: a covariance of ${points}×${columns} and ${mean.length} means; give N×N and N`,
    );
  const sound = noneOf([
    ...notFinite('covariance', covariance, largestTarget),
    ...notFinite('mean', { rows: points, columns: 1, data: mean }),
    ...notPositive('noise variance', noiseVariance),
  ]);
  if (E.isLeft(sound)) return sound;
  const remedy = 'Give the covariance of the noise-free values, symmetric and positive semidefinite';
  const problem = unsoundPair(covariance);
  if (problem !== undefined) return E.left(badInput('covariance', problem, remedy));
  const symmetric = (n: number, m: number): number => (entry(covariance, n, m) + entry(covariance, m, n)) / 2;
  return pipe(
    pivotedCholesky(points, symmetric, { noiseVariance }),
    E.mapLeft((failure): Failure => failure),
    E.filterOrElse(
      (factor) => isLeftOver(covariance, factor, noiseVariance),
      (): Failure =>
        inputFailure({ source: 'covariance', problem: 'it is not positive semidefinite', remedy }),
    ),
    E.chain(({ whitened }) => withinNumbers({ mean, whitened, noiseVariance })),
  );
};
