/**
 * The experiments by name. A new one is an entry here.
 *
 * toy-regression: the one-dimensional function of the BatchGFN paper (data/toy.ts), x ~ N(0, 1), 5 points labelled at
 * the start, a pool of 2,000, batches of 10, and 1,000 test rows whose labels are noisy too: no model has a mean squared
 * error below σ² = 0.01 there, but for chance.
 */
import { toyFunction, TOY_NOISE } from '../../data/toy.js';
import { matrixFrom } from '../../linear-algebra/matrix.js';
import { type Key, keyFromSeed, normals, split } from '../../random/key.js';
import type { SurrogateSpec } from '../../surrogate/surrogate.js';
import type { LabelledRows, SplitData } from './experiment.js';

/** Sizes of a generated experiment. */
export interface PresetSizes {
  readonly seedLabels: number;
  readonly pool: number;
  readonly test: number;
  readonly batchSize: number;
  readonly rounds: number;
}

/** An experiment of which only the settings of the strategies are open. */
export interface Preset {
  readonly sizes: PresetSizes;
  readonly surrogate: SurrogateSpec;
  readonly split: (sizes: PresetSizes, seed: number) => SplitData;
}

const TOY_STREAM = 0x746f7272;

const toyRows = (key: Key, count: number): LabelledRows => {
  const inputs = normals(split(key, 0), count);
  const noise = normals(split(key, 1), count);
  return {
    inputs: matrixFrom(count, 1, (row) => inputs[row] ?? Number.NaN),
    targets: inputs.map((x, i) => toyFunction(x) + TOY_NOISE * (noise[i] ?? 0)),
  };
};

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

const toyRegression: Preset = {
  sizes: { seedLabels: 5, pool: 2000, test: 1000, batchSize: 10, rounds: 10 },
  surrogate: { kind: 'gaussian-process', kernel: { kind: 'matern52', lengthScales: 'shared' } },
  split: ({ seedLabels, pool, test }, seed) => {
    const key = split(keyFromSeed(seed), TOY_STREAM);
    return {
      table: toyRows(split(key, 0), seedLabels + pool),
      labelled: range(0, seedLabels),
      pool: range(seedLabels, seedLabels + pool),
      test: toyRows(split(key, 1), test),
    };
  },
};

/** The presets. */
export const presets = { 'toy-regression': toyRegression } as const satisfies Readonly<
  Record<string, Preset>
>;

/** The name of a preset. */
export type PresetName = keyof typeof presets;
