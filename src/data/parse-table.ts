/** How does a text that is already in memory become a table? In one piece, with the reader that files use. */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type { InputFailure } from '../failure.js';
import { tableReader, type ReadOptions } from './table-reader.js';
import type { Table } from './table.js';

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
