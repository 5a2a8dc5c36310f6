/** The rows of a matrix, as a source that makes them when they are asked for. */
import { type Matrix, rowsBetween } from '../../src/linear-algebra/matrix.js';
import type { RowSource } from '../../src/surrogate/principal-axes.js';

/** Rows of `a`, at most so many together; `looked` hears which. */
export const rowSource = (
  a: Matrix,
  together: number = a.rows,
  looked: (from: number, to: number) => void = () => undefined,
): RowSource => ({
  ...{ rows: a.rows, columns: a.columns, together },
  between: (from, to) => {
    looked(from, to);
    return rowsBetween(a, from, to);
  },
});
