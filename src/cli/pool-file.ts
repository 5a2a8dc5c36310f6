/**
 * Which rows of the user's table are the pool? A CSV file, its column of labels and its features as the problem that the
 * commands work on, with the options that name them.
 */
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import type { Limits } from '../acquisition/batch-limits.js';
import { at } from '../at.js';
import type { DecimalMark } from '../data/decimal-comma.js';
import { type EmptyTarget, withEmptyTarget } from '../data/empty-target.js';
import { targetsIn } from '../data/columns.js';
import { labelledPool, type Points, rowsOfTarget, type TableReading } from '../data/labelled-pool.js';
import type { ShownColumn } from '../data/row-names.js';
import { numbersOf, type Table, textAt } from '../data/table.js';
import { decimalNote } from '../data/table-reader.js';
import { checkFeatureless, type EmbeddingsChoice, withEmbeddings } from './embeddings.js';
import type { TargetKind } from '../data/target-cells.js';
import { type Failure, inputFailure, type InputFailure } from '../failure.js';
import type { BatchProblem, PoolTexts } from './batch-report.js';
import { classList, text } from './decoders.js';
import { optional } from './options.js';
import { idle } from './kernel-options.js';
import { type LimitChoice, limitsOf } from './limit-options.js';
import type { SurrogateChoice } from './surrogate-offers.js';
import { readByTarget, type ReadTargets, type TargetOfTable, togetherRead } from './several-targets.js';
import { tableOfFile, type ReadContext } from './table-file.js';
import { readingOf, type TableChoice } from './table-options.js';
import { present } from '../present.js';

/** Where the pool is. */
export interface PoolFile extends TableChoice, FlagChoice, EmbeddingsChoice, LimitChoice {
  readonly file: string;
  /** Nothing is labelled yet if left out. */
  readonly target: string | undefined;
  /** Whether several targets may be named, with commas. */
  readonly several?: boolean | undefined;
  /** Whether what points may be is predicted elsewhere, so that no column is a feature. */
  readonly predicted?: boolean | undefined;
}

/** The columns of flags by which rows stay in the pool. */
export interface FlagChoice {
  readonly only?: string | undefined;
  readonly exclude?: string | undefined;
}

/** Texts of the rows of a table: its column, and the cell of each row by its place in the table. */
export interface RowTexts {
  readonly column: string;
  readonly textAt: (place: number) => string;
}

/** Numbers of the rows of a table likewise; NaN where a cell holds none. */
export interface RowNumbers {
  readonly column: string;
  readonly numberAt: (place: number) => number;
}

/** A problem, and sentences about what was left out of it. */
export interface PoolOfFile {
  readonly problem: BatchProblem;
  /** The points of the pool, and those that are labelled of each target. */
  readonly points: {
    readonly pool: Points;
    readonly labelled: readonly Pick<TargetOfTable, 'targetName' | 'labelled'>[];
  };
  readonly id: RowTexts | undefined;
  readonly shown: readonly RowTexts[];
  readonly remarks: readonly string[];
  /** The columns of what rows cost, as numbers, and of their groups, where they were named. */
  readonly cost: RowNumbers | undefined;
  readonly per: RowTexts | undefined;
  /** What stands before the fraction of its numbers, where that was said or is a comma. */
  readonly decimal: DecimalMark | undefined;
  /** What a batch may cost, and have of one group, where that was said. */
  readonly limits: Limits | undefined;
  /** What is told of each of several targets; the problem has the labels of the first. */
  readonly targets?: readonly TargetOfTable[];
}

const rowTexts = ({ name, cells }: ShownColumn): RowTexts => ({
  column: name,
  textAt: (place) => textAt(cells, place).trim(),
});

const rowNumbers = ({ name, cells }: ShownColumn): RowNumbers => {
  const numbers = numbersOf(cells);
  return { column: name, numberAt: (place) => numbers[place] ?? NaN };
};

/** What stands in the place of columns, if anything. An InputFailure for options that say which columns are features. */
export const featurelessOf = (
  { embeddings, predicted }: Pick<PoolFile, 'embeddings' | 'predicted'>,
  choice: TableChoice,
): E.Either<InputFailure, TableReading['featureless']> =>
  embeddings === undefined && predicted !== true
    ? E.right(undefined)
    : pipe(
        checkFeatureless(choice, embeddings === undefined ? '--own-model' : '--embeddings'),
        E.map(() => (embeddings === undefined ? 'predicted' : 'embedded')),
      );

/** The table with its target; an empty one behind its columns where none is named. */
const targeted = (table: Table, target: string | undefined): EmptyTarget =>
  target === undefined ? withEmptyTarget(table) : { table, target };

/** A table without a target may have one that was not named: its gaps are then those of a feature. */
const unnamedTarget =
  (target: string | undefined) =>
  (failure: InputFailure): InputFailure =>
    target === undefined
      ? inputFailure(
          {
            source: '--target',
            problem: 'it is left out, so no row was taken for labelled, and no column for that of labels',
            remedy: 'Name the column of labels if there is one, --target COLUMN',
          },
          ...failure.faults,
        )
      : failure;

