/**
 * What a simulated experiment is: a table whose labels are all known but told only when asked for, split by a seed into
 * the points labelled at the start, the pool and the test rows; and what is fitted and asked for in every round. One
 * seed gives the same split, labels and random choices beside the batches to every strategy, so that strategies can be
 * compared in pairs.
 */
import type { AcquisitionName } from '../../acquisition/index.js';
import type { StrategySettings } from '../../acquisition/strategy.js';
import type { Matrix } from '../../linear-algebra/matrix.js';
import type { SurrogateSpec } from '../../surrogate/surrogate.js';

/** Rows with their labels: n×d inputs and n targets, in the units of the table. */
export interface LabelledRows {
  readonly inputs: Matrix;
  readonly targets: Float64Array;
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

/** A simulated experiment. */
export interface Experiment {
  /** The preset, or the name of the file. */
  readonly name: string;
  /** The data of a seed (a whole number from 0): the same whenever it is asked for. */
  readonly split: (seed: number) => SplitData;
  readonly surrogate: SurrogateSpec;
  readonly batchSize: number;
  /** Batches asked for, after round 0. */
  readonly rounds: number;
  /** Of the strategies; each takes those that it has a use for. */
  readonly settings: StrategySettings;
  /** Of everything that a record depends on but its strategy, seed and round (fingerprint.ts). */
  readonly fingerprint: string;
}

/** One strategy from one seed: the piece of work that is done in one place. */
export interface Unit {
  readonly strategy: AcquisitionName;
  readonly seed: number;
}
