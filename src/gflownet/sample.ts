/** Drawing batches from a policy, with what is needed to judge and to correct them. */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { at } from '../at.js';
import type { Engine } from '../engine/engine.js';
import { inBlocks } from '../engine/with-program.js';
import type { Failure } from '../failure.js';
import { keyWords, split, type Key } from '../random/key.js';
import type { TypedArray } from '../tensor/expression.js';
import { add, input, sub, sum } from '../tensor/operations.js';
import { program, type Program } from '../tensor/program.js';
import type { WorkControl } from '../work.js';
import { estimatesOf, type Estimates } from './estimates.js';
import { drawn } from './fused/draw.js';
import { modelInputs, problemValues, samplerOf, type Model } from './model.js';
import { stateNumbersOf } from './policy.js';
import { logReward, type Problem } from './problem.js';
import { follow, detached } from './rollout.js';
import { logBackwardOf } from './visits.js';

/** n drawn batches. */
export interface Draws {
  readonly count: number;
  readonly batchSize: number;
  readonly poolSize: number;
  /** n×b indices into the pool, in the order in which the points joined; N, the stop, after the end of a smaller batch. */
  readonly actions: Uint32Array;
  /** log P_F of each trajectory, nats. */
  readonly logForward: Float64Array;
  /** What each step contributed, n×b, nats. */
  readonly steps: {
    readonly logForward: Float64Array;
    readonly logBackward: Float64Array;
    readonly gains: Float64Array;
  };
  /** Joint mutual information of each batch by the problem's features, nats. */
  readonly jointMutualInformation: Float64Array;
  /** log R + log P_B − log P_F of each, nats. */
  readonly logWeights: Float64Array;
  readonly estimates: Estimates;
}

/**
 * The program that draws `side` batches with each of the keys (u32 [K, 2]): outputs `actions` (whole numbers as floats),
 * `logForward`, `logBackward` and `gains` (nats), all [K·side, b]. Where the keys are carried, what does not depend on them is
 * computed once for all runs. Throws a RangeError for a pool of more than 2²⁴ points.
 */
export const drawProgram = (model: Model, side: number, keys = 1, carried = false): Program => {
  const inputs = modelInputs(model);
  const words = input('keys', 'u32', [keys, 2]);
  return program(
    drawn(model, inputs, words, side),
    carried ? { keys: add(words, 0) } : {},
    Object.values(inputs),
  );
};

/** Assembles draws from what the program returned in parts. */
const assemble = (
  problem: Problem,
  count: number,
  parts: readonly Readonly<Record<string, TypedArray>>[],
): Draws => {
  const { batchSize } = problem;
  const poolSize = problem.whitened.rows;
  const all = (name: string): number[] => parts.flatMap((part) => Array.from(part[name] ?? []));
  const actions = Uint32Array.from(all('actions').slice(0, count * batchSize));
  const perStep = (name: string): Float64Array => Float64Array.from(all(name).slice(0, count * batchSize));
  const steps = {
    logForward: perStep('logForward'),
    logBackward: perStep('logBackward'),
    gains: perStep('gains'),
  };
  const sums = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: count }, (_, i) =>
      values.subarray(i * batchSize, (i + 1) * batchSize).reduce((total, x) => total + x, 0),
    );
  const logForward = sums(steps.logForward);
  const logBackward = sums(steps.logBackward);
  // In f64 from the batch itself: at low temperatures the rounding of f32 gains would be nats of log R.
  const logRewards = Float64Array.from({ length: count }, (_, i) =>
    logReward(
      problem,
      actions.subarray(i * batchSize, (i + 1) * batchSize).filter((action) => action < poolSize),
    ),
  );
  const logWeights = logRewards.map((log, i) => log + at(logBackward, i) - at(logForward, i));
  return {
    count,
    batchSize,
    poolSize,
    actions,
    logForward,
    steps,
    jointMutualInformation: sums(steps.gains),
    logWeights,
    estimates: estimatesOf(logWeights),
  };
};

