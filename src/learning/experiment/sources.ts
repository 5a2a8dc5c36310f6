/** Where does an experiment come from? A preset, or a table of which all labels are known, split at random by the seed. */
import { nameIn } from '../../acquisition/settings.js';
import { requireMatrix, requireObjects, wrongArgument } from '../../misuse.js';
import type { StrategySettings } from '../../acquisition/settings.js';
import { keyFromSeed, permutation, split } from '../../random/key.js';
import type { BatchSurrogate } from '../fit-for-batch.js';
import type { Experiment, LabelledRows } from './experiment.js';
import { fingerprintOf } from './fingerprint.js';
import { labelledRows, stillTarget } from './labelled-rows.js';
import { type Preset, presets, type PresetName, type PresetSizes } from './presets.js';

/** An experiment as plain data, which another thread can be given. */
export type ExperimentSource =
  | {
      readonly preset: PresetName;
      readonly settings: StrategySettings;
      readonly sizes: Partial<PresetSizes>;
    }
  | { readonly table: TableExperiment };

/** The experiment of a preset, with sizes other than its own where they are given. */
export const presetExperiment = (
  name: PresetName,
  settings: StrategySettings = {},
  sizes: Partial<PresetSizes> = {},
): Experiment => {
  const { holds, expected } = nameIn(presets);
  if (!holds(name)) throw wrongArgument('presetExperiment', 'name', name, expected);
  requireObjects('presetExperiment', { settings, sizes });
  const preset: Preset = presets[name];
  const all = { ...preset.sizes, ...sizes };
  const { batchSize, rounds, seedLabels, pool, test } = all;
  const { surrogate } = preset;
  return {
    ...{ name, surrogate, batchSize, rounds, settings },
    split: (seed) => preset.split(all, seed),
    ...(preset.study === undefined ? {} : { study: preset.study(all) }),
    fingerprint: fingerprintOf({ name, surrogate, batchSize, settings, seedLabels, pool, test }),
  };
};

/** A table and how it is split: so many test rows, so many labelled at the start; the others are the pool. */
export interface TableExperiment {
  readonly name: string;
  readonly table: LabelledRows;
  readonly test: number;
  readonly seedLabels: number;
  readonly surrogate: BatchSurrogate;
  readonly batchSize: number;
  readonly rounds: number;
  readonly settings?: StrategySettings;
}

/** Which child of the seed's key splits tables. */
const stream = 0x73706c;

/**
 * The experiment of a table. Throws a RangeError where the test rows, the points labelled at the start and the batches
 * are more than the table has, or one of several targets has labels that are all the same.
 */
export const tableExperiment = (options: TableExperiment): Experiment => {
  requireObjects('tableExperiment', { options });
  const { table, test, seedLabels, settings = {}, ...rest } = options;
  requireObjects('tableExperiment', { 'options.table': table });
  requireMatrix('tableExperiment', 'options.table.inputs', table.inputs);
  const needed = test + seedLabels + rest.batchSize * rest.rounds;
  if (needed > table.inputs.rows)
    throw new RangeError(`tableExperiment: ${needed} rows are needed and there are ${table.inputs.rows}`);
  const { name, surrogate, batchSize, rounds } = rest;
  const { outputs } = table;
  const still = stillTarget(table);
  if (still !== undefined)
    throw new RangeError(
      `tableExperiment: all labels of ${still.target} are the same, so it has no relative error`,
    );
  return {
    ...{ name, surrogate, batchSize, rounds, settings },
    split: (seed) => {
      const order = Array.from(permutation(split(keyFromSeed(seed), stream), table.inputs.rows));
      const testRows = order.slice(0, test);
      return {
        table,
        labelled: order.slice(test, test + seedLabels),
        pool: order.slice(test + seedLabels),
        test: labelledRows(table, testRows),
      };
    },
    fingerprint: fingerprintOf({
      ...{ name, surrogate, batchSize, settings, test, seedLabels },
      columns: table.inputs.columns,
      inputs: Array.from(table.inputs.data),
      targets: Array.from(table.targets),
      ...(outputs === undefined
        ? {}
        : { outputs: outputs.map((own) => [own.target, Array.from(own.targets)]) }),
    }),
  };
};

/** The experiment of a source. Throws as {@link tableExperiment} does. */
export const experimentFrom = (source: ExperimentSource): Experiment =>
  'table' in source
    ? tableExperiment(source.table)
    : presetExperiment(source.preset, source.settings, source.sizes);
