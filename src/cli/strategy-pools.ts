/** On which pools does `batchgfn bench strategies` compare which strategies? Tables that are given, and generated ones, by each surrogate. */
import path from 'node:path';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { type AcquisitionName, strategies as known } from '../acquisition/index.js';
import type { Strategy } from '../acquisition/strategy.js';
import { families, type Family } from '../bench/strategies/families.js';
import { type Failure, type Fault, inputFailure, type InputFailure, noneOf } from '../failure.js';
import type { LabelledRows } from '../learning/experiment/experiment.js';
import { labelledRows } from '../learning/experiment/labelled-rows.js';
import type { ExperimentSource } from '../learning/experiment/sources.js';
import type { StrategyName } from '../learning/experiment/strategy-name.js';
import { type BatchSurrogate, batchSurrogateOf } from '../learning/fit-for-batch.js';
import { keyFromSeed, permutation, split } from '../random/key.js';
import type { BenchPlan } from './bench-plan.js';
import type { Context } from './command.js';
import { readLabelled } from './labelled-file.js';
import { chosenOf, type DataPool } from './samplers-options.js';
import { plainSurrogate, surrogateSpecOf } from './surrogate-options.js';
import { plainTable } from './table-options.js';

/** Labels that are asked for, in batches; fewer of a pool that begins without: who is ahead of random ones there is soon told. */
const askedFrom = (labels: number): number => (labels === 0 ? 20 : 100);

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
        ...plainSurrogate,
        task: classes === undefined ? 'regression' : 'classes',
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
export interface StrategyPool {
  readonly name: string;
  readonly pool: string;
  readonly surrogate: SurrogateKey;
  readonly strategies: readonly StrategyName[];
  readonly source: (seed: number) => ExperimentSource;
}

/** All pools, and those that are asked for with the strategies that are. */
export type Pools = Readonly<Record<'all' | 'chosen', readonly StrategyPool[]>>;

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
  most: number,
): E.Either<InputFailure, readonly StrategyPool[]> => {
  const asked = askedFrom(seedLabels);
  const batchSize = Math.min(most, asked);
  return pipe(
    surrogateKeys,
    E.traverseArray((key) =>
      pipe(
        surrogateOf(key, classes),
        E.map((surrogate): StrategyPool => {
          const name = key === 'usual' ? pool : `${pool}/${key}`;
          const sizes = { test, seedLabels, batchSize, rounds: Math.floor(asked / batchSize) };
          return {
            ...{ name, pool, surrogate: key, strategies: namesOf(classes) },
            source: (seed) => ({ table: { name, table: rows(seed), surrogate, ...sizes, settings: {} } }),
          };
        }),
      ),
    ),
  );
};

/** A family with labels at the start, and its twin of the same rows without. */
const familyRows = ({ name, classes, rows }: Family): readonly PoolRows[] => {
  const { labels, pool, test } = generated;
  const count = labels + pool[classes === undefined ? 'regression' : 'classes'] + test;
  const own = { pool: name, classes, labels, test, rows: (seed: number) => rows(seed, count) };
  return [own, { ...own, pool: `${name}-cold`, labels: 0 }];
};

/** Those of all families. */
const familyPools = families.flatMap(familyRows);

/** The name of a file's pool. */
const poolName = (file: string): string => path.basename(file, path.extname(file));

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
      const asked = askedFrom(labels);
      return test + labels + asked > count
        ? E.left(
            inputFailure({
              source: file,
              problem: `${test} rows to measure on, ${labels} labels and ${asked} to ask for are more than ${count} rows`,
              remedy: 'Give more rows, or fewer labels',
            }),
          )
        : E.right({
            ...{ pool: poolName(file), classes, labels, test },
            rows: () => rows,
          });
    }),
  );

/** What is wrong with the options before a file is read. */
const faultsOf = ({ data, batchSize, out }: BenchPlan): readonly Fault[] => {
  const asked = askedFrom(generated.labels);
  const names = [...familyPools.map(({ pool }) => pool), ...data.map(({ file }) => poolName(file))];
  const twice = names.find((name, i) => names.indexOf(name) < i);
  return [
    ...(out === ''
      ? [
          {
            source: '--out',
            problem: 'the option is missing',
            remedy: 'Give a file of records: --out all.jsonl',
          },
        ]
      : []),
    ...(batchSize > asked
      ? [
          {
            source: '--batch-size',
            problem: `${batchSize} are more than the ${asked} labels that are asked for`,
            remedy: 'Give a smaller one',
          },
        ]
      : []),
    ...(twice === undefined
      ? []
      : [
          {
            source: '--data',
            problem: `two pools are called ${twice}`,
            remedy: 'Give the file another name',
          },
        ]),
  ];
};

/** All pools, and those that are asked for, each with its strategies. An InputFailure for a file that cannot be read, and a name that is none. */
export const poolsOf = (plan: BenchPlan, context: Context): TE.TaskEither<Failure, Pools> =>
  pipe(
    TE.fromEither(noneOf(faultsOf(plan))),
    TE.chainW(() =>
      pipe(
        plan.data,
        TE.traverseSeqArray((one) => fileRows(one, context)),
      ),
    ),
    TE.chainEitherKW((files) =>
      pipe(
        [...files, ...familyPools],
        E.traverseArray((one) => withSurrogates(one, plan.batchSize)),
      ),
    ),
    TE.map((each) => each.flat()),
    TE.chainEitherKW((all) => {
      const distinct = <A>(names: readonly A[]): readonly A[] => Array.from(new Set(names));
      return pipe(
        chosenOf(plan.only, 'pool, surrogate or strategy', [
          distinct(all.map(({ pool }) => pool)),
          surrogateKeys,
          distinct(all.flatMap((one) => one.strategies)),
        ]),
        E.map(([pools = [], keys = [], names = []]) => ({
          all,
          chosen: all
            .filter(({ pool, surrogate }) => pools.includes(pool) && keys.includes(surrogate))
            .map((one) => ({ ...one, strategies: one.strategies.filter((name) => names.includes(name)) })),
        })),
      );
    }),
  );
