/** Random bits: blocks of Threefry-2x32 under one key. Kernel: threefry.wgsl. Law: src/tensor/threefry-block.ts. */
import { misuse } from '../expression.js';
import type { Primitive } from '../primitive.js';
import { threefry2x32Into } from '../threefry-block.js';

/** Key [2] and counters [n, 2] → [n, 2], all u32: row i is the block of counter i. */
export const threefry: Primitive<'threefry'> = {
  name: 'threefry',
  type: (operands) => {
    const [key, counters] = operands;
    const fits =
      operands.length === 2 &&
      operands.every((o) => o.dtype === 'u32') &&
      key?.shape.length === 1 &&
      key.shape[0] === 2 &&
      counters?.shape.length === 2 &&
      counters.shape[1] === 2;
    if (!fits) throw misuse('threefry', operands, 'takes a key u32[2] and counters u32[n, 2]');
    return { shape: counters.shape, dtype: 'u32' };
  },
  lowering: {
    kind: 'compute',
    reads: 'contiguous',
    host: ({ operands: [key, counters], output }) => {
      if (key === undefined || counters === undefined || !(output.data instanceof Uint32Array)) return;
      const k0 = key.data[key.view.offset] as number;
      const k1 = key.data[key.view.offset + 1] as number;
      const { data, view } = counters;
      for (let i = 0; i < output.data.length; i += 2)
        threefry2x32Into(
          k0,
          k1,
          data[view.offset + i] as number,
          data[view.offset + i + 1] as number,
          output.data,
          i,
        );
    },
  },
};
