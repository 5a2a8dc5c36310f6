/**
 * Which posterior do the labels of a session make, and which one is its policy for? The policy reads the whitened features
 * of the posterior that it was trained on, over the pool as it was then: a surrogate gives features on axes of their own for
 * every pool. Those of the rows that are still there are what it knows them by.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { proxyFeaturesOf } from '../../acquisition/scored-pool.js';
import { type Failure, inputFailure } from '../../failure.js';
import type { TrainedModel } from '../../gflownet/model-file.js';
import { type Matrix, matrixFrom } from '../../linear-algebra/matrix.js';
import { rewards } from '../../reward/index.js';
import type { Posterior } from '../../surrogate/posterior.js';
import { type FittedForBatch, fitForBatch } from '../fit-for-batch.js';
import type { WorkControl } from '../../work.js';
import { afterBatch } from '../lookahead/hypothetical.js';
import { type AnchoredPolicy, anchoredAt } from '../lookahead/anchored-policy.js';
import { type Known, poolOf, type Session } from './session.js';
import { present } from '../../present.js';

const featuresOf = ({ start }: Session, rows: readonly number[]): Matrix => {
  const at = new Map(start.rows.map((row, i) => [row, i]));
  const own = rows.map((row) => start.features[at.get(row) ?? -1] ?? []);
  return matrixFrom(rows.length, start.featureNames.length, (i, j) => own[i]?.[j] ?? NaN);
};

const elsewhere: Failure = inputFailure({
  source: 'posterior',
  problem: 'the session has no model of its own: what labels say is predicted elsewhere',
  remedy: 'Give the posterior over the rows that may be asked for',
});

/** What was fitted on some labels, and its posterior over some rows. */
export interface FittedOver {
  readonly fitted: FittedForBatch;
  readonly posterior: Posterior;
}

/**
 * The surrogate that is fitted on some labels. `control` watches and stops it. Fails as fitting does, and where a model elsewhere stands
 * in its place.
 */
export const surrogateGiven = (
  session: Session,
  { labels }: Pick<Known, 'labels'>,
  control?: WorkControl,
): TE.TaskEither<Failure, FittedForBatch> => {
  const { rows, surrogate } = session.start;
  if (surrogate.kind === 'predictions') return TE.left(elsewhere);
  const known = rows.filter((row) => labels.has(row));
  const others = rows.filter((row) => !labels.has(row));
  const labelled = {
    inputs: featuresOf(session, known),
    targets: Float64Array.from(known, (row) => labels.get(row) ?? NaN),
  };
  return fitForBatch(surrogate, { ...labelled, pool: featuresOf(session, others) }, { control });
};

/**
 * The same with its posterior over some rows, of the session or of one that more rows have joined. Fails as
 * {@link surrogateGiven} does.
 */
export const fittedGiven = (
  session: Session,
  known: Pick<Known, 'labels'>,
  over: readonly number[],
  control?: WorkControl,
  within: Session = session,
): TE.TaskEither<Failure, FittedOver> =>
  pipe(
    surrogateGiven(session, known, control),
    TE.bindTo('fitted'),
    TE.bind('posterior', ({ fitted }) => fitted.posterior(featuresOf(within, over))),
  );

/** That posterior alone. Fails as fitting does. */
export const posteriorGiven = (...given: Parameters<typeof fittedGiven>): TE.TaskEither<Failure, Posterior> =>
  pipe(
    fittedGiven(...given),
    TE.map(({ posterior }) => posterior),
  );

/** What a policy of the session sees of a posterior's points. */
export const featuresSeen = ({ start: { settings } }: Session, posterior: Posterior): Matrix =>
  proxyFeaturesOf(posterior, settings.reward === undefined ? undefined : rewards[settings.reward]);

/** The kept policy, with the pool that it reads: features, and the rows that they are of. */
export interface SessionPolicy extends AnchoredPolicy {
  readonly rows: readonly number[];
}

/** The kept policy and the pool of the time when the last batch was asked for. Fails as fitting does. */
export const sessionPolicyOf = (
  trained: TrainedModel,
  session: Session,
  control?: WorkControl,
): TE.TaskEither<Failure, SessionPolicy> => {
  const rows = poolOf({ start: session.start, ...session.then });
  return pipe(
    posteriorGiven(session, session.then, rows, control),
    TE.map((posterior) => ({
      ...{ trained, whitened: featuresSeen(session, posterior), rows },
      ...present({ classes: posterior.classes }),
    })),
  );
};

/** Where rows stand in a list of rows. */
export const placesOf = (rows: readonly number[], some: readonly number[]): readonly number[] => {
  const at = new Map(rows.map((row, i) => [row, i]));
  return some.map((row) => at.get(row) ?? NaN);
};

/**
 * The kept policy and what it knows some rows of the pool by: their features then, or, where it was trained ahead of labels,
 * after those; of class labels those then anyway, to which it was turned back (train-ahead.ts). Fails as fitting does.
 */
export const sessionPolicyOn = (
  trained: TrainedModel,
  session: Session,
  over: readonly number[],
  control?: WorkControl,
): TE.TaskEither<Failure, AnchoredPolicy> =>
  pipe(
    sessionPolicyOf(trained, session, control),
    TE.chainEitherK(({ whitened, rows, classes }): E.Either<Failure, AnchoredPolicy> => {
      const fantasised = classes === undefined ? placesOf(rows, session.ahead?.rows ?? []) : [];
      return pipe(
        fantasised.length === 0
          ? E.right({ whitened, indices: rows.map((_, i) => i) })
          : afterBatch(whitened, fantasised),
        E.map((after) =>
          anchoredAt(
            { trained, whitened: after.whitened },
            placesOf(
              after.indices.map((i) => rows[i] ?? NaN),
              over,
            ),
          ),
        ),
      );
    }),
  );
