// Every kernel against a plain loop: written here, apart from the engines, so that both cannot be wrong alike. Sizes lie
// at the edges: blocks cut off, long rows, more workgroups than fit in one row of them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Values } from '../../src/engine/engine.js';
import { kernelSources } from '../../src/engine/webgpu/kernel-sources.js';
import { conditionOn, priorOf, unconditioned } from '../../src/reward/conditional-variance.js';
import { logSoftmaxAt } from '../../src/tensor/derived/log-softmax-at.js';
import type { Tensor } from '../../src/tensor/expression.js';
import { gradient } from '../../src/tensor/gradient.js';
import * as t from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import { threefry2x32Into } from '../../src/tensor/threefry-block.js';
import { closeDeviceEngine, deviceEngine, succeed } from '../support/device.js';
import { at, compareOn, dispatchesOf, numbers } from './webgpu-compare.js';

const engine = await deviceEngine();
const tried = new Set<string>();

/** Kernels that have a spec of their own: spec/gflownet/fused-draw.spec.ts. */
const drawing = ['pool-embedding', 'rollout'];

const indices = (size: number, below: number): Uint32Array =>
  Uint32Array.from(numbers(size, 7), (x) => Math.floor(Math.abs(x) * below));

/** Compares on the shared engine, and notes the kernels. */
const compare = async (
  value: Tensor,
  inputs: Values,
  expected: (i: number) => number,
  tolerance = 0,
): Promise<void> => {
  for (const { kernel } of dispatchesOf(value)) tried.add(kernel);
  await compareOn(engine, value, inputs, expected, tolerance);
};

const m = 33;
const n = 70;
const a = numbers(m * n);
const b = numbers(m * n, 2);
const A = t.input('a', 'f32', [m, n]);
const B = t.input('b', 'f32', [m, n]);
const row = (i: number): number => Math.floor(i / n);

test('unary, flat and through a view', async () => {
  await compare(t.exp(A), { a }, (i) => Math.exp(at(a, i)), 2e-6);
  await compare(t.tanh(t.mul(A, 100)), { a }, (i) => Math.tanh(100 * at(a, i)), 2e-6);
  await compare(t.neg(t.transpose(A)), { a }, (i) => -at(a, (i % m) * n + Math.floor(i / m)));
});

test('more workgroups than one row of them holds', async () => {
  const many = 65_536 * 64 + 5;
  const x = Uint32Array.from({ length: many }, (_, i) => i);
  await compare(t.add(t.input('x', 'u32', [many]), t.scalar(3, 'u32')), { x }, (i) => i + 3);
});

test('binary, in all element types', async () => {
  await compare(t.div(A, t.add(B, 3)), { a, b }, (i) => at(a, i) / (at(b, i) + 3), 1e-6);
  await compare(t.less(A, t.slice(B, [m - 1, 0], [1, n])), { a, b }, (i) =>
    at(a, i) < at(b, (m - 1) * n + (i % n)) ? 1 : 0,
  );
  const u = Uint32Array.of(0, 1, 0xffffffff, 0x80000000, 7);
  const v = Uint32Array.of(5, 0, 0xffffffff, 3, 2);
  const [U, V] = [t.input('u', 'u32', [5]), t.input('v', 'u32', [5])];
  await compare(t.mul(U, V), { u, v }, (i) => Math.imul(at(u, i), at(v, i)) >>> 0);
  await compare(t.div(U, V), { u, v }, (i) => (at(v, i) === 0 ? at(u, i) : Math.floor(at(u, i) / at(v, i))));
  const s = Int32Array.of(-7, 7, -1, 2 ** 31 - 1, -(2 ** 31));
  const r = Int32Array.of(2, -2, 0, 1, -1);
  const [S, R] = [t.input('s', 'i32', [5]), t.input('r', 'i32', [5])];
  await compare(t.div(S, R), { s, r }, (i) => (at(r, i) === 0 ? at(s, i) : (at(s, i) / at(r, i)) | 0));
  await compare(t.maximum(S, R), { s, r }, (i) => Math.max(at(s, i), at(r, i)));
});

test('select takes nothing from the branch not taken', async () => {
  const infinite = Float32Array.from(a, (x) => (x < 0 ? Infinity : x));
  const chosen = t.select(t.less(A, 0), t.scalar(-1, 'f32'), t.input('w', 'f32', [m, n]));
  await compare(chosen, { a, w: infinite }, (i) => (at(a, i) < 0 ? -1 : at(a, i)));
});

test('cast and iota', async () => {
  await compare(t.cast(t.mul(A, 1000), 'i32'), { a }, (i) => Math.trunc(Math.fround(at(a, i) * 1000)));
  await compare(t.cast(t.iota('u32', [3, 4, 5], 1), 'f32'), {}, (i) => Math.floor(i / 5) % 4);
  await compare(t.iota('f32', [3, 4, 5], 0), {}, (i) => Math.floor(i / 20));
});

