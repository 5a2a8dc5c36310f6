/**
 * Training while labels are pending: the policy that is kept learns the posterior that the labels of the batch will make, as
 * far as it can be known without them (lookahead/hypothetical.ts), and then, round by round, posteriors after a further
 * batch that may be asked for. The next batch is then asked of a policy that has seen the like. A round that was trained is
 * an event; a session that is asked for as many rounds as it has had is the same as before.
 */
import { requireEngine, requireObjects } from '../../misuse.js';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { watchedBy } from '../../acquisition/certified.js';
import type { Progress } from '../../acquisition/strategy.js';
import type { Engine } from '../../engine/engine.js';
import { type Failure, inputFailure, type InputFailure } from '../../failure.js';
import { defaultTraining } from '../../gflownet/defaults.js';
import type { TrainedModel } from '../../gflownet/model-file.js';
import { type Key, keyFromSeed, split } from '../../random/key.js';
import { afterBatch } from '../lookahead/hypothetical.js';
import {
  type BatchSource,
  hypotheticalBatch,
  type HypotheticalProblem,
  trainAfter,
} from '../lookahead/train-ahead.js';
import { sessionPolicyOf, type SessionPolicy, placesOf } from './posterior.js';
import { after, requireSession, type Session, pendingRows } from './session.js';
import { oneTargetOnly } from './targets.js';
import { present } from '../../present.js';

