/**
 * What every surrogate of a class label hands to the reward: for S parameter draws θ_s, equally likely, drawn once and
 * kept,
 *
 *   log p(y_n = c | θ_s)      of N points and C classes, in nats
 *
 * Labels are independent given θ_s. As the draws are kept, all that follows from them is a fixed function of a batch.
 */
import * as E from '#fp-ts/Either';
import { numericalFailure, type NumericalFailure } from '../failure.js';
import { requireNumbers } from '../misuse.js';
import { logSumExp } from '../linear-algebra/log-sum.js';
import { atOnce, turnCounter, type Work } from '../work.js';

/** The label probabilities of a pool under S parameter draws. Made, and checked, by {@link categoricalPosterior}. */
export interface CategoricalPosterior {
  /** S, 1 at least. */
  readonly draws: number;
  /** N. */
  readonly points: number;
  /** C, 1 at least. */
  readonly classes: number;
  /** [S, N, C], nats, each row of C a distribution. −Infinity where a label cannot be. */
  readonly logProbabilities: Float64Array;
}

/** How far the probabilities of a row may be from a sum of one: what rounding to 32 bits leaves, and some more. */
export const sumTolerance = 1e-4;

/** {@link categoricalPosterior} in steps. */
export function* categoricalPosteriorInSteps(
  shape: readonly [draws: number, points: number, classes: number],
  logProbabilities: ArrayLike<number>,
): Work<E.Either<NumericalFailure, CategoricalPosterior>> {
  requireNumbers('categoricalPosterior', 'shape', shape);
  requireNumbers('categoricalPosterior', 'logProbabilities', logProbabilities);
  const [draws, points, classes] = shape;
  const whole = [draws, points, classes].every((size) => Number.isInteger(size) && size >= 0);
  if (!whole || draws < 1 || classes < 1 || logProbabilities.length !== draws * points * classes)
    throw new RangeError(
      `categoricalPosterior: ${logProbabilities.length} log-probabilities for [${draws}, ${points}, ${classes}] (draws, points, classes)`,
    );
  const checked = Float64Array.from(logProbabilities);
  const turnOver = turnCounter();
  for (let row = 0; row < draws * points; row++) {
    const own = checked.subarray(row * classes, (row + 1) * classes);
    const total = logSumExp(own);
    // Written so that NaN is refused.
    if (!(Math.abs(Math.expm1(total)) <= sumTolerance))
      return E.left(
        numericalFailure(
          'categoricalPosterior',
          `the probabilities of point ${row % points} under draw ${Math.floor(row / points)} sum to ${Math.exp(total)}`,
          'give the log-softmax of logits, [draws, points, classes] in row-major order',
        ),
      );
    for (let c = 0; c < classes; c++) own[c] = (own[c] ?? NaN) - total;
    if (turnOver(64 * classes)) yield;
  }
  return E.right({ draws, points, classes, logProbabilities: checked });
}

/**
 * A posterior from log p(y_n = c | θ_s), [S, N, C] row-major in nats, which are copied. −Infinity is a probability of zero.
 * A row that misses a sum of one by rounding, up to 1e-4, is divided by its sum; a NumericalFailure, naming the row, where
 * one misses it by more or holds NaN. Throws a RangeError where the length is not S·N·C, or S or C is below 1.
 */
export const categoricalPosterior = (
  shape: readonly [draws: number, points: number, classes: number],
  logProbabilities: ArrayLike<number>,
): E.Either<NumericalFailure, CategoricalPosterior> =>
  atOnce(categoricalPosteriorInSteps(shape, logProbabilities));

/** The label probabilities of some points under some of the draws, in the orders given; under all if these are left out. */
export const categoricalAt = (
  { draws, points, classes, logProbabilities }: CategoricalPosterior,
  indices: readonly number[],
  kept: readonly number[] = Array.from({ length: draws }, (_, s) => s),
): CategoricalPosterior => {
  const own = new Float64Array(kept.length * indices.length * classes);
  let to = 0;
  for (const s of kept)
    for (const n of indices) {
      const from = (s * points + n) * classes;
      own.set(logProbabilities.subarray(from, from + classes), to);
      to += classes;
    }
  return { draws: kept.length, points: indices.length, classes, logProbabilities: own };
};
