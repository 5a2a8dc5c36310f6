// Every WebAssembly kernel but the products (wasm-products.spec.ts) against a plain loop in 64 bits.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { instantiateKernels } from '../../src/engine/cpu/wasm/exports.js';
import { createMemory } from '../../src/web-assembly.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { input, sum } from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import { answer } from '../support/engines.js';
import { threefry2x32Into } from '../../src/tensor/threefry-block.js';
import type { BinaryKernel, EveryKernel, ReductionKernel, UnaryKernel } from '../support/every-kernel.js';
import { runs } from '../support/property.js';
import {
  at,
  f32,
  f64,
  i32,
  kernel,
  kernels,
  memory,
  seeds,
  sizes,
  through,
  tried,
  turns,
  u32,
  valuesFor,
  type Make,
  type Values,
} from '../support/wasm-memory.js';

const stride = fc.constantFrom(0, 1);

const equalTo = (out: Values, expected: (i: number) => number, what: string): void => {
  const wanted = out.slice();
  for (let i = 0; i < out.length; i++) wanted[i] = expected(i);
  for (let i = 0; i < out.length; i++)
    assert.ok(Object.is(out[i], wanted[i]), `${what}: element ${i} is ${at(out, i)}, not ${at(wanted, i)}`);
};

type Two = (x: number, y: number) => number;
const binaries: Readonly<Record<string, Two>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  maximum: Math.max,
  less: (x, y) => (x < y ? 1 : 0),
  equal: (x, y) => (x === y ? 1 : 0),
};
const integers: Readonly<Record<string, Two>> = {
  ...binaries,
  mul: Math.imul,
  div: (x, y) => (y === 0 ? x : Math.trunc(x / y)),
};

const tryBinary = (name: keyof EveryKernel, f: Two, make: Make, result: Make): void => {
  const run = kernel(name) as BinaryKernel;
  fc.assert(
    fc.property(sizes, stride, stride, turns, seeds, fc.boolean(), (n, as, bs, turn, seed, inPlace) => {
      const a = valuesFor(make, as === 1 ? n : 1, seed);
      const b = valuesFor(make, bs === 1 ? n : 1, seed + 1);
      const over = inPlace && as === 1 && make(1).byteLength === result(1).byteLength;
      const out = through([a, b], result(n), { turn, over }, (o, x = 0, y = 0) => run(n, o, x, as, y, bs));
      equalTo(out, (i) => f(at(a, i * as), at(b, i * bs)), name);
    }),
    runs(150),
  );
};

test('binary kernels: any length, place and strides', () => {
  for (const name of ['add', 'sub', 'mul', 'div', 'maximum', 'less', 'equal'] as const) {
    const mask = name === 'less' || name === 'equal';
    tryBinary(`${name}F32`, binaries[name] as Two, f32, mask ? u32 : f32);
    tryBinary(`${name}F64`, binaries[name] as Two, f64, mask ? u32 : f64);
    if (name !== 'maximum') tryBinary(`${name}U32`, integers[name] as Two, u32, u32);
  }
});

test('select and copies', () => {
  fc.assert(
    fc.property(sizes, stride, stride, stride, turns, seeds, (n, ms, as, bs, turn, seed) => {
      const mask = valuesFor(u32, ms === 1 ? n : 1, seed);
      const a = valuesFor(f32, as === 1 ? n : 1, seed + 1);
      const b = valuesFor(f32, bs === 1 ? n : 1, seed + 2);
      const out = through([mask, a, b], f32(n), { turn }, (o, m = 0, x = 0, y = 0) =>
        kernel('select32')(n, o, m, ms, x, as, y, bs),
      );
      equalTo(out, (i) => (at(mask, i * ms) !== 0 ? at(a, i * as) : at(b, i * bs)), 'select32');
    }),
    runs(300),
  );
  fc.assert(
    fc.property(sizes, fc.integer({ min: -3, max: 4 }), turns, seeds, (n, step, turn, seed) => {
      const length = n === 0 ? 0 : (n - 1) * Math.abs(step) + 1;
      const first = step < 0 ? length - 1 : 0;
      for (const [name, make] of [
        ['copy32', f32],
        ['copy64', f64],
      ] as const) {
        const a = valuesFor(make, length, seed);
        const out = through([a], make(n), { turn }, (o, x = 0) =>
          kernel(name)(n, o, x + first * a.BYTES_PER_ELEMENT, step),
        );
        equalTo(out, (i) => at(a, first + i * step), name);
      }
    }),
    runs(150),
  );
});

const tryUnary = (
  name: keyof EveryKernel,
  make: Make,
  result: Make,
  f: (x: number) => number,
  g = (x: number) => x,
): void => {
  const run = kernel(name) as UnaryKernel;
  fc.assert(
    fc.property(sizes, turns, seeds, fc.boolean(), (n, turn, seed, over) => {
      const a = valuesFor(make, n, seed).map(g);
      const out = through([a], result(n), { turn, over }, (o, x = 0) => run(n, o, x));
      equalTo(out, (i) => f(at(a, i)), name);
    }),
    runs(150),
  );
};

