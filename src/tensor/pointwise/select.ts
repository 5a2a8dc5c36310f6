/** `select`: one of two operands by a mask, element for element. Neither branch is computed with. */
import { broadcast, commonShape, pairOf, type Operand } from '../broadcasting.js';
import { misuse, sameShape, type PrimitiveName, type Tensor } from '../expression.js';
import { nodeOf, type Primitive } from '../primitive.js';
import { walk } from '../primitives/walk.js';
import { requireAlike, type PointwiseRecord } from './record.js';

const primitive: Primitive<PrimitiveName> = {
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
    kind: 'pointwise',
    host: (call) =>
      walk(call, (n, out, o, a, ai, as, b, bi, bs, c, ci, cs) => {
        for (let i = 0; i < n; i++, ai += as, bi += bs, ci += cs)
          out[o + i] = a[ai] !== 0 ? (b[bi] as number) : (c[ci] as number);
      }),
    wgsl: () => 'select(c, b, a != 0u)',
  },
};

const construct = (mask: Tensor, a: Operand, b: Operand): Tensor => {
  const [x, y] = pairOf('select', a, b);
  const shape = commonShape(mask.shape, x.shape);
  if (shape === undefined) throw misuse('select', [mask, x, y], 'the mask does not fit; broadcast it first');
  return nodeOf(primitive, [broadcast(mask, shape), broadcast(x, shape), broadcast(y, shape)], {});
};

/** The type of {@link select}. */
export interface Select extends PointwiseRecord {
  (mask: Tensor, a: Operand, b: Operand): Tensor;
}

/** a where the mask (u32) is not zero, b elsewhere; all three are broadcast to one shape. */
export const select: Select = Object.assign(construct, {
  primitive,
  derivative: ((g, [mask]) => [
    undefined,
    construct(mask, g, 0),
    construct(mask, 0, g),
  ]) satisfies PointwiseRecord['derivative'],
  domains: [],
});
