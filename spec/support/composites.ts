/** A composite for specs: one without a kernel, so that every engine computes what it means. */
import type { Composite } from '../../src/tensor/composite.js';
import type { Tensor } from '../../src/tensor/expression.js';
import { mul, sub } from '../../src/tensor/operations.js';

/** (a − b)² of operands of one shape. */
export const squaredDistance: Composite = {
  name: 'squaredDistance',
  settings: {},
  meaning: (operands) => {
    const [a, b] = operands as readonly [Tensor, Tensor];
    const difference = sub(a, b);
    return mul(difference, difference);
  },
};
