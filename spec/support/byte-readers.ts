/** Everything that reads a file of bytes which somebody brings, as functions of the bytes alone. */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { arrayOfText } from '../../src/cli/array-file.js';
import { tableOfArrays } from '../../src/data/array-table.js';
import { textReader } from '../../src/data/encoding.js';
import { labelledPool } from '../../src/data/labelled-pool.js';
import { readNpy } from '../../src/data/npy.js';
import { readAllNpz } from '../../src/data/npz.js';
import { readParquet } from '../../src/data/parquet-table.js';
import { formatOf, isGzip } from '../../src/data/table-format.js';
import type { Table } from '../../src/data/table.js';
import { tableReader } from '../../src/data/table-reader.js';
import type { InputFailure } from '../../src/failure.js';

/** The memory that a table of these files may take. */
const MAX_BYTES = 2 ** 22;

const pool = (table: Table) => labelledPool(table, { target: table.headers.at(-1) ?? '', missing: 'median' });

const textTable = (bytes: Uint8Array): E.Either<InputFailure, Table> => {
  const decoder = textReader();
  const reader = tableReader('t.csv', { maxBytes: MAX_BYTES });
  const told = E.mapLeft((fault: { readonly problem: string; readonly remedy: string }): InputFailure => ({
    _tag: 'InputFailure',
    faults: [{ source: 't.csv', ...fault }],
  }));
  return pipe(
    decoder.decode(bytes),
    told,
    E.chain(reader.feed),
    E.chain(() => told(decoder.finish())),
    E.chain(reader.feed),
    E.chain(reader.finish),
  );
};

/** Readers by name. None may throw, reject, or take more memory than a file of such a size needs. */
export const byteReaders: Readonly<
  Record<string, (bytes: Uint8Array) => Promise<E.Either<InputFailure, unknown>>>
> = {
  npy: (bytes) =>
    pipe(
      TE.fromEither(readNpy('t.npy', bytes)),
      TE.chainEitherK((array) => tableOfArrays('t.npy', [['', array]])),
      TE.chainEitherK(pool),
    )(),
  npz: (bytes) =>
    pipe(
      readAllNpz('t.npz', bytes),
      TE.chainEitherK((arrays) => tableOfArrays('t.npz', arrays)),
      TE.chainEitherK(pool),
    )(),
  parquet: (bytes) => pipe(readParquet('t.parquet', bytes, MAX_BYTES), TE.chainEitherK(pool))(),
  text: (bytes) => pipe(TE.fromEither(textTable(bytes)), TE.chainEitherK(pool))(),
  'lines of numbers': (bytes) => TE.fromEither(arrayOfText('t.csv', bytes))(),
  form: (bytes) => TE.right([formatOf('t', bytes), isGzip(bytes)])(),
};
