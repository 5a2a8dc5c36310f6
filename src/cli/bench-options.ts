/** What can be asked of `batchgfn bench`, which of it goes with which bench, and what it comes to where it is left out. */
import { positional } from 'cmd-ts';
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { checkPeersFolder } from '../bench/peers.js';
import type { EngineChoice } from '../engine/index.js';
import { inputFailure, type Failure, type Fault } from '../failure.js';
import { defaultPolicy, policies, type PolicyName } from '../gflownet/policies/index.js';
import { checkBatchSize } from './batch-work.js';
import { json } from './common-options.js';
import {
  decodeWord,
  keyOf,
  nonNegativeNumber,
  oneOf,
  positiveInteger,
  seed,
  share,
  text,
  type WordDecoder,
} from './decoders.js';
import { errorLines, longName, optional, several, withDefault } from './options.js';
import { samplersOptions, type SamplersChoice } from './samplers-options.js';

/** What is measured. */
export const benches = ['kernels', 'train', 'draw', 'start', 'soak', 'samplers'] as const;

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
  data: [],
  only: [],
  out: '',
  markdown: '',
  shard: { index: 1, count: 1 },
};

/** What differs from bench to bench. */
const defaults: Readonly<Record<BenchName, Partial<Settings>>> = {
  kernels: {},
  train: { poolSize: [100, 1000, 10_000], draws: 2000 },
  draw: {},
  start: {},
  soak: { poolSize: [12], batchSize: 3, iterations: 10_000 },
  // Of each policy its own.
  samplers: { iterations: 0 },
};

/** The options that a bench reads. */
const taken: Readonly<Record<BenchName, readonly (keyof Settings)[]>> = {
  kernels: ['matmul', 'logSoftmax', 'cholesky', 'copy', 'peers', 'minMilliseconds', 'repeats', 'engine'],
  train: [
    ...(['poolSize', 'batchSize', 'features', 'hidden', 'trajectories', 'policy'] as const),
    ...(['effectiveSampleSize', 'targetPoolSize', 'iterations', 'draws'] as const),
    ...(['minMilliseconds', 'repeats', 'engine'] as const),
  ],
  draw: [
    ...(['poolSize', 'batchSize', 'features', 'hidden', 'policy', 'draws'] as const),
    ...(['minMilliseconds', 'repeats', 'engine'] as const),
  ],
  start: ['poolSize', 'batchSize', 'features', 'hidden', 'policy', 'repeats'],
  soak: ['poolSize', 'batchSize', 'trajectories', 'policy', 'iterations', 'every', 'engine'],
  samplers: ['data', 'only', 'out', 'markdown', 'shard', 'draws', 'iterations', 'engine'],
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
  const [first, ...rest] = [
    ...unused(options),
    ...onePool(plan),
    ...(plan.what === 'kernels' || plan.what === 'samplers'
      ? []
      : faultsOf(checkBatchSize(plan.batchSize, smallest))),
    ...(plan.peers === '' ? [] : faultsOf(checkPeersFolder(plan.peers))),
  ];
  return first === undefined ? E.right(plan) : E.left(inputFailure(first, ...rest));
};

/** Sizes of a shape, so many of them. */
const sizes = (counts: readonly number[], example: string): WordDecoder<Sizes> => {
  const isSizes = (value: unknown): value is Sizes =>
    Array.isArray(value) && counts.includes(value.length) && value.every(t.number.is);
  const size = positiveInteger(1, 2 ** 28);
  return new t.Type(
    `${counts.join(' or ')} ${counts.at(-1) === 1 ? 'size' : 'sizes with x between them'}`,
    isSizes,
    (word, context) =>
      pipe(
        word.split(/[x×]/),
        O.traverseArray((part) => O.fromEither(size.decode(part))),
        O.filter(isSizes),
        O.match(() => t.failure(word, context, `Give ${example} for instance`), t.success<Sizes>),
      ),
    (value) => value.join('x'),
  );
};

