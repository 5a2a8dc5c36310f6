/**
 * The Cholesky factor L of a symmetric positive definite matrix, A = L Lᵀ with L lower triangular, and what
 * follows from it:
 *
 *   L x = b, Lᵀ x = b   by substitution;       log det A = 2 Σ_i log L_ii
 *
 * Source: Golub and Van Loan, Matrix Computations (4th ed.), sections 3.1 and 4.2.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { type NumericalFailure, numericalFailure } from '../failure.js';
import { aTurn, atOnce, turnCounter, type Work } from '../work.js';
import { type Matrix, matrixFrom } from './matrix.js';
import { rowGramInSteps } from './product.js';
import { addScaledInto, dotRange } from './vector.js';

const square = (name: string, a: Matrix): void => {
  if (a.rows !== a.columns) throw new RangeError(`${name}: the matrix is ${a.rows}×${a.columns}, not square`);
};

/** {@link cholesky} in steps. */
export function* choleskyInSteps(a: Matrix): Work<E.Either<NumericalFailure, Matrix>> {
  square('cholesky', a);
  const n = a.rows;
  const l = new Float64Array(n * n);
  const turnOver = turnCounter();
  for (let i = 0; i < n; i++) {
    if (turnOver(i * i)) yield;
    for (let j = 0; j < i; j++)
      l[i * n + j] = ((a.data[i * n + j] ?? NaN) - dotRange(l, i * n, l, j * n, j)) / (l[j * n + j] ?? 1);
    const diagonal = a.data[i * n + i] ?? NaN;
    const pivot = diagonal - dotRange(l, i * n, l, i * n, i);
    if (!(pivot > n * Number.EPSILON * diagonal && pivot < Infinity))
      return E.left(
        numericalFailure(
          'Cholesky factor',
          `the ${n}×${n} matrix is not positive definite: pivot ${i + 1} is ${pivot} against a diagonal entry of ${diagonal}`,
          'Add a positive multiple of the identity (a noise variance), or remove rows that repeat each other',
        ),
      );
    l[i * n + i] = Math.sqrt(pivot);
  }
  return E.right({ rows: n, columns: n, data: l });
}

/**
 * L, n×n, of a symmetric matrix of which only the lower triangle is read. A NumericalFailure where the matrix
 * is not positive definite: a pivot that is not above n·ε times its diagonal entry, the size that rounding
 * alone leaves. Throws a RangeError for a matrix that is not square.
 */
export const cholesky = (a: Matrix): E.Either<NumericalFailure, Matrix> => atOnce(choleskyInSteps(a));

/** X with L X = B, B of shape n×m. Throws a RangeError if the sizes differ. */
export const solveLower = (l: Matrix, b: Matrix): Matrix => {
  square('solveLower', l);
  if (l.rows !== b.rows)
    throw new RangeError(`solveLower: factor of ${l.rows} rows, right side of ${b.rows}`);
  const [n, m] = [b.rows, b.columns];
  const x = b.data.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) addScaledInto(x, i * m, -(l.data[i * n + k] ?? NaN), x, k * m, m);
    const pivot = l.data[i * n + i] ?? 1;
    for (let j = 0; j < m; j++) x[i * m + j] = (x[i * m + j] ?? NaN) / pivot;
  }
  return { rows: n, columns: m, data: x };
};

/** X with Lᵀ X = B, B of shape n×m. Throws a RangeError if the sizes differ. */
export const solveLowerTransposed = (l: Matrix, b: Matrix): Matrix => {
  square('solveLowerTransposed', l);
  if (l.rows !== b.rows)
    throw new RangeError(`solveLowerTransposed: factor of ${l.rows} rows, right side of ${b.rows}`);
  const [n, m] = [b.rows, b.columns];
  const x = b.data.slice();
  for (let i = n - 1; i >= 0; i--) {
    const pivot = l.data[i * n + i] ?? 1;
    for (let j = 0; j < m; j++) x[i * m + j] = (x[i * m + j] ?? NaN) / pivot;
    for (let k = 0; k < i; k++) addScaledInto(x, k * m, -(l.data[i * n + k] ?? NaN), x, i * m, m);
  }
  return { rows: n, columns: m, data: x };
};

/** A⁻¹ = L⁻ᵀ L⁻¹ from the factor L, n×n, in steps. Exactly symmetric. */
export function* inverseInSteps(l: Matrix): Work<Matrix> {
  square('inverseInSteps', l);
  const n = l.rows;
  // The columns of L⁻¹ as rows, some at a time.
  const columns = new Float64Array(n * n);
  const width = Math.max(1, Math.floor((8 * aTurn) / (n * n)));
  for (let from = 0; from < n; from += width) {
    const count = Math.min(width, n - from);
    const some = solveLower(
      l,
      matrixFrom(n, count, (i, j) => (i === from + j ? 1 : 0)),
    );
    for (let j = 0; j < count; j++)
      for (let i = 0; i < n; i++) columns[(from + j) * n + i] = some.data[i * count + j] ?? NaN;
    yield;
  }
  return yield* rowGramInSteps({ rows: n, columns: n, data: columns });
}

/** log det(L Lᵀ) in nats. */
export const logDeterminantOfFactor = (l: Matrix): number => {
  let sum = 0;
  for (let i = 0; i < l.rows; i++) sum += Math.log(l.data[i * l.columns + i] ?? 1);
  return 2 * sum;
};

/** log det A in nats. Fails as {@link cholesky} does. */
export const logDeterminant = (a: Matrix): E.Either<NumericalFailure, number> =>
  pipe(a, cholesky, E.map(logDeterminantOfFactor));
