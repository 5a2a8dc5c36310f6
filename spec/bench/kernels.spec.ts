// Kernels of the benches: their programs compute what their names say, on every engine; and memory that is flat or not.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  choleskyKernel,
  copyKernel,
  logSoftmaxKernel,
  matmulKernel,
  measureKernel,
  plainProduct,
} from '../../src/bench/kernels.js';
import { flatness } from '../../src/bench/soak.js';
import { runs } from '../support/property.js';
import { answer, closeEngines, openEngines } from '../support/engines.js';
import { succeed } from '../support/device.js';

const engines = await openEngines();
const near = (is: number | undefined, should: number, tolerance: number, what: string): void => {
  assert.ok(Math.abs((is ?? NaN) - should) <= tolerance, `${what}: ${is ?? NaN}, should be ${should}`);
};

test('the plain loops multiply', () =>
  fc.assert(
    fc.property(
      fc.tuple(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 7 }),
      ),
      ([m, k, n]) => {
        const a = Float32Array.from({ length: m * k }, (_, i) => (i % 5) - 2);
        const b = Float32Array.from({ length: k * n }, (_, i) => (i % 3) - 1);
        const out = new Float32Array(m * n).fill(9);
        plainProduct(a, b, [m, k, n], out);
        for (let i = 0; i < m; i++)
          for (let j = 0; j < n; j++) {
            let sum = 0;
            for (let p = 0; p < k; p++) sum += (a[i * k + p] ?? 0) * (b[p * n + j] ?? 0);
            assert.is(out[i * n + j], sum);
          }
      },
    ),
    runs(50),
  ));

test('each program computes what it is named for', async () => {
  for (const engine of engines) {
    const product = matmulKernel([5, 7, 3], 1);
    const plain = new Float32Array(15);
    const { a, b } = product.operands ?? { a: plain, b: plain };
    plainProduct(a, b, [5, 7, 3], plain);
    const { result, last } = await answer(engine, product.program, product.inputs);
    plain.forEach((should, i) => near(result?.[i], should, 1e-4, `${engine.kind} product`));
    assert.is(last?.[0], result?.[14]);

    const rows = logSoftmaxKernel([2, 9], 1);
    const logs = (await answer(engine, rows.program, rows.inputs))['result'] ?? [];
    for (const row of [0, 1]) {
      const total = Array.from(logs.slice(9 * row, 9 * row + 9)).reduce((sum, x) => sum + Math.exp(x), 0);
      near(total, 1, 1e-5, `${engine.kind} row of probabilities`);
    }

    // L Lᵀ is 2 on the diagonal and 1 beside it.
    const factors = choleskyKernel([2, 3]);
    const l = (await answer(engine, factors.program, factors.inputs))['result'] ?? [];
    const [x = 0, y = 0, z = 0] = l.slice(9 + 6);
    near(x * x + y * y + z * z, 2, 1e-5, `${engine.kind} factor`);
    near(x * (l[9 + 3] ?? 0) + y * (l[9 + 4] ?? 0), 1, 1e-5, `${engine.kind} factor`);

    const copy = copyKernel(10);
    assert.equal(
      Array.from((await answer(engine, copy.program, copy.inputs))['result'] ?? []),
      Array.from({ length: 10 }, () => -1),
    );
  }
});

test('a product is told with its rate and its error, beside a peer, and nothing is left', async () => {
  const [cpu] = engines;
  let disposed = 0;
  const made: (readonly number[])[] = [];
  const wrong = {
    name: 'wrong',
    version: null,
    reason: null,
    product: (shape: readonly number[]) => {
      made.push(shape);
      const value = () => Promise.resolve({ _tag: 'Right' as const, right: new Float32Array(64).fill(100) });
      return () =>
        Promise.resolve({
          _tag: 'Right' as const,
          right: { run: () => value, value, dispose: () => disposed++ },
        });
    },
  };
  const absent = { name: 'absent', version: null, reason: 'it is not there', product: null };
  const control = { progress: () => undefined, signal: new AbortController().signal };
  const sampling = { repeats: 2, minSeconds: 0 };
  const told = await succeed(
    measureKernel(cpu, matmulKernel([8, 6, 8], 2), [wrong, absent], sampling, control),
  );
  assert.equal([told.kernel, told.shape, made, disposed], ['matmul', [8, 6, 8], [[8, 6, 8]], 1]);
  assert.is(told.peers['absent'], null);
  assert.ok((told.engine.error ?? 1) < 1e-4 && (told.plain?.error ?? 1) < 1e-4);
  assert.ok((told.peers['wrong']?.error ?? 0) > 50);
  near((told.engine.gigaflops ?? 0) * told.engine.seconds, (2 * 8 * 6 * 8) / 1e9, 1e-12, 'operations');
  near(told.engine.gigabytes * told.engine.seconds, (4 * (48 + 48 + 64)) / 1e9, 1e-12, 'bytes');
  // No peer takes part in what is no product.
  const copied = await succeed(measureKernel(cpu, copyKernel(32), [wrong], sampling, control));
  assert.equal(
    [copied.engine.gigaflops, copied.engine.error, copied.plain, copied.peers],
    [null, null, null, { wrong: null }],
  );
});

test('memory is flat where nothing grows but what garbage leaves', () => {
  const mark = (residentBytes: number, buffers = 5, bytes = 100) => ({ residentBytes, buffers, bytes });
  const megabytes = (...values: readonly number[]) => values.map((value) => mark(value * 2 ** 20));
  const flat = (marks: readonly ReturnType<typeof mark>[]) => flatness(marks).flat;
  assert.equal(flat(megabytes(90, 100, 101, 100, 102)), { buffers: true, bytes: true, residentBytes: true });
  assert.is(flat(megabytes(100, 140, 180, 220, 260)).residentBytes, false);
  assert.is(flat(megabytes(100, 180, 100, 100, 100)).residentBytes, true);
  assert.is(flat([mark(1), mark(1, 6)]).buffers, false);
  assert.is(flat([mark(1), mark(1, 5, 101)]).bytes, false);
  assert.is(flatness(megabytes(100, 100, 150)).residentRatio, 1.5);
});

test('the engines hold nothing afterwards', () => closeEngines(engines));

test.run();
