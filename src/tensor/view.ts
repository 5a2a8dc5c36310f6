/**
 * Views: how a tensor lies in memory. The element at coordinates c is at offset + Σ c_i strides_i.
 *
 * Movement primitives (reshape, transpose, broadcast, slice) are views of their operand and cost nothing; kernels read
 * their operands through views.
 */
import { at } from '../at.js';
import { maximalRank, sizeOf, type Shape } from './expression.js';

/** Shape, strides and offset, all in elements. */
export interface View {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Row-major strides of a shape. */
export const rowMajor = (shape: Shape): readonly number[] => {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] ?? 1;
  }
  return strides;
};

/** The view of a whole buffer, row-major. */
export const wholeView = (shape: Shape): View => ({ shape, strides: rowMajor(shape), offset: 0 });

/** Whether the elements lie row-major without gaps (axes of size one may have any stride). */
export const isContiguous = (view: View): boolean => {
  let stride = 1;
  for (let axis = view.shape.length - 1; axis >= 0; axis--) {
    const size = view.shape[axis] ?? 1;
    if (size !== 1 && view.strides[axis] !== stride) return false;
    stride *= size;
  }
  return true;
};

/** Axes that several views of one shape share, merged where every view allows it. */
export interface Coalesced {
  readonly shape: Shape;
  /** For each view its strides over the merged axes. */
  readonly strides: readonly (readonly number[])[];
}

/** Drops axes of size one and merges neighbours that every view walks in step. The views must have one shape. */
export const coalesce = (views: readonly View[]): Coalesced => {
  const shape: number[] = [];
  const strides: number[][] = views.map(() => []);
  const first = views[0];
  if (first === undefined) return { shape, strides };
  first.shape.forEach((size, axis) => {
    if (size === 1) return;
    const last = shape.length - 1;
    const merges =
      last >= 0 && views.every((view, v) => strides[v]?.[last] === at(view.strides, axis) * size);
    if (merges) shape[last] = (shape[last] ?? 1) * size;
    else shape.push(size);
    views.forEach((view, v) => {
      const own = strides[v];
      if (own === undefined) return;
      if (merges) own[last] = at(view.strides, axis);
      else own.push(at(view.strides, axis));
    });
  });
  return { shape, strides };
};

/** Reshapes a view without moving anything, where its strides allow it. */
export const reshapeView = (view: View, shape: Shape): View | undefined => {
  if (isContiguous(view)) return { shape, strides: rowMajor(shape), offset: view.offset };
  const { shape: merged, strides: rows } = coalesce([view]);
  const strides = rows[0] ?? [];
  // Every axis of the new shape must lie within one merged axis of the old.
  const result = new Array<number>(shape.length).fill(0);
  let axis = shape.length - 1;
  for (let m = merged.length - 1; m >= 0; m--) {
    let left = merged[m] ?? 1;
    let stride = at(strides, m);
    while (left > 1) {
      if (axis < 0) return undefined;
      const size = shape[axis] ?? 1;
      if (left % size !== 0) return undefined;
      result[axis] = stride;
      stride *= size;
      left /= size;
      axis--;
    }
  }
  return { shape, strides: result, offset: view.offset };
};

/** The view with its axes in another order: axis i of the result is axis permutation[i] of the operand. */
export const permuteView = (view: View, permutation: readonly number[]): View => ({
  shape: permutation.map((axis) => view.shape[axis] ?? 1),
  strides: permutation.map((axis) => at(view.strides, axis)),
  offset: view.offset,
});

/** The view read as a larger shape: new leading axes and axes of size one repeat with stride zero. */
export const broadcastView = (view: View, shape: Shape): View => {
  const lead = shape.length - view.shape.length;
  return {
    shape,
    strides: shape.map((size, axis) => {
      const own = axis - lead;
      return own < 0 || (view.shape[own] === 1 && size !== 1) ? 0 : at(view.strides, own);
    }),
    offset: view.offset,
  };
};

/** The view of a box of the operand. */
export const sliceView = (view: View, starts: readonly number[], shape: Shape): View => ({
  shape,
  strides: view.strides,
  offset: view.offset + starts.reduce((sum, start, axis) => sum + start * at(view.strides, axis), 0),
});

/** Exactly four numbers, padded in front: how shapes and strides travel in a kernel's uniforms. */
export const four = (values: readonly number[], padding: number): readonly number[] => [
  ...new Array<number>(maximalRank - values.length).fill(padding),
  ...values,
];

/** The number of elements of a view. */
export const elements = (view: View): number => sizeOf(view.shape);
