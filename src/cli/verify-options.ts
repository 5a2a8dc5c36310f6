/** What can be asked of `batchgfn verify`, and which of it does not go together? */
import { flag, optional as optionalType, positional, string } from 'cmd-ts';
import * as E from '#fp-ts/Either';
import type { EngineChoice } from '../engine/index.js';
import { inputFailure, type Fault, type InputFailure } from '../failure.js';
import type { BackwardName } from '../gflownet/backward.js';
import { defaultTeacher } from '../gflownet/defaults.js';
import { objectives, type ObjectiveName } from '../gflownet/objectives/index.js';
import { defaultPolicy, policies, type PolicyName } from '../gflownet/policies/index.js';
import { candidates, engine, json, reward, tooFewCandidates } from './common-options.js';
import {
  nonNegativeInteger,
  nonNegativeNumber,
  oneOf,
  positiveInteger,
  temperatureNumber,
  seed,
  share,
} from './decoders.js';
import { optional, withDefault } from './options.js';
import { plotOption } from './plot-option.js';
import type { RewardName } from '../reward/index.js';
import { features, targetDoc, targetName } from './pool-file.js';
import { delimiter } from './table-file.js';
import { surrogateOptions, type SurrogateChoice } from './surrogate-options.js';

const defaultPoolSize = 15;

/** Points in a batch where `--batch-size` is left out: of the generated pool, and of a file. */
const defaultBatchSize = { generated: 3, file: 10 } as const;

const backwards = ['uniform', 'learned'] as const satisfies readonly BackwardName[];

/** Decoded options of verify; undefined where they are left out and have no default of their own. */
export interface VerifyOptions extends SurrogateChoice {
  readonly file: string | undefined;
  readonly target: string | undefined;
  readonly features: readonly string[] | undefined;
  readonly delimiter: string | undefined;
  readonly poolSize: number | undefined;
  readonly candidates: number | undefined;
  readonly reward: RewardName | undefined;
  readonly batchSize: number | undefined;
  readonly smallestBatch: number | undefined;
  readonly pointCost: number;
  readonly temperature: number;
  readonly policy: PolicyName | 'all';
  readonly objective: ObjectiveName | 'all';
  readonly backward: BackwardName;
  readonly plainFlows: boolean;
  readonly teacher: number;
  readonly iterations: number;
  readonly trajectories: number;
  readonly replay: number | undefined;
  readonly draws: number;
  readonly seed: number;
  readonly engine: EngineChoice;
  readonly maxTv: number | undefined;
  readonly minP: number | undefined;
  readonly plot: string | undefined;
  readonly json: boolean;
}

/** What they say of the pool: a file, or how many points are generated. */
export type PoolChoice =
  | { readonly kind: 'file'; readonly file: string; readonly target: string }
  | { readonly kind: 'matern'; readonly poolSize: number };

/** What they come to. */
export interface VerifyPlan {
  readonly pool: PoolChoice;
  readonly batchSize: number;
  readonly smallestBatch: number;
}

