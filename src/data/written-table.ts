/**
 * How is a table written that has no lines of cells of its own: lines of JSON, arrays, Parquet? As CSV with a header, a row a line, and
 * known by the rows or lines of its own file (table-writing.ts writes rows of it back).
 */
import { at } from '../at.js';
import { type Table, textAt } from './table.js';
import type { TableText, TextRow } from './table-text.js';
import { quotedCell } from './table-writing.js';

const between = ',';

/** A table as CSV. */
export const writtenTable = ({ source, headers, lines, columns, rowKind }: Table): TableText => {
  const line = (cells: readonly string[]): string =>
    `${cells.map((cell) => quotedCell(cell, between)).join(between)}\n`;
  const head = line(headers);
  const pieces = [head];
  const rows = new Map<number, TextRow>();
  let from = head.length;
  for (let row = 0; row < lines.length; row++) {
    const piece = line(columns.map((column) => textAt(column, row)));
    pieces.push(piece);
    rows.set(at(lines, row), { from, to: from + piece.length });
    from += piece.length;
  }
  return {
    ...{ source, text: pieces.join(''), delimiter: between, lead: '', header: { from: 0, to: head.length } },
    ...{ names: headers, rows, decimal: '.' },
    ...(rowKind === undefined ? {} : { rowKind }),
  };
};
