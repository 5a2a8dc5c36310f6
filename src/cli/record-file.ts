/** How are the records of a run kept so that it can be stopped at any moment? One line of JSON each (line-file.ts). */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { InputFailure } from '../failure.js';
import type { RunRecord } from '../learning/record.js';
import { recordsOfLines, someRecords } from '../learning/run-records.js';
import { appendLines, type LineFile, readAllLines, resumeAllLines } from './line-file.js';

/** The whole records of a file, and a sentence on what was left out of it. */
export interface RecordFile {
  readonly records: readonly RunRecord[];
  readonly remarks: readonly string[];
}

const told =
  (file: string, what: string) =>
  ({ entries, torn }: LineFile<RunRecord>): RecordFile => ({
    records: entries,
    remarks: torn ? [`${file}: the last line is half written and was ${what}.`] : [],
  });

/** Reads the records of a file. Fails where it cannot be read, or a whole line is none. */
export const readRecords = (file: string): TE.TaskEither<InputFailure, RecordFile> =>
  pipe(readAllLines(file, recordsOfLines, { unbroken: true }), TE.map(told(file, 'left out')));

/** The same of a file that has to have records, to be merged or reported. */
export const readResults = (file: string): TE.TaskEither<InputFailure, RecordFile> =>
  pipe(
    readRecords(file),
    TE.chainFirstEitherK(({ records }) => someRecords(file, records)),
  );

/** Opens a file to go on with: makes it where there is none, reads its records, and cuts off half a line at its end. */
export const resumeRecords = (file: string): TE.TaskEither<InputFailure, RecordFile> =>
  pipe(resumeAllLines(file, recordsOfLines, '{"experiment":'), TE.map(told(file, 'cut off')));

/** Appends a record; it is on the disk when this is done. */
export const appendRecord = (file: string, record: RunRecord): TE.TaskEither<InputFailure, void> =>
  appendLines(file, [JSON.stringify(record)]);
