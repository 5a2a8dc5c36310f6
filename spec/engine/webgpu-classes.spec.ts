// Products and reductions pick a kernel by the class of the shape: each class, operands in every layout, against plain
// loops.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Values } from '../../src/engine/engine.js';
import { pipelineName } from '../../src/engine/webgpu/pipelines.js';
import type { Tensor } from '../../src/tensor/expression.js';
import * as t from '../../src/tensor/operations.js';
import { closeDeviceEngine, deviceEngine } from '../support/device.js';
import { at, compareOn, dispatchesOf, numbers } from './webgpu-compare.js';

const engine = await deviceEngine();

/** Compares, and notes the pipelines. */
const comparing =
  (pipelines: Set<string>) =>
  async (value: Tensor, inputs: Values, expected: (i: number) => number, tolerance = 0): Promise<void> => {
    for (const dispatch of dispatchesOf(value)) pipelines.add(pipelineName(dispatch));
    await compareOn(engine, value, inputs, expected, tolerance);
  };

/** A matrix stack that lies in memory in some way, with its elements. */
interface Stack {
  readonly tensor: Tensor;
  readonly values: Float32Array;
  readonly at: (batch: number, row: number, column: number) => number;
}

type Sizes = readonly [batch: number, rows: number, columns: number];

const upToFours = (size: number): number => 4 * Math.ceil(size / 4);

/**
 * Stacks of [batch, rows, columns]: plain; shared by the batch; transposed; and cut out of more, so that fours of
 * columns begin at multiples of four (`aligned`) or miss them by the offset, by the rows' stride or by the batch's alone.
 */
const layouts: Readonly<Record<string, (name: string, sizes: Sizes) => Stack>> = {
  plain: (name, sizes) => cut(name, sizes, sizes),
  shared: (name, [batch, rows, columns]) => {
    const one = cut(name, [1, rows, columns], [1, rows, columns]);
    return {
      ...one,
      tensor: t.broadcast(one.tensor, [batch, rows, columns]),
      at: (_, i, j) => one.at(0, i, j),
    };
  },
  transposed: (name, [batch, rows, columns]) => {
    const whole = cut(name, [batch, columns, rows], [batch, columns, rows]);
    return { ...whole, tensor: t.transpose(whole.tensor, [0, 2, 1]), at: (x, i, j) => whole.at(x, j, i) };
  },
  aligned: (name, [batch, rows, columns]) =>
    cut(name, [batch, rows, columns], [batch, rows + 1, upToFours(columns) + 8], [0, 1, 4]),
  offset: (name, [batch, rows, columns]) =>
    cut(name, [batch, rows, columns], [batch, rows, upToFours(columns) + 8], [0, 0, 2]),
  rows: (name, [batch, rows, columns]) =>
    cut(name, [batch, rows, columns], [batch, upToFours(rows), columns + 1]),
  batch: (name, [batch, rows, columns]) => {
    const whole = cut(name, [rows, batch, columns], [rows, batch, columns + 1]);
    return { ...whole, tensor: t.transpose(whole.tensor, [1, 0, 2]), at: (x, i, j) => whole.at(i, x, j) };
  },
};

const cut = (
  name: string,
  sizes: Sizes,
  whole: Sizes,
  start: readonly [number, number, number] = [0, 0, 0],
): Stack => {
  const values = numbers(whole[0] * whole[1] * whole[2], name === 'a' ? 5 : 6);
  return {
    tensor: t.slice(t.input(name, 'f32', whole), start, sizes),
    values,
    at: (x, i, j) => at(values, ((x + start[0]) * whole[1] + i + start[1]) * whole[2] + j + start[2]),
  };
};

