/** Which options do several commands share? Those of the sampler and of the output (the surrogate's: surrogate-options.ts). */
import type * as E from '#fp-ts/Either';
import { type AcquisitionName, strategies } from '../acquisition/index.js';
import { type SettingName, type SettingValues, unusedSettings } from '../acquisition/settings.js';
import type { EngineChoice } from '../engine/index.js';
import { type Fault, type InputFailure, noneOf } from '../failure.js';
import { strategyOfOptions } from '../learning/usual-strategy.js';
import { objectives } from '../gflownet/objectives/index.js';
import { policies } from '../gflownet/policies/index.js';
import { rewards, type RewardName } from '../reward/index.js';
import { keyOf, positiveInteger, positiveNumber, seed, temperatureNumber } from './decoders.js';
import { flag, longName, naming, optional, withDefault } from './options.js';

const engines: Readonly<Record<EngineChoice, null>> = { auto: null, cpu: null, webgpu: null };

/** `--json`. */
export const json = flag({
  long: 'json',
  description: 'one JSON object on stdout instead of text',
});

/** `--engine`. */
export const engine = withDefault(
  {
    long: 'engine',
    placeholder: 'ENGINE',
    description: 'auto (a hardware adapter if there is one, else the CPU), cpu or webgpu',
  },
  keyOf(engines),
  'auto',
);

/** Most threads of the CPU engine. */
const mostThreads = 64;

/** How `--threads` is told. */
export const threadsOption = {
  long: 'threads',
  placeholder: 'N',
  description: 'threads of the CPU engine (a core each, at most 8, if left out); any number gives the same',
};

/** Its numbers. */
export const threadNumber = positiveInteger(2, mostThreads);

/** `--threads`. */
export const threads = optional(threadsOption, threadNumber);

/** Points of a batch where nothing is said. */
export const defaultBatchSize = 10;

/** `--batch-size`. */
export const batchSize = withDefault(
  { long: 'batch-size', placeholder: 'B', description: 'how many points to label next' },
  positiveInteger(defaultBatchSize),
  defaultBatchSize,
);

/** `--candidates`. */
export const candidates = optional(
  {
    long: 'candidates',
    placeholder: 'M',
    description:
      'draw from M points alone, half of largest gain, half at random (all, or 1000 of a pool above 10000)',
  },
  positiveInteger(1000),
);

/** `--reward`; joint mutual information if left out. */
export const reward = optional(
  {
    long: 'reward',
    placeholder: 'NAME',
    description: naming(
      'what batches are to be good for: ',
      Object.keys(rewards),
      ' (information with --acquisition, if left out)',
    ),
  },
  keyOf(rewards),
);

/** A fault where the candidates are fewer than a batch. */
export const tooFewCandidates = (count: number | undefined, batchSize: number): readonly Fault[] =>
  count === undefined || count >= batchSize
    ? []
    : [
        {
          source: '--candidates',
          problem: `a batch of ${batchSize} needs more than ${count} candidate${count === 1 ? '' : 's'}`,
          remedy: `Give at least ${batchSize}, better a few hundred, or a smaller --batch-size`,
        },
      ];

/** The strategies that something holds for. */
export const strategiesThat = (
  holds: (strategy: (typeof strategies)[AcquisitionName]) => boolean,
): readonly AcquisitionName[] =>
  (Object.keys(strategies) as AcquisitionName[]).filter((name) => holds(strategies[name]));

/** An option for each setting of strategies. */
export const settingOptions = {
  temperature: optional(
    {
      long: 'temperature',
      placeholder: 'T',
      description: 'batches are drawn in proportion to exp(U / T), U their reward in nats',
    },
    temperatureNumber,
  ),
  coldness: optional(
    {
      long: 'coldness',
      placeholder: 'BETA',
      description: naming(
        'how closely ',
        strategiesThat(({ takes }) => takes.includes('coldness')),
        ' follow the gains; 1 if left out',
      ),
    },
    positiveNumber(1),
  ),
  policy: optional(
    {
      long: 'policy',
      placeholder: 'POLICY',
      description: naming('forward policy: ', Object.keys(policies)),
    },
    keyOf(policies),
  ),
  objective: optional(
    {
      long: 'objective',
      placeholder: 'LOSS',
      description: naming('loss: ', Object.keys(objectives)),
    },
    keyOf(objectives),
  ),
  iterations: optional(
    { long: 'iterations', placeholder: 'N', description: 'training iterations' },
    positiveInteger(300),
  ),
  trajectories: optional(
    { long: 'trajectories', placeholder: 'N', description: 'trajectories an iteration' },
    positiveInteger(64),
  ),
} satisfies Readonly<Record<SettingName, unknown>>;

const acquisitionDoc = {
  long: 'acquisition',
  placeholder: 'NAME',
  description: naming(
    'strategy: ',
    Object.keys(strategies),
    ' (if left out, by what labels are; a wrong one is told all)',
  ),
};

/** `--acquisition` of a sampler. */
export const samplerAcquisition = withDefault(acquisitionDoc, keyOf(strategies), 'gflownet');

/** Options of the sampler. What is left out is decided by the library, a strategy by what labels are (learning/usual-strategy.ts). */
export const samplerOptions = {
  acquisition: optional(acquisitionDoc, keyOf(strategies)),
  ...settingOptions,
  candidates,
  reward,
  seed: withDefault(
    { long: 'seed', placeholder: 'N', description: 'every random choice hangs on it' },
    seed,
    0,
  ),
  engine,
  threads,
};

/** Decoded options of the sampler. */
export interface SamplerChoice extends Required<SettingValues> {
  readonly acquisition: AcquisitionName | undefined;
  readonly candidates: number | undefined;
  readonly reward: RewardName | undefined;
  readonly seed: number;
  readonly engine: EngineChoice;
  readonly threads?: number | undefined;
}

/** The same with a strategy. */
export type Sampler = SamplerChoice & { readonly acquisition: AcquisitionName };

/** Those of the strategies that something holds for, as a choice: `--acquisition gflownet`. */
const otherStrategies = (holds: Parameters<typeof strategiesThat>[0]): string =>
  strategiesThat(holds)
    .map((name) => `--acquisition ${name}`)
    .join(' or ');

/** An InputFailure for the options that the strategy has no use for, a fault each, and for candidates fewer than a batch. */
export const checkSampler = (
  choice: SamplerChoice & { readonly batchSize: number },
): E.Either<InputFailure, void> => {
  const acquisition = strategyOfOptions(choice);
  const strategy = strategies[acquisition];
  const unused = unusedSettings(strategy, choice).map((name): Fault => {
    const others = otherStrategies(({ takes }) => takes.includes(name));
    return name === 'temperature' && strategy.temperature !== undefined
      ? {
          source: '--temperature',
          problem: `--acquisition ${acquisition} draws at ${strategy.temperature} only, not at ${choice.temperature ?? ''}`,
          remedy: `Give ${strategy.temperature} or leave it out, or use ${others}`,
        }
      : {
          source: longName(name),
          problem: `the option has no meaning with --acquisition ${acquisition}`,
          remedy: `Remove it, or use ${others}`,
        };
  });
  const idleEngine: readonly Fault[] =
    strategy.onHost && choice.engine === 'webgpu'
      ? [
          {
            source: '--engine',
            problem: `--acquisition ${acquisition} works on the CPU alone`,
            remedy: `Remove it, or use ${otherStrategies(({ onHost }) => !onHost)}`,
          },
        ]
      : [];
  return noneOf([...unused, ...idleEngine, ...tooFewCandidates(choice.candidates, choice.batchSize)]);
};
