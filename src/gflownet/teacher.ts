/**
 * What a teacher shows: batches from the target itself, by Gibbs updates on the host in f64 (src/gibbs). Several chains are
 * annealed from uniform batches, β from 0 to 1/T, and give a batch after every sweep or two of b updates.
 *
 * Sources: Geman and Geman (1984) for both, the sampler and its annealing.
 */
import { uniformBatch } from '../gibbs/population.js';
import { isLarge } from '../gibbs/target.js';
import { annealedBeta, update } from '../gibbs/update.js';
import { split, type Key } from '../random/key.js';
import { uniformStream } from '../random/stream.js';
import type { Work } from '../work.js';
import { temperatureRange, type Model } from './model.js';
import { gibbsTargetOf, type Problem } from './problem.js';

/** How a policy is taught while it is trained. */
export interface TeacherOptions {
  /** Taught trajectories a step, beside the policy's own. */
  readonly trajectories: number;
  /** μ at the first step: the weight of imitation beside the objective. */
  readonly weight: number;
  /** Batches that the teacher shows, again and again, each time in another order; at each temperature. */
  readonly draws: number;
}

/** Temperatures at which batches are drawn for a model that serves a range of them, evenly over log T. */
const levels = 9;

/** How many temperatures the batches for a model are drawn at. */
export const taughtLevels = ({ shape: { temperatures } }: Model): number =>
  temperatures === undefined || temperatures[0] === temperatures[1] ? 1 : levels;

/** The updates of a chain as multiples of b: of annealing, at the temperature before the first draw, between two draws. */
const annealed = 5;
const settled = 15;
const between = 1;

/** Chains of pools that are not large, and the draws of one, before there are more chains. */
const maxChains = 64;
const drawsOfChain = 16;

/**
 * The most updates of all chains, where one is dear: of utilities of a problem's own, and evaluations of such in all; of large pools,
 * updates times points.
 */
const maxUpdates = 4000;
const maxEvaluations = 400_000;
const maxNumbers = 2 ** 25;

/** How many chains give how many different batches of `draws`: as many as are paid for. */
const effortFor = ({ target }: ReturnType<typeof gibbsTargetOf>, own: boolean, draws: number) => {
  const { utility, batchSize } = target;
  const { points } = utility;
  const burn = (annealed + settled) * batchSize;
  const batch = utility.batchFrom(Array.from({ length: batchSize }, (_, n) => n));
  batch.gains(0, new Float64Array(points));
  const affordable = !own
    ? isLarge(target)
      ? maxNumbers / points
      : Infinity
    : batch.evaluations() > 0
      ? maxEvaluations / points
      : maxUpdates;
  const chains = Math.max(
    1,
    Math.min(maxChains, Math.ceil(draws / drawsOfChain), Math.floor(affordable / (2 * burn))),
  );
  const left = Math.max(0, affordable - chains * burn);
  return { chains, distinct: Math.min(draws, chains + Math.floor(left / (between * batchSize))) };
};

/**
 * `count` batches from a problem's target at its temperature, [count, b], N in place of points that a smaller batch lacks; the
 * first again where so many are too dear. In steps of an update.
 */
function* drawnAt(problem: Problem, count: number, key: Key): Work<Uint32Array> {
  const { target, beta } = gibbsTargetOf(problem);
  const { points } = target.utility;
  const { batchSize } = target;
  const { chains, distinct } = effortFor({ target, beta }, problem.utility !== undefined, count);
  const table = new Uint32Array(count * batchSize).fill(points);
  const scratch = new Float64Array(points);
  for (let chain = 0; chain < chains; chain++) {
    const uniform = uniformStream(split(split(key, 1), chain));
    const batch = target.utility.batchFrom(uniformBatch(target, split(split(key, 0), chain)));
    let from = 0;
    const sweep = function* (times: number): Work<void> {
      for (const end = from + times * batchSize; from < end; from++) {
        update(target, batch, annealedBeta(beta, from, annealed * batchSize), from, uniform, scratch);
        yield;
      }
    };
    yield* sweep(annealed + settled);
    for (let row = chain; row < distinct; row += chains) {
      if (row > chain) yield* sweep(between);
      table.set(batch.members, row * batchSize);
    }
  }
  for (let row = distinct; row < count; row++)
    table.copyWithin(row * batchSize, (row % distinct) * batchSize, ((row % distinct) + 1) * batchSize);
  return table;
}

/**
 * The teacher's batches for a model on a problem, in steps: u32 [levels · draws, b], N in place of points that a smaller batch lacks:
 * at the problem's temperature, or at {@link taughtLevels} of the model's range from the lowest. The same key gives the same
 * batches.
 */
export function* taughtBatches(
  model: Model,
  problem: Problem,
  { draws }: TeacherOptions,
  key: Key,
): Work<Uint32Array> {
  const count = taughtLevels(model);
  const { middle, half } = temperatureRange(model, problem);
  const { batchSize } = problem;
  const table = new Uint32Array(count * draws * batchSize);
  for (let level = 0; level < count; level++) {
    const temperatureCode = count === 1 ? 0 : (2 * level) / (count - 1) - 1;
    const temperature = middle * Math.exp(temperatureCode * half);
    const drawn = yield* drawnAt({ ...problem, temperature }, draws, split(key, level));
    table.set(drawn, level * draws * batchSize);
  }
  return table;
}
