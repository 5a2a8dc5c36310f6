/**
 * Draws that follow the target at any temperature, with a certificate (certificate.ts).
 *
 * Each of R chains begins with the same law: a batch that β is raised for from 0, or by a fair coin one of the given batches (a
 * policy's draws). Its partner begins with that law too, and is updated with it until they meet (coupling.ts). So a policy
 * that leaves a part of the target out is seen: its pairs are late to meet. All chains then go on to the update T at which the
 * last pair had met, and a lag beyond, since the time of a meeting tells something of where a chain stands. From there each
 * gives its part of the draws, two sweeps apart: draws of one chain still resemble each other somewhat. Of large pools only the
 * first {@link drawingChains} chains go on, whenever they met, and give draws one sweep apart.
 */
import { type Key, split } from '../random/key.js';
import { below, uniformStream, type UniformStream } from '../random/stream.js';
import type { MutableBatch } from '../reward/mutable-batch.js';
import { uniformBatch } from './annealing.js';
import { boundAfter, type Certificate, lastMeeting, type MeetingTime } from './certificate.js';
import { samePoints, updateTogether } from './coupling.js';
import { type BatchTarget, isLarge } from './target.js';
import { update, updates } from './update.js';
import { present } from '../present.js';
import type { Work } from '../work.js';

/** What to draw, and how to certify it. */
export interface DrawOptions {
  /** Of draws, from 1 up. */
  readonly count: number;
  readonly key: Key;
  /** Batches that chains may begin with, independent draws of one law; none if left out. */
  readonly starts?: readonly (readonly number[])[];
  /** R, from 2 up; 64 if left out, 32 of large pools, 16 where gains take evaluations of U. */
  readonly pairs?: number;
  /** Updates, as a multiple of b, after which a pair that has not met is given up; 400 if left out. */
  readonly patience?: number;
}

/** Draws and what is known of them. */
export interface CertifiedDraws {
  /** Batches of pool indices, in no order. */
  readonly batches: readonly (readonly number[])[];
  readonly certificate: Certificate;
  /** Evaluations of U, where gains take them. */
  readonly evaluations: number;
}

/** Updates of the annealed start, and the lag, in multiples of b. */
const ramp = 5;
const lagSweeps = 10;

/** Chains that give draws of large pools. */
const drawingChains = 8;

/** Pairs that have not met after which no more are tried. */
const maxApart = 2;

/** Updates between two looks at progress and signals. */
const turn = 16;

const pairsFor = (target: BatchTarget, evaluates: boolean): number =>
  evaluates ? 16 : isLarge(target) ? 32 : 64;

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
  { starts = [], key }: Pick<DrawOptions, 'starts' | 'key'>,
  scratch: Float64Array,
): Generator<undefined> {
  const uniform = uniformStream(split(key, 0));
  const given = starts[below(starts.length, uniform())];
  if (given !== undefined && uniform() < 0.5) {
    batch.set(given);
    return;
  }
  batch.set(uniformBatch(target, split(key, 1)));
  const count = ramp * target.batchSize;
  for (let step = 0; step < count; step++) {
    update(target, batch, beta * ((step + 1) / count) ** 2, step, uniform, scratch);
    if (step % turn === turn - 1) yield undefined;
  }
}

/** Where a chain stood when it met its partner, and when that was. */
interface Met {
  readonly time: MeetingTime;
  readonly members: readonly number[];
}

/** A pair from its start to its meeting; where X stood then, and when. */
function* meet(
  target: BatchTarget,
  { x, y, scratches }: Walkers,
  beta: number,
  { starts, key }: Pick<DrawOptions, 'starts' | 'key'>,
  { lag, maxUpdates }: { readonly lag: number; readonly maxUpdates: number },
): Generator<undefined, Met> {
  const given = present({ starts });
  yield* begin(target, x, beta, { ...given, key: split(key, 0) }, scratches[0]);
  yield* begin(target, y, beta, { ...given, key: split(key, 1) }, scratches[1]);
  const uniform: UniformStream = uniformStream(split(key, 2));
  for (let step = 0; step < lag; step++) {
    update(target, x, beta, step, uniform, scratches[0]);
    if (step % turn === 0) yield undefined;
  }
  for (let step = 0; step < maxUpdates; step++) {
    if (samePoints(x.members, y.members)) return { time: lag + step, members: [...x.members] };
    updateTogether(target, [x, y], beta, step, uniform, scratches);
    if (step % turn === 0) yield undefined;
  }
  return { time: Infinity, members: [...x.members] };
}

