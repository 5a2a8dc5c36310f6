/** `batchgfn select FILE`: which rows of a table to label next. */
import { optional as optionalWord, positional, string } from 'cmd-ts';
import * as E from '#fp-ts/Either';
import * as T from '#fp-ts/Task';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { batchWork, checkBatchSize } from '../batch-work.js';
import type { BatchProblem, BatchReport } from '../batch-report.js';
import type { Limits } from '../../acquisition/batch-limits.js';
import { command, type Context, type Work } from '../command.js';
import { badInput, type Failure } from '../../failure.js';
import {
  checkSampler,
  defaultBatchSize,
  json,
  samplerOptions,
  type SamplerChoice,
} from '../common-options.js';
import { positiveInteger } from '../decoders.js';
import { checkLimits, type LimitChoice, limitOptions, nothingWithin } from '../limit-options.js';
import { type Fitted, fitPosterior } from '../fit-posterior.js';
import { longName, optional } from '../options.js';
import { embeddings, type EmbeddingsChoice } from '../embeddings.js';
import { predictedPool } from '../predictions.js';
import { predictionsOptions, type PredictionsChoice, sourceOf } from '../predictions-options.js';
import {
  fileDescription,
  type FlagChoice,
  flagOptions,
  readPoolFile,
  targetName,
  targetsDoc,
  type PoolFile,
} from '../pool-file.js';
import { withStrategy } from '../../learning/usual-strategy.js';
import { renderBatch, renderJson } from '../render.js';
import { guardedRows, guardFormulas } from '../formula-cells.js';
import { checkTargets, fitOutputs } from '../several-targets.js';
import { checkRowsFile, rowsInto, rowsOut } from '../rows-file.js';
import type { TableText } from '../../data/table-text.js';
import { readTableText } from '../table-file.js';
import type { SurrogateChoice } from '../surrogate-offers.js';
import { isWide, surrogateSpecOf, surrogateOptions, task } from '../surrogate-options.js';
import { type TableChoice, tableOptionNames, tableOptions } from '../table-options.js';

/** Decoded options of select. */
export interface SelectOptions
  extends
    TableChoice,
    FlagChoice,
    EmbeddingsChoice,
    SurrogateChoice,
    SamplerChoice,
    LimitChoice,
    PredictionsChoice {
  readonly file: string | undefined;
  readonly target: string | undefined;
  /** {@link defaultBatchSize} if left out, and no budget stands in its place. */
  readonly batchSize: number | undefined;
  readonly out?: string | undefined;
  readonly guardFormulas?: boolean | undefined;
}

/** A pool and how its posterior comes about; what the user brought is checked by then. */
interface Pool {
  readonly problem: BatchProblem;
  /** Whether a row has several labels. */
  readonly several: boolean;
  readonly fitted: TE.TaskEither<Failure, Fitted>;
  readonly limits?: Limits | undefined;
}

const tableOf = ({ file, ...options }: SelectOptions): E.Either<Failure, PoolFile> =>
  file === undefined
    ? E.left(
        badInput('FILE', 'the argument is missing', 'Give it, or --predictions; see batchgfn select --help'),
      )
    : E.right({ ...options, file, several: true });

/** The pool of a table, and the surrogate fitted to its labels. */
const poolOfTable = (options: SelectOptions, context: Context): TE.TaskEither<Failure, Pool> =>
  pipe(
    TE.fromEither(surrogateSpecOf(options, options.seed)),
    TE.bindTo('surrogate'),
    TE.bindW('table', () => TE.fromEither(tableOf(options))),
    TE.bindW('pool', ({ table }) =>
      readPoolFile(table, context, options.task === 'classes' ? 'classes' : 'numbers'),
    ),
    TE.chainFirstEitherKW(({ pool: { targets } }) => checkTargets(options, targets)),
    TE.map(({ surrogate, pool: { problem, remarks, limits, targets } }) => {
      remarks.forEach(context.remark);
      return {
        ...{ problem, limits, several: targets !== undefined },
        fitted:
          targets === undefined
            ? fitPosterior(problem, surrogate, context)
            : fitOutputs(problem, targets, surrogate, context),
      };
    }),
  );

/** Options of a table beside predictions, which take its place. */
const checkNoTable = (options: SelectOptions): E.Either<Failure, void> => {
  const { file } = options;
  const given = (
    ['target', ...tableOptionNames, 'only', 'exclude', 'embeddings', 'cost', 'per'] as const
  ).find((name) => options[name] !== undefined);
  return file === undefined && given === undefined
    ? E.right(undefined)
    : E.left(
        badInput(
          file === undefined ? longName(given ?? 'target') : 'FILE',
          'predictions are of a pool without a table',
          'Remove one of the two, or name the points with --ids',
        ),
      );
};

