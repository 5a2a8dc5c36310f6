/**
 * Where training begins: fresh parameters, with the size biases of the state flows and of the stop from a pilot rollout under them.
 *
 * The pilot rollout draws batches of the largest size. Along one of its trajectories, with the log weight from size k to size j
 *
 *   w_kj = Σ_{k ≤ t < j} ( log of the reward's growth + log P_B − log P_F )
 *
 * the sum Σ_j e^{w_kj} over the sizes j ≥ k that batches have is an unbiased estimate of F(s_k) / R(s_k), so that the mean
 * of its log is a lower bound of log F(s_k) in expectation. The exact policy stops with odds R(s_k) : F(s_k) − R(s_k).
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../engine/engine.js';
import { withProgram } from '../engine/with-program.js';
import type { Failure } from '../failure.js';
import { logSumExp } from '../linear-algebra/log-sum.js';
import { parameterOffset } from '../nn/parameters.js';
import { keyWords, split, type Key } from '../random/key.js';
import { splitKey } from '../tensor/derived/random.js';
import { logSumExp as logSumExpOf } from '../tensor/derived/softmax.js';
import type { TypedArray } from '../tensor/expression.js';
import { add, concat, input, reshape, sub } from '../tensor/operations.js';
import { program, type Program } from '../tensor/program.js';
import { allowedActions } from './environment.js';
import {
  firstParameters,
  modelInputs,
  problemValues,
  samplerOf,
  scoringOf,
  scoringValues,
  temperatureRange,
  type Model,
} from './model.js';
import { sizeBiasesThrough } from './state-network.js';
import { objectives } from './objectives/index.js';
import { stateNumbersOf } from './policy.js';
import { batchSizes, type Problem } from './problem.js';
import { logitsAt, logRewardSteps, rollout } from './rollout.js';
import { firstState, type TrainingState } from './train.js';
import type { TrainingOptions } from './training-program.js';
import { logBackwardOf } from './visits.js';

/** Numbers of the states of a pilot rollout: 128 MiB in f32. */
const maxNumbers = 2 ** 25;

/** Trajectories of the pilot rollout: 256, or as many as the numbers of a state allow. */
const pilotSizeOf = ({ policy, shape }: Model): number =>
  Math.max(16, Math.min(256, Math.floor(maxNumbers / stateNumbersOf(policy, shape.poolSize))));

/** Per step of the pilot rollout, all [n, b]: `rewards` (log R's growth), `weights` (that + log P_B − log P_F), `mass` (of points). */
const pilotProgram = (model: Model, problem: Problem): Program => {
  const pilot = pilotSizeOf(model);
  const inputs = modelInputs(model);
  // Where sizes vary, a smallest size that no state before the end reaches: nothing stops.
  const { inputs: tables, utility } = scoringOf(model, problem);
  const own = { ...samplerOf(model, inputs), utility };
  const sampler = own.stopFrom === undefined ? own : { ...own, stopFrom: own.batchSize };
  const trajectories = rollout(sampler, pilot, splitKey(input('key', 'u32', [2]), 0));
  const rewards = logRewardSteps(sampler, trajectories);
  const ratio = sub(logBackwardOf(sampler, trajectories), trajectories.logForward);
  const mass = trajectories.states.map((state) =>
    reshape(logSumExpOf(logitsAt(sampler, state), allowedActions(state, sampler.stopFrom)), [pilot, 1]),
  );
  return program({ rewards, weights: add(rewards, ratio), mass: concat(mass, 1) }, {}, [
    ...Object.values(inputs),
    ...Object.values(tables),
  ]);
};

/** Levels by size, nats: of the state flows (less log R(s) if they look forward), and of the stop. */
interface Levels {
  readonly flow: Float64Array;
  readonly stop: Float64Array;
}

const biasesOf = (
  problem: Problem,
  pilot: number,
  answers: Readonly<Record<string, TypedArray>>,
  forwardLooking: boolean,
): Levels => {
  const [smallest, largest] = batchSizes(problem);
  const at = (name: string, i: number, step: number): number => answers[name]?.[i * largest + step] ?? NaN;
  const flow = new Float64Array(largest);
  const stop = new Float64Array(largest);
  const fromStart: number[] = [];
  for (let i = 0; i < pilot; i++) {
    let partial = 0;
    for (let k = 0; k < largest; k++) {
      // w_kj of the sizes above k, and of k itself.
      const above: number[] = [];
      let weight = 0;
      for (let j = k; j < largest; j++) {
        weight += at('weights', i, j);
        if (j + 1 >= smallest) above.push(weight);
      }
      const all = logSumExp(k >= smallest ? [0, ...above] : above);
      if (k === 0) fromStart.push(all);
      flow[k] = (flow[k] ?? NaN) + (all + (forwardLooking ? 0 : partial)) / pilot;
      stop[k] = (stop[k] ?? NaN) + (at('mass', i, k) - logSumExp(above)) / pilot;
      partial += at('rewards', i, k);
    }
  }
  // Of the empty set the mean itself can be taken before the log.
  return { flow: flow.with(0, logSumExp(fromStart) - Math.log(pilot)), stop };
};

/** Levels at one temperature code, by a pilot rollout there. */
const biasesAt = (
  engine: Engine,
  model: Model,
  problem: Problem,
  parameters: TypedArray,
  forwardLooking: boolean,
  key: Key,
): TE.TaskEither<Failure, Levels> => {
  const inputs = {
    ...problemValues(model, problem),
    ...scoringValues(problem),
    ...{ parameters, key: keyWords(key) },
  };
  return pipe(
    withProgram(engine, pilotProgram(model, problem), (loaded) => loaded.run({ inputs })),
    TE.map((answers) => biasesOf(problem, pilotSizeOf(model), answers, forwardLooking)),
  );
};

/**
 * A first training state, of fresh parameters or of those given, for an objective. The size biases are estimated anew where there
 * are any to learn: of flows, or of the stop where sizes vary. The same key gives the same bits. Fails where the engine does.
 */
export const startTraining = (
  engine: Engine,
  model: Model,
  problem: Problem,
  { objective, forwardLooking }: Pick<TrainingOptions, 'objective' | 'forwardLooking'>,
  key: Key,
  given?: TypedArray,
): TE.TaskEither<Failure, TrainingState> => {
  const parameters = given === undefined ? firstParameters(model, key) : Float64Array.from(given);
  if (!objectives[objective].learnsFlows && !('stopLevels' in model.specs))
    return TE.right(firstState(parameters, key));
  const { middle, half } = temperatureRange(model, problem);
  const places = half === 0 ? [0] : [-1, 0, 1];
  return pipe(
    places,
    TE.traverseSeqArray((temperatureCode) => {
      const at = { ...problem, temperature: middle * Math.exp(temperatureCode * half) };
      return biasesAt(engine, model, at, parameters, forwardLooking, split(key, 2));
    }),
    TE.map((pilots) => {
      parameters.set(
        sizeBiasesThrough(pilots.map(({ flow }) => flow)),
        parameterOffset(model.specs, 'flowLevels'),
      );
      if ('stopLevels' in model.specs)
        parameters.set(
          sizeBiasesThrough(pilots.map(({ stop }) => stop)),
          parameterOffset(model.specs, 'stopLevels'),
        );
      return firstState(parameters, key);
    }),
  );
};
