/**
 * The derivative of each primitive: from a node and the cotangent of its value to the cotangents of its operands,
 * graph to graph, so that derivatives can be derived again. `undefined` stands for a zero.
 *
 * Cholesky and triangular solve: Murray, "Differentiation of the Cholesky decomposition" (arXiv 1602.07527).
 */
import { isFloat, type Node, type PrimitiveName, type Tensor } from './expression.js';
import {
  add,
  apply,
  broadcast,
  cast,
  div,
  equal,
  filled,
  gather,
  iota,
  less,
  matmul,
  mul,
  neg,
  pad,
  reshape,
  scatterAdd,
  select,
  slice,
  sum,
  transpose,
  triangularSolve,
} from './operations.js';
import { pointwise, type PointwiseName } from './pointwise/index.js';

/** The vector–Jacobian product of expressions (src/tensor/gradient.ts); undefined stands for a zero. */
export type Pullback = (
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  targets: readonly Tensor[],
) => readonly (Tensor | undefined)[];

/**
 * Cotangents of the operands of one node. `self` is the node itself, whose value rules may use; `through` is for what is
 * made of others.
 */
export type Derivative<K extends PrimitiveName> = (
  node: Node<K>,
  cotangent: Tensor,
  operands: readonly [Tensor, Tensor, Tensor],
  self: Tensor,
  through: Pullback,
) => readonly (Tensor | undefined)[];

/** Sums away what `broadcast` repeated. */
const unbroadcast = (cotangent: Tensor, shape: readonly number[]): Tensor => {
  const lead = cotangent.shape.length - shape.length;
  const axes = cotangent.shape.flatMap((size, axis) =>
    axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : [],
  );
  return reshape(sum(cotangent, axes), shape);
};

/** The reduced value with its axes of size one back, repeated to the operand's shape. */
const restore = (reduced: Tensor, shape: readonly number[], axes: readonly number[]): Tensor =>
  broadcast(
    reshape(
      reduced,
      shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
    ),
    shape,
  );

/** Matrices with what lies above the diagonal set to zero, and the diagonal multiplied. */
const lower = (a: Tensor, diagonal: number): Tensor => {
  const rank = a.shape.length;
  const row = iota('u32', a.shape, rank - 2);
  const column = iota('u32', a.shape, rank - 1);
  return select(less(row, column), 0, diagonal === 1 ? a : select(equal(row, column), mul(a, diagonal), a));
};

const none = () => [];

// By construction of the table each has its own name.
const ofPointwise = Object.fromEntries(
  Object.entries(pointwise).map(([name, { derivative }]): readonly [string, Derivative<PointwiseName>] => [
    name,
    (_, cotangent, operands, self) => derivative(cotangent, operands, self),
  ]),
) as unknown as { readonly [K in PointwiseName]: Derivative<K> };

/** The rules, total by type. */
export const derivatives: { readonly [K in PrimitiveName]: Derivative<K> } = {
  input: none,
  constant: none,
  iota: none,
  ...ofPointwise,
  stopGradient: none,
  reshape: (_, g, [a]) => [reshape(g, a.shape)],
  transpose: ({ attributes: { permutation } }, g) => [
    transpose(
      g,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  broadcast: (_, g, [a]) => [unbroadcast(g, a.shape)],
  slice: ({ attributes: { starts } }, g, [a]) => [pad(g, starts, a.shape)],
  pad: ({ attributes: { before } }, g, [a]) => [slice(g, before, a.shape)],
  concat: ({ attributes: { axis }, operands }, g) => {
    let start = 0;
    return operands.map((operand) => {
      const starts = operand.shape.map((_, i) => (i === axis ? start : 0));
      start += operand.shape[axis] ?? 0;
      return slice(g, starts, operand.shape);
    });
  },
  sum: ({ attributes: { axes } }, g, [a]) => [restore(g, a.shape, axes)],
  max: ({ attributes: { axes } }, g, [a], y) => {
    const hits = equal(a, restore(y, a.shape, axes));
    const count = sum(cast(hits, a.dtype), axes);
    return [select(hits, restore(div(g, count), a.shape, axes), 0)];
  },
  argmax: none,
  // Of the right operand (ḡᵀ a)ᵀ, which for b = cᵀ lies as c does.
  // The second as its operand lies, so that what is made of it further need not be copied.
  matmul: (_, g, [a, b]) => [
    matmul(g, transpose(b)),
    b.primitive === 'transpose' ? transpose(matmul(transpose(g), a)) : matmul(transpose(a), g),
  ],
  gather: (_, g, [table, indices]) => [scatterAdd(g, indices, table.shape[0] ?? 0), undefined],
  scatterAdd: (_, g, [, indices]) => [gather(g, indices), undefined],
  cholesky: (_, g, __, l) => {
    // S = L⁻ᵀ Φ(Lᵀ Ḡ) L⁻¹, Φ the lower triangle with its diagonal halved; Ā = Φ(S + Sᵀ), as only A's lower part is read.
    const inner = lower(matmul(transpose(l), lower(g, 1)), 0.5);
    const left = triangularSolve(l, inner, true);
    const s = transpose(triangularSolve(l, transpose(left), true));
    return [lower(add(s, transpose(s)), 0.5)];
  },
  triangularSolve: ({ attributes: { transpose: flipped } }, g, [l], x) => {
    const right = triangularSolve(l, g, !flipped);
    const outer = flipped ? matmul(x, transpose(right)) : matmul(right, transpose(x));
    return [neg(lower(outer, 1)), right];
  },
  threefry: none,
  composite: ({ attributes: { meaning, pullback }, operands }, g, _, __, through) => {
    const own = pullback?.(operands, g);
    if (own !== undefined) return own;
    // Nodes of their own in the operands' places: one operand may be made of another.
    const places = operands.map((operand) => apply('reshape', [operand], {}, operand));
    return through([meaning(places)], [g], places).map((share, i) =>
      isFloat(operands[i]?.dtype ?? 'u32') ? share : undefined,
    );
  },
};

/** Zeros like a tensor: the derivative of what does not depend on it. */
export const zerosLike = (a: Tensor): Tensor => filled(0, a.dtype, a.shape);
