/**
 * Batched Cholesky factors and triangular solves, over the last two axes. Only lower triangles are read.
 *
 *   cholesky: A = L Lᵀ, L lower triangular        triangularSolve: L X = B, or Lᵀ X = B
 *
 * Golub and Van Loan, "Matrix Computations", 4.2.5 and 3.1. A matrix that is not positive definite gives NaN on the
 * host and anything on a GPU. Kernels: cholesky.wgsl (a workgroup a matrix), triangular-solve.wgsl (a thread a column).
 */
import { isFloat, misuse, sizeOf } from '../expression.js';
import type { Primitive } from '../primitive.js';

/** Sizes of a stack of matrices. */
export const stack = (shape: readonly number[]) => {
  const columns = shape[shape.length - 1] ?? 1;
  const rows = shape[shape.length - 2] ?? 1;
  return { batch: sizeOf(shape) / (rows * columns), rows, columns };
};

/** The lower Cholesky factor of each matrix; zeros above the diagonal. */
export const cholesky: Primitive<'cholesky'> = {
  name: 'cholesky',
  type: (operands) => {
    const [a] = operands;
    if (a === undefined || operands.length !== 1) throw misuse('cholesky', operands, 'takes one operand');
    const { rows, columns } = stack(a.shape);
    if (a.shape.length < 2 || rows !== columns || !isFloat(a.dtype))
      throw misuse('cholesky', operands, 'takes square matrices of floats: [..., n, n]');
    return { shape: a.shape, dtype: a.dtype };
  },
  lowering: {
    kind: 'compute',
    reads: 'contiguous',
    host: ({ operands: [a], output }) => {
      if (a === undefined) return;
      const { batch, rows: n } = stack(output.shape);
      // Factored in f64 and rounded once at the end.
      const l = new Float64Array(n * n);
      for (let t = 0; t < batch; t++) {
        const from = a.view.offset + t * n * n;
        for (let i = 0; i < n; i++)
          for (let j = 0; j <= i; j++) {
            let total = a.data[from + i * n + j] as number;
            for (let k = 0; k < j; k++) total -= (l[i * n + k] as number) * (l[j * n + k] as number);
            l[i * n + j] = i === j ? Math.sqrt(total) : total / (l[j * n + j] as number);
          }
        output.data.set(l, t * n * n);
      }
    },
  },
};

/** X of L X = B, or of Lᵀ X = B with `transpose`: [..., n, n] and [..., n, m] → [..., n, m]. */
export const triangularSolve: Primitive<'triangularSolve'> = {
  name: 'triangularSolve',
  type: (operands) => {
    const [l, b] = operands;
    if (l === undefined || b === undefined || operands.length !== 2)
      throw misuse('triangularSolve', operands, 'takes a triangular matrix and a right-hand side');
    const left = stack(l.shape);
    const right = stack(b.shape);
    const alike =
      l.shape.length >= 2 &&
      l.shape.length === b.shape.length &&
      left.batch === right.batch &&
      left.rows === left.columns &&
      left.rows === right.rows;
    if (!alike || l.dtype !== b.dtype || !isFloat(l.dtype))
      throw misuse('triangularSolve', operands, 'takes [..., n, n] and [..., n, m], floats of one dtype');
    return { shape: b.shape, dtype: b.dtype };
  },
  lowering: {
    kind: 'compute',
    reads: 'contiguous',
    host: ({ attributes: { transpose }, operands: [l, b], output }) => {
      if (l === undefined || b === undefined) return;
      const { batch, rows: n, columns: m } = stack(output.shape);
      const x = new Float64Array(n);
      for (let t = 0; t < batch; t++)
        for (let c = 0; c < m; c++) {
          const matrix = l.view.offset + t * n * n;
          const column = t * n * m + c;
          for (let step = 0; step < n; step++) {
            const i = transpose ? n - 1 - step : step;
            let total = b.data[b.view.offset + column + i * m] as number;
            for (let s = 0; s < step; s++) {
              const k = transpose ? n - 1 - s : s;
              total -= (l.data[matrix + (transpose ? k * n + i : i * n + k)] as number) * (x[k] as number);
            }
            x[i] = total / (l.data[matrix + i * n + i] as number);
          }
          for (let i = 0; i < n; i++) output.data[column + i * m] = x[i] as number;
        }
    },
  },
};
