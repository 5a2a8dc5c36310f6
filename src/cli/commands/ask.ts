/** `batchgfn ask FOLDER`: which rows to label next. Asked again before they are labelled, the same rows. */
import { command, positional } from 'cmd-ts';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { strategies } from '../../acquisition/index.js';
import { type Failure, inputFailure } from '../../failure.js';
import type { EngineChoice } from '../../engine/index.js';
import { type Answer, ask as askSession } from '../../learning/session/ask.js';
import { placesOf } from '../../learning/session/posterior.js';
import { poolOf, type Session } from '../../learning/session/session.js';
import { present } from '../../present.js';
import { predictions, type Predictions, type ReportedEngine, reportedEngine } from '../batch-report.js';
import { printed, type Context, type Work } from '../command.js';
import { batchSize, engine, json, threads, tooFewCandidates } from '../common-options.js';
import { compilingShown } from '../progress.js';
import { renderJson } from '../render.js';
import { wordsOfRows } from '../row-words.js';
import { tellOfChanges } from '../session-data.js';
import { changeSession, lookAtSession } from '../session-folder.js';
import { type AskReport, renderAsk, valuesOf } from '../session-text.js';

/** Decoded options of ask. */
export interface AskOptions {
  readonly folder: string;
  readonly batchSize: number;
  readonly engine: EngineChoice;
  readonly threads?: number | undefined;
  readonly json: boolean;
}

/** Of class labels: what they are, and what is expected. */
const classesOf = (
  before: Session,
  { rows, posterior }: Answer,
): Pick<AskReport, 'classes' | keyof Predictions> => {
  const { classNames } = before.start;
  return classNames === undefined
    ? {}
    : {
        classes: classNames,
        ...(posterior === undefined
          ? {}
          : predictions(classNames, posterior, placesOf(poolOf(before), rows))),
      };
};

const reportOf = (before: Session, answer: Answer, by: ReportedEngine): AskReport => {
  const { session, rows, proposal } = answer;
  return {
    round: session.rounds,
    rows,
    again: proposal === undefined,
    values: valuesOf(session, rows),
    ...present({ rowKind: session.start.rowKind }),
    ...wordsOfRows(session.start, rows),
    jointMutualInformation: session.jointMutualInformation,
    target: session.start.targetName,
    ...classesOf(before, answer),
    ...(proposal === undefined
      ? {}
      : {
          proposal: {
            greedy: { jointMutualInformation: proposal.greedy.jointMutualInformation },
            random: proposal.random,
            drawn: { mean: proposal.drawn.mean, best: proposal.drawn.best, count: proposal.drawn.count },
            improvement: proposal.improvement,
            certificate: proposal.certificate,
            effectiveSampleSize: proposal.effectiveSampleSize,
            temperature: proposal.temperature,
            logPartition: proposal.logPartition,
            iterations: proposal.iterations,
            resumed: before.policy?.model.shape.batchSize === rows.length,
            ahead: before.ahead?.rounds ?? 0,
            seconds: proposal.seconds,
            engine: reportedEngine(by),
          },
        }),
  };
};

const askOn =
  (options: AskOptions, context: Context) =>
  (session: Session): TE.TaskEither<Failure, readonly [Session, AskReport]> => {
    const { acquisition, settings } = session.start;
    const [tooFew] = tooFewCandidates(settings.candidates, options.batchSize);
    if (tooFew !== undefined && session.pending.length === 0)
      return TE.left(inputFailure({ ...tooFew, source: '--batch-size', remedy: 'Give a smaller one' }));
    const { services, progress, signal } = context;
    const idle = session.pending.length > 0 || strategies[acquisition].onHost;
    const answer = services.withEngine(
      idle ? 'cpu' : options.engine,
      (by) =>
        pipe(
          session,
          askSession(by, {
            batchSize: options.batchSize,
            onProgress: progress,
            signal,
            propose: services.proposeBatch,
          }),
          TE.map((answer) => [answer.session, reportOf(session, answer, by)] as const),
        ),
      compilingShown(progress),
      present({ threads: options.threads }),
    );
    return pipe(
      TE.fromTask(tellOfChanges(options.folder, context)(session.start.data)),
      TE.chainW(() => answer),
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

/** The work of ask. The batch is kept before it is told; one that is pending is told again. */
export const askWork =
  (options: AskOptions): Work =>
  (context) =>
    pipe(
      changeSession(options.folder, context.remark, askOn(options, context)),
      TE.orElse(pendingBatch(options, context)),
      TE.map((report) => (options.json ? renderJson(report) : renderAsk(options.folder, report))),
      TE.map(printed),
    );

/** The command, with its options and help. */
export const ask = command({
  name: 'ask',
  description: 'Ask a session for the batch of rows to label next. Asking twice gives the same batch.',
  examples: [{ description: 'the 3 rows to label next', command: 'batchgfn ask sine -b 3' }],
  args: {
    folder: positional({ displayName: 'FOLDER', description: 'the session' }),
    batchSize,
    engine,
    threads,
    json,
  },
  handler: askWork,
});
