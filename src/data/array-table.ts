/**
 * How do arrays of NumPy become a table? An array [N, D] has columns 0 … D − 1, by their place. Of the arrays of an `.npz` file,
 * all with N rows, one [N] is the column of its name, and one [N, D] has columns of its name and a place: x0, x1. NaN is an empty
 * cell. Rows count from 0, as NumPy counts.
 */
import * as E from '#fp-ts/Either';
import { inputFailure, type InputFailure } from '../failure.js';
import { columnStore } from './column-store.js';
import type { NumberArray } from './npy.js';
import type { Table, TableColumn } from './table.js';

/** An array and its name; an empty one of a file of a single array. */
export type NamedArray = readonly [name: string, array: NumberArray];

/** A table whose rows have no lines. */
export const rowTable = (
  source: string,
  rows: number,
  headers: readonly string[],
  columns: readonly TableColumn[],
): Table => {
  const none = { first: [], count: 0 };
  return {
    ...{ source, headerLine: -1, headers, columns, rowKind: 'row' },
    lines: Uint32Array.from({ length: rows }, (_, row) => row),
    ...{ hollowLines: none, trailingLines: none, commentLines: none },
  };
};

const cell = (value: number): string =>
  Number.isNaN(value) ? '' : Number.isFinite(value) ? String(value) : 'inf';

const columnAt = ({ shape: [rows = 0], data }: NumberArray, width: number, place: number): TableColumn => {
  const store = columnStore();
  for (let row = 0; row < rows; row++) {
    const text = cell(data[row * width + place] ?? NaN);
    store.add(text, 0, text.length);
  }
  return store.column();
};

/** The table of arrays with as many rows each. Fails where they are no rows and columns, or have none. */
export const tableOfArrays = (
  source: string,
  arrays: readonly NamedArray[],
): E.Either<InputFailure, Table> => {
  const fault = (problem: string, remedy: string) => E.left(inputFailure({ source, problem, remedy }));
  const named = (name: string): string => (name === '' ? '' : `${name}: `);
  // A single row of numbers has no columns, unless it has a name to be one of them.
  const wrong = arrays.find(
    ([name, { shape }]) => shape.length < 1 || shape.length > 2 || (name === '' && shape.length === 1),
  );
  if (wrong !== undefined)
    return fault(
      `${named(wrong[0])}its shape is [${wrong[1].shape.join(', ')}], and a table has rows and columns`,
      wrong[0] === '' ? 'Give an array [N, D]' : 'Give arrays [N, D] or [N]',
    );
  const [rows = 0] = arrays[0]?.[1].shape ?? [];
  const other = arrays.find(([, { shape }]) => shape[0] !== rows);
  if (other !== undefined)
    return fault(
      `${arrays[0]?.[0] ?? ''} has ${rows} rows, and ${other[0]} has ${other[1].shape[0] ?? 0}`,
      'Give arrays of as many rows each',
    );
  if (rows === 0) return fault('it has no rows', 'Give an array [N, D] with a row a point');
  const columns = arrays.flatMap(([name, array]) => {
    const [, width] = array.shape;
    return Array.from({ length: width ?? 1 }, (_, place) => ({
      header: width === undefined ? name : `${name}${place}`,
      column: columnAt(array, width ?? 1, place),
    }));
  });
  if (columns.length === 0) return fault('it has no columns', 'Give an array [N, D] with a column a feature');
  return E.right(
    rowTable(
      source,
      rows,
      columns.map(({ header }) => header),
      columns.map(({ column }) => column),
    ),
  );
};
