/**
 * Training: the program of one step (src/gflownet/training-program.ts) run many times over, watched,
 * kept and stopped from outside. Nothing is read inside a chunk of steps.
 *
 * A training state is pure data: training 20 steps, or 10, saving, loading and 10 more, ends in the same bits.
 */
import { pipe } from '#fp-ts/function';
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { at } from '../at.js';
import type { Engine, LoadedProgram, Values } from '../engine/engine.js';
import { withProgram } from '../engine/with-program.js';
import { numericalFailure, type Failure } from '../failure.js';
import { keyWords, split, type Key } from '../random/key.js';
import type { TypedArray } from '../tensor/expression.js';
import type { Program } from '../tensor/program.js';
import { problemValues, scoringValues, temperatureRange, type Model } from './model.js';
import type { Problem } from './problem.js';
import { taughtBatches } from './teacher.js';
import { present } from '../present.js';
import { endingInFailure, inTurns, turnOfOthers, type Work } from '../work.js';
import { teacherOf, trainingProgram, type TrainingOptions } from './training-program.js';

/** Everything that the next step depends on. */
export interface TrainingState {
  readonly parameters: TypedArray;
  readonly first: TypedArray;
  readonly second: TypedArray;
  /** Steps made, as a vector of one. */
  readonly steps: TypedArray;
  /** The random key, two words. */
  readonly key: TypedArray;
  /** The actions of past trajectories, capacity×b, where training replays them and has begun. */
  readonly replay?: TypedArray;
  /** The teacher's batches, where training has one and has begun (src/gflownet/teacher.ts). */
  readonly taught?: TypedArray;
}

/** The state before the first step, from flat parameters. */
export const firstState = (parameters: TypedArray, key: Key): TrainingState => ({
  parameters,
  first: new Float64Array(parameters.length),
  second: new Float64Array(parameters.length),
  steps: Float64Array.of(0),
  key: keyWords(split(key, 1)),
});

/** What training reports after each chunk of steps. */
export interface TrainingProgress {
  readonly done: number;
  readonly total: number;
  /** The loss of the last step. */
  readonly loss: number;
  /** The ELBO (nats) of the last step's own trajectories. */
  readonly elbo: number;
}

/** How training is watched, kept and stopped. */
export interface TrainingControl {
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Given the state every `checkpointEvery` steps (default 100), and once more when training is aborted. */
  readonly onCheckpoint?: (state: TrainingState) => void;
  readonly checkpointEvery?: number;
  /** Once aborted, training ends after the chunk in hand with an Interrupted failure. */
  readonly signal?: AbortSignal;
  /** Steps between reports (and submits, on a GPU); default 10. */
  readonly chunk?: number;
}

const readState = (
  loaded: LoadedProgram,
  carried: readonly string[],
): TE.TaskEither<Failure, TrainingState> =>
  pipe(
    loaded.run({ steps: 0, read: carried }),
    TE.map((values) => values as unknown as TrainingState),
  );

/** Milliseconds of a run after which the next is of one step: signals get their turn between two. */
const patience = 50;

/** Runs a program of one step from its inputs to the end, in chunks, and these in as many runs as signals need. */
const advance = async (
  loaded: LoadedProgram,
  running: Program,
  start: Values,
  { from, total }: { readonly from: number; readonly total: number },
  control: TrainingControl,
): Promise<E.Either<Failure, TrainingState>> => {
  const { chunk = 10, checkpointEvery = 100, onCheckpoint } = control;
  const carried = Object.keys(running.carry);
  const read = Object.keys(running.outputs);
  const checkpoint = async (): Promise<void> => {
    if (onCheckpoint === undefined) return;
    const state = await readState(loaded, carried)();
    if (E.isRight(state)) onCheckpoint(state.right);
  };
  let inputs: Values = start;
  let saved = from;
  let [pace, end] = [1, from];
  for (let done = from; done < total;) {
    if (control.signal?.aborted === true) {
      if (done > from) await checkpoint();
      return E.left({ _tag: 'Interrupted', during: 'training' });
    }
    if (done === end) end = Math.min(done + chunk, total);
    const steps = Math.min(pace, end - done);
    const started = performance.now();
    const result = await loaded.run({ inputs, steps, read: done + steps === end ? read : [] })();
    if (E.isLeft(result)) return result;
    inputs = {};
    done += steps;
    pace = performance.now() - started < patience ? 2 * pace : 1;
    await turnOfOthers();
    if (done < end) continue;
    const [loss = NaN] = result.right['loss'] ?? [];
    const [elbo = NaN] = result.right['elbo'] ?? [];
    if (!Number.isFinite(loss))
      return E.left(
        numericalFailure(
          'training',
          `the loss was not finite after ${done} of ${total} iterations`,
          'Lower the learning rate or raise the temperature',
        ),
      );
    control.onProgress?.({ done, total, loss, elbo });
    if (done - saved >= checkpointEvery) {
      await checkpoint();
      saved = done;
    }
  }
  return readState(loaded, carried)();
};

