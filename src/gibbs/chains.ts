/**
 * The tasks that drawing and annealing fall into, and how each is done. They are plain data and depend on nothing of each other, so
 * that other threads can do them (parts.ts): each has a key of its own, and leaves batches as if there were no other.
 */
import { type Key, split } from '../random/key.js';
import { below, uniformStream, type UniformStream } from '../random/stream.js';
import type { MutableBatch } from '../reward/mutable-batch.js';
import { present } from '../present.js';
import type { MeetingTime } from './certificate.js';
import { samePoints, updateTogether } from './coupling.js';
import { populationOf, uniformBatch } from './population.js';
import type { BatchTarget } from './target.js';
import { annealedBeta, update, updates } from './update.js';

/** What tasks have in common. */
interface OfTask<Kind extends string> {
  readonly kind: Kind;
  readonly beta: number;
  readonly key: Key;
  /** What it counts for in progress. */
  readonly units: number;
}

/** A pair of chains, from its start to its meeting, or to so many updates together. */
export interface MeetTask extends OfTask<'meet'> {
  /** Batches that chains may begin with. */
  readonly starts?: readonly (readonly number[])[];
  readonly lag: number;
  readonly maxUpdates: number;
}

/** A chain that goes on from a batch, where it stood at the update `from`: so many draws, the first at the update `begun`. */
export interface DrawsTask extends OfTask<'draws'> {
  readonly members: readonly number[];
  readonly from: number;
  readonly begun: number;
  /** Updates from one draw to the next. */
  readonly spacing: number;
}

/** A population of chains, to β; its steps are given, or chosen where they are not. */
export interface PopulationTask extends OfTask<'population'> {
  readonly chains: number;
  /** Of each chain at each β. */
  readonly updates: number;
  readonly betas: readonly number[];
}

/** A task. */
export type ChainTask = MeetTask | DrawsTask | PopulationTask;

/** Where a chain stood when it met its partner, and when that was. */
export interface Met {
  readonly time: MeetingTime;
  readonly members: readonly number[];
}

/** What a population came to: the steps of β, log Z at the last, where its chains stand, and evaluations of U. */
export interface Populated {
  readonly betas: readonly number[];
  readonly logPartition: number;
  readonly batches: readonly (readonly number[])[];
  readonly evaluations: number;
}

/** The answers to tasks. */
export interface ChainAnswers {
  readonly meet: Met;
  readonly draws: readonly (readonly number[])[];
  readonly population: Populated;
}

/** A task on its way to its answer, in steps that tell how many of its units are done. */
export type Doing<A> = Generator<number, A>;

/** Does the tasks of a target, one after the other. */
export interface Chains {
  readonly doing: (task: ChainTask) => Doing<ChainAnswers[ChainTask['kind']]>;
  /** Evaluations of U by pairs and draws so far. */
  readonly evaluations: () => number;
}

/** Updates of the annealed start, in multiples of b. */
const ramp = 5;

/** Updates between two looks at progress and signals. */
const turn = 16;

/** Two batches that all pairs are walked with, one after the other. */
interface Walkers {
  readonly x: MutableBatch;
  readonly y: MutableBatch;
  readonly scratches: readonly [Float64Array, Float64Array];
}

/** Brings a batch to its start. */
function* begin(
  target: BatchTarget,
  batch: MutableBatch,
  beta: number,
  { starts = [], key }: Pick<MeetTask, 'starts' | 'key'>,
  scratch: Float64Array,
): Generator<number, void> {
  const uniform = uniformStream(split(key, 0));
  const given = starts[below(starts.length, uniform())];
  if (given !== undefined && uniform() < 0.5) {
    batch.set(given);
    return;
  }
  batch.set(uniformBatch(target, split(key, 1)));
  const count = ramp * target.batchSize;
  for (let step = 0; step < count; step++) {
    update(target, batch, annealedBeta(beta, step + 1, count), step, uniform, scratch);
    if (step % turn === turn - 1) yield 0;
  }
}

/** A pair from its start to its meeting; where X stood then, and when. */
function* meet(
  target: BatchTarget,
  { x, y, scratches }: Walkers,
  { beta, key, starts, lag, maxUpdates }: MeetTask,
): Doing<Met> {
  const given = present({ starts });
  yield* begin(target, x, beta, { ...given, key: split(key, 0) }, scratches[0]);
  yield* begin(target, y, beta, { ...given, key: split(key, 1) }, scratches[1]);
  const uniform: UniformStream = uniformStream(split(key, 2));
  for (let step = 0; step < lag; step++) {
    update(target, x, beta, step, uniform, scratches[0]);
    if (step % turn === 0) yield 0;
  }
  for (let step = 0; step < maxUpdates; step++) {
    if (samePoints(x.members, y.members)) return { time: lag + step, members: [...x.members] };
    updateTogether(target, [x, y], beta, step, uniform, scratches);
    if (step % turn === 0) yield 0;
  }
  return { time: Infinity, members: [...x.members] };
}

/** Draws of a chain. */
function* drawsOf(
  target: BatchTarget,
  { x, scratches: [scratch] }: Walkers,
  { beta, key, members, from, begun, spacing, units: count }: DrawsTask,
): Doing<ChainAnswers['draws']> {
  const uniform = uniformStream(key);
  const drawn: (readonly number[])[] = [];
  let step = from;
  x.set(members);
  while (drawn.length < count) {
    const end = drawn.length === 0 ? begun : step + spacing;
    while (step < end) {
      const steps = Math.min(turn, end - step);
      updates(target, x, beta, { from: step, count: steps }, uniform, scratch);
      step += steps;
      yield drawn.length;
    }
    drawn.push([...x.members]);
  }
  return drawn;
}

/** A population at β. */
function* populated(
  target: BatchTarget,
  { beta, key, chains, updates: length, betas: given }: PopulationTask,
): Doing<Populated> {
  const population = populationOf(target, chains, length, key);
  const betas: number[] = [];
  // At β = 0 nothing is left to do.
  while (population.beta() < beta) {
    const step = population.advance(beta, given[betas.length]);
    while (step.next().done !== true) yield 0;
    betas.push(population.beta());
  }
  return {
    betas,
    logPartition: population.logPartition(),
    batches: population.batches.map(({ members }) => [...members]),
    evaluations: population.batches.reduce((sum, batch) => sum + batch.evaluations(), 0),
  };
}

/** Two batches of a target, at the same points. */
const walkersOf = ({ utility: { points, batchFrom }, batchSize }: BatchTarget): Walkers => {
  const first = Array.from({ length: batchSize }, (_, n) => n);
  const [x, y] = [batchFrom(first), batchFrom(first)];
  return { x, y, scratches: [new Float64Array(points), new Float64Array(points)] };
};

/** The tasks of a target are done with batches that are made once. */
export const chainsOf = (target: BatchTarget): Chains => {
  let walkers: Walkers | undefined;
  return {
    doing: (task) => {
      if (task.kind === 'population') return populated(target, task);
      walkers ??= walkersOf(target);
      return task.kind === 'meet' ? meet(target, walkers, task) : drawsOf(target, walkers, task);
    },
    evaluations: () => (walkers === undefined ? 0 : walkers.x.evaluations() + walkers.y.evaluations()),
  };
};
