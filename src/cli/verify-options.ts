/** The options of `batchgfn verify` with their help; what they come to is told by verify-plan.ts. */
import { optional as optionalType, positional, string } from 'cmd-ts';
import type { BackwardName } from '../gflownet/backward.js';
import { defaultTeacher } from '../gflownet/defaults.js';
import { objectives, type ObjectiveName } from '../gflownet/objectives/index.js';
import { defaultPolicy, policies, type PolicyName } from '../gflownet/policies/index.js';
import { candidates, engine, json, reward, threads } from './common-options.js';
import {
  nonNegativeInteger,
  nonNegativeNumber,
  keyOf,
  oneOf,
  positiveInteger,
  temperatureNumber,
  seed,
  share,
} from './decoders.js';
import { flag, naming, optional, withDefault } from './options.js';
import { plotOption } from './plot-option.js';
import { targetDoc, targetName } from './pool-file.js';
import { surrogateOptions } from './surrogate-options.js';
import { tableOptions } from './table-options.js';
import { defaultBatchSize, defaultPoolSize } from './verify-plan.js';

const backwards: Readonly<Record<BackwardName, null>> = { uniform: null, learned: null };

/** The options with their help, in its order. */
export const verifyOptions = {
  file: positional({
    displayName: 'FILE',
    description: 'a CSV file with a header; a pool is generated if left out',
    type: optionalType(string),
  }),
  target: optional({ ...targetDoc, description: `${targetDoc.description}, with FILE` }, targetName),
  ...tableOptions,
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
      description: naming('forward policy: ', Object.keys(policies), ', or all'),
    },
    oneOf([...(Object.keys(policies) as PolicyName[]), 'all']),
    defaultPolicy,
  ),
  objective: withDefault(
    {
      long: 'objective',
      placeholder: 'LOSS',
      description: naming('loss: ', Object.keys(objectives), ', or all'),
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
    keyOf(backwards),
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
  threads,
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
