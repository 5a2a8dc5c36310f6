/** How are the records of a run kept so that it can be stopped at any moment? One line of JSON each (line-file.ts). */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { InputFailure } from '../failure.js';
import { recordOfLine, type RunRecord } from '../learning/record.js';
import { appendLines, type LineFile, readLines, resumeLines } from './line-file.js';

/** The whole records of a file, and how many bytes of it they are. */
export interface RecordFile extends Omit<LineFile<RunRecord>, 'entries'> {
  readonly records: readonly RunRecord[];
}

const remedy = 'Give a file that batchgfn run wrote, or remove the line';

const named = ({ entries, ...rest }: LineFile<RunRecord>): RecordFile => ({ records: entries, ...rest });

/** Reads the records of a file. Fails where it cannot be read or a whole line is none. */
export const readRecords = (file: string): TE.TaskEither<InputFailure, RecordFile> =>
  pipe(readLines(file, recordOfLine, remedy), TE.map(named));

/** Opens a file to go on with: makes it where there is none, reads its records, and cuts off half a line at its end. */
export const resumeRecords = (file: string): TE.TaskEither<InputFailure, RecordFile> =>
  pipe(resumeLines(file, recordOfLine, remedy), TE.map(named));

/** Appends a record; it is on the disk when this is done. */
export const appendRecord = (file: string, record: RunRecord): TE.TaskEither<InputFailure, void> =>
  appendLines(file, [JSON.stringify(record)]);
