/** `batchgfn merge OUT PART…`: the records of several runs, shards of one for instance, in one file. */
import { positional, restPositionals } from 'cmd-ts';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { existsSync } from 'node:fs';
import { inputFailure, type Failure, type InputFailure } from '../../failure.js';
import { mergeRecords } from '../../learning/experiment/merge.js';
import type { RunRecord } from '../../learning/record.js';
import { summaryOfRun } from '../../learning/experiment/summary.js';
import { command, printed, type Work } from '../command.js';
import { json } from '../common-options.js';
import { readRecords, readResults } from '../record-file.js';
import { renderJson } from '../render.js';
import { missingText, renderRun } from '../run-text.js';
import { written } from '../whole-file.js';

/** Decoded options of merge. */
export interface MergeOptions {
  readonly out: string;
  readonly parts: readonly string[];
  readonly json: boolean;
}

/**
 * An InputFailure where OUT is there and would lose something: it holds no records, or some that the merged ones lack.
 */
const keepsWhatIsThere = (out: string, merged: readonly RunRecord[]): TE.TaskEither<Failure, void> =>
  pipe(
    TE.fromIO<boolean, Failure>(() => existsSync(out)),
    TE.chain((isThere) =>
      isThere
        ? pipe(
            readRecords(out),
            TE.mapLeft((failure): Failure => failure),
            TE.filterOrElse(
              ({ records, remarks }) => records.length > 0 || remarks.length === 0,
              (): Failure => taken(out, 'it is there and holds no records'),
            ),
            TE.chainEitherKW(({ records }) => mergeRecords([...merged, ...records])),
            TE.filterOrElseW(
              ({ records }) => records.length === merged.length,
              ({ records }) =>
                taken(out, `it holds ${records.length - merged.length} records that the parts have not`),
            ),
            TE.map(() => undefined),
          )
        : TE.right(undefined),
    ),
  );

const taken = (out: string, problem: string): InputFailure =>
  inputFailure({ source: out, problem, remedy: 'Name it among the parts too, or give another name' });

/** The work of merge. */
export const mergeWork =
  ({ out, parts, json: asJson }: MergeOptions): Work =>
  (context) =>
    pipe(
      parts.length === 0
        ? TE.left(
            inputFailure({
              source: 'PART',
              problem: 'there is no part to merge',
              remedy: 'Name the files of records after OUT',
            }),
          )
        : TE.right(parts),
      TE.chain(TE.traverseSeqArray(readResults)),
      TE.chainFirstIOK((files) => () => files.flatMap(({ remarks }) => remarks).forEach(context.remark)),
      TE.chainEitherK((files) => mergeRecords(files.flatMap(({ records }) => records))),
      TE.mapLeft((failure): Failure => failure),
      TE.chainFirst(({ records }) => keepsWhatIsThere(out, records)),
      TE.chainFirstW(({ records }) =>
        written(out, records.map((record) => `${JSON.stringify(record)}\n`).join('')),
      ),
      TE.mapLeft((failure): Failure => failure),
      TE.map(({ records, missing, missingCount }) => {
        missingText(missing, missingCount).forEach(context.remark);
        const summary = summaryOfRun(records);
        return printed(
          asJson
            ? renderJson({ records: records.length, missing, missingCount, ...summary })
            : renderRun(summary),
        );
      }),
    );

/** The command, with its options and help. */
export const merge = command({
  name: 'merge',
  description: 'Put the records of several runs, shards of one for instance, into one file.',
  examples: [
    {
      description: 'join two shards of a run',
      command: 'batchgfn merge all.jsonl part-1.jsonl part-2.jsonl',
    },
  ],
  args: {
    out: positional({ displayName: 'OUT', description: 'the file to write; one of the parts, if you like' }),
    parts: restPositionals({ displayName: 'PART', description: 'files of records' }),
    json,
  },
  handler: mergeWork,
});
