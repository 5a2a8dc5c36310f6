// The WebAssembly products against a plain loop in 64 bits: any sizes, strides and places, blocks cut off everywhere.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { productScratch } from '../../src/engine/cpu/products.js';
import { runs } from '../support/property.js';
import {
  at,
  f32,
  f64,
  kernel,
  kernels,
  seeds,
  through,
  turns,
  valuesFor,
  type Make,
} from '../support/wasm-memory.js';

/** How a matrix lies: its strides, and how many elements it spans. */
interface Lie {
  readonly row: number;
  readonly column: number;
  readonly span: number;
}
const lies: readonly ((rows: number, columns: number) => Lie)[] = [
  (r, c) => ({ row: c, column: 1, span: r * c }),
  (r, c) => ({ row: 1, column: r, span: r * c }),
  (r, c) => ({ row: c + 3, column: 1, span: r * (c + 3) }),
  (r, c) => ({ row: 2 * c, column: 2, span: 2 * r * c }),
  (_, c) => ({ row: 0, column: 1, span: c }),
  (r) => ({ row: 1, column: 0, span: r }),
];

const placed = (make: Make, rows: number, columns: number, { row, column, span }: Lie, seed: number) => {
  const values = make(span).fill(NaN);
  const numbers = valuesFor(make, span, seed, false);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) values[i * row + j * column] = at(numbers, i * row + j * column);
  return values;
};

const tryMatmul = (
  make: Make,
  [m, k, n]: readonly [number, number, number],
  [left, right]: readonly [number, number],
  turn: number,
  seed: number,
  /** How often the product is taken: the first time written, then added. */
  times: number,
): void => {
  const run = kernel(make === f32 ? 'matmulF32' : 'matmulF64');
  const [x, y] = [lies[left]?.(m, k), lies[right]?.(k, n)];
  if (x === undefined || y === undefined) return;
  const a = placed(make, m, k, x, seed);
  const b = placed(make, k, n, y, seed + 1);
  const scratch = productScratch(m, k, n, make(1).BYTES_PER_ELEMENT);
  const out = through([a, b], make(m * n), { turn, scratch }, (o, p = 0, q = 0, s = 0) => {
    for (let adds = 0; adds < times; adds++)
      run(o, p, x.row, x.column, q, y.row, y.column, m, k, n, s, Math.min(adds, 1));
  });
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let [sum, size] = [0, 0];
      for (let p = 0; p < k; p++) {
        const term = at(a, i * x.row + p * x.column) * at(b, p * y.row + j * y.column);
        sum += term;
        size += Math.abs(term);
      }
      const error = Math.abs(at(out, i * n + j) - times * sum);
      // Each product and each of its sums rounds: a block's 256 at most, then the blocks.
      const roundings = Math.min(k, 256) + Math.ceil(k / 256) + times - 1;
      assert.ok(
        error <= (make === f32 ? 2 ** -24 : 2 ** -52) * roundings * times * size,
        `[${i}, ${j}] is wrong by ${error}`,
      );
    }
};

test('products: any sizes, strides and places, f32 and f64', () => {
  const short = fc.nat({ max: 9 });
  const edges = fc.constantFrom(12, 16, 17, 31, 32, 33, 64, 65);
  const blocks = fc.constantFrom(127, 128, 129, 255, 257, 300, 511, 513, 520, 530);
  const any = fc.oneof(short, edges);
  const shape = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(any, any, any) },
    fc.tuple(blocks, any, any),
    fc.tuple(any, blocks, any),
    fc.tuple(any, any, blocks),
  );
  const lie = fc.nat({ max: lies.length - 1 });
  fc.assert(
    fc.property(
      shape,
      lie,
      lie,
      turns,
      seeds,
      fc.boolean(),
      fc.integer({ min: 1, max: 3 }),
      (size, left, right, turn, seed, wide, times) =>
        tryMatmul(wide ? f64 : f32, size, [left, right], turn, seed, times),
    ),
    runs(1200),
  );
});

test('long sums of products are added block by block', () => {
  // Terms of one sign: added one after the other, 200000 of them are wrong by more than 1e-5.
  for (const [m, n] of [
    [5, 6],
    [20, 1],
    [1, 9],
  ] as const) {
    const k = 200_000;
    const a = f32(m * k);
    const b = f32(k * n);
    const [left, right] = [valuesFor(f32, k, 1, false), valuesFor(f32, k, 2, false)];
    let wanted = 0;
    for (let p = 0; p < k; p++) wanted += Math.abs(at(left, p) * at(right, p));
    const scratch = productScratch(m, k, n, 4);
    for (const turned of [false, true]) {
      for (let i = 0; i < m * k; i++) a[i] = Math.abs(at(left, turned ? Math.floor(i / m) : i % k));
      for (let i = 0; i < k * n; i++) b[i] = Math.abs(at(right, Math.floor(i / n)));
      const out = through([a, b], f32(m * n), { turn: 1, scratch }, (o, x = 0, y = 0, s = 0) =>
        kernels.matmulF32(o, x, turned ? 1 : k, turned ? m : 1, y, n, 1, m, k, n, s, 0),
      );
      for (const is of out) assert.ok(Math.abs(is / wanted - 1) < 1e-6, `${m}×${n}: ${is}, not ${wanted}`);
    }
  }
});

test.run();
