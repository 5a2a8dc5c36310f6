/**
 * Batches whose work on all points is done by SIMD against the same on plain arrays: weights, totals and gains to 1e-12, and
 * the same chains; logarithm and exponential of the kernels against Math's; rows of K to the same bits; memory that blocks are
 * taken from and given back to.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { updates } from '../../src/gibbs/update.js';
import { keyFromSeed } from '../../src/random/key.js';
import { uniformStream } from '../../src/random/stream.js';
import { gramOf, plainGramRow } from '../../src/reward/gram.js';
import { conditionalFactor, informationBatch } from '../../src/reward/information-batch.js';
import { gaussianInformation } from '../../src/reward/gaussian-information.js';
import { type MutableBatch, weightDepth } from '../../src/reward/mutable-batch.js';
import { type OpenPosition, plainPointStore, type PointStore } from '../../src/reward/point-store.js';
import { wasmGramRow } from '../../src/reward/wasm/gram-rows.js';
import { wasmPointStore } from '../../src/reward/wasm/point-store.js';
import { closeTo } from '../linear-algebra/arbitrary.js';
import { maternPool, randomPool } from '../support/pools.js';
import { runs } from '../support/property.js';

const wasmStore = (points: number, positions: number): PointStore => {
  const store = wasmPointStore(points, positions);
  if (store === undefined) throw new Error('no WebAssembly with SIMD');
  return store;
};

const none: OpenPosition = { position: -1, precision: 1, others: [] };

/** Largest difference, relative to what is expected where that is above 1. */
const near = (found: Float64Array, expected: ArrayLike<number>, tolerance: number, what: string): void => {
  assert.is(found.length, expected.length);
  found.forEach((x, n) => {
    const right = expected[n] ?? NaN;
    if (x !== right) closeTo(x, right, tolerance * Math.max(1, Math.abs(right)), `${what} at ${n}`);
  });
};

test('gains are ½ ln(1 + v) as Math.log1p gives it, to 4 units in the last position', () => {
  const v = Float64Array.from({ length: 4001 }, (_, n) => (n === 0 ? 0 : 10 ** ((n - 2500) / 100)));
  const store = wasmStore(v.length, 8);
  store.variances().set(v);
  const out = new Float64Array(v.length);
  store.gains(none, out, Infinity);
  out.forEach((gain, n) => {
    const right = 0.5 * Math.log1p(v[n] ?? NaN);
    assert.ok(Math.abs(gain - right) <= 4 * 2 ** -53 * right, `${gain} of ${right} for v = ${v[n]}`);
  });
});

test('weights are powers of quotients to 1e-13 of themselves down to e^−40, and 0 below', () => {
  for (const beta of [0, 1e-9, 0.01, 1, 20, 300, 1e4]) {
    // Quotients to e^−50 at most, so that v keeps all digits of them.
    const deepest = Math.min(100 / Math.max(beta, 1), 60);
    const v = Float64Array.from({ length: 3001 }, (_, n) => Math.expm1((deepest * n) / 3000));
    const store = wasmStore(v.length, 8);
    store.variances().set(v);
    const weights = new Float64Array(v.length);
    const at = { ...none, others: [17, 3000] };
    const { largest, total } = store.conditional?.(at, beta, weights) ?? { largest: NaN, total: NaN };
    const most = v[2999] ?? NaN;
    closeTo(largest, 0.5 * Math.log1p(most), 1e-13 * largest);
    let sum = 0;
    weights.forEach((weight, n) => {
      sum += weight;
      // ln of the quotient: by differences where it is near 1.
      const quotient = (1 + (v[n] ?? NaN)) / (1 + most);
      const logit = (beta / 2) * Math.log(quotient);
      if (at.others.includes(n)) assert.is(weight, 0);
      else if (logit < -weightDepth - 1e-9) assert.is(weight, 0, `β = ${beta}, logit ${logit}`);
      else if (logit > -weightDepth + 1e-9) {
        // The quotient itself is rounded twice, by 2^−53 each.
        const right = Math.exp(logit);
        const tolerance = 1e-13 + 3 * 2 ** -53 * (beta / 2);
        assert.ok(Math.abs(weight - right) <= tolerance * right, `β = ${beta}: ${weight} of ${right}`);
      }
    });
    closeTo(total, sum, 1e-12 * sum, 'total');
  }
});

