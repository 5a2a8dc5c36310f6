/**
 * The symmetric eigenproblem in WebAssembly: Householder reflections from the last row up, so that all vectors begin at column 0,
 *
 *   for k = n − 1 … 2:   v = row k of A before its diagonal, reflected onto its last entry;   A ← H A H,  H = I − β v vᵀ
 *   w = β A v − (β²/2) (vᵀ A v) v,      A ← A − v wᵀ − w vᵀ
 *
 * where the update of one step is made in the pass that multiplies the next v. v stays in row k. Then Qᵀ B = H_2 … H_{n−1} B, in
 * blocks of 32 reflections, H_first … H_last = I − V T Vᵀ, so that it is products of matrices; and the sweeps of the QR steps
 * (implicit-qr.ts), many at a time, on four columns of it after another.
 *
 * Source: Golub and Van Loan, Matrix Computations (4th ed.), sections 5.1.6 (block reflectors) and 8.3.1; the order of rows that of
 * tred2 (Martin, Reinsch and Wilkinson 1968).
 */
import { at } from '../../at.js';
import { turnCounter, type Work } from '../../work.js';
import { diagonaliseInto, type Tridiagonal } from '../implicit-qr.js';
import type { Matrix } from '../matrix.js';
import { addScaledInto, dotRange } from '../vector.js';
import { depthOf, fromColumns, panelsOf, setColumns, setRows, sizeInPanels, width } from './panels.js';
import { panelsOfATurn } from './products.js';
import { giveBack, numbersAt, type Room, takeRoom } from './room.js';

/** The size from which on it is worth its writing. */
const leastSize = 32;

/** Reflections of a block. */
const block = 32;

/** Rotations that are kept before they are applied. */
const mostRotations = 2 ** 14;

/** Arrays of a room one after another: where each begins, in numbers. */
const placesOf = (n: number, m: number) => {
  const even = n + (n % 2);
  const rotations = Math.max(mostRotations, n);
  const sizes = {
    a: n * even,
    b: sizeInPanels(n, m),
    columns: depthOf(n) * block,
    rows: depthOf(n) * block,
    turned: depthOf(n) * block,
    triangle: block * block,
    gram: block * block,
    sides: block * depthOf(m),
    first: even,
    second: even,
    rotations: 2 * rotations,
    // Pairs of whole numbers of 32 bits.
    sweeps: rotations,
  };
  let end = 0;
  const starts = Object.fromEntries(
    Object.entries(sizes).map(([name, size]) => {
      end += size;
      return [name, end - size];
    }),
  ) as Record<keyof typeof sizes, number>;
  return { even, rotations, sizes, starts, end };
};

type Places = ReturnType<typeof placesOf>;

/** T of the scaled lower triangle in `a`, and β of every row; the vectors v stay in the rows. */
function* tridiagonaliseInto(
  { memory, kernels }: Room,
  { even, starts }: Places,
  n: number,
): Work<Tridiagonal & { readonly betas: Float64Array }> {
  const turnOver = turnCounter();
  const all = new Float64Array(memory.buffer);
  const [diagonal, offDiagonal, betas] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  all.fill(0, starts.first, starts.first + even);
  // v and w of the update that is still to be made, zeros before the first, and where the next w goes.
  let [v, w, next] = [starts.first, starts.first, starts.second];
  for (let k = n - 1; k >= 0; k--) {
    const row = starts.a + k * even;
    const [vk, wk] = [all[v + k] ?? NaN, all[w + k] ?? NaN];
    addScaledInto(all, row, -vk, all, w, k + 1);
    addScaledInto(all, row, -wk, all, v, k + 1);
    diagonal[k] = all[row + k] ?? NaN;
    if (k < 2) {
      if (k === 1) offDiagonal[0] = all[row] ?? NaN;
      continue;
    }
    if (turnOver(2 * k * k)) yield;
    const norm = Math.sqrt(dotRange(all, row, all, row, k));
    const head = all[row + k - 1] ?? NaN;
    // The sign that adds: no cancellation in v.
    const image = head > 0 ? -norm : norm;
    offDiagonal[k - 1] = image;
    const beta = norm === 0 ? 0 : 1 / (norm * (norm + Math.abs(head)));
    betas[k] = beta;
    all[row + k - 1] = head - image;
    all.fill(0, next, next + k);
    kernels.updateAndApply(8 * starts.a, 8 * even, 0, k, 8 * v, 8 * w, 8 * row, 8 * next);
    for (let j = next; j < next + k; j++) all[j] = beta * (all[j] ?? NaN);
    addScaledInto(all, next, (-beta / 2) * dotRange(all, row, all, next, k), all, row, k);
    [v, w, next] = [row, next, w];
  }
  return { diagonal, offDiagonal, betas };
}

/** T of a block, its columns as they follow: T_ii = β_i, T_.i = −β_i T (Vᵀ v_i) above it. */
const blockTriangle = (gram: (i: number, j: number) => number, betas: readonly number[]): Matrix => {
  const data = new Float64Array(block * block);
  betas.forEach((beta, i) => {
    data[i * block + i] = beta;
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum += (data[j * block + k] ?? NaN) * gram(k, i);
      data[j * block + i] = -beta * sum;
    }
  });
  return { rows: block, columns: block, data };
};

