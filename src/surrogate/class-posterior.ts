/**
 * The Posterior of class labels, from their probabilities p_nc(θ_s) under S parameter draws: the most probable class of each
 * point, and the whitened features of a Gaussian approximation, by which policies see the points. With p̄ the mean over draws,
 *
 *   k(n, m) = Σ_c Cov_θ(p_nc, p_mc) / √(p̄_nc p̄_mc),      Φ Φᵀ ≈ k,  then rows scaled to  ½ log(1 + |φ_n|²) = I(y_n ; θ)
 *
 * To second order in p − p̄ a single label tells ½ k(n, n) nats, as in the Gaussian approximation; the scale makes that exact.
 * Of two labels it is a Gaussian approximation only: the reward itself is exact or sampled (reward/categorical).
 *
 * Source: the expansion is that of Cover and Thomas, Elements of Information Theory (2nd ed.), lemma 17.3.3 (relative
 * entropy and χ²); I(y_n ; θ) is BALD, Houlsby et al. (2011), arXiv 1112.5745.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { at } from '../at.js';
import type { NumericalFailure } from '../failure.js';
import { timesLog } from '../linear-algebra/log-sum.js';
import { matrixFrom, squareOfRow } from '../linear-algebra/matrix.js';
import { dotRange } from '../linear-algebra/vector.js';
import type { CategoricalPosterior } from './categorical-posterior.js';
import { atOnce, turnCounter, type Work } from '../work.js';
import { pivotedCholeskyInSteps } from './pivoted-cholesky.js';
import type { Posterior } from './posterior.js';

/** Most columns of Φ: what is left out then is a policy's view of the points, not the reward's. */
const maximalRank = 64;

/** Variance, of about 2 I(y_n ; θ), that the factor may leave a point. */
const tolerance = 1e-4;

/** p̄ [N, C], and I(y_n ; θ) [N] in nats. */
export interface ClassPredictions {
  readonly probabilities: Float64Array;
  readonly information: Float64Array;
}

/** {@link classPredictions} in steps. */
function* classPredictionsInSteps({
  draws,
  points,
  classes,
  logProbabilities,
}: CategoricalPosterior): Work<ClassPredictions> {
  const turnOver = turnCounter();
  const probabilities = new Float64Array(points * classes);
  const information = new Float64Array(points);
  for (let at = 0; at < logProbabilities.length; at++) {
    const place = at % probabilities.length;
    const p = Math.exp(logProbabilities[at] ?? NaN);
    probabilities[place] = (probabilities[place] ?? NaN) + p / draws;
    const n = Math.floor(place / classes);
    information[n] = (information[n] ?? NaN) + timesLog(p) / draws;
    if (turnOver(64)) yield;
  }
  probabilities.forEach((p, place) => {
    const n = Math.floor(place / classes);
    information[n] = (information[n] ?? NaN) - timesLog(p);
  });
  return { probabilities, information };
}

/** What the draws together say of each point. */
export const classPredictions = (classes: CategoricalPosterior): ClassPredictions =>
  atOnce(classPredictionsInSteps(classes));

/** (p_nc(θ_s) − p̄_nc) / √(p̄_nc S), [N, S·C]: the inner products of its rows are k. */
function* deviations(
  { draws, points, classes, logProbabilities }: CategoricalPosterior,
  probabilities: Float64Array,
): Work<Float64Array> {
  const turnOver = turnCounter();
  const width = draws * classes;
  const out = new Float64Array(points * width);
  for (let s = 0; s < draws; s++)
    for (let n = 0; n < points; n++) {
      for (let c = 0; c < classes; c++) {
        const mean = probabilities[n * classes + c] ?? NaN;
        const p = Math.exp(logProbabilities[(s * points + n) * classes + c] ?? NaN);
        out[n * width + s * classes + c] = mean > 0 ? (p - mean) / Math.sqrt(mean * draws) : 0;
      }
      if (turnOver(64 * classes)) yield;
    }
  return out;
}

/** The index of the largest of some values, of equal ones the first. */
const largestAt = (values: Float64Array): number =>
  values.reduce((best, x, i) => (x > at(values, best) ? i : best), 0);

/** {@link classPosterior} in steps. */
export function* classPosteriorInSteps(
  classes: CategoricalPosterior,
): Work<E.Either<NumericalFailure, Posterior>> {
  const { points } = classes;
  const { probabilities, information } = yield* classPredictionsInSteps(classes);
  const width = classes.draws * classes.classes;
  const rows = yield* deviations(classes, probabilities);
  return pipe(
    yield* pivotedCholeskyInSteps(points, (n, m) => dotRange(rows, n * width, rows, m * width, width), {
      noiseVariance: 1,
      tolerance,
      maximalRank,
    }),
    E.map(({ whitened: features }) => {
      const { data, columns } = features;
      const scales = Float64Array.from({ length: points }, (_, n) => {
        const square = squareOfRow(features, n);
        return square > 0 ? Math.sqrt(Math.expm1(2 * Math.max(0, information[n] ?? NaN)) / square) : 0;
      });
      return {
        mean: Float64Array.from({ length: points }, (_, n) =>
          largestAt(probabilities.subarray(n * classes.classes, (n + 1) * classes.classes)),
        ),
        whitened: matrixFrom(points, columns, (n, j) => (scales[n] ?? NaN) * (data[n * columns + j] ?? NaN)),
        noiseVariance: 1,
        classes,
      };
    }),
  );
}

/** The posterior. A NumericalFailure where a probability is not a number. O(N D (S C + D)) for D columns, 64 at most. */
export const classPosterior = (classes: CategoricalPosterior): E.Either<NumericalFailure, Posterior> =>
  atOnce(classPosteriorInSteps(classes));
