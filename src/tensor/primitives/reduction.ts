/**
 * Reductions along axes, which disappear. The order of summation is fixed, so a result repeats bit for bit on one
 * engine; the host adds in 64 bits. Kernel: reduce.wgsl, one thread or several an output.
 */
import { misuse, sizeOf, type PrimitiveName, type TensorType } from '../expression.js';
import type { HostCall, Primitive } from '../primitive.js';
import { coalesce, permuteView, type View } from '../view.js';

const reducedType = (
  name: PrimitiveName,
  operands: readonly TensorType[],
  axes: readonly number[],
): TensorType => {
  const [a] = operands;
  if (a === undefined || operands.length !== 1) throw misuse(name, operands, 'takes one operand');
  if (
    axes.length === 0 ||
    new Set(axes).size !== axes.length ||
    axes.some((axis) => a.shape[axis] === undefined)
  )
    throw misuse(name, operands, `[${axes.join(', ')}] must name different axes of the operand`);
  return { shape: a.shape.filter((_, axis) => !axes.includes(axis)), dtype: a.dtype };
};

/** The names of the reductions. */
export type Axes = 'sum' | 'max' | 'argmax';

/** The operand's view in two parts: kept axes and reduced axes, each in the operand's order. */
export const parts = (view: View, axes: readonly number[]): readonly [View, View] => {
  const all = view.shape.map((_, axis) => axis);
  return [
    permuteView(
      view,
      all.filter((axis) => !axes.includes(axis)),
    ),
    {
      ...permuteView(
        view,
        [...axes].sort((x, y) => x - y),
      ),
      offset: 0,
    },
  ];
};

/** Offsets of all elements of a view, in row-major order. */
const offsetsOf = (view: View): Int32Array => {
  const { shape, strides } = coalesce([view]);
  const own = strides[0] ?? [];
  const out = new Int32Array(sizeOf(shape));
  let filled = 1;
  out[0] = view.offset;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    const stride = own[axis] ?? NaN;
    for (let k = 1; k < size; k++)
      for (let i = 0; i < filled; i++) out[k * filled + i] = (out[i] ?? NaN) + k * stride;
    filled *= size;
  }
  return out;
};

/** How a host reduction walks: `fold` sees the start of a row and the row's relative offsets or stride. */
const reduceHost = <K extends Axes>(
  call: HostCall<K>,
  fold: (
    data: ArrayLike<number>,
    start: number,
    count: number,
    stride: number,
    offsets: Int32Array | undefined,
  ) => number,
): void => {
  const [a] = call.operands;
  if (a === undefined) return;
  const [kept, reduced] = parts(a.view, call.attributes.axes);
  const starts = offsetsOf(kept);
  const merged = coalesce([reduced]);
  const count = sizeOf(merged.shape);
  const flat = merged.shape.length <= 1;
  const stride = merged.strides[0]?.[0] ?? 0;
  const offsets = flat ? undefined : offsetsOf(reduced);
  const { data } = call.output;
  for (let k = 0; k < starts.length; k++) data[k] = fold(a.data, starts[k] as number, count, stride, offsets);
};

/** Σ over the axes. */
export const sum: Primitive<'sum'> = {
  name: 'sum',
  type: (operands, { axes }) => reducedType('sum', operands, axes),
  lowering: {
    kind: 'compute',
    reads: 'views',
    host: (call) =>
      reduceHost(call, (data, start, count, stride, offsets) => {
        let total = 0;
        if (offsets === undefined)
          for (let i = 0, at = start; i < count; i++, at += stride) total += data[at] as number;
        else for (let i = 0; i < count; i++) total += data[start + (offsets[i] as number)] as number;
        return total;
      }),
  },
};

/** The largest over the axes; NaN where one of them is. */
export const max: Primitive<'max'> = {
  name: 'max',
  type: (operands, { axes }) => reducedType('max', operands, axes),
  lowering: {
    kind: 'compute',
    reads: 'views',
    host: (call) =>
      reduceHost(call, (data, start, count, stride, offsets) => {
        let best = -Infinity;
        for (let i = 0; i < count; i++) {
          const x = data[start + (offsets === undefined ? i * stride : (offsets[i] as number))] as number;
          if (x > best) best = x;
          else if (Number.isNaN(x)) return NaN;
        }
        return best;
      }),
  },
};

/** The first position of the largest over one axis, u32; of the first NaN where there is one. */
export const argmax: Primitive<'argmax'> = {
  name: 'argmax',
  type: (operands, { axes }) => {
    if (axes.length !== 1)
      throw misuse('argmax', operands, 'takes exactly one axis; reshape to fold several');
    return { shape: reducedType('argmax', operands, axes).shape, dtype: 'u32' };
  },
  lowering: {
    kind: 'compute',
    reads: 'views',
    host: (call) =>
      reduceHost(call, (data, start, count, stride) => {
        let best = -Infinity;
        let at = 0;
        for (let i = 0; i < count; i++) {
          const x = data[start + i * stride] as number;
          if (x > best) {
            best = x;
            at = i;
          } else if (Number.isNaN(x)) return i;
        }
        return at;
      }),
  },
};