/** Qᵀ B of B in panels: reflections top, top − 1, … of a block, B ← B − (V Tᵀ) (Vᵀ B). */
function* applyBlock(
  room: Room,
  { even, sizes, starts }: Places,
  betas: Float64Array,
  top: number,
  n: number,
  m: number,
): Work<void> {
  const count = Math.min(block, top - 1);
  const depth = depthOf(top);
  const part = (name: keyof Places['sizes'], size: number) => numbersAt(room, starts[name], size);
  const v = new Float64Array(block * top);
  const own = part('a', sizes.a);
  for (let i = 0; i < count; i++) {
    const from = (top - i) * even;
    v.set(own.subarray(from, from + top - i), i * top);
  }
  const transposed = { rows: block, columns: top, data: v };
  // Of Vᵀ panels of rows are panels of V's columns.
  setRows(part('columns', depth * block), transposed, false);
  setColumns(part('rows', depth * block), transposed);
  for (const name of ['gram', 'turned', 'sides'] as const) part(name, sizes[name]).fill(0);
  const { products } = room.kernels;
  const at8 = (name: keyof Places['sizes']): number => 8 * starts[name];
  const [long, short] = [32 * depth, 32 * block];
  const [rows, reflections, all] = [panelsOf(top), panelsOf(block), panelsOf(m)];
  products(
    ...([at8('columns'), long, at8('columns'), long, at8('gram'), short] as const),
    ...([depth, 0, reflections, 0, reflections, 0, false] as const),
  );
  const gram = part('gram', sizes.gram);
  const ofColumn = (j: number): number => block * (j - (j % width)) + (j % width);
  const t = blockTriangle(
    (i, j) => at(gram, ofColumn(j) + i * width),
    Array.from(betas.subarray(top - count + 1, top + 1)).reverse(),
  );
  setRows(part('triangle', sizes.triangle), t, false);
  products(
    ...([at8('triangle'), short, at8('rows'), short, at8('turned'), short] as const),
    ...([block, 0, reflections, 0, rows, 0, false] as const),
  );
  const ofB = 32 * depthOf(n);
  const step = panelsOfATurn(8 * block * top);
  for (let q = 0; q < all; q += step) {
    yield;
    const end = Math.min(all, q + step);
    products(
      ...([at8('columns'), long, at8('b'), ofB, at8('sides'), short] as const),
      ...([depth, 0, reflections, q, end, 0, false] as const),
    );
    products(
      ...([at8('turned'), short, at8('sides'), short, at8('b'), ofB] as const),
      ...([block, 0, rows, q, end, 0, true] as const),
    );
  }
}

/** Keeps sweeps, and applies them to B in panels when there is no room for another, and at the `end`. */
const sweepsOf = (room: Room, { starts, rotations: most }: Places, n: number, m: number) => {
  const rotations = numbersAt(room, starts.rotations, 2 * most);
  const sweeps = new Int32Array(room.memory.buffer, 8 * starts.sweeps, 2 * most);
  let [kept, count] = [0, 0];
  const end = (): void => {
    const at8 = [8 * starts.sweeps, count, 8 * starts.rotations] as const;
    if (count > 0) room.kernels.rotate(8 * starts.b, 32 * depthOf(n), panelsOf(m), ...at8);
    [kept, count] = [0, 0];
  };
  return {
    end,
    apply: (first: number, length: number, own: Float64Array): void => {
      if (m === 0) return;
      if (kept + length > most) end();
      rotations.set(own.subarray(0, 2 * length), 2 * kept);
      sweeps[2 * count] = first;
      sweeps[2 * count + 1] = length;
      kept += length;
      count++;
    },
  };
};

/** Eigenvalues in no order, and Vᵀ B, whose row i belongs to eigenvalue i; not `converged` where QR steps did not come to an end. */
export interface Spectrum {
  readonly eigenvalues: Float64Array;
  readonly projected: Matrix;
  readonly converged: boolean;
}

/** The spectrum of A / `unit`, of which only the lower triangle is read, in steps; undefined where it is better made without. */
export function* wasmSpectrum(a: Matrix, unit: number, b: Matrix): Work<Spectrum | undefined> {
  const [n, m] = [a.rows, b.columns];
  if (n < leastSize) return undefined;
  const places = placesOf(n, m);
  const { even, sizes, starts } = places;
  const room = takeRoom(places.end);
  if (room === undefined) return undefined;
  const triangle = numbersAt(room, starts.a, sizes.a);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) triangle[i * even + j] = (a.data[i * n + j] ?? NaN) / unit;
  const { betas, ...t } = yield* tridiagonaliseInto(room, places, n);
  const image = numbersAt(room, starts.b, sizes.b);
  setColumns(image, b);
  for (let top = n - 1; m > 0 && top >= 2; top -= block) yield* applyBlock(room, places, betas, top, n, m);
  const { apply, end } = sweepsOf(room, places, n, m);
  const converged = yield* diagonaliseInto(t, apply, m);
  end();
  const projected = fromColumns(image, n, m);
  giveBack(room);
  return { eigenvalues: t.diagonal, projected, converged };
}
