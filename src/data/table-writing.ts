/**
 * How does a table go back as it came? What is written of its rows has the file's own delimiter, quotes, line breaks, decimal sign and
 * spelling of every cell (table-text.ts); only cells of labels are put in.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { columnNamed } from './columns.js';
import { pointed } from './decimal-comma.js';
import { meansMissing } from './missing.js';
import { readNumber } from './read-number.js';
import { rowScanner, type RowScanner } from './row-scanner.js';
import { inputFailure, type InputFailure } from '../failure.js';
import { cellsOf, type TableText, type TextRow } from './table-text.js';

/** A text as a cell, in quotes where it has to be. */
export const quotedCell = (text: string, delimiter: string): string =>
  text !== text.trim() || [delimiter, '"', '\r', '\n'].some((sign) => text.includes(sign))
    ? `"${text.replaceAll('"', '""')}"`
    : text;

/** A label: a number, or the name of a class. */
export type LabelText = number | string;

/** What a cell with a label says; the cell as it was where it said that already. */
const labelCell = (
  label: LabelText,
  before: string,
  raw: string,
  { table, sign }: { readonly table: TableText; readonly sign: string },
): string => {
  if (typeof label === 'string') return before.trim() === label ? raw : quotedCell(label, table.delimiter);
  const known = readNumber(table.decimal === ',' ? (pointed(before) ?? before) : before);
  return E.isRight(known) && known.right === label
    ? raw
    : quotedCell(`${String(label).replace('.', table.decimal)}${sign}`, table.delimiter);
};

/** What stands behind the numbers of a column: % where it does behind all that there are, as they are read (src/data/notation.ts). */
const signOf = (table: TableText, scanner: RowScanner, column: number): string => {
  const texts = Array.from(table.rows.values(), (row) => cellsOf(table, scanner, row)[column]?.text ?? '');
  const given = texts.filter((text) => text.trim() !== '' && !meansMissing(text, 'numbers'));
  return given.length > 0 && given.every((text) => text.trimEnd().endsWith('%')) ? '%' : '';
};

/** The line break at the end of a row; empty where there is none. */
const breakAfter = (row: string): string => ['\r\n', '\r', '\n'].find((signs) => row.endsWith(signs)) ?? '';

/** The line break of the header, for what has none. */
const lineBreakOf = ({ text, header }: TableText): string =>
  breakAfter(text.slice(header.from, header.to)) || '\n';

/** A row with its line break. */
const whole = (table: TableText, row: string): string =>
  breakAfter(row) === '' ? `${row}${lineBreakOf(table)}` : row;

/** A row in which the cell of a column says something else; behind the last cell where there is none. */
const withCell = (
  table: TableText,
  scanner: RowScanner,
  row: TextRow,
  column: number,
  say: (before: string, raw: string) => string,
): string => {
  const { text } = table;
  const cell = cellsOf(table, scanner, row)[column];
  if (cell !== undefined)
    return `${text.slice(row.from, cell.start)}${say(cell.text, text.slice(cell.start, cell.end))}${text.slice(cell.end, row.to)}`;
  const end = row.to - breakAfter(text.slice(row.from, row.to)).length;
  return `${text.slice(row.from, end)}${table.delimiter}${say('', '')}${text.slice(end, row.to)}`;
};

/** The place of the column of labels; behind the last where the table has none yet. */
const labelColumn = ({ names }: TableText, name: string): number =>
  columnNamed(names, name)?.index ?? names.length;

/** The header, with the column of labels. */
const headerWith = (table: TableText, scanner: RowScanner, column: number, target: string): string =>
  column < table.names.length
    ? table.text.slice(table.header.from, table.header.to)
    : withCell(table, scanner, table.header, column, () => quotedCell(target, table.delimiter));

/** What the column of lines is called: `line` or `row`, as commands print it, unless the table has a column of such a name. */
export const lineColumns = ['batchgfn_line', 'row', 'line'] as const;

