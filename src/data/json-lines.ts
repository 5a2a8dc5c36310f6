/**
 * How do lines of JSON become a table? An object a line, its names the columns: those of the first line first, then others as they
 * come. A name that a line lacks, or null, is an empty cell. Lists and objects in a cell are refused.
 *
 * A table has a cell for every name in every row. Where nearly all of them are empty (a name of its own in each line) it is refused, so
 * that time and memory grow with the text.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { type Fault, inputFailure, type InputFailure } from '../failure.js';
import { columnStore, growingArray, type ColumnStore } from './column-store.js';
import { faultList } from './fault-list.js';
import { quoted, shortened } from './read-number.js';
import type { Table } from './table.js';
import { limitFault, LONGEST_ROW, type ReadOptions, type TableReader } from './table-reader.js';
import { endOfText, ofLine, parseUniqueJson } from './unique-json.js';

/** How many cells may be empty for each that is not. */
const EMPTY_CELLS = 32;

/** Cells that any table may have, however empty. */
const ANY_TABLE = 10_000;

const remedy =
  'Write an object a line, {"x": 1, "y": null} for instance (pandas: to_json(orient="records", lines=True))';

const noObject = (source: string, line: number, problem: string): Fault => ({
  source,
  line,
  problem,
  remedy,
});

const cellOf = (value: unknown): string | undefined => {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? String(value) : 'inf';
    case 'string':
      return value;
    case 'boolean':
      return String(value);
    default:
      return value === null ? '' : undefined;
  }
};

interface NamedColumn {
  readonly store: ColumnStore;
  filled: number;
}

/** Rows that become columns, each by its name. */
const namedColumns = () => {
  const columns = new Map<string, NamedColumn>();
  let given = 0;

  const fillUp = (column: NamedColumn, rows: number): void => {
    for (; column.filled < rows; column.filled++) column.store.add('', 0, 0);
  };

  return {
    columns,
    /** Whether there are too many cells for what is in them. */
    isSparse: (rows: number): boolean => rows * columns.size > ANY_TABLE + EMPTY_CELLS * given,
    add: (name: string, row: number, cell: string): void => {
      let column = columns.get(name);
      if (column === undefined) columns.set(name, (column = { store: columnStore(), filled: 0 }));
      fillUp(column, row);
      column.store.add(cell, 0, cell.length);
      column.filled++;
      given++;
    },
    fillAll: (rows: number): void => {
      for (const column of columns.values()) fillUp(column, rows);
    },
  };
};

const sparse = (source: string, line: number): Fault => ({
  ...{ source, line, problem: 'nearly every cell of the table would be empty: lines have different names' },
  remedy: 'Give every line the same names',
});

const beyondExact = (source: string, line: number, literal: string): Fault => ({
  ...{ source, line },
  problem: `the whole number ${shortened(literal)} is beyond 2⁵³ and would be read as another`,
  remedy: `Write it in quotes where it is a name, with a point (${shortened(literal)}.0) where it is a measurement`,
});

const isDigit = (character: string | undefined): boolean =>
  character !== undefined && character >= '0' && character <= '9';

/** Digits that a 64-bit number has at least where it is not every whole number's own. */
const MANY_DIGITS = 16;

/** Whether a value may be a whole number that was read as another: few lines have one, and only those are gone through. */
const isBeyondExact = (value: unknown): boolean =>
  typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER;

/** A whole number in a text of JSON that would be told with other digits; undefined where there is none. */
const inexact = (text: string): string | undefined => {
  for (let at = 0; at < text.length;) {
    if (text[at] === '"') {
      at = endOfText(text, at);
      continue;
    }
    if (!isDigit(text[at])) {
      at++;
      continue;
    }
    const start = at;
    while (isDigit(text[at])) at++;
    const literal = text.slice(text[start - 1] === '-' ? start - 1 : start, at);
    if (at - start >= MANY_DIGITS && !'.eE'.includes(text[at] ?? ' ') && String(Number(literal)) !== literal)
      return literal;
    // Behind a point or an exponent there is no whole number.
    while (isDigit(text[at]) || '.eE+-'.includes(text[at] ?? ' ')) at++;
  }
  return undefined;
};

const nested = (source: string, line: number, column: string): Fault => ({
  ...{ source, line, column, problem: 'the cell holds a list or an object' },
  remedy: 'Give a number, a text, true, false or null',
});

