/** What does `batchgfn bench` measure: which options go with which bench, and what they come to where they are left out? */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { checkPeersFolder } from '../bench/peers.js';
import type { EngineChoice } from '../engine/index.js';
import { type Failure, type Fault, noneOf } from '../failure.js';
import { defaultPolicy, type PolicyName } from '../gflownet/policies/index.js';
import { checkBatchSize } from './batch-work.js';
import { longName } from './options.js';
import type { SamplersChoice } from './samplers-options.js';

/** What is measured. */
export const benches = [
  'kernels',
  'train',
  'draw',
  'gibbs',
  'fit',
  'start',
  'soak',
  'samplers',
  'strategies',
] as const;

/** The name of a bench. */
export type BenchName = (typeof benches)[number];

/** Sizes between crosses: 3200x256x512. */
export type Sizes = readonly number[];

/** Decoded options of bench; undefined where they are left out. */
export interface BenchOptions extends SamplersChoice {
  readonly what: BenchName;
  readonly matmul: readonly Sizes[] | undefined;
  readonly logSoftmax: readonly Sizes[] | undefined;
  readonly cholesky: readonly Sizes[] | undefined;
  readonly copy: readonly Sizes[] | undefined;
  readonly peers: string | undefined;
  readonly labels: readonly number[] | undefined;
  readonly columns: readonly number[] | undefined;
  readonly factors: readonly number[] | undefined;
  readonly poolSize: readonly number[] | undefined;
  readonly batchSize: number | undefined;
  readonly features: number | undefined;
  readonly hidden: number | undefined;
  readonly trajectories: number | undefined;
  readonly policy: PolicyName | undefined;
  readonly effectiveSampleSize: number | undefined;
  readonly targetPoolSize: number | undefined;
  readonly iterations: number | undefined;
  readonly every: number | undefined;
  readonly draws: number | undefined;
  readonly minMilliseconds: number | undefined;
  readonly repeats: number | undefined;
  readonly engine: EngineChoice | undefined;
  readonly threads: number | undefined;
  readonly history: string | undefined;
  readonly seed: number;
  readonly json: boolean;
}

/** Everything that a bench reads, with its defaults in place. */
export type BenchPlan = { readonly [K in keyof BenchOptions]-?: Exclude<BenchOptions[K], undefined> };

type Settings = Omit<BenchPlan, 'what' | 'seed' | 'json'>;

const common: Settings = {
  matmul: [[256], [512], [1024], [3200, 256, 512]],
  logSoftmax: [
    [16, 2000],
    [256, 2000],
  ],
  cholesky: [[1000, 10]],
  copy: [[2 ** 14], [2 ** 19], [2 ** 24]],
  peers: '',
  labels: [200, 500, 1000],
  columns: [5, 8],
  factors: [1000],
  poolSize: [2000],
  batchSize: 10,
  features: 32,
  hidden: 64,
  trajectories: 16,
  policy: defaultPolicy,
  effectiveSampleSize: 0.9,
  targetPoolSize: 100,
  iterations: 1000,
  every: 1000,
  draws: 1000,
  minMilliseconds: 20,
  repeats: 7,
  engine: 'auto',
  // As many as an engine has by itself.
  threads: 0,
  history: '',
  data: [],
  only: [],
  out: '',
  markdown: '',
  shard: { index: 1, count: 1 },
  seeds: Array.from({ length: 10 }, (_, seed) => seed),
};

/** What differs from bench to bench. */
const defaults: Readonly<Record<BenchName, Partial<Settings>>> = {
  kernels: {},
  train: { poolSize: [100, 1000, 10_000], draws: 2000 },
  draw: {},
  gibbs: {},
  start: {},
  soak: { poolSize: [12], batchSize: 3, iterations: 10_000 },
  // Of each policy its own.
  samplers: { iterations: 0 },
  strategies: {},
  fit: { repeats: 3 },
};

/** The options that a bench reads. */
const taken: Readonly<Record<BenchName, readonly (keyof Settings)[]>> = {
  kernels: [
    'matmul',
    'logSoftmax',
    'cholesky',
    'copy',
    'peers',
    'minMilliseconds',
    'repeats',
    'engine',
    'threads',
    'history',
  ],
  train: [
    ...(['poolSize', 'batchSize', 'features', 'hidden', 'trajectories', 'policy'] as const),
    ...(['effectiveSampleSize', 'targetPoolSize', 'iterations', 'draws'] as const),
    ...(['minMilliseconds', 'repeats', 'engine', 'threads', 'history'] as const),
  ],
  draw: [
    ...(['poolSize', 'batchSize', 'features', 'hidden', 'policy', 'draws'] as const),
    ...(['minMilliseconds', 'repeats', 'engine', 'threads', 'history'] as const),
  ],
  gibbs: ['poolSize', 'batchSize', 'draws', 'minMilliseconds', 'repeats', 'threads', 'history'],
  start: ['poolSize', 'batchSize', 'features', 'hidden', 'policy', 'repeats', 'history'],
  soak: ['poolSize', 'batchSize', 'trajectories', 'policy', 'iterations', 'every', 'engine', 'threads'],
  fit: ['labels', 'columns', 'factors', 'peers', 'minMilliseconds', 'repeats', 'history'],
  samplers: ['data', 'only', 'out', 'markdown', 'shard', 'draws', 'iterations', 'engine', 'threads'],
  strategies: ['data', 'only', 'out', 'markdown', 'shard', 'seeds', 'batchSize', 'engine', 'threads'],
};

const unused = (options: BenchOptions): readonly Fault[] =>
  (Object.keys(common) as (keyof Settings)[])
    .filter((name) => options[name] !== undefined && !taken[options.what].includes(name))
    .map((name) => ({
      source: longName(name),
      problem: `the option has no meaning for bench ${options.what}`,
      remedy: `Remove it, or use bench ${benches.filter((other) => taken[other].includes(name)).join(' or ')}`,
    }));

const onePool = ({ what, poolSize }: BenchPlan): readonly Fault[] =>
  poolSize.length > 1 && (what === 'start' || what === 'soak')
    ? [
        {
          source: '--pool-size',
          problem: `bench ${what} is of one pool, and ${poolSize.length} are given`,
          remedy: 'Give one size',
        },
      ]
    : [];

const faultsOf = (either: E.Either<Failure, unknown>): readonly Fault[] =>
  E.isLeft(either) && either.left._tag === 'InputFailure' ? either.left.faults : [];

/** The options with defaults in place. An InputFailure with a fault for each that does not go with the bench or the others. */
export const benchPlanOf = (options: BenchOptions): E.Either<Failure, BenchPlan> => {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const plan = { ...common, ...defaults[options.what], ...given } as BenchPlan;
  const smallest = Math.min(...plan.poolSize, ...(plan.what === 'train' ? [plan.targetPoolSize] : []));
  const faults = [
    ...unused(options),
    ...onePool(plan),
    ...(plan.what === 'kernels' ||
    plan.what === 'samplers' ||
    plan.what === 'strategies' ||
    plan.what === 'fit'
      ? []
      : faultsOf(checkBatchSize(plan.batchSize, smallest))),
    ...(plan.peers === '' || plan.what === 'fit' ? [] : faultsOf(checkPeersFolder(plan.peers))),
  ];
  return pipe(
    noneOf(faults),
    E.map(() => plan),
  );
};
