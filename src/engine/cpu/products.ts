/** Matrix products as records of blocks, and the scratch that the kernels want for them (kernels/cpu/matmul.ts). */
import { bytesOf } from '../../tensor/expression.js';
import { startOf, type LocatedStep } from './located.js';
import { chunksFor, kinds, type Sharing, type StepRecord } from './records.js';

/** Most terms, rows and columns of what the kernels pack at a time, and bytes of a tile: those of kernels/cpu/matmul.ts. */
const depthBlock = 256;
const rowBlock = 128;
const columnBlock = 512;
const tileBytes = 128;

/** Bytes of scratch that a product of an [m, k] and a [k, n] matrix needs at most, or any block of it; numbers of so many bytes. */
export const productScratch = (m: number, k: number, n: number, width: number): number => {
  const rows = Math.min(m + 3, rowBlock);
  const columns = Math.min(n + 7, columnBlock);
  const few = n <= 4 ? n * (m + k) : 0;
  return tileBytes + width * (Math.min(k, depthBlock) * (rows + columns + 8) + few + 16);
};

/** Rows and columns of a block. */
interface Block {
  readonly rows: number;
  readonly columns: number;
}

const upTo = (unit: number, size: number): number => Math.ceil(size / unit) * unit;

/** Nanoseconds of a multiplication and addition in f32, of a number that is packed, and of a byte that is read from memory. */
const costOfTerm = 0.07;
const costOfPacked = 0.5;
const costOfByte = 0.1;

/** Up to so many rows of a block, rows of B that are contiguous are read where they lie: kernels/cpu/matmul.ts. */
const fewRows = 32;

/** The sizes of a product; whether rows of B are contiguous. */
interface Sizes {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly contiguous: boolean;
}

/** Nanoseconds of a block: A is packed once for each 512 columns, B once. */
const costOfBlock = ({ k, contiguous }: Sizes, { rows, columns }: Block): number =>
  k *
  (rows * columns * costOfTerm +
    rows * Math.ceil(columns / columnBlock) * costOfPacked +
    (contiguous && rows <= fewRows ? 0 : columns * costOfPacked));

/**
 * The blocks that so many threads are done with first, of those that leave each of them one or two; of such as take about as
 * long the smallest, which wait least for a thread that is late.
 */
const blockOf = (sizes: Sizes, threads: number): Block => {
  const { m, n } = sizes;
  let best: Block = { rows: Math.max(m, 1), columns: Math.max(n, 1) };
  let least = Infinity;
  for (const count of [2 * threads, threads])
    for (let down = 1; down <= Math.min(count, Math.ceil(m / 4)); down++) {
      const across = n <= 4 ? 1 : Math.ceil(count / down);
      const block = {
        rows: upTo(4, m / down),
        columns: n <= 4 ? Math.max(1, n) : Math.max(16, upTo(16, n / across)),
      };
      const blocks = Math.ceil(m / block.rows) * Math.ceil(n / block.columns);
      const cost = Math.ceil(blocks / threads) * costOfBlock(sizes, block);
      if (cost < 0.97 * least) [best, least] = [block, cost];
    }
  return best;
};

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
  // Where each number of A is used for few columns, reading it takes longer than what is done with it.
  const cost = batch * m * Math.max(n * (k * costOfTerm * (width / 4) + 0.3), k * width * costOfByte);
  const whole = { rows: Math.max(m, 1), columns: Math.max(n, 1) };
  const chunks = chunksFor(cost, sharing);
  const { rows, columns } =
    chunks === 1 || batch >= chunks
      ? whole
      : blockOf({ m, k, n, contiguous: bColumn === 1 }, Math.ceil(sharing.threads / Math.max(batch, 1)));
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
