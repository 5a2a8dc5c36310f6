/** What can be asked of `batchgfn run`? Which experiment its options come to: run-experiment.ts. */
import { pipe } from '#fp-ts/function';
import * as O from '#fp-ts/Option';
import * as t from '#io-ts';
import { strategies } from '../acquisition/index.js';
import type { SettingValues } from '../acquisition/settings.js';
import type { EngineChoice } from '../engine/index.js';
import { presets, type PresetName, tablePresets } from '../learning/experiment/presets.js';
import { contenderNames } from '../learning/experiment/policies.js';
import { strategyOf, type StrategyName } from '../learning/experiment/strategy-name.js';
import type { Shard } from '../learning/experiment/units.js';
import { engine, json, settingOptions, threads } from './common-options.js';
import { filePath, keyOf, nonNegativeInteger, positiveInteger, share, type WordDecoder } from './decoders.js';
import { optional, required } from './options.js';
import { embeddings, type EmbeddingsChoice } from './embeddings.js';
import { type FlagChoice, flagOptions, targetName, targetsDoc } from './pool-file.js';
import { type TableChoice, tableOptions } from './table-options.js';
import { seedList } from './seed-list.js';
import { shard } from './shard.js';
import type { SurrogateChoice } from './surrogate-offers.js';
import { surrogateOptions, task } from './surrogate-options.js';

const reading = <A>(name: string, remedy: string, read: (word: string) => O.Option<A>): WordDecoder<A> =>
  new t.Type(
    name,
    (value): value is A => value !== undefined,
    (word, context) =>
      pipe(
        read(word),
        O.match(() => t.failure<A>(word, context, remedy), t.success<A>),
      ),
    String,
  );

const strategyList = reading<readonly StrategyName[]>(
  'a list of different strategies',
  `Give some of ${Object.keys(strategies).join(', ')}, with commas between them; random:16 for the best of 16 draws, greedy@predictiveVariance for another reward`,
  (word) =>
    pipe(
      word.split(','),
      O.traverseArray((name) => strategyOf(name.trim())),
      O.map((named) => named.map(({ name }) => name)),
      O.filter((names) => new Set(names).size === names.length),
    ),
);

const policyNames: readonly string[] = Array.from(
  new Set((['rounds', 'problems'] as const).flatMap(contenderNames)),
);

const policyList = reading<readonly string[]>(
  'a list of different policies',
  `Give some of ${policyNames.join(', ')}, with commas between them`,
  (word) => {
    const names = word.split(',').map((name) => name.trim());
    return names.every((name) => policyNames.includes(name)) && new Set(names).size === names.length
      ? O.some(names)
      : O.none;
  },
);

const targetsOfRun = {
  ...targetsDoc,
  description: 'the column of labels, or several with commas',
};

/** The options of run. */
export const runOptions = {
  preset: optional(
    {
      long: 'preset',
      placeholder: 'NAME',
      description: `a prepared experiment: ${Object.keys(presets).join(', ')}; or, with --data, ${Object.keys(tablePresets).join(', ')}`,
    },
    keyOf({ ...presets, ...tablePresets }),
  ),
  data: optional(
    {
      long: 'data',
      placeholder: 'FILE',
      description: 'a table, as select takes it; rows without a label are left out',
    },
    filePath('a file', 'Give the path of a CSV file'),
  ),
  target: optional(targetsOfRun, targetName),
  ...tableOptions,
  ...flagOptions,
  embeddings,
  seedLabels: optional(
    {
      long: 'seed-labels',
      placeholder: 'N',
      description: 'rows of --data labelled at the start (20 if left out; 0 is a cold start)',
    },
    nonNegativeInteger(20),
  ),
  testFraction: optional(
    {
      long: 'test-fraction',
      placeholder: 'PART',
      description: 'of the rows of --data, to measure on (0.2 if left out)',
    },
    share,
  ),
  strategies: optional(
    {
      long: 'strategies',
      placeholder: 'A,B,C',
      description:
        'what to compare: names of --acquisition, random:16 (best of 16 draws), greedy@predictiveVariance',
    },
    strategyList,
  ),
  policies: optional(
    {
      long: 'policies',
      placeholder: 'A,B,C',
      description:
        'of a preset that compares policies: which, beside one trained from scratch (all if left out)',
    },
    policyList,
  ),
  seeds: required(
    {
      long: 'seeds',
      placeholder: 'N',
      description: 'how many seeds, from 0, or a list of them: 3,5,20-29; one seed is one split of the data',
    },
    seedList,
  ),
  rounds: optional(
    { long: 'rounds', placeholder: 'N', description: 'batches to ask for (10 if left out)' },
    positiveInteger(10),
  ),
  poolSize: optional(
    {
      long: 'pool-size',
      placeholder: 'N',
      description: 'rows of the pool of a preset without --data (2000 if left out)',
    },
    positiveInteger(2000),
  ),
  batchSize: optional(
    { long: 'batch-size', placeholder: 'B', description: 'points in a batch (10 if left out)' },
    positiveInteger(10),
  ),
  out: required(
    {
      long: 'out',
      placeholder: 'FILE',
      description: 'where records go, a line of JSON each; a run that was stopped goes on from it',
    },
    filePath('a file', 'Give the path of a file of records, results.jsonl for instance'),
  ),
  shard,
  ...settingOptions,
  ...surrogateOptions,
  task,
  engine,
  threads,
  json,
};

/** Decoded options of run. */
export interface RunOptions
  extends
    TableChoice,
    FlagChoice,
    EmbeddingsChoice,
    Omit<SurrogateChoice, 'task'>,
    Required<Pick<SurrogateChoice, 'task'>>,
    Required<SettingValues> {
  readonly preset: PresetName | keyof typeof tablePresets | undefined;
  readonly data: string | undefined;
  readonly target: string | undefined;
  readonly seedLabels: number | undefined;
  readonly testFraction: number | undefined;
  /** None with a preset that compares policies. */
  readonly strategies: readonly StrategyName[] | undefined;
  /** None but with such a preset, and then all of it if left out. */
  readonly policies: readonly string[] | undefined;
  readonly seeds: readonly number[];
  readonly rounds: number | undefined;
  readonly batchSize: number | undefined;
  readonly poolSize: number | undefined;
  readonly out: string;
  readonly shard: Shard | undefined;
  readonly engine: EngineChoice;
  readonly threads?: number | undefined;
  readonly json: boolean;
}
