/**
 * Inner products of the columns of a tall matrix, block of rows by block of rows, in one pass over it:
 *
 *   Φᵀ Φ = Σ_g G_g,    G_g = Σ_{n in block g} φ_n φ_nᵀ
 *
 * The blocks say how much of a direction a lies in each: Σ_{n in g} (a·φ_n)² = aᵀ G_g a.
 */
import type { Matrix } from '../../linear-algebra/matrix.js';
import { addScaledInto } from '../../linear-algebra/vector.js';
import type { Work } from '../../work.js';

/** G_g of each block of `rowsPerBlock` rows (the last may have fewer), and their sum; all of them D×D. */
export interface BlockGrams {
  readonly rowsPerBlock: number;
  readonly blocks: readonly Float64Array[];
  readonly total: Matrix;
}

/** The inner products of rows `from` … `to` − 1, four rows at a time so that the sum is loaded once for four. */
function* gramOfRows(d: number, data: Float64Array, from: number, to: number): Work<Float64Array> {
  const out = new Float64Array(d * d);
  let n = from;
  for (; n + 3 < to; n += 4) {
    yield;
    const p0 = n * d;
    const p1 = p0 + d;
    const p2 = p1 + d;
    const p3 = p2 + d;
    for (let i = 0; i < d; i++) {
      const f0 = data[p0 + i] ?? NaN;
      const f1 = data[p1 + i] ?? NaN;
      const f2 = data[p2 + i] ?? NaN;
      const f3 = data[p3 + i] ?? NaN;
      const at = i * d;
      for (let l = 0; l <= i; l++)
        out[at + l] =
          (out[at + l] ?? NaN) +
          (f0 * (data[p0 + l] ?? NaN) + f1 * (data[p1 + l] ?? NaN)) +
          (f2 * (data[p2 + l] ?? NaN) + f3 * (data[p3 + l] ?? NaN));
    }
  }
  for (; n < to; n++)
    for (let i = 0; i < d; i++) addScaledInto(out, i * d, data[n * d + i] ?? NaN, data, n * d, i + 1);
  for (let i = 0; i < d; i++) for (let l = 0; l < i; l++) out[l * d + i] = out[i * d + l] ?? NaN;
  return out;
}

const sumOf = (d: number, blocks: readonly Float64Array[]): Matrix => {
  const data = new Float64Array(d * d);
  for (const block of blocks) addScaledInto(data, 0, 1, block, 0, data.length);
  return { rows: d, columns: d, data };
};

/**
 * The block Gram matrices of N×D features. Blocks of at least 8 D rows, so that they take at most an eighth of the
 * memory of the features. O(N D²), in steps of a block.
 */
export function* blockGrams(features: Matrix): Work<BlockGrams> {
  const { rows, columns, data: entries } = features;
  const rowsPerBlock = Math.max(64, 8 * columns);
  const blocks: Float64Array[] = [];
  for (let from = 0; from < rows; from += rowsPerBlock) {
    blocks.push(yield* gramOfRows(columns, entries, from, Math.min(rows, from + rowsPerBlock)));
  }
  return { rowsPerBlock, blocks, total: sumOf(columns, blocks) };
}

/**
 * The Gram matrix of all rows but some: the blocks of those are added up anew without them, for taking their share away
 * from the total cancels where it is most of the total. O(N D / 8), and O(D³) a row.
 */
export function* gramWithout(features: Matrix, grams: BlockGrams, rows: readonly number[]): Work<Matrix> {
  if (rows.length === 0) return grams.total;
  const { columns: d, data } = features;
  const { rowsPerBlock } = grams;
  const blocks = [...grams.blocks];
  for (const g of new Set(rows.map((n) => Math.floor(n / rowsPerBlock)))) {
    const start = g * rowsPerBlock;
    const kept = data.slice(start * d, Math.min(features.rows, start + rowsPerBlock) * d);
    for (const n of rows)
      if (Math.floor(n / rowsPerBlock) === g) kept.fill(0, (n - start) * d, (n - start + 1) * d);
    blocks[g] = yield* gramOfRows(d, kept, 0, kept.length / d);
  }
  return sumOf(d, blocks);
}