/** Pairs one after the other, until too many have not met. */
function* pairsMet(
  target: BatchTarget,
  walkers: Walkers,
  beta: number,
  pairs: number,
  start: Pick<DrawOptions, 'starts' | 'key'>,
  limits: { readonly lag: number; readonly maxUpdates: number },
): Work<readonly Met[]> {
  const met: Met[] = [];
  for (let i = 0; i < pairs && timesApart(met) < maxApart; i++) {
    const walk = meet(target, walkers, beta, { ...start, key: split(start.key, i) }, limits);
    let next = walk.next();
    for (; next.done !== true; next = walk.next()) yield { stage: 'certifying', done: i, total: pairs };
    met.push(next.value);
  }
  return met;
}

const timesApart = (met: readonly Met[]): number => met.filter(({ time }) => time === Infinity).length;

/**
 * Draws of chains that go on from where they met, which no chain did later than the update `most`, to the update `begun`, and
 * from one draw to the next. Neighbours among the draws are of different chains.
 */
function* drawsOf(
  target: BatchTarget,
  { x, scratches }: Walkers,
  beta: number,
  sources: readonly Met[],
  { count, key }: Pick<DrawOptions, 'count' | 'key'>,
  { begun, maxUpdates }: { readonly begun: number; readonly maxUpdates: number },
): Work<readonly (readonly number[])[]> {
  const spacing = (isLarge(target) ? 1 : 2) * target.batchSize;
  const drawn: (readonly number[])[] = Array.from({ length: count }, () => []);
  let done = 0;
  for (const [i, { time, members }] of sources.entries()) {
    const uniform = uniformStream(split(key, i));
    let step = Math.min(time, maxUpdates);
    x.set(members);
    for (let draw = i; draw < count; draw += sources.length) {
      const end = draw === i ? begun : step + spacing;
      while (step < end) {
        const steps = Math.min(turn, end - step);
        updates(target, x, beta, { from: step, count: steps }, uniform, scratches[0]);
        step += steps;
        yield { stage: 'drawing', done, total: count };
      }
      drawn[draw] = [...x.members];
      done++;
    }
  }
  return drawn;
}

/**
 * Draws at β ≥ 0 as work (work.ts): `atOnce`, or `inTurns` with progress. The same key gives the same bits. Throws a RangeError
 * for no draws.
 */
export function* certifiedDraws(
  target: BatchTarget,
  beta: number,
  { count, key, starts, pairs: wanted, patience = 400 }: DrawOptions,
): Work<CertifiedDraws> {
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`certifiedDraws: ${count} draws; give a whole number from 1 up`);
  const { points, batchFrom } = target.utility;
  const first = uniformBatch(target, split(key, 3));
  const [x, y] = [batchFrom(first), batchFrom(first)];
  const walkers: Walkers = { x, y, scratches: [new Float64Array(points), new Float64Array(points)] };
  x.gains(0, walkers.scratches[0]);
  const pairs = wanted ?? pairsFor(target, x.evaluations() > 0);
  // Even, so that adding and dropping falls on the same steps of both.
  const lag = 2 * Math.ceil((lagSweeps * target.batchSize) / 2);
  const maxUpdates = patience * target.batchSize;
  const start = { ...present({ starts }), key: split(key, 0) };
  const met = yield* pairsMet(target, walkers, beta, pairs, start, { lag, maxUpdates });
  const times = met.map(({ time }) => time);
  const certified = timesApart(met) === 0;
  const begun = lag + (certified ? lastMeeting(times, lag) : maxUpdates);
  // Which chains give draws must not depend on when they met.
  const sources = isLarge(target) ? met.slice(0, drawingChains) : met;
  const options = { count, key: split(key, 1) };
  return {
    batches: yield* drawsOf(target, walkers, beta, sources, options, { begun, maxUpdates: lag + maxUpdates }),
    certificate: {
      totalVariation: certified ? boundAfter(times, lag, begun) : 1,
      updates: begun,
      pairs: met.length,
    },
    evaluations: x.evaluations() + y.evaluations(),
  };
}