const stateValues = ({ parameters, first, second, steps, key }: TrainingState): Values => ({
  parameters,
  first,
  second,
  steps,
  key,
});

/** The memory at the start of training with replay. */
const memoryValues = ({ replay }: TrainingOptions, state: TrainingState, batchSize: number): Values =>
  replay === undefined || replay.trajectories === 0
    ? {}
    : { replay: state.replay ?? new Uint32Array(replay.capacity * batchSize) };

/** The state with the teacher's batches in it, where there is one: those that it has, or drawn, in steps. */
export function* withTaught(
  model: Model,
  problem: Problem,
  options: TrainingOptions,
  state: TrainingState,
): Work<TrainingState> {
  const teacher = teacherOf(options);
  if (teacher === undefined || state.taught !== undefined) return state;
  const [word0 = 0, word1 = 0] = state.key;
  return { ...state, taught: yield* taughtBatches(model, problem, teacher, split({ word0, word1 }, 5)) };
}

/** The inputs of the program of one step (src/gflownet/training-program.ts) from a state, {@link withTaught} where there is a teacher. */
export const trainingValues = (
  model: Model,
  problem: Problem,
  options: TrainingOptions,
  state: TrainingState,
): Values => {
  const { middle, half } = temperatureRange(model, problem);
  return {
    ...problemValues(model, { ...problem, temperature: middle }),
    ...scoringValues(problem),
    halfRange: Float64Array.of(half),
    iterations: Float64Array.of(options.iterations),
    exploration: Float64Array.of(options.exploration),
    learningRate: Float64Array.of(options.learningRate),
    logZRate: Float64Array.of(options.logZRate),
    ...memoryValues(options, state, problem.batchSize),
    ...(teacherOf(options) === undefined ? {} : present({ taught: state.taught })),
    ...stateValues(state),
  };
};

/**
 * Trains from a state to the end of the options' iterations and returns the last state. A model for a range of
 * temperatures is trained over all of it, whatever the problem's own. Fails with Interrupted, with a
 * NumericalFailure where the loss is no longer finite, and where the engine does. Throws a RangeError where the problem is
 * not the model's, or the replay memory is smaller than one step.
 */
export const train = (
  engine: Engine,
  model: Model,
  problem: Problem,
  options: TrainingOptions,
  state: TrainingState,
  control: TrainingControl = {},
): TE.TaskEither<Failure, TrainingState> => {
  const from = at(state.steps, 0);
  if (from >= options.iterations) return TE.right(state);
  const running = trainingProgram(model, options, problem);
  const { onCheckpoint, ...watching } = control;
  const start = trainingValues(model, problem, options, state);
  const trainedFrom = ({ taught }: TrainingState): TE.TaskEither<Failure, TrainingState> => {
    const whole = (carried: TrainingState): TrainingState => ({ ...carried, ...present({ taught }) });
    const saving =
      onCheckpoint === undefined
        ? {}
        : { onCheckpoint: (carried: TrainingState) => onCheckpoint(whole(carried)) };
    const inputs = { ...start, ...(teacherOf(options) === undefined ? {} : present({ taught })) };
    const steps = { from, total: options.iterations };
    return pipe(
      withProgram(
        engine,
        running,
        (loaded) => () => advance(loaded, running, inputs, steps, { ...watching, ...saving }),
      ),
      TE.map(whole),
    );
  };
  return pipe(
    // A teacher's gains may be beyond the numbers at the temperature.
    endingInFailure(
      inTurns(
        () => withTaught(model, problem, options, state),
        present({ signal: control.signal }),
        'training',
      ),
    ),
    TE.chain(trainedFrom),
  );
};
