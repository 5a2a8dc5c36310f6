/**
 * Which character stands between the cells? The one under which most of the first rows have as many cells as the
 * header; among equals, the one that gives the header more cells, then the order of DELIMITERS. A header that no
 * candidate splits is a single column.
 */
import Papa from 'papaparse';

/** The delimiters that are recognised. */
export const DELIMITERS = [',', ';', '\t'] as const;

/** One of the recognised delimiters. */
export type Delimiter = (typeof DELIMITERS)[number];

const ROWS_LOOKED_AT = 10;

interface Candidate {
  readonly delimiter: Delimiter;
  readonly width: number;
  readonly agreeing: number;
}

const candidate =
  (text: string) =>
  (delimiter: Delimiter): Candidate => {
    const [header, ...rows] = Papa.parse<string[]>(text, {
      delimiter,
      newline: '\n',
      preview: ROWS_LOOKED_AT,
      skipEmptyLines: 'greedy',
    }).data;
    const width = header?.length ?? 0;
    return { delimiter, width, agreeing: rows.filter((row) => row.length === width).length };
  };

/** The delimiter of a text (line ends as `\n`), judged by its first ten rows; a comma where nothing tells. */
export const detectDelimiter = (text: string): Delimiter =>
  DELIMITERS.map(candidate(text))
    .filter(({ width }) => width > 1)
    .reduce<Candidate>(
      (best, next) =>
        next.agreeing > best.agreeing || (next.agreeing === best.agreeing && next.width > best.width)
          ? next
          : best,
      { delimiter: ',', width: 0, agreeing: -1 },
    ).delimiter;