/** v, W, gains and laws of two batches of the same members. */
const agree = (
  [a, b]: readonly [MutableBatch, MutableBatch],
  points: number,
  beta: number,
  tolerance: number,
): void => {
  assert.equal(a.members, b.members);
  closeTo(a.utility(), b.utility(), tolerance * Math.max(1, b.utility()), 'U');
  const [ofA, ofB] = [new Float64Array(points), new Float64Array(points)];
  for (let position = -1; position < b.members.length; position++) {
    a.gains(position, ofA);
    b.gains(position, ofB);
    near(ofA, ofB, tolerance, `gains at ${position}`);
    const [p, q] = [a.conditional?.(position, beta, ofA), b.conditional?.(position, beta, ofB)];
    if (p === undefined || q === undefined) throw new Error('no law of a position');
    near(ofA, ofB, 10 * tolerance, `weights at ${position}`);
    closeTo(p.total, q.total, 10 * tolerance * q.total, 'total');
    if (q.largest !== -Infinity) closeTo(p.largest, q.largest, tolerance, 'largest');
  }
};

test('changes of rank two by SIMD are those on plain arrays, for pools and batches of any size', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.nat(99),
      fc.array(fc.nat(9999)),
      (points, seed, steps) => {
        const gram = gramOf(randomPool(points, 5, seed));
        const both = [
          informationBatch(gram, [], wasmStore),
          informationBatch(gram, [], plainPointStore),
        ] as const;
        for (const step of steps) {
          const { members } = both[1];
          const free = Array.from({ length: points }, (_, n) => n).filter((n) => !members.includes(n));
          const joining = free[step % Math.max(1, free.length)];
          const position = step % Math.max(1, members.length);
          for (const batch of both)
            if (step % 5 === 0 && batch.members.length > 0) batch.remove(position);
            else if (joining === undefined) batch.set([]);
            else if (step % 2 === 0 && batch.members.length > 0) batch.replace(position, joining);
            else batch.add(joining);
          agree(both, points, (step % 30) + 0.5, 1e-12);
        }
      },
    ),
    runs(30),
  ));

test('chains of 3,000 updates are the same', () => {
  const whitened = maternPool(60, 1);
  const utility = gaussianInformation(whitened);
  const gram = gramOf(whitened);
  for (const [size, smallest] of [
    [4, 4],
    [12, 7],
  ] as const) {
    const both = [wasmStore, plainPointStore].map((store) => {
      const batch = informationBatch(
        gram,
        Array.from({ length: size }, (_, n) => n),
        store,
      );
      const target = { utility, batchSize: size, smallestBatch: smallest };
      const seen: number[][] = [];
      const uniform = uniformStream(keyFromSeed(2));
      for (let from = 0; from < 3000; from += 100) {
        updates(target, batch, 20, { from, count: 100 }, uniform, new Float64Array(60));
        seen.push([...batch.members]);
      }
      return seen;
    });
    assert.equal(both[0], both[1]);
  }
});

test('a batch stays as it is while the memory grows under it', () => {
  const gram = gramOf(randomPool(50, 4, 3));
  const factor = conditionalFactor(gram, [3, 9, 4], wasmStore);
  const before = [factor.variances.slice(), factor.weights(1).slice()] as const;
  const { buffer } = factor.variances;
  const others: PointStore[] = [];
  for (let i = 0; i < 64 && factor.variances.buffer === buffer; i++) others.push(wasmStore(20_000, 8));
  assert.is.not(factor.variances.buffer, buffer);
  assert.equal([factor.variances.slice(), factor.weights(1).slice()], [...before]);
  factor.replace(1, 20);
  const anew = conditionalFactor(gram, [3, 20, 4], plainPointStore);
  near(factor.variances, anew.variances, 1e-12, 'v');
  assert.ok(others.every((store) => store.variances().every((v) => v === 0)));
});

test('rows of K by SIMD are those of plain arrays, bit for bit, of any size, after the memory has grown', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 19 }),
      fc.nat(1000),
      (points, features, seed) => {
        const whitened = randomPool(points, features, seed);
        const [plain, fast] = [plainGramRow(whitened), wasmGramRow(whitened)];
        if (fast === undefined) throw new Error('no WebAssembly with SIMD');
        const store = wasmStore(8 * points, 8);
        for (let n = 0; n < points; n++) assert.equal(fast(n), plain(n));
        assert.ok(store.variances().every((v) => v === 0));
      },
    ),
    runs(50),
  ));

test.run();
