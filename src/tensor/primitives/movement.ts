/**
 * Movement: the same elements in another arrangement. stopGradient, reshape, transpose, broadcast and slice are views and
 * cost nothing; concat and pad copy. Kernels: copy.wgsl, fill.wgsl.
 */
import {
  misuse,
  requireShape,
  sameShape,
  sizeOf,
  type PrimitiveName,
  type TensorType,
} from '../expression.js';
import type { Primitive } from '../primitive.js';
import {
  broadcastView,
  coalesce,
  permuteView,
  reshapeView,
  sliceView,
  wholeView,
  type View,
} from '../view.js';

const one = (name: PrimitiveName, operands: readonly TensorType[]): TensorType => {
  const [a] = operands;
  if (a === undefined || operands.length !== 1) throw misuse(name, operands, 'takes one operand');
  return a;
};

const shapeAsked = (name: PrimitiveName, operands: readonly TensorType[], wanted: TensorType | undefined) => {
  if (wanted === undefined) throw misuse(name, operands, 'needs a shape');
  requireShape(name, operands, wanted.shape);
  return wanted.shape;
};

/** The operand as it is, without a derivative. */
export const stopGradient: Primitive<'stopGradient'> = {
  name: 'stopGradient',
  type: (operands) => {
    const [a] = operands;
    if (a === undefined) throw misuse('stopGradient', operands, 'takes one operand');
    return { shape: a.shape, dtype: a.dtype };
  },
  lowering: { kind: 'view', view: (operand) => operand },
};

/** The elements in row-major order under another shape. */
export const reshape: Primitive<'reshape'> = {
  name: 'reshape',
  type: (operands, _, wanted) => {
    const a = one('reshape', operands);
    const shape = shapeAsked('reshape', operands, wanted);
    if (sizeOf(shape) !== sizeOf(a.shape))
      throw misuse(
        'reshape',
        operands,
        `[${shape.join(', ')}] holds ${sizeOf(shape)} elements, the operand ${sizeOf(a.shape)}`,
      );
    return { shape, dtype: a.dtype };
  },
  lowering: { kind: 'view', view: (operand, output) => reshapeView(operand, output.shape) },
};

/** Axis i of the result is axis permutation[i] of the operand. */
export const transpose: Primitive<'transpose'> = {
  name: 'transpose',
  type: (operands, { permutation }) => {
    const a = one('transpose', operands);
    if (
      [...permutation].sort((x, y) => x - y).some((axis, i) => axis !== i) ||
      permutation.length !== a.shape.length
    )
      throw misuse('transpose', operands, `[${permutation.join(', ')}] is no permutation of its axes`);
    return { shape: permutation.map((axis) => a.shape[axis] ?? 1), dtype: a.dtype };
  },
  lowering: { kind: 'view', view: (operand, _, { permutation }) => permuteView(operand, permutation) },
};

/** Repeats along new leading axes and along axes of size one. */
export const broadcast: Primitive<'broadcast'> = {
  name: 'broadcast',
  type: (operands, _, wanted) => {
    const a = one('broadcast', operands);
    const shape = shapeAsked('broadcast', operands, wanted);
    const lead = shape.length - a.shape.length;
    if (lead < 0 || a.shape.some((size, axis) => size !== 1 && size !== shape[lead + axis]))
      throw misuse(
        'broadcast',
        operands,
        `cannot become [${shape.join(', ')}]: axes are matched from the last, and only those of size 1 repeat`,
      );
    return { shape, dtype: a.dtype };
  },
  lowering: { kind: 'view', view: (operand, output) => broadcastView(operand, output.shape) },
};

/** The box of the wanted shape that begins at `starts`. */
export const slice: Primitive<'slice'> = {
  name: 'slice',
  type: (operands, { starts }, wanted) => {
    const a = one('slice', operands);
    const shape = shapeAsked('slice', operands, wanted);
    const fits =
      shape.length === a.shape.length &&
      starts.length === a.shape.length &&
      starts.every(
        (start, axis) =>
          Number.isInteger(start) && start >= 0 && start + (shape[axis] ?? 1) <= (a.shape[axis] ?? 0),
      );
    if (!fits)
      throw misuse(
        'slice',
        operands,
        `the box [${shape.join(', ')}] from [${starts.join(', ')}] does not lie inside it`,
      );
    return { shape, dtype: a.dtype };
  },
  lowering: { kind: 'view', view: (operand, output, { starts }) => sliceView(operand, starts, output.shape) },
};

