/**
 * By what does a session choose a batch where the model is elsewhere? By what that model predicts now, for all rows of the table
 * in its order, or for those that `--ids` names. Rows that are labelled, skipped or pending are left out here, so the model may
 * predict for all. The journal keeps the file's digest.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { posteriorAt } from '../acquisition/candidates.js';
import { listed } from '../data/columns.js';
import { badInput, type Failure, type InputFailure } from '../failure.js';
import type { PredictionsFile } from '../learning/session/events.js';
import { poolOf, type Session } from '../learning/session/session.js';
import { present } from '../present.js';
import type { Posterior } from '../surrogate/posterior.js';
import { type Predicted, readPredicted } from './predicted-posterior.js';
import { checkDraws } from './predictions.js';
import { type PredictionsChoice, sourceOf } from './predictions-options.js';
import { nameOfRow, nameReader } from './row-words.js';
import { digestOf } from './session-digest.js';
import { lastPredictions } from './session-text.js';

/** What the library is asked by. */
export interface AskedBy {
  readonly posterior?: Posterior;
  readonly predictions?: PredictionsFile;
}

/** The place among the predicted points of each row that may be asked for. */
const placesIn = (
  { start, ...session }: Session,
  pool: readonly number[],
  { source, points, names }: Predicted,
): E.Either<InputFailure, readonly number[]> => {
  if (names === undefined) {
    if (points !== start.rows.length)
      return E.left(
        badInput(
          source,
          `it predicts ${points} points, and the session has ${start.rows.length} rows, labelled ones among them`,
          'Predict all of them in the order of the table, or name the points with --ids',
        ),
      );
    const places = new Map(start.rows.map((row, i) => [row, i]));
    return E.right(pool.map((row) => places.get(row) ?? NaN));
  }
  const read = nameReader(start);
  const places = new Map(names.map((name, i) => [read(name), i]));
  const missing = poolOf({ start, ...session }).filter((row) => !places.has(row));
  return missing.length === 0
    ? E.right(pool.map((row) => places.get(row) ?? NaN))
    : E.left(
        badInput(
          '--ids',
          `${missing.length} row${missing.length === 1 ? '' : 's'} that may be asked for ${missing.length === 1 ? 'is' : 'are'} not predicted: ${listed(missing.slice(0, 5).map((row) => nameOfRow(start)(row) || String(row)))}${missing.length > 5 ? ', …' : ''}`,
          'Predict them, or skip them with tell --skip',
        ),
      );
};

/** An InputFailure where what is predicted is not what labels are. */
const checkLabels = (
  { start: { classNames } }: Session,
  { source, classes, of }: Predicted,
): E.Either<InputFailure, void> =>
  classes === classNames?.length
    ? E.right(undefined)
    : E.left(
        badInput(
          source,
          classes === undefined
            ? `it holds ${of === 'covariance' ? 'a covariance' : 'draws'} of numbers, and the labels of the session are ${classNames?.length ?? 0} classes`
            : classNames === undefined
              ? `it holds probabilities of ${classes} classes, and the labels of the session are numbers`
              : `it holds probabilities of ${classes} classes, and the session has ${classNames.length}: ${listed(classNames)}`,
          'Predict what the labels are',
        ),
      );

/** What is said where labels came since predictions that are the same. */
const staleRemark = (session: Session, { sha256, file }: PredictionsFile): readonly string[] =>
  lastPredictions(session)?.sha256 === sha256 && session.labels.size > session.then.labels.size
    ? [
        `${file} is as it was at the last ask, and ${session.labels.size - session.then.labels.size} labels came since: your model does not know them yet.`,
      ]
    : [];

const asked =
  (session: Session, remark: (sentence: string) => void) =>
  (predicted: Predicted): E.Either<Failure, AskedBy> => {
    const pool = poolOf(session);
    return pipe(
      checkLabels(session, predicted),
      E.chain(() => checkDraws(predicted, session.start.acquisition)),
      E.chain(() => placesIn(session, pool, predicted)),
      E.map((places) => {
        const { source: file, of, shape, noiseVariance, file: bytes } = predicted;
        const predictions: PredictionsFile = {
          ...{ file, bytes: bytes.length, sha256: digestOf(bytes), of, shape },
          ...present({ noiseVariance }),
        };
        [...predicted.remarks, ...staleRemark(session, predictions)].forEach(remark);
        return { posterior: posteriorAt(predicted.posterior, places), predictions };
      }),
    );
  };

/**
 * What a session is asked by: nothing where it fits a surrogate of its own, or a batch is pending. An InputFailure where predictions
 * are missing, of no use, or not those of the rows.
 */
export const askedBy = (
  options: PredictionsChoice,
  session: Session,
  remark: (sentence: string) => void,
): TE.TaskEither<Failure, AskedBy> => {
  const isElsewhere = session.start.surrogate.kind === 'predictions';
  return pipe(
    TE.fromEither(sourceOf(options)),
    TE.mapLeft((failure): Failure => failure),
    TE.chain((source) => {
      if (source !== undefined && !isElsewhere)
        return TE.left(
          badInput(
            options.covariance === undefined ? '--predictions' : '--covariance',
            'the session fits a surrogate of its own',
            'Remove it, or begin a session with init --own-model',
          ),
        );
      if (!isElsewhere || session.pending.length > 0) return TE.right({});
      return source === undefined
        ? TE.left(
            badInput(
              '--predictions',
              'the option is missing: batches of the session are chosen by what a model of yours predicts',
              'Add --predictions FILE or --covariance FILE, by the labels so far',
            ),
          )
        : pipe(readPredicted(options, source), TE.chainEitherK(asked(session, remark)));
    }),
  );
};
