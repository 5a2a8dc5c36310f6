/**
 * Class labels: whole numbers 0 … C − 1, and their place among C − 1 orthonormal contrasts,
 *
 *   label c  ↦  q_c = row c of Q,   Q (C×(C−1)),   QᵀQ = I,   columns that sum to zero (Helmert's)
 *
 * One-hot rows all lie in the plane where the entries sum to one; contrasts are coordinates of that plane. What C regressions
 * on one-hot labels say of classes, C − 1 on contrasts say without counting any row's information twice: a common shift of
 * all C values changes no class probability. f = Q g takes values g of the contrasts back to one value a class.
 *
 * Source of the contrasts: Lancaster, The Helmert matrices (1965).
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { maximalClasses } from '../data/class-names.js';
import { type Fault, type InputFailure, noneOf } from '../failure.js';
import { type Matrix, matrixFrom } from '../linear-algebra/matrix.js';

const whole = (x: number, least: number, most: number): boolean =>
  Number.isSafeInteger(x) && x >= least && x <= most;

/**
 * C, of labels and of the number of classes where it is given; else the largest label and one more. An InputFailure for
 * labels that are not whole numbers from 0 up and below C, and for fewer than 2 or more than 1,000 classes.
 */
export const classCountOf = (labels: Float64Array, given?: number): E.Either<InputFailure, number> => {
  const classes = given ?? labels.reduce((most, c) => Math.max(most, c), 0) + 1;
  const wrong = Array.from(labels.entries())
    .filter(([, label]) => !whole(label, 0, (given ?? maximalClasses) - 1))
    .slice(0, 5)
    .map(([i, label]): Fault => ({
      source: `class labels, row ${i + 1}`,
      problem: `the label is ${label}`,
      remedy: `Number the classes from 0 to ${(given ?? maximalClasses) - 1}`,
    }));
  const few: readonly Fault[] =
    wrong.length > 0 || whole(classes, 2, maximalClasses)
      ? []
      : [
          {
            source: 'class labels',
            problem:
              given === undefined
                ? 'all labels are of class 0'
                : `the number of classes is ${given}, not one from 2 to ${maximalClasses}`,
            remedy: 'Label a row of another class, or give the number of classes',
          },
        ];
  return pipe(
    noneOf([...wrong, ...few]),
    E.map(() => classes),
  );
};

/** Q, C×(C−1): column j is (1, …, 1, −(j + 1), 0, …) with j + 1 ones, over its length. */
export const contrasts = (classes: number): Matrix =>
  matrixFrom(classes, classes - 1, (c, j) =>
    c > j + 1 ? 0 : (c === j + 1 ? -(j + 1) : 1) / Math.sqrt((j + 1) * (j + 2)),
  );

/** log-softmax of `scale` times the C values f from `from` on in `values`, written to `out` from `to` on, nats. */
export const logSoftmaxInto = (
  values: Float64Array,
  from: number,
  scale: number,
  classes: number,
  out: Float64Array,
  to: number,
): void => {
  let largest = -Infinity;
  for (let c = 0; c < classes; c++) largest = Math.max(largest, scale * (values[from + c] ?? NaN));
  let total = 0;
  for (let c = 0; c < classes; c++) total += Math.exp(scale * (values[from + c] ?? NaN) - largest);
  const shift = largest + Math.log(total);
  for (let c = 0; c < classes; c++) out[to + c] = scale * (values[from + c] ?? NaN) - shift;
};
