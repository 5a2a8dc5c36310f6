/**
 * Elementwise primitives: y_i = f(a_i, b_i, …), operands of one shape read through any view.
 *
 * Kernels: unary.wgsl, binary.wgsl, select.wgsl, cast.wgsl, the function chosen by an `override` constant.
 * Integers wrap modulo 2^32. Integer division truncates; dividing by zero gives the dividend, as in WGSL.
 *
 * One rule for what is not an ordinary number, on every engine and for every primitive of src/tensor:
 *
 *   NaN in, NaN out, in reductions and in `maximum` too: what has diverged does not look finite. Comparisons with NaN are
 *   0, `argmax` gives the first NaN's place, and casts to integers make 0 of it.
 *   ±∞, and operands outside of a domain, give what IEEE 754 says. A subnormal operand or result of f32 may be taken for
 *   zero, and so may a quotient by more than 2^126 and tanh of less
 *   than 1e-5.
 *   What only moves elements (select, gather, pad, …) keeps their bits.
 *
 * WGSL promises none of this, so kernels test bits where drivers differ (spec/tensor/edges.spec.ts holds the rule).
 */
import { isFloat, misuse, sameShape, sizeOf, type PrimitiveName, type TensorType } from '../expression.js';
import { typeCode, type KernelCall, type Primitive } from '../primitive.js';
import { coalesce, four, type View } from '../view.js';
import { walk, type Run } from './walk.js';

/** The uniform block of the elementwise kernels: shape, strides of each operand, (offsets, size). */
const elementwiseDispatch = (
  kernel: string,
  constants: Readonly<Record<string, number>>,
  views: readonly View[],
  output: TensorType,
) => {
  const { shape, strides } = coalesce(views);
  const offsets = views.map((view) => view.offset);
  return [
    {
      kernel,
      constants: { ...constants, FLAT: shape.length <= 1 ? 1 : 0 },
      uniforms: [
        ...four(shape, 1),
        ...strides.flatMap((own) => four(own, 0)),
        ...offsets,
        ...new Array<number>(3 - offsets.length).fill(0),
        sizeOf(output.shape),
      ],
      operands: views.map((_, i) => i),
      threads: sizeOf(output.shape),
      workgroupSize: 64,
    },
  ];
};

const viewsOf = (call: KernelCall<PrimitiveName>): readonly View[] => call.operands.map((o) => o.view);

const requireFloat = (name: string, operands: readonly TensorType[]): TensorType => {
  const [a] = operands;
  if (a === undefined || operands.length !== 1) throw misuse(name, operands, 'takes one operand');
  if (!isFloat(a.dtype)) throw misuse(name, operands, 'takes floats; cast the operand to f32 first');
  return a;
};

const unary = <K extends PrimitiveName>(name: K, code: number, run: Run): Primitive<K> => ({
  name,
  type: (operands) => {
    const { shape, dtype } = requireFloat(name, operands);
    return { shape, dtype };
  },
  lowering: {
    kind: 'compute',
    reads: 'elements',
    host: (call) => walk(call, run),
    kernel: (call) => elementwiseDispatch('unary', { OP: code }, viewsOf(call), call.output),
  },
});

const requireAlike = (name: string, operands: readonly TensorType[]): readonly [TensorType, TensorType] => {
  const [a, b] = operands;
  if (a === undefined || b === undefined || operands.length !== 2)
    throw misuse(name, operands, 'takes two operands');
  if (a.dtype !== b.dtype) throw misuse(name, operands, 'the dtypes differ; cast one of the operands');
  if (!sameShape(a.shape, b.shape))
    throw misuse(name, operands, 'the shapes differ; broadcast one operand to the other');
  return [a, b];
};

