/**
 * How does a file become a table? As a stream, with its size checked first, so that a file of any size is either
 * read or refused with a reason. (Only Node: a browser hands its text to parseTable.)
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { inputFailure, type InputFailure } from '../failure.js';
import { tableReader } from './table-reader.js';
import type { Table } from './table.js';

/** The largest file that is read, in bytes: 256 MiB. */
export const LARGEST_FILE = 256 * 2 ** 20;

const PIECE = 2 ** 20;

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

const tooLarge = (path: string, size: string): InputFailure =>
  inputFailure({
    source: path,
    problem: `the file has ${size}, more than the ${mebibytes(LARGEST_FILE)} that are read`,
    remedy: 'Keep the columns that are needed and a smaller pool, a random part of it for instance',
  });

const notUtf8 = (path: string): InputFailure =>
  inputFailure({
    source: path,
    problem: 'the file is not UTF-8 text',
    remedy: 'Save the table as "CSV UTF-8" and give that file',
  });

const unreadable =
  (path: string) =>
  (cause: unknown): InputFailure => {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const told =
      code === 'ENOENT' || code === 'ENOTDIR'
        ? { problem: 'there is no such file', remedy: 'Check the path and the spelling of the file name' }
        : code === 'EACCES' || code === 'EPERM'
          ? { problem: 'the file may not be read', remedy: 'Give yourself the right to read it' }
          : code === 'EISDIR'
            ? { problem: 'this is a folder', remedy: 'Give the path of a CSV file' }
            : {
                problem: `the file cannot be read (${cause instanceof Error ? cause.message : String(cause)})`,
                remedy: 'Check that the path names a CSV file on a disk that works',
              };
    return inputFailure({ source: path, ...told });
  };

const checkSize = (path: string): TE.TaskEither<InputFailure, void> =>
  pipe(
    TE.tryCatch(() => stat(path), unreadable(path)),
    TE.chain((found) =>
      found.size > LARGEST_FILE ? TE.left(tooLarge(path, mebibytes(found.size))) : TE.right(undefined),
    ),
  );

const decode = (decoder: TextDecoder, bytes?: Uint8Array): E.Either<unknown, string> =>
  E.tryCatch(
    () => (bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })),
    (cause) => cause,
  );

const streamTable = (path: string) => async (): Promise<E.Either<InputFailure, Table>> => {
  const reader = tableReader(path);
  // The decoder strips a byte order mark, and refuses what is not UTF-8.
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let read = 0;
  for await (const bytes of createReadStream(path, { highWaterMark: PIECE }) as AsyncIterable<Uint8Array>) {
    read += bytes.length;
    // A pipe has no size to check beforehand, and a file may grow.
    if (read > LARGEST_FILE) return E.left(tooLarge(path, `at least ${mebibytes(read)}`));
    const text = decode(decoder, bytes);
    if (E.isLeft(text)) return E.left(notUtf8(path));
    const fed = reader.feed(text.right);
    if (E.isLeft(fed)) return fed;
  }
  return E.isLeft(decode(decoder)) ? E.left(notUtf8(path)) : reader.finish();
};

/**
 * The table in a file: UTF-8 with or without a byte order mark, otherwise as parseTable. Fails with an
 * InputFailure for what parseTable refuses, a file that is missing, a folder, not UTF-8, or larger than
 * {@link LARGEST_FILE}.
 */
export const readTable = (path: string): TE.TaskEither<InputFailure, Table> =>
  pipe(
    checkSize(path),
    TE.chain(() =>
      pipe(
        TE.tryCatch(streamTable(path), unreadable(path)),
        TE.chain((table) => TE.fromEither(table)),
      ),
    ),
  );
