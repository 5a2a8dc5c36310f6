/** `batchgfn bench strategies`: strategies by their rewards and surrogates in simulated active learning over many pools, resumed. */
import path from 'node:path';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { type AcquisitionName, strategies as known } from '../../acquisition/index.js';
import type { Strategy } from '../../acquisition/strategy.js';
import { families, type Family } from '../../bench/strategies/families.js';
import { strategiesMarkdown } from '../../bench/strategies/markdown.js';
import { strategiesSummary } from '../../bench/strategies/summary.js';
import type { Engine } from '../../engine/index.js';
import { type Failure, inputFailure, type InputFailure } from '../../failure.js';
import type { Experiment, LabelledRows, Unit } from '../../learning/experiment/experiment.js';
import { labelledRows } from '../../learning/experiment/labelled-rows.js';
import { experimentFrom, type ExperimentSource } from '../../learning/experiment/sources.js';
import type { StrategyName } from '../../learning/experiment/strategy-name.js';
import { unitsOf } from '../../learning/experiment/units.js';
import { type BatchSurrogate, batchSurrogateOf } from '../../learning/fit-for-batch.js';
import { keyFromSeed, permutation, split } from '../../random/key.js';
import type { BenchPlan } from '../bench-plan.js';
import type { BenchReport } from '../bench-report.js';
import type { Context } from '../command.js';
import { aloneOnFile } from '../folder-lock.js';
import { readLabelled } from '../labelled-file.js';
import { orderedRecords, type RecordFile, resumeRecords } from '../record-file.js';
import { chosenOf, type DataPool } from '../samplers-options.js';
import { plainTable } from '../table-options.js';
import { checkSame, unitsWorked } from '../units-worked.js';
import { surrogateSpecOf } from '../surrogate-options.js';
import { written } from '../whole-file.js';

/** Labels that are asked for, in batches. */
const asked = 100;

/** Labels of a generated table at the start, its pool (of classes fewer: their information takes long), and rows to measure on. */
const generated = { labels: 20, pool: { regression: 1000, classes: 300 }, test: 500 };

/** Part of the rows of a file to measure on. */
const testFraction = 0.2;

/** Which child of the key of seed 0 says which rows of a file stand for all. */
const stream = 0x726f7773;

/**
 * The surrogates: that which select takes where nothing is said, a Gaussian process with a length-scale a feature, and a network with a
 * Bayesian last layer.
 */
const surrogates = {
  usual: {},
  ard: { surrogate: 'gaussian-process', kernel: 'matern52-ard' },
  network: { surrogate: 'last-layer' },
} as const;
type SurrogateKey = keyof typeof surrogates;
const surrogateKeys = Object.keys(surrogates) as readonly SurrogateKey[];

const surrogateOf = (
  key: SurrogateKey,
  classes: number | undefined,
): E.Either<InputFailure, BatchSurrogate> =>
  pipe(
    surrogateSpecOf(
      {
        ...{ surrogate: undefined, kernel: undefined, featureMap: undefined, degree: undefined },
        ...{ fourierFeatures: undefined, hidden: undefined, fitIterations: undefined },
        ...{ posteriorDraws: undefined, task: classes === undefined ? 'regression' : 'classes' },
        ...surrogates[key],
      },
      0,
    ),
    E.map((spec) => batchSurrogateOf(spec, classes)),
  );

/** The strategies of a task, and greedy and the GFlowNet by the other rewards that it has. */
const namesOf = (classes: number | undefined): readonly StrategyName[] => [
  ...(Object.entries(known) as readonly (readonly [AcquisitionName, Strategy])[])
    .filter(([, { ofClasses }]) => classes !== undefined || ofClasses !== true)
    .map(([name]) => name),
  ...(classes === undefined ? (['predictiveVariance', 'epig'] as const) : (['epig'] as const)).flatMap(
    (reward) => [`greedy@${reward}`, `gflownet@${reward}`] as const,
  ),
];

/** A pool with a surrogate: an experiment of each seed. */
interface StrategyPool {
  readonly name: string;
  readonly pool: string;
  readonly surrogate: SurrogateKey;
  readonly strategies: readonly StrategyName[];
  readonly source: (seed: number) => ExperimentSource;
}

/** The rows of a pool, of each seed, and how they are split. */
interface PoolRows {
  readonly pool: string;
  readonly classes: number | undefined;
  readonly rows: (seed: number) => LabelledRows;
  readonly labels: number;
  readonly test: number;
}

const withSurrogates = (
  { pool, classes, rows, labels: seedLabels, test }: PoolRows,
  batchSize: number,
): E.Either<InputFailure, readonly StrategyPool[]> =>
  pipe(
    surrogateKeys,
    E.traverseArray((key) =>
      pipe(
        surrogateOf(key, classes),
        E.map((surrogate): StrategyPool => {
          const name = key === 'usual' ? pool : `${pool}/${key}`;
          const split = { test, seedLabels, batchSize, rounds: Math.floor(asked / batchSize) };
          return {
            ...{ name, pool, surrogate: key, strategies: namesOf(classes) },
            source: (seed) => ({ table: { name, table: rows(seed), surrogate, ...split, settings: {} } }),
          };
        }),
      ),
    ),
  );

