/** `batchgfn bench strategies`: strategies by their rewards and surrogates in simulated active learning over many pools, resumed. */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { strategiesMarkdown } from '../../bench/strategies/markdown.js';
import { strategiesSummary } from '../../bench/strategies/summary.js';
import type { Engine } from '../../engine/index.js';
import type { Failure } from '../../failure.js';
import type { Experiment } from '../../learning/experiment/experiment.js';
import { experimentFrom } from '../../learning/experiment/sources.js';
import { unitsOf } from '../../learning/experiment/units.js';
import type { BenchPlan } from '../bench-plan.js';
import type { BenchReport } from '../bench-report.js';
import type { Context } from '../command.js';
import { aloneOnFile } from '../folder-lock.js';
import { orderedRecords, type RecordFile, resumeRecords } from '../record-file.js';
import { type Pools, poolsOf, type StrategyPool } from '../strategy-pools.js';
import { checkSame, unitsWorked } from '../units-worked.js';
import { written } from '../whole-file.js';

/** The experiment that a record says it is of. */
const experimentsOf = (pools: readonly StrategyPool[]) => {
  const made = new Map<string, Experiment | undefined>();
  return ({ experiment, seed }: { readonly experiment: string; readonly seed: number }) => {
    const key = `${seed} ${experiment}`;
    if (!made.has(key)) {
      const pool = pools.find(({ name }) => name === experiment);
      made.set(key, pool === undefined ? undefined : experimentFrom(pool.source(seed)));
    }
    return made.get(key);
  };
};

type Report = TE.TaskEither<Failure, BenchReport>;

/** What is left of the pools, seed by seed. */
const worked = (
  engine: Engine,
  { out, seeds, shard, threads }: BenchPlan,
  pools: readonly StrategyPool[],
  { records }: RecordFile,
  context: Context,
): TE.TaskEither<Failure, unknown> =>
  pipe(
    seeds.flatMap((seed) => pools.map((pool) => ({ seed, pool }))),
    TE.traverseSeqArray(({ seed, pool: { name, strategies: own, source } }) => {
      const units = unitsOf(own, seeds, shard).filter((unit) => unit.seed === seed);
      const before = records.filter(({ experiment }) => experiment === name);
      const on = { out, threads: threads === 0 ? undefined : threads };
      return units.length === 0
        ? TE.right(undefined)
        : unitsWorked(engine, source(seed), units, before, on, context);
    }),
  );

/** The work: what is left of all pools, from the records that there are, on an engine, and what all records say. */
export const strategies = (
  plan: BenchPlan,
  onEngine: (use: (engine: Engine) => Report) => Report,
  context: Context,
  common: (
    engine: Engine,
  ) => Omit<Extract<BenchReport, { readonly bench: 'strategies' }>, 'bench' | 'groups'>,
): Report => {
  const { out, markdown, seeds } = plan;
  const reported = ({ all, chosen }: Pools, file: RecordFile): Report =>
    onEngine((engine) =>
      pipe(
        worked(engine, plan, chosen, file, context),
        TE.chainW(() => {
          const units = unitsOf([...new Set(all.flatMap((one) => one.strategies))], seeds);
          const names = all.map(({ name }) => name);
          return orderedRecords(out, units, names);
        }),
        TE.map(({ records }) => strategiesSummary(records)),
        TE.chainFirstW((groups) =>
          markdown === '' ? TE.right(undefined) : written(markdown, strategiesMarkdown(groups)),
        ),
        TE.map((groups): BenchReport => ({ ...common(engine), bench: 'strategies', groups })),
      ),
    );
  const resumed = (pools: Pools): Report =>
    pipe(
      resumeRecords(out),
      TE.chainFirstEitherK(({ records }) => checkSame(out, records, experimentsOf(pools.all))),
      TE.mapLeft((failure): Failure => failure),
      TE.chain((file) => {
        file.remarks.forEach(context.remark);
        return reported(pools, file);
      }),
    );
  return pipe(
    poolsOf(plan, context),
    TE.chain((pools) => aloneOnFile(out, resumed(pools))),
  );
};
