/**
 * The experiments by name. A new one is an entry here.
 *
 *  - toy-regression: the one-dimensional function of the BatchGFN paper (data/toy.ts), x ~ N(0, 1), 5 points labelled at
 *    the start, a pool of 2,000, batches of 10, and 1,000 test rows whose labels are noisy too: no model has a mean squared
 *    error below σ² = 0.01 there, but for chance.
 *  - lookahead: toy-regression, on whose posteriors policies are compared in place of strategies (policy-transfer.ts).
 *  - meta: the same of policies that were trained across a family of functions (data/toy-family.ts); each seed is another
 *    function. Family, sizes and the 10 to 50 random labels of a function that is trained on are the paper's code's. Ours
 *    are the surrogate's priors and that training functions are never the same twice.
 *  - toy-classification: two bells (data/two-bells.ts), of whose rows 5 are labelled at the start, both classes among them.
 *  - digits: images of ten classes, from a table that is given (`tablePresets`).
 *
 * Sizes are those of the paper's code (Malik et al. 2023, arXiv 2306.15058), but for digits, where they are ours.
 */
import { at } from '../../at.js';
import { toyFamilyMember } from '../../data/toy-family.js';
import { toyFunction, toyFunctionOf, TOY_NOISE } from '../../data/toy.js';
import { twoBells } from '../../data/two-bells.js';
import { matrixFrom } from '../../linear-algebra/matrix.js';
import { type Key, keyFromSeed, normals, split } from '../../random/key.js';
import type { SurrogateSpec } from '../../surrogate/surrogate.js';
import { range } from './coordinates.js';
import type { LabelledRows, PolicyStudy, SplitData } from './experiment.js';

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
  /** Where policies are compared in place of strategies. */
  readonly study?: (sizes: PresetSizes) => PolicyStudy;
}

const TOY_STREAM = 0x746f7272;
const BELLS_STREAM = 0x62656c6c;
const FAMILY_STREAM = 0x666d6c79;
const TRAINING_STREAM = 0x66747261;

/** Rows of a function of one input, x ~ N(0, 1), with noise. */
const noisyRows = (key: Key, count: number, f: (x: number) => number, noise: number): LabelledRows => {
  const inputs = normals(split(key, 0), count);
  const deviates = normals(split(key, 1), count);
  return {
    inputs: matrixFrom(count, 1, (row) => inputs[row] ?? NaN),
    targets: inputs.map((x, i) => f(x) + noise * at(deviates, i)),
  };
};

/** The first rows are labelled, the others are the pool. */
const functionSplit = (
  { seedLabels, pool, test }: PresetSizes,
  key: Key,
  f: (x: number) => number,
  noise: number,
): SplitData => ({
  table: noisyRows(split(key, 0), seedLabels + pool, f, noise),
  labelled: range(0, seedLabels),
  pool: range(seedLabels, seedLabels + pool),
  test: noisyRows(split(key, 1), test, f, noise),
});

const familySplit = (sizes: PresetSizes, key: Key): SplitData => {
  const member = toyFamilyMember(split(key, 2));
  return functionSplit(sizes, key, toyFunctionOf(member), member.noise);
};

const sizes: PresetSizes = { seedLabels: 5, pool: 2000, test: 1000, batchSize: 10, rounds: 10 };

const matern: SurrogateSpec = {
  kind: 'gaussian-process',
  kernel: { kind: 'matern52', lengthScales: 'shared' },
};

const toyRegression: Preset = {
  sizes,
  surrogate: matern,
  split: (own, seed) => functionSplit(own, split(keyFromSeed(seed), TOY_STREAM), toyFunction, TOY_NOISE),
};

/** `count` rows, the first of each of the classes and then the first of the others: ascending. */
const withEachClass = (targets: Float64Array, classes: number, count: number): readonly number[] => {
  const firsts = range(0, classes)
    .map((label) => targets.indexOf(label))
    .filter((row) => row >= 0);
  const others = range(0, targets.length).filter((row) => !firsts.includes(row));
  return [...firsts, ...others].slice(0, count).toSorted((a, b) => a - b);
};

const toyClassification: Preset = {
  sizes,
  surrogate: {
    kind: 'gaussian-process-classes',
    kernel: { kind: 'matern52', lengthScales: 'shared' },
    // Of S draws JMI is at most log S: 5.3 nats, and batches of 10 have about 4.
    ...{ classes: 2, draws: 200, seed: 0 },
  },
  split: ({ seedLabels, pool, test }, seed) => {
    const key = split(keyFromSeed(seed), BELLS_STREAM);
    const table = twoBells(split(key, 0), seedLabels + pool);
    const labelled = withEachClass(table.targets, 2, seedLabels);
    return {
      ...{ table, labelled },
      pool: range(0, seedLabels + pool).filter((row) => !labelled.includes(row)),
      test: twoBells(split(key, 1), test),
    };
  },
};

/** Labels of the functions that a policy is trained on: as many at least, and at most. */
const TRAINING_LABELS = [10, 50] as const;

const meta: Preset = {
  sizes,
  surrogate: matern,
  split: (own, seed) => familySplit(own, split(keyFromSeed(seed), FAMILY_STREAM)),
  study: (own) => ({
    kind: 'problems',
    problems: 20,
    labels: TRAINING_LABELS,
    // All but 0.3% of the inputs are between them.
    anchors: matrixFrom(61, 1, (i) => (i - 30) / 10),
    problem: (index, labels) =>
      familySplit({ ...own, seedLabels: labels }, split(split(keyFromSeed(0), TRAINING_STREAM), index)),
  }),
};

/** The presets. */
export const presets = {
  'toy-regression': toyRegression,
  'toy-classification': toyClassification,
  lookahead: { ...toyRegression, study: () => ({ kind: 'rounds' }) },
  meta,
} as const satisfies Readonly<Record<string, Preset>>;

/** What is prepared of an experiment on a table that a user brings. */
export interface TablePreset {
  readonly surrogate: SurrogateSpec;
}

/** The presets of tables. */
export const tablePresets = {
  digits: {
    surrogate: {
      ...{ kind: 'network', head: 'last-layer', task: 'classes', classes: 10 },
      ...{ hidden: [128], iterations: 300, draws: 100, seed: 0 },
    },
  },
} as const satisfies Readonly<Record<string, TablePreset>>;

/** The name of a preset. */
export type PresetName = keyof typeof presets;
