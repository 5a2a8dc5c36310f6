/**
 * A triangle U of a matrix A, Aᵀ A = Uᵀ U, by Householder reflections with column pivoting, and an orthonormal basis of some
 * vectors. Against a Cholesky factor of Aᵀ A this keeps what is below √ε of the largest column, as the squares are never
 * formed; of rows of different scales too, which are taken largest first.
 *
 * Sources: Golub and Van Loan, Matrix Computations (4th ed.), section 5.4.2; Cox and Higham, Stability of Householder QR
 * factorization for weighted least squares problems (1998), for the order of the rows.
 */
import { at } from '../at.js';
import { type Matrix, rowsAt } from './matrix.js';
import { rowOf, transpose } from './product.js';
import { addScaledInto, dot, dotRange } from './vector.js';

/** Of the squares of a column, what must be left of them for a subtraction to tell how much; then they are summed anew. */
const enough = 1e-6;

/** The columns of a matrix, its rows from the largest on: [D, M], each column's numbers together. */
const sortedColumns = (a: Matrix): Matrix => {
  const squares = Float64Array.from({ length: a.rows }, (_, i) => dot(rowOf(a, i), rowOf(a, i)));
  const order = Array.from(squares.keys()).sort((i, j) => at(squares, j) - at(squares, i));
  return transpose(rowsAt(a, order));
};

/**
 * U, r×D, of A, M×D: its rows from the one of the largest pivot on, until the trace of Aᵀ A − Uᵀ U is at most `tolerance`;
 * the columns are in A's order. O(M D r). The numbers must be finite.
 */
export const pivotedTriangle = (a: Matrix, tolerance: number): Matrix => {
  const { rows: columns, columns: rows, data } = sortedColumns(a);
  const triangle: number[] = [];
  // Σ_{i≥rank} A_ij² of each column, and what they were when they were last summed.
  const left = Float64Array.from({ length: columns }, (_, j) =>
    dotRange(data, j * rows, data, j * rows, rows),
  );
  const summed = left.slice();
  let rank = 0;
  for (; rank < Math.min(rows, columns); rank++) {
    const pivot = left.reduce((best, x, j) => (x > (left[best] ?? NaN) ? j : best), 0);
    if (!(left.reduce((total, x) => total + x, 0) > tolerance)) break;
    const length = rows - rank;
    const v = data.slice(pivot * rows + rank, (pivot + 1) * rows);
    const square = dot(v, v);
    // Away from the first number, so that it does not cancel.
    const kept = (v[0] ?? NaN) > 0 ? -Math.sqrt(square) : Math.sqrt(square);
    v[0] = (v[0] ?? NaN) - kept;
    const scale = 2 / dot(v, v);
    for (let j = 0; j < columns; j++) {
      const start = j * rows + rank;
      if (j === pivot) data.fill(0, start, start + length).fill(kept, start, start + 1);
      else addScaledInto(data, start, -scale * dotRange(v, 0, data, start, length), v, 0, length);
      const top = data[start] ?? NaN;
      triangle.push(top);
      const rest = (left[j] ?? NaN) - top * top;
      const anew = rest < enough * (summed[j] ?? NaN);
      left[j] = anew ? dotRange(data, start + 1, data, start + 1, length - 1) : rest;
      if (anew) summed[j] = left[j] ?? NaN;
    }
  }
  return { rows: rank, columns, data: Float64Array.from(triangle) };
};

/** Orthonormal rows that span the first k rows of A for every k, by Gram and Schmidt, twice; A's rows are independent. */
export const orthonormalRows = (a: Matrix): Matrix => {
  const { rows, columns } = a;
  const data = a.data.slice();
  for (let i = 0; i < rows; i++) {
    for (let pass = 0; pass < 2; pass++)
      for (let j = 0; j < i; j++) {
        const share = dotRange(data, i * columns, data, j * columns, columns);
        addScaledInto(data, i * columns, -share, data, j * columns, columns);
      }
    const length = Math.sqrt(dotRange(data, i * columns, data, i * columns, columns));
    for (let k = i * columns; k < (i + 1) * columns; k++) data[k] = (data[k] ?? NaN) / length;
  }
  return { rows, columns, data };
};
