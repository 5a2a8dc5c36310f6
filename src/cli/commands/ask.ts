/** `batchgfn ask FOLDER`: which rows to label next. Asked again before they are labelled, the same rows. */
import { positional } from 'cmd-ts';
import { pipe } from '#fp-ts/function';
import * as T from '#fp-ts/Task';
import * as TE from '#fp-ts/TaskEither';
import type { Limits } from '../../acquisition/batch-limits.js';
import { strategies } from '../../acquisition/index.js';
import { type Failure, inputFailure } from '../../failure.js';
import type { EngineChoice } from '../../engine/index.js';
import { ask as askSession } from '../../learning/session/ask.js';
import { poolOf, type Session } from '../../learning/session/session.js';
import { present } from '../../present.js';
import { askReportOf, remarksOf } from '../ask-report.js';
import { command, type Context, type Work } from '../command.js';
import { defaultBatchSize, engine, json, threads, tooFewCandidates } from '../common-options.js';
import { positiveInteger } from '../decoders.js';
import {
  askedCandidates,
  type AskedCandidates,
  candidateFiles,
  candidateOptions,
  type CandidatesChoice,
} from '../asked-candidates.js';
import { askedBy, type AskedBy } from '../asked-predictions.js';
import { type AskedLimits, askedLimitOptions, limitsOfSession, proposingWithin } from '../limit-options.js';
import { optional } from '../options.js';
import { type PredictionsChoice, predictionsOptions } from '../predictions-options.js';
import { compilingShown } from '../progress.js';
import { renderJson } from '../render.js';
import { type GuardChoice, guardedRows, guardFormulas } from '../formula-cells.js';
import { checkRowsFile, rowsInto, rowsOut } from '../rows-file.js';
import { tellOfChanges } from '../session-data.js';
import { changeSession, lookAtSession } from '../session-folder.js';
import { tableToFill } from '../session-targets.js';
import { copyOfTable, sessionTable } from '../session-table.js';
import { type AskReport, renderAsk } from '../session-text.js';
import type { TableText } from '../../data/table-text.js';

/** Decoded options of ask. */
export interface AskOptions extends PredictionsChoice, CandidatesChoice, GuardChoice, AskedLimits {
  readonly folder: string;
  /** What is pending, or {@link defaultBatchSize}, if left out. */
  readonly batchSize: number | undefined;
  readonly out?: string | undefined;
  readonly data?: string | undefined;
  readonly engine: EngineChoice;
  readonly threads?: number | undefined;
}

const askOn =
  (options: AskOptions, context: Context) =>
  (session: Session): TE.TaskEither<Failure, readonly [Session, AskReport]> => {
    const { acquisition, settings } = session.start;
    const pool = poolOf(session);
    const batchSize =
      options.batchSize ??
      (session.pending.length > 0
        ? session.batch.length
        : options.budget === undefined
          ? defaultBatchSize
          : pool.length);
    const [tooFew] = tooFewCandidates(settings.candidates, batchSize);
    if (tooFew !== undefined && session.pending.length === 0)
      return TE.left(inputFailure({ ...tooFew, source: '--batch-size', remedy: 'Give a smaller one' }));
    const { services, progress, signal } = context;
    const idle = session.pending.length > 0 || strategies[acquisition].onHost;
    const answerBy = (asked: AskedBy, among: AskedCandidates | undefined, limits: Limits | undefined) =>
      services.withEngine(
        idle ? 'cpu' : options.engine,
        (by) =>
          pipe(
            session,
            askSession(by, {
              ...asked,
              ...present({ candidates: among?.candidates }),
              batchSize,
              onProgress: progress,
              signal,
              propose: proposingWithin(limits, services.proposeBatch),
            }),
            TE.chainFirstIOK((answer) => () => {
              remarksOf(session, answer).forEach(context.remark);
            }),
            TE.map((answer) => [answer.session, askReportOf(session, answer, by, asked, among)] as const),
          ),
        compilingShown(progress),
        present({ threads: options.threads }),
      );
    return pipe(
      TE.fromTask(tellOfChanges(options.folder, context)(session.start.data)),
      TE.chainW(() => askedBy(options, session, context.remark)),
      TE.bindTo('asked'),
      TE.bind('among', () => askedCandidates(options, session)),
      TE.bindW('limits', ({ among }) =>
        TE.fromEither(limitsOfSession(session.start, pool, options, among !== undefined)),
      ),
      TE.chain(({ asked, among, limits }) => answerBy(asked, among, limits)),
    );
  };