/**
 * Some rows of a table by their lines, in the given order, with their lines as a first column and their cells of `target` empty; that
 * is a last column where the table has none of it. Without `target` rows are as they are. Fails with an InputFailure where no row begins
 * on a line.
 */
export const chosenRows = (
  table: TableText,
  lines: readonly number[],
  target: string | undefined,
): E.Either<InputFailure, string> => {
  const { text, delimiter, header, lead, names, rows, rowKind = 'line' } = table;
  const scanner = rowScanner(delimiter);
  const taken = names.some((name) => name === 'row' || name === 'line');
  const numbered = (number: string, row: string): string => `${number}${delimiter}${whole(table, row)}`;
  const asItIs = ({ from, to }: TextRow): string => text.slice(from, to);
  const column = target === undefined ? undefined : labelColumn(table, target);
  const unlabelled = (row: TextRow): string =>
    column === undefined ? asItIs(row) : withCell(table, scanner, row, column, () => '');
  const top =
    column === undefined || target === undefined
      ? asItIs(header)
      : headerWith(table, scanner, column, target);
  return pipe(
    lines,
    E.traverseArray((line) => {
      const row = rows.get(line);
      return row === undefined
        ? E.left(
            inputFailure({
              ...{ source: table.source, line, problem: 'no row begins on this line' },
              remedy: 'Give the table that the rows are of',
            }),
          )
        : E.right(numbered(String(line), unlabelled(row)));
    }),
    E.map((chosen) => [lead, numbered(taken ? lineColumns[0] : rowKind, top), ...chosen].join('')),
  );
};

/**
 * The whole table with labels in the cells of `target`, by lines; in percent where all of them are. That is a last column where the
 * table has none of it.
 */
export const labelledTable = (
  table: TableText,
  labels: ReadonlyMap<number, LabelText>,
  target: string,
): TableText => {
  const { text, names } = table;
  const scanner = rowScanner(table.delimiter);
  const column = labelColumn(table, target);
  const form = { table, sign: signOf(table, scanner, column) };
  const pieces: string[] = [];
  let length = 0;
  const put = (piece: string): TextRow => {
    pieces.push(piece);
    length += piece.length;
    return { from: length - piece.length, to: length };
  };
  put(text.slice(0, table.header.from));
  const header = put(headerWith(table, scanner, column, target));
  const rows = new Map<number, TextRow>();
  let at = table.header.to;
  for (const [line, row] of table.rows) {
    put(text.slice(at, row.from));
    const label = labels.get(line);
    const say = (before: string, raw: string): string =>
      label === undefined ? raw : labelCell(label, before, raw, form);
    const isAsItWas = label === undefined && column < names.length;
    rows.set(
      line,
      put(isAsItWas ? text.slice(row.from, row.to) : withCell(table, scanner, row, column, say)),
    );
    at = row.to;
  }
  put(text.slice(at));
  return {
    ...table,
    ...{ text: pieces.join(''), header, rows, names: column < names.length ? names : [...names, target] },
  };
};

/**
 * A table, which may have labels by now, with further rows behind it, by the names of columns; a cell is empty where a row has none of
 * that name. A column that `named` names stands behind the last, where there is none.
 */
export const withFurtherRows = (
  table: TableText,
  rows: readonly ReadonlyMap<string, LabelText>[],
  named: string,
): string => {
  const { names, delimiter, decimal, text } = table.names.includes(named)
    ? table
    : labelledTable(table, new Map(), named);
  const cellOf = (value: LabelText = ''): string =>
    quotedCell(typeof value === 'string' ? value : String(value).replace('.', decimal), delimiter);
  const end = lineBreakOf(table);
  const lines = rows.map((row) => `${names.map((name) => cellOf(row.get(name))).join(delimiter)}${end}`);
  return [whole(table, text), ...lines].join('');
};
