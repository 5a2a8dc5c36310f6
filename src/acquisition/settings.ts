/**
 * Which settings do strategies take? One record a setting says what its value may be. Whatever knows settings one by one (the
 * options of the command line, the codec of sessions, checks) is made from this table or is total over its names by type, so
 * that a new setting does not compile until each of them has it.
 */
import { objectives, type ObjectiveName } from '../gflownet/objectives/index.js';
import { policies, type PolicyName } from '../gflownet/policies/index.js';
import { smallestTemperature } from '../gflownet/problem.js';
import type { Reward } from '../reward/utility.js';
import type { Strategy } from './strategy.js';

/** Settings that one strategy takes and another has no use for; what is left out is decided by the strategy. */
export interface StrategySettings {
  /** T > 0: batches are drawn in proportion to exp(U / T), U their utility by the reward: JMI in nats. */
  readonly temperature?: number;
  readonly policy?: PolicyName;
  readonly objective?: ObjectiveName;
  readonly iterations?: number;
  readonly trajectories?: number;
  /** β > 0 of strategies that draw points by their gain alone: the larger, the closer to the largest gains. */
  readonly coldness?: number;
  /** What batches are to be good for: joint mutual information if left out. */
  readonly reward?: Reward;
}

/** The name of a setting that not every strategy takes; a reward is taken by all. */
export type SettingName = Exclude<keyof StrategySettings, 'reward'>;

/** What a setting's value may be. */
export interface Setting {
  readonly holds: (value: unknown) => boolean;
  /** In words, as it follows `give`. */
  readonly expected: string;
}

/** What a key of a table may be: of the table itself, not of what all objects have. */
export const nameIn = (table: object): Setting => ({
  holds: (value) => typeof value === 'string' && Object.hasOwn(table, value),
  expected: `one of ${Object.keys(table).join(', ')}`,
});

/** The largest is far beyond what runs: nothing is allocated by a number that a file claims. */
const wholeIn = (min: number, max: number): Setting => ({
  holds: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  expected: `a whole number from ${min} to ${max}`,
});

/** The settings. */
export const settings: Readonly<Record<SettingName, Setting>> = {
  temperature: {
    holds: (value) => Number.isFinite(value) && Number(value) >= smallestTemperature,
    expected: `a number from ${smallestTemperature} up`,
  },
  coldness: { holds: (value) => Number.isFinite(value) && Number(value) > 0, expected: 'a number above 0' },
  policy: nameIn(policies),
  objective: nameIn(objectives),
  iterations: wholeIn(0, 1e9),
  trajectories: wholeIn(1, 2 ** 24),
};

/** Their names. */
export const settingNames = /* @__PURE__ */ Object.keys(settings) as readonly SettingName[];

/** Settings of which some may be undefined, which is as good as left out. */
export type SettingValues = {
  readonly [Name in SettingName]?: StrategySettings[Name] | undefined;
};

/** The settings that are given. */
export const givenSettings = (values: SettingValues): Pick<StrategySettings, SettingName> =>
  Object.fromEntries(
    settingNames.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]),
  );

/** The first setting that is given and is not what it may be: its name, its value, and what to give. */
export const wrongSetting = (
  values: Readonly<Partial<Record<SettingName, unknown>>>,
): { readonly name: SettingName; readonly value: unknown; readonly expected: string } | undefined =>
  settingNames
    .map((name) => ({ name, value: values[name], ...settings[name] }))
    .find(({ value, holds }) => value !== undefined && !holds(value));

/** The settings that are given and that a strategy has no use for; its own temperature is none of them. */
export const unusedSettings = (
  { takes, temperature }: Pick<Strategy, 'takes' | 'temperature'>,
  values: SettingValues,
): readonly SettingName[] =>
  settingNames.filter(
    (name) =>
      values[name] !== undefined &&
      !takes.includes(name) &&
      !(name === 'temperature' && values.temperature === temperature),
  );
