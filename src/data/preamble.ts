/**
 * What may stand before the header of a table? A line `sep=;`, by which spreadsheets say which character is between cells, and
 * comments: lines that begin with #. The last of these is the header where it has as many cells as the row below it, and
 * more than one.
 */
import { INCOMPLETE, MALFORMED, type RowScanner } from './row-scanner.js';

const isBreak = (character: string): boolean => character === '\n' || character === '\r';

/** Behind the line break at a place, which may be of two characters. */
const behindBreak = (text: string, at: number): number => (text.startsWith('\r\n', at) ? at + 2 : at + 1);

/** The delimiter that the first line says there is, and where the next line begins; undefined where it says none. */
export const separatorLine = (
  text: string,
): { readonly delimiter: string; readonly end: number } | undefined =>
  text.slice(0, 4).toLowerCase() === 'sep=' && !isBreak(text.charAt(4)) && isBreak(text.charAt(5))
    ? { delimiter: text.charAt(4), end: behindBreak(text, 5) }
    : undefined;

/** Where the lines begin that begin with #, and where the first one does that does not. */
const hashLines = (text: string): { readonly starts: readonly number[]; readonly end: number } => {
  const starts: number[] = [];
  let at = 0;
  while (text.charAt(at) === '#') {
    starts.push(at);
    while (at < text.length && !isBreak(text.charAt(at))) at++;
    at = Math.min(text.length, behindBreak(text, at));
  }
  return { starts, end: at };
};

const cellsAt = (scanner: RowScanner, text: string, at: number): number => {
  const next = scanner.scan(text, at, true);
  return next === INCOMPLETE || next === MALFORMED ? 0 : scanner.count();
};

/** What is before the header, and what to read from there. */
export interface Preamble {
  /** Where the header begins. */
  readonly end: number;
  /** The lines of the comments, the first line of the text being `line`. */
  readonly lines: readonly number[];
  readonly body: RowScanner;
}

/** Finds the header of a text. `scannerOf` tells how the rows of a text without comments are taken apart. */
export const commentsBefore = (
  text: string,
  line: number,
  scannerOf: (rows: string) => RowScanner,
): Preamble => {
  const { starts, end } = hashLines(text);
  // A file of comments alone has no rows to judge by.
  const body = scannerOf(end < text.length ? text.slice(end) : text);
  const header = starts.at(-1);
  if (header === undefined || end >= text.length) return { end: 0, lines: [], body };
  const cells = cellsAt(body, text, header);
  const isHeader = cells > 1 && cells === cellsAt(body, text, end);
  const comments = isHeader ? starts.slice(0, -1) : starts;
  return { end: isHeader ? header : end, lines: comments.map((_, i) => line + i), body };
};
