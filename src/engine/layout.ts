/**
 * In which order an elementwise step walks its elements. Row-major, but:
 *
 *  1. Along axes over which every operand repeats, one element stands for all: the result is a broadcast view of it.
 *  2. Where all other operands lie alike in another order of axes (transposed, say), the result is made in that order too,
 *     so that all walk their memory from front to back.
 */
import { at } from '../at.js';
import { sizeOf, type Shape } from '../tensor/expression.js';
import { broadcastView, isContiguous, permuteView, wholeView, type View } from '../tensor/view.js';

/** How a step computes: its own shape, its operands as it reads them, and the result as its users do. */
export interface Layout {
  readonly shape: Shape;
  readonly operands: readonly View[];
  /** The result, of the shape asked for, in memory that starts at 0. */
  readonly result: View;
}

/** Whether no element is read twice. */
const isDense = ({ shape, strides }: View): boolean =>
  shape.every((size, axis) => size === 1 || strides[axis] !== 0);

/** The axes from the largest stride to the smallest; axes of size one stay where they are, as far as that goes. */
const bySteps = ({ shape, strides }: View): readonly number[] => {
  const moving = shape
    .map((_, axis) => axis)
    .filter((axis) => shape[axis] !== 1)
    .sort((a, b) => at(strides, b) - at(strides, a));
  return shape.map((size, axis) => (size === 1 ? axis : (moving.shift() ?? axis)));
};

/** The layout of an elementwise step of a shape, from the views of its operands, all of that shape. */
export const layoutOf = (shape: Shape, views: readonly View[]): Layout => {
  if (views.length === 0) return { shape, operands: views, result: wholeView(shape) };
  const repeats = shape.map((size, axis) => size !== 1 && views.every(({ strides }) => strides[axis] === 0));
  const kept = shape.map((size, axis) => (repeats[axis] === true ? 1 : size));
  const own = views.map((view) => ({ ...view, shape: kept }));
  const whole = sizeOf(kept) === 1 ? [] : own.filter(isDense);
  const order = whole[0] === undefined ? kept.map((_, axis) => axis) : bySteps(whole[0]);
  const permuted = whole.length > 0 && whole.every((view) => isContiguous(permuteView(view, order)));
  const permutation = permuted ? order : kept.map((_, axis) => axis);
  const back = permutation.map((_, axis) => permutation.indexOf(axis));
  const walked = permutation.map((axis) => kept[axis] ?? 1);
  return {
    shape: walked,
    operands: own.map((view) => permuteView(view, permutation)),
    result: broadcastView(permuteView(wholeView(walked), back), shape),
  };
};
