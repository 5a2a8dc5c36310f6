/**
 * What numbers does a feature column hold? Or, where it holds something else, which one fault says so best: a
 * column of words is one fault, not one in every row.
 */
import * as E from '#fp-ts/Either';
import { at } from '../at.js';
import type { Fault } from '../failure.js';
import { listed, type Column } from './columns.js';
import type { FaultList } from './fault-list.js';
import { looksNumeric, numberRemedy, quoted, readNumber, shortened } from './read-number.js';
import { emptyCells, numbersOf, rowOfText, textAt, textsOf, type Table, type TableColumn } from './table.js';

/** A feature's value in every row of the table, labelled and pool alike. */
export interface ColumnValues {
  readonly column: Column;
  readonly values: Float64Array;
}

const noCells: TableColumn = { _tag: 'Coded', texts: [''], codes: new Uint16Array(0) };

/** The cells of a column. */
export const cellsOf = (table: Table, { index }: Column): TableColumn => table.columns[index] ?? noCells;

/** Whether a column has a cell in every row. */
const isFull = (cells: TableColumn): boolean =>
  cells._tag === 'Coded'
    ? cells.texts.every((text) => text.trim() !== '')
    : !cells.numbers.some(Number.isNaN) || emptyCells(cells).every((empty) => empty === 0);

/** The column as messages name it: its header, or its 1-based position where it has none. */
export const columnLabel = ({ name, index }: Column): string | number =>
  name === '' ? index + 1 : shortened(name);

const WORDS_LOOKED_AT = 1000;

/** Words of a column without a number: one of them, the line it is on, and what to change where it was meant as a number. */
export interface Words {
  readonly line: number;
  readonly example: string;
  readonly remedy: string | undefined;
}

/** The words of a column that has no number; undefined of a column that has one, or is empty. */
export const wordsOf = (table: Table, cells: TableColumn): Words | undefined => {
  const texts = textsOf(cells);
  if (texts.length === 0 || (cells._tag === 'Numbers' && cells.numbers.some((value) => !Number.isNaN(value))))
    return undefined;
  if (texts.some(looksNumeric)) return undefined;
  // A word that was meant as a number says more than one that was not.
  const [first = '', ...others] = texts.slice(0, WORDS_LOOKED_AT);
  const example = [first, ...others].find((text) => numberRemedy(text) !== undefined) ?? first;
  return {
    line: table.lines[rowOfText(cells, example)] ?? table.headerLine,
    example: example.trim(),
    remedy: numberRemedy(example),
  };
};

const textColumn = (
  table: Table,
  column: Column,
  { line, example, remedy = 'Write it as numbers' }: Words,
  leaveOut: string,
): Fault => ({
  source: table.source,
  line,
  column: columnLabel(column),
  problem: `the column holds text (${quoted(example)} for instance) and no number`,
  remedy: `${remedy}, or ${leaveOut}`,
});

const emptyColumn = (table: Table, column: Column, leaveOut: string): Fault => ({
  source: table.source,
  column: columnLabel(column),
  problem: 'every cell of the column is empty',
  remedy: `Fill it in, or ${leaveOut}`,
});

/** Whether the rows are numbered from 0 or 1 up, as programs do that write a table with its index. */
const isIndex = (cells: TableColumn): boolean => {
  const numbers = numbersOf(cells);
  const from = numbers[0] ?? NaN;
  return (from === 0 || from === 1) && numbers.every((value, row) => value === from + row);
};

const namelessColumn = (table: Table, column: Column, leaveOut: string): Fault => ({
  source: table.source,
  line: table.headerLine,
  column: columnLabel(column),
  ...(isIndex(cellsOf(table, column))
    ? {
        problem: 'the column has no name in the header, and it counts the rows',
        remedy: `Write the table without its index (index=False of pandas), or ${leaveOut}`,
      }
    : {
        problem: 'the column has no name in the header',
        remedy: 'Name it, remove it, or name the columns to use with --features',
      }),
});

const secondTarget = (table: Table, column: Column, target: Column, leaveOut: string): Fault => ({
  source: table.source,
  column: columnLabel(column),
  problem: `the column is empty in just the rows whose ${quoted(target.name)} is, as a second label column would be, and one label column at a time is handled`,
  remedy: `Fill it in, or ${leaveOut}`,
});

// A feature that nobody knows of an unlabelled point is a measurement, made together with the label.
const isSecondTarget = (cells: TableColumn, target: TableColumn): boolean => {
  if (isFull(cells) || isFull(target)) return false;
  const [own, labels] = [emptyCells(cells), emptyCells(target)];
  return own.every((empty, row) => empty === labels[row]);
};

const readCells = (table: Table, column: Column, faults: FaultList): ColumnValues => {
  const cells = cellsOf(table, column);
  const values = numbersOf(cells);
  for (let row = 0; row < values.length; row++) {
    if (!Number.isNaN(values[row])) continue;
    const cell = textAt(cells, row);
    const place = { source: table.source, line: at(table.lines, row), column: columnLabel(column) };
    const number = readNumber(cell);
    if (cell.trim() === '') {
      const remedy = 'Fill it in, or remove the row, or leave the column out with --features';
      faults.add({ ...place, problem: 'the cell is empty', remedy });
    } else if (E.isLeft(number)) faults.add({ ...place, ...number.left }, 'not a number');
  }
  return { column, values };
};

/**
 * The values of the feature columns, one entry a column, in the table's units; each length is the number of rows.
 * Adds to `faults` a fault for each column with cells that are empty or not finite numbers, and one for a column that is
 * text, empty, without a name, or a second column of labels. The values are meaningful where nothing was added.
 */
export const readFeatures = (
  table: Table,
  target: Column,
  features: readonly Column[],
  faults: FaultList,
): readonly ColumnValues[] => {
  const labels = cellsOf(table, target);
  const contents = features.map((column) => {
    const cells = cellsOf(table, column);
    const words = wordsOf(table, cells);
    const isEmpty =
      words === undefined && textsOf(cells).length === 0 && numbersOf(cells).every(Number.isNaN);
    return { column, words, isEmpty, second: isSecondTarget(cells, labels) };
  });
  const numeric = contents.filter(
    ({ column, words, isEmpty, second }) => column.name !== '' && words === undefined && !isEmpty && !second,
  );
  const names = numeric.map(({ column }) => column.name);
  const leaveOut =
    names.length === 0 ? 'add a column of numbers' : `leave it out with --features ${listed(names, ',')}`;
  return contents.flatMap(({ column, words, isEmpty, second }) => {
    if (column.name === '') faults.add(namelessColumn(table, column, leaveOut));
    else if (words !== undefined) faults.add(textColumn(table, column, words, leaveOut));
    else if (isEmpty) faults.add(emptyColumn(table, column, leaveOut));
    else if (second) faults.add(secondTarget(table, column, target, leaveOut));
    else return [readCells(table, column, faults)];
    return [];
  });
};
