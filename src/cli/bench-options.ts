/** The options of `batchgfn bench` with their help; what they come to is told by bench-plan.ts. */
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { policies } from '../gflownet/policies/index.js';
import { benches, type Sizes } from './bench-plan.js';
import { json, threadNumber, threadsOption } from './common-options.js';
import {
  filePath,
  keyOf,
  nonNegativeNumber,
  oneOf,
  positiveInteger,
  seed,
  share,
  text,
  type WordDecoder,
} from './decoders.js';
import { argument, naming, optional, several, withDefault } from './options.js';
import { samplersOptions } from './samplers-options.js';

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
  what: argument('WHAT', `what is measured: ${benches.join(', ')}`, oneOf(benches)),
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
        'kernels: also TensorFlow.js and jax-js, where FOLDER has them; fit: scikit-learn, of this Python',
    },
    text(
      'a folder, or a Python',
      'Give the folder whose node_modules has the peers, for fits a Python: python3',
    ),
  ),
  labels: several(
    { long: 'labels', placeholder: 'N', description: 'fit: labels of a table (200,500,1000 if left out)' },
    positiveInteger(500, 10_000),
  ),
  columns: several(
    { long: 'columns', placeholder: 'D', description: 'fit: features of a table (5,8 if left out)' },
    positiveInteger(8, 1000),
  ),
  factors: several(
    {
      long: 'factors',
      placeholder: 'N',
      description: 'fit: Cholesky factor, inverse and eigenvectors of N×N (1000 if left out)',
    },
    positiveInteger(1000, 10_000),
  ),
  poolSize: several(
    {
      long: 'pool-size',
      placeholder: 'N',
      description:
        'points in the pool (train: 100,1000,10000; draw, gibbs, start: 2000; soak: 12 if left out)',
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
      description: naming('forward policy: ', Object.keys(policies), ' (gain if left out)'),
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
        'draw, gibbs: batches at once (1000 if left out); train: to see the ESS (2000); samplers: of each way (1000)',
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
  threads: optional(threadsOption, threadNumber),
  history: optional(
    {
      long: 'history',
      placeholder: 'FILE',
      description: 'keep the timings in this file, and say what changed since the last of the same settings',
    },
    filePath('a file', 'Give the path of a file of timings, bench.jsonl for instance'),
  ),
  ...samplersOptions,
  seed: withDefault(
    { long: 'seed', placeholder: 'N', description: 'every random choice hangs on it' },
    seed,
    0,
  ),
  json,
};