const binary = <K extends PrimitiveName>(
  name: K,
  code: number,
  run: Run,
  options: { readonly integers?: Run; readonly mask?: boolean } = {},
): Primitive<K> => ({
  name,
  type: (operands) => {
    const [a] = requireAlike(name, operands);
    return { shape: a.shape, dtype: options.mask === true ? 'u32' : a.dtype };
  },
  lowering: {
    kind: 'compute',
    reads: 'elements',
    host: (call) => walk(call, isFloat(call.operands[0]?.dtype ?? 'f32') ? run : (options.integers ?? run)),
    kernel: (call) =>
      elementwiseDispatch(
        'binary',
        { OP: code, TYPE: typeCode(call.operands[0]?.dtype ?? 'f32') },
        viewsOf(call),
        call.output,
      ),
  },
});

/* Every loop is written out: one call of a shared loop with a function argument costs several times the arithmetic.
   `as number`: the strided indices lie inside the arrays by construction of the views. */

/** −a. */
export const neg = unary('neg', 0, (n, out, o, a, ai, as) => {
  for (let i = 0; i < n; i++, ai += as) out[o + i] = -(a[ai] as number);
});
/** exp a. */
export const exp = unary('exp', 1, (n, out, o, a, ai, as) => {
  for (let i = 0; i < n; i++, ai += as) out[o + i] = Math.exp(a[ai] as number);
});
/** Natural logarithm: −∞ at 0, NaN below. */
export const log = unary('log', 2, (n, out, o, a, ai, as) => {
  for (let i = 0; i < n; i++, ai += as) out[o + i] = Math.log(a[ai] as number);
});
/** Hyperbolic tangent. */
export const tanh = unary('tanh', 3, (n, out, o, a, ai, as) => {
  for (let i = 0; i < n; i++, ai += as) out[o + i] = Math.tanh(a[ai] as number);
});
/** Square root, NaN below 0. */
export const sqrt = unary('sqrt', 4, (n, out, o, a, ai, as) => {
  for (let i = 0; i < n; i++, ai += as) out[o + i] = Math.sqrt(a[ai] as number);
});
/** 1/a, ±∞ at ±0. */
export const reciprocal = unary('reciprocal', 5, (n, out, o, a, ai, as) => {
  for (let i = 0; i < n; i++, ai += as) out[o + i] = 1 / (a[ai] as number);
});
/** Sine of an angle in radians, NaN at ±∞. In f32 the rounding of the angle limits it: beyond some thousands nothing but |y| ≤ 1 is kept. */
export const sin = unary('sin', 6, (n, out, o, a, ai, as) => {
  for (let i = 0; i < n; i++, ai += as) out[o + i] = Math.sin(a[ai] as number);
});
/** a + b. */
export const add = binary('add', 0, (n, out, o, a, ai, as, b, bi, bs) => {
  for (let i = 0; i < n; i++, ai += as, bi += bs) out[o + i] = (a[ai] as number) + (b[bi] as number);
});
/** a − b. */
export const sub = binary('sub', 1, (n, out, o, a, ai, as, b, bi, bs) => {
  for (let i = 0; i < n; i++, ai += as, bi += bs) out[o + i] = (a[ai] as number) - (b[bi] as number);
});
/** a b. */
export const mul = binary(
  'mul',
  2,
  (n, out, o, a, ai, as, b, bi, bs) => {
    for (let i = 0; i < n; i++, ai += as, bi += bs) out[o + i] = (a[ai] as number) * (b[bi] as number);
  },
  {
    integers: (n, out, o, a, ai, as, b, bi, bs) => {
      for (let i = 0; i < n; i++, ai += as, bi += bs)
        out[o + i] = Math.imul(a[ai] as number, b[bi] as number);
    },
  },
);
/** a / b; integers truncate. */
export const div = binary(
  'div',
  3,
  (n, out, o, a, ai, as, b, bi, bs) => {
    for (let i = 0; i < n; i++, ai += as, bi += bs) out[o + i] = (a[ai] as number) / (b[bi] as number);
  },
  {
    integers: (n, out, o, a, ai, as, b, bi, bs) => {
      for (let i = 0; i < n; i++, ai += as, bi += bs) {
        const divisor = b[bi] as number;
        out[o + i] = divisor === 0 ? (a[ai] as number) : Math.trunc((a[ai] as number) / divisor);
      }
    },
  },
);
/** The larger of a and b, NaN where one of them is. */
export const maximum = binary('maximum', 4, (n, out, o, a, ai, as, b, bi, bs) => {
  for (let i = 0; i < n; i++, ai += as, bi += bs) out[o + i] = Math.max(a[ai] as number, b[bi] as number);
});
/** The mask a < b: u32, 1 where it holds and 0 elsewhere, also where one is NaN. */
export const less = binary(
  'less',
  5,
  (n, out, o, a, ai, as, b, bi, bs) => {
    for (let i = 0; i < n; i++, ai += as, bi += bs)
      out[o + i] = (a[ai] as number) < (b[bi] as number) ? 1 : 0;
  },
  { mask: true },
);
/** The mask a = b: u32, 1 where it holds and 0 elsewhere, also where both are NaN. */
export const equal = binary(
  'equal',
  6,
  (n, out, o, a, ai, as, b, bi, bs) => {
    for (let i = 0; i < n; i++, ai += as, bi += bs) out[o + i] = a[ai] === b[bi] ? 1 : 0;
  },
  { mask: true },
);

