/**
 * How does a Parquet file become a table? Through the package hyparquet, which is asked for where such a file is read. Null is an
 * empty cell, a date its ISO form; a column of lists of as many numbers each has a column a place, x0, x1, as an array of NumPy; and
 * other lists, and records, are refused. Rows count from 0.
 *
 * Source of the format: Apache Parquet, https://parquet.apache.org/docs/file-format/
 */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { type Fault, inputFailure, type InputFailure } from '../failure.js';
import { rowTable } from './array-table.js';
import { columnStore } from './column-store.js';
import { shortened } from './read-number.js';
import { noted, type Table, type TableColumn } from './table.js';
import type { SchemaTree } from 'hyparquet';

/** Bytes that a cell takes at least. */
const CELL = 8;

const MIDNIGHT = 'T00:00:00.000Z';

const dateText = (date: Date): string => {
  if (Number.isNaN(date.getTime())) return '';
  const text = date.toISOString();
  return text.endsWith(MIDNIGHT) ? text.slice(0, -MIDNIGHT.length) : text;
};

/** A value as the text of a cell; undefined where it is a list or a record. */
const cellOf = (value: unknown): string | undefined => {
  switch (typeof value) {
    case 'number':
      return Number.isNaN(value) ? '' : Number.isFinite(value) ? String(value) : 'inf';
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'string':
      return value;
    default:
      return value === null || value === undefined ? '' : value instanceof Date ? dateText(value) : undefined;
  }
};

interface Chunk {
  readonly rowStart: number;
  readonly columnData: ArrayLike<unknown>;
}

/** The values of a column, in the order of the rows. */
function* valuesOf(chunks: readonly Chunk[]): Generator {
  for (const { columnData } of chunks.toSorted((a, b) => a.rowStart - b.rowStart))
    for (let i = 0; i < columnData.length; i++) yield columnData[i];
}

/** A list that a cell holds: an array, or a typed one. */
const listOf = (value: unknown): ArrayLike<unknown> | undefined =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)
    ? (value as ArrayLike<unknown>)
    : undefined;

const isNumber = (value: unknown): boolean =>
  value === null || value === undefined || typeof value === 'number' || typeof value === 'bigint';

/** How many columns stand for one: a list of numbers a cell has one a place. Undefined where cells are plain. */
const widthOf = (
  chunks: readonly Chunk[],
): E.Either<Pick<Fault, 'problem' | 'remedy'>, number | undefined> => {
  let width: number | undefined;
  for (const value of valuesOf(chunks)) {
    const list = listOf(value);
    if (list === undefined) continue;
    if (width !== undefined && list.length !== width)
      return E.left({
        problem: `its lists have ${width} and ${list.length} numbers`,
        remedy: 'Give lists of one length, or leave the column out',
      });
    width = list.length;
  }
  return E.right(width);
};

/** The columns that a column comes to, one or one a place of its lists. */
const columnsOf = (
  chunks: readonly Chunk[],
  width: number | undefined,
): E.Either<Pick<Fault, 'problem' | 'remedy'>, readonly TableColumn[]> => {
  const stores = Array.from({ length: width ?? 1 }, () => columnStore());
  for (const value of valuesOf(chunks)) {
    const list = width === undefined ? [value] : listOf(value);
    for (const [place, store] of stores.entries()) {
      const own = list?.[place];
      // Between lists a cell may be null, and nothing else.
      const isPlain = width === undefined || (isNumber(own) && (list !== undefined || value === null));
      const text = isPlain ? cellOf(own) : undefined;
      if (text === undefined)
        return E.left({
          problem: `a cell holds ${width === undefined ? 'a record' : 'a list of what are no numbers'}`,
          remedy: 'Leave the column out, or give its parts as columns of their own',
        });
      store.add(text, 0, text.length);
    }
  }
  return E.right(stores.map((store) => store.column()));
};

const lengthOf = (column: TableColumn): number =>
  column._tag === 'Coded' ? column.codes.length : column.numbers.length;

const fault = (source: string, problem: string, remedy: string, column?: string): InputFailure => {
  const told: Fault = { source, problem, remedy };
  return inputFailure(column === undefined ? told : { ...told, column });
};

const broken =
  'Write it as CSV, or as Parquet of plain columns, compressed by Snappy, gzip, Brotli or not at all';