test('unary kernels and casts: any length and place', () => {
  for (const [name, make] of [
    ['F32', f32],
    ['F64', f64],
  ] as const) {
    tryUnary(`neg${name}`, make, make, (x) => -x);
    tryUnary(`sqrt${name}`, make, make, Math.sqrt);
    tryUnary(`reciprocal${name}`, make, make, (x) => 1 / x);
  }
  tryUnary('castU32F32', u32, f32, (x) => x);
  tryUnary('castI32F32', i32, f32, (x) => x);
  const inRange = (x: number): number => (Number.isFinite(x) ? x * 10_000 : 3e6);
  tryUnary('castF32I32', f32, i32, Math.trunc, inRange);
  tryUnary('castF32U32', f32, u32, Math.trunc, (x) => Math.abs(inRange(x)) * 1000 + 0.5);
});

/** Errors relative to the function over numbers of all signs and exponents, every `step`-th of the 2^32. */
const worst = (name: 'expF32' | 'logF32' | 'tanhF32', f: (x: number) => number, step: number): number => {
  const n = Math.ceil(2 ** 32 / step);
  const x = new Float32Array(Uint32Array.from({ length: n }, (_, i) => i * step).buffer);
  const y = through([x], f32(n), { turn: 0 }, (o, a = 0) => kernel(name)(n, o, a));
  let most = 0;
  for (let i = 0; i < n; i++) {
    const wanted = f(at(x, i));
    // Where the result is normal; the others are asked below.
    if (!(Math.abs(wanted) >= 2 ** -126 && Math.abs(wanted) < 2 ** 127.99)) continue;
    const error = Math.abs(at(y, i) - wanted) / Math.abs(wanted);
    if (!(error <= most)) most = error;
  }
  return most;
};

test('exp, log and tanh to about 2 units in the last place (2^-23 = 1.19e-7)', () => {
  assert.ok(worst('expF32', Math.exp, 5003) < 1.2e-7);
  assert.ok(worst('logF32', Math.log, 5003) < 1.2e-7);
  assert.ok(worst('tanhF32', Math.tanh, 5003) < 1.8e-7);
});

test('exp, log and tanh at their ends, in any length', () => {
  // Where results are exact: nothing, infinities, signed zeros, saturation, overflow.
  const exact = [0, -0, Infinity, -Infinity, NaN];
  tryUnary('expF32', f32, f32, Math.exp, (x) => (exact.includes(x) ? x : Math.sign(x) * (110 + x * x)));
  tryUnary('tanhF32', f32, f32, Math.tanh, (x) => (exact.includes(x) ? x : 20 * Math.sign(x) + x));
  tryUnary('logF32', f32, f32, Math.log, (x) => (exact.includes(x) ? x : x > 0 ? 1 : x));
  const x = Float32Array.of(88.72, 88.73, -87.4, -103.5, -104, 2 ** -149, 2 ** -127, -(2 ** -127), 3.4e38);
  const exp = through([x], f32(9), { turn: 0 }, (o, a = 0) => kernel('expF32')(9, o, a));
  const log = through([x], f32(9), { turn: 0 }, (o, a = 0) => kernel('logF32')(9, o, a));
  x.forEach((own, i) => {
    const [e, l] = [Math.fround(Math.exp(own)), Math.log(own)];
    assert.ok(Object.is(at(exp, i), e) || Math.abs(at(exp, i) - e) <= 1.2e-7 * e + 2 ** -149, `exp ${own}`);
    assert.ok((own < 0 && Number.isNaN(at(log, i))) || Math.abs(at(log, i) / l - 1) < 1.2e-7, `log ${own}`);
  });
});

/** Rows of a matrix, elements between rows unset. */
const matrix = (make: Make, rows: number, n: number, rowStride: number, seed: number): Values => {
  const values = valuesFor(make, rows === 0 ? 0 : (rows - 1) * rowStride + n, seed, false);
  return values.map((x, i) => (i % rowStride < n ? x : NaN));
};

/** A reduction kernel on matrices of any sizes: `expected` sees the lines that it folds. */
const tryReduction = (
  name: keyof EveryKernel,
  make: Make,
  result: Make,
  columns: boolean,
  check: (line: readonly number[], is: number) => boolean,
): void => {
  const run = kernel(name) as ReductionKernel;
  fc.assert(
    fc.property(sizes, sizes, fc.nat({ max: 3 }), turns, seeds, (rows, n, gap, turn, seed) => {
      const rowStride = Math.max(1, n + gap);
      // Ties for argmax: every fourth row is rounded.
      const a = matrix(make, rows, n, rowStride, seed).map((x) => (seed % 4 === 0 ? Math.round(2 * x) : x));
      const count = columns ? n : rows;
      const out = through([a], result(count), { turn }, (o, x = 0) => run(rows, n, o, x, rowStride));
      for (let k = 0; k < count; k++) {
        const line = Array.from({ length: columns ? rows : n }, (_, j) =>
          at(a, columns ? j * rowStride + k : k * rowStride + j),
        );
        assert.ok(check(line, at(out, k)), `${name}: ${k} is ${at(out, k)}`);
      }
    }),
    runs(150),
  );
};