const withoutFile = (options: VerifyOptions): readonly Fault[] =>
  Object.entries({
    target: options.target,
    features: options.features,
    delimiter: options.delimiter,
    surrogate: options.surrogate,
    kernel: options.kernel,
    'feature-map': options.featureMap,
    degree: options.degree,
    'fourier-features': options.fourierFeatures,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => ({
      source: `--${name}`,
      problem: 'the option has no meaning without a file',
      remedy: 'Remove it, or give a CSV file: batchgfn verify FILE --target COLUMN',
    }));

const withFile = ({ poolSize, target }: VerifyOptions): readonly Fault[] => [
  ...(poolSize === undefined
    ? []
    : [
        {
          source: '--pool-size',
          problem: 'the pool is the rows of the file whose target is empty, however many they are',
          remedy: 'Remove the option, or the file for a generated pool',
        },
      ]),
  ...(target === undefined
    ? [
        {
          source: '--target',
          problem: 'the option is missing',
          remedy: `Add --target COLUMN: ${targetDoc.description}`,
        },
      ]
    : []),
];

const ofSizes = ({ pointCost }: VerifyOptions, smallest: number, largest: number): readonly Fault[] => [
  ...(smallest > largest
    ? [
        {
          source: '--smallest-batch',
          problem: `a smallest batch of ${smallest} is larger than the largest of ${largest} (--batch-size)`,
          remedy: `Give at most ${largest}, or a larger --batch-size`,
        },
      ]
    : []),
  ...(pointCost > 0 && smallest === largest
    ? [
        {
          source: '--point-cost',
          problem: `a cost changes nothing while all batches have ${largest} point${largest === 1 ? '' : 's'}`,
          remedy: 'Remove it, or let sizes vary with --smallest-batch',
        },
      ]
    : []),
];

/** The pool and the sizes of batches. An InputFailure with a fault for each option that does not go with the others. */
export const planOf = (options: VerifyOptions): E.Either<InputFailure, VerifyPlan> => {
  const { file, target, poolSize = defaultPoolSize } = options;
  const { batchSize = defaultBatchSize[file === undefined ? 'generated' : 'file'] } = options;
  const { smallestBatch = batchSize } = options;
  const [first, ...rest] = [
    ...(file === undefined ? withoutFile(options) : withFile(options)),
    ...ofSizes(options, smallestBatch, batchSize),
    ...tooFewCandidates(options.candidates, batchSize),
  ];
  return first !== undefined
    ? E.left(inputFailure(first, ...rest))
    : E.right({
        pool:
          file === undefined || target === undefined
            ? { kind: 'matern', poolSize }
            : { kind: 'file', file, target },
        batchSize,
        smallestBatch,
      });
};

/** The options with their help, in its order. */
export const verifyOptions = {
  file: positional({
    displayName: 'FILE',
    description: 'a CSV file with a header; a pool is generated if left out',
    type: optionalType(string),
  }),
  target: optional({ ...targetDoc, description: `${targetDoc.description}, with FILE` }, targetName),
  features,
  delimiter,
  ...surrogateOptions,
  poolSize: optional(
    {
      long: 'pool-size',
      placeholder: 'N',
      description: `points of the generated pool (${defaultPoolSize} if left out)`,
    },
    positiveInteger(defaultPoolSize, 100_000),
  ),
  candidates,
  batchSize: optional(
    {
      long: 'batch-size',
      placeholder: 'B',
      description: `points in a batch, the most where sizes vary (${defaultBatchSize.generated} if left out, ${defaultBatchSize.file} with FILE)`,
    },
    positiveInteger(defaultBatchSize.generated),
  ),
  smallestBatch: optional(
    {
      long: 'smallest-batch',
      placeholder: 'M',
      description: 'batches have M to B points and the policy decides when to stop (B if left out)',
    },
    positiveInteger(1),
  ),
  pointCost: withDefault(
    {
      long: 'point-cost',
      placeholder: 'C',
      description:
        'what a label costs, in nats of information, where sizes vary: exp((JMI − C · points) / T)',
    },
    nonNegativeNumber(0.5),
    0,
  ),
  reward,
  temperature: withDefault(
    {
      long: 'temperature',
      placeholder: 'T',
      description:
        'batches are drawn in proportion to exp(U / T), U in nats; at 0.5 the target is exact for any pool',
    },
    temperatureNumber,
    0.5,
  ),
  policy: withDefault(
    {
      long: 'policy',
      placeholder: 'POLICY',
      description: `forward policy: ${Object.keys(policies).join(', ')}, or all`,
    },
    oneOf([...(Object.keys(policies) as PolicyName[]), 'all']),
    defaultPolicy,
  ),
  objective: withDefault(
    {
      long: 'objective',
      placeholder: 'LOSS',
      description: `loss: ${Object.keys(objectives).join(', ')}, or all`,
    },
    oneOf([...(Object.keys(objectives) as ObjectiveName[]), 'all']),
    'logPartitionVariance',
  ),
  backward: withDefault(
    {
      long: 'backward',
      placeholder: 'POLICY',
      description: 'backward policy, the law of orders in which points join a batch: uniform or learned',
    },
    oneOf(backwards),
    'uniform',
  ),
  plainFlows: flag({
    long: 'plain-flows',
    description: 'state flows without the exact partial reward (not forward-looking)',
  }),
  teacher: withDefault(
    {
      long: 'teacher',
      placeholder: 'N',
      description: 'draws from the target, by Gibbs updates, that are imitated an iteration; 0 for none',
    },
    nonNegativeInteger(64),
    defaultTeacher.trajectories,
  ),
  iterations: withDefault(
    { long: 'iterations', placeholder: 'N', description: 'training iterations' },
    positiveInteger(2000),
    2000,
  ),
  trajectories: withDefault(
    { long: 'trajectories', placeholder: 'N', description: 'trajectories an iteration' },
    positiveInteger(64),
    64,
  ),
  replay: optional(
    {
      long: 'replay',
      placeholder: 'N',
      description: 'trajectories of the last 64 iterations that an iteration trains on again',
    },
    positiveInteger(32),
  ),
  draws: withDefault(
    { long: 'draws', placeholder: 'N', description: 'batches drawn from the trained policy' },
    positiveInteger(2000),
    2000,
  ),
  seed: withDefault(
    { long: 'seed', placeholder: 'N', description: 'every random choice hangs on it' },
    seed,
    0,
  ),
  engine,
  maxTv: optional(
    { long: 'max-tv', placeholder: 'X', description: 'exit code 1 where total variation is above it' },
    share,
  ),
  minP: optional(
    {
      long: 'min-p',
      placeholder: 'P',
      description: 'exit code 1 where the p-value is below it: of χ², or of inclusion where there is no χ²',
    },
    share,
  ),
  plot: plotOption(
    'a picture: learned against target probabilities, loss and ELBO of training',
    'verification',
  ),
  json,
};
