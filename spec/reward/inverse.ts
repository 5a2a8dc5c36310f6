/** The inverse of a symmetric positive definite matrix, by Gauss and Jordan: for definitions in specs. */
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import { entry } from '../linear-algebra/arbitrary.js';

/** A⁻¹. */
export const inverse = (a: Matrix): Matrix => {
  const n = a.rows;
  const rows = Array.from({ length: n }, (_, i) =>
    Array.from({ length: 2 * n }, (_x, j) => (j < n ? entry(a, i, j) : j - n === i ? 1 : 0)),
  );
  rows.forEach((pivotRow, i) => {
    const pivot = pivotRow[i] ?? NaN;
    pivotRow.forEach((x, j) => (pivotRow[j] = x / pivot));
    rows.forEach((row, k) => {
      const factor = row[i] ?? NaN;
      if (k !== i) row.forEach((x, j) => (row[j] = x - factor * (pivotRow[j] ?? NaN)));
    });
  });
  return matrixFrom(n, n, (i, j) => rows[i]?.[n + j] ?? NaN);
};
