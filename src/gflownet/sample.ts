/** Drawing batches from a policy, with what is needed to judge and to correct them. */
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Engine, LoadedProgram } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import { keyWords, split, type Key } from '../random/key.js';
import { splitKey } from '../tensor/derived/random.js';
import type { TypedArray } from '../tensor/expression.js';
import { input, sum } from '../tensor/operations.js';
import { program, type Program } from '../tensor/program.js';
import { estimatesOf, type Estimates } from './estimates.js';
import { logUniformBackward } from './environment.js';
import { modelInputs, problemValues, samplerOf, type Model } from './model.js';
import type { Problem } from './problem.js';
import { rollout, scoreTrajectories } from './rollout.js';

/** n drawn batches. */
export interface Draws {
  readonly count: number;
  readonly batchSize: number;
  /** n×b indices into the pool, in the order in which the points joined. */
  readonly batches: Uint32Array;
  /** log P_F of each trajectory, nats. */
  readonly logForward: Float64Array;
  /** Joint mutual information of each batch, nats. */
  readonly jointMutualInformation: Float64Array;
  /** log R + log P_B − log P_F of each, nats. */
  readonly logWeights: Float64Array;
  readonly estimates: Estimates;
}

/** The program that draws `count` batches: outputs `actions` [n, b], `logForward` [n] and `reward` [n] (JMI, nats). */
export const drawProgram = (model: Model, count: number): Program => {
  const inputs = modelInputs(model);
  const sampler = samplerOf(model, inputs);
  const key = input('key', 'u32', [2]);
  const trajectories = rollout(sampler, count, splitKey(key, 0));
  return program(
    {
      actions: trajectories.actions,
      logForward: sum(scoreTrajectories(sampler, trajectories), [1]),
      reward: sum(trajectories.gains, [1]),
    },
    {},
    Object.values(inputs),
  );
};

/** Assembles draws from what the program returned in parts. */
const assemble = (
  problem: Problem,
  count: number,
  parts: readonly Readonly<Record<string, TypedArray>>[],
): Draws => {
  const { batchSize, temperature } = problem;
  const all = (name: string): number[] => parts.flatMap((part) => Array.from(part[name] ?? []));
  const batches = Uint32Array.from(all('actions').slice(0, count * batchSize));
  const logForward = Float64Array.from(all('logForward').slice(0, count));
  const reward = Float64Array.from(all('reward').slice(0, count));
  const logBackward = logUniformBackward(batchSize).reduce((total, log) => total + log, 0);
  const logWeights = reward.map((jmi, i) => jmi / temperature + logBackward - (logForward[i] ?? 0));
  return {
    count,
    batchSize,
    batches,
    logForward,
    jointMutualInformation: reward,
    logWeights,
    estimates: estimatesOf(logWeights),
  };
};

/** Batches drawn side by side in one run of the program. */
const side = 256;

/**
 * Draws `count` batches from a policy with the given flat parameters, 256 at a time. The same key gives the same
 * batches. Fails where the engine does.
 */
export const draw = (
  engine: Engine,
  model: Model,
  problem: Problem,
  parameters: TypedArray,
  count: number,
  key: Key,
): TE.TaskEither<Failure, Draws> => {
  const parts = Math.ceil(count / side);
  const runAll = (loaded: LoadedProgram) =>
    pipe(
      Array.from({ length: parts }, (_, i) => i),
      TE.traverseSeqArray((i) =>
        loaded.run({
          inputs: {
            ...(i === 0 ? { ...problemValues(problem), parameters } : {}),
            key: keyWords(split(key, i)),
          },
        }),
      ),
      TE.map((results) => assemble(problem, count, results)),
    );
  return TE.bracket(engine.load(drawProgram(model, Math.min(count, side))), runAll, (loaded) =>
    TE.fromIO(() => loaded.close()),
  );
};
