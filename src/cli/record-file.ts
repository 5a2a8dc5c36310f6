/** How are the records of a run kept so that it can be stopped at any moment? One line of JSON each (line-file.ts). */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { InputFailure } from '../failure.js';
import type { Unit } from '../learning/experiment/experiment.js';
import type { RunRecord } from '../learning/record.js';
import { recordsOfLines, someRecords } from '../learning/run-records.js';
import { appendLines, type LineFile, readAllLines, rearrangeLines, resumeAllLines } from './line-file.js';

/** The whole records of a file, and a sentence on what was left out of it. */
export interface RecordFile {
  readonly records: readonly RunRecord[];
  readonly remarks: readonly string[];
}

/** A sentence on lines that say what an earlier one says. */
const repeated = (file: string, records: readonly RunRecord[]): readonly string[] => {
  const count = records.length - new Set(records.map((record) => JSON.stringify(record))).size;
  return count === 0
    ? []
    : [
        `${file}: ${count} record${count === 1 ? '' : 's'} stand${count === 1 ? 's' : ''} there twice, and count${count === 1 ? 's' : ''} once.`,
      ];
};

const told =
  (file: string, what: string) =>
  ({ entries, torn }: LineFile<RunRecord>): RecordFile => ({
    records: entries,
    remarks: [
      ...(torn ? [`${file}: the last line is half written and was ${what}.`] : []),
      ...repeated(file, entries),
    ],
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

/**
 * {@link readRecords} of a file that a run is done with, once its units' records stand in order: those of a unit together, by
 * round, in the order of the units, behind those of others. Units side by side leave them as they come; the bytes of the file are
 * then the same however many there were. Of a file of several experiments these are named, and come one after the other.
 */
export const orderedRecords = (
  file: string,
  units: readonly Unit[],
  experiments?: readonly string[],
): TE.TaskEither<InputFailure, RecordFile> => {
  const places = new Map(units.map(({ strategy, seed }, i) => [`${strategy} ${seed}`, i]));
  const placeOf = ({ experiment, strategy, seed }: RunRecord): number => {
    const among = experiments?.indexOf(experiment) ?? 0;
    const place = places.get(`${strategy} ${seed}`);
    return among < 0 || place === undefined ? -1 : among * units.length + place;
  };
  return pipe(
    readRecords(file),
    TE.chain((read) => {
      const inOrder = read.records
        .map((record, line) => ({ record, line, place: placeOf(record) }))
        .toSorted(
          (a, b) =>
            a.place - b.place || (a.place < 0 ? 0 : a.record.round - b.record.round) || a.line - b.line,
        );
      const lines = inOrder.map(({ line }) => line);
      return lines.every((line, i) => line === i)
        ? TE.right(read)
        : pipe(
            rearrangeLines(file, lines),
            TE.map(() => ({ ...read, records: inOrder.map(({ record }) => record) })),
          );
    }),
  );
};

/** Appends a record; it is on the disk when this is done. */
export const appendRecord = (file: string, record: RunRecord): TE.TaskEither<InputFailure, void> =>
  appendLines(file, [JSON.stringify(record)]);
