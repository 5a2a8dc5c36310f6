/**
 * `cast`: the same values in another dtype. Floats become integers towards zero; beyond the integer's range they become
 * its nearest end, and NaN becomes 0. Integers keep their bits.
 */
import { isFloat, misuse, type DType, type PrimitiveName, type Tensor } from '../expression.js';
import { nodeOf, type Primitive } from '../primitive.js';
import { walk, type Run } from '../primitives/walk.js';
import type { PointwiseRecord } from './record.js';

const copied: Run = (n, out, o, a, ai, as) => {
  for (let i = 0; i < n; i++, ai += as) out[o + i] = a[ai] as number;
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

const loops = {
  u32: saturated(0, 2 ** 32 - 1),
  i32: saturated(-(2 ** 31), 2 ** 31 - 1),
};

/* By both dtypes; integers keep their bits. The bounds are the floats that just lie inside. */
const bodies: Readonly<Record<string, string>> = {
  'f32 u32':
    'select(select(u32(clamp(real(a), 0.0, 4294967040.0)), 0xffffffffu, real(a) >= 4294967296.0), 0u, nan(a))',
  'f32 i32':
    'select(select(bitcast<u32>(i32(clamp(real(a), -2147483648.0, 2147483520.0))), 0x7fffffffu, real(a) >= 2147483648.0), 0u, nan(a))',
  'u32 f32': 'word(f32(a))',
  'i32 f32': 'word(f32(whole(a)))',
};

const primitive: Primitive<PrimitiveName> = {
  name: 'cast',
  type: (operands, _, wanted) => {
    const [a] = operands;
    if (a === undefined || wanted === undefined)
      throw misuse('cast', operands, 'takes one operand and a dtype');
    return { shape: a.shape, dtype: wanted.dtype };
  },
  lowering: {
    kind: 'pointwise',
    host: (call) => {
      const to = call.output.dtype;
      const from = call.operands[0]?.dtype ?? 'u32';
      walk(call, !isFloat(from) || to === 'f32' || to === 'f64' ? copied : loops[to]);
    },
    wgsl: (from, to) => bodies[`${from} ${to}`],
  },
};

const construct = (a: Tensor, dtype: DType): Tensor =>
  a.dtype === dtype ? a : nodeOf(primitive, [a], {}, { shape: a.shape, dtype });

/** The type of {@link cast}. */
export interface Cast extends PointwiseRecord {
  (a: Tensor, dtype: DType): Tensor;
}

/** The operand in another dtype. Floats become integers towards zero, at the nearest end beyond the range, and NaN becomes 0. */
export const cast: Cast = Object.assign(construct, {
  primitive,
  derivative: ((g, [a]) => [
    isFloat(a.dtype) ? construct(g, a.dtype) : undefined,
  ]) satisfies PointwiseRecord['derivative'],
  domains: [],
});
