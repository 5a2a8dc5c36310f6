/**
 * Which character stands between the cells? The one under which most of the first rows have as many cells as the
 * header; among equals, the one that gives the header more cells, then the order of RECOGNISED. A header that no
 * candidate splits is a single column.
 */
import { INCOMPLETE, MALFORMED, rowScanner } from './row-scanner.js';

/** The delimiters that are recognised. */
export const RECOGNISED = [',', ';', '\t'] as const;

/** What they and others are called. */
export const delimiterNames = { comma: ',', semicolon: ';', tab: '\t', pipe: '|', space: ' ' } as const;

const ROWS_LOOKED_AT = 10;

interface Candidate {
  readonly delimiter: string;
  readonly width: number;
  readonly agreeing: number;
}

const isBlankText = (text: string, start: number, end: number): boolean =>
  text.slice(start, end).trim() === '';

/** The numbers of cells of the first rows with content. */
const widths = (text: string, delimiter: string, whole: boolean): readonly number[] => {
  const scanner = rowScanner(delimiter);
  const found: number[] = [];
  for (let at = 0; at < text.length && found.length < ROWS_LOOKED_AT;) {
    // A header that is longer than what is looked at is judged by what is there of it.
    const next = scanner.scan(text, at, whole || found.length === 0);
    if (next === INCOMPLETE || next === MALFORMED) break;
    const count = scanner.count();
    let filled = 0;
    while (filled < count && isBlankText(text, scanner.start(filled), scanner.end(filled))) filled++;
    if (filled < count) found.push(count);
    at = next;
  }
  return found;
};

const candidate =
  (text: string, whole: boolean) =>
  (delimiter: string): Candidate => {
    const [width = 0, ...rows] = widths(text, delimiter, whole);
    return { delimiter, width, agreeing: rows.filter((count) => count === width).length };
  };

/** The delimiter of the beginning of a text, or of a whole one, judged by its first ten rows; a comma where nothing tells. */
export const detectDelimiter = (text: string, whole: boolean): string =>
  RECOGNISED.map(candidate(text, whole))
    .filter(({ width }) => width > 1)
    .reduce<Candidate>(
      (best, next) =>
        next.agreeing > best.agreeing || (next.agreeing === best.agreeing && next.width > best.width)
          ? next
          : best,
      { delimiter: ',', width: 0, agreeing: -1 },
    ).delimiter;
