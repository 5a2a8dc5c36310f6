/**
 * What numbers does a feature column hold? Or, where it holds something else, which one fault says so best: a
 * column of words is one fault, not one in every row.
 */
import * as E from '#fp-ts/Either';
import type { Fault } from '../failure.js';
import { listed, type Column } from './columns.js';
import type { FaultList } from './fault-list.js';
import { looksNumeric, quoted, readNumber } from './read-number.js';
import type { Table } from './table.js';

/** A feature's value in every row of the table, labelled and pool alike. */
export interface ColumnValues {
  readonly column: Column;
  readonly values: Float64Array;
}

/** Whether nothing but white space is in the cell. */
export const isEmptyCell = (cell: string | undefined): boolean => cell === undefined || cell.trim() === '';

/** The column as messages name it: its header, or its 1-based position where it has none. */
export const columnLabel = ({ name, index }: Column): string | number => (name === '' ? index + 1 : name);

type Content =
  | { readonly _tag: 'Numbers' }
  | { readonly _tag: 'Empty' }
  | { readonly _tag: 'Text'; readonly line: number; readonly example: string };

const contentOf = (table: Table, { index }: Column): Content => {
  let text: Content = { _tag: 'Empty' };
  for (const { line, cells } of table.rows) {
    const cell = cells[index] ?? '';
    if (looksNumeric(cell)) return { _tag: 'Numbers' };
    if (text._tag === 'Empty' && !isEmptyCell(cell)) text = { _tag: 'Text', line, example: cell.trim() };
  }
  return text;
};

const textColumn = (
  table: Table,
  column: Column,
  content: Content & { _tag: 'Text' },
  leaveOut: string,
): Fault => ({
  source: table.source,
  line: content.line,
  column: columnLabel(column),
  problem: `the column holds text (${quoted(content.example)} for instance) and no number`,
  remedy: `Write it as numbers, or ${leaveOut}`,
});

const emptyColumn = (table: Table, column: Column, leaveOut: string): Fault => ({
  source: table.source,
  column: columnLabel(column),
  problem: 'every cell of the column is empty',
  remedy: `Fill it in, or ${leaveOut}`,
});

const namelessColumn = (table: Table, column: Column): Fault => ({
  source: table.source,
  line: table.headerLine,
  column: columnLabel(column),
  problem: 'the column has no name in the header',
  remedy: 'Name it, remove it, or name the columns to use with --features',
});

const secondTarget = (table: Table, column: Column, target: Column, leaveOut: string): Fault => ({
  source: table.source,
  column: columnLabel(column),
  problem: `the column is empty in just the rows whose ${quoted(target.name)} is, as a second label column would be, and one label column at a time is handled`,
  remedy: `Fill it in, or ${leaveOut}`,
});

// A feature that nobody knows of an unlabelled point is a measurement, made together with the label.
const isSecondTarget = (table: Table, column: Column, target: Column): boolean =>
  table.rows.some(({ cells }) => isEmptyCell(cells[target.index])) &&
  table.rows.every(({ cells }) => isEmptyCell(cells[column.index]) === isEmptyCell(cells[target.index]));

const readCells = (table: Table, column: Column, faults: FaultList): ColumnValues => ({
  column,
  values: Float64Array.from(table.rows, ({ line, cells }) => {
    const cell = cells[column.index] ?? '';
    const at = { source: table.source, line, column: columnLabel(column) };
    if (isEmptyCell(cell)) {
      const remedy = 'Fill it in, or remove the row, or leave the column out with --features';
      faults.add({ ...at, problem: 'the cell is empty', remedy });
      return Number.NaN;
    }
    const number = readNumber(cell);
    if (E.isRight(number)) return number.right;
    faults.add({ ...at, ...number.left });
    return Number.NaN;
  }),
});

/**
 * The values of the feature columns, one entry a column, in the table's units; each length is the number of rows.
 * Adds to `faults` a fault for each cell that is empty or not a finite number, and one fault for a column that is
 * text, empty, without a name, or a second column of labels. The values are meaningful where nothing was added.
 */
export const readFeatures = (
  table: Table,
  target: Column,
  features: readonly Column[],
  faults: FaultList,
): readonly ColumnValues[] => {
  const contents = features.map((column) => ({ column, content: contentOf(table, column) }));
  const numeric = contents.filter(
    ({ column, content }) =>
      column.name !== '' && content._tag === 'Numbers' && !isSecondTarget(table, column, target),
  );
  const leaveOut =
    numeric.length === 0
      ? 'add a column of numbers'
      : `leave it out with --features ${listed(
          numeric.map(({ column }) => column.name),
          ',',
        )}`;
  return contents.flatMap(({ column, content }) => {
    if (column.name === '') faults.add(namelessColumn(table, column));
    else if (content._tag === 'Text') faults.add(textColumn(table, column, content, leaveOut));
    else if (content._tag === 'Empty') faults.add(emptyColumn(table, column, leaveOut));
    else if (isSecondTarget(table, column, target)) faults.add(secondTarget(table, column, target, leaveOut));
    else return [readCells(table, column, faults)];
    return [];
  });
};