/** What training ahead is given beside the session. */
export interface AheadOptions {
  /** Posteriors to have trained on since the batch was asked for, at least one: those that were count. */
  readonly rounds: number;
  /** Where the further batches come from. */
  readonly source: BatchSource;
  /** Keeps the session after each round; the next begins when it is done. */
  readonly keep?: (session: Session) => TE.TaskEither<Failure, void>;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** Iterations of a round, as a part of those of a policy that is trained from nothing, if no number is given. */
const iterationFraction = 1 / 4;

/** Which child of the seed's key. */
const stream = 0x616864;

const refuse = (problem: string, remedy: string): InputFailure =>
  inputFailure({ source: 'training ahead', problem, remedy });

const policyOf = ({ policy, pending, rounds, start }: Session): E.Either<InputFailure, TrainedModel> =>
  policy === undefined
    ? E.left(
        start.furtherTargets !== undefined
          ? inputFailure(oneTargetOnly('training ahead', 'a policy for them is trained anew for each batch'))
          : start.surrogate.kind === 'predictions'
            ? refuse(
                'what labels make of the posterior is predicted elsewhere, and not known ahead',
                'Training ahead is for sessions that fit a surrogate',
              )
            : start.acquisition === 'gflownet' && rounds === 0
              ? refuse('no policy was trained yet', 'Ask for a batch first')
              : start.acquisition === 'gflownet'
                ? refuse(
                    'the policy of the last batch is lost',
                    'Ask for the next batch: it trains one from nothing',
                  )
                : refuse(
                    `the session keeps no policy: its batches are drawn by ${start.acquisition}`,
                    'Training ahead is for sessions whose acquisition is gflownet',
                  ),
      )
    : (start.settings.reward ?? 'information') !== 'information'
      ? E.left(
          refuse(
            `the session's reward is ${start.settings.reward ?? ''}, and what it comes to after a batch is not known ahead`,
            'Training ahead is for sessions whose reward is information',
          ),
        )
      : pending.length === 0
        ? E.left(refuse('no labels are pending', 'Ask for the next batch: all that it needs is known'))
        : E.right(policy);

const settingsOf = ({ start: { settings } }: Session, { model }: TrainedModel) => {
  const preset = defaultTraining(model.shape.policy);
  const { temperature, candidates, objective, iterations, trajectories } = settings;
  return {
    training: {
      ...preset,
      objective: objective ?? preset.objective,
      iterations: iterations ?? Math.ceil(preset.iterations * iterationFraction),
      trajectories: trajectories ?? preset.trajectories,
    },
    ...present({ temperature, candidates }),
  };
};

/** What a round of training is given. */
interface Round extends Omit<AheadOptions, 'keep'> {
  readonly engine: Engine;
  /** The policy, and the pool that it reads. */
  readonly learned: SessionPolicy;
  /** Which of the rounds it is, from 1. */
  readonly round: number;
  readonly key: Key;
}

/** The points whose labels are fantasised, as indices of the pool that the policy reads: `coming`, and those of a further batch. */
const fantasyPointsIn = (
  { engine, learned, round, source, key }: Round,
  coming: readonly number[],
  of: HypotheticalProblem,
): TE.TaskEither<Failure, readonly number[]> =>
  round === 1
    ? TE.right(coming)
    : pipe(
        TE.fromEither(afterBatch(learned.whitened, coming)),
        TE.mapLeft((failure): Failure => failure),
        TE.chain(({ whitened, indices }) =>
          pipe(
            hypotheticalBatch(engine, { trained: learned.trained, whitened }, source, of, split(key, 0)),
            TE.map((batch) => [...coming, ...batch.map((i) => indices[i] ?? NaN)]),
          ),
        ),
      );

const trainedBy =
  (by: Round) =>
  (session: Session): TE.TaskEither<Failure, Session> => {
    const { engine, learned, round, rounds, key, onProgress, signal } = by;
    const { batchSize } = learned.trained.model.shape;
    const settings = settingsOf(session, learned.trained);
    const coming = placesOf(learned.rows, pendingRows(session));
    const left = learned.rows.length - coming.length;
    if (left < (round === 1 ? 1 : 2) * batchSize)
      return TE.left(
        refuse(
          `${left} rows are left after the batch, too few for ${round === 1 ? 'one' : 'two'} of ${batchSize}`,
          round === 1 ? 'There is nothing to train for' : 'Train one round ahead',
        ),
      );
    return pipe(
      fantasyPointsIn(by, coming, settings),
      TE.bindTo('fantasised'),
      TE.bind('then', ({ fantasised }) =>
        trainAfter(engine, learned, fantasised, {
          ...settings,
          key: split(key, 1),
          ...present({ signal }),
          onProgress: ({ done, total, elbo }) =>
            onProgress?.({
              ...{ stage: `training ahead, round ${round} of ${rounds}`, done, total },
              note: `ELBO ${elbo.toFixed(2)} nats`,
            }),
        }),
      ),
      TE.chainEitherKW(({ fantasised, then }) =>
        pipe(
          session,
          after({ event: 'ahead', rows: fantasised.map((i) => learned.rows[i] ?? NaN) }),
          E.map((now) => ({ ...now, policy: then.trained })),
        ),
      ),
    );
  };

/**
 * Trains the kept policy ahead until so many rounds were trained since the batch was asked for. Fails as training does; with
 * Interrupted once `signal` is aborted, rounds that were kept staying so; and with an InputFailure where no policy is
 * kept, no labels are pending, or the rows that are left make no further batch. Throws a RangeError for less than a round.
 */
export const trainAheadOfLabels =
  (engine: Engine, asked: AheadOptions) =>
  (start: Session): TE.TaskEither<Failure, Session> => {
    requireEngine('trainAheadOfLabels', engine);
    requireObjects('trainAheadOfLabels', { options: asked });
    requireSession('trainAheadOfLabels', start);
    const { keep, ...options } = asked;
    const { rounds } = options;
    if (!Number.isInteger(rounds) || rounds < 1)
      throw new RangeError(`trainAheadOfLabels: ${rounds} rounds; give a whole number from 1 up`);
    const key = split(split(keyFromSeed(start.start.seed), stream), start.rounds);
    const from =
      (learned: SessionPolicy) =>
      (session: Session): TE.TaskEither<Failure, Session> => {
        const round = (session.ahead?.rounds ?? 0) + 1;
        return round > rounds
          ? TE.right(session)
          : pipe(
              session,
              trainedBy({ ...options, engine, learned, round, key: split(key, round) }),
              TE.chainFirst((now) => keep?.(now) ?? TE.right(undefined)),
              TE.chain((now) => from({ ...learned, trained: now.policy ?? learned.trained })(now)),
            );
      };
    return pipe(
      TE.fromEither(policyOf(start)),
      TE.mapLeft((failure): Failure => failure),
      TE.chain((policy) =>
        (start.ahead?.rounds ?? 0) >= rounds
          ? TE.right(start)
          : pipe(
              sessionPolicyOf(policy, start, watchedBy(options)),
              TE.chain((learned) => from(learned)(start)),
            ),
      ),
    );
  };