const total = (line: readonly number[]): number => line.reduce((x, y) => x + y, 0);
const scale = (line: readonly number[]): number => line.reduce((x, y) => x + Math.abs(y), 0);
const summed = (unit: number) => (line: readonly number[], is: number) =>
  Math.abs(is - total(line)) <= unit * Math.abs(total(line)) + 1e-14 * scale(line);
const largest = (line: readonly number[]): number => line.reduce((x, y) => (y > x ? y : x), -Infinity);

test('reductions of rows and columns', () => {
  // 2^-24: one rounding to f32 of a sum in 64 bits.
  for (const columns of [false, true]) {
    tryReduction(columns ? 'sumColumnsF32' : 'sumRowsF32', f32, f32, columns, summed(2 ** -24));
  }
  tryReduction('maxRowsF32', f32, f32, false, (line, is) => is === largest(line));
  tryReduction(
    'argmaxRowsF32',
    f32,
    u32,
    false,
    (line, is) => is === Math.max(0, line.indexOf(largest(line))),
  );
});

test('a sum over axes that lie apart is of both, on the whole engine', async () => {
  const shape = [8, 3, 9, 16] as const;
  const x = Float32Array.from({ length: 8 * 3 * 9 * 16 }, (_, i) => (i * i) % 11);
  const engine = cpuEngine();
  const summed = program({ y: sum(input('x', 'f32', shape), [0, 2]) });
  const { y = new Float32Array(0) } = await answer(engine, summed, { x });
  const expected = new Float32Array(3 * 16);
  x.forEach((value, i) => {
    const at_ = (Math.floor(i / (9 * 16)) % 3) * 16 + (i % 16);
    expected[at_] = (expected[at_] ?? NaN) + value;
  });
  assert.equal(Array.from(y), Array.from(expected));
  await engine.close();
});

test('a million terms of one sign lose nothing', () => {
  const a = valuesFor(f32, 1_000_000, 5, false).map(Math.abs);
  const wanted = total(Array.from(a));
  for (const [name, rows, n] of [
    ['sumRowsF32', 1, a.length],
    ['sumColumnsF32', a.length, 1],
  ] as const) {
    const out = through([a], f32(1), { turn: 0 }, (o, x = 0) => kernel(name)(rows, n, o, x, n));
    assert.ok(Math.abs(at(out, 0) / wanted - 1) <= 2 ** -24, name);
  }
});

test('threefry gives the bits of the host', () => {
  fc.assert(
    fc.property(sizes, turns, seeds, fc.integer(), fc.integer(), (blocks, turn, seed, k0, k1) => {
      const counters = valuesFor(u32, 2 * blocks, seed);
      const wanted = new Uint32Array(2 * blocks);
      for (let i = 0; i < 2 * blocks; i += 2)
        threefry2x32Into(k0, k1, at(counters, i), at(counters, i + 1), wanted, i);
      const out = through([counters], u32(2 * blocks), { turn }, (o, c = 0) =>
        kernel('threefry')(blocks, o, c, k0, k1),
      );
      equalTo(out, (i) => at(wanted, i), 'threefry');
    }),
    runs(150),
  );
});

test('no kernel is left out, and the module has no memory of its own', async () => {
  // Those of wasm-products.spec.ts and threads.spec.ts.
  const elsewhere = ['matmulF32', 'matmulF64', 'step', 'serve', 'dismiss', 'fail'];
  assert.equal([...tried, ...elsewhere].sort(), Object.keys(kernels).sort());
  const own = createMemory(1);
  if (own === undefined) throw new Error('no memory');
  new Uint8Array(own.buffer).fill(7);
  const shipped = await instantiateKernels(own);
  assert.equal(Object.keys(shipped?.kernels ?? {}).sort(), ['dismiss', 'fail', 'serve', 'step']);
  assert.ok(new Uint8Array(own.buffer).every((x) => x === 7));
});

test('where there is no WebAssembly there are no kernels', async () => {
  const scope = globalThis as { WebAssembly?: unknown };
  const kept = scope.WebAssembly;
  try {
    scope.WebAssembly = undefined;
    assert.is(createMemory(1), undefined);
    assert.is(await instantiateKernels(memory), undefined);
  } finally {
    scope.WebAssembly = kept;
  }
});

test.run();