test('copy and fill: concat, pad and a view that has to be copied', async () => {
  const both = t.concat([A, B], 1);
  await compare(both, { a, b }, (i) => {
    const [r, c] = [Math.floor(i / (2 * n)), i % (2 * n)];
    return c < n ? at(a, r * n + c) : at(b, r * n + c - n);
  });
  await compare(t.pad(A, [2, 3], [m + 5, n + 4]), { a }, (i) => {
    const [r, c] = [Math.floor(i / (n + 4)) - 2, (i % (n + 4)) - 3];
    return r >= 0 && r < m && c >= 0 && c < n ? at(a, r * n + c) : 0;
  });
  await compare(t.reshape(t.transpose(A), [m * n]), { a }, (i) => at(a, (i % m) * n + Math.floor(i / m)));
});

test('reduce, short rows and long, and more long rows than one row of workgroups holds', async () => {
  const fold = (from: number, count: number, stride: number, f: (x: number, y: number) => number) =>
    Array.from({ length: count }, (_, r) => at(a, from + r * stride)).reduce(f);
  const plus = (x: number, y: number): number => x + y;
  await compare(t.sum(A, [1]), { a }, (i) => fold(i * n, n, 1, plus), 1e-6);
  await compare(t.sum(A, [0]), { a }, (i) => fold(i, m, n, plus), 1e-6);
  await compare(t.sum(A), { a }, () => fold(0, m * n, 1, plus), 1e-5);
  await compare(t.max(A), { a }, () => fold(0, m * n, 1, (x, y) => Math.max(x, y)));
  const ties = Float32Array.from({ length: 2 * 300 }, (_, i) => [1, 5, 2][i % 3] ?? 0);
  await compare(t.argmax(t.input('x', 'f32', [2, 300]), 1), { x: ties }, () => 1);
  const many = 65_540;
  const counted = t.sum(t.iota('u32', [many, 256], 0), [1]);
  await compare(counted, {}, (i) => 256 * i);
});

test('matmul, with blocks cut off, transposed operands and a batch that shares one of them', async () => {
  const product = (i: number, j: number): number => {
    let total = 0;
    for (let p = 0; p < n; p++) total += at(a, i * n + p) * at(b, j * n + p);
    return total;
  };
  await compare(t.matmul(A, t.transpose(B)), { a, b }, (i) => product(Math.floor(i / m), i % m), 1e-5);
  const stacked = t.matmul(
    t.reshape(A, [3, 11, n]),
    t.broadcast(t.reshape(t.transpose(B), [1, n, m]), [3, n, m]),
  );
  await compare(stacked, { a, b }, (i) => product(Math.floor(i / m), i % m), 1e-5);
  const wide = numbers(130 * 300, 3);
  const gram = t.matmul(t.input('w', 'f32', [130, 300]), t.transpose(t.input('w', 'f32', [130, 300])));
  const dot = (i: number, j: number): number => {
    let total = 0;
    for (let p = 0; p < 300; p++) total += at(wide, i * 300 + p) * at(wide, j * 300 + p);
    return total;
  };
  await compare(gram, { w: wide }, (i) => dot(Math.floor(i / 130), i % 130), 1e-5);
  const long = numbers(3000, 4);
  const square = t.matmul(t.input('v', 'f32', [1, 3000]), t.transpose(t.input('v', 'f32', [1, 3000])));
  await compare(square, { v: long }, () => long.reduce((sum, x) => sum + x * x, 0), 1e-5);
});

test('gather and scatter-add, with indices outside and rows that several share', async () => {
  const index = indices(200, m + 2);
  const I = t.input('i', 'u32', [200]);
  await compare(t.gather(A, I), { a, i: index }, (i) => {
    const from = at(index, row(i));
    return from < m ? at(a, from * n + (i % n)) : 0;
  });
  const sums = async (rows: number, width: number, count: number): Promise<void> => {
    const own = indices(count, rows + 1);
    const updates = numbers(count * width, 5);
    const total = new Float64Array((rows + 1) * width);
    for (let i = 0; i < count * width; i++) {
      const place = at(own, Math.floor(i / width)) * width + (i % width);
      total[place] = at(total, place) + at(updates, i);
    }
    const added = t.scatterAdd(t.input('u', 'f32', [count, width]), t.input('i', 'u32', [count]), rows);
    await compare(added, { u: updates, i: own }, (i) => at(total, i), 1e-5);
  };
  await sums(20, 70, 200);
  await sums(3, 1, 150);
  await sums(5_000, 1, 130);
  await sums(66_000, 2, 3);
  await sums(20, 3, 5_000);
  await sums(9_000, 2, 4_500);
});

test('cholesky and triangular-solve', async () => {
  const size = 67;
  const lower = numbers(2 * size * size, 9);
  for (let i = 0; i < lower.length; i++) {
    const [r, c] = [Math.floor(i / size) % size, i % size];
    lower[i] = c > r ? 0 : c === r ? 2 + at(lower, i) : at(lower, i) / size;
  }
  const L = t.input('l', 'f32', [2, size, size]);
  await compare(t.cholesky(t.matmul(L, t.transpose(L))), { l: lower }, (i) => at(lower, i), 1e-4);
  const x = numbers(2 * size * 5, 11);
  const X = t.input('x', 'f32', [2, size, 5]);
  await compare(t.triangularSolve(L, t.matmul(L, X)), { l: lower, x }, (i) => at(x, i), 1e-4);
  await compare(
    t.triangularSolve(L, t.matmul(t.transpose(L), X), true),
    { l: lower, x },
    (i) => at(x, i),
    1e-4,
  );
});

