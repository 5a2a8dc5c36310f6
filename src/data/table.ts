/**
 * What a file of rows and columns is, once its text is taken apart: names, cells by column, and where each row stood.
 *
 * A column holds either its few different texts and which of them each row has, or the numbers of its rows with those texts
 * that are none: a table takes 2 or 8 bytes a cell, and nothing is lost that a message or a class may need. What cells mean
 * (labels, the pool) is decided in labelled-pool.ts.
 */
import { at } from '../at.js';
import type { RowKind, SomeLines } from './fault-list.js';
import { decimalIn } from './read-number.js';

/** A column of few different texts. */
export interface CodedColumn {
  readonly _tag: 'Coded';
  /** The raw text of cells, quotes removed; a line break in a cell is `\n`. */
  readonly texts: readonly string[];
  /** Which of them each row has. */
  readonly codes: Uint16Array;
}

/** A column of many different texts. */
export interface NumberColumn {
  readonly _tag: 'Numbers';
  /** One a row; NaN where the cell is empty or no finite number. */
  readonly numbers: Float64Array;
  /**
   * The cells that their number does not tell: texts without one, and whole numbers that it would write otherwise (`007`,
   * or beyond 2⁵³). `rows` ascend, from 0. Of other numbers the spelling is not kept (`1.50` is told as `1.5`).
   */
  readonly others: { readonly rows: readonly number[]; readonly texts: readonly string[] };
}

/** The cells of a column. */
export type TableColumn = CodedColumn | NumberColumn;

/** A rectangular table of cells. Lines without any content are not rows. */
export interface Table {
  /** The file as the user named it. Faults begin with it. */
  readonly source: string;
  /** 1-based line of the header; negative where the names stand in no line. */
  readonly headerLine: number;
  /** Column names, not checked for being unique: no white space around them, a line break inside is a space. */
  readonly headers: readonly string[];
  /** 1-based line of the file on which each row starts. Its length is the number of rows. */
  readonly lines: Uint32Array;
  /** As many as there are headers. */
  readonly columns: readonly TableColumn[];
  /** Lines that held delimiters but no content (a spreadsheet's habit) and were left out. */
  readonly hollowLines: SomeLines;
  /** Rows that ended with more delimiters than the header, and nothing between them. */
  readonly trailingLines: SomeLines;
  /** Lines before the header that were taken for comments. */
  readonly commentLines: SomeLines;
  /** What `lines` are: of a file without lines its rows, from 0. Lines where left out. */
  readonly rowKind?: RowKind;
  /** What there is to say of how the file was read, without a full stop: its encoding, decimal commas. */
  readonly notes?: readonly string[];
  /** Columns whose points were read as one of the two, decimal ones or between thousands, and may be the other; a cell of each. */
  readonly unsettled?: readonly {
    readonly column: string;
    readonly cell: string;
    readonly readAs: 'decimal' | 'thousands';
  }[];
}

/** A table with what there is to say of how it was read, if anything, before what is said already. */
export const noted = (table: Table, note: string | undefined): Table =>
  note === undefined ? table : { ...table, notes: [note, ...(table.notes ?? [])] };

const isBlank = (text: string): boolean => text.trim() === '';

/** The number of a text, white space around it aside; NaN where it is no finite one. */
export const numberOf = (text: string): number => {
  const trimmed = text.trim();
  const value = decimalIn(trimmed, 0, trimmed.length);
  return Number.isFinite(value) ? value : NaN;
};

/** The numbers of a column, one a row; NaN where a cell holds no finite one. */
export const numbersOf = (column: TableColumn): Float64Array => {
  if (column._tag === 'Numbers') return column.numbers;
  const values = Float64Array.from(column.texts, numberOf);
  const { codes } = column;
  const numbers = new Float64Array(codes.length);
  for (let row = 0; row < codes.length; row++) numbers[row] = values[codes[row] ?? -1] ?? NaN;
  return numbers;
};

const placeIn = (rows: readonly number[], row: number): number => {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle] ?? NaN) < row) low = middle + 1;
    else high = middle;
  }
  return rows[low] === row ? low : -1;
};

/** The text of the cell in a row, 0-based; empty where nothing but white space is in it. */
export const textAt = (column: TableColumn, row: number): string => {
  if (column._tag === 'Coded') return column.texts[at(column.codes, row)] ?? '';
  const other = placeIn(column.others.rows, row);
  if (other >= 0) return column.others.texts[other] ?? '';
  const number = column.numbers[row] ?? NaN;
  return Number.isNaN(number) ? '' : String(number);
};

/** The rows whose cell is empty (1) or not (0). */
export const emptyCells = (column: TableColumn): Uint8Array => {
  if (column._tag === 'Coded') {
    const empty = column.texts.map(isBlank);
    const cells = new Uint8Array(column.codes.length);
    if (empty.includes(true))
      for (let row = 0; row < cells.length; row++)
        cells[row] = empty[column.codes[row] ?? -1] === true ? 1 : 0;
    return cells;
  }
  const { numbers } = column;
  const cells = new Uint8Array(numbers.length);
  for (let row = 0; row < cells.length; row++) cells[row] = Number.isNaN(numbers[row]) ? 1 : 0;
  for (const row of column.others.rows) cells[row] = 0;
  return cells;
};

/** The different texts of a column that are not empty, or those of its texts that are no numbers, where there are many. */
export const textsOf = (column: TableColumn): readonly string[] =>
  column._tag === 'Coded' ? column.texts.filter((text) => !isBlank(text)) : column.others.texts;

/** The first row whose cell has this text, as {@link textsOf} gives it. */
export const rowOfText = (column: TableColumn, text: string): number =>
  column._tag === 'Coded'
    ? column.codes.indexOf(column.texts.indexOf(text))
    : (column.others.rows[column.others.texts.indexOf(text)] ?? -1);