/** The batch that is pending, where the session cannot be changed: nothing has to be written for it. Else why it cannot be. */
const pendingBatch =
  (options: AskOptions, context: Context) =>
  (failure: Failure): TE.TaskEither<Failure, AskReport> =>
    pipe(
      lookAtSession(options.folder),
      TE.filterOrElse(
        ({ pending }) => pending.length > 0,
        () => failure,
      ),
      TE.mapLeft(() => failure),
      TE.chain(askOn(options, context)),
      TE.map(([, report]) => report),
    );

/** The rows to label. The batch is kept before it is told; one that is pending is told again. */
export const askReport = (options: AskOptions, context: Context): TE.TaskEither<Failure, AskReport> =>
  pipe(
    changeSession(options.folder, context.remark, askOn(options, context)),
    TE.orElse(pendingBatch(options, context)),
  );

/** The column whose cells are emptied in rows that are to be filled in; of several targets some labels may be there. */
const emptiedIn = (several: object | undefined, target: string): string | undefined =>
  several === undefined ? target : undefined;

const elsewhere = inputFailure({
  source: '--out',
  problem: 'rows of candidates are in other tables than the session’s',
  remedy: 'Remove it; --json tells the names of the rows',
});

/** The table whose rows are to be written to a file; undefined where none is wanted. Fails where they could not be. */
const tableFor = ({ folder, out, ...choice }: AskOptions): TE.TaskEither<Failure, TableText | undefined> =>
  out === undefined
    ? TE.right(undefined)
    : pipe(
        TE.fromEither(candidateFiles(choice)),
        TE.filterOrElse(
          ({ length }) => length === 0,
          () => elsewhere,
        ),
        TE.chain(() => lookAtSession(folder)),
        TE.filterOrElse(
          ({ pending, origin }) => pending.every((row) => origin.rows.includes(row)),
          () => elsewhere,
        ),
        TE.bindTo('session'),
        TE.bind('table', ({ session }) =>
          pipe(
            sessionTable(folder, session.start, choice.data),
            TE.map((table) => tableToFill(table, session)),
          ),
        ),
        TE.chainFirst(({ session: { pending, start }, table }) =>
          // What is pending may be in the file already.
          pending.length === 0
            ? checkRowsFile(out, undefined, [folder])
            : pipe(
                TE.fromEither(
                  guardedRows(table, pending, emptiedIn(start.furtherTargets, start.targetName), choice),
                ),
                TE.chain((rows) => checkRowsFile(out, rows, [folder])),
              ),
        ),
        TE.map(({ table }) => table),
      );

/** The work of ask. */
export const askWork =
  (options: AskOptions & { readonly json: boolean }): Work =>
  (context) => {
    const { folder, out, json: asJson } = options;
    return pipe(
      tableFor(options),
      TE.bindTo('table'),
      TE.bind('report', () => askReport(options, context)),
      TE.chainTaskK(({ table, report }) =>
        pipe(
          table === undefined || out === undefined
            ? T.of<readonly string[]>([])
            : rowsInto(
                out,
                guardedRows(table, report.rows, emptiedIn(report.lacking, report.target), options),
                context.remark,
              ),
          T.map((shortfalls) => ({
            text: asJson
              ? renderJson(report)
              : renderAsk(folder, report, shortfalls.length > 0 ? undefined : out),
            shortfalls,
          })),
        ),
      ),
    );
  };

/** The command, with its options and help. */
export const ask = command({
  name: 'ask',
  description: 'Ask a session for the batch of rows to label next. Asking twice gives the same batch.',
  examples: [
    { description: 'the 3 rows to label next', command: 'batchgfn ask sine -b 3' },
    {
      description: 'by what a model of yours predicts now, of a session that was begun with --own-model',
      command: 'batchgfn ask wells -b 3 --predictions draws.npy --noise 0.01',
    },
  ],
  args: {
    folder: positional({ displayName: 'FOLDER', description: 'the session' }),
    batchSize: optional(
      {
        long: 'batch-size',
        placeholder: 'B',
        description: `how many points to label next (those that are pending, or ${defaultBatchSize}, if left out)`,
      },
      positiveInteger(defaultBatchSize),
    ),
    ...predictionsOptions,
    ...candidateOptions,
    ...askedLimitOptions,
    out: rowsOut,
    data: copyOfTable,
    guardFormulas,
    engine,
    threads,
    json,
  },
  handler: askWork,
});
