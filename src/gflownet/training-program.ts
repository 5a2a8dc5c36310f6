/**
 * One training step as a program of the engine: it draws trajectories, adds the teacher's and replayed ones, scores all in one
 * pass, and makes one step of the optimiser. Parameters, moments, the step count, the random key and the memory are its carry
 * and stay on the device. Where there is a teacher,
 *
 *   loss = σ log(1 + L / σ) − μ · mean over taught τ of Σ_t log P_F,    σ = 10 nats²
 *
 * with L the objective's loss of all trajectories. The second term is KL(target · P_B ‖ P_F) up to a constant: unlike the
 * policy's own trajectories it knows every mode of the target from the first step. Both are least at the exact policy, but
 * imitation only of endless draws: μ falls to zero along a line, and what is taught stays in L throughout. L is in squares of
 * nats, thousands of them at first, and would drown imitation; by its logarithm it is held to a like slope.
 */
import { isTraced } from './fused/layout.js';
import { tracedRollout } from './fused/traced-rollout.js';
import { linearDecay } from '../nn/schedule.js';
import { randomUniform, splitKey } from '../tensor/derived/random.js';
import { mean } from '../tensor/derived/softmax.js';
import type { Tensor } from '../tensor/expression.js';
import { gradient } from '../tensor/gradient.js';
import {
  add,
  cast,
  div,
  exp,
  gather,
  input,
  less,
  log,
  mul,
  neg,
  scalar,
  select,
  slice,
  sub,
  sum,
} from '../tensor/operations.js';
import { program, type Program } from '../tensor/program.js';
import { modelInputs, samplerOf, scoringOf, type Model } from './model.js';
import type { ScoredTrajectories } from './objective.js';
import { objectives, type ObjectiveName } from './objectives/index.js';
import { backwardOrders } from './orders.js';
import { recall, remember, type ReplayOptions } from './replay.js';
import type { Problem } from './problem.js';
import { isLarge, policyGradient } from './policy-gradient.js';
import { firstRows, follow, detached, rollout, type Sampler, type Trajectories } from './rollout.js';
import { scoreTrajectories, together } from './score.js';
import { taughtLevels, type TeacherOptions } from './teacher.js';
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
  /** Draws from the target that are imitated; none if left out. */
  readonly teacher?: TeacherOptions;
  /** Past trajectories that are trained on again; none if left out. */
  readonly replay?: ReplayOptions;
}

/**
 * The memory with a step's fresh trajectories, and some of its own again. Throws a RangeError for one that cannot hold a
 * step's trajectories.
 */
const memoryOf = (
  { shape: { batchSize } }: Model,
  { trajectories, replay }: TrainingOptions,
  fresh: Tensor,
  { key, steps }: ReturnType<typeof updateInputs>,
): { readonly memory: Tensor; readonly again: Tensor } | undefined => {
  if (replay === undefined || replay.trajectories === 0) return undefined;
  if (replay.capacity < trajectories)
    throw new RangeError(
      `train: a memory of ${replay.capacity} trajectories is smaller than the ${trajectories} of one step; raise its capacity`,
    );
  const memory = remember(input('replay', 'u32', [replay.capacity, batchSize]), fresh);
  const inMemory = mul(add(steps, 1), trajectories);
  return { memory, again: recall(splitKey(key, 3), memory, inMemory, replay.trajectories) };
};

/** Training on a policy's own trajectories alone. */
export const withoutTeacher = ({ teacher, ...options }: TrainingOptions): TrainingOptions =>
  teacher === undefined ? options : { ...options };

/** The teacher of a training: it draws no more than it comes to show. */
export const teacherOf = ({ teacher, iterations }: TrainingOptions): TeacherOptions | undefined =>
  teacher === undefined
    ? undefined
    : {
        ...teacher,
        draws: Math.max(1, Math.min(teacher.draws, Math.ceil(iterations * teacher.trajectories))),
      };

/** Where log T lies in a step: the level of the teacher's draws (u32, a scalar), and the place of that in the range. */
const temperatureOfStep = (model: Model, teacher: TeacherOptions | undefined, key: Tensor, half: Tensor) => {
  const { dtype } = half;
  const uniform = randomUniform(splitKey(key, 2), dtype, []);
  const levels = taughtLevels(model);
  if (teacher === undefined || levels === 1)
    return { level: scalar(0, 'u32'), temperatureCode: select(less(0, half), sub(mul(2, uniform), 1), 0) };
  const level = cast(mul(uniform, levels), 'u32');
  return { level, temperatureCode: sub(mul(cast(level, dtype), 2 / (levels - 1)), 1) };
};

