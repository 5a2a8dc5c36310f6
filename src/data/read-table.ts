/**
 * How does a file become a table? As a stream where it is text, so that a file of any size is read as far as memory goes; between
 * two pieces it is told how far that is, and the work may be stopped. Gzip is read on the way. `-` is standard input. (Only Node: a
 * browser hands its text to parseTable.)
 */
import { freemem } from 'node:os';
import { pipeline, Readable } from 'node:stream';
import { getHeapStatistics } from 'node:v8';
import { createGunzip } from 'node:zlib';
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { badInput, inputFailure, type InputFailure, type Interrupted } from '../failure.js';
import { tableOfArrays } from './array-table.js';
import { type NoText, textReader } from './encoding.js';
import { type FileStream, fileStream } from './file-bytes.js';
import { jsonLinesReader } from './json-lines.js';
import { type NumberArray, readNpy } from './npy.js';
import { concatenated, namedArray, readAllNpz, readNpz } from './npz.js';
import { readParquet } from './parquet-table.js';
import { formatOf, isGzip, spreadsheet, type TableFormat, tableFormats } from './table-format.js';
import { tableReader, type ReadOptions, type TableReader } from './table-reader.js';
import { untilAborted } from './until-aborted.js';
import { noted, type Table } from './table.js';

/** What watches over the reading of a file. */
export interface ReadControl extends ReadOptions {
  /** Found by the name and the first bytes where left out. */
  readonly format?: TableFormat;
  /** Told the bytes that are read, and those of the file, at the beginning and after each piece. */
  readonly onRead?: (done: number, total: number) => void;
  /** Told the bytes themselves, piece by piece, as they are in the file. */
  readonly onBytes?: (bytes: Uint8Array) => void;
  readonly signal?: AbortSignal;
}

/** The name by which standard input is given. */
export const STANDARD_INPUT = '-';

const nameOf = (path: string): string => (path === STANDARD_INPUT ? 'standard input' : path);

type Bytes = AsyncIterable<Uint8Array>;

/** Whether reading was stopped by the signal. */
interface Halt {
  done: boolean;
}

