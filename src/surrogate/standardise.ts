/**
 * Inputs and targets brought to mean 0 and standard deviation 1:  z = (x − centre) / scale.
 *
 * Inputs by all rows there are, labelled and pool together: the pool is known, it is where predictions are
 * wanted, and the deviation of a few labelled rows says little about it. Targets by the labelled rows, which
 * are all there is. A column (or target) of one value keeps scale 1, and so does the target of a single
 * labelled row: its unit is then unknown, and the prior on the signal (evidence-maximum.ts) speaks in the
 * unit given.
 */
import * as t from '#io-ts';
import { relativeDeviation, roundingDeviation } from '../linear-algebra/deviation.js';
import type { Matrix } from '../linear-algebra/matrix.js';

/** Decodes a {@link Scaling}. Marked pure: a bundle that decodes none drops it. */
export const scalingCodec = /* @__PURE__ */ (() =>
  t.readonly(t.type({ centre: t.number, scale: t.number })))();

/** Centre and scale of one quantity. The scale is positive. */
export interface Scaling {
  readonly centre: number;
  readonly scale: number;
}

/**
 * The mean, and the standard deviation with n − 1 below; deviation 0, or one that is rounding, reads as scale 1, no value at
 * all as centre 0.
 */
export const scalingOf = (values: Float64Array): Scaling => {
  const { largest, centre, deviation } = relativeDeviation(values);
  return { centre: centre * largest, scale: deviation > roundingDeviation ? deviation * largest : 1 };
};

/** Column j of the rows of all matrices together. */
const columnOf = (parts: readonly Matrix[], j: number): Float64Array => {
  const column = new Float64Array(parts.reduce((rows, part) => rows + part.rows, 0));
  let at = 0;
  for (const { rows, columns, data } of parts)
    for (let i = 0; i < rows; i++) column[at++] = data[i * columns + j] ?? 0;
  return column;
};

/** The scaling of every column of the rows of all matrices together. They have the same number of columns. */
export const columnScalings = (parts: readonly [Matrix, ...Matrix[]]): readonly Scaling[] =>
  Array.from({ length: parts[0].columns }, (_, j) => scalingOf(columnOf(parts, j)));

/** (x − centre) / scale of a vector. */
export const standardised = (values: Float64Array, { centre, scale }: Scaling): Float64Array =>
  values.map((x) => (x - centre) / scale);

/** (x − centre) / scale of every column. Throws a RangeError if there are not as many scalings as columns. */
export const standardisedColumns = (a: Matrix, scalings: readonly Scaling[]): Matrix => {
  if (scalings.length !== a.columns)
    throw new RangeError(
      `the inputs have ${a.columns} columns, and those of the model ${scalings.length}; give the same columns in the same order`,
    );
  return {
    ...a,
    data: a.data.map((x, k) => {
      const { centre, scale } = scalings[k % a.columns] ?? { centre: 0, scale: 1 };
      return (x - centre) / scale;
    }),
  };
};
