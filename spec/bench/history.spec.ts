/** The history of benches: which timings it keeps, and when it says that something changed. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { changesOf, historyLineCodec, timingsIn, type HistoryLine } from '../../src/bench/history.js';
import { timingOf, type Timing } from '../../src/bench/measure.js';
import { keyFromSeed, normals, split } from '../../src/random/key.js';
import { propertyOptions } from '../linear-algebra/arbitrary.js';

const steady = (seconds: number): Timing => ({
  ...{ seconds, deviation: seconds / 1000, fastest: seconds, repeats: 7, calls: 1 },
});

const line = (
  timings: Readonly<Record<string, Timing>>,
  before = steady(1e-6),
  after = before,
): HistoryLine => ({
  ...{ version: 1, date: '2026-01-01T00:00:00.000Z', bench: 'draw', circumstances: '[]' },
  ...{ reference: { before, after }, timings },
});

test('timings are named by what leads to them, sizes and shapes before numbers', () => {
  const report = {
    machine: { node: '20' },
    draws: [
      { poolSize: 20, perBatch: { one: steady(1) }, coldSeconds: 3 },
      { poolSize: 30, perBatch: { one: steady(2) } },
    ],
    kernels: [{ kernel: 'matmul', shape: [2, 3, 4], engine: steady(4), plain: { gigaflops: 1 } }],
    others: [{ first: steady(5) }, null],
  };
  assert.equal(timingsIn(report), {
    'draws, N = 20, perBatch, one': steady(1),
    'draws, N = 30, perBatch, one': steady(2),
    'kernels, matmul 2×3×4, engine': steady(4),
    'others, 0, first': steady(5),
  });
  assert.ok(historyLineCodec.is(line(timingsIn(report))));
});

test('a machine that is slower as a whole changes nothing; one timing that is slower is told, and by how much', () => {
  const seconds = fc.double({ min: 1e-6, max: 1e3, noNaN: true });
  const factors = fc.double({ min: 0.1, max: 10, noNaN: true });
  fc.assert(
    fc.property(seconds, seconds, factors, factors, (first, second, machine, own) => {
      const earlier = line({ first: steady(first), second: steady(second), gone: steady(1) });
      const later = line(
        { first: steady(first * machine), second: steady(second * machine * own), added: steady(1) },
        steady(1e-6 * machine),
      );
      const [unchanged, changed, ...rest] = changesOf(earlier, later);
      assert.is(rest.length, 0);
      assert.is(unchanged?.change, 'none');
      assert.ok(Math.abs((unchanged?.ratio ?? 0) - 1) < 1e-9);
      assert.ok(Math.abs((changed?.ratio ?? 0) / own - 1) < 1e-9);
      assert.is(changed?.change, own > 1.06 ? 'slower' : own < 1 / 1.06 ? 'faster' : changed?.change);
      assert.ok((changed?.noise ?? 0) >= 1.05);
    }),
    propertyOptions,
  );
});

test('noise is no change: of 500 pairs of noisy benches few are told, and fewer than with a third of the margin', () => {
  // Medians of seven with a deviation of 10 %: 3.1 % of pairs are beyond three standard errors (9 to 23 of 500 with 40 other
  // seeds). More than 40 of 500 has a probability below 1e-7.
  const taken = (i: number) =>
    timingOf(Array.from(normals(split(keyFromSeed(7), i), 7), (x) => Math.max(0.1, 1 + x / 10)));
  let told = 0;
  let beyondOne = 0;
  for (let i = 0; i < 500; i++) {
    const [change] = changesOf(line({ one: taken(2 * i) }), line({ one: taken(2 * i + 1) }));
    if (change === undefined) throw new Error('no change is told');
    if (change.change !== 'none') told++;
    if (Math.abs(Math.log(change.ratio)) > Math.log(change.noise) / 3) beyondOne++;
  }
  console.log(`# ${told} of 500 told, ${beyondOne} beyond a third`);
  assert.ok(told <= 40 && beyondOne > 3 * told);
});

test('where the reference itself moved between its two timings, less is told', () => {
  const earlier = line({ one: steady(1) });
  const drifted = line({ one: steady(1.2) }, steady(1e-6), steady(2e-6));
  assert.is(changesOf(earlier, line({ one: steady(1.2) }))[0]?.change, 'slower');
  assert.is(changesOf(earlier, drifted)[0]?.change, 'none');
});

test.run();