/** The drawn batches: the indices of each, in the order in which the points joined. */
export const batchesOf = ({ actions, count, batchSize, poolSize }: Draws): readonly (readonly number[])[] =>
  Array.from({ length: count }, (_, i) =>
    Array.from(actions.subarray(i * batchSize, (i + 1) * batchSize)).filter((action) => action < poolSize),
  );

/** Numbers of states side by side in one run of a program: 128 MiB in f32. */
const maxNumbers = 2 ** 25;

/** What a state of a model takes. */
const numbersOf = ({ policy, shape }: Model): number => stateNumbersOf(policy, shape.poolSize);

/** Trajectories that are drawn with one key, as the numbers of a state allow. */
const sideOf = (numbers: number): number => Math.max(1, Math.min(256, Math.floor(maxNumbers / numbers)));

/**
 * Keys of one run: at most four and as the numbers of a state allow, the same in every run, so that none is spent in vain. One
 * on the CPU: there a run costs nothing by itself, and each key makes the program longer, which takes time to plan.
 */
const keysOf = ({ kind }: Engine, numbers: number, side: number, blocks: number): number =>
  (kind === 'cpu' ? [] : [4, 3, 2]).find(
    (keys) => blocks % keys === 0 && keys * side * numbers <= maxNumbers,
  ) ?? 1;

/**
 * Draws `count` batches from a policy with the given flat parameters, 256 to a key or, of large pools, fewer. The same key
 * gives the same batches. Fails where the engine does, and with Interrupted once the signal of `control` is aborted; throws a
 * RangeError for a pool of more than 2²⁴ points.
 */
export const draw = (
  engine: Engine,
  model: Model,
  problem: Problem,
  parameters: TypedArray,
  count: number,
  key: Key,
  control?: WorkControl,
): TE.TaskEither<Failure, Draws> => {
  const numbers = numbersOf(model);
  const side = Math.min(count, sideOf(numbers));
  const blocks = Math.ceil(count / side);
  const keys = keysOf(engine, numbers, side, blocks);
  return pipe(
    inBlocks(
      engine,
      drawProgram(model, side, keys, engine.kind === 'cpu' && blocks > 1),
      blocks / keys,
      { ...problemValues(model, problem), parameters },
      (run) => ({
        keys: Uint32Array.from(
          Array.from({ length: keys }, (_, k) => Array.from(keyWords(split(key, run * keys + k)))).flat(),
        ),
      }),
      control,
    ),
    TE.map((parts) => assemble(problem, count, parts)),
  );
};

/**
 * log P_B − log P_F of given trajectories (nats, [count]): `orders` holds count×b points in the order in which they
 * join, N (the stop) after the end of a smaller batch. Fails where the engine does.
 */
export const logRatiosOfOrders = (
  engine: Engine,
  model: Model,
  problem: Problem,
  parameters: TypedArray,
  orders: Uint32Array,
): TE.TaskEither<Failure, Float64Array> => {
  const { batchSize } = problem;
  const count = orders.length / batchSize;
  const width = Math.min(sideOf(numbersOf(model)), count);
  const inputs = modelInputs(model);
  const sampler = detached(samplerOf(model, inputs));
  const trajectories = follow(sampler, input('orders', 'u32', [width, batchSize]));
  const logRatio = sum(sub(logBackwardOf(sampler, trajectories), trajectories.logForward), [1]);
  const rows = (block: number): Uint32Array => {
    // The last block is filled up with the first trajectories, whose answers are dropped.
    const whole = orders.slice(0, width * batchSize);
    whole.set(orders.subarray(block * width * batchSize, (block + 1) * width * batchSize));
    return whole;
  };
  return pipe(
    inBlocks(
      engine,
      program({ logRatio }, {}, Object.values(inputs)),
      Math.ceil(count / width),
      { ...problemValues(model, problem), parameters },
      (block) => ({ orders: rows(block) }),
    ),
    TE.map((parts) =>
      Float64Array.from(parts.flatMap((part) => Array.from(part['logRatio'] ?? [])).slice(0, count)),
    ),
  );
};
