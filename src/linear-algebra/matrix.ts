import { dotRange, heldIn } from './vector.js';
import { requireArray, requireFunction, requireNumbers, wrongArgument } from '../misuse.js';

/** A dense matrix of 64-bit floats on the host: row-major, `data[row * columns + column]`. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
  /** The same numbers, where they are held in single precision and nobody has asked for `data` yet, which is made of them then. */
  readonly single?: Float32Array | undefined;
}

/**
 * A matrix held in single precision, at half of the bytes; in double from when its data are first asked for, so that they may be
 * changed, and copies of the object have them alone. Who goes through all of a large pool reads {@link heldIn}.
 */
export const inSinglePrecision = (rows: number, columns: number, held: Float32Array): Matrix => {
  let [single, data]: [Float32Array | undefined, Float64Array | undefined] = [held, undefined];
  const matrix = {
    rows,
    columns,
    get data() {
      data ??= Float64Array.from(single ?? []);
      single = undefined;
      return data;
    },
  };
  return Object.defineProperty(matrix, 'single', { get: () => single });
};

/** Most entries of a matrix: 8 GiB of them. */
const mostEntries = 2 ** 30;

/**
 * A matrix of the given shape from a function of row and column. Throws, before anything is made, a TypeError where a size is no
 * whole number or `entry` no function, and a RangeError for more entries than memory is likely to hold.
 */
export const matrixFrom = (
  rows: number,
  columns: number,
  entry: (row: number, column: number) => number,
): Matrix => {
  if (!(Number.isSafeInteger(rows) && Number.isSafeInteger(columns) && rows >= 0 && columns >= 0))
    throw wrongArgument('matrixFrom', 'the shape', `${rows}×${columns}`, 'whole numbers from 0 up');
  requireFunction('matrixFrom', 'entry', entry);
  if (rows * columns > mostEntries)
    throw new RangeError(
      `matrixFrom: ${rows}×${columns} entries take ${Math.ceil((8 * rows * columns) / 2 ** 30)} GiB; give at most ${mostEntries}, a part of the rows at a time for instance`,
    );
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) data[i * columns + j] = entry(i, j);
  return { rows, columns, data };
};

/** A matrix from its rows. Throws a RangeError where they differ in length, a TypeError where they are no arrays of numbers. */
export const matrixFromRows = (rows: readonly ArrayLike<number>[]): Matrix => {
  requireArray('matrixFromRows', 'rows', rows);
  [...rows].forEach((row, i) => {
    requireNumbers('matrixFromRows', `rows[${i}]`, row);
  });
  const columns = rows[0]?.length ?? 0;
  const ragged = rows.findIndex((row) => row.length !== columns);
  if (ragged >= 0)
    throw new RangeError(
      `matrixFromRows: row ${ragged} has ${rows[ragged]?.length ?? 0} entries, row 0 has ${columns}`,
    );
  return matrixFrom(rows.length, columns, (i, j) => rows[i]?.[j] ?? NaN);
};

/** The entry of a row and a column. Throws a RangeError, which names both, where there is none. */
export const entry = ({ rows, columns, data }: Matrix, row: number, column: number): number => {
  const value = data[column < columns ? row * columns + column : -1];
  if (value === undefined) throw new RangeError(`entry: (${row}, ${column}) of ${rows}×${columns}`);
  return value;
};

/** The given rows of a matrix, in the order given. */
export const rowsAt = (matrix: Matrix, indices: readonly number[]): Matrix => {
  const { columns } = matrix;
  const held = heldIn(matrix);
  const rows = new Float64Array(indices.length * columns);
  indices.forEach((n, i) => {
    rows.set(held.subarray(n * columns, (n + 1) * columns), i * columns);
  });
  return { rows: indices.length, columns, data: rows };
};

/** The square of a row's Euclidean norm. */
export const squareOfRow = (matrix: Matrix, row: number): number => {
  const { columns } = matrix;
  const held = heldIn(matrix);
  return dotRange(held, row * columns, held, row * columns, columns);
};

/** The rows of a matrix from one up to another, as a view of its numbers. */
export const rowsBetween = ({ columns, data }: Matrix, from: number, to: number): Matrix => ({
  rows: to - from,
  columns,
  data: data.subarray(from * columns, to * columns),
});
