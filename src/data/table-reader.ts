/**
 * How does text that arrives in pieces become a table, with every row's line number right, in time and memory that grow with
 * the text alone?
 *
 * What is behind the last complete row is kept, and looked at again once the text behind the row's beginning has doubled; a
 * limit on its length tells a quote that never closes. What may stand before the header (a spreadsheet's `sep=`, comments) is
 * preamble.ts; which character stands between cells, where nobody says so, delimiter.ts.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { inputFailure, type Fault, type InputFailure } from '../failure.js';
import { columnStore, growingArray, ownText } from './column-store.js';
import { type CommaStore, commaStore, doubts } from './comma-store.js';
import { faultList, type SomeLines } from './fault-list.js';
import { commentsBefore, separatorLine } from './preamble.js';
import { type DecimalMark, detectDecimal } from './decimal-comma.js';
import { detectDelimiter } from './delimiter.js';
import { quoted } from './read-number.js';
import { cellText, INCOMPLETE, MALFORMED, rowScanner, type RowScanner } from './row-scanner.js';
import { noted, type Table } from './table.js';

/** The most characters a row may have: beyond it, a quote was probably opened and never closed. */
export const LONGEST_ROW = 2 ** 20;

/** The text that is gathered before the delimiter is judged, so that the judgement does not depend on pieces. */
const LOOK_AHEAD = 2 ** 16;

/** How a table is read. */
export interface ReadOptions {
  /** The one character between cells; found by delimiter.ts where left out. */
  readonly delimiter?: string;
  /** What stands before the fraction of a number; found by decimal-comma.ts where left out. */
  readonly decimal?: DecimalMark;
  /** What it is in a table that this one goes with. */
  readonly usualDecimal?: DecimalMark;
  /** The most memory that the table with its numbers may take, in bytes; no limit where left out. */
  readonly maxBytes?: number;
  /** The most of it that its texts may take. */
  readonly maxTextBytes?: number;
}

/** Takes text in pieces of any size, then gives the table. After a failure it must not be used again. */
export interface TableReader {
  readonly feed: (text: string) => E.Either<InputFailure, void>;
  readonly finish: () => E.Either<InputFailure, Table>;
}

interface Header {
  readonly line: number;
  readonly names: readonly string[];
  readonly columns: readonly CommaStore[];
}

// A name with a line break could neither be typed nor told in a line.
const columnName = (cell: string): string =>
  ownText(
    cell
      .trim()
      .split('\n')
      .map((line) => line.trim())
      .filter((line, _, lines) => line !== '' || lines.length === 1)
      .join(' '),
  );

/** What is noted of a table whose decimal commas were found. */
export const decimalNote =
  'numbers were read with a decimal comma (--decimal . says that a comma separates thousands)';

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

