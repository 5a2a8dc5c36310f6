/** Matrices: identity, diagonals, one-hot rows, log-determinants, dense layers. */
import type { DType, Tensor } from '../expression.js';
import { add, cast, cholesky, equal, iota, log, matmul, mul, reshape, select, sum } from '../operations.js';

/** The identity matrix [n, n]. */
export const identity = (n: number, dtype: DType): Tensor =>
  cast(equal(iota('u32', [n, n], 0), iota('u32', [n, n], 1)), dtype);

/** The diagonals of square matrices: [..., n, n] → [..., n]. */
export const diagonal = (a: Tensor): Tensor => {
  const rank = a.shape.length;
  const onIt = equal(iota('u32', a.shape, rank - 2), iota('u32', a.shape, rank - 1));
  return sum(select(onIt, a, 0), [rank - 1]);
};

/** The mask (u32) that is 1 at each index: indices [...] → [..., size]. */
export const oneHotMask = (indices: Tensor, size: number): Tensor => {
  const shape = [...indices.shape, size];
  return equal(reshape(indices, [...indices.shape, 1]), iota('u32', shape, shape.length - 1));
};

/** Entries of the last axis by index: [..., n] and indices [...] → [...]. */
export const takeLast = (a: Tensor, indices: Tensor): Tensor => {
  const size = a.shape[a.shape.length - 1] ?? 1;
  return sum(select(oneHotMask(indices, size), a, 0), [a.shape.length - 1]);
};

/** log det A of symmetric positive definite matrices [..., n, n] → [...]: twice the logs of the Cholesky diagonal. */
export const logDeterminant = (a: Tensor): Tensor => {
  const logs = log(diagonal(cholesky(a)));
  return mul(2, sum(logs, [logs.shape.length - 1]));
};

/** x W + b: x [..., from], W [from, to], b [to] → [..., to]. */
export const dense = (x: Tensor, weights: Tensor, bias?: Tensor): Tensor => {
  const product = matmul(x, weights);
  return bias === undefined ? product : add(product, bias);
};