const unreadable =
  (path: string) =>
  (cause: unknown): InputFailure => {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const told =
      typeof code === 'string' && code.startsWith('Z_')
        ? { problem: 'the gzip file is damaged, or cut off', remedy: 'Write it again, or give it unpacked' }
        : code === 'ENOENT' || code === 'ENOTDIR'
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

/** Milliseconds in which the first piece may come though the signal is aborted already: of a file it does, of a pipe who knows. */
const grace = { file: 30_000, pipe: 100 } as const;

/** The bytes of a file in pieces, until the signal is aborted. They are told as they are taken. */
async function* pieces(
  { stream, size, isPipe, endsWithSignal }: FileStream,
  { onRead, onBytes, signal }: ReadControl,
  halt: Halt,
): AsyncGenerator<Uint8Array> {
  // A pipe may give nothing for ever; a file of one piece is read before anybody could wait for it.
  const next = untilAborted(
    (stream as Bytes)[Symbol.asyncIterator](),
    signal,
    isPipe ? grace.pipe : grace.file,
  );
  let read = 0;
  onRead?.(0, size);
  for (let one = await next(); ; one = await next()) {
    if (one !== 'aborted' && one.done === true) {
      halt.done = endsWithSignal && signal?.aborted === true;
      return;
    }
    if (one === 'aborted' || (read > 0 && signal?.aborted === true)) {
      halt.done = true;
      stream.destroy();
      return;
    }
    const bytes = one.value;
    read += bytes.length;
    onBytes?.(bytes);
    yield bytes;
    // A pipe has no size, and a file may grow.
    onRead?.(read, Math.max(size, read));
  }
}

/** Enough to tell what a file is. */
const HEAD = 16;

/** The first bytes, and all of them once more. */
const peeked = async (
  bytes: Bytes,
): Promise<{ readonly head: Uint8Array; readonly all: AsyncGenerator<Uint8Array> }> => {
  const iterator = bytes[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  for (let length = 0; length < HEAD;) {
    const next = await iterator.next();
    if (next.done === true) break;
    first.push(next.value);
    length += next.value.length;
  }
  const head = concatenated(first);
  async function* all(): AsyncGenerator<Uint8Array> {
    yield head;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { head, all: all() };
};

/** What is in a gzip file. An error of the file reaches who reads. */
const unpacked = (bytes: Bytes): Bytes => {
  const gunzip = createGunzip();
  pipeline(Readable.from(bytes), gunzip, () => undefined);
  return gunzip as Bytes;
};

const readText = async (
  source: string,
  bytes: Bytes,
  reader: TableReader,
): Promise<E.Either<InputFailure, Table>> => {
  const decoder = textReader();
  const feed = (text: E.Either<NoText, string>): E.Either<InputFailure, void> =>
    pipe(
      text,
      E.mapLeft((noText) => inputFailure({ source, ...noText })),
      E.chain(reader.feed),
    );
  for await (const piece of bytes) {
    const fed = feed(decoder.decode(piece));
    if (E.isLeft(fed)) return fed;
  }
  return pipe(
    feed(decoder.finish()),
    E.chain(reader.finish),
    E.map((table) => noted(table, decoder.note())),
  );
};

const collected = async (
  source: string,
  bytes: Bytes,
  maxBytes: number,
): Promise<E.Either<InputFailure, Uint8Array>> => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes) {
    parts.push(piece);
    length += piece.length;
    if (length > maxBytes)
      return E.left(
        badInput(
          source,
          'the file takes all of the memory that there is for it',
          'Keep the columns that are needed',
        ),
      );
  }
  return E.right(concatenated(parts));
};

/** What a table is read from, behind its name: bytes that are all there, the array that is asked for, and the most memory. */
interface WholeFile {
  readonly bytes: Uint8Array;
  readonly array: string | undefined;
  readonly maxBytes: number;
}

/** How files of a form are read: as text that comes in pieces, or once all of it is there. */
type Reader =
  | { readonly ofText: (source: string, options: ReadOptions) => TableReader }
  | { readonly ofBytes: (source: string, file: WholeFile) => TE.TaskEither<InputFailure, Table> };

const oneArray = (
  source: string,
  array: TE.TaskEither<InputFailure, NumberArray>,
): TE.TaskEither<InputFailure, Table> =>
  pipe(
    array,
    TE.chainEitherK((only) => tableOfArrays(source, [['', only]])),
  );

/** The readers of the forms. */
const readers: Readonly<Record<TableFormat, Reader>> = {
  csv: { ofText: tableReader },
  tsv: { ofText: (source, options) => tableReader(source, { ...tableFormats.tsv.cells, ...options }) },
  jsonl: { ofText: jsonLinesReader },
  npy: { ofBytes: (source, { bytes }) => oneArray(source, TE.fromEither(readNpy(source, bytes))) },
  npz: {
    ofBytes: (source, { bytes, array }) =>
      array === undefined
        ? pipe(
            readAllNpz(source, bytes),
            TE.chainEitherK((arrays) => tableOfArrays(source, arrays)),
          )
        : oneArray(source, readNpz(source, bytes, array)),
  },
  parquet: { ofBytes: (source, { bytes, maxBytes }) => readParquet(source, bytes, maxBytes) },
};

/** An option of text that has no meaning for a file of arrays. */
const idleOption = ({ delimiter, decimal }: ReadControl, format: string): E.Either<InputFailure, void> => {
  const idle = delimiter === undefined ? (decimal === undefined ? undefined : '--decimal') : '--delimiter';
  return idle === undefined
    ? E.right(undefined)
    : E.left(badInput(idle, `the option has no meaning with a file of the form ${format}`, 'Remove it'));
};

const tableOfFile =
  (path: string, opened: FileStream, control: ReadControl, halt: Halt) =>
  async (): Promise<E.Either<InputFailure, Table>> => {
    const { file, array } = namedArray(path);
    const source = nameOf(path);
    const options = { ...memory(), ...control };
    const packed = await peeked(pieces(opened, control, halt));
    const { head, all } = isGzip(packed.head) ? await peeked(unpacked(packed.all)) : packed;
    const format = control.format ?? formatOf(file, head);
    if (format === 'spreadsheet') return E.left(badInput(source, spreadsheet.problem, spreadsheet.remedy));
    const reader = readers[format];
    if ('ofText' in reader) return readText(source, all, reader.ofText(source, options));
    const bytes = await collected(source, all, options.maxBytes);
    return pipe(
      TE.fromEither(idleOption(control, format)),
      TE.chain(() => TE.fromEither(bytes)),
      TE.chain((whole) => reader.ofBytes(source, { bytes: whole, array, maxBytes: options.maxBytes })),
    )();
  };

/** The bytes of a file, or of standard input, until the signal is aborted. */
const streamOf = (path: string, signal: AbortSignal | undefined): TE.TaskEither<InputFailure, FileStream> =>
  path === STANDARD_INPUT
    ? TE.right({ stream: process.stdin, size: 0, isPipe: true, endsWithSignal: false })
    : TE.tryCatch(() => fileStream(namedArray(path).file, signal), unreadable(path));

/**
 * The table in a file, or in standard input (`-`): CSV or TSV, lines of JSON, arrays of NumPy or Parquet, packed by gzip or not; text
 * in UTF-8, UTF-16 or Latin-1; CSV otherwise as parseTable. Fails with an InputFailure for what parseTable refuses, a file that is
 * missing, a folder, one that is damaged, no text, a spreadsheet, or more than memory has room for; and with Interrupted once the
 * signal is aborted.
 */
export const readTable = (
  path: string,
  control: ReadControl = {},
): TE.TaskEither<InputFailure | Interrupted, Table> => {
  const halt: Halt = { done: false };
  const source = nameOf(path);
  return pipe(
    streamOf(path, control.signal),
    TE.chain((opened) => TE.tryCatch(tableOfFile(path, opened, control, halt), unreadable(source))),
    TE.chain((table) => TE.fromEither(table)),
    TE.mapLeft((failure): InputFailure | Interrupted => failure),
    (work) => async () => {
      const table = await work();
      return halt.done ? E.left({ _tag: 'Interrupted', during: `reading ${source}` }) : table;
    },
  );
};

/** The table in the bytes of a file, which `path` names, as {@link readTable} reads it. */
export const readTableIn = (
  path: string,
  bytes: Uint8Array,
  control: Omit<ReadControl, 'signal'> = {},
): TE.TaskEither<InputFailure, Table> => {
  const opened = { stream: Readable.from([bytes]), size: bytes.length, isPipe: false, endsWithSignal: false };
  return pipe(
    TE.tryCatch(tableOfFile(path, opened, control, { done: false }), unreadable(path)),
    TE.chainEitherK((table) => table),
  );
};
