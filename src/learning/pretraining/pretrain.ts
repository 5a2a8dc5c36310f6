/**
 * Pretraining of `messagePassing`: new problems (posteriors.ts) every iteration, what the exact policy says at some of their
 * states (conditionals.ts), a step towards it (program.ts). Iterations take turns among a few sizes, so that few programs are
 * made. The problems of iteration i hang on the seed and i alone and a state is pure data, so that pretraining that was
 * stopped and taken up again ends in the same bits.
 */
import { pipe } from '#fp-ts/function';
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { at } from '../../at.js';
import type { Engine, LoadedProgram } from '../../engine/engine.js';
import { numericalFailure, type Failure } from '../../failure.js';
import { turnOfOthers } from '../../work.js';
import { networkSpecs } from '../../gflownet/policies/slot-network.js';
import { initialParameters, parameterCount } from '../../nn/parameters.js';
import { keyFromSeed, split } from '../../random/key.js';
import type { TypedArray } from '../../tensor/expression.js';
import { taughtStates } from './conditionals.js';
import { generatedProblem, problemKey, type ProblemSizes } from './posteriors.js';
import { stepProgram, stepValues, type StepSizes } from './program.js';

/** How to pretrain. */
export interface PretrainingOptions {
  readonly seed: number;
  /** Steps in all; the rate falls to zero along half a cosine. */
  readonly iterations: number;
  /** Adam's rate at the first step. */
  readonly learningRate: number;
  /** Width of the network. */
  readonly hidden: number;
}

/** Everything that the next step depends on beside the options. */
export interface PretrainingState {
  readonly parameters: TypedArray;
  readonly first: TypedArray;
  readonly second: TypedArray;
  /** Steps made, as a vector of one. */
  readonly steps: TypedArray;
}

/** How pretraining is watched, kept and stopped. */
export interface PretrainingControl {
  /** After each step: the divergence from what was taught, nats. */
  readonly onProgress?: (progress: {
    readonly done: number;
    readonly total: number;
    readonly loss: number;
  }) => void;
  /** Given the state every `checkpointEvery` steps (default 500), and once more when it is aborted. */
  readonly onCheckpoint?: (state: PretrainingState) => void;
  readonly checkpointEvery?: number;
  readonly signal?: AbortSignal;
}

const sizes = (points: number, problems: number, states: number, batch: number) => ({
  step: { points, problems, states, members: batch - 3 } satisfies StepSizes,
  problem: {
    points: [Math.max(12, Math.ceil(points / 2)), points],
    batch: [3, batch],
  } satisfies ProblemSizes,
});

/** The sizes that iterations take in turn. */
const turns = [
  sizes(100, 4, 8, 16),
  sizes(64, 6, 6, 16),
  sizes(200, 2, 8, 16),
  sizes(100, 4, 8, 30),
  sizes(32, 8, 6, 12),
  sizes(200, 2, 8, 16),
] as const;

/** The sizes of iteration i: the turns, and after four rounds of them a larger pool. */
const sizesAt = (iteration: number): ReturnType<typeof sizes> =>
  iteration % 25 === 24 ? sizes(320, 1, 6, 16) : (turns[iteration % turns.length] ?? turns[0]);

/** The state before the first step. */
export const firstPretrainingState = ({
  seed,
  hidden,
}: Pick<PretrainingOptions, 'seed' | 'hidden'>): PretrainingState => {
  const specs = networkSpecs(hidden);
  const size = parameterCount(specs);
  return {
    parameters: initialParameters(specs, split(keyFromSeed(seed), 0x6d70)),
    first: new Float64Array(size),
    second: new Float64Array(size),
    steps: Float64Array.of(0),
  };
};

/** The problems and states of an iteration as values of its program. */
export const valuesAt = (seed: number, iteration: number) => {
  const { step, problem } = sizesAt(iteration);
  const key = problemKey(seed, 'training', iteration);
  return stepValues(
    step,
    Array.from({ length: step.problems }, (_, p) => {
      const own = split(key, p);
      const made = generatedProblem(split(own, 0), problem, p % 2 === 0 ? 'sharp' : 'broad');
      return { problem: made, states: taughtStates(made, step.states, split(own, 1)) };
    }),
  );
};

/** Programs by their sizes, each loaded when it is first asked for. */
const programs = (engine: Engine, hidden: number) => {
  const loaded = new Map<string, LoadedProgram>();
  return {
    at: (step: StepSizes): TE.TaskEither<Failure, LoadedProgram> => {
      const name = JSON.stringify(step);
      const known = loaded.get(name);
      if (known !== undefined) return TE.right(known);
      return pipe(
        engine.load(stepProgram(hidden, step)),
        TE.map((made) => {
          loaded.set(name, made);
          return made;
        }),
      );
    },
    close: (): void => {
      for (const one of loaded.values()) one.close();
    },
  };
};

const oneStep = (
  loaded: LoadedProgram,
  { seed, iterations, learningRate }: PretrainingOptions,
  state: PretrainingState,
): TE.TaskEither<Failure, { readonly state: PretrainingState; readonly loss: number }> => {
  const done = at(state.steps, 0);
  const carried = ['parameters', 'first', 'second', 'steps'];
  return pipe(
    loaded.run({
      inputs: {
        ...state,
        ...valuesAt(seed, done),
        iterations: Float64Array.of(iterations),
        learningRate: Float64Array.of(learningRate),
      },
      read: ['loss', ...carried],
    }),
    TE.chainEitherK(({ loss: [loss = NaN] = [], ...next }) =>
      Number.isFinite(loss)
        ? E.right({ state: next as unknown as PretrainingState, loss })
        : E.left(
            numericalFailure(
              'pretraining',
              `the loss was not finite after ${done + 1} of ${iterations} iterations`,
              'Lower the learning rate',
            ),
          ),
    ),
  );
};

/**
 * Pretrains from a state to the end of the options' iterations. Fails with Interrupted, with a NumericalFailure where the loss
 * is not finite, and where the engine does.
 */
export const pretrain =
  (
    engine: Engine,
    options: PretrainingOptions,
    start: PretrainingState,
    control: PretrainingControl = {},
  ): TE.TaskEither<Failure, PretrainingState> =>
  async () => {
    const { onCheckpoint, checkpointEvery = 500, onProgress, signal } = control;
    const ready = programs(engine, options.hidden);
    let state = start;
    try {
      for (let done = at(state.steps, 0); done < options.iterations; done++) {
        if (signal?.aborted === true) {
          onCheckpoint?.(state);
          return E.left({ _tag: 'Interrupted', during: 'pretraining' });
        }
        const made = await pipe(
          ready.at(sizesAt(done).step),
          TE.chain((loaded) => oneStep(loaded, options, state)),
        )();
        if (E.isLeft(made)) return made;
        state = made.right.state;
        onProgress?.({ done: done + 1, total: options.iterations, loss: made.right.loss });
        if ((done + 1) % checkpointEvery === 0) onCheckpoint?.(state);
        await turnOfOthers();
      }
      return E.right(state);
    } finally {
      ready.close();
    }
  };
