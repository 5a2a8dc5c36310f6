/** Tables as any program might write them: the generator and the writer that the specs of src/data read back. */
import * as fc from 'fast-check';
import { textAt, type Table } from '../../src/data/table.js';

/** A table and the way in which it is written. */
export interface WrittenTable {
  readonly headers: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly delimiter: string;
  readonly lineEnding: string;
  readonly mark: boolean;
  /** How the last row ends: without a line break, with one, or with several. */
  readonly trailing: number;
  /** Quotes around every cell, not only where they are needed. */
  readonly quoteAll: boolean;
}

const cell = fc.oneof(
  { weight: 3, arbitrary: fc.double({ noNaN: true }).map(String) },
  {
    weight: 2,
    arbitrary: fc.string({ unit: fc.constantFrom('a', 'é', '😀', ' ', '"', ',', ';', '\t', '\n', '-', "'") }),
  },
  { weight: 1, arbitrary: fc.constant('') },
);

const header = fc
  .tuple(fc.constantFrom('a', 'B', 'é', '_'), fc.string({ unit: fc.constantFrom('x', '7', ' ', '_', '.') }))
  .map((parts) => parts.join('').trim());

/** One row of a table that was read. */
export interface ReadRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** The rows of a table that was read. */
export const rowsOf = ({ lines, columns }: Table): readonly ReadRow[] =>
  Array.from(lines, (line, row) => ({ line, cells: columns.map((column) => textAt(column, row)) }));

/** Rectangular tables of 1 to 5 columns whose rows are not blank. */
export const writtenTable: fc.Arbitrary<WrittenTable> = fc.integer({ min: 1, max: 5 }).chain((width) =>
  fc.record({
    headers: fc.array(header, { minLength: width, maxLength: width }),
    rows: fc.array(
      fc
        .array(cell, { minLength: width, maxLength: width })
        .filter((cells) => cells.some((text) => text.trim() !== '')),
      { minLength: 1, maxLength: 20 },
    ),
    delimiter: fc.constantFrom(',', ';', '\t'),
    lineEnding: fc.constantFrom('\n', '\r\n', '\r'),
    mark: fc.boolean(),
    trailing: fc.nat({ max: 3 }),
    quoteAll: fc.boolean(),
  }),
);

/** The text of the table, and the 1-based line on which each row starts, counted while writing. */
export const write = (table: WrittenTable): { readonly text: string; readonly lines: readonly number[] } => {
  const encode = (text: string): string =>
    table.quoteAll || /[",;\t\n]/.test(text)
      ? `"${text.replaceAll('"', '""').replaceAll('\n', table.lineEnding)}"`
      : text;
  const records = [table.headers, ...table.rows];
  const heights = records.map((cells) => cells.join('').split('\n').length);
  const starts = heights.map((_, i) => 1 + heights.slice(0, i).reduce((sum, height) => sum + height, 0));
  const text = records.map((cells) => cells.map(encode).join(table.delimiter)).join(table.lineEnding);
  return {
    text: (table.mark ? '\ufeff' : '') + text + table.lineEnding.repeat(table.trailing),
    lines: starts.slice(1),
  };
};
