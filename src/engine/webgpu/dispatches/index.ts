/**
 * How each primitive that computes becomes dispatches of kernels; a table total by type. Pointwise ones are not here, `pad` among
 * them: of these src/engine/webgpu/chain-code.ts writes kernels, by the words in WGSL that their records say.
 */
import { at } from '../../../at.js';
import { sizeOf, type PrimitiveName } from '../../../tensor/expression.js';
import type { PointwiseName } from '../../../tensor/pointwise/index.js';
import type { Dispatch, KernelCall } from '../../../tensor/primitive.js';
import { stack } from '../../../tensor/primitives/factorisation.js';
import { rowsOf } from '../../../tensor/primitives/gather.js';
import { rowMajor } from '../../../tensor/view.js';
import { crossovers } from './crossovers.js';
import { matmul } from './matmul.js';
import { concat } from './movement.js';
import { reduction } from './reduction.js';
import { typeCode } from './type-code.js';

/** What computes nothing: memory that is given, and views. */
type Still = 'input' | 'constant' | 'stopGradient' | 'reshape' | 'transpose' | 'broadcast' | 'slice';

/** The dispatches of one evaluation, by the primitive's name. */
export const dispatches: {
  readonly [K in Exclude<PrimitiveName, PointwiseName | Still | 'pad'>]: (
    call: KernelCall<K>,
  ) => readonly Dispatch[];
} = {
  iota: ({ attributes: { axis }, output }) => [
    {
      kernel: 'iota',
      constants: { TYPE: typeCode(output.dtype) },
      uniforms: [sizeOf(output.shape), rowMajor(output.shape)[axis] ?? 1, output.shape[axis] ?? 1, 0],
      operands: [],
      threads: sizeOf(output.shape),
      workgroupSize: 64,
    },
  ],
  concat,
  sum: reduction(0),
  max: reduction(1),
  argmax: reduction(2),
  matmul,
  gather: ({ operands: [table, indices] }) => {
    if (table === undefined || indices === undefined) return [];
    const { count, row } = rowsOf(indices.shape, table.shape);
    return [
      {
        kernel: 'gather',
        constants: {},
        uniforms: [count, row, at(table.shape, 0), 0, table.view.offset, indices.view.offset, 0, 0],
        operands: [0, 1],
        threads: count * row,
        workgroupSize: 64,
      },
    ];
  },
  scatterAdd: ({ operands: [updates, indices], output }) => {
    if (updates === undefined || indices === undefined) return [];
    const { count, row } = rowsOf(indices.shape, output.shape);
    const rows = at(output.shape, 0);
    // A workgroup looks through all indices: have as few of them as there are rows or updates.
    const byUpdate = rows > count;
    const few = byUpdate && count <= crossovers.fewUpdates;
    const zeros = {
      kernel: 'fill',
      constants: {},
      uniforms: [0, rows * row, 0, 0],
      operands: [],
      threads: rows * row,
      workgroupSize: 64,
    };
    return [
      ...(byUpdate ? [zeros] : []),
      {
        kernel: 'scatter-add',
        constants: { TYPE: typeCode(output.dtype), BY_UPDATE: byUpdate ? 1 : 0, FEW: few ? 1 : 0 },
        uniforms: [count, row, rows, 0, updates.view.offset, indices.view.offset, 0, 0],
        operands: [0, 1],
        threads: few ? count * row : 64 * Math.min(rows, count),
        workgroupSize: 64,
      },
    ];
  },
  // A workgroup a matrix.
  cholesky: ({ operands: [a], output }) => {
    const { batch, rows } = stack(output.shape);
    return [
      {
        kernel: 'cholesky',
        constants: {},
        uniforms: [batch, rows, a?.view.offset ?? 0, 0],
        operands: [0],
        threads: batch * 64,
        workgroupSize: 64,
      },
    ];
  },
  // A thread a column.
  triangularSolve: ({ attributes: { transpose }, operands: [l, b], output }) => {
    const { batch, rows, columns } = stack(output.shape);
    return [
      {
        kernel: 'triangular-solve',
        constants: { TRANSPOSE: transpose ? 1 : 0 },
        uniforms: [batch, rows, columns, 0, l?.view.offset ?? 0, b?.view.offset ?? 0, 0, 0],
        operands: [0, 1],
        threads: batch * columns,
        workgroupSize: 64,
      },
    ];
  },
  threefry: ({ operands: [key, counters], output }) => [
    {
      kernel: 'threefry',
      constants: {},
      uniforms: [sizeOf(output.shape) / 2, key?.view.offset ?? 0, counters?.view.offset ?? 0, 0],
      operands: [0, 1],
      threads: sizeOf(output.shape) / 2,
      workgroupSize: 64,
    },
  ],
  composite: (call) => {
    const kernel = call.attributes.kernel?.(call);
    if (kernel === undefined)
      throw new TypeError(`composite: ${call.attributes.name} has no kernel here; expand the program first`);
    return kernel.dispatches;
  },
};
