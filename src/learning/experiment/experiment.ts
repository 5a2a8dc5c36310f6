/**
 * What a simulated experiment is: a table whose labels are all known but told only when asked for, split by a seed into
 * the points labelled at the start, the pool and the test rows; and what is fitted and asked for in every round. One
 * seed gives the same split, labels and random choices beside the batches to every strategy, so that strategies can be
 * compared in pairs.
 */
import type { StrategySettings } from '../../acquisition/settings.js';
import type { Matrix } from '../../linear-algebra/matrix.js';
import type { BatchSurrogate } from '../fit-for-batch.js';
import type { StrategyName } from './strategy-name.js';

/** The labels of one of several targets, a number a row, in the units of the table. */
export interface NamedTargets {
  readonly target: string;
  readonly targets: Float64Array;
}

/** Rows with their labels: n×d inputs and n targets, in the units of the table. */
export interface LabelledRows {
  readonly inputs: Matrix;
  readonly targets: Float64Array;
  /** Of several targets of numbers, the labels of each; `targets` is those of the first then. */
  readonly outputs?: readonly NamedTargets[];
}

/** The data of one seed. Row indices are 0-based, in the table; no row is in both lists. */
export interface SplitData {
  readonly table: LabelledRows;
  /** Labelled before round 0. */
  readonly labelled: readonly number[];
  /** The rows that may be asked for. */
  readonly pool: readonly number[];
  readonly test: LabelledRows;
}

/**
 * Which policies are compared in place of strategies, on the same posteriors: those that were trained on the posterior of the
 * round before, or on other problems.
 */
export type PolicyStudy =
  | { readonly kind: 'rounds' }
  | {
      readonly kind: 'problems';
      /** How many are trained on. */
      readonly problems: number;
      /** Of each of them, at least and at most. */
      readonly labels: readonly [least: number, most: number];
      /** Inputs by which the features of one problem are brought to those of another, at least a few dozen. */
      readonly anchors: Matrix;
      /** The data of a problem, with so many labels: none of those that are measured on. */
      readonly problem: (index: number, labels: number) => SplitData;
    };

/** A simulated experiment. */
export interface Experiment {
  /** The preset, or the name of the file. */
  readonly name: string;
  /** The data of a seed (a whole number from 0): the same whenever it is asked for. */
  readonly split: (seed: number) => SplitData;
  readonly surrogate: BatchSurrogate;
  readonly batchSize: number;
  /** Batches asked for, after round 0. */
  readonly rounds: number;
  /** Of the strategies; each takes those that it has a use for. */
  readonly settings: StrategySettings;
  /** None where strategies are compared. */
  readonly study?: PolicyStudy;
  /** Of everything that a record depends on but its strategy, seed and round (fingerprint.ts). */
  readonly fingerprint: string;
}

/** One strategy from one seed: the piece of work that is done in one place. */
export interface Unit {
  readonly strategy: StrategyName;
  readonly seed: number;
}
