/**
 * Which cells of a table would a spreadsheet take for formulas, and run? Those that begin with = + - @, a tab or a carriage return and
 * are no numbers (OWASP, CSV injection). With `--guard-formulas` they are written behind an apostrophe, which makes them texts; in a
 * file of labels what is known without it is read so.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { pointed } from '../data/decimal-comma.js';
import { readNumber } from '../data/read-number.js';
import { rowScanner } from '../data/row-scanner.js';
import type { Table } from '../data/table.js';
import { cellsOf, tableText, type TableText } from '../data/table-text.js';
import { chosenRows, quotedCell } from '../data/table-writing.js';
import type { InputFailure } from '../failure.js';
import { flag } from './options.js';

/** `--guard-formulas`. */
export const guardFormulas = flag({
  long: 'guard-formulas',
  description: 'write an apostrophe before cells of --out that a spreadsheet would run as formulas',
});

/** Whether it is given. */
export interface GuardChoice {
  readonly guardFormulas?: boolean | undefined;
}

/** Whether a cell is guarded: one that begins like a guarded one is too, so that nothing is taken away that was there. */
const isFormula = (text: string, decimal: TableText['decimal']): boolean =>
  /^'*[=+\-@\t\r]/.test(text) && E.isLeft(readNumber(decimal === ',' ? (pointed(text) ?? text) : text));

/** A text of a table in which no cell is a formula. */
const guardedText =
  ({ source, delimiter, decimal }: TableText) =>
  (text: string): E.Either<InputFailure, string> =>
    pipe(
      tableText(source, text, { delimiter, decimal }),
      E.map((table) => {
        const scanner = rowScanner(delimiter);
        const pieces: string[] = [];
        let at = 0;
        for (const row of [table.header, ...table.rows.values()])
          for (const cell of cellsOf(table, scanner, row)) {
            if (!isFormula(cell.text, decimal)) continue;
            pieces.push(text.slice(at, cell.start), quotedCell(`'${cell.text}`, delimiter));
            at = cell.end;
          }
        return [...pieces, text.slice(at)].join('');
      }),
    );

/** What is written of a table, guarded where that is wanted. */
export const guardedIf =
  (isWanted: boolean | undefined, table: TableText) =>
  (text: E.Either<InputFailure, string>): E.Either<InputFailure, string> =>
    isWanted === true ? pipe(text, E.chain(guardedText(table))) : text;

/** {@link chosenRows}, guarded where that is wanted. */
export const guardedRows = (
  table: TableText,
  lines: readonly number[],
  target: string | undefined,
  { guardFormulas: isWanted }: GuardChoice,
): E.Either<InputFailure, string> => pipe(chosenRows(table, lines, target), guardedIf(isWanted, table));

/** A text without the apostrophe that it may be guarded by. */
const unguarded = (text: string): string => (/^'+[=+\-@\t\r]/.test(text) ? text.slice(1) : text);

/**
 * What a cell says whose text is one of those that are known: itself, or what it was before it was guarded. As it is where neither is
 * known; undefined where both are, and nobody can tell which is meant.
 */
export const meantBy = (written: string, isKnown: (text: string) => boolean): string | undefined => {
  const text = written.trim();
  const before = unguarded(text);
  if (before === text || !isKnown(before)) return text;
  return isKnown(text) ? undefined : before;
};

/** The table with the names of columns that are wanted as they were before they were guarded. */
export const withHeaders = (table: Table, wanted: readonly string[]): Table => ({
  ...table,
  headers: table.headers.map((header) => {
    const before = unguarded(header);
    return wanted.includes(before) && !table.headers.includes(before) ? before : header;
  }),
});
