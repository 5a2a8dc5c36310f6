/**
 * Training as a program of the engine: one step draws trajectories, scores them in one pass, and makes one step of Adam.
 * Parameters, moments, the step count and the random key are its carry and stay on the device; nothing is read inside a
 * chunk of steps.
 *
 * A training state is pure data: training 20 steps, or 10, saving, loading and 10 more, ends in the same bits.
 */
import { pipe } from 'fp-ts/lib/function.js';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Engine, LoadedProgram, Values } from '../engine/engine.js';
import { withProgram } from '../engine/with-program.js';
import { numericalFailure, type Failure } from '../failure.js';
import { adam, clipByNorm } from '../nn/adam.js';
import { cosineDecay, linearDecay } from '../nn/schedule.js';
import { keyWords, split, type Key } from '../random/key.js';
import { randomUniform, splitKey } from '../tensor/derived/random.js';
import { mean } from '../tensor/derived/softmax.js';
import type { TypedArray } from '../tensor/expression.js';
import { gradient } from '../tensor/gradient.js';
import { add, exp, input, iota, less, mul, neg, select, sub, sum } from '../tensor/operations.js';
import { program, type Program } from '../tensor/program.js';
import { modelInputs, problemValues, samplerOf, temperatureRange, type Model } from './model.js';
import { objectives, type ObjectiveName } from './objectives/index.js';
import type { Problem } from './problem.js';
import { scoreTrajectories } from './score.js';
import { rollout } from './rollout.js';

/** How to train. */
export interface TrainingOptions {
  readonly objective: ObjectiveName;
  /** Whether the flow of a state carries its exact partial reward JMI / T; no matter to objectives without state flows. */
  readonly forwardLooking: boolean;
  /** Steps in all; the schedules end there. */
  readonly iterations: number;
  /** Trajectories a step. */
  readonly trajectories: number;
  /** Adam's rate at the first step; it falls to zero along half a cosine. */
  readonly learningRate: number;
  /** The rate of the flows' levels (log Z first) as a multiple of the others'. */
  readonly logZRate: number;
  /** The probability of a uniform step at first; it falls to zero along a line by half of the training. */
  readonly exploration: number;
}

/** Everything that the next step depends on. */
export interface TrainingState {
  readonly parameters: TypedArray;
  readonly first: TypedArray;
  readonly second: TypedArray;
  /** Steps made, as a vector of one. */
  readonly steps: TypedArray;
  /** The random key, two words. */
  readonly key: TypedArray;
}

/** The gradient's Euclidean norm is held below this: early trajectories under a sharp reward can be far off. */
const clip = 100;

/** The program of one training step; outputs `loss` and `elbo` (nats) of the step's own trajectories. */
export const trainingProgram = (model: Model, options: TrainingOptions): Program => {
  const given = modelInputs(model);
  const { dtype, batchSize } = model.shape;
  const first = input('first', dtype, [model.size]);
  const second = input('second', dtype, [model.size]);
  const steps = input('steps', dtype, []);
  const key = input('key', 'u32', [2]);
  const total = input('iterations', dtype, []);
  const exploration = mul(input('exploration', dtype, []), linearDecay(steps, total, 0.5));

  // One temperature a step, log-uniform in the model's range: all its trajectories share a log Z.
  const half = input('halfRange', dtype, []);
  const place = select(less(0, half), sub(mul(2, randomUniform(splitKey(key, 2), dtype, [])), 1), 0);
  const inverseTemperature = mul(given.inverseTemperature, exp(neg(mul(half, place))));
  const inputs = { ...given, inverseTemperature, place };
  const sampler = samplerOf(model, inputs);

  const trajectories = rollout(sampler, options.trajectories, splitKey(key, 0), exploration);
  const scored = scoreTrajectories(sampler, trajectories, options.forwardLooking);
  const loss = objectives[options.objective].loss(scored);
  const elbo = mean(add(scored.logReward, sum(sub(scored.logBackward, scored.logForward), [1])));

  const slope = gradient(loss, [inputs.parameters])[0] ?? inputs.parameters;
  const isLevel = less(model.size - batchSize - 1, iota('i32', [model.size], 0));
  const rate = mul(
    mul(input('learningRate', dtype, []), cosineDecay(steps, total)),
    select(isLevel, input('logZRate', dtype, []), 1),
  );
  const next = adam({ parameters: inputs.parameters, first, second, steps }, clipByNorm(slope, clip), rate);
  return program({ loss, elbo }, { ...next, key: splitKey(key, 1) }, Object.values(given));
};

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
  /** Loss and ELBO (nats) of the last step. */
  readonly loss: number;
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

