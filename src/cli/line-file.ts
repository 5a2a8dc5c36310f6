/**
 * How is a growing file of lines kept so that a stop at any moment loses no line that was acknowledged? Each is appended
 * and synced to the disk before anything else happens. A last line without its line break is what a stop left half
 * written: it is cut off when the file is opened to go on with.
 */
import { open, readFile, realpath, truncate } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { at } from '../at.js';
import { fileBytes } from '../data/file-bytes.js';
import { inputFailure, type InputFailure } from '../failure.js';
import { decodeLines } from '../learning/decoding.js';
import { fileTrouble } from './file-trouble.js';
import { keptBytes, requireOnDisk, written } from './whole-file.js';

/** The whole lines of a file as what they say, and how many bytes they are. */
export interface LineFile<A> {
  readonly entries: readonly A[];
  readonly bytes: number;
  /** Whether there is half a line behind them. */
  readonly torn: boolean;
}

/** What a line says, or what is wrong with it. */
export type LineDecoder<A> = (line: string) => E.Either<string, A>;

/** What lines say, by the name of their file: some lines are wrong only beside others. */
export type LinesDecoder<A> = (
  source: string,
  lines: Iterable<string>,
) => E.Either<InputFailure, readonly A[]>;

const LINE_BREAK = 0x0a;

/** The lines of a text in bytes, one text each: a file may be longer than a text can be. Throws where they are not UTF-8. */
function* linesOf(content: Uint8Array): Generator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let start = 0; start < content.length;) {
    const found = content.indexOf(LINE_BREAK, start);
    const end = found === -1 ? content.length : found;
    yield decoder.decode(content.subarray(start, end));
    start = end + 1;
  }
}

const notUtf8 = (file: string): InputFailure =>
  inputFailure({
    source: file,
    problem: 'the file is not UTF-8 text',
    remedy: 'Give a file that batchgfn wrote',
  });

/** What lines in bytes say. A byte that is no UTF-8 is told, not read as another character. */
const said = <A>(
  file: string,
  content: Uint8Array,
  decode: LinesDecoder<A>,
): E.Either<InputFailure, readonly A[]> =>
  pipe(
    E.tryCatch(
      () => decode(file, linesOf(content)),
      () => notUtf8(file),
    ),
    E.flatten,
  );

/** Whether a last line that has no line break is a whole one all the same: that of a file which an editor wrote. */
const isWhole = <A>(file: string, line: Uint8Array, decode: LinesDecoder<A>): boolean =>
  pipe(
    said(file, line, decode),
    E.exists(({ length }) => length > 0),
  );

/**
 * Whether what follows the last line break is a whole line and one byte more: no stop leaves that behind, so the byte was a line
 * break. `whole`: how many lines there are before it.
 */
const breakIsDamaged = <A>(
  file: string,
  content: Uint8Array,
  whole: number,
  decode: LinesDecoder<A>,
): boolean =>
  pipe(
    said(file, content.subarray(0, content.length - 1), decode),
    E.exists(({ length }) => length > whole),
  );

const damagedBreak = (file: string): InputFailure =>
  inputFailure({
    source: file,
    problem: 'the line break of its last line is damaged',
    remedy: 'Put a line break in place of the last byte',
  });

/** How a file of lines is read. */
export interface LineReading {
  /** Whether a last line without a line break may be a whole one: not where lines are appended, and the file has to be on a disk. */
  readonly unbroken: boolean;
}

/**
 * Reads the lines. Fails, naming the lines, where whole ones cannot be decoded, and where the file cannot be read. Empty lines
 * are passed over.
 */
export const readAllLines = <A>(
  file: string,
  decode: LinesDecoder<A>,
  { unbroken }: LineReading,
): TE.TaskEither<InputFailure, LineFile<A>> =>
  pipe(
    TE.tryCatch(() => (unbroken ? fileBytes(file) : keptBytes(file)), fileTrouble(file, 'read')),
    TE.chainEitherK((content) => {
      const broken = content.lastIndexOf(LINE_BREAK) + 1;
      const bytes = unbroken && isWhole(file, content.subarray(broken), decode) ? content.length : broken;
      return pipe(
        said(file, content.subarray(0, bytes), decode),
        E.filterOrElse(
          ({ length }) => bytes >= content.length - 1 || !breakIsDamaged(file, content, length, decode),
          () => damagedBreak(file),
        ),
        E.map((entries) => ({ entries, bytes, torn: bytes < content.length })),
      );
    }),
  );

