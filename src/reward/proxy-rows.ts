/** How do rows become proxy features of a reward (utility.ts)? Each by a scale of its own; features have one column at least. */
import { type Matrix, matrixFrom } from '../linear-algebra/matrix.js';

/** Rows N×r times their scales [N]; of no columns, where nothing is unknown and there is no direction, one of zeros. */
export const proxyRows = ({ rows, columns, data }: Matrix, scales: Float64Array): Matrix =>
  matrixFrom(rows, Math.max(1, columns), (n, j) =>
    columns === 0 ? 0 : (scales[n] ?? NaN) * (data[n * columns + j] ?? NaN),
  );