const familyRows = ({ name, classes, rows }: Family): PoolRows => {
  const { labels, pool, test } = generated;
  const count = labels + pool[classes === undefined ? 'regression' : 'classes'] + test;
  return { ...{ pool: name, classes, labels, test }, rows: (seed) => rows(seed, count) };
};

/** The rows of a file; of more than are asked for as many, chosen by a permutation of seed 0. */
const fileRows = (data: DataPool, context: Context): TE.TaskEither<Failure, PoolRows> =>
  pipe(
    readLabelled({ ...plainTable, ...data }, data.classes ? 'classes' : 'numbers', context),
    TE.chainEitherKW(({ rows: all, classes }): E.Either<InputFailure, PoolRows> => {
      const count = Math.min(data.rows ?? all.inputs.rows, all.inputs.rows);
      const order = Array.from(permutation(split(keyFromSeed(0), stream), all.inputs.rows));
      const rows = count === all.inputs.rows ? all : labelledRows(all, order.slice(0, count));
      const test = Math.max(1, Math.round(testFraction * count));
      const { file, labels } = data;
      return test + labels + asked > count
        ? E.left(
            inputFailure({
              source: file,
              problem: `${test} rows to measure on, ${labels} labels and ${asked} to ask for are more than ${count} rows`,
              remedy: 'Give more rows, or fewer labels',
            }),
          )
        : E.right({
            ...{ pool: path.basename(file, path.extname(file)), classes, labels, test },
            rows: () => rows,
          });
    }),
  );

/** The pools, all and those that are asked for, each with its strategies. An InputFailure for a file that cannot be read, and a name that is none. */
const poolsOf = (
  { data, only, batchSize, out }: BenchPlan,
  context: Context,
): TE.TaskEither<Failure, Record<'all' | 'chosen', readonly StrategyPool[]>> =>
  out === ''
    ? TE.left(
        inputFailure({
          source: '--out',
          problem: 'the option is missing',
          remedy: 'Give a file of records: --out strategies.jsonl',
        }),
      )
    : pipe(
        data,
        TE.traverseSeqArray((one) => fileRows(one, context)),
        TE.chainEitherKW((files) =>
          pipe(
            [...files, ...families.map(familyRows)],
            E.traverseArray((one) => withSurrogates(one, batchSize)),
          ),
        ),
        TE.map((each) => each.flat()),
        TE.chainEitherKW((all) => {
          const distinct = <A>(names: readonly A[]): readonly A[] => Array.from(new Set(names));
          return pipe(
            chosenOf(only, 'pool, surrogate or strategy', [
              distinct(all.map(({ pool }) => pool)),
              surrogateKeys,
              distinct(all.flatMap((one) => one.strategies)),
            ]),
            E.map(([pools = [], keys = [], names = []]) => ({
              all,
              chosen: all
                .filter(({ pool, surrogate }) => pools.includes(pool) && keys.includes(surrogate))
                .map((one) => ({
                  ...one,
                  strategies: one.strategies.filter((name) => names.includes(name)),
                })),
            })),
          );
        }),
      );

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

/** The work: what is left of all pools, seed by seed, from the records that there are, on an engine. */
export const strategies = (
  plan: BenchPlan,
  onEngine: (use: (engine: Engine) => Report) => Report,
  context: Context,
  common: (
    engine: Engine,
  ) => Omit<Extract<BenchReport, { readonly bench: 'strategies' }>, 'bench' | 'groups'>,
): Report => {
  const { out, markdown, seeds, shard } = plan;
  const threads = plan.threads === 0 ? undefined : plan.threads;
  const worked = (
    engine: Engine,
    pools: readonly StrategyPool[],
    { records }: RecordFile,
  ): TE.TaskEither<Failure, unknown> =>
    pipe(
      seeds.flatMap((seed) => pools.map((pool) => ({ seed, pool }))),
      TE.traverseSeqArray(({ seed, pool: { name, strategies: own, source } }) => {
        const units = unitsOf(own, seeds, shard).filter((unit) => unit.seed === seed);
        const before = records.filter(({ experiment }) => experiment === name);
        return units.length === 0
          ? TE.right(undefined)
          : unitsWorked(engine, source(seed), units, before, { out, threads }, context);
      }),
    );
  return pipe(
    poolsOf(plan, context),
    TE.chain(({ all, chosen }) => {
      const units: readonly Unit[] = unitsOf([...new Set(all.flatMap((one) => one.strategies))], seeds);
      return aloneOnFile(
        out,
        pipe(
          resumeRecords(out),
          TE.chainFirstEitherK(({ records }) => checkSame(out, records, experimentsOf(all))),
          TE.mapLeft((failure): Failure => failure),
          TE.chain((file) =>
            onEngine((engine) =>
              pipe(
                worked(engine, chosen, file),
                TE.chainW(() =>
                  orderedRecords(
                    out,
                    units,
                    all.map(({ name }) => name),
                  ),
                ),
                TE.map(({ records }) => strategiesSummary(records)),
                TE.chainFirstW((groups) =>
                  markdown === '' ? TE.right(undefined) : written(markdown, strategiesMarkdown(groups)),
                ),
                TE.map((groups): BenchReport => ({ ...common(engine), bench: 'strategies', groups })),
              ),
            ),
          ),
        ),
      );
    }),
  );
};