const tableOf = (
  source: string,
  rows: number,
  chunks: ReadonlyMap<string, readonly Chunk[]>,
  maxBytes: number,
): E.Either<InputFailure, Table> => {
  const [names, columns]: readonly [string[], TableColumn[]] = [[], []];
  for (const [name, of] of chunks) {
    const made = pipe(
      widthOf(of),
      E.filterOrElse(
        (width = 1) => (columns.length + width) * rows * CELL <= maxBytes,
        () => ({
          problem: 'memory has no room for the numbers of its lists',
          remedy: 'Leave the column out',
        }),
      ),
      E.chain((width) =>
        pipe(
          columnsOf(of, width),
          E.map((own) => ({ own, width })),
        ),
      ),
    );
    if (E.isLeft(made)) return E.left(fault(source, made.left.problem, made.left.remedy, shortened(name)));
    const { own, width } = made.right;
    const short = own.find((column) => lengthOf(column) !== rows);
    if (short !== undefined)
      return E.left(fault(source, `it has ${lengthOf(short)} of ${rows} cells`, broken, shortened(name)));
    columns.push(...own);
    names.push(...own.map((_, place) => (width === undefined ? name : `${name}${place}`)));
  }
  return E.right(rowTable(source, rows, names, columns));
};

/** Decimal digits that a number of 64 bits keeps. */
const EXACT_DIGITS = 15;

/** What of a column is told in another way than the file has it; undefined of most. */
const noteOf = ({ element }: SchemaTree): string | undefined => {
  const { name, type, converted_type: converted, logical_type: logical, precision = 0 } = element;
  const of = (how: string): string => `column ${shortened(name)}: ${how}`;
  return logical?.type === 'TIMESTAMP' || converted?.startsWith('TIMESTAMP') === true || type === 'INT96'
    ? of('times are told in UTC to the millisecond')
    : logical?.type === 'TIME' || converted?.startsWith('TIME_') === true
      ? of('times of the day are told as the numbers in the file')
      : (logical?.type === 'DECIMAL' || converted === 'DECIMAL') && precision > EXACT_DIGITS
        ? of(`of decimal numbers the first ${EXACT_DIGITS} digits are kept`)
        : type === 'BYTE_ARRAY' && logical === undefined && converted === undefined
          ? of('bytes are told as text')
          : undefined;
};

const toBytes = (buffer: Buffer): Uint8Array => new Uint8Array(buffer);

/** How the pages of a file may be compressed, beside Snappy. A page tells how long it is when it is not. */
const compressors = {
  GZIP: (bytes: Uint8Array, length: number) =>
    toBytes(gunzipSync(bytes, { maxOutputLength: Math.max(1, length) })),
  BROTLI: (bytes: Uint8Array, length: number) =>
    toBytes(brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, length) })),
};

const read = async (
  source: string,
  bytes: Uint8Array,
  maxBytes: number,
): Promise<E.Either<InputFailure, Table>> => {
  const { parquetMetadata, parquetRead, parquetSchema } = await import('hyparquet');
  const file = bytes.slice().buffer;
  const metadata = parquetMetadata(file);
  const { children } = parquetSchema(metadata);
  const rows = Number(metadata.num_rows);
  const counted = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (!(rows > 0) || children.length === 0)
    return E.left(fault(source, 'it has no rows', 'Give a row a point'));
  if (rows !== counted || rows * children.length * CELL > maxBytes)
    return E.left(
      fault(source, `it tells of ${rows} rows, which it does not have or memory has no room for`, broken),
    );
  const chunks = new Map<string, Chunk[]>(children.map(({ element: { name } }) => [name, []]));
  await parquetRead({
    ...{ file, metadata, compressors },
    onChunk: ({ columnName, columnData, rowStart }) => chunks.get(columnName)?.push({ rowStart, columnData }),
  });
  const notes = children.flatMap((child) => noteOf(child) ?? []);
  return pipe(
    tableOf(source, rows, chunks, maxBytes),
    E.map((table) => notes.reduceRight(noted, table)),
  );
};

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';

/** What the reader says of a file that is damaged; not what the language says of a reader that took its bytes as they were. */
const reasonOf = (cause: unknown): string =>
  cause instanceof Error && !(cause instanceof TypeError) && !(cause instanceof RangeError)
    ? shortened(cause.message)
    : 'it is damaged, or cut off';

/** The table in the bytes of a Parquet file. Fails for what is none, and where the package is not installed. */
export const readParquet = (
  source: string,
  bytes: Uint8Array,
  maxBytes = Number.POSITIVE_INFINITY,
): TE.TaskEither<InputFailure, Table> =>
  pipe(
    TE.tryCatch(
      () => read(source, bytes, maxBytes),
      (cause) =>
        isMissing(cause)
          ? fault(
              source,
              'Parquet files are read by a package that is not installed',
              'Run npm install hyparquet',
            )
          : fault(source, `it cannot be read as a Parquet file (${reasonOf(cause)})`, broken),
    ),
    TE.chainEitherK((table) => table),
  );