test('cholesky of more matrices than one row of workgroups holds', async () => {
  const many = 65_538;
  const stack = t.add(t.cast(t.iota('u32', [many, 1, 1], 0), 'f32'), 1);
  await compare(t.cholesky(stack), {}, (i) => Math.sqrt(i + 1), 1e-6);
});

test('threefry, a stack of counters', async () => {
  const counters = Uint32Array.from({ length: 2 * 100 }, (_, i) => Math.imul(i, 0x9e3779b9) >>> 0);
  const expected = new Uint32Array(200);
  for (let i = 0; i < 200; i += 2)
    threefry2x32Into(11, 2 ** 31, at(counters, i), at(counters, i + 1), expected, i);
  const blocks = t.threefry(t.input('k', 'u32', [2]), t.input('c', 'u32', [100, 2]));
  await compare(blocks, { k: Uint32Array.of(11, 2 ** 31), c: counters }, (i) => at(expected, i));
});

test('log-softmax-at, short rows and long, and its derivative', async () => {
  for (const [rows, size] of [
    [3, 5],
    [70, 300],
  ] as const) {
    const logits = numbers(rows * size, 12).map((x) => 20 * x);
    const index = indices(rows, size);
    const mask = Uint32Array.from(numbers(rows * size, 13), (x, i) =>
      x < 0.2 || i % size === index[Math.floor(i / size)] ? 1 : 0,
    );
    const sums = Array.from(index, (_, r) => {
      let total = 0;
      for (let c = r * size; c < (r + 1) * size; c++) if (mask[c] === 1) total += Math.exp(at(logits, c));
      return total;
    });
    const [I, M] = [t.input('i', 'u32', [rows]), t.input('m', 'u32', [rows, size])];
    const L = t.input('l', 'f32', [rows, size]);
    const values = { l: logits, m: mask, i: index };
    const y = logSoftmaxAt(L, M, I);
    await compare(y, values, (r) => at(logits, r * size + at(index, r)) - Math.log(at(sums, r)), 2e-6);
    const [slope] = gradient(t.sum(t.mul(y, t.add(t.cast(t.iota('u32', [rows], 0), 'f32'), 1))), [L]);
    await compare(
      slope,
      values,
      (i) => {
        const [r, c] = [Math.floor(i / size), i % size];
        const share = at(mask, i) * (Math.exp(at(logits, i)) / at(sums, r));
        return ((c === index[r] ? 1 : 0) - share) * (r + 1);
      },
      5e-6,
    );
  }
});

test('rank-one-update, from one row of variances and from a row each, blocks cut off', async () => {
  const [batches, points, width] = [7, 70, 5];
  const [features, prior] = [numbers(points * width, 14), numbers(points * width, 14)];
  const chosen = indices(2 * batches, points);
  const F = priorOf(t.input('f', 'f32', [points, width]), false);
  const joining = (k: number) =>
    t.reshape(t.slice(t.input('c', 'u32', [2, batches]), [k, 0], [1, batches]), [batches]);
  const dot = (n: number, m: number): number => {
    let total = 0;
    for (let i = 0; i < width; i++) total += at(features, n * width + i) * at(prior, m * width + i);
    return total;
  };
  const once = conditionOn(F, unconditioned(F, batches), joining(0)).next;
  const given = (n: number, m: number, o: number): number =>
    dot(n, o) - (dot(n, m) * dot(m, o)) / (1 + dot(m, m));
  const place = (i: number): readonly [number, number] => [i % points, at(chosen, Math.floor(i / points))];
  await compare(
    once.variances,
    { f: features, c: chosen },
    (i) => {
      const [n, m] = place(i);
      return given(n, m, n);
    },
    2e-6,
  );
  await compare(
    conditionOn(F, once, joining(1)).next.variances,
    { f: features, c: chosen },
    (i) => {
      const [n, m] = place(i);
      const o = at(chosen, batches + Math.floor(i / points));
      return given(n, m, n) - given(n, m, o) ** 2 / (1 + given(o, m, o));
    },
    2e-6,
  );
});

test('no kernel was left out, and the same run gives the same bits', async () => {
  assert.equal([...tried, ...drawing].sort(), Object.keys(kernelSources).sort());
  const loaded = await succeed(engine.load(program({ y: t.sum(t.matmul(t.exp(A), t.transpose(B))) })));
  const first = await succeed(loaded.run({ inputs: { a, b } }));
  for (let again = 0; again < 5; again++) assert.equal(await succeed(loaded.run({})), first);
  loaded.close();
  await closeDeviceEngine();
});

test.run();
