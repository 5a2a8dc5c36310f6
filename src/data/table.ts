/**
 * What a file of rows and columns is, once its text is taken apart: names, cells, and where each row stood.
 *
 * Cells are raw text here. What they mean (numbers, labels, the pool) is decided in labelled-pool.ts.
 */

/** One row below the header. */
export interface TableRow {
  /** 1-based line of the file on which the row starts; the header is usually line 1. */
  readonly line: number;
  /** The raw text of each cell, as many as there are headers, quotes removed; a line break in a cell is `\n`. */
  readonly cells: readonly string[];
}

/** A rectangular table of text. Lines without any content are not rows. */
export interface Table {
  /** The file as the user named it. Faults begin with it. */
  readonly source: string;
  /** 1-based line of the header. */
  readonly headerLine: number;
  /** Column names, not checked for being unique: no white space around them, a line break inside is a space. */
  readonly headers: readonly string[];
  readonly rows: readonly TableRow[];
  /** 1-based lines that held delimiters but no content (a spreadsheet's habit) and were left out. */
  readonly hollowLines: readonly number[];
}
