/**
 * How does the policy of a verification come about? What is known of the target is found first (src/verify/target-answer.ts);
 * the policy imitates batches of it, where that is asked for, and is trained.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import type { BackwardName } from '../gflownet/backward.js';
import { defaultTraining } from '../gflownet/defaults.js';
import type { ObjectiveName } from '../gflownet/objectives/index.js';
import type { PolicyName } from '../gflownet/policies/index.js';
import type { Problem } from '../gflownet/problem.js';
import { startTraining } from '../gflownet/start.js';
import { train, type TrainingControl, type TrainingProgress } from '../gflownet/train.js';
import type { TrainingOptions } from '../gflownet/training-program.js';
import type { WorkControl } from '../gibbs/work.js';
import { split, type Key } from '../random/key.js';
import { answerOf, type AnswerOptions, type TargetAnswer, type Uncertified } from './target-answer.js';
import { taughtParameters } from './teacher.js';
import type { Trained } from './trained.js';

/** What to verify, and how hard. */
export interface VerificationOptions {
  readonly policy: PolicyName;
  readonly objective: ObjectiveName;
  /** Uniform if left out. */
  readonly backward?: BackwardName;
  readonly forwardLooking: boolean;
  readonly iterations: number;
  readonly trajectories: number;
  /** Past trajectories replayed an iteration, from the last 64 iterations; 0 if left out. */
  readonly replayed?: number;
  /** Iterations of imitation of draws from the target before training; 0 if left out. */
  readonly teacher?: number;
  /** Batches drawn from the trained policy. */
  readonly draws: number;
}

/** How a verification is watched and stopped: as training, and what its answer and imitation report before it. */
export interface VerificationControl extends TrainingControl {
  readonly onAnswering?: NonNullable<WorkControl['onProgress']>;
  readonly onTeaching?: (progress: TrainingProgress) => void;
  /** Of {@link answerFor}, from before; found anew if left out. */
  readonly answer?: TargetAnswer | Uncertified;
}

/** Steps between reports, and so between points of the history, where the control does not say. */
const chunk = 10;

/** Trajectories kept for replay, in iterations. */
const remembered = 64;

/** The children of a verification's key, one for each use. */
export const streams = {
  train: 0,
  draw: 1,
  eubo: 2,
  compare: 3,
  correct: 4,
  teach: 5,
  answer: 6,
  more: 7,
} as const;

/** Batches of the target that a policy is held against; fewer where a Gibbs update takes evaluations of U. */
const reference = { draws: 1024, evaluated: 512 } as const;

/** Most batches that a teacher shows; it shows them again after that. */
const mostShown = { draws: 16_384, evaluated: 1024 } as const;

const clock = (): number => performance.now() / 1000;

export interface Timed<A> {
  readonly value: A;
  readonly seconds: number;
}

/** An effect with the seconds that it took. */
export const timed = <A>(effect: TE.TaskEither<Failure, A>): TE.TaskEither<Failure, Timed<A>> =>
  pipe(
    TE.fromIO<number, Failure>(clock),
    TE.chain((started) =>
      pipe(
        effect,
        TE.map((value) => ({ value, seconds: clock() - started })),
      ),
    ),
  );

const trainingOf = ({
  policy,
  objective,
  forwardLooking,
  iterations,
  trajectories,
  replayed = 0,
}: VerificationOptions): TrainingOptions => ({
  ...defaultTraining(policy),
  ...{ objective, forwardLooking, iterations, trajectories },
  ...(replayed > 0 ? { replay: { trajectories: replayed, capacity: remembered * trajectories } } : {}),
});

/** What training makes, and what it reported on the way. */
export interface Training {
  readonly trained: Trained;
  readonly history: readonly TrainingProgress[];
  readonly seconds: { readonly teach: number; readonly train: number };
}

/** Batches that stand for the target, and others that a teacher shows. */
export const partsOf = (
  problem: Problem,
  { teacher = 0, trajectories }: VerificationOptions,
): { readonly held: number; readonly shown: number } => {
  const of = problem.utility === undefined ? 'draws' : 'evaluated';
  return { held: reference[of], shown: Math.min(mostShown[of], teacher * trajectories) };
};

/**
 * What is known of the target, for a verification with such options; one answer serves all policies and objectives. Fails as
 * `answerOf` does.
 */
export const answerFor = (
  problem: Problem,
  options: VerificationOptions,
  key: Key,
  control: WorkControl = {},
  how: Pick<AnswerOptions, 'by' | 'updates'> = {},
): TE.TaskEither<Failure, TargetAnswer | Uncertified> => {
  const { held, shown } = partsOf(problem, options);
  return answerOf(problem, { draws: held + shown, key: split(key, streams.answer), ...how }, control);
};

/** Imitation, where it is asked for, and training. */
export const trainedOn = (
  untrained: Trained,
  shown: TargetAnswer['batches'],
  options: VerificationOptions,
  key: Key,
  control: VerificationControl,
): TE.TaskEither<Failure, Training> => {
  const { engine, model, problem } = untrained;
  const { teacher = 0 } = options;
  const { onTeaching, chunk: steps = chunk, signal, onProgress } = control;
  const stopped = signal === undefined ? {} : { signal };
  const training = trainingOf(options);
  const lessons = {
    iterations: teacher,
    trajectories: options.trajectories,
    learningRate: training.learningRate,
  };
  const taught: TE.TaskEither<Failure, Timed<Trained['parameters'] | undefined>> = teacher === 0
    ? TE.right({ value: undefined, seconds: 0 })
    : timed(
        taughtParameters(untrained, shown, lessons, split(key, streams.teach), {
          ...{ chunk: steps, ...stopped },
          ...(onTeaching === undefined ? {} : { onProgress: onTeaching }),
        }),
      );
  const trainedFrom = (warm: Trained['parameters'] | undefined) => {
    const history: TrainingProgress[] = [];
    return pipe(
      startTraining(engine, model, problem, options.forwardLooking, split(key, streams.train), warm),
      TE.chain((start) =>
        train(engine, model, problem, training, start, {
          ...{ chunk: steps, ...stopped },
          onProgress: (progress) => {
            history.push(progress);
            onProgress?.(progress);
          },
        }),
      ),
      TE.map(({ parameters }) => ({ parameters, history })),
    );
  };
  return pipe(
    taught,
    TE.bindTo('taught'),
    TE.bind('trained', ({ taught }) => timed(trainedFrom(taught.value))),
    TE.map(({ taught, trained: { value, seconds } }) => ({
      trained: { ...untrained, parameters: value.parameters },
      history: value.history,
      seconds: { teach: taught.seconds, train: seconds },
    })),
  );
};
