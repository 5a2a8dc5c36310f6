/**
 * The whole table: every way to draw of every pool at every temperature, and a proposal of every pool, seed and reward beside
 * greedy's batch. A piece of work is one record; those that are there already are left out, and each new one is handed over
 * before the next begins, so that a run can be stopped at any moment. All but the seconds hang on the settings alone.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { type AcquisitionName, proposeBatch } from '../../acquisition/index.js';
import { utilityOfScored } from '../../acquisition/scored-pool.js';
import type { Engine } from '../../engine/engine.js';
import type { Failure } from '../../failure.js';
import { rewards } from '../../reward/index.js';
import type { Reward } from '../../reward/utility.js';
import { type BenchControl, breathe, interruption } from '../measure.js';
import { watchedBy } from '../../acquisition/certified.js';
import { type Cell, cellOf, levelsOf, prepare, type Prepared, type SamplerOptions } from './cell.js';
import { posteriorOf, type SamplerPool } from './pools.js';
import {
  type DrawnRecord,
  type LevelName,
  type ProposedRecord,
  type SamplerRecord,
  unitName,
} from './record.js';
import type { Way } from './way.js';
import { present } from '../../present.js';

/** What is asked for. */
export interface SamplersPlan extends SamplerOptions {
  readonly pools: readonly SamplerPool[];
  readonly ways: readonly Way[];
  readonly levels: readonly LevelName[];
  /** Seeds whose proposals are held against greedy's batch; none where that is left out. */
  readonly proposalSeeds: readonly number[];
  /** Of everything else that figures depend on. */
  readonly settings: string;
  /** The i-th of n parts, from 1. */
  readonly shard: { readonly index: number; readonly count: number };
}

/** How a run is watched and kept. */
export interface SamplersControl extends BenchControl {
  /** Names of the records that are there ({@link unitName}). */
  readonly recorded: ReadonlySet<string>;
  readonly onRecord: (record: SamplerRecord) => TE.TaskEither<Failure, void>;
}

/** The same, its progress with a note of what the work is for. */
const noted = (control: SamplersControl, note: string): SamplersControl => ({
  ...control,
  progress: (progress) => {
    control.progress({ ...progress, note: progress.note === '' ? note : `${note}, ${progress.note}` });
  },
});

/** Between two pieces of work: Interrupted, once the signal is aborted. */
const between =
  (control: BenchControl): TE.TaskEither<Failure, void> =>
  async () => {
    await breathe();
    return interruption(control);
  };

const recordOf = (
  cell: Cell,
  way: Way,
  { settings, seed }: SamplersPlan,
): TE.TaskEither<Failure, DrawnRecord> =>
  pipe(
    way.measure(cell),
    TE.map(({ utility, ...measured }): DrawnRecord => ({
      ...{ kind: 'drawn', settings, pool: cell.pool.name, way: way.name, level: cell.level, seed },
      ...{ reward: cell.pool.reward.name, unit: cell.pool.reward.unit },
      ...{ points: cell.context.scoredPool.utility.points, batchSize: cell.pool.batchSize },
      temperature: cell.temperature,
      ...measured,
      utility: { greedy: utilityOfScored(cell.context.baselines.greedy), ...utility },
    })),
  );

const drawnOfPool = (
  engine: Engine,
  plan: SamplersPlan,
  control: SamplersControl,
  prepared: Prepared,
  position: number,
): TE.TaskEither<Failure, unknown> => {
  const { pool } = prepared;
  return pipe(
    levelsOf(prepared).filter(
      ({ level }, i) =>
        plan.levels.includes(level) && (position + i) % plan.shard.count === plan.shard.index - 1,
    ),
    TE.traverseSeqArray((level) => {
      const cell = cellOf(engine, prepared, level, plan, noted(control, `${pool.name}, ${level.level}`));
      const left = plan.ways.filter(
        (way) =>
          way.has(cell) &&
          !control.recorded.has(
            unitName({ kind: 'drawn', pool: pool.name, level: level.level, way: way.name }),
          ),
      );
      return pipe(
        left,
        TE.traverseSeqArray((way) =>
          pipe(
            between(control),
            TE.chain(() => recordOf(cell, way, plan)),
            TE.chain(control.onRecord),
          ),
        ),
      );
    }),
  );
};

/** The default strategy, and the one that trains nothing. */
const proposers: readonly AcquisitionName[] = ['gflownet', 'annealed'];