/** Copies row-major `from` of a box's shape into the box of `out` that `to` describes. */
const hostPlace = (
  read: (index: number) => number,
  shape: readonly number[],
  to: View,
  out: { [index: number]: number },
): void => {
  const { shape: merged, strides } = coalesce([wholeView(shape), to]);
  const own = strides[1] ?? [];
  const rank = merged.length;
  const inner = merged[rank - 1] ?? 1;
  const step = own[rank - 1] ?? 0;
  const total = sizeOf(shape);
  for (let at = 0; at < total; at += inner) {
    let rest = at / inner;
    let base = to.offset;
    for (let axis = rank - 2; axis >= 0; axis--) {
      const size = merged[axis] ?? 1;
      base += (rest % size) * (own[axis] ?? NaN);
      rest = Math.floor(rest / size);
    }
    for (let i = 0; i < inner; i++) out[base + i * step] = read(at + i);
  }
};

/** Operands one after another along an axis. */
export const concat: Primitive<'concat'> = {
  name: 'concat',
  type: (operands, { axis }) => {
    const [first] = operands;
    if (first === undefined) throw misuse('concat', operands, 'takes at least one operand');
    if (!(axis >= 0 && axis < first.shape.length))
      throw misuse('concat', operands, `there is no axis ${axis}`);
    const rest = (type: TensorType) => type.shape.filter((_, i) => i !== axis);
    for (const other of operands)
      if (
        other.dtype !== first.dtype ||
        other.shape.length !== first.shape.length ||
        !sameShape(rest(other), rest(first))
      )
        throw misuse('concat', operands, `dtypes and all sizes but those of axis ${axis} must agree`);
    return {
      shape: first.shape.map((size, i) =>
        i === axis ? operands.reduce((sum, o) => sum + (o.shape[axis] ?? NaN), 0) : size,
      ),
      dtype: first.dtype,
    };
  },
  lowering: {
    kind: 'compute',
    reads: 'contiguous',
    host: ({ attributes: { axis }, operands, output }) => {
      let start = 0;
      for (const { data, shape, view } of operands) {
        const to = sliceView(wholeView(output.shape), starts(output.shape.length, axis, start), shape);
        hostPlace((i) => data[view.offset + i] ?? NaN, shape, to, output.data);
        start += shape[axis] ?? NaN;
      }
    },
  },
};

/** Where an operand of a concatenation begins. */
export const starts = (rank: number, axis: number, start: number): readonly number[] =>
  Array.from({ length: rank }, (_, i) => (i === axis ? start : 0));

/** The operand inside zeros: it begins at `before` in the wanted shape. */
export const pad: Primitive<'pad'> = {
  name: 'pad',
  type: (operands, { before }, wanted) => {
    const a = one('pad', operands);
    const shape = shapeAsked('pad', operands, wanted);
    const fits =
      shape.length === a.shape.length &&
      before.length === a.shape.length &&
      before.every(
        (start, axis) =>
          Number.isInteger(start) && start >= 0 && start + (a.shape[axis] ?? 1) <= (shape[axis] ?? 0),
      );
    if (!fits)
      throw misuse('pad', operands, `does not fit into [${shape.join(', ')}] from [${before.join(', ')}]`);
    return { shape, dtype: a.dtype };
  },
  lowering: {
    kind: 'compute',
    reads: 'contiguous',
    host: ({ attributes: { before }, operands: [a], output }) => {
      if (a === undefined) return;
      output.data.fill(0);
      const to = sliceView(wholeView(output.shape), before, a.shape);
      hostPlace((i) => a.data[a.view.offset + i] ?? NaN, a.shape, to, output.data);
    },
  },
};
