/**
 * One pool at one temperature, in the hands of a way to draw: the problem, and what is known of its target whichever way draws.
 *
 *   draws        that follow it, with a certificate (gibbs/draws.ts)
 *   log Z        exact by the k-DPP at T = ½, or by enumeration of at most 20,000 batches; by annealing elsewhere
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { targetOf, watchedBy } from '../../acquisition/certified.js';
import { proxyProblem } from '../../acquisition/proxy.js';
import { candidatePart, type Part } from '../../acquisition/on-candidates.js';
import type { StrategyOptions } from '../../acquisition/strategy.js';
import { type ProposalContext, contextOf, temperatureOf } from '../../acquisition/summary.js';
import { scoredPoolOf } from '../../acquisition/scored-pool.js';
import type { Engine } from '../../engine/engine.js';
import type { Failure } from '../../failure.js';
import { exactTarget } from '../../gflownet/exact/target.js';
import type { Problem } from '../../gflownet/problem.js';
import { annealedOn } from '../../gibbs/annealing.js';
import { type CertifiedDraws, certifiedDrawsOn } from '../../gibbs/draws.js';
import type { WorkControl } from '../../work.js';
import { logBinomial } from '../../linear-algebra/binomial.js';
import { type Key, keyFromSeed, split } from '../../random/key.js';
import { scannedAtOnce } from '../../reward/scan.js';
import type { Reward } from '../../reward/utility.js';
import type { Posterior } from '../../surrogate/posterior.js';
import { kdpp } from '../../verify/kdpp/index.js';
import { clock } from '../../clock.js';
import { type BenchControl } from '../measure.js';
import { counted } from './counted.js';
import { posteriorOf, type SamplerPool } from './pools.js';
import type { DrawnRecord, LevelName } from './record.js';

/** How much is drawn, and trained. */
export interface SamplerOptions {
  readonly seed: number;
  readonly draws: number;
  /** Of training; those of each policy's defaults if left out. */
  readonly iterations?: number;
}

/** A pool that is prepared: its posterior, of candidates alone where it is a large one, and the greedy batch. */
export interface Prepared {
  readonly pool: SamplerPool;
  readonly posterior: Posterior;
  readonly reward: Reward;
  readonly context: ProposalContext;
  /** Of U so far; null where gains are cheaper. */
  readonly evaluations: () => number | null;
  readonly usualTemperature: number;
}

/** What is known of a target. */
export interface Known {
  readonly drawn: CertifiedDraws;
  readonly logPartition: NonNullable<DrawnRecord['logPartition']>;
  /** Of the draws, not of log Z. */
  readonly evaluations: number | null;
  readonly seconds: { readonly first: number; readonly all: number };
}

/** One pool at one temperature. */
export interface Cell extends Prepared {
  readonly engine: Engine;
  readonly control: BenchControl;
  readonly options: SamplerOptions;
  /** Batches to draw. */
  readonly draws: number;
  readonly level: LevelName;
  readonly temperature: number;
  readonly problem: Problem;
  readonly key: Key;
  /** Computed when it is first asked for. */
  readonly known: TE.TaskEither<Failure, Known>;
}

/** Batches whose mean the default temperature is told by, as `batchgfn select` draws them. */
const usualDraws = 256;

/** Batches that are enumerated at most. */
const maxBatches = 20_000;

/** Prepares a pool. Fails as its posterior does. */
export const prepare = (
  pool: SamplerPool,
  { seed }: SamplerOptions,
  control: WorkControl = {},
): TE.TaskEither<Failure, Prepared> =>
  pipe(
    posteriorOf(pool, seed, control),
    TE.map((whole) => {
      const { batchSize, candidates } = pool;
      const part: Pick<Part, 'posterior' | 'reward'> =
        candidates === undefined || candidates >= whole.whitened.rows
          ? { posterior: whole, reward: {} }
          : scannedAtOnce(
              candidatePart(whole, scoredPoolOf(whole, pool.reward), { batchSize, seed }, candidates),
            );
      const { posterior } = part;
      const { reward: own = pool.reward } = part.reward;
      const { reward, evaluations } = counted(own, own.utilityFor(posterior));
      const options = { batchSize, draws: usualDraws, seed, reward };
      const context = scannedAtOnce(contextOf(posterior, options));
      return {
        ...{ pool, posterior, reward, context, evaluations },
        usualTemperature: temperatureOf(context, { batchSize }),
      };
    }),
  );

/** A temperature by its name. */
export interface Level {
  readonly level: LevelName;
  readonly temperature: number;
}

