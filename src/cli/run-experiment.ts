/** Which experiment do the options of `batchgfn run` come to: a preset, a file, or a preset of a file? */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as O from '#fp-ts/Option';
import * as TE from '#fp-ts/TaskEither';
import { strategies } from '../acquisition/index.js';
import { givenSettings, settingNames, unusedSettings } from '../acquisition/settings.js';
import { type Failure, type Fault, inputFailure, type InputFailure, noneOf } from '../failure.js';
import type { LabelledRows } from '../learning/experiment/experiment.js';
import { contenderNames } from '../learning/experiment/policies.js';
import { type Preset, presets, type PresetName, tablePresets } from '../learning/experiment/presets.js';
import type { ExperimentSource } from '../learning/experiment/sources.js';
import { strategyOf } from '../learning/experiment/strategy-name.js';
import { batchSurrogateOf, type BatchSurrogate } from '../learning/fit-for-batch.js';
import type { Context } from './command.js';
import { strategiesThat } from './common-options.js';
import { readLabelled } from './labelled-file.js';
import { longName } from './options.js';
import { surrogateSpecOf } from './surrogate-options.js';
import { tableOptionNames } from './table-options.js';
import type { RunOptions } from './run-options.js';
import { present } from '../present.js';

const ofData = [
  ...(['target', 'embeddings', 'only', 'exclude'] as const),
  ...tableOptionNames,
  ...(['seedLabels', 'testFraction'] as const),
] as const;
const ofSurrogate = [
  ...(['surrogate', 'kernel', 'featureMap', 'degree', 'fourierFeatures'] as const),
  ...(['hidden', 'fitIterations', 'posteriorDraws'] as const),
];

const missingStrategies: Fault = {
  source: '--strategies',
  problem: 'the option is missing',
  remedy: 'Add --strategies gflownet,greedy,random, say',
};

const idleTask = (name: PresetName): Fault => ({
  source: '--task',
  problem: `the option has no meaning with --preset ${name}`,
  remedy: 'Remove it, or use --data',
});

const isTablePreset = (name: PresetName | keyof typeof tablePresets): name is keyof typeof tablePresets =>
  Object.hasOwn(tablePresets, name);

/** Policies of another study. */
const foreignPolicies = (name: PresetName, { sizes, study }: Preset, { policies = [] }: RunOptions) => {
  const own = study === undefined ? policies : contenderNames(study(sizes).kind);
  const foreign = policies.filter((policy) => !own.includes(policy));
  return foreign.map((policy): Fault => ({
    source: '--policies',
    problem: `--preset ${name} has no policy ${policy}`,
    remedy: `Give some of ${own.join(', ')}`,
  }));
};

const presetOf = (name: PresetName, options: RunOptions): E.Either<InputFailure, ExperimentSource> => {
  const preset: Preset = presets[name];
  const ofOther = preset.study === undefined ? (['policies'] as const) : (['strategies'] as const);
  const [first, ...rest] = [
    ...[...ofData, ...ofSurrogate, ...ofOther]
      .filter((option) => options[option] !== undefined)
      .map((option): Fault => ({
        source: longName(option),
        problem: `the option has no meaning with --preset ${name}`,
        remedy:
          option === 'strategies' ? 'Remove it: the preset compares policies' : 'Remove it, or use --data',
      })),
    ...(options.task === 'classes' ? [idleTask(name)] : []),
    ...(preset.study === undefined && options.strategies === undefined ? [missingStrategies] : []),
    ...foreignPolicies(name, preset, options),
  ];
  if (first !== undefined) return E.left(inputFailure(first, ...rest));
  const { rounds, batchSize, poolSize } = options;
  const sizes = {
    ...present({ pool: poolSize, rounds, batchSize }),
  };
  const all = { ...preset.sizes, ...sizes };
  return all.rounds * all.batchSize > all.pool
    ? E.left(
        inputFailure({
          source: '--rounds',
          problem: `${all.rounds} batches of ${all.batchSize} are more than the pool of ${all.pool}`,
          remedy: 'Give fewer rounds, smaller batches or a larger pool',
        }),
      )
    : E.right({ preset: name, settings: givenSettings(options), sizes });
};

/** What several targets are not compared with: class labels, and rewards but their information. */
const foreignToOutputs = (
  rows: LabelledRows,
  { task, preset, strategies: names = [] }: Pick<RunOptions, 'task' | 'preset' | 'strategies'>,
): readonly Fault[] =>
  rows.outputs === undefined
    ? []
    : [
        ...(task !== 'classes'
          ? []
          : [
              {
                source: preset === undefined ? '--task' : '--preset',
                problem: 'several targets are of numbers',
              },
            ]),
        ...names
          .filter((name) =>
            pipe(
              strategyOf(name),
              O.exists(({ reward }) => reward !== undefined),
            ),
          )
          .map((name) => ({
            source: '--strategies',
            problem: `batches for several targets are by their information, and ${name} is not`,
          })),
      ].map((fault) => ({ ...fault, remedy: 'Leave it out, or name one target' }));

