/**
 * Which array does the user name? A file of NumPy: `draws.npy`, or one of the arrays of `model.npz` as `model.npz:draws`; lines of
 * numbers, `draws.csv`; or the columns of a Parquet file. Gzip is read on the way.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { textReader } from '../data/encoding.js';
import { readNpy, type NumberArray } from '../data/npy.js';
import { isZip, namedArray, readNpz } from '../data/npz.js';
import { numberRowsReader } from '../data/number-rows.js';
import { readParquet } from '../data/parquet-table.js';
import { numbersOf, textsOf, type Table } from '../data/table.js';
import { cellsOfForm, formatOf, spreadsheet } from '../data/table-format.js';
import { inputFailure, type InputFailure } from '../failure.js';
import { fileBytes } from '../data/file-bytes.js';
import { fileTrouble } from './file-trouble.js';
import { unpacked } from './unpacked.js';

/** Bytes that are decoded at once. */
const PIECE = 2 ** 20;

/** The array in lines of numbers. */
export const arrayOfText = (file: string, bytes: Uint8Array): E.Either<InputFailure, NumberArray> => {
  const decoder = textReader();
  const reader = numberRowsReader(file);
  const inFile = E.mapLeft((fault: { readonly problem: string; readonly remedy: string }) =>
    inputFailure({ source: file, ...fault }),
  );
  for (let at = 0; at < bytes.length; at += PIECE) {
    const fed = pipe(decoder.decode(bytes.subarray(at, at + PIECE)), inFile, E.chain(reader.feed));
    if (E.isLeft(fed)) return fed;
  }
  return pipe(decoder.finish(), inFile, E.chain(reader.feed), E.chain(reader.finish));
};

/** The columns of a table, all of numbers, side by side: NaN in a cell that is empty. */
const arrayOfTable = ({ source, headers, columns, lines }: Table): E.Either<InputFailure, NumberArray> => {
  const text = columns.findIndex((column) => textsOf(column).some((cell) => Number.isNaN(Number(cell))));
  if (text >= 0)
    return E.left(
      inputFailure({
        ...{
          source,
          column: headers[text] ?? text + 1,
          problem: 'it holds text, and an array holds numbers',
        },
        remedy: 'Leave the column out of the file',
      }),
    );
  const data = new Float64Array(lines.length * columns.length);
  for (const [j, column] of columns.entries()) {
    const own = numbersOf(column);
    for (let n = 0; n < own.length; n++) data[n * columns.length + j] = own[n] ?? NaN;
  }
  return E.right({ shape: [lines.length, columns.length], data });
};

const arrayOf = (
  file: string,
  name: string | undefined,
  bytes: Uint8Array,
): TE.TaskEither<InputFailure, NumberArray> =>
  formatOf(file, bytes) === 'spreadsheet'
    ? TE.left(inputFailure({ source: file, ...spreadsheet }))
    : isZip(bytes)
      ? readNpz(file, bytes, name)
      : formatOf(file, bytes) === 'parquet'
        ? pipe(readParquet(file, bytes), TE.chainEitherK(arrayOfTable))
        : TE.fromEither(
            cellsOfForm(formatOf(file, bytes)) !== undefined
              ? arrayOfText(file, bytes)
              : readNpy(file, bytes),
          );

/** An array, and the bytes of the file that it is in. */
export interface ArrayInFile {
  readonly array: NumberArray;
  readonly file: Uint8Array;
}

/** Reads it, with the file. An InputFailure where it cannot be read, or is no array of numbers. */
export const readArrayInFile = (word: string): TE.TaskEither<InputFailure, ArrayInFile> => {
  const { file, array: name } = namedArray(word);
  return pipe(
    TE.tryCatch(() => fileBytes(file), fileTrouble(file, 'read')),
    TE.bindTo('file'),
    TE.bind('array', ({ file: packed }) =>
      pipe(
        unpacked(file, packed),
        TE.chain((bytes) => arrayOf(file, name, bytes)),
      ),
    ),
  );
};

/** Reads it. Fails as {@link readArrayInFile} does. */
export const readArrayFile = (word: string): TE.TaskEither<InputFailure, NumberArray> =>
  pipe(
    readArrayInFile(word),
    TE.map(({ array }) => array),
  );
