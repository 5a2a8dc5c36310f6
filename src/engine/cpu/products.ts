/** Matrix products as records of blocks, and the scratch that the kernels want for them (kernels/cpu/matmul.ts). */
import { bytesOf } from '../../tensor/expression.js';
import { startOf, type LocatedStep } from './located.js';
import { chunksFor, kinds, type Sharing, type StepRecord } from './records.js';

/** Most terms, rows and columns of what the kernels pack at a time, and bytes of a tile: those of kernels/cpu/matmul.ts. */
const depthBlock = 256;
const rowBlock = 128;
const columnBlock = 512;
const tileBytes = 128;

/** Bytes of scratch that a product of an [m, k] and a [k, n] matrix needs at most, or any block of it, f32 or f64. */
export const productScratch = (m: number, k: number, n: number): number => {
  const rows = Math.min(m + 3, rowBlock);
  const columns = Math.min(n + 7, columnBlock);
  const few = n <= 4 ? n * (m + k) : 0;
  return tileBytes + 8 * (Math.min(k, depthBlock) * (rows + columns + 8) + few + 16);
};

/** Rows and columns of a block. */
interface Block {
  readonly rows: number;
  readonly columns: number;
}

const upTo = (unit: number, size: number): number => Math.ceil(size / unit) * unit;

/** Blocks, about so many, for which least is packed twice: A once for every block of columns, B for every block of rows. */
const blockOf = (m: number, k: number, n: number, count: number): Block => {
  let best: Block = { rows: Math.max(m, 1), columns: Math.max(n, 1) };
  let least = Infinity;
  const most = n <= 4 ? count : Math.min(count, Math.ceil(m / 4));
  for (let down = 1; down <= most; down++) {
    const across = n <= 4 ? 1 : Math.ceil(count / down);
    const block = {
      rows: Math.max(4, upTo(4, m / down)),
      columns: n <= 4 ? n : Math.max(16, upTo(16, n / across)),
    };
    const blocks = Math.ceil(m / block.rows) * Math.ceil(n / block.columns);
    const packed =
      Math.ceil(m / block.rows) * n + Math.max(Math.ceil(n / block.columns), n / columnBlock) * m;
    // Too few blocks leave threads idle: that costs more than packing.
    const cost = packed * k + Math.max(0, count - blocks) * m * k * n;
    if (cost < least) [best, least] = [block, cost];
  }
  return best;
};

/** Nanoseconds of a multiplication and addition in f32. */
const costOfTerm = 0.07;

/** The product of each pair of matrices in a batch, added to what the output holds if it `adds`. */
export const productRecord = (
  { operands: [a, b], output }: LocatedStep,
  adds: boolean,
  sharing: Sharing,
): StepRecord | undefined => {
  if (a === undefined || b === undefined || !(output.dtype === 'f32' || output.dtype === 'f64'))
    return undefined;
  const [batch = 0, m = 0, n = 0] = output.shape;
  const k = a.shape[2] ?? NaN;
  const width = bytesOf(output.dtype);
  const [at = 0, aRow = 0, aColumn = 0] = a.view.strides;
  const [bt = 0, bRow = 0, bColumn = 0] = b.view.strides;
  const cost = batch * m * n * (k * costOfTerm * (width / 4) + 0.3);
  const whole = { rows: Math.max(m, 1), columns: Math.max(n, 1) };
  // Two a thread: every cut has something packed once more.
  const chunks = Math.min(chunksFor(cost, sharing), 2 * sharing.threads);
  const { rows, columns } =
    batch >= chunks ? whole : blockOf(m, k, n, Math.ceil(chunks / Math.max(batch, 1)));
  return {
    kind: kinds.product,
    units: batch * Math.ceil(m / rows) * Math.ceil(n / columns),
    cost,
    words: [
      ...[width, m, k, n, output.address],
      ...[startOf(a), aRow, aColumn, startOf(b), bRow, bColumn],
      ...[adds ? 1 : 0, rows, columns, at * width, bt * width],
    ],
  };
};
