/**
 * Rows of a table by index, and the sums of rows that share an index: each other's derivative.
 * Kernels: gather.wgsl, scatter-add.wgsl (a workgroup a row adds its updates in one order: no atomics, so a result
 * repeats bit for bit).
 */
import { at } from '../../at.js';
import { misuse, requireShape } from '../expression.js';
import type { Primitive } from '../primitive.js';

/** Rows table[index]; an index outside the table gives zeros. Kernel: gather.wgsl. */
export const gather: Primitive<'gather'> = {
  name: 'gather',
  type: (operands) => {
    const [table, indices] = operands;
    if (table === undefined || indices === undefined || table.shape.length === 0)
      throw misuse('gather', operands, 'takes a table with at least one axis, and indices');
    if (indices.dtype !== 'u32') throw misuse('gather', operands, 'indices are u32; cast them');
    const shape = [...indices.shape, ...table.shape.slice(1)];
    requireShape('gather', operands, shape);
    return { shape, dtype: table.dtype };
  },
  lowering: {
    kind: 'compute',
    reads: 'contiguous',
    host: ({ operands: [table, indices], output }) => {
      if (table === undefined || indices === undefined) return;
      const rows = at(table.shape, 0);
      const { count, row } = rowsOf(indices.shape, table.shape);
      for (let i = 0; i < count; i++) {
        const index = indices.data[indices.view.offset + i] as number;
        const from = table.view.offset + index * row;
        if (index < rows) output.data.set(table.data.subarray(from, from + row), i * row);
        else output.data.fill(0, i * row, (i + 1) * row);
      }
    },
  },
};

/** Row i of the result is the sum of the updates whose index is i; other indices are ignored. Kernel: scatter-add.wgsl. */
export const scatterAdd: Primitive<'scatterAdd'> = {
  name: 'scatterAdd',
  type: (operands, _, wanted) => {
    const [updates, indices] = operands;
    if (updates === undefined || indices === undefined || wanted === undefined)
      throw misuse('scatterAdd', operands, 'takes updates, indices and the number of rows');
    if (indices.dtype !== 'u32') throw misuse('scatterAdd', operands, 'indices are u32; cast them');
    const lead = indices.shape.length;
    if (!indices.shape.every((size, axis) => size === updates.shape[axis]))
      throw misuse('scatterAdd', operands, 'the updates must begin with the axes of the indices');
    const shape = [at(wanted.shape, 0), ...updates.shape.slice(lead)];
    requireShape('scatterAdd', operands, shape);
    return { shape, dtype: updates.dtype };
  },
  lowering: {
    kind: 'compute',
    reads: 'contiguous',
    host: ({ operands: [updates, indices], output }) => {
      if (updates === undefined || indices === undefined) return;
      const rows = at(output.shape, 0);
      const { count, row } = rowsOf(indices.shape, output.shape);
      output.data.fill(0);
      for (let i = 0; i < count; i++) {
        const index = indices.data[indices.view.offset + i] as number;
        if (index >= rows) continue;
        const from = updates.view.offset + i * row;
        for (let c = 0; c < row; c++)
          output.data[index * row + c] =
            (output.data[index * row + c] as number) + (updates.data[from + c] as number);
      }
    },
  },
};

/** How many rows are moved, and the elements of each. */
export const rowsOf = (indices: readonly number[], table: readonly number[]) => ({
  count: indices.reduce((product, size) => product * size, 1),
  row: table.slice(1).reduce((product, size) => product * size, 1),
});