/** The temperatures that a pool is drawn at: multiples of the default one and, where log Z is exact there, T = ½. */
export const levelsOf = ({ usualTemperature, context }: Prepared): readonly Level[] => [
  { level: 'half', temperature: usualTemperature / 2 },
  { level: 'default', temperature: usualTemperature },
  { level: 'four', temperature: 4 * usualTemperature },
  ...(context.scoredPool.utility.programmed === undefined
    ? [{ level: 'exact' as const, temperature: 0.5 }]
    : []),
];

/** What a strategy is asked for in a cell. */
export const proposalOptions = (
  { pool: { batchSize }, reward, options: { seed }, temperature, control, draws }: Omit<Cell, 'known'>,
  count = draws,
): StrategyOptions => ({
  ...{ batchSize, seed, reward, temperature },
  draws: count,
  signal: control.signal,
  onProgress: control.progress,
});

/** Work that is done once, however often it is asked for. */
const once = <A>(work: TE.TaskEither<Failure, A>): TE.TaskEither<Failure, A> => {
  let result: Promise<E.Either<Failure, A>> | undefined;
  return () => (result ??= work());
};

const drawnOf = (cell: Omit<Cell, 'known'>): TE.TaskEither<Failure, Omit<Known, 'logPartition'>> => {
  const { engine, context, pool, temperature, draws, key, control, evaluations } = cell;
  return pipe(
    TE.fromIO(() => ({ started: clock(), before: evaluations() })),
    TE.chain(({ started, before }) => {
      let first: number | undefined;
      const seen = watchedBy({
        ...proposalOptions(cell),
        onProgress: (progress) => {
          if (progress.stage === 'drawing' && progress.done > 0) first ??= clock() - started;
          control.progress(progress);
        },
      });
      return pipe(
        certifiedDrawsOn(
          ...([engine, targetOf(context.scoredPool, pool.batchSize), 1 / temperature] as const),
          { count: draws, key: split(key, 0) },
          seen,
        ),
        TE.map((drawn) => {
          const all = clock() - started;
          const after = evaluations();
          return {
            drawn,
            evaluations: before === null || after === null ? null : after - before,
            seconds: { first: first ?? all, all },
          };
        }),
      );
    }),
  );
};

const logPartitionOf = (cell: Omit<Cell, 'known'>): TE.TaskEither<Failure, Known['logPartition']> => {
  const { engine, context, pool, temperature, problem, key, evaluations } = cell;
  const { utility } = context.scoredPool;
  const exact = (estimate: number) => ({ estimate, standardError: 0, method: 'exact' as const });
  if (utility.programmed === undefined && temperature === 0.5)
    return TE.fromEither(
      pipe(
        kdpp(utility.proxyFeatures, pool.batchSize),
        E.map(({ logZ }) => exact(logZ)),
      ),
    );
  if (logBinomial(utility.points, pool.batchSize) <= Math.log(maxBatches))
    return TE.fromIO(() => exact(exactTarget(problem).logZ));
  // Less where U is dear; more of large pools than is usual, as gaps of less than a nat are held against it.
  const effort =
    evaluations() === null ? { chains: 16 } : { chains: 4, replicates: 6, updates: 4 * pool.batchSize };
  return pipe(
    annealedOn(
      ...([engine, targetOf(context.scoredPool, pool.batchSize), 1 / temperature] as const),
      { key: split(key, 1), ...effort },
      watchedBy(proposalOptions(cell)),
    ),
    TE.map(({ logPartition, standardError }) => ({
      ...{ estimate: logPartition, standardError },
      method: 'annealing' as const,
    })),
  );
};

/** Which child of the seed's key samplers draw from. */
const stream = 0x736d706c;

/** A prepared pool at a temperature. */
export const cellOf = (
  engine: Engine,
  prepared: Prepared,
  { level, temperature }: Level,
  options: SamplerOptions,
  control: BenchControl,
): Cell => {
  const { context, pool } = prepared;
  const cell = {
    ...prepared,
    ...{ engine, control, options, level, temperature },
    draws: Math.max(1, Math.round(pool.drawFraction * options.draws)),
    problem: proxyProblem(context, { batchSize: pool.batchSize, seed: options.seed }, temperature),
    key: split(keyFromSeed(options.seed), stream),
  };
  return {
    ...cell,
    known: once(
      pipe(
        drawnOf(cell),
        TE.bind('logPartition', () => logPartitionOf(cell)),
      ),
    ),
  };
};
