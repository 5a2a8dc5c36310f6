/**
 * The rows of K = Φ Φᵀ (../gram.ts) in WebAssembly, kernels/cpu/conditional: the features lie there once more, in panels of four
 * points, D rows of four numbers each, so that four products are summed up side by side and all is read in a row. Sums are taken
 * in the order of plain TypeScript's, and end in the same bits.
 */
import type { Matrix } from '../../linear-algebra/matrix.js';
import { blockOf, keptBy, sharedRoom } from './room.js';

/** Points of a panel. */
const width = 4;

/** Larger tables of features are not held twice: 64 MiB. */
const maxBytes = 2 ** 26;

/** The features N×D in panels, into zeros. */
const setPanels = (panels: Float64Array, { rows, columns, data }: Matrix): void => {
  for (let n = 0; n < rows; n++) {
    const start = (n - (n % width)) * columns + (n % width);
    for (let k = 0; k < columns; k++) panels[start + k * width] = data[n * columns + k] ?? NaN;
  }
};

/** K_n· [N] of a point, as an array of its own. */
export type GramRow = (n: number) => Float64Array;

/** The rows of K; undefined where WebAssembly, SIMD or memory is not there, or the features are many. */
export const wasmGramRow = (whitened: Matrix): GramRow | undefined => {
  const { rows, columns, data } = whitened;
  const padded = width * Math.ceil(rows / width);
  const numbers = padded * (columns + 1) + columns;
  const room = 8 * numbers <= maxBytes ? sharedRoom() : undefined;
  const block = room && blockOf(room, 8 * numbers);
  if (room === undefined || block === undefined) return undefined;
  const { memory, kernels } = room;
  const { start } = block;
  const [ofRow, ofPoint] = [start + 8 * padded * columns, start + 8 * padded * (columns + 1)];
  setPanels(new Float64Array(memory.buffer, start, padded * columns), whitened);
  const row: GramRow = (n) => {
    new Float64Array(memory.buffer, ofPoint, columns).set(data.subarray(n * columns, (n + 1) * columns));
    kernels.products(padded, ofRow, start, ofPoint, columns);
    return new Float64Array(memory.buffer, ofRow, rows).slice();
  };
  keptBy(room, row, block);
  return row;
};