/** Where the mask (u32) is not zero the second operand, elsewhere the third. */
export const select: Primitive<'select'> = {
  name: 'select',
  type: (operands) => {
    const [mask, a, b] = operands;
    if (mask === undefined || a === undefined || b === undefined || operands.length !== 3)
      throw misuse('select', operands, 'takes a mask and two operands');
    if (mask.dtype !== 'u32')
      throw misuse('select', operands, 'the mask must be u32; make it with less, equal or cast');
    requireAlike('select', [a, b]);
    if (!sameShape(mask.shape, a.shape))
      throw misuse('select', operands, 'the mask has another shape; broadcast it to the operands');
    return { shape: a.shape, dtype: a.dtype };
  },
  lowering: {
    kind: 'compute',
    reads: 'elements',
    host: (call) =>
      walk(call, (n, out, o, a, ai, as, b, bi, bs, c, ci, cs) => {
        for (let i = 0; i < n; i++, ai += as, bi += bs, ci += cs)
          out[o + i] = a[ai] !== 0 ? (b[bi] as number) : (c[ci] as number);
      }),
    kernel: (call) => elementwiseDispatch('select', {}, viewsOf(call), call.output),
  },
};

/** Floats as integers between two bounds, towards zero; NaN is 0. */
const saturated =
  (low: number, high: number): Run =>
  (n, out, o, a, ai, as) => {
    for (let i = 0; i < n; i++, ai += as) {
      const x = a[ai] as number;
      out[o + i] = x > high ? high : x < low ? low : x;
    }
  };

const casts: Readonly<Record<'u32' | 'i32' | 'any', Run>> = {
  u32: saturated(0, 2 ** 32 - 1),
  i32: saturated(-(2 ** 31), 2 ** 31 - 1),
  any: (n, out, o, a, ai, as) => {
    for (let i = 0; i < n; i++, ai += as) out[o + i] = a[ai] as number;
  },
};

/**
 * The values in another dtype. Floats become integers towards zero; beyond the integer's range they become its nearest
 * end, and NaN becomes 0. Integers keep their bits.
 */
export const cast: Primitive<'cast'> = {
  name: 'cast',
  type: (operands, _, wanted) => {
    const [a] = operands;
    if (a === undefined || wanted === undefined)
      throw misuse('cast', operands, 'takes one operand and a dtype');
    return { shape: a.shape, dtype: wanted.dtype };
  },
  lowering: {
    kind: 'compute',
    reads: 'elements',
    host: (call) => {
      const to = call.output.dtype;
      const whole = !isFloat(call.operands[0]?.dtype ?? 'u32') || to === 'f32' || to === 'f64';
      walk(call, casts[whole ? 'any' : to]);
    },
    kernel: (call) =>
      elementwiseDispatch(
        'cast',
        { FROM: typeCode(call.operands[0]?.dtype ?? 'f32'), TO: typeCode(call.output.dtype) },
        viewsOf(call),
        call.output,
      ),
  },
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
