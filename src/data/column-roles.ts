/**
 * What is each column that may be a feature for? By its cells, unless the user has said it:
 *
 *   numbers      plain ones, or of a notation that all of its texts have (notation.ts)
 *   kinds        text of few levels, at most FEW_LEVELS and each in two rows on average: an indicator a level
 *   dates        where they are asked for (calendar.ts)
 *   names        text that is another one in every row: the first such column names the rows
 *   left out     dates that nobody asked for, text of many levels, further names: shown, not used
 *
 * A column that was named as a feature is used or refused, never left out.
 */
import type { Fault } from '../failure.js';
import { dateReaderOf } from './calendar.js';
import { listed, type Column, type Columns } from './columns.js';
import { cellsOf, columnLabel, textLevels } from './column-cells.js';
import { heldIn, meansMissing, missingCells, type Held } from './missing.js';
import { notationOf, numbersBy, type Notation } from './notation.js';
import { looksNumeric, numberRemedy, quoted } from './read-number.js';
import { numbersOf, rowOfText, type Table, type TableColumn } from './table.js';

/** The most levels of a column of text that is taken for kinds by itself. */
export const FEW_LEVELS = 20;

/** The most levels of a column that the user says is of kinds. */
export const MOST_LEVELS = 100;

/** A fault, once it is known which columns could be used in its place. */
export type LaterFault = (leaveOut: string) => Fault;

/** What a column is for. */
export type Role =
  | { readonly _tag: 'Numbers'; readonly notation: Notation | undefined }
  | { readonly _tag: 'Kinds'; readonly levels: readonly string[]; readonly asked: boolean }
  | { readonly _tag: 'Dates'; readonly read: (text: string) => number }
  | { readonly _tag: 'Names' }
  | { readonly _tag: 'LeftOut'; readonly why: 'dates' | 'levels' }
  | { readonly _tag: 'Fault'; readonly fault: LaterFault };

const refused = (fault: LaterFault): Role => ({ _tag: 'Fault', fault });

const WORDS_LOOKED_AT = 1000;

/** One of the words, the line it is on, and what to change where it was meant as a number. */
export interface Example {
  readonly line: number;
  readonly example: string;
  readonly remedy: string | undefined;
}

const lineOf = (table: Table, cells: TableColumn, text: string): number =>
  table.lines[rowOfText(cells, text)] ?? table.headerLine;

/** A word that was meant as a number says more than one that was not. */
export const exampleOf = (table: Table, cells: TableColumn, words: readonly string[]): Example => {
  const [first = '', ...others] = words.slice(0, WORDS_LOOKED_AT);
  const example = [first, ...others].find((text) => numberRemedy(text) !== undefined) ?? first;
  return {
    line: lineOf(table, cells, example),
    example: example.trim(),
    remedy: numberRemedy(example),
  };
};

const textColumn =
  (table: Table, column: Column, words: readonly string[], otherwise: string): LaterFault =>
  (leaveOut) => {
    const { line, example, remedy } = exampleOf(table, cellsOf(table, column), words);
    return {
      ...{ source: table.source, line, column: columnLabel(column) },
      problem: `the column holds text (${quoted(example)} for instance) and no number`,
      remedy: `${remedy ?? otherwise}, or ${leaveOut}`,
    };
  };

const emptyColumn =
  (table: Table, column: Column): LaterFault =>
  (leaveOut) => ({
    source: table.source,
    column: columnLabel(column),
    problem: 'every cell of the column is empty, or says that nothing is known',
    remedy: `Fill it in, or ${leaveOut}`,
  });

/** Whether the rows are numbered from 0 or 1 up, as programs do that write a table with its index. */
const isIndex = (cells: TableColumn): boolean => {
  const numbers = numbersOf(cells);
  const from = numbers[0] ?? NaN;
  return (from === 0 || from === 1) && numbers.every((value, row) => value === from + row);
};