test('matmul, each of its kernels, operands in every layout', async () => {
  const pipelines = new Set<string>();
  const compare = comparing(pipelines);
  const sizes = [
    [2, 40, 9, 36], // blocks of 8×8, the last four columns half a block
    [1, 39, 6, 70], // the same, neither size a multiple of four
    [3, 44, 1, 33],
    [4, 296, 3, 128], // blocks of 8×16
    [4, 301, 2, 110],
    [3, 5, 7, 6], // blocks of 4×4, as most of 8×8 would be cut off
    [3, 1, 20, 37], // one row
    [3, 37, 20, 1], // one column
    [2, 6, 4100, 7], // long sums, of no multiple of the workgroup
  ] as const;
  const { plain } = layouts;
  assert.ok(plain);
  for (const [batch, rows, depth, columns] of sizes)
    for (const layout of Object.values(layouts))
      for (const [left, right] of [
        [layout, plain],
        [plain, layout],
        [layout, layout],
      ] as const) {
        const x = left('a', [batch, rows, depth]);
        const y = right('b', [batch, depth, columns]);
        const expected = (index: number): number => {
          const [i, j] = [Math.floor(index / columns), index % columns];
          let total = 0;
          for (let p = 0; p < depth; p++)
            total += x.at(Math.floor(i / rows), i % rows, p) * y.at(Math.floor(i / rows), p, j);
          return total;
        };
        await compare(t.matmul(x.tensor, y.tensor), { a: x.values, b: y.values }, expected, 1e-5);
      }
  assert.equal([...pipelines].filter((name) => name.includes('matmul')).sort(), [
    'kernel matmul THIN=0',
    'kernel matmul THIN=1',
    ...['DENSE=0 WIDE=0', 'DENSE=0 WIDE=1', 'DENSE=1 WIDE=0', 'DENSE=1 WIDE=1'].map(
      (constants) => `kernel matmul-blocks ${constants}`,
    ),
    'kernel matmul-long',
  ]);
});

test('reduce, a thread an output and eight and a workgroup, along either axis and several', async () => {
  const pipelines = new Set<string>();
  const compare = comparing(pipelines);
  const sizes = [
    [4, 7, 9], // a thread, and several axes at once
    [19, 5, 33],
    [8, 21, 40],
    [19, 5, 301], // eight threads; last workgroups not full
    [3, 5, 301], // a workgroup
    [2053, 1, 257], // so many columns that a thread each reads densely
  ] as const;
  for (const [outer, middle, inner] of sizes) {
    const shape = [outer, middle, inner] as const;
    // Few values, so that there are ties and sums are exact.
    const x = Float32Array.from(numbers(outer * middle * inner, 9), (value) => Math.round(4 * value));
    const X = t.input('x', 'f32', shape);
    const swapped = t.transpose(X, [2, 1, 0]);
    const rows = (k: number) => Array.from({ length: inner }, (_, r) => at(x, k * inner + r));
    // [inner, middle, outer] with the first axis reduced: output k is (k div outer, k mod outer) of middle and outer.
    const turned = (k: number) => rows((k % outer) * middle + Math.floor(k / outer));
    const plane = (k: number) => Array.from({ length: middle }, (_, r) => rows(k * middle + r)).flat();
    const split = (k: number) => Array.from({ length: outer }, (_, r) => rows(r * middle + k)).flat();
    const total = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0);
    const first = (of: readonly number[]) => of.indexOf(Math.max(...of));
    await compare(t.sum(X, [2]), { x }, (k) => total(rows(k)));
    await compare(t.sum(swapped, [0]), { x }, (k) => total(turned(k)));
    await compare(t.sum(X, [1, 2]), { x }, (k) => total(plane(k)));
    await compare(t.sum(X, [0, 2]), { x }, (k) => total(split(k)));
    await compare(t.max(swapped, [0]), { x }, (k) => Math.max(...turned(k)));
    await compare(t.argmax(X, 2), { x }, (k) => first(rows(k)));
    await compare(t.argmax(swapped, 0), { x }, (k) => first(turned(k)));
    // Columns of a plain operand: neighbouring outputs lie next to each other.
    const columns = (k: number) => Array.from({ length: inner }, (_, r) => at(x, r * outer * middle + k)); // as [inner, outer · middle]
    const tall = t.input('x', 'f32', [inner, outer * middle]);
    await compare(t.sum(tall, [0]), { x }, (k) => total(columns(k)));
    await compare(t.argmax(tall, 0), { x }, (k) => first(columns(k)));
  }
  for (const slices of [1, 8, 64])
    for (const flat of [0, 1])
      assert.ok(
        pipelines.has(`kernel reduce FLAT=${flat} OP=0 SLICES=${slices} TYPE=0`),
        `${slices} ${flat}`,
      );
});

test('a product is turned where only its left operand lies in fours', () => {
  const dense = t.transpose(t.input('a', 'f32', [8, 64]));
  const other = t.transpose(t.input('b', 'f32', [64, 8]));
  const chosen = [t.matmul(dense, other), t.matmul(t.transpose(other), t.transpose(dense))].map((product) =>
    dispatchesOf(product).map(({ operands, constants }) => [constants['DENSE'], ...operands]),
  );
  assert.equal(chosen, [[[1, 1, 0]], [[1, 0, 1]]]);
});

test('the engine closes', closeDeviceEngine);

test.run();