const poolOf = (options: SelectOptions, context: Context): TE.TaskEither<Failure, Pool> =>
  pipe(
    TE.fromEither(sourceOf(options)),
    TE.mapLeft((failure): Failure => failure),
    TE.chain((source) =>
      source === undefined
        ? poolOfTable(options, context)
        : pipe(
            TE.fromEither(checkNoTable(options)),
            TE.chain(() => predictedPool(options, source)),
            TE.map(({ problem, fitted, remarks }) => {
              remarks.forEach(context.remark);
              return { problem, several: false, fitted: TE.right(fitted) };
            }),
          ),
    ),
  );

/** The batch. Everything that the user brought is checked before an engine is asked for. */
export const selectReport = (
  options: SelectOptions & { readonly json?: boolean },
  context: Context,
): TE.TaskEither<Failure, BatchReport> => {
  const { batchSize: given = options.budget === undefined ? defaultBatchSize : undefined } = options;
  return pipe(
    TE.fromEither(checkSampler({ ...options, batchSize: given ?? 1 })),
    TE.chainEitherKW(() => checkLimits(options)),
    TE.mapLeft((failure): Failure => failure),
    TE.chain(() => poolOf(options, context)),
    TE.let('size', ({ problem }) => given ?? problem.pool.rows.length),
    TE.chainFirstEitherKW(({ problem, size }) => checkBatchSize(size, problem.pool.rows.length)),
    TE.chain(({ problem, fitted, size, limits, several }) =>
      batchWork(problem, fitted, {
        ...{ batchSize: size, limits },
        sampler: withStrategy(options, {
          ...{ ofClasses: problem.classNames !== undefined, several, limits: limits !== undefined },
          ...{ points: problem.pool.rows.length, wide: options.file === undefined || isWide(options) },
        }),
        gains: options.json === true,
      })(context),
    ),
    TE.filterOrElseW(({ report: { rows } }) => rows.length > 0, nothingWithin),
    TE.map(({ report }) => report),
  );
};

/** The table whose rows are to be written to a file; undefined where none is wanted. Fails where they could not be. */
const tableFor = ({ file, out, ...form }: SelectOptions): TE.TaskEither<Failure, TableText | undefined> =>
  out === undefined
    ? TE.right(undefined)
    : file === undefined
      ? TE.fromEither(
          E.left(
            badInput(
              '--out',
              'there is no table whose rows could be written',
              'Remove it; --json tells the rows',
            ),
          ),
        )
      : pipe(
          checkRowsFile(out),
          TE.chain(() => readTableText(file, form)),
        );

/** The column whose cells are emptied in rows that are to be labelled; of several targets some may be there. */
const labelledBy = ({ outputs, problem: { target } }: BatchReport): string | undefined =>
  outputs === undefined ? target : undefined;

/** The work of select. */
export const selectWork =
  (options: SelectOptions & { readonly json: boolean }): Work =>
  (context) => {
    const { out } = options;
    return pipe(
      tableFor(options),
      TE.bindTo('table'),
      TE.bind('report', () => selectReport(options, context)),
      TE.chainTaskK(({ table, report }) =>
        pipe(
          table === undefined || out === undefined
            ? T.of<readonly string[]>([])
            : rowsInto(out, guardedRows(table, report.rows, labelledBy(report), options), context.remark),
          T.map((shortfalls) => ({
            text: options.json ? renderJson(report) : renderBatch(report),
            shortfalls,
          })),
        ),
      ),
    );
  };

/** The command, with its options and help. */
export const select = command({
  name: 'select',
  description: 'Choose the batch of rows to label next: rows with an empty target cell are the pool.',
  examples: [
    { description: 'the 10 rows of a table to label next', command: 'batchgfn select data.csv -t y -b 10' },
    {
      description: 'by what a model of yours predicts for 500 points, a file of NumPy',
      command: 'batchgfn select --predictions draws.npy --noise 0.01 -b 10',
    },
  ],
  args: {
    file: positional({ type: optionalWord(string), displayName: 'FILE', description: fileDescription }),
    target: optional(targetsDoc, targetName),
    ...tableOptions,
    ...flagOptions,
    embeddings,
    batchSize: optional(
      {
        long: 'batch-size',
        placeholder: 'B',
        description: `how many points to label next (${defaultBatchSize} if left out, and no --budget)`,
      },
      positiveInteger(defaultBatchSize),
    ),
    ...limitOptions,
    ...surrogateOptions,
    task,
    ...predictionsOptions,
    ...samplerOptions,
    out: rowsOut,
    guardFormulas,
    json,
  },
  handler: selectWork,
});
