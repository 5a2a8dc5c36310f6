/**
 * How the host walks views: the operands of one shape, in the output's order, a run along the innermost axis at a time,
 * so that the loops of the primitives see nothing but offsets and strides.
 */
import { sizeOf, type DType, type PrimitiveName, type TypedArray } from '../expression.js';
import type { HostCall } from '../primitive.js';
import { coalesce, wholeView, type View } from '../view.js';

/** One run along the innermost axis: n elements, each array from its offset in its stride. */
export type Run = (
  n: number,
  out: TypedArray,
  o: number,
  a: TypedArray,
  ai: number,
  as: number,
  b: TypedArray,
  bi: number,
  bs: number,
  c: TypedArray,
  ci: number,
  cs: number,
) => void;

/** Walks operands of one shape in the output's order, a run at a time. */
export const walk = (call: HostCall<PrimitiveName>, run: Run): void => {
  const [a, b = a, c = a] = call.operands;
  if (a === undefined || b === undefined || c === undefined) return;
  const { shape, strides } = coalesce([a.view, b.view, c.view]);
  const rank = shape.length;
  const inner = rank === 0 ? 1 : (shape[rank - 1] ?? 1);
  const [sa = [], sb = [], sc = []] = strides;
  // A scalar has no strides, and takes no step.
  const [ia, ib, ic] = [sa[rank - 1] ?? 0, sb[rank - 1] ?? 0, sc[rank - 1] ?? 0];
  const counter = new Array<number>(Math.max(0, rank - 1)).fill(0);
  let [oa, ob, oc] = [a.view.offset, b.view.offset, c.view.offset];
  const total = sizeOf(call.output.shape);
  for (let at = 0; at < total; at += inner) {
    run(inner, call.output.data, at, a.data, oa, ia, b.data, ob, ib, c.data, oc, ic);
    for (let axis = rank - 2; axis >= 0; axis--) {
      const next = (counter[axis] ?? NaN) + 1;
      oa += sa[axis] ?? NaN;
      ob += sb[axis] ?? NaN;
      oc += sc[axis] ?? NaN;
      if (next < (shape[axis] ?? 1)) {
        counter[axis] = next;
        break;
      }
      counter[axis] = 0;
      oa -= next * (sa[axis] ?? NaN);
      ob -= next * (sb[axis] ?? NaN);
      oc -= next * (sc[axis] ?? NaN);
    }
  }
};

/** How the host copies a view into row-major memory; engines use it where a view cannot be kept. */
export const hostCopy = (data: TypedArray, view: View, out: TypedArray, dtype: DType): void =>
  walk(
    {
      attributes: {},
      operands: [{ data, view, shape: view.shape, dtype }],
      output: { ...wholeView(view.shape), dtype, data: out },
    },
    (n, o, at, a, ai, as) => {
      for (let i = 0; i < n; i++, ai += as) o[at + i] = a[ai] as number;
    },
  );