const dataOf = (
  name: string,
  file: string,
  target: string,
  options: RunOptions,
  context: Context,
  prepared?: BatchSurrogate,
): TE.TaskEither<Failure, ExperimentSource> => {
  const { seedLabels = 20, testFraction = 0.2, rounds = 10, batchSize = 10 } = options;
  // The presets of tables are of classes.
  const task = prepared === undefined ? options.task : 'classes';
  return pipe(
    prepared !== undefined && ofSurrogate.every((option) => options[option] === undefined)
      ? TE.right<Failure, BatchSurrogate>(prepared)
      : TE.fromEither(surrogateSpecOf({ ...options, task }, 0)),
    TE.bindTo('surrogate'),
    TE.bind('labelled', () =>
      readLabelled(
        { ...options, file, target, several: true },
        task === 'classes' ? 'classes' : 'numbers',
        context,
      ),
    ),
    TE.chainFirstEitherKW(({ labelled }) => noneOf(foreignToOutputs(labelled.rows, { ...options, task }))),
    TE.chainEitherKW(({ surrogate, labelled: { rows: table, classes } }) => {
      const { rows } = table.inputs;
      const test = Math.max(1, Math.round(testFraction * rows));
      const needed = test + seedLabels + rounds * batchSize;
      return needed > rows
        ? E.left(
            inputFailure({
              source: file,
              problem: `${test} test rows, ${seedLabels} labelled at the start and ${rounds} batches of ${batchSize} are ${needed} rows, and ${rows} have a label`,
              remedy: 'Give fewer --rounds, a smaller --batch-size, --seed-labels or --test-fraction',
            }),
          )
        : E.right({
            table: {
              ...{ name, table, test, seedLabels, batchSize, rounds },
              // As many as the whole table has: the labels at the start may lack some.
              surrogate: batchSurrogateOf(surrogate, classes),
              settings: givenSettings(options),
            },
          });
    }),
  );
};

/** Strategies of class labels alone, where the task is numbers. */
const foreignStrategies = ({ strategies: names = [], task, preset }: RunOptions): readonly Fault[] =>
  task === 'classes' || preset !== undefined
    ? []
    : names
        .filter((name) =>
          pipe(
            strategyOf(name),
            O.exists(({ acquisition }) => strategies[acquisition].ofClasses === true),
          ),
        )
        .map((name) => ({
          source: '--strategies',
          problem: `${name} is of class labels alone`,
          remedy: 'Leave it out, or add --task classes',
        }));

/** Settings that none of the strategies has a use for, a fault each. */
const idleSettings = ({ strategies: names = [], ...options }: RunOptions): readonly Fault[] => {
  const unused = names.map((name) =>
    pipe(
      strategyOf(name),
      O.match(
        () => [],
        ({ acquisition }) => unusedSettings(strategies[acquisition], options),
      ),
    ),
  );
  return settingNames
    .filter((name) => unused.length > 0 && unused.every((of) => of.includes(name)))
    .map((name) => ({
      source: longName(name),
      problem: `the option has no meaning with --strategies ${names.join(',')}`,
      remedy: `Remove it, or add a strategy that takes it: ${strategiesThat(({ takes }) => takes.includes(name)).join(', ')}`,
    }));
};

/** The experiment asked for. An InputFailure where it is not one preset or one file with its target, or has too few rows. */
export const experimentOf = (
  options: RunOptions,
  context: Context,
): TE.TaskEither<Failure, ExperimentSource> => {
  const { preset, data, target } = options;
  const ofTable = preset === undefined || isTablePreset(preset);
  const [idleSetting, ...others] = [...foreignStrategies(options), ...idleSettings(options)];
  if (idleSetting !== undefined) return TE.left(inputFailure(idleSetting, ...others));
  if (!ofTable && data === undefined) return TE.fromEither(presetOf(preset, options));
  if (!ofTable || data === undefined)
    return TE.left(
      inputFailure({
        source: ofTable && preset !== undefined ? '--data' : '--preset',
        problem:
          ofTable && preset !== undefined
            ? `--preset ${preset} is of a file, and there is none`
            : 'give it or --data, one of the two',
        remedy: 'Add --preset toy-regression, or --data FILE --target COLUMN',
      }),
    );
  if (options.strategies === undefined) return TE.left(inputFailure(missingStrategies));
  const ofPresets = (['policies', 'poolSize'] as const).find((option) => options[option] !== undefined);
  if (ofPresets !== undefined)
    return TE.left(
      inputFailure({
        source: longName(ofPresets),
        problem: 'the option has no meaning with --data',
        remedy: 'Remove it, or use --preset lookahead',
      }),
    );
  if (target === undefined)
    return TE.left(
      inputFailure({
        source: '--target',
        problem: 'the option is missing',
        remedy: 'Add --target COLUMN: the column of labels',
      }),
    );
  return dataOf(
    preset ?? data,
    data,
    target,
    options,
    context,
    preset === undefined ? undefined : tablePresets[preset].surrogate,
  );
};