const namelessColumn =
  (table: Table, column: Column): LaterFault =>
  (leaveOut) => ({
    ...{ source: table.source, line: table.headerLine, column: columnLabel(column) },
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

const secondTarget =
  (table: Table, column: Column, target: Column): LaterFault =>
  (leaveOut) => ({
    source: table.source,
    column: columnLabel(column),
    problem: `it is empty in just the rows whose ${quoted(target.name)} is, as a second column of labels`,
    remedy: `Fill it in, name it as a target too where several are taken (select, sessions), or ${leaveOut}`,
  });

// A feature that nobody knows of an unlabelled point is a measurement, made together with the label.
const isSecondTarget = (own: Uint8Array, labels: Uint8Array): boolean =>
  own.includes(1) && labels.includes(1) && own.every((missing, row) => missing === labels[row]);

const tooManyLevels =
  (table: Table, column: Column, count: number): LaterFault =>
  (leaveOut) => ({
    ...{ source: table.source, column: columnLabel(column) },
    problem: `the column holds more than ${MOST_LEVELS} kinds${count === Infinity ? '' : `, ${count}`}`,
    remedy: `Gather the rare ones under one word, or ${leaveOut}`,
  });

const kindsAsked = (table: Table, column: Column, cells: TableColumn): Role => {
  const levels = textLevels(cells, (text) => meansMissing(text, 'texts'));
  if (levels === undefined) return refused(tooManyLevels(table, column, Infinity));
  if (levels.length === 0) return refused(emptyColumn(table, column));
  return levels.length > MOST_LEVELS
    ? refused(tooManyLevels(table, column, levels.length))
    : { _tag: 'Kinds', levels, asked: true };
};

const datesAsked = (table: Table, column: Column, cells: TableColumn, { words, numbers }: Held): Role => {
  const read = numbers ? undefined : dateReaderOf(words);
  if (typeof read === 'function') return { _tag: 'Dates', read };
  const example = read === 'ambiguous' ? (words[0] ?? '') : wrongDate(cells, words);
  return refused((leaveOut) => ({
    ...{ source: table.source, line: lineOf(table, cells, example), column: columnLabel(column) },
    problem:
      read === 'ambiguous'
        ? `whether the day or the month is first in ${quoted(example)} cannot be told from the column`
        : `not every cell of the column is a date (${quoted(example)} for instance)`,
    remedy: `Write the dates as 2024-05-17, or ${leaveOut}`,
  }));
};

/** A text that is no date where others are. */
const wrongDate = (cells: TableColumn, words: readonly string[]): string =>
  words.slice(0, WORDS_LOOKED_AT).find((word) => dateReaderOf([word]) === undefined) ??
  (cells._tag === 'Coded' ? cells.texts.find((text) => looksNumeric(text)) : words[0]) ??
  '';

/** Whether most of the words were meant as numbers; true and false aside, which are words too. */
const meantAsNumbers = (words: readonly string[]): boolean => {
  const looked = words.slice(0, WORDS_LOOKED_AT);
  const meant = looked.filter(
    (word) => numberRemedy(word) !== undefined && notationOf([word], false)?.name !== 'booleans',
  );
  return 2 * meant.length >= looked.length;
};

/** The role of a column of words alone. */
const ofWords = (
  table: Table,
  column: Column,
  cells: TableColumn,
  words: readonly string[],
  named: boolean,
): Role => {
  const rows = table.lines.length;
  const dated = dateReaderOf(words) !== undefined;
  if (dated && named) return refused(textColumn(table, column, words, 'Take it as dates with --dates'));
  if (dated) return { _tag: 'LeftOut', why: 'dates' };
  const isWord = (text: string): boolean => meansMissing(text, 'texts');
  const levels = textLevels(cells, isWord);
  const count = levels?.length ?? new Set(words).size;
  const known =
    count === rows ? rows : missingCells(cells, isWord).reduce((sum, missing) => sum - missing, rows);
  if (levels !== undefined && count <= FEW_LEVELS && 2 * count <= known)
    return { _tag: 'Kinds', levels, asked: false };
  if (named)
    return refused(
      textColumn(table, column, words, 'Write it as numbers, take it as kinds with --categorical'),
    );
  return count === rows ? { _tag: 'Names' } : { _tag: 'LeftOut', why: 'levels' };
};

const roleOf = (
  table: Table,
  { target, categorical, dates, named }: Columns,
  labels: Uint8Array,
  column: Column,
): Role => {
  const cells = cellsOf(table, column);
  if (column.name === '') return refused(namelessColumn(table, column));
  if (categorical.has(column.index)) return kindsAsked(table, column, cells);
  const held = heldIn(cells);
  const { numbers, words } = held;
  if (dates.has(column.index)) return datesAsked(table, column, cells, held);
  if (!numbers && words.length === 0) return refused(emptyColumn(table, column));
  const notation = notationOf(words, numbers);
  if (words.length === 0 || notation !== undefined || numbers || words.some(looksNumeric)) {
    const missing = missingCells(cells, (text) => meansMissing(text, 'numbers'));
    return isSecondTarget(missing, labels)
      ? refused(secondTarget(table, column, target))
      : { _tag: 'Numbers', notation };
  }
  return dateReaderOf(words) === undefined && meantAsNumbers(words)
    ? refused(textColumn(table, column, words, 'Write it as numbers'))
    : ofWords(table, column, cells, words, named);
};

/** A column and what it is for. */
export interface InRole {
  readonly column: Column;
  readonly role: Role;
}

/** What each of the features is for. `labels` tells the rows whose target is not known. */
export const rolesOf = (table: Table, columns: Columns, labels: Uint8Array): readonly InRole[] =>
  columns.features.map((column) => ({ column, role: roleOf(table, columns, labels, column) }));

/** How to leave a column out, by the names of those that can be used. */
export const leaveOutBy = (roles: readonly InRole[]): string => {
  const usable = roles.filter(
    ({ role: { _tag } }) => _tag === 'Numbers' || _tag === 'Kinds' || _tag === 'Dates',
  );
  return usable.length === 0
    ? 'add a column of numbers'
    : `leave it out with --features ${listed(
        usable.map(({ column: { name } }) => (name.includes(',') ? `'"${name}"'` : name)),
        ',',
      )}`;
};

/** Whether every row has another text, none of them a number or missing. */
export const namesRows = (table: Table, column: Column): boolean => {
  const cells = cellsOf(table, column);
  const { numbers, words } = heldIn(cells);
  return (
    column.name !== '' &&
    !numbers &&
    words.length === table.lines.length &&
    new Set(words).size === words.length &&
    dateReaderOf(words) === undefined &&
    !meantAsNumbers(words)
  );
};

/** How many numbers a column in order must have to look like an index. */
const LEAST_IN_ORDER = 20;

/** Whether a column holds whole numbers, each larger than the one before. */
export const isInOrder = (cells: TableColumn): boolean => {
  if (cells._tag === 'Coded' && cells.texts.length < cells.codes.length) return false;
  const numbers = numbersBy(cells, undefined);
  return (
    numbers.length >= LEAST_IN_ORDER &&
    numbers.every((value, row) => Number.isInteger(value) && (row === 0 || value > (numbers[row - 1] ?? NaN)))
  );
};
