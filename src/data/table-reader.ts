/**
 * How does text that arrives in pieces become a table, with every row's line number right?
 *
 * Papa Parse takes the rows apart; around it are the things that it does not do. Line breaks (\r\n, \r, \n, mixed
 * as they may be) become \n first, so that a row's line is one plus the \n before it, those inside quoted cells
 * included. The piece behind the last complete row is kept and parsed again with the next text; a limit on its
 * length keeps a quote that never closes from making that quadratic.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import Papa from 'papaparse';
import { inputFailure, type Fault, type InputFailure } from '../failure.js';
import { detectDelimiter, type Delimiter } from './delimiter.js';
import { faultList } from './fault-list.js';
import type { Table, TableRow } from './table.js';

/** The most cells a table may have, header excluded: a few hundred megabytes of memory as text. */
export const MOST_CELLS = 5_000_000;

/** The most characters a row may have: beyond it, a quote was probably opened and never closed. */
export const LONGEST_ROW = 2 ** 20;

/** The text that is gathered before the delimiter is judged, so that the judgement does not depend on pieces. */
const LOOK_AHEAD = 2 ** 16;

/** Takes text in pieces of any size, then gives the table. After a failure it must not be used again. */
export interface TableReader {
  readonly feed: (text: string) => E.Either<InputFailure, void>;
  readonly finish: () => E.Either<InputFailure, Table>;
}

interface Header {
  readonly line: number;
  readonly names: readonly string[];
}

const isBlank = (cell: string): boolean => cell.trim() === '';

const countLineBreaks = (text: string): number => {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
};

// A name with a line break could neither be typed nor told in a line.
const columnName = (cell: string): string => cell.trim().replace(/\s*\n\s*/g, ' ');

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const emptyFile = (source: string): Fault => ({
  source,
  problem: 'the file is empty',
  remedy: 'Give a file with a header line of column names and one row a point below it',
});

const headerOnly = (source: string, line: number): Fault => ({
  source,
  line,
  problem: 'there is a header but no row below it',
  remedy: 'Add one row a point: its features and its target, or an empty target cell for the pool',
});

const ragged = (source: string, line: number, found: number, header: Header): Fault => ({
  source,
  line,
  problem: `${plural(found, 'cell')} where the header on line ${header.line} has ${header.names.length}`,
  remedy: `Give the row ${plural(header.names.length, 'cell')}, and put quotes around a cell that holds the delimiter`,
});

const malformedQuote = (source: string, line: number): Fault => ({
  source,
  line,
  problem: 'a cell in quotes does not close with a quote before the next delimiter or the end of the row',
  remedy: 'Close the quote, and write a quote inside a quoted cell twice',
});

const rowTooLong = (source: string, line: number): Fault => ({
  source,
  line,
  problem: `the row that starts here is longer than ${LONGEST_ROW} characters`,
  remedy: 'Close the quote that was opened here, or check that the file is a CSV file at all',
});

const notText = (source: string, line: number): Fault => ({
  source,
  line,
  problem: 'the file holds a zero byte, so it is not a text file',
  remedy: 'Save the table as "CSV UTF-8" and give that file',
});

const tooManyCells = (source: string, line: number): Fault => ({
  source,
  line,
  problem: `the table has more than ${MOST_CELLS} cells`,
  remedy: 'Keep the columns that are needed and a smaller pool, a random part of it for instance',
});

/** A reader of one table. `source` is the file as the user named it. */
export const tableReader = (source: string): TableReader => {
  const faults = faultList(source);
  const rows: TableRow[] = [];
  const hollowLines: number[] = [];
  let header: Header | undefined;
  let delimiter: Delimiter | undefined;
  let pending = '';
  let heldReturn = '';
  let line = 1;

  // A \r at the end of a piece may be half of a \r\n, so it waits for the next piece.
  const plainLineBreaks = (piece: string, last: boolean): string => {
    const text = heldReturn + piece;
    heldReturn = !last && text.endsWith('\r') ? '\r' : '';
    return (heldReturn === '' ? text : text.slice(0, -1)).replace(/\r\n?/g, '\n');
  };

  const takeRow = (cells: readonly string[], at: number): void => {
    if (cells.every(isBlank)) {
      if (cells.length > 1) hollowLines.push(at);
    } else if (header === undefined) header = { line: at, names: cells.map(columnName) };
    else if (cells.length !== header.names.length) faults.add(ragged(source, at, cells.length, header));
    else rows.push({ line: at, cells });
  };

  const advance = (last: boolean): E.Either<InputFailure, void> => {
    if (pending.includes('\0')) return E.left(inputFailure(notText(source, line)));
    delimiter ??= detectDelimiter(pending);
    const { data, errors, meta } = new Papa.Parser({ delimiter, newline: '\n' }).parse(
      pending,
      0,
      !last,
    ) as Papa.ParseResult<string[]>;
    const malformed = new Set(errors.map((error) => error.row));
    for (const [i, cells] of data.entries()) {
      if (malformed.has(i)) return E.left(inputFailure(malformedQuote(source, line)));
      takeRow(cells, line);
      line += 1 + cells.reduce((sum, cell) => sum + countLineBreaks(cell), 0);
      if (rows.length * (header?.names.length ?? 0) > MOST_CELLS)
        return E.left(inputFailure(tooManyCells(source, line)));
    }
    pending = last ? '' : pending.slice(meta.cursor);
    return pending.length > LONGEST_ROW ? E.left(inputFailure(rowTooLong(source, line))) : E.right(undefined);
  };

  const table = (): E.Either<InputFailure, Table> => {
    if (header === undefined) return E.left(inputFailure(emptyFile(source)));
    const { line: headerLine, names: headers } = header;
    return pipe(
      faults.unless({ source, headerLine, headers, rows, hollowLines }),
      E.filterOrElse(
        () => rows.length > 0,
        () => inputFailure(headerOnly(source, headerLine)),
      ),
    );
  };

  return {
    feed: (text) => {
      pending += plainLineBreaks(text, false);
      return delimiter === undefined && pending.length < LOOK_AHEAD ? E.right(undefined) : advance(false);
    },
    finish: () => {
      pending += plainLineBreaks('', true);
      return pipe(advance(true), E.chain(table));
    },
  };
};
