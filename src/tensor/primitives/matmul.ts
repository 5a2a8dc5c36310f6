/**
 * Batched matrix product: [batch, m, k] × [batch, k, n] → [batch, m, n], operands through any view, so that
 * transposes and repeated batches cost nothing.
 */
import { isFloat, misuse, type TypedArray } from '../expression.js';
import type { HostOperand, Primitive } from '../primitive.js';

/** One matrix of an operand: where it starts and how it steps. */
interface Block {
  readonly data: TypedArray;
  readonly offset: number;
  readonly row: number;
  readonly column: number;
}

const block = ({ data, view }: HostOperand, batch: number): Block => ({
  data,
  offset: view.offset + batch * (view.strides[0] ?? NaN),
  row: view.strides[1] ?? NaN,
  column: view.strides[2] ?? NaN,
});

const tile = 64;

/** Packs rows [from, to) of a block's depth range into row-major panels of f64, which V8 multiplies fastest. */
const pack = (
  b: Block,
  rows: number,
  fromRow: number,
  columns: number,
  fromColumn: number,
  out: Float64Array,
) => {
  for (let i = 0; i < rows; i++) {
    let at = b.offset + (fromRow + i) * b.row + fromColumn * b.column;
    const base = i * columns;
    for (let j = 0; j < columns; j++, at += b.column) out[base + j] = b.data[at] as number;
  }
};

/** 4×2 outputs from o on, in rows of n: rows of `left` from l0 on, rows of `panel` from r0 on, of k numbers each. */
const multiplyTile = (
  left: Float64Array,
  l0: number,
  panel: Float64Array,
  r0: number,
  k: number,
  out: TypedArray,
  o: number,
  n: number,
): void => {
  const l1 = l0 + k;
  const l2 = l1 + k;
  const l3 = l2 + k;
  const r1 = r0 + k;
  let c00 = 0, c01 = 0, c10 = 0, c11 = 0, c20 = 0, c21 = 0, c30 = 0, c31 = 0; // prettier-ignore
  for (let p = 0; p < k; p++) {
    const y0 = panel[r0 + p] as number;
    const y1 = panel[r1 + p] as number;
    const x0 = left[l0 + p] as number;
    const x1 = left[l1 + p] as number;
    const x2 = left[l2 + p] as number;
    const x3 = left[l3 + p] as number;
    c00 += x0 * y0;
    c01 += x0 * y1;
    c10 += x1 * y0;
    c11 += x1 * y1;
    c20 += x2 * y0;
    c21 += x2 * y1;
    c30 += x3 * y0;
    c31 += x3 * y1;
  }
  out[o] = c00;
  out[o + 1] = c01;
  out[o + n] = c10;
  out[o + n + 1] = c11;
  out[o + 2 * n] = c20;
  out[o + 2 * n + 1] = c21;
  out[o + 3 * n] = c30;
  out[o + 3 * n + 1] = c31;
};

/**
 * out[m, n] = a[m, k] b[k, n]. b is packed once a tile, transposed, and 4×2 outputs are kept in registers; the sum over
 * k runs in order, in 64 bits.
 */
const multiply = (
  a: Block,
  b: Block,
  out: TypedArray,
  base: number,
  m: number,
  k: number,
  n: number,
): void => {
  const left = new Float64Array(m * k);
  pack(a, m, 0, k, 0, left);
  const panel = new Float64Array(Math.min(tile, n) * k);
  const transposed: Block = { data: b.data, offset: b.offset, row: b.column, column: b.row };
  for (let j0 = 0; j0 < n; j0 += tile) {
    const width = Math.min(tile, n - j0);
    pack(transposed, width, j0, k, 0, panel);
    let i = 0;
    for (; i + 4 <= m; i += 4) {
      let j = 0;
      for (; j + 2 <= width; j += 2)
        multiplyTile(left, i * k, panel, j * k, k, out, base + i * n + j0 + j, n);
      for (; j < width; j++)
        for (let r = 0; r < 4; r++)
          out[base + (i + r) * n + j0 + j] = dot(left, (i + r) * k, panel, j * k, k);
    }
    for (; i < m; i++)
      for (let j = 0; j < width; j++) out[base + i * n + j0 + j] = dot(left, i * k, panel, j * k, k);
  }
};

const dot = (x: Float64Array, from: number, y: Float64Array, start: number, count: number): number => {
  let total = 0;
  for (let p = 0; p < count; p++) total += (x[from + p] as number) * (y[start + p] as number);
  return total;
};

/** The batched matrix product; floats only. */
export const matmul: Primitive<'matmul'> = {
  name: 'matmul',
  type: (operands) => {
    const [a, b] = operands;
    if (a === undefined || b === undefined || operands.length !== 2)
      throw misuse('matmul', operands, 'takes two operands');
    const [batch = 0, m = 0, k = 0] = a.shape;
    const [other = 0, depth = 0, n = 0] = b.shape;
    if (a.shape.length !== 3 || b.shape.length !== 3 || batch !== other)
      throw misuse(
        'matmul',
        operands,
        'operands are [batch, m, k] and [batch, k, n]; broadcast a missing batch axis',
      );
    if (k !== depth)
      throw misuse(
        'matmul',
        operands,
        `the inner sizes ${k} and ${depth} differ; transpose one of the operands`,
      );
    if (!isFloat(a.dtype) || a.dtype !== b.dtype)
      throw misuse('matmul', operands, 'operands are floats of one dtype; cast one of them');
    return { shape: [batch, m, n], dtype: a.dtype };
  },
  lowering: {
    kind: 'compute',
    reads: 'views',
    host: ({ operands: [a, b], output }) => {
      if (a === undefined || b === undefined) return;
      const [batch = 0, m = 0, n = 0] = output.shape;
      const k = a.shape[2] ?? NaN;
      for (let t = 0; t < batch; t++) multiply(block(a, t), block(b, t), output.data, t * m * n, m, k, n);
    },
  },
};
