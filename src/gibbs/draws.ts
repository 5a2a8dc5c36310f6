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
import type { TaskEither } from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import { requireWhole } from '../misuse.js';
import { type Key, split } from '../random/key.js';
import { present } from '../present.js';
import type { Work, WorkControl } from '../work.js';
import { boundAfter, type Certificate, lastMeeting } from './certificate.js';
import { type Chains, chainsOf, type Met } from './chains.js';
import { answersTo, type EngineThreads, inOneThread, onThreads, type Parted } from './parts.js';
import { uniformBatch } from './population.js';
import { type BatchTarget, isLarge, requireTarget } from './target.js';

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

/** The lag, in multiples of b. */
const lagSweeps = 10;

/** Chains that give draws of large pools. */
const drawingChains = 8;

/** Pairs that have not met after which no more are tried. */
const maxApart = 2;

const pairsFor = (target: BatchTarget, evaluates: boolean): number =>
  evaluates ? 16 : isLarge(target) ? 32 : 64;

const timesApart = (met: readonly Met[]): number => met.filter(({ time }) => time === Infinity).length;

/** Whether gains of the target take evaluations of U. */
const evaluates = (target: BatchTarget, key: Key): boolean => {
  const batch = target.utility.batchFrom(uniformBatch(target, key));
  batch.gains(0, new Float64Array(target.utility.points));
  return batch.evaluations() > 0;
};

/** Places i, i + k, i + 2k … below `count`. */
const placesFrom = (i: number, k: number, count: number): number => Math.ceil((count - i) / k);

/**
 * Draws at β ≥ 0 by parts: pairs until too many have not met, and chains that go on from where they met to the update at which all
 * had, and from one draw to the next. Neighbours among the draws are of different chains. `chains` do what is not done elsewhere.
 */
function* drawingParts(
  target: BatchTarget,
  beta: number,
  { count, key, starts, pairs: wanted, patience = 400 }: DrawOptions,
  chains: Chains,
): Parted<CertifiedDraws> {
  const { batchSize } = target;
  const pairs = wanted ?? pairsFor(target, evaluates(target, split(key, 3)));
  // Even, so that adding and dropping falls on the same steps of both.
  const lag = 2 * Math.ceil((lagSweeps * batchSize) / 2);
  const maxUpdates = patience * batchSize;
  const met = yield* answersTo({
    ...{ stage: 'certifying', done: 0, total: pairs },
    tasks: Array.from({ length: pairs }, (_, i) => ({
      ...{ kind: 'meet' as const, beta, key: split(split(key, 0), i), units: 1, lag, maxUpdates },
      ...present({ starts }),
    })),
    enough: (found) => timesApart(found) >= maxApart,
  });
  const times = met.map(({ time }) => time);
  const certified = timesApart(met) === 0;
  const begun = lag + (certified ? lastMeeting(times, lag) : maxUpdates);
  // Which chains give draws must not depend on when they met.
  const sources = (isLarge(target) ? met.slice(0, drawingChains) : met).slice(0, count);
  const drawn = yield* answersTo({
    ...{ stage: 'drawing', done: 0, total: count },
    tasks: sources.map(({ time, members }, i) => ({
      ...{ kind: 'draws' as const, beta, key: split(split(key, 1), i), members, begun },
      from: Math.min(time, lag + maxUpdates),
      spacing: (isLarge(target) ? 1 : 2) * batchSize,
      units: placesFrom(i, sources.length, count),
    })),
  });
  return {
    batches: Array.from({ length: count }, (_, draw) => {
      const chain = drawn[draw % sources.length];
      return chain?.[Math.floor(draw / sources.length)] ?? [];
    }),
    certificate: {
      totalVariation: certified ? boundAfter(times, lag, begun) : 1,
      updates: begun,
      pairs: met.length,
    },
    evaluations: chains.evaluations(),
  };
}

/**
 * Draws at β ≥ 0 as work (work.ts): `atOnce`, or `inTurns` with progress. The same key gives the same bits. Throws a TypeError
 * for what is no target, for batches of no point and for no draws.
 */
export const certifiedDraws = (
  target: BatchTarget,
  beta: number,
  options: DrawOptions,
): Work<CertifiedDraws> => {
  requireTarget('certifiedDraws', target, options);
  requireWhole('certifiedDraws', 'options.count', options.count, 1);
  const chains = chainsOf(target);
  return inOneThread(chains, drawingParts(target, beta, options, chains));
};

/** The same draws on the threads of an engine (parts.ts). Fails with Interrupted, and where a thread is lost. */
export const certifiedDrawsOn = (
  engine: EngineThreads,
  target: BatchTarget,
  beta: number,
  options: DrawOptions,
  control: WorkControl,
): TaskEither<Failure, CertifiedDraws> => {
  const chains = chainsOf(target);
  return onThreads(engine, target, chains, () => drawingParts(target, beta, options, chains), control);
};
