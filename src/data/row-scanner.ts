/**
 * Where do the cells of a row begin and end? RFC 4180 with any delimiter: a cell that begins with a quote ends with one, a
 * quote inside it is written twice, and it may hold delimiters and line breaks; spaces after its last quote are passed over.
 * Line breaks are \r\n, \r or \n, mixed as they may be. Each character is looked at once.
 */

/** The text ends before the row does. */
export const INCOMPLETE = -1;

/** A quoted cell does not close, or goes on behind its last quote. */
export const MALFORMED = -2;

/** Finds the cells of one row after the other. What it tells of a row is overwritten by the next one. */
export interface RowScanner {
  /**
   * Takes the row of the text that begins at `from`. Returns where the next one begins, {@link INCOMPLETE} (never where this is
   * the last piece of the text) or {@link MALFORMED}.
   */
  readonly scan: (text: string, from: number, last: boolean) => number;
  /** The number of cells, one at least. */
  readonly count: () => number;
  /** Where a cell begins, and where what is behind it does, quotes excluded. */
  readonly start: (cell: number) => number;
  readonly end: (cell: number) => number;
  readonly isQuoted: (cell: number) => boolean;
  /** Line breaks inside of cells. */
  readonly breaks: () => number;
}

const [QUOTE, NEWLINE, RETURN, SPACE] = [34, 10, 13, 32] as const;

const lineBreaks = (text: string, start: number, end: number): number => {
  let count = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE || (code === RETURN && text.charCodeAt(at + 1) !== NEWLINE)) count++;
  }
  return count;
};

/** Where the quote is that closes the cell; −1 where there is none. */
const closingQuote = (text: string, start: number): number => {
  let at = text.indexOf('"', start);
  while (at !== -1 && text.charCodeAt(at + 1) === QUOTE) at = text.indexOf('"', at + 2);
  return at;
};

/** The cell as text: without its quotes, a line break in it as `\n`. */
export const cellText = (text: string, scanner: RowScanner, cell: number): string => {
  const raw = text.slice(scanner.start(cell), scanner.end(cell));
  return scanner.isQuoted(cell)
    ? raw.replaceAll('""', '"').replaceAll('\r\n', '\n').replaceAll('\r', '\n')
    : raw;
};

/** The cells of a row as numbers: start, end, and 1 of a quoted cell. */
interface Cells {
  readonly clear: () => void;
  readonly push: (start: number, end: number, quoted: 0 | 1) => void;
  readonly count: () => number;
  readonly at: (cell: number, field: 0 | 1 | 2) => number;
}

const emptyCells = (): Cells => {
  let bounds = new Int32Array(3 * 64);
  let count = 0;
  return {
    clear: () => {
      count = 0;
    },
    push: (start, end, quoted) => {
      if (3 * count === bounds.length) {
        const longer = new Int32Array(2 * bounds.length);
        longer.set(bounds);
        bounds = longer;
      }
      bounds[3 * count] = start;
      bounds[3 * count + 1] = end;
      bounds[3 * count + 2] = quoted;
      count++;
    },
    count: () => count,
    at: (cell, field) => bounds[3 * cell + field] ?? NaN,
  };
};

/** A scanner of rows with this delimiter, one character. */
export const rowScanner = (delimiter: string): RowScanner => {
  const between = delimiter.charCodeAt(0);
  const cells = emptyCells();
  let breaks = 0;

  /** Takes the quoted cell that begins at `from`. Returns where its delimiter or line break is. */
  const quotedCell = (text: string, from: number, last: boolean): number => {
    const close = closingQuote(text, from + 1);
    // A quote at the end of a piece may be the first of two.
    if (close === -1) return last ? MALFORMED : INCOMPLETE;
    let at = close + 1;
    while (text.charCodeAt(at) === SPACE && between !== SPACE) at++;
    if (at >= text.length && !last) return INCOMPLETE;
    const code = text.charCodeAt(at);
    if (at < text.length && code !== between && code !== NEWLINE && code !== RETURN) return MALFORMED;
    cells.push(from + 1, close, 1);
    breaks += lineBreaks(text, from + 1, close);
    return at;
  };

  const plainCell = (text: string, from: number, last: boolean): number => {
    let at = from;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === between || code === NEWLINE || code === RETURN) break;
    }
    if (at === text.length && !last) return INCOMPLETE;
    cells.push(from, at, 0);
    return at;
  };

  return {
    scan: (text, from, last) => {
      cells.clear();
      breaks = 0;
      for (let at = from; ; at++) {
        at = text.charCodeAt(at) === QUOTE ? quotedCell(text, at, last) : plainCell(text, at, last);
        if (at < 0 || at >= text.length) return at;
        const code = text.charCodeAt(at);
        if (code === between) continue;
        if (code === NEWLINE) return at + 1;
        if (at + 1 === text.length) return last ? at + 1 : INCOMPLETE;
        return text.charCodeAt(at + 1) === NEWLINE ? at + 2 : at + 1;
      }
    },
    count: cells.count,
    start: (cell) => cells.at(cell, 0),
    end: (cell) => cells.at(cell, 1),
    isQuoted: (cell) => cells.at(cell, 2) === 1,
    breaks: () => breaks,
  };
};
