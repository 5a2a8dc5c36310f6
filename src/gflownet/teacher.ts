/**
 * What a teacher shows: batches from the target itself, by Gibbs updates on the host in f64 (src/gibbs). Several chains are
 * annealed from uniform batches, β from 0 to 1/T, and give a batch after every sweep or two of b updates.
 *
 * Sources: Geman and Geman (1984) for both, the sampler and its annealing.
 */
import { updates } from '../gibbs/update.js';
import { split, type Key } from '../random/key.js';
import { below, uniformStream } from '../random/stream.js';
import { uniformSubset } from '../random/subset.js';
import { temperatureRange, type Model } from './model.js';
import { batchSizes, gibbsTargetOf, type Problem } from './problem.js';

/** How a policy is taught while it is trained. */
export interface TeacherOptions {
  /** Taught trajectories a step, beside the policy's own. */
  readonly trajectories: number;
  /** μ: the weight of imitation beside the objective. */
  readonly weight: number;
  /** Batches that the teacher shows, again and again, each time in another order; at each temperature. */
  readonly draws: number;
}

/** Temperatures at which batches are drawn for a model that serves a range of them, evenly over log T. */
const levels = 9;

/** How many temperatures the batches for a model are drawn at. */
export const taughtLevels = ({ shape: { temperatures } }: Model): number =>
  temperatures === undefined || temperatures[0] === temperatures[1] ? 1 : levels;

/** Chains, and the updates of each as multiples of b: of annealing, at the temperature before the first draw, between draws. */
const chains = 64;
const annealed = 10;
const settled = 15;
const between = 2;

/** `count` batches from a problem's target at its temperature, [count, b], N in place of points that a smaller batch lacks. */
const drawnAt = (problem: Problem, count: number, key: Key): Uint32Array => {
  const { target, beta } = gibbsTargetOf(problem);
  const { points } = target.utility;
  const [smallest, largest] = batchSizes(problem);
  const table = new Uint32Array(count * largest).fill(points);
  const scratch = new Float64Array(points);
  const running = Math.min(chains, count);
  for (let chain = 0; chain < running; chain++) {
    const uniform = uniformStream(split(split(key, 1), chain));
    const size = smallest + below(largest - smallest + 1, uniform());
    const batch = target.utility.batchFrom(uniformSubset(split(split(key, 0), chain), points, size));
    const heating = annealed * largest;
    for (let step = 0; step < heating; step++)
      updates(target, batch, beta * (step / heating) ** 2, { from: step, count: 1 }, uniform, scratch);
    let from = heating;
    const run = (sweeps: number): void => {
      updates(target, batch, beta, { from, count: sweeps * largest }, uniform, scratch);
      from += sweeps * largest;
    };
    run(settled);
    for (let row = chain; row < count; row += running) {
      table.set(batch.members, row * largest);
      run(between);
    }
  }
  return table;
};

/**
 * The teacher's batches for a model on a problem, u32 [levels · draws, b], N in place of points that a smaller batch lacks:
 * at the problem's temperature, or at {@link taughtLevels} of the model's range from the lowest. The same key gives the same
 * batches.
 */
export const taughtBatches = (
  model: Model,
  problem: Problem,
  { draws }: TeacherOptions,
  key: Key,
): Uint32Array => {
  const count = taughtLevels(model);
  const { middle, half } = temperatureRange(model, problem);
  const { batchSize } = problem;
  const table = new Uint32Array(count * draws * batchSize);
  for (let level = 0; level < count; level++) {
    const place = count === 1 ? 0 : (2 * level) / (count - 1) - 1;
    const temperature = middle * Math.exp(place * half);
    table.set(drawnAt({ ...problem, temperature }, draws, split(key, level)), level * draws * batchSize);
  }
  return table;
};