const orNoTarget = 'leave --target out where no row has a label yet';

const unlabelled = (source: string, name: string): string =>
  `${source}: without --target no row is labelled yet; labels will stand in a column ${name}.`;

/** The rows of a table for its target, or for each of several together. Fails as labelledPool does. */
const readTargets = (
  { table, target: written }: EmptyTarget,
  { target, several, only, exclude, embeddings, cost, per, ...choice }: PoolFile,
  featureless: TableReading['featureless'],
  kind: TargetKind | undefined,
): TE.TaskEither<InputFailure, Pick<ReadTargets, 'read'> & Partial<ReadTargets>> => {
  const names = several === true ? targetsIn(table, written) : [written];
  const read = names.length === 1 ? labelledPool : rowsOfTarget;
  return pipe(
    readByTarget(names, choice, (name, drop) =>
      pipe(
        TE.fromEither(
          read(
            table,
            {
              ...{ ...readingOf(name, { ...choice, drop }), noTarget: orNoTarget },
              ...present({ only, exclude, featureless, cost, per }),
            },
            kind,
          ),
        ),
        TE.mapLeft(unnamedTarget(target)),
        TE.chain(withEmbeddings(embeddings, table)),
      ),
    ),
    TE.chainEitherK((reads) => (reads.length === 1 ? E.right({ read: at(reads, 0) }) : togetherRead(reads))),
  );
};

/**
 * Reads it: rows with an empty target are the pool; the target of numbers, or of classes. Without a target all rows are. Fails as
 * readTable and labelledPool do.
 */
export const readPoolFile = (
  pool: PoolFile,
  context: ReadContext,
  kind?: TargetKind,
): TE.TaskEither<Failure, PoolOfFile> => {
  const { file, target, decimal } = pool;
  return pipe(
    TE.fromEither(featurelessOf(pool, pool)),
    TE.mapLeft((failure): Failure => failure),
    TE.bindTo('featureless'),
    TE.bind('of', () =>
      pipe(
        tableOfFile(file, pool, context),
        TE.map((table) => targeted(table, target)),
      ),
    ),
    TE.bindW('found', ({ of, featureless }) => readTargets(of, pool, featureless, kind)),
    TE.bindW('limits', ({ of: { table }, found: { read } }) => TE.fromEither(limitsOf(pool, table, read))),
    TE.map(
      ({
        limits,
        of: {
          table: { source, rowKind = 'line', notes = [] },
        },
        found: {
          read: { targetName, featureNames, classNames, labelled, pool, remarks, id, shown, cost, per },
          targets,
        },
      }) => {
        const [names, texts] = [id && rowTexts(id), shown.map(rowTexts)];
        const ofPool = ({ column, textAt: text }: RowTexts): PoolTexts => ({
          column,
          textAt: (n) => text(at(pool.places, n)),
        });
        return {
          problem: {
            source,
            rowKind,
            targetName,
            featureNames,
            ...present({ classNames, id: names && ofPool(names) }),
            labelled,
            pool: { rows: pool.lines, features: pool.features },
            texts: texts.map(ofPool),
          },
          points: { pool, labelled: targets ?? [{ targetName, labelled }] },
          ...{ id: names, shown: texts, limits, cost: cost && rowNumbers(cost), per: per && rowTexts(per) },
          ...present({ targets }),
          remarks: [...(target === undefined ? [unlabelled(source, targetName)] : []), ...remarks],
          decimal: decimal ?? (notes.includes(decimalNote) ? ',' : undefined),
        };
      },
    ),
  );
};

/** What FILE is. */
export const fileDescription =
  'a table: CSV or TSV with a header, JSON Lines, .npy, .npz, .parquet, also .gz; - for standard input';

/** `--target` as documented, for a command that requires it or not. */
export const targetDoc = {
  long: 'target',
  placeholder: 'COLUMN',
  description: 'the column of labels',
  once: 'One column of labels is handled: give one, and leave the others out with --features',
};

/** The same of a pool, where several may be named, and which may have no label yet. */
export const targetsDoc = {
  ...targetDoc,
  description: 'the column of labels, or several with commas (no row is labelled yet if left out)',
  once: 'Give it once, with commas between several columns',
};

/** What `--target` may be. */
export const targetName = text('the name of a column', 'Name the column of labels as in the header');

/** `--only` and `--exclude`. */
export const flagOptions = {
  only: optional(
    {
      long: 'only',
      placeholder: 'COLUMN',
      description: 'a column of flags (1, true, yes, x): only rows that have it are chosen from',
    },
    text('the name of a column', 'Name a column as in the header'),
  ),
  exclude: optional(
    {
      long: 'exclude',
      placeholder: 'COLUMN',
      description: 'a column of flags: rows that have it are not chosen',
    },
    text('the name of a column', 'Name a column as in the header'),
  ),
};

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