const ragged = (source: string, line: number, found: number, { line: top, names }: Header): Fault => ({
  source,
  line,
  problem: `${plural(found, 'cell')} where the header on line ${top} has ${names.length}`,
  remedy: `Give the row ${plural(names.length, 'cell')}, and put quotes around a cell that holds the delimiter${
    names.length === 1 ? '; or name the character between cells with --delimiter' : ''
  }`,
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

const tooMuch = (source: string, line: number, maxBytes: number): Fault => ({
  source,
  line,
  problem: `the table up to here takes all of the memory that there is for it, ${Math.floor(maxBytes / 2 ** 20)} MiB`,
  remedy: 'Keep the columns that are needed and a smaller pool, a random part of it for instance',
});

const twoMarks = (
  source: string,
  column: string | number,
  [comma, point]: readonly [string, string],
): Fault => ({
  ...{ source, column },
  problem: `numbers have a decimal comma or points between thousands (${quoted(comma)}) and a decimal point too (${quoted(point)})`,
  remedy: 'Write them in one way, or say with --decimal . that the comma is no decimal one',
});

/** Lines that are counted, the first few of them kept. */
const lineList = (shown: number) => {
  const first: number[] = [];
  let count = 0;
  return {
    add: (line: number): void => {
      count++;
      if (first.length < shown) first.push(line);
    },
    lines: (): SomeLines => ({ first, count }),
  };
};

const blankCells = (text: string, scanner: RowScanner, from: number): boolean => {
  for (let cell = from; cell < scanner.count(); cell++)
    if (text.slice(scanner.start(cell), scanner.end(cell)).trim() !== '') return false;
  return true;
};

/** The memory that a table takes, in bytes: all of it, and that of its texts. */
export interface Size {
  readonly bytes: number;
  readonly textBytes: number;
}

/** An InputFailure where a table up to a line takes more memory than there is for it. */
export const limitFault = (
  source: string,
  line: number,
  { bytes, textBytes }: Size,
  { maxBytes = Number.POSITIVE_INFINITY, maxTextBytes = Number.POSITIVE_INFINITY }: ReadOptions,
): E.Either<InputFailure, void> =>
  bytes <= maxBytes && textBytes <= maxTextBytes
    ? E.right(undefined)
    : E.left(inputFailure(tooMuch(source, line, bytes > maxBytes ? maxBytes : maxTextBytes)));

/** The cells of the row that the scanner is at, put into their columns. */
const addCells = ({ columns }: Header, text: string, scanner: RowScanner): void => {
  for (const [c, column] of columns.entries())
    if (scanner.isQuoted(c)) {
      const cell = cellText(text, scanner, c);
      column.add(cell, 0, cell.length);
    } else column.add(text, scanner.start(c), scanner.end(c));
};

/** The rows that arrive, put into columns. */
const rowStore = (source: string, begun: () => CommaStore) => {
  const faults = faultList(source);
  const lines = growingArray((length) => new Uint32Array(length));
  const hollow = lineList(30);
  const trailing = lineList(5);
  let header: Header | undefined;

  return {
    /** Takes the row that the scanner is at. */
    take: (text: string, scanner: RowScanner, line: number): void => {
      const count = scanner.count();
      if (blankCells(text, scanner, 0)) {
        if (count > 1) hollow.add(line);
      } else if (header === undefined) {
        const names = Array.from({ length: count }, (_, c) => columnName(cellText(text, scanner, c)));
        header = { line, names, columns: names.map(begun) };
      } else if (count < header.names.length || !blankCells(text, scanner, header.names.length))
        faults.add(ragged(source, line, count, header));
      else {
        if (count > header.names.length) trailing.add(line);
        lines.push(line);
        addCells(header, text, scanner);
      }
    },
    size: (): Size => {
      let [bytes, textBytes] = [lines.bytes(), 0];
      for (const column of header?.columns ?? []) {
        bytes += column.bytes();
        textBytes += column.textBytes();
      }
      return { bytes: bytes + textBytes, textBytes };
    },
    table: (commentLines: SomeLines, decimal: DecimalMark): E.Either<InputFailure, Table> => {
      if (header === undefined) return E.left(inputFailure(emptyFile(source)));
      const { line: headerLine, names: headers, columns } = header;
      for (const [c, { clash }] of columns.entries()) {
        const found = clash();
        if (found !== undefined) faults.add(twoMarks(source, headers[c] || c + 1, found));
      }
      return pipe(
        faults.unless({
          ...{ source, headerLine, headers, lines: lines.filled(), commentLines },
          columns: columns.map((column) => column.column()),
          hollowLines: hollow.lines(),
          trailingLines: trailing.lines(),
          ...doubts(decimal, headers, columns),
        }),
        E.filterOrElse(
          (table) => table.lines.length > 0,
          () => inputFailure(headerOnly(source, headerLine)),
        ),
      );
    },
  };
};

/** What is noted of a decimal mark that was found: a comma. */
const noteOf = (given: DecimalMark | undefined, found: DecimalMark): string | undefined =>
  given === undefined && found === ',' ? decimalNote : undefined;

/** A reader of one table. `source` is the file as the user named it. */
export const tableReader = (source: string, options: ReadOptions = {}): TableReader => {
  let [decimal, unsure] = [options.decimal ?? '.', false];
  const rows = rowStore(source, () => commaStore(columnStore(), decimal, unsure));
  let scanner: RowScanner | undefined;
  let comments: SomeLines = { first: [], count: 0 };
  let [pending, line] = ['', 1];
  // The length of the pending text at which a row may be complete.
  let enough = LOOK_AHEAD;

  /** Passes over what is before the header, and finds the delimiter. */
  const begin = (last: boolean): RowScanner => {
    const separator = separatorLine(pending);
    if (separator !== undefined) {
      pending = pending.slice(separator.end);
      line++;
    }
    let delimiter = '';
    const { end, lines, body } = commentsBefore(pending, line, (text) => {
      delimiter = options.delimiter ?? separator?.delimiter ?? detectDelimiter(text, last);
      return rowScanner(delimiter);
    });
    comments = { first: lines.slice(0, 5), count: lines.length };
    line += lines.length;
    pending = pending.slice(end);
    decimal = options.decimal ?? detectDecimal(pending, body, delimiter, last, options.usualDecimal);
    unsure = options.decimal === undefined && (decimal === ',' || delimiter === ';');
    return body;
  };

  const advance = (last: boolean): E.Either<InputFailure, void> => {
    scanner ??= begin(last);
    let at = 0;
    while (at < pending.length) {
      const next = scanner.scan(pending, at, last);
      if (next === INCOMPLETE) break;
      if (next === MALFORMED) return E.left(inputFailure(malformedQuote(source, line)));
      rows.take(pending, scanner, line);
      line += 1 + scanner.breaks();
      at = next;
    }
    pending = pending.slice(at);
    enough = 2 * pending.length;
    if (pending.length > LONGEST_ROW) return E.left(inputFailure(rowTooLong(source, line)));
    return limitFault(source, line, rows.size(), options);
  };

  return {
    feed: (text) => {
      if (text.includes('\0')) return E.left(inputFailure(notText(source, line)));
      pending += text;
      return pending.length < enough ? E.right(undefined) : advance(false);
    },
    finish: () =>
      pipe(
        advance(true),
        E.chain(() => rows.table(comments, decimal)),
        E.map((table) => noted(table, noteOf(options.decimal, decimal))),
      ),
  };
};
