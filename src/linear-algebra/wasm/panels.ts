/**
 * Matrices as kernels/cpu/linear-algebra has them: panels of four columns, in which row k is four numbers behind row k − 1, filled up
 * with zeros to whole panels and to rows in fours. Panels of rows are those of the transpose.
 */
import type { Matrix } from '../matrix.js';

/** Columns of a panel. */
export const width = 4;

/** The panels that so many columns fill. */
export const panelsOf = (columns: number): number => Math.ceil(columns / width);

/** Rows of a panel that holds `rows` many, in fours. */
export const depthOf = (rows: number): number => width * panelsOf(rows);

/** Numbers that a matrix takes in panels. */
export const sizeInPanels = (rows: number, columns: number): number => depthOf(rows) * depthOf(columns);

/** Writes a matrix in panels of columns. */
export const setColumns = (into: Float64Array, { rows, columns, data }: Matrix): void => {
  const depth = depthOf(rows);
  into.fill(0);
  for (let from = 0; from < columns; from += width) {
    const end = Math.min(width, columns - from);
    for (let k = 0, to = depth * from; k < rows; k++, to += width)
      for (let c = 0, at = k * columns + from; c < end; c++) into[to + c] = data[at + c] ?? NaN;
  }
};

/** Writes a matrix in panels of rows; where it is lower triangular, only the lower triangle is read. */
export const setRows = (into: Float64Array, { rows, columns, data }: Matrix, triangular: boolean): void => {
  const depth = depthOf(columns);
  into.fill(0);
  for (let i = 0; i < rows; i++) {
    const to = depth * (i - (i % width)) + (i % width);
    for (let k = 0, at = i * columns, end = triangular ? i + 1 : columns; k < end; k++)
      into[to + k * width] = data[at + k] ?? NaN;
  }
};

/** The matrix that was written in panels of columns. */
export const fromColumns = (from: Float64Array, rows: number, columns: number): Matrix => {
  const data = new Float64Array(rows * columns);
  const depth = depthOf(rows);
  for (let left = 0; left < columns; left += width) {
    const end = Math.min(width, columns - left);
    for (let k = 0, at = depth * left; k < rows; k++, at += width)
      for (let c = 0, to = k * columns + left; c < end; c++) data[to + c] = from[at + c] ?? NaN;
  }
  return { rows, columns, data };
};

/** The lower triangular n×n matrix that was written in panels of rows. */
export const fromTriangularRows = (from: Float64Array, n: number): Matrix => {
  const data = new Float64Array(n * n);
  const depth = depthOf(n);
  for (let i = 0; i < n; i++) {
    const at = depth * (i - (i % width)) + (i % width);
    for (let k = 0, to = i * n; k <= i; k++) data[to + k] = from[at + k * width] ?? NaN;
  }
  return { rows: n, columns: n, data };
};

/** The symmetric n×n matrix of which panels of columns hold the tiles on and above the diagonal. Exactly symmetric. */
export const fromUpperTiles = (from: Float64Array, n: number): Matrix => {
  const data = new Float64Array(n * n);
  const depth = depthOf(n);
  for (let j = 0; j < n; j++) {
    const at = depth * (j - (j % width)) + (j % width);
    for (let i = 0; i <= j; i++) {
      const entry = from[at + i * width] ?? NaN;
      data[i * n + j] = entry;
      data[j * n + i] = entry;
    }
  }
  return { rows: n, columns: n, data };
};