/** Draws of a proposal that is held against greedy's. */
const proposalDraws = 64;

/** Pools up to this size are asked by a second reward, too. */
const smallPool = 200;

const proposed = (
  engine: Engine,
  { settings, iterations }: SamplersPlan,
  control: BenchControl,
  { pool, seed, reward, strategy }: Proposing,
): TE.TaskEither<Failure, ProposedRecord> =>
  pipe(
    posteriorOf(pool, seed, watchedBy({ onProgress: control.progress, signal: control.signal })),
    TE.chain((posterior) =>
      pipe(
        proposeBatch(engine, posterior, {
          ...{ acquisition: strategy, batchSize: pool.batchSize, draws: proposalDraws, seed, reward },
          ...present({ candidates: pool.candidates }),
          ...(iterations === undefined || strategy !== 'gflownet' ? {} : { iterations }),
          ...{ signal: control.signal, onProgress: control.progress },
        }),
        TE.map(({ best, greedy, temperature }): ProposedRecord => ({
          ...{ kind: 'proposed', settings, pool: pool.name, reward: reward.name, unit: reward.unit },
          ...{ points: posterior.whitened.rows, batchSize: pool.batchSize, seed, strategy, temperature },
          utility: { greedy: utilityOfScored(greedy), proposed: utilityOfScored(best) },
        })),
      ),
    ),
  );

/** One proposal to be made. */
interface Proposing {
  readonly pool: SamplerPool;
  readonly seed: number;
  readonly reward: Reward;
  readonly strategy: AcquisitionName;
}

const proposing = (
  { pools, proposalSeeds }: SamplersPlan,
  sizes: ReadonlyMap<string, number>,
): readonly Proposing[] =>
  pools.flatMap((pool) => {
    const isSmall = (sizes.get(pool.name) ?? Infinity) <= smallPool;
    const context = [
      pool.reward,
      ...(isSmall && pool.reward === rewards.information && pool.drawFraction === 1
        ? [rewards.predictiveVariance]
        : []),
    ];
    return proposalSeeds.flatMap((seed) =>
      context.flatMap((reward) => proposers.map((strategy) => ({ pool, seed, reward, strategy }))),
    );
  });

/**
 * Does all that is left of a plan. Fails as the pools, the ways and `onRecord` do, and with Interrupted once the signal is
 * aborted.
 */
export const measureSamplers = (
  engine: Engine,
  plan: SamplersPlan,
  control: SamplersControl,
): TE.TaskEither<Failure, void> => {
  const sizes = new Map<string, number>();
  const { index, count } = plan.shard;
  return pipe(
    plan.pools,
    TE.traverseSeqArrayWithIndex((i, pool) =>
      pipe(
        between(control),
        TE.chainIOK(() => () => {
          control.progress({ stage: 'pools', done: i, total: plan.pools.length, note: pool.name });
        }),
        TE.chain(() =>
          prepare(
            pool,
            plan,
            watchedBy({ onProgress: noted(control, pool.name).progress, signal: control.signal }),
          ),
        ),
        TE.chain((prepared) => {
          sizes.set(pool.name, prepared.posterior.whitened.rows);
          return drawnOfPool(engine, plan, control, prepared, plan.pools.indexOf(pool));
        }),
      ),
    ),
    TE.chain(() =>
      pipe(
        proposing(plan, sizes).filter(
          ({ pool, seed, reward, strategy }, i) =>
            // Both strategies of a case in one shard.
            Math.floor(i / proposers.length) % count === index - 1 &&
            !control.recorded.has(
              unitName({ kind: 'proposed', pool: pool.name, reward: reward.name, seed, strategy }),
            ),
        ),
        TE.traverseSeqArray((one) =>
          pipe(
            between(control),
            TE.chain(() => proposed(engine, plan, noted(control, `${one.pool.name}, seed ${one.seed}`), one)),
            TE.chain(control.onRecord),
          ),
        ),
      ),
    ),
    TE.map(() => undefined),
  );
};

/** Whether records are those of a plan's settings: the first that is of others. */
export const foreignRecord = (
  records: readonly SamplerRecord[],
  settings: string,
): E.Either<number, void> => {
  const at = records.findIndex((record) => record.settings !== settings);
  return at < 0 ? E.right(undefined) : E.left(at);
};
