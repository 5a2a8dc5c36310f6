/**
 * Cholesky factors, and what follows from them, in WebAssembly, by panels (panels.ts). Rows in fours of A are panels, and each
 * becomes one of L by substitution with those before it; sixteen panels of columns at a time, so that most of the work is one
 * product of them with all before. The inverse is Mᵀ M, M = L⁻¹, both by the same steps.
 *
 * Source: Golub and Van Loan, Matrix Computations (4th ed.), sections 3.1, 4.2 (block factors).
 */
import { at } from '../../at.js';
import type { Work } from '../../work.js';
import type { Matrix } from '../matrix.js';
import {
  depthOf,
  fromColumns,
  fromTriangularRows,
  fromUpperTiles,
  panelsOf,
  setColumns,
  setRows,
  sizeInPanels,
  width,
} from './panels.js';
import { panelsOfATurn } from './products.js';
import { giveBack, numbersAt, takeRoom } from './room.js';

/** The size, and the number of right sides, from which on panels are worth their writing: twice as fast there, or more. */
const leastSize = 32;
const leastSides = 4;

/** Panels of columns of L at a time. */
const block = 16;

/** Panels of right sides that stay in the cache. */
const group = 8;

/**
 * L of A, in steps; undefined where it is better made without, and where a pivot is not above n ε times its diagonal entry: the
 * failure is then the plain factor's to tell.
 */
export function* wasmCholesky(a: Matrix): Work<Matrix | undefined> {
  const n = a.rows;
  if (n < leastSize) return undefined;
  const [size, depth, panels] = [sizeInPanels(n, n), depthOf(n), panelsOf(n)];
  const room = takeRoom(size + depth);
  if (room === undefined) return undefined;
  const l = numbersAt(room, 0, size);
  const diagonal = numbersAt(room, size, depth);
  setRows(l, a, true);
  for (let i = 0; i < depth; i++) {
    // What fills up the last panel is the identity.
    const entry = i < n ? at(a.data, i * n + i) : 1;
    l[depth * (i - (i % width)) + i * width + (i % width)] = entry;
    diagonal[i] = entry;
  }
  const stride = 32 * depth;
  let positive = true;
  for (let j = 0; positive && j < panels; j += block) {
    const to = Math.min(panels, j + block);
    const step = panelsOfATurn(4 * block * width * Math.max(1, 4 * j));
    for (let q = j; j > 0 && q < panels; q += step) {
      yield;
      const end = Math.min(panels, q + step);
      room.kernels.products(0, stride, 0, stride, 0, stride, 4 * j, j, to, q, end, 1, true);
    }
    yield;
    positive = room.kernels.factor(0, stride, panels, j, to, 8 * size, n * Number.EPSILON) !== 0;
  }
  const factor = positive ? fromTriangularRows(l, n) : undefined;
  giveBack(room);
  return factor;
}

/** A⁻¹ from L, in steps, exactly symmetric; undefined where it is better made without. */
export function* wasmInverse(l: Matrix): Work<Matrix | undefined> {
  const n = l.rows;
  if (n < leastSize) return undefined;
  const [size, depth, panels] = [sizeInPanels(n, n), depthOf(n), panelsOf(n)];
  const room = takeRoom(3 * size);
  if (room === undefined) return undefined;
  const factor = numbersAt(room, 0, size);
  const inverse = numbersAt(room, size, size);
  setRows(factor, l, true);
  inverse.fill(0);
  for (let i = 0; i < depth; i++) {
    const own = depth * (i - (i % width)) + i * width + (i % width);
    if (i >= n) factor[own] = 1;
    inverse[own] = i < n ? 1 : 0;
  }
  const stride = 32 * depth;
  for (let p = 0; p < panels; p += group) {
    yield;
    room.kernels.forward(0, stride, 8 * size, stride, p, panels, p, Math.min(panels, p + group), true);
  }
  const out = numbersAt(room, 2 * size, size);
  out.fill(0);
  const step = panelsOfATurn(4 * n * n);
  for (let q = 0; q < panels; q += step) {
    yield;
    const to = Math.min(panels, q + step);
    room.kernels.products(
      ...([8 * size, stride, 8 * size, stride, 16 * size, stride] as const),
      ...([depth, 0, to, q, to, 2, false] as const),
    );
  }
  const product = fromUpperTiles(out, n);
  giveBack(room);
  return product;
}

/** X with L X = B, or Lᵀ X = B with `transposed`; undefined where it is better made without. */
export const wasmSolve = (l: Matrix, b: Matrix, transposed: boolean): Matrix | undefined => {
  const [n, m] = [b.rows, b.columns];
  if (n < leastSize || m < leastSides) return undefined;
  const [size, ofB, depth, panels] = [sizeInPanels(n, n), sizeInPanels(n, m), depthOf(n), panelsOf(n)];
  const room = takeRoom(size + ofB);
  if (room === undefined) return undefined;
  const factor = numbersAt(room, 0, size);
  const x = numbersAt(room, size, ofB);
  if (transposed) setColumns(factor, l);
  else setRows(factor, l, true);
  for (let i = n; i < depth; i++) factor[depth * (i - (i % width)) + i * width + (i % width)] = 1;
  setColumns(x, b);
  const stride = 32 * depth;
  for (let p = 0; p < panelsOf(m); p += group) {
    const to = Math.min(panelsOf(m), p + group);
    if (transposed) room.kernels.backward(0, stride, 8 * size, stride, depth, 0, panels, p, to);
    else room.kernels.forward(0, stride, 8 * size, stride, 0, panels, p, to, false);
  }
  const solution = fromColumns(x, n, m);
  giveBack(room);
  return solution;
};
