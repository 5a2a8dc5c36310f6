/** What the heads of a neural surrogate share while it is fitted: the rows as networks see them, and what becomes of held-out values. */
import type { Matrix } from '../../linear-algebra/matrix.js';
import type { Work } from '../../work.js';
import { inverseTemperatureOf } from '../class-temperature.js';
import type { Scaling } from '../standardise.js';
import type { HeldOut } from './folds.js';
import type { NetworkShape } from './layers.js';
import type { NetworkSpec } from './model.js';

/** Labelled rows, standardised, and what they are. */
export interface Prepared {
  readonly spec: NetworkSpec;
  readonly shape: NetworkShape;
  readonly inputs: readonly Scaling[];
  readonly x: Matrix;
  /** n×O: targets, or one-hot rows. */
  readonly y: Matrix;
  readonly labels: Float64Array;
  readonly target: Scaling;
  readonly folds: Int32Array;
  readonly without: readonly number[];
}

/** Draws of each fold's network for the held-out values, where draws are not networks of their own. */
export const heldOutDraws = 16;

/** What of a model does not depend on its head. */
export const baseOf = ({ spec, inputs, x }: Prepared, parameters: Float64Array) => ({
  kind: 'network' as const,
  ...{ hidden: spec.hidden, iterations: spec.iterations, draws: spec.draws, seed: spec.seed },
  ...{ labelledCount: x.rows, inputs, parameters: Array.from(parameters) },
});

/** The folds of networks of which several draws were taken. */
export const repeatedFolds = (without: readonly number[]): readonly number[] =>
  without.flatMap((fold) => new Array<number>(heldOutDraws).fill(fold));

/** β by held-out values, in steps, with 1 as its median: the networks were trained for their logits to be log odds. */
export function* temperatureOf(heldOut: HeldOut, classes: number, labels: Float64Array): Work<number> {
  return heldOut.draws === 0 ? 1 : yield* inverseTemperatureOf({ ...heldOut, classes, labels }, 1);
}