/** The options with their help, in its order. */
export const benchOptions = {
  what: positional({
    displayName: 'WHAT',
    description: `what is measured: ${benches.join(', ')}`,
    type: {
      from: (word: string): Promise<BenchName> =>
        pipe(
          decodeWord(oneOf(benches))(word),
          E.match(
            ({ problem, remedy }) => Promise.reject(new Error(errorLines('WHAT', problem, remedy))),
            (name) => Promise.resolve(name),
          ),
        ),
    },
  }),
  matmul: several(
    {
      long: 'matmul',
      placeholder: 'SIZES',
      description:
        'kernels: products of M×K×N, or of square matrices (256,512,1024,3200x256x512 if left out)',
    },
    sizes([1, 3], '512 or 3200x256x512'),
  ),
  logSoftmax: several(
    {
      long: 'log-softmax',
      placeholder: 'SIZES',
      description: 'kernels: log-softmax of rows × columns (16x2000,256x2000 if left out)',
    },
    sizes([2], '16x2000'),
  ),
  cholesky: several(
    {
      long: 'cholesky',
      placeholder: 'SIZES',
      description: 'kernels: how many matrices × their size (1000x10 if left out)',
    },
    sizes([2], '1000x10'),
  ),
  copy: several(
    {
      long: 'copy',
      placeholder: 'SIZES',
      description: 'kernels: numbers of an elementwise pass (16384,524288,16777216 if left out)',
    },
    sizes([1], '1048576'),
  ),
  peers: optional(
    {
      long: 'peers',
      placeholder: 'FOLDER',
      description:
        'kernels: also the products of @tensorflow/tfjs-core and @jax-js/jax, where FOLDER has them',
    },
    text('a folder', 'Give the folder whose node_modules has the peers'),
  ),
  poolSize: several(
    {
      long: 'pool-size',
      placeholder: 'N',
      description: 'points in the pool (train: 100,1000,10000; draw, start: 2000; soak: 12 if left out)',
    },
    positiveInteger(2000, 10_000_000),
  ),
  batchSize: optional(
    {
      long: 'batch-size',
      placeholder: 'B',
      description: 'points in a batch (10 if left out; soak: 3)',
    },
    positiveInteger(10),
  ),
  features: optional(
    { long: 'features', placeholder: 'D', description: 'numbers that describe a point (32 if left out)' },
    positiveInteger(32, 4096),
  ),
  hidden: optional(
    { long: 'hidden', placeholder: 'H', description: 'width of the hidden layers (64 if left out)' },
    positiveInteger(64, 4096),
  ),
  trajectories: optional(
    { long: 'trajectories', placeholder: 'S', description: 'trajectories an iteration (16 if left out)' },
    positiveInteger(16),
  ),
  policy: optional(
    {
      long: 'policy',
      placeholder: 'POLICY',
      description: `forward policy: ${Object.keys(policies).join(', ')} (gain if left out)`,
    },
    keyOf(policies),
  ),
  effectiveSampleSize: optional(
    {
      long: 'effective-sample-size',
      placeholder: 'X',
      description: 'train: seconds until draws have this effective sample size (0.9 if left out)',
    },
    share,
  ),
  targetPoolSize: optional(
    {
      long: 'target-pool-size',
      placeholder: 'N',
      description: 'train: points of the 1-D Matérn pool on which that is measured (100 if left out)',
    },
    positiveInteger(100, 100_000),
  ),
  iterations: optional(
    {
      long: 'iterations',
      placeholder: 'N',
      description:
        'soak: of training (10000 if left out); train: the most, to that ESS (1000); samplers: of each policy',
    },
    positiveInteger(1000),
  ),
  every: optional(
    {
      long: 'every',
      placeholder: 'N',
      description: 'soak: iterations between two looks at memory (1000 if left out)',
    },
    positiveInteger(1000),
  ),
  draws: optional(
    {
      long: 'draws',
      placeholder: 'N',
      description:
        'draw: batches at once (1000 if left out); train: to see the ESS (2000); samplers: of each way (1000)',
    },
    positiveInteger(1000),
  ),
  minMilliseconds: optional(
    {
      long: 'min-milliseconds',
      placeholder: 'MS',
      description: 'a sample is repeated until it takes so long (20 if left out)',
    },
    nonNegativeNumber(20),
  ),
  repeats: optional(
    {
      long: 'repeats',
      placeholder: 'N',
      description: 'samples, interleaved, whose median is told (7 if left out)',
    },
    positiveInteger(7, 10_000),
  ),
  engine: optional(
    {
      long: 'engine',
      placeholder: 'ENGINE',
      description: 'auto (a hardware adapter if there is one, else the CPU; if left out), cpu or webgpu',
    },
    oneOf(['auto', 'cpu', 'webgpu']),
  ),
  ...samplersOptions,
  seed: withDefault(
    { long: 'seed', placeholder: 'N', description: 'every random choice hangs on it' },
    seed,
    0,
  ),
  json,
};
