/**
 * Products of dense matrices in WebAssembly, by panels (panels.ts): both sides are written in panels, so that each is read in a row.
 */
import { aTurn, type Work } from '../../work.js';
import type { Matrix } from '../matrix.js';
import {
  depthOf,
  fromColumns,
  fromUpperTiles,
  panelsOf,
  setColumns,
  setRows,
  sizeInPanels,
} from './panels.js';
import { giveBack, numbersAt, takeRoom } from './room.js';

/** Products of numbers from which on panels are worth their writing. */
const worthIt = 2 ** 14;

/** Panels of the right side that make up a turn, where each takes so many products. */
export const panelsOfATurn = (products: number): number => Math.max(1, Math.floor((2 * aTurn) / products));

/** A B, of shape (m×k)(k×n), in steps; undefined where it is better made without. */
export function* wasmProduct(a: Matrix, b: Matrix): Work<Matrix | undefined> {
  const [m, k, n] = [a.rows, a.columns, b.columns];
  if (Math.min(m, n) < 4 || k < 8 || m * k * n < worthIt) return undefined;
  const [ofA, ofB, ofOut] = [sizeInPanels(k, m), sizeInPanels(k, n), sizeInPanels(m, n)];
  const room = takeRoom(ofA + ofB + ofOut);
  if (room === undefined) return undefined;
  setRows(numbersAt(room, 0, ofA), a, false);
  setColumns(numbersAt(room, ofA, ofB), b);
  const out = numbersAt(room, ofA + ofB, ofOut);
  out.fill(0);
  const stride = 32 * depthOf(k);
  const all = panelsOf(n);
  const step = panelsOfATurn(4 * m * k);
  for (let q = 0; q < all; q += step) {
    yield;
    room.kernels.products(
      ...([0, stride, 8 * ofA, stride, 8 * (ofA + ofB), 32 * depthOf(m)] as const),
      ...([depthOf(k), 0, panelsOf(m), q, Math.min(all, q + step), 0, false] as const),
    );
  }
  const product = fromColumns(out, m, n);
  giveBack(room);
  return product;
}

/** A Aᵀ (`of` rows) or Aᵀ A (columns), in steps, exactly symmetric; undefined where it is better made without. */
export function* wasmGram(a: Matrix, of: 'rows' | 'columns'): Work<Matrix | undefined> {
  const [k, n] = of === 'rows' ? [a.columns, a.rows] : [a.rows, a.columns];
  if (n < 8 || k < 8 || (k * n * n) / 2 < worthIt) return undefined;
  const [ofA, ofOut] = [sizeInPanels(k, n), sizeInPanels(n, n)];
  const room = takeRoom(ofA + ofOut);
  if (room === undefined) return undefined;
  if (of === 'rows') setRows(numbersAt(room, 0, ofA), a, false);
  else setColumns(numbersAt(room, 0, ofA), a);
  const out = numbersAt(room, ofA, ofOut);
  out.fill(0);
  const stride = 32 * depthOf(k);
  const all = panelsOf(n);
  const step = panelsOfATurn(4 * n * k);
  for (let q = 0; q < all; q += step) {
    yield;
    const to = Math.min(all, q + step);
    room.kernels.products(
      ...([0, stride, 0, stride, 8 * ofA, 32 * depthOf(n)] as const),
      ...([depthOf(k), 0, to, q, to, 1, false] as const),
    );
  }
  const gram = fromUpperTiles(out, n);
  giveBack(room);
  return gram;
}
