/**
 * Which rows of the user's table are the pool? A CSV file, its column of labels and its features as the problem that the
 * commands work on, with the options that name them.
 */
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { labelledPool, type TargetKind } from '../data/labelled-pool.js';
import type { Failure, InputFailure } from '../failure.js';
import type { BatchProblem } from './batch-report.js';
import { classList, nameList, text } from './decoders.js';
import { optional } from './options.js';
import { idle } from './kernel-options.js';
import type { SurrogateChoice } from './surrogate-options.js';
import { tableOfFile, type ReadContext } from './table-file.js';
import { present } from '../present.js';

/** Where the pool is. */
export interface PoolFile {
  readonly file: string;
  readonly target: string;
  /** All other columns if left out. */
  readonly features: readonly string[] | undefined;
  /** Found if left out. */
  readonly delimiter: string | undefined;
}

/** A problem, and sentences about what was left out of it. */
export interface PoolOfFile {
  readonly problem: BatchProblem;
  /** The lines of the labelled rows, as the problem has those of the pool. */
  readonly labelledRows: readonly number[];
  readonly remarks: readonly string[];
}

/**
 * Reads it: rows with an empty target are the pool; the target of numbers, or of classes. Fails as readTable and
 * labelledPool do.
 */
export const readPoolFile = (
  { file, target, features, delimiter }: PoolFile,
  context: ReadContext,
  kind?: TargetKind,
): TE.TaskEither<Failure, PoolOfFile> =>
  pipe(
    tableOfFile(file, delimiter, context),
    TE.chainEitherKW((table) => labelledPool(table, { target, ...present({ features }) }, kind)),
    TE.map(({ targetName, featureNames, classNames, labelled, pool, remarks }) => ({
      problem: {
        source: file,
        rowKind: 'line',
        targetName,
        featureNames,
        ...present({ classNames }),
        labelled,
        pool: { rows: pool.lines, features: pool.features },
      },
      labelledRows: labelled.lines,
      remarks,
    })),
  );

/** What FILE is. */
export const fileDescription =
  'a CSV file with a header; comma, semicolon or tab between cells, or see --delimiter';

/** `--target` as documented, for a command that requires it or not. */
export const targetDoc = {
  long: 'target',
  placeholder: 'COLUMN',
  description: 'the column of labels',
  once: 'One label column at a time is handled: give one, and leave the others out with --features',
};

/** What `--target` may be. */
export const targetName = text('the name of a column', 'Name the column of labels as in the header');

/** `--features`. */
export const features = optional(
  {
    long: 'features',
    placeholder: 'A,B,C',
    description: 'the columns that describe a row (all others if left out)',
    once: 'Give it once, with commas between the names',
  },
  nameList,
);

/** `--classes`, of commands that hear of labels later. */
export const classes = optional(
  {
    long: 'classes',
    placeholder: 'A,B,C',
    description:
      'with --task classes, all that labels may ever name (those of the labelled rows if left out)',
    once: 'Give it once, with commas between the names',
  },
  classList,
);

/** What the target holds, by the options. An InputFailure for names of classes where it holds none. */
export const targetKindOf = (
  task: SurrogateChoice['task'],
  names?: readonly string[],
): E.Either<InputFailure, TargetKind> =>
  task === 'classes'
    ? E.right(names === undefined ? 'classes' : { classes: names })
    : names === undefined
      ? E.right('numbers')
      : idle('--classes', 'target holds classes', '--task classes');