/** Numbers that Python writes and JSON has not. */
const noNumbers = ['NaN', 'Infinity'];

const noLine = (source: string, line: number, text: string, problem: string): Fault => {
  const found = noNumbers.find((word) => text.includes(word));
  return found === undefined
    ? noObject(source, line, ofLine(problem))
    : { ...noObject(source, line, ofLine(problem)), remedy: `JSON has no ${found}: write null` };
};

const spacedName = (source: string, line: number, name: string, first: string): Fault => ({
  ...{ source, line, problem: `the names ${quoted(name)} and ${quoted(first)} differ by white space alone` },
  remedy: 'Write the name of a column in one way',
});

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Names with white space around them: how each was written first. */
const spellings = () => {
  const first = new Map<string, string>();
  return (name: string, written: string): string => {
    const before = first.get(name);
    if (before === undefined) first.set(name, written);
    return before ?? written;
  };
};

/** The objects that arrive, a line each, put into columns. */
const objectStore = (source: string) => {
  const faults = faultList(source);
  const lines = growingArray((length) => new Uint32Array(length));
  const rows = namedColumns();
  const firstSpelling = spellings();

  const addRow = (value: object, line: number): void => {
    const row = lines.length();
    lines.push(line);
    for (const [key, entry] of Object.entries(value)) {
      const name = key.trim();
      const cell = cellOf(entry);
      const first = firstSpelling(name, key);
      if (first !== key) faults.add(spacedName(source, line, key, first), 'name');
      else if (cell === undefined) faults.add(nested(source, line, name), 'list');
      else rows.add(name, row, cell);
    }
  };

  return {
    addLine: (text: string, line: number): void => {
      if (text.trim() === '') return;
      const json = parseUniqueJson(text);
      if (E.isLeft(json)) faults.add(noLine(source, line, text, json.left), 'json');
      else if (!isObject(json.right.value))
        faults.add(noObject(source, line, `${quoted(text.trim())} is no object`), 'json');
      else {
        const lost = Object.values(json.right.value).some(isBeyondExact) ? inexact(text) : undefined;
        if (lost !== undefined) faults.add(beyondExact(source, line, lost), 'inexact');
        addRow(json.right.value, line);
      }
    },
    isSparse: (): boolean => rows.isSparse(lines.length()),
    size: (): { readonly bytes: number; readonly textBytes: number } => {
      const columns = Array.from(rows.columns.values());
      const textBytes = columns.reduce((sum, { store }) => sum + store.textBytes(), 0);
      return {
        bytes: columns.reduce((sum, { store }) => sum + store.bytes(), lines.bytes() + textBytes),
        textBytes,
      };
    },
    table: (): E.Either<InputFailure, Table> => {
      rows.fillAll(lines.length());
      const none = { first: [], count: 0 };
      return pipe(
        faults.unless({
          ...{ source, headerLine: 1, headers: Array.from(rows.columns.keys()), lines: lines.filled() },
          columns: Array.from(rows.columns.values(), ({ store }) => store.column()),
          ...{ hollowLines: none, trailingLines: none, commentLines: none },
        }),
        E.filterOrElse(
          (table) => table.lines.length > 0,
          () => inputFailure({ source, problem: 'the file is empty', remedy }),
        ),
      );
    },
  };
};

/** A reader of lines of JSON. `source` is the file as the user named it. */
export const jsonLinesReader = (source: string, options: ReadOptions = {}): TableReader => {
  const rows = objectStore(source);
  let line = 0;
  let pending = '';

  const advance = (): E.Either<InputFailure, void> => {
    let at = 0;
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n', at)) {
      rows.addLine(pending.slice(at, end), ++line);
      at = end + 1;
      if (rows.isSparse()) return E.left(inputFailure(sparse(source, line)));
    }
    pending = pending.slice(at);
    if (pending.length > LONGEST_ROW)
      return E.left(
        inputFailure(noObject(source, line + 1, `the line is longer than ${LONGEST_ROW} characters`)),
      );
    return limitFault(source, line, rows.size(), options);
  };

  return {
    feed: (text) => {
      const breaks = text.includes('\n');
      pending += text;
      return breaks || pending.length > LONGEST_ROW ? advance() : E.right(undefined);
    },
    finish: () => {
      pending += '\n';
      return pipe(
        advance(),
        E.chain(() => rows.table()),
      );
    },
  };
};
