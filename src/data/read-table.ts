/**
 * How does a file become a table? As a stream, so that a file of any size is read as far as memory goes; between two pieces it
 * is told how far that is, and the work may be stopped. (Only Node: a browser hands its text to parseTable.)
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { freemem } from 'node:os';
import { TextDecoder } from 'node:util';
import { getHeapStatistics } from 'node:v8';
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { inputFailure, type InputFailure, type Interrupted } from '../failure.js';
import { tableReader, type ReadOptions } from './table-reader.js';
import type { Table } from './table.js';

/** What watches over the reading of a file. */
export interface ReadControl extends ReadOptions {
  /** Told the bytes that are read, and those of the file, at the beginning and after each piece. */
  readonly onRead?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

const PIECE = 2 ** 18;

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

/** Half of the memory that is free, and half of what the language has for texts: the rest is for what is done with a table. */
const memory = (): Required<Pick<ReadOptions, 'maxBytes' | 'maxTextBytes'>> => {
  const { heap_size_limit: most, used_heap_size: used } = getHeapStatistics();
  // Node 20.13 and later know of the limits of a container.
  const free = 'availableMemory' in process ? process.availableMemory() : freemem();
  return { maxBytes: free / 2, maxTextBytes: (most - used) / 2 };
};

const decode = (decoder: TextDecoder, bytes?: Uint8Array): E.Either<unknown, string> =>
  E.tryCatch(
    () => (bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })),
    (cause) => cause,
  );

const streamTable =
  (path: string, size: number, { onRead, signal, ...options }: ReadControl) =>
  async (): Promise<E.Either<InputFailure | Interrupted, Table>> => {
    const reader = tableReader(path, { ...memory(), ...options });
    // The decoder strips a byte order mark, and refuses what is not UTF-8.
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let read = 0;
    onRead?.(0, size);
    for await (const bytes of createReadStream(path, { highWaterMark: PIECE }) as AsyncIterable<Uint8Array>) {
      // Between two pieces: a file of one is read before anybody could wait for it.
      if (read > 0 && signal?.aborted === true)
        return E.left({ _tag: 'Interrupted', during: `reading ${path}` });
      read += bytes.length;
      const text = decode(decoder, bytes);
      if (E.isLeft(text)) return E.left(notUtf8(path));
      const fed = reader.feed(text.right);
      if (E.isLeft(fed)) return fed;
      // A pipe has no size, and a file may grow.
      onRead?.(read, Math.max(size, read));
    }
    return E.isLeft(decode(decoder)) ? E.left(notUtf8(path)) : reader.finish();
  };

/**
 * The table in a file: UTF-8 with or without a byte order mark, otherwise as parseTable. Fails with an
 * InputFailure for what parseTable refuses, a file that is missing, a folder, not UTF-8, or more than memory has room for; and
 * with Interrupted once the signal is aborted.
 */
export const readTable = (
  path: string,
  control: ReadControl = {},
): TE.TaskEither<InputFailure | Interrupted, Table> =>
  pipe(
    TE.tryCatch(() => stat(path), unreadable(path)),
    TE.chain(({ size }) => TE.tryCatch(streamTable(path, size, control), unreadable(path))),
    TE.chainW((table) => TE.fromEither(table)),
  );
