/**
 * The constructors: one function a primitive. Elementwise ones take numbers for scalars and repeat axes of size one
 * (NumPy's broadcasting rule) by explicit `broadcast` nodes. All throw a TypeError on misuse, naming shapes and fix.
 * NaN in gives NaN out; pointwise/arithmetic.ts has the whole rule.
 */
import {
  misuse,
  sameShape,
  sizeOf,
  type Attributes,
  type DType,
  type PrimitiveName,
  type Shape,
  type Tensor,
  type TensorType,
} from './expression.js';
import type { Composite } from './composite.js';
import { broadcast, scalar } from './broadcasting.js';
import { nodeOf, type Primitive } from './primitive.js';
import { primitives } from './primitives/index.js';

/** A node of any primitive by its name; the named constructors below are what people use. */
export const apply = <K extends PrimitiveName>(
  name: K,
  operands: readonly Tensor[],
  attributes: Attributes[K],
  wanted?: TensorType,
): Tensor => nodeOf(primitives[name] as unknown as Primitive<K>, operands, attributes, wanted);

export { broadcast, constant, scalar, type Operand } from './broadcasting.js';
export * from './pointwise/arithmetic.js';
export { cast } from './pointwise/cast.js';
export { select } from './pointwise/select.js';

/** A value that the program is given by name. */
export const input = (name: string, dtype: DType, shape: Shape): Tensor =>
  apply('input', [], { name }, { shape, dtype });

/** One number everywhere; costs no memory. */
export const filled = (value: number, dtype: DType, shape: Shape): Tensor =>
  broadcast(scalar(value, dtype), shape);

/** Each element its coordinate along `axis`. */
export const iota = (dtype: DType, shape: Shape, axis: number): Tensor => {
  const whole = apply('iota', [], { axis }, { shape, dtype });
  // One row of it, repeated: no memory for the rest.
  const row = shape.map((size, own) => (own === axis ? size : 1));
  return sameShape(row, shape) ? whole : broadcast(apply('iota', [], { axis }, { shape: row, dtype }), shape);
};

/** The operand, without a derivative. */
export const stopGradient = (a: Tensor): Tensor => apply('stopGradient', [a], {});

/** The elements in row-major order under another shape. */
export const reshape = (a: Tensor, shape: Shape): Tensor =>
  sameShape(a.shape, shape) ? a : apply('reshape', [a], {}, { shape, dtype: a.dtype });

/** Axis i of the result is axis permutation[i]; without a permutation the last two axes trade places. */
export const transpose = (a: Tensor, permutation?: readonly number[]): Tensor => {
  const rank = a.shape.length;
  const swapped = a.shape.map((_, axis) =>
    axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis,
  );
  return apply('transpose', [a], { permutation: permutation ?? swapped });
};

/** The box of shape `shape` that begins at `starts`. */
export const slice = (a: Tensor, starts: readonly number[], shape: Shape): Tensor =>
  sameShape(a.shape, shape) ? a : apply('slice', [a], { starts }, { shape, dtype: a.dtype });

/** The operand inside zeros of shape `shape`, beginning at `before`. */
export const pad = (a: Tensor, before: readonly number[], shape: Shape): Tensor =>
  sameShape(a.shape, shape) ? a : apply('pad', [a], { before }, { shape, dtype: a.dtype });

/** Operands one after another along an axis. */
export const concat = (operands: readonly Tensor[], axis: number): Tensor => {
  const [first] = operands;
  return operands.length === 1 && first !== undefined ? first : apply('concat', operands, { axis });
};

const everyAxis = (a: Tensor): readonly number[] => a.shape.map((_, axis) => axis);

/** Σ over the axes, which disappear; all of them by default. */
export const sum = (a: Tensor, axes: readonly number[] = everyAxis(a)): Tensor =>
  axes.length === 0 ? a : apply('sum', [a], { axes });

/** The largest over the axes, which disappear; all of them by default. NaN where one is. Ties share the derivative. */
export const max = (a: Tensor, axes: readonly number[] = everyAxis(a)): Tensor =>
  axes.length === 0 ? a : apply('max', [a], { axes });

/** The first position of the largest along one axis (u32), or of the first NaN. */
export const argmax = (a: Tensor, axis: number): Tensor => apply('argmax', [a], { axes: [axis] });

/**
 * The matrix product over the last two axes. Leading axes are batches: equal, or missing on one side, which is then
 * shared. [..., m, k] × [..., k, n] → [..., m, n].
 */
export const matmul = (a: Tensor, b: Tensor): Tensor => {
  if (a.shape.length < 2 || b.shape.length < 2)
    throw misuse('matmul', [a, b], 'both operands need two axes at least');
  const lead = a.shape.length >= b.shape.length ? a.shape.slice(0, -2) : b.shape.slice(0, -2);
  const [m, k] = a.shape.slice(-2) as [number, number];
  const [depth, n] = b.shape.slice(-2) as [number, number];
  const alike = [a, b].every(({ shape }) => {
    const own = shape.slice(0, -2);
    return sizeOf(own) === 1 || sameShape(own, lead);
  });
  if (!alike)
    throw misuse('matmul', [a, b], 'the leading axes differ; they must be equal, or missing on one side');
  // Rows of a batch that share one matrix are rows of one product.
  if (b.shape.length === 2 && a.shape.length > 2) {
    const rows = reshape(a, [1, sizeOf(lead) * m, k]);
    return reshape(apply('matmul', [rows, reshape(b, [1, depth, n])], {}), [...lead, m, n]);
  }
  const batch = sizeOf(lead);
  const stacked = (x: Tensor): Tensor => {
    const own = sizeOf(x.shape.slice(0, -2));
    const matrices = reshape(x, [own, ...x.shape.slice(-2)]);
    return own === 1 ? broadcast(matrices, [batch, ...x.shape.slice(-2)]) : matrices;
  };
  return reshape(apply('matmul', [stacked(a), stacked(b)], {}), [...lead, m, n]);
};

/** Rows of a table [rows, …] by indices (u32) of any shape; an index outside gives zeros. */
export const gather = (table: Tensor, indices: Tensor): Tensor => apply('gather', [table, indices], {});

/** Sums of updates by row index: updates [indices' axes, …] → [rows, …]. */
export const scatterAdd = (updates: Tensor, indices: Tensor, rows: number): Tensor =>
  apply('scatterAdd', [updates, indices], {}, { shape: [rows], dtype: updates.dtype });

/** The lower Cholesky factor of symmetric positive definite matrices [..., n, n]; only lower triangles are read. */
export const cholesky = (a: Tensor): Tensor => apply('cholesky', [a], {});

/** X of L X = B, or of Lᵀ X = B: L [..., n, n] lower triangular, B [..., n, m]. */
export const triangularSolve = (l: Tensor, b: Tensor, transposed = false): Tensor =>
  apply('triangularSolve', [l, b], { transpose: transposed });

/** Blocks of Threefry-2x32: key u32[2], counters u32[n, 2] → u32[n, 2]. */
export const threefry = (key: Tensor, counters: Tensor): Tensor => apply('threefry', [key, counters], {});

/** An operation made of others, of the type of its meaning; throws what its meaning throws. */
export const composite = (of: Composite, operands: readonly Tensor[]): Tensor => {
  const { shape, dtype } = of.meaning(operands);
  return apply('composite', operands, of, { shape, dtype });
};
