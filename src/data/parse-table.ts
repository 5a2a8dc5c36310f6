/** How does a text that is already in memory become a table? In one piece, with the reader that files use. */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { badInput, type InputFailure } from '../failure.js';
import { spreadsheet } from './table-format.js';
import { tableReader, type ReadOptions } from './table-reader.js';
import { plainForm, textOf } from './table-text.js';
import { noted, type Table } from './table.js';

/**
 * The table in a text: comma, semicolon or tab between cells (detected, unless the options name a character), any line ending,
 * an optional byte order mark. Fails with an InputFailure for an empty text, a header without rows, a row with more or fewer
 * cells than the header, a quote that does not close, and a table beyond the limits of table-reader.ts.
 */
export const parseTable = (
  source: string,
  text: string,
  options?: ReadOptions,
): E.Either<InputFailure, Table> => {
  const reader = tableReader(source, options);
  return pipe(
    reader.feed(text.startsWith('\ufeff') ? text.slice(1) : text),
    E.chain(() => reader.finish()),
  );
};

/**
 * The table in the bytes of a file, whose name is `source`: CSV or TSV, in UTF-8, UTF-16 or Latin-1, of which the table has a note. Fails
 * with an InputFailure as parseTable does, for what is no text, and for files that are packed or of another form.
 */
export const tableOfBytes = (
  source: string,
  bytes: Uint8Array,
  options?: ReadOptions,
): E.Either<InputFailure, Table> => {
  const cells = plainForm(source, bytes);
  if (cells === undefined)
    return E.left(badInput(source, 'this is no plain CSV or TSV file', spreadsheet.remedy));
  return pipe(
    textOf(source, bytes),
    E.chain(({ text, note }) =>
      pipe(
        parseTable(source, text, { ...cells, ...options }),
        E.map((table) => noted(table, note)),
      ),
    ),
  );
};
