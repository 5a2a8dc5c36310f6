/**
 * The Cholesky factor L of a symmetric positive definite matrix, A = L Lᵀ with L lower triangular, and what
 * follows from it:
 *
 *   L x = b, Lᵀ x = b   by substitution;       log det A = 2 Σ_i log L_ii
 *
 * Large ones in WebAssembly (wasm/cholesky.ts).
 *
 * Source: Golub and Van Loan, Matrix Computations (4th ed.), sections 3.1 and 4.2.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { type NumericalFailure, numericalFailure } from '../failure.js';
import { atOnce, turnCounter, type Work } from '../work.js';
import type { Matrix } from './matrix.js';
import { addInOrderInto, addScaledInto, dotFourInto, dotRange } from './vector.js';
import { wasmCholesky, wasmInverse, wasmSolve } from './wasm/cholesky.js';

const square = (name: string, a: Matrix): void => {
  if (a.rows !== a.columns) throw new RangeError(`${name}: the matrix is ${a.rows}×${a.columns}, not square`);
};

/** From this row on four entries are made together: before, that is no faster. */
const manyRows = 64;

/** {@link cholesky} in plain TypeScript, in steps: what wasmCholesky is held to, and who says what a failure is. */
export function* plainCholesky(a: Matrix): Work<E.Either<NumericalFailure, Matrix>> {
  const n = a.rows;
  const l = new Float64Array((n + 3) * n);
  const four = new Float64Array(4);
  const turnOver = turnCounter();
  for (let i = 0; i < n; i++) {
    if (turnOver(i * i)) yield;
    for (let j = 0; j < i; j += 4) {
      // What rows j … j + 3 share of their columns, and then the few of their own.
      const shared = i < manyRows ? 0 : j;
      dotFourInto(four, l, i * n, l, j * n, n, shared);
      for (let k = j; k < j + 4 && k < i; k++) {
        const inner = (four[k - j] ?? NaN) + dotRange(l, i * n + shared, l, k * n + shared, k - shared);
        l[i * n + k] = ((a.data[i * n + k] ?? NaN) - inner) / (l[k * n + k] ?? 1);
      }
    }
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
  return E.right({ rows: n, columns: n, data: l.slice(0, n * n) });
}

/** {@link cholesky} in steps. */
export function* choleskyInSteps(a: Matrix): Work<E.Either<NumericalFailure, Matrix>> {
  square('cholesky', a);
  const factor = yield* wasmCholesky(a);
  return factor === undefined ? yield* plainCholesky(a) : E.right(factor);
}

/**
 * L, n×n, of a symmetric matrix of which only the lower triangle is read. A NumericalFailure where the matrix
 * is not positive definite: a pivot that is not above n·ε times its diagonal entry, the size that rounding
 * alone leaves. Throws a RangeError for a matrix that is not square.
 */
export const cholesky = (a: Matrix): E.Either<NumericalFailure, Matrix> => atOnce(choleskyInSteps(a));

/**
 * {@link solveLower} in plain TypeScript: what wasmSolve is held to, to the bit, so that a column of X does not depend on those
 * beside it. What earlier rows take off is summed before it is taken off, but for the last few.
 */
export const plainSolveLower = (l: Matrix, b: Matrix): Matrix => {
  const [n, m] = [b.rows, b.columns];
  const x = b.data.slice();
  const sum = new Float64Array(m);
  for (let i = 0; i < n; i++) {
    const few = i - (i % 4);
    sum.fill(0);
    addInOrderInto(sum, l.data, i * n, x, 0, few);
    addScaledInto(x, i * m, -1, sum, 0, m);
    for (let k = few; k < i; k++) addScaledInto(x, i * m, -(l.data[i * n + k] ?? NaN), x, k * m, m);
    const pivot = l.data[i * n + i] ?? 1;
    for (let j = 0; j < m; j++) x[i * m + j] = (x[i * m + j] ?? NaN) / pivot;
  }
  return { rows: n, columns: m, data: x };
};

/** {@link solveLowerTransposed} in plain TypeScript: what wasmSolve is held to. */
export const plainSolveLowerTransposed = (l: Matrix, b: Matrix): Matrix => {
  const [n, m] = [b.rows, b.columns];
  const x = b.data.slice();
  for (let i = n - 1; i >= 0; i--) {
    const pivot = l.data[i * n + i] ?? 1;
    for (let j = 0; j < m; j++) x[i * m + j] = (x[i * m + j] ?? NaN) / pivot;
    for (let k = 0; k < i; k++) addScaledInto(x, k * m, -(l.data[i * n + k] ?? NaN), x, i * m, m);
  }
  return { rows: n, columns: m, data: x };
};

const solved = (l: Matrix, b: Matrix, transposed: boolean): Matrix => {
  const name = transposed ? 'solveLowerTransposed' : 'solveLower';
  square(name, l);
  if (l.rows !== b.rows) throw new RangeError(`${name}: factor of ${l.rows} rows, right side of ${b.rows}`);
  return wasmSolve(l, b, transposed) ?? (transposed ? plainSolveLowerTransposed : plainSolveLower)(l, b);
};

/** X with L X = B, B of shape n×m. Throws a RangeError if the sizes differ. */
export const solveLower = (l: Matrix, b: Matrix): Matrix => solved(l, b, false);

/** X with Lᵀ X = B, B of shape n×m. Throws a RangeError if the sizes differ. */
export const solveLowerTransposed = (l: Matrix, b: Matrix): Matrix => solved(l, b, true);

/** {@link inverseInSteps} in plain TypeScript: what wasmInverse is held to. */
export function* plainInverse(l: Matrix): Work<Matrix> {
  const n = l.rows;
  const turnOver = turnCounter();
  const four = new Float64Array(4);
  // Column j of L⁻¹, zero before its place j, as row j; four columns at a time, the last of which may be none.
  const columns = new Float64Array((n + 3) * n);
  for (let j = 0; j < n; j += 4) {
    for (let i = j; i < n; i++) {
      dotFourInto(four, l.data, i * n + j, columns, j * n + j, n, i - j);
      const pivot = l.data[i * n + i] ?? NaN;
      for (let k = 0; k < 4 && j + k <= i; k++)
        columns[(j + k) * n + i] = ((i === j + k ? 1 : 0) - (four[k] ?? NaN)) / pivot;
    }
    if (turnOver(4 * (n - j) ** 2)) yield;
  }
  const data = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b <= a; b += 4) {
      dotFourInto(four, columns, a * n + a, columns, b * n + a, n, n - a);
      for (let k = 0; k < 4 && b + k <= a; k++) {
        const entry = four[k] ?? NaN;
        data[a * n + b + k] = entry;
        data[(b + k) * n + a] = entry;
      }
    }
    if (turnOver(2 * a * (n - a))) yield;
  }
  return { rows: n, columns: n, data };
}

/**
 * A⁻¹ = L⁻ᵀ L⁻¹ from the factor L, n×n, in steps. Exactly symmetric. Both factors are zero on one side, so n³/6 products make
 * each of the two: with the factor itself that is n³/2 from A, the least that is known without faster products.
 */
export function* inverseInSteps(l: Matrix): Work<Matrix> {
  square('inverseInSteps', l);
  return (yield* wasmInverse(l)) ?? (yield* plainInverse(l));
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
