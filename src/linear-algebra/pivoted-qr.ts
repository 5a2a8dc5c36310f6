/**
 * A triangle U of a matrix A, Aᵀ A = Uᵀ U, by Householder reflections with column pivoting, and an orthonormal basis of some
 * vectors. Against a Cholesky factor of Aᵀ A this keeps what is below √ε of the largest column, as the squares are never
 * formed; of rows of different scales too, which are taken largest first.
 *
 * Sources: Golub and Van Loan, Matrix Computations (4th ed.), section 5.4.2; Cox and Higham, Stability of Householder QR
 * factorization for weighted least squares problems (1998), for the order of the rows.
 */
import { type Matrix, rowsAt } from './matrix.js';
import { rowOf } from './product.js';
import { addScaledInto, dot, dotRange } from './vector.js';

/** Σ_{i≥from} A_ij² of all columns. */
const columnSquares = ({ rows, columns, data }: Matrix, from: number): Float64Array => {
  const squares = new Float64Array(columns);
  for (let i = from; i < rows; i++)
    for (let j = 0; j < columns; j++) squares[j] = (squares[j] ?? 0) + (data[i * columns + j] ?? NaN) ** 2;
  return squares;
};

/** The reflection of rows `from` and below that leaves of one column its first number alone, in place. */
const reflect = ({ rows, columns, data }: Matrix, from: number, pivot: number, square: number): void => {
  const v = Float64Array.from({ length: rows - from }, (_, i) => data[(from + i) * columns + pivot] ?? NaN);
  const left = (v[0] ?? 0) > 0 ? -Math.sqrt(square) : Math.sqrt(square);
  v[0] = (v[0] ?? NaN) - left;
  const scale = 2 / dot(v, v);
  const shares = new Float64Array(columns);
  v.forEach((x, i) => {
    addScaledInto(shares, 0, x, data, (from + i) * columns, columns);
  });
  v.forEach((x, i) => {
    addScaledInto(data, (from + i) * columns, -scale * x, shares, 0, columns);
    data[(from + i) * columns + pivot] = i === 0 ? left : 0;
  });
};

/**
 * U, r×D, of A, M×D: its rows from the one of the largest pivot on, until the trace of Aᵀ A − Uᵀ U is at most `tolerance`;
 * the columns are in A's order. O(M D r). The numbers must be finite.
 */
export const pivotedTriangle = (a: Matrix, tolerance: number): Matrix => {
  const squares = Float64Array.from({ length: a.rows }, (_, i) => dot(rowOf(a, i), rowOf(a, i)));
  const order = Array.from(squares.keys()).sort((i, j) => (squares[j] ?? 0) - (squares[i] ?? 0));
  const left = rowsAt(a, order);
  let rank = 0;
  for (; rank < Math.min(a.rows, a.columns); rank++) {
    const remaining = columnSquares(left, rank);
    const pivot = remaining.reduce((best, x, j) => (x > (remaining[best] ?? NaN) ? j : best), 0);
    if (!(remaining.reduce((total, x) => total + x, 0) > tolerance)) break;
    reflect(left, rank, pivot, remaining[pivot] ?? NaN);
  }
  return { rows: rank, columns: a.columns, data: left.data.slice(0, rank * a.columns) };
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
