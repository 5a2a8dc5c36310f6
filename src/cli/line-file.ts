/**
 * How is a growing file of lines kept so that a stop at any moment loses no line that was acknowledged? Each is appended
 * and synced to the disk before anything else happens. A last line without its line break is what a stop left half
 * written: it is cut off when the file is opened to go on with.
 */
import { open, readFile, truncate } from 'node:fs/promises';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { inputFailure, type InputFailure } from '../failure.js';
import { fileTrouble } from './file-trouble.js';

/** The whole lines of a file as what they say, and how many bytes they are. */
export interface LineFile<A> {
  readonly entries: readonly A[];
  readonly bytes: number;
  /** Whether there is half a line behind them. */
  readonly torn: boolean;
}

/** What a line says, or what is wrong with it. */
export type LineDecoder<A> = (line: string) => E.Either<string, A>;

/** Reads the lines. Fails, naming the line, where a whole one cannot be decoded, and where the file cannot be read. */
export const readLines = <A>(
  file: string,
  decode: LineDecoder<A>,
  remedy: string,
): TE.TaskEither<InputFailure, LineFile<A>> =>
  pipe(
    TE.tryCatch(() => readFile(file), fileTrouble(file, 'read')),
    TE.chainEitherK((content) => {
      const bytes = content.lastIndexOf(0x0a) + 1;
      const lines = content.subarray(0, bytes).toString('utf8').split('\n').slice(0, -1);
      return pipe(
        lines.map((text, i) => ({ text, line: i + 1 })),
        E.traverseArray(({ text, line }) =>
          pipe(
            decode(text),
            E.mapLeft((problem) => inputFailure({ source: file, line, problem, remedy })),
          ),
        ),
        E.map((entries) => ({ entries, bytes, torn: bytes < content.length })),
      );
    }),
  );

/** Opens a file to go on with: makes it where there is none, reads it, and cuts off half a line at its end. */
export const resumeLines = <A>(
  file: string,
  decode: LineDecoder<A>,
  remedy: string,
): TE.TaskEither<InputFailure, LineFile<A>> =>
  pipe(
    TE.tryCatch(async () => (await open(file, 'a')).close(), fileTrouble(file, 'written')),
    TE.chain(() => readLines(file, decode, remedy)),
    TE.chainFirst(({ torn, bytes }) =>
      torn ? TE.tryCatch(() => truncate(file, bytes), fileTrouble(file, 'written')) : TE.right(undefined),
    ),
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