/** Orders u32 [·, b] of some of the teacher's batches at a level, from the backward policy. */
const taughtOrders = (
  model: Model,
  sampler: Sampler,
  { trajectories, draws }: TeacherOptions,
  level: Tensor,
  key: Tensor,
): Tensor => {
  const table = input('taught', 'u32', [taughtLevels(model) * draws, model.shape.batchSize]);
  const uniform = randomUniform(splitKey(key, 0), sampler.prior.features.dtype, [trajectories]);
  const rows = add(mul(level, draws), cast(mul(uniform, draws), 'u32'));
  return backwardOrders(sampler, gather(table, rows), splitKey(key, 1));
};

/** σ, nats². */
const bend = 10;

/** The loss with a teacher, from the objective's of all trajectories and log P_F [taught, b] of those that are taught. */
const withImitation = (objective: Tensor, logForward: Tensor, weight: Tensor): Tensor =>
  sub(mul(bend, log(add(1, div(objective, bend)))), mul(weight, mean(sum(logForward, [1]))));

/** Trajectories of one source, drawn and scored, and the gradient [parameters] for weights [S, b] of their log P_F. */
interface Source {
  readonly drawn: Trajectories;
  readonly scored: ScoredTrajectories;
  readonly gradient: (weights: Tensor) => Tensor;
}

/** The gradient of a loss: directly, and by way of the steps' log-probabilities. */
const slopeOf = (loss: Tensor, parameters: Tensor, sources: readonly Source[]): Tensor => {
  const leaves = sources.map(({ scored }) => scored.logForward);
  const [direct, ...weights] = gradient(loss, [parameters, ...leaves]);
  return sources.reduce((slope, source, i) => add(slope, source.gradient(weights[i] ?? loss)), direct);
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
  const teacher = teacherOf(options);
  const given = modelInputs(model);
  const own = updateInputs(model);
  const { dtype, poolSize, batchSize } = model.shape;
  const { key, steps } = own;
  const exploration = mul(input('exploration', dtype, []), linearDecay(steps, own.iterations, 0.5));

  // One temperature a step, log-uniform in the model's range: all its trajectories share a log Z.
  const half = input('halfRange', dtype, []);
  const { level, temperatureCode } = temperatureOfStep(model, teacher, key, half);
  const inverseTemperature = mul(given.inverseTemperature, exp(neg(mul(half, temperatureCode))));
  const { inputs, utility } = scoringOf(model, worth);
  const attached = { ...samplerOf(model, { ...given, inverseTemperature, temperatureCode }), utility };
  const sampler = detached(attached, isLarge(poolSize, batchSize, options.trajectories));
  const sourceOf = (
    drawn: Trajectories,
    slope = (weights: Tensor) => policyGradient(attached, sampler, drawn, weights, given.parameters),
  ): Source => {
    const scored = scoreTrajectories(attached, drawn, options.forwardLooking);
    return { drawn, scored, gradient: slope };
  };

  // What is taught walks beside what is drawn: as many operations as for one of the two.
  const { trajectories } = options;
  const shown =
    teacher === undefined ? {} : { given: taughtOrders(model, sampler, teacher, level, splitKey(key, 4)) };
  const beside = { exploration, ...shown };
  const tempered = { ...given, inverseTemperature, temperatureCode };
  const traced = isTraced(model, trajectories + (teacher?.trajectories ?? 0))
    ? tracedRollout(model, tempered, sampler, trajectories, key, beside)
    : { trajectories: rollout(sampler, trajectories, splitKey(key, 0), beside), gradient: undefined };
  const walked = sourceOf(traced.trajectories, traced.gradient);
  const drawn = firstRows(walked.drawn.actions, trajectories);
  const replayed = memoryOf(model, options, drawn, own);
  const sources = [walked, ...(replayed === undefined ? [] : [sourceOf(follow(sampler, replayed.again))])];
  const { logReward, logBackward, logForward } = walked.scored;
  const logWeights = add(logReward, sum(sub(logBackward, logForward), [1]));
  const elbo = mean(slice(logWeights, [0], [trajectories]));
  const objective = objectives[options.objective].loss(
    sources.map(({ scored }) => scored).reduce((all, next) => together(all, next)),
  );
  const imitated = (): Tensor =>
    slice(logForward, [trajectories, 0], [teacher?.trajectories ?? 0, batchSize]);
  const imitation = mul(teacher?.weight ?? 0, linearDecay(steps, own.iterations, 1));
  const loss = teacher === undefined ? objective : withImitation(objective, imitated(), imitation);
  const slope = slopeOf(loss, given.parameters, sources);
  const remembered = replayed === undefined ? {} : { replay: replayed.memory };
  const next = { ...update(model, given.parameters, slope, own), ...remembered };
  return program({ loss, elbo }, next, [...Object.values(given), ...Object.values(inputs)]);
};
