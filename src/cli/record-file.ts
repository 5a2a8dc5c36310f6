/**
 * How are records kept so that a run can be stopped at any moment? One line of JSON each, appended and synced to the disk
 * before the next round begins. A last line without its line break is what a stop left half written: it is cut off.
 */
import { open, readFile, truncate } from 'node:fs/promises';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { inputFailure, type InputFailure } from '../failure.js';
import { recordOfLine, type RunRecord } from '../learning/record.js';

/** The whole records of a file, and how many bytes of it they are. */
export interface RecordFile {
  readonly records: readonly RunRecord[];
  readonly bytes: number;
  /** Whether there is half a line behind them. */
  readonly torn: boolean;
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';

const trouble =
  (file: string, what: string) =>
  (cause: unknown): InputFailure =>
    inputFailure({
      source: file,
      problem:
        codeOf(cause) === 'ENOENT'
          ? 'there is no such file or folder'
          : `the file cannot be ${what} (${cause instanceof Error ? cause.message : String(cause)})`,
      remedy: 'Check the path and its rights',
    });

const decodeLine = (file: string, text: string, line: number): E.Either<InputFailure, RunRecord> =>
  pipe(
    recordOfLine(text),
    E.mapLeft((problem) =>
      inputFailure({
        source: file,
        line,
        problem,
        remedy: 'Give a file that batchgfn run wrote, or remove the line',
      }),
    ),
  );

/** Reads the records of a file. Fails where it cannot be read or a whole line is none. */
export const readRecords = (file: string): TE.TaskEither<InputFailure, RecordFile> =>
  pipe(
    TE.tryCatch(() => readFile(file), trouble(file, 'read')),
    TE.chainEitherK((content) => {
      const bytes = content.lastIndexOf(0x0a) + 1;
      const lines = content.subarray(0, bytes).toString('utf8').split('\n').slice(0, -1);
      return pipe(
        lines.map((text, i) => ({ text, line: i + 1 })),
        E.traverseArray(({ text, line }) => decodeLine(file, text, line)),
        E.map((records) => ({ records, bytes, torn: bytes < content.length })),
      );
    }),
  );

/** Opens a file to go on with: makes it where there is none, reads its records, and cuts off half a line at its end. */
export const resumeRecords = (file: string): TE.TaskEither<InputFailure, RecordFile> =>
  pipe(
    TE.tryCatch(async () => (await open(file, 'a')).close(), trouble(file, 'written')),
    TE.chain(() => readRecords(file)),
    TE.chainFirst(({ torn, bytes }) =>
      torn ? TE.tryCatch(() => truncate(file, bytes), trouble(file, 'written')) : TE.right(undefined),
    ),
  );

/** Appends a record; it is on the disk when this is done. */
export const appendRecord = (file: string, record: RunRecord): TE.TaskEither<InputFailure, void> =>
  TE.tryCatch(
    async () => {
      const handle = await open(file, 'a');
      try {
        await handle.appendFile(`${JSON.stringify(record)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    trouble(file, 'written'),
  );
