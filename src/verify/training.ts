/**
 * How does the policy of a verification come about? What is known of the target is found first (src/verify/target-answer.ts);
 * the policy is trained, by default with a teacher (src/gflownet/teacher.ts) whose draws are others.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import type { BackwardName } from '../gflownet/backward.js';
import { defaultTeacher, defaultTraining } from '../gflownet/defaults.js';
import type { ObjectiveName } from '../gflownet/objectives/index.js';
import type { PolicyName } from '../gflownet/policies/index.js';
import type { Problem } from '../gflownet/problem.js';
import { startTraining } from '../gflownet/start.js';
import { train, type TrainingControl, type TrainingProgress } from '../gflownet/train.js';
import type { TrainingOptions } from '../gflownet/training-program.js';
import type { WorkControl } from '../work.js';
import { split, type Key } from '../random/key.js';
import { answerOf, type AnswerOptions, type TargetAnswer, type Uncertified } from './target-answer.js';
import type { Trained } from './trained.js';
import { present } from '../present.js';
import { clock } from '../clock.js';

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
  /** Draws from the target imitated an iteration; as the policy's default training has it if left out, 0 for none. */
  readonly taught?: number;
  /** Batches drawn from the trained policy. */
  readonly draws: number;
}

/** How a verification is watched and stopped: as training, and what its answer reports before it. */
export interface VerificationControl extends TrainingControl {
  readonly onAnswering?: NonNullable<WorkControl['onProgress']>;
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
  answer: 6,
  more: 7,
} as const;

/** Batches of the target that a policy is held against; fewer where a Gibbs update takes evaluations of U. */
const reference = { draws: 1024, evaluated: 512 } as const;

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
  taught,
}: VerificationOptions): TrainingOptions => {
  const { teacher, ...preset } = defaultTraining(policy);
  const count = taught ?? teacher?.trajectories ?? 0;
  return {
    ...preset,
    ...{ objective, forwardLooking, iterations, trajectories },
    ...(count > 0 ? { teacher: { ...defaultTeacher, ...teacher, trajectories: count } } : {}),
    ...(replayed > 0 ? { replay: { trajectories: replayed, capacity: remembered * trajectories } } : {}),
  };
};

/** What training makes, and what it reported on the way. */
export interface Training {
  readonly trained: Trained;
  readonly history: readonly TrainingProgress[];
  readonly seconds: number;
}

/**
 * What is known of the target, for a verification with this key; one answer serves all policies and objectives. Fails as
 * `answerOf` does.
 */
export const answerFor = (
  problem: Problem,
  key: Key,
  control: WorkControl = {},
  how: Pick<AnswerOptions, 'by' | 'updates' | 'engine'> = {},
): TE.TaskEither<Failure, TargetAnswer | Uncertified> => {
  const draws = reference[problem.utility === undefined ? 'draws' : 'evaluated'];
  return answerOf(problem, { draws, key: split(key, streams.answer), ...how }, control);
};

/** Training, what its teacher draws included. Fails as `train` does. */
export const trainedOn = (
  untrained: Trained,
  options: VerificationOptions,
  key: Key,
  { chunk: steps = chunk, signal, onProgress }: VerificationControl,
): TE.TaskEither<Failure, Training> => {
  const { engine, model, problem } = untrained;
  const history: TrainingProgress[] = [];
  return pipe(
    startTraining(engine, model, problem, options, split(key, streams.train)),
    TE.chain((start) =>
      train(engine, model, problem, trainingOf(options), start, {
        chunk: steps,
        ...present({ signal }),
        onProgress: (progress) => {
          history.push(progress);
          onProgress?.(progress);
        },
      }),
    ),
    timed,
    TE.map(({ value: { parameters }, seconds }) => ({
      trained: { ...untrained, parameters },
      ...{ history, seconds },
    })),
  );
};
