/** Composites as nodes: what src/tensor/composite.ts describes, computed by its kernel. */
import { misuse, requireShape } from '../expression.js';
import type { Primitive } from '../primitive.js';

/** An operation made of others. Engines see it only where they have chosen its kernel (src/engine/expanded.ts). */
export const composite: Primitive<'composite'> = {
  name: 'composite',
  type: (operands, _, wanted) => {
    if (wanted === undefined)
      throw misuse('composite', operands, 'needs the type of its meaning; make it by `composite`');
    requireShape('composite', operands, wanted.shape);
    return { shape: wanted.shape, dtype: wanted.dtype };
  },
  lowering: {
    kind: 'compute',
    reads: 'contiguous',
    host: ({ attributes: { name } }) => {
      throw new TypeError(`composite: ${name} has no host kernel; expand the program first`);
    },
  },
};
