/**
 * Where does each row of a table stand in its text? So that rows can go back as they came (table-writing.ts), they are taken as they
 * were written, with the file's own delimiter, quotes, line breaks, decimal sign and spelling of every cell. They are known by the
 * lines on which they begin, as everywhere.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { type DecimalMark, detectDecimal } from './decimal-comma.js';
import { detectDelimiter } from './delimiter.js';
import { textReader } from './encoding.js';
import type { RowKind } from './fault-list.js';
import { commentsBefore, separatorLine } from './preamble.js';
import { INCOMPLETE, MALFORMED, rowScanner, type RowScanner } from './row-scanner.js';
import { cellsOfForm, formatOf, isGzip, spreadsheet, type TableFormat } from './table-format.js';
import { inputFailure, type InputFailure } from '../failure.js';

/** How a table is written, as far as somebody says it; found where left out. */
export interface TextForm {
  /** The one character between cells. */
  readonly delimiter?: string | undefined;
  /** What stands before the fraction of a number. */
  readonly decimal?: DecimalMark | undefined;
  readonly format?: TableFormat | undefined;
}

/** Where a row stands in a text: from its first character to behind its line break. */
export interface TextRow {
  readonly from: number;
  readonly to: number;
}

/** A table as text. */
export interface TableText {
  readonly source: string;
  readonly text: string;
  readonly delimiter: string;
  /** What stands before the header, but for comments: a byte order mark, and the line `sep=` of a spreadsheet. */
  readonly lead: string;
  readonly header: TextRow;
  /** Without white space around them, a line break inside is a space. */
  readonly names: readonly string[];
  /** The rows by the line on which each begins, in their order. */
  readonly rows: ReadonlyMap<number, TextRow>;
  /** What stands between the whole and the fraction of numbers. */
  readonly decimal: DecimalMark;
  /** What `rows` are known by, where that is no line: of a file without lines its rows, from 0. */
  readonly rowKind?: RowKind;
}

/** A cell with its quotes. */
export interface Cell {
  readonly start: number;
  readonly end: number;
  /** Without them. */
  readonly text: string;
}

const cellAt = (text: string, scanner: RowScanner, c: number): Cell => {
  const [start, end] = [scanner.start(c), scanner.end(c)];
  const inside = text.slice(start, end);
  return scanner.isQuoted(c)
    ? { start: start - 1, end: end + 1, text: inside.replaceAll('""', '"') }
    : { start, end, text: inside };
};

/** The cells of a row, by a scanner of the table's delimiter. */
export const cellsOf = (
  { text }: Pick<TableText, 'text'>,
  scanner: RowScanner,
  row: TextRow,
): readonly Cell[] => {
  scanner.scan(text, row.from, true);
  return Array.from({ length: scanner.count() }, (_, c) => cellAt(text, scanner, c));
};

const nameOf = ({ text }: Cell): string =>
  text
    .trim()
    .replaceAll('\r', '\n')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');

const byteOrderMark = '\ufeff';

/**
 * Takes a text apart as the reader of tables does (src/data/table-reader.ts). Fails where a quote does not close, and where there is no
 * header.
 */
export const tableText = (
  source: string,
  text: string,
  { delimiter, decimal }: Omit<TextForm, 'format'> = {},
): E.Either<InputFailure, TableText> => {
  const refuse = (problem: string) =>
    E.left(inputFailure({ source, problem, remedy: 'Give the table that the rows are of' }));
  const start = text.startsWith(byteOrderMark) ? 1 : 0;
  const separator = separatorLine(text.slice(start));
  const body = start + (separator?.end ?? 0);
  let line = separator === undefined ? 1 : 2;
  let between = ',';
  const preamble = commentsBefore(text.slice(body), line, (rows) => {
    between =
      delimiter ?? separator?.delimiter ?? detectDelimiter(rows.slice(0, 2 ** 16), rows.length <= 2 ** 16);
    return rowScanner(between);
  });
  line += preamble.lines.length;
  const scanner = preamble.body;
  let header: TextRow | undefined;
  const rows = new Map<number, TextRow>();
  for (let from = body + preamble.end; from < text.length;) {
    const to = scanner.scan(text, from, true);
    if (to === INCOMPLETE || to === MALFORMED) return refuse(`a quote on line ${line} does not close`);
    const breaks = scanner.breaks();
    const filled = Array.from(
      { length: scanner.count() },
      (_, c) => cellAt(text, scanner, c).text.trim() !== '',
    );
    if (filled.includes(true)) {
      if (header === undefined) header = { from, to };
      else rows.set(line, { from, to });
    }
    line += 1 + breaks;
    from = to;
  }
  if (header === undefined) return refuse('the table has no header');
  return E.right({
    ...{ source, text, delimiter: between, lead: text.slice(0, body), header, rows },
    names: cellsOf({ text }, scanner, header).map(nameOf),
    decimal: decimal ?? detectDecimal(text.slice(header.from), scanner, between, true),
  });
};

const hasMark = ([a, b, c]: Uint8Array): boolean => a === 0xef && b === 0xbb && c === 0xbf;

/** The text of bytes, and what there is to say of its encoding. Fails where they are none. */
export const textOf = (
  source: string,
  bytes: Uint8Array,
): E.Either<InputFailure, { readonly text: string; readonly note: string | undefined }> => {
  const reader = textReader();
  return pipe(
    reader.decode(bytes),
    E.chain((text) =>
      pipe(
        reader.finish(),
        E.map((rest) => ({ text: text + rest, note: reader.note() })),
      ),
    ),
    E.mapLeft((noText) => inputFailure({ source, ...noText })),
  );
};

/** With a byte order mark where there was one, and where the text will be in another encoding, UTF-8, than it was. */
const marked = (bytes: Uint8Array, text: string, note: string | undefined): string =>
  (hasMark(bytes) || note !== undefined) && !text.startsWith(byteOrderMark) ? byteOrderMark + text : text;

/** The form of lines of cells that bytes have; undefined where they are packed, or have none. */
export const plainForm = (source: string, bytes: Uint8Array, format?: TableFormat) =>
  isGzip(bytes) ? undefined : cellsOfForm(format ?? formatOf(source, bytes));

/**
 * The table in the bytes of a file, which `source` names, as text: to give rows of it back as they are written (`chosenRows`). Fails
 * with an InputFailure for what is not written as CSV or TSV, or packed, a quote that does not close, and a table without a header.
 */
export const tableTextOf = (
  source: string,
  bytes: Uint8Array,
  { format: named, delimiter, decimal }: TextForm = {},
): E.Either<InputFailure, TableText> => {
  const cells = plainForm(source, bytes, named);
  if (cells === undefined)
    return E.left(
      inputFailure({
        source,
        problem: 'this is no plain CSV or TSV file',
        remedy: spreadsheet.remedy,
      }),
    );
  return pipe(
    textOf(source, bytes),
    E.map(({ text, note }) => marked(bytes, text, note)),
    E.chain((text) => tableText(source, text, { delimiter: delimiter ?? cells.delimiter, decimal })),
  );
};
