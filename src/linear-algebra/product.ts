/**
 * Products of dense matrices: A B, A Aᵀ, Aᵀ A and A x, each by rows that lie together in memory; large ones in WebAssembly
 * (wasm/products.ts).
 */
import { type Matrix, matrixFrom } from './matrix.js';
import { atOnce, turnCounter, type Work } from '../work.js';
import { addInOrderInto, dotRange } from './vector.js';
import { wasmGram, wasmProduct } from './wasm/products.js';

/** The n×n identity. */
export const identity = (size: number): Matrix => matrixFrom(size, size, (i, j) => (i === j ? 1 : 0));

/** A vector of length n as the n×1 matrix over the same numbers. */
export const columnVector = (x: Float64Array): Matrix => ({ rows: x.length, columns: 1, data: x });

/** Row i of a matrix, as a view of its numbers. */
export const rowOf = (a: Matrix, i: number): Float64Array =>
  a.data.subarray(i * a.columns, (i + 1) * a.columns);

/** All rows, as views. */
export const rowsOf = (a: Matrix): readonly Float64Array[] =>
  Array.from({ length: a.rows }, (_, i) => rowOf(a, i));

/** {@link transpose} in steps. */
export function* transposeInSteps({ rows, columns, data }: Matrix): Work<Matrix> {
  const turnOver = turnCounter();
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < rows; j++) out[i * rows + j] = data[j * columns + i] ?? NaN;
    if (turnOver(4 * rows)) yield;
  }
  return { rows: columns, columns: rows, data: out };
}

/** Aᵀ. */
export const transpose = (a: Matrix): Matrix => atOnce(transposeInSteps(a));

/** Terms that are summed before they join those before: as many as a tile of kernels/cpu/linear-algebra takes at once. */
const sumLength = 256;

/**
 * {@link product} in plain TypeScript, in steps: what wasmProduct is held to, to the bit, so that a row of A B does not depend on the
 * rows beside it. Each entry is summed in order, {@link sumLength} terms at a time.
 */
export function* plainProduct(a: Matrix, b: Matrix): Work<Matrix> {
  const turnOver = turnCounter();
  const out = new Float64Array(a.rows * b.columns);
  const part = new Float64Array(b.columns);
  for (let i = 0; i < a.rows; i++) {
    for (let from = 0; from < a.columns; from += sumLength) {
      const count = Math.min(sumLength, a.columns - from);
      part.fill(0);
      addInOrderInto(part, a.data, i * a.columns + from, b.data, from * b.columns, count);
      for (let j = 0, to = i * b.columns; j < b.columns; j++)
        out[to + j] = (out[to + j] ?? NaN) + (part[j] ?? NaN);
    }
    if (turnOver(a.columns * b.columns)) yield;
  }
  return { rows: a.rows, columns: b.columns, data: out };
}

/** {@link product} in steps. */
export function* productInSteps(a: Matrix, b: Matrix): Work<Matrix> {
  if (a.columns !== b.rows)
    throw new RangeError(
      `product: ${a.rows}×${a.columns} times ${b.rows}×${b.columns}: the inner sizes differ`,
    );
  return (yield* wasmProduct(a, b)) ?? (yield* plainProduct(a, b));
}

/** A B, of shape (m×k)(k×n). Throws a RangeError if the inner sizes differ. */
export const product = (a: Matrix, b: Matrix): Matrix => atOnce(productInSteps(a, b));

/** A x for a vector x of A's number of columns. Throws a RangeError if the sizes differ. */
export const applyTo = (a: Matrix, x: Float64Array): Float64Array => {
  if (a.columns !== x.length)
    throw new RangeError(`applyTo: ${a.rows}×${a.columns} times a vector of length ${x.length}`);
  return Float64Array.from({ length: a.rows }, (_, i) => dotRange(a.data, i * a.columns, x, 0, a.columns));
};

/** {@link rowGram} in plain TypeScript, in steps: what wasmGram is held to. */
export function* plainRowGram(a: Matrix): Work<Matrix> {
  const turnOver = turnCounter();
  const out = new Float64Array(a.rows * a.rows);
  for (let i = 0; i < a.rows; i++)
    for (let j = 0; j <= i; j++) {
      const entry = dotRange(a.data, i * a.columns, a.data, j * a.columns, a.columns);
      out[i * a.rows + j] = entry;
      out[j * a.rows + i] = entry;
      if (turnOver(a.columns)) yield;
    }
  return { rows: a.rows, columns: a.rows, data: out };
}

/** {@link rowGram} in steps. */
export function* rowGramInSteps(a: Matrix): Work<Matrix> {
  return (yield* wasmGram(a, 'rows')) ?? (yield* plainRowGram(a));
}

/** A Aᵀ: the inner products of the rows. Exactly symmetric. */
export const rowGram = (a: Matrix): Matrix => atOnce(rowGramInSteps(a));

/** {@link columnGram} in steps. */
export function* columnGramInSteps(a: Matrix): Work<Matrix> {
  return (yield* wasmGram(a, 'columns')) ?? (yield* plainRowGram(yield* transposeInSteps(a)));
}

/** Aᵀ A: the inner products of the columns. Exactly symmetric. */
export const columnGram = (a: Matrix): Matrix => atOnce(columnGramInSteps(a));
