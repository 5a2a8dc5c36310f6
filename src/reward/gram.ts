/**
 * The prior covariances K = Φ Φᵀ of a pool, row by row: what batches that change in place are computed from. Rows are computed
 * when a point first joins and kept, the latest {@link rowBytes} of them.
 */
import { type Matrix, squareOfRow } from '../linear-algebra/matrix.js';
import { dotRange } from '../linear-algebra/vector.js';
import { atOnce, type Work } from '../work.js';
import { type GramRow, wasmGramRow } from './wasm/gram-rows.js';

/** Of the rows of K that are kept. */
const rowBytes = 2 ** 27;

/** The rows of K, on plain arrays; wasm/gram-rows.ts does the same by SIMD. */
export const plainGramRow =
  ({ rows, columns, data }: Matrix): GramRow =>
  (n) => {
    const row = new Float64Array(rows);
    for (let m = 0; m < rows; m++) row[m] = dotRange(data, m * columns, data, n * columns, columns);
    return row;
  };

/** The rows of K = Φ Φᵀ, each computed when it is first asked for: by WebAssembly where it is there. */
export const gramRows = (whitened: Matrix): GramRow => {
  const { rows } = whitened;
  const known = new Map<number, Float64Array>();
  let computed: GramRow | undefined;
  const maxRows = Math.max(1, Math.floor(rowBytes / (8 * rows)));
  return (n) => {
    const before = known.get(n);
    if (before !== undefined) return before;
    if (known.size >= maxRows) {
      const [oldest] = known.keys();
      if (oldest !== undefined) known.delete(oldest);
    }
    computed ??= wasmGramRow(whitened) ?? plainGramRow(whitened);
    const row = computed(n);
    known.set(n, row);
    return row;
  };
};

/** |φ_n|² of all points. */
export const priorVariancesOf = (whitened: Matrix): Float64Array =>
  Float64Array.from({ length: whitened.rows }, (_, n) => squareOfRow(whitened, n));

/** What all batches of a pool share. */
export interface Gram {
  /** K_nn [N]. */
  readonly diagonal: Float64Array;
  /** K_n· [N]. */
  readonly row: (n: number) => Float64Array;
}

/** Of whitened features N×D. */
export const gramOf = (whitened: Matrix): Gram => ({
  diagonal: priorVariancesOf(whitened),
  row: gramRows(whitened),
});

/** What {@link inverseOf} finds. */
export interface GramInverse {
  readonly inverse: Float64Array;
  readonly logDeterminant: number;
}

/** {@link inverseOf} in steps. */
export function* inverseInSteps(gram: Gram, members: readonly number[]): Work<GramInverse> {
  const size = members.length;
  // The factor is at least the identity's, so no pivot fails.
  const factor = new Float64Array(size * size);
  const inverse = new Float64Array(size * size);
  let logDeterminant = 0;
  for (const [i, n] of members.entries()) {
    const row = gram.row(n);
    for (let j = 0; j <= i; j++) {
      const own = (row[members[j] ?? -1] ?? NaN) + Number(i === j);
      const rest = own - dotRange(factor, i * size, factor, j * size, j);
      factor[i * size + j] = i === j ? Math.sqrt(Math.max(1, rest)) : rest / (factor[j * size + j] ?? 1);
    }
    logDeterminant += 2 * Math.log(factor[i * size + i] ?? NaN);
  }
  // Columns of L⁻¹, then L⁻ᵀ L⁻¹.
  const lower = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    yield;
    for (let i = j; i < size; i++) {
      let sum = Number(i === j);
      for (let k = j; k < i; k++) sum -= (factor[i * size + k] ?? NaN) * (lower[k * size + j] ?? NaN);
      lower[i * size + j] = sum / (factor[i * size + i] ?? 1);
    }
  }
  for (let i = 0; i < size; i++) {
    yield;
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = Math.max(i, j); k < size; k++)
        sum += (lower[k * size + i] ?? NaN) * (lower[k * size + j] ?? NaN);
      inverse[i * size + j] = sum;
    }
  }
  return { inverse, logDeterminant };
}

/** The inverse of I + K_BB [b×b], row-major, and its log-determinant in nats, by a Cholesky factor. Does not fail. */
export const inverseOf = (gram: Gram, members: readonly number[]): GramInverse =>
  atOnce(inverseInSteps(gram, members));