const optionValues = (options: TrainingOptions): Values => ({
  iterations: Float64Array.of(options.iterations),
  exploration: Float64Array.of(options.exploration),
  learningRate: Float64Array.of(options.learningRate),
  logZRate: Float64Array.of(options.logZRate),
});

const readState = (loaded: LoadedProgram): TE.TaskEither<Failure, TrainingState> =>
  pipe(
    loaded.run({ steps: 0, read: ['parameters', 'first', 'second', 'steps', 'key'] }),
    TE.map((values) => values as unknown as TrainingState),
  );

const advance = async (
  loaded: LoadedProgram,
  start: Values,
  options: TrainingOptions,
  from: number,
  control: TrainingControl,
): Promise<E.Either<Failure, TrainingState>> => {
  const { chunk = 10, checkpointEvery = 100, onCheckpoint } = control;
  const checkpoint = async (): Promise<void> => {
    if (onCheckpoint === undefined) return;
    const state = await readState(loaded)();
    if (E.isRight(state)) onCheckpoint(state.right);
  };
  let inputs: Values = start;
  let saved = from;
  for (let done = from; done < options.iterations;) {
    if (control.signal?.aborted === true) {
      if (done > from) await checkpoint();
      return E.left({ _tag: 'Interrupted', during: 'training' });
    }
    const steps = Math.min(chunk, options.iterations - done);
    const result = await loaded.run({ inputs, steps, read: ['loss', 'elbo'] })();
    if (E.isLeft(result)) return result;
    inputs = {};
    done += steps;
    const [loss = NaN] = result.right['loss'] ?? [];
    const [elbo = NaN] = result.right['elbo'] ?? [];
    if (!Number.isFinite(loss))
      return E.left(
        numericalFailure(
          'training',
          `the loss was not finite after ${done} of ${options.iterations} iterations`,
          'Lower the learning rate or raise the temperature',
        ),
      );
    control.onProgress?.({ done, total: options.iterations, loss, elbo });
    if (done - saved >= checkpointEvery) {
      await checkpoint();
      saved = done;
    }
    // Progress bars and signals get their turn between chunks.
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
  return readState(loaded)();
};

/**
 * Trains from a state to the end of the options' iterations and returns the last state. A model for a range of
 * temperatures is trained over all of it, whatever the problem's own; it wants an objective that learns no flows
 * (logPartitionVariance), because levels of flows are learned for one temperature. Fails with Interrupted, with a
 * NumericalFailure where the loss is no longer finite, and where the engine does.
 */
export const train = (
  engine: Engine,
  model: Model,
  problem: Problem,
  options: TrainingOptions,
  state: TrainingState,
  control: TrainingControl = {},
): TE.TaskEither<Failure, TrainingState> => {
  const { parameters, first, second, steps, key } = state;
  const from = steps[0] ?? 0;
  if (from >= options.iterations) return TE.right(state);
  const { middle, half } = temperatureRange(model, problem);
  const start: Values = {
    ...problemValues(model, { ...problem, temperature: middle }),
    halfRange: Float64Array.of(half),
    ...optionValues(options),
    parameters,
    first,
    second,
    steps,
    key,
  };
  return withProgram(
    engine,
    trainingProgram(model, options),
    (loaded) => () => advance(loaded, start, options, from, control),
  );
};