const oneByOne =
  <A>(decode: LineDecoder<A>, remedy: string): LinesDecoder<A> =>
  (source, lines) =>
    pipe(
      decodeLines(source, lines, decode, remedy),
      E.map((entries) => entries.map(({ value }) => value)),
    );

/** Cuts off the half line at the end of a file, where there is one. */
export const cutTorn = (
  file: string,
  { torn, bytes }: Pick<LineFile<unknown>, 'torn' | 'bytes'>,
): TE.TaskEither<InputFailure, void> =>
  torn ? TE.tryCatch(() => truncate(file, bytes), fileTrouble(file, 'written')) : TE.right(undefined);

/** An InputFailure where a file is nothing but half a line, and that does not begin as ours do: it was never ours to cut. */
const requireOwn = (
  file: string,
  { torn, bytes }: Pick<LineFile<unknown>, 'torn' | 'bytes'>,
  begins: string,
): TE.TaskEither<InputFailure, void> =>
  torn && bytes === 0
    ? pipe(
        TE.tryCatch(() => readFile(file, 'latin1'), fileTrouble(file, 'read')),
        TE.filterOrElse(
          (text) => text.startsWith(begins) || begins.startsWith(text),
          () =>
            inputFailure({
              source: file,
              problem: 'the file is there, and batchgfn did not write it',
              remedy: 'Give another name, or move the file away',
            }),
        ),
        TE.map(() => undefined),
      )
    : TE.right(undefined);

/**
 * Opens a file to go on with: makes it where there is none, reads it, and cuts off half a line at its end. Its lines begin with
 * `begins`: half a line alone that does not is another's file, and fails.
 */
export const resumeAllLines = <A>(
  file: string,
  decode: LinesDecoder<A>,
  begins: string,
): TE.TaskEither<InputFailure, LineFile<A>> =>
  pipe(
    TE.tryCatch(
      async () => {
        await requireOnDisk(file);
        await (await open(file, 'a')).close();
      },
      fileTrouble(file, 'written'),
    ),
    TE.chain(() => readAllLines(file, decode, { unbroken: false })),
    TE.chainFirst((lines) => requireOwn(file, lines, begins)),
    TE.chainFirst((lines) => cutTorn(file, lines)),
  );

/** The same of lines that each stand for themselves. */
export const resumeLines = <A>(
  file: string,
  decode: LineDecoder<A>,
  remedy: string,
  begins: string,
): TE.TaskEither<InputFailure, LineFile<A>> => resumeAllLines(file, oneByOne(decode, remedy), begins);

/** The lines of a text in bytes that are not empty, each with its line break. */
function* wholeLinesOf(content: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < content.length;) {
    const end = content.indexOf(LINE_BREAK, start) + 1 || content.length;
    const line = content.subarray(start, end);
    if (line.some((byte) => byte > 0x20)) yield line;
    start = end;
  }
}

/**
 * Puts the lines of a file that ends with a line break in another order, given by their numbers from 0 without empty ones; whole or
 * not at all.
 */
export const rearrangeLines = (file: string, order: readonly number[]): TE.TaskEither<InputFailure, void> =>
  pipe(
    TE.tryCatch(
      async () => {
        const lines = Array.from(wholeLinesOf(await readFile(file)));
        // Behind a link, so that it stays one.
        return { place: await realpath(file), content: Buffer.concat(order.map((i) => at(lines, i))) };
      },
      fileTrouble(file, 'read'),
    ),
    TE.chain(({ place, content }) => written(place, content)),
  );

/** Appends lines, in one piece; they are on the disk when this is done. */
export const appendLines = (file: string, lines: readonly string[]): TE.TaskEither<InputFailure, void> =>
  TE.tryCatch(
    async () => {
      const handle = await open(file, 'a');
      try {
        await handle.appendFile(lines.map((line) => `${line}\n`).join(''));
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    fileTrouble(file, 'written'),
  );
