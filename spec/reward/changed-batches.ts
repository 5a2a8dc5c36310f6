/** Pools that batches are changed on, and what those batches must be. */
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import type { Posterior } from '../../src/surrogate/posterior.js';
import { entry } from '../linear-algebra/arbitrary.js';

/** A posterior of these whitened features. */
export const posteriorOf = (whitened: Matrix): Posterior => ({
  mean: new Float64Array(whitened.rows),
  whitened,
  noiseVariance: 1,
});

/** Each row times a scale of its own. */
export const scaledRows = (a: Matrix, scale: (row: number) => number): Matrix =>
  matrixFrom(a.rows, a.columns, (i, j) => scale(i) * entry(a, i, j));
