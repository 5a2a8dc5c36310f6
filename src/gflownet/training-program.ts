/**
 * One training step as a program of the engine: it draws trajectories, adds replayed ones, scores all in one pass, and makes
 * one step of the optimiser. Parameters, moments, the step count, the random key and the memory are its carry and stay on
 * the device.
 */
import { linearDecay } from '../nn/schedule.js';
import { randomUniform, splitKey } from '../tensor/derived/random.js';
import { mean } from '../tensor/derived/softmax.js';
import type { Tensor } from '../tensor/expression.js';
import { gradient } from '../tensor/gradient.js';
import { add, exp, input, less, mul, neg, select, sub, sum } from '../tensor/operations.js';
import { program, type Program } from '../tensor/program.js';
import { modelInputs, samplerOf, scoringOf, type Model } from './model.js';
import type { ScoredTrajectories } from './objective.js';
import { objectives, type ObjectiveName } from './objectives/index.js';
import { recall, remember, type ReplayOptions } from './replay.js';
import type { Problem } from './problem.js';
import { isLarge, policyGradient } from './policy-gradient.js';
import { follow, held, rollout, type Trajectories } from './rollout.js';
import { scoreTrajectories, together } from './score.js';
import { update, updateInputs } from './update.js';

/** How to train. */
export interface TrainingOptions {
  readonly objective: ObjectiveName;
  /** Whether the flow of a state carries its exact partial reward; no matter to objectives without state flows. */
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
  /** Past trajectories that are trained on again; none if left out. */
  readonly replay?: ReplayOptions;
}

/** The memory that a program with replay carries. Throws a RangeError for one that cannot hold a step's trajectories. */
const memoryOf = (
  { shape: { batchSize } }: Model,
  { trajectories }: TrainingOptions,
  replay: ReplayOptions,
) => {
  if (replay.capacity < trajectories)
    throw new RangeError(
      `train: a memory of ${replay.capacity} trajectories is smaller than the ${trajectories} of one step; raise its capacity`,
    );
  return input('replay', 'u32', [replay.capacity, batchSize]);
};

/**
 * The program of one training step on problems of some worth (JMI if left out); outputs `loss` and `elbo` (nats) of the
 * step's own trajectories.
 */
export const trainingProgram = (
  model: Model,
  options: TrainingOptions,
  worth: Pick<Problem, 'utility'> = {},
): Program => {
  const given = modelInputs(model);
  const own = updateInputs(model);
  const { dtype } = model.shape;
  const { key, steps } = own;
  const exploration = mul(input('exploration', dtype, []), linearDecay(steps, own.iterations, 0.5));

  // One temperature a step, log-uniform in the model's range: all its trajectories share a log Z.
  const half = input('halfRange', dtype, []);
  const place = select(less(0, half), sub(mul(2, randomUniform(splitKey(key, 2), dtype, [])), 1), 0);
  const inverseTemperature = mul(given.inverseTemperature, exp(neg(mul(half, place))));
  const { inputs, utility } = scoringOf(model, worth);
  const live = { ...samplerOf(model, { ...given, inverseTemperature, place }), utility };
  const declared = [...Object.values(given), ...Object.values(inputs)];
  const { poolSize, batchSize } = model.shape;
  const sampler = held(live, isLarge(poolSize, batchSize, options.trajectories));

  const trajectories = rollout(sampler, options.trajectories, splitKey(key, 0), exploration);
  const fresh = scoreTrajectories(live, trajectories, options.forwardLooking);
  const elbo = mean(add(fresh.logReward, sum(sub(fresh.logBackward, fresh.logForward), [1])));
  const lossOf = objectives[options.objective].loss;
  /** The gradient of a loss of some scored trajectories: directly, and by way of the steps' log-probabilities. */
  const slopeOf = (
    loss: Tensor,
    sources: readonly (readonly [Trajectories, ScoredTrajectories])[],
  ): Tensor => {
    const leaves = sources.map(([, scored]) => scored.logForward);
    const [direct = given.parameters, ...weights] = gradient(loss, [given.parameters, ...leaves]);
    return sources.reduce(
      (slope, [drawn], i) =>
        add(slope, policyGradient(live, sampler, drawn, weights[i] ?? loss, given.parameters)),
      direct,
    );
  };

  const { replay } = options;
  if (replay === undefined || replay.trajectories === 0) {
    const loss = lossOf(fresh);
    const slope = slopeOf(loss, [[trajectories, fresh]]);
    return program({ loss, elbo }, update(model, given.parameters, slope, own), declared);
  }
  const memory = remember(memoryOf(model, options, replay), trajectories.actions);
  const inMemory = mul(add(steps, 1), options.trajectories);
  const again = follow(sampler, recall(splitKey(key, 3), memory, inMemory, replay.trajectories));
  const replayed = scoreTrajectories(live, again, options.forwardLooking);
  const loss = lossOf(together(fresh, replayed));
  const slope = slopeOf(loss, [
    [trajectories, fresh],
    [again, replayed],
  ]);
  return program(
    { loss, elbo },
    { ...update(model, given.parameters, slope, own), replay: memory },
    declared,
  );
};
