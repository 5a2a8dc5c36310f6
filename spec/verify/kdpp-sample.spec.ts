/** Exact draws from the k-DPP: how often every batch comes, valid batches, the same key the same batch. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ranker } from '../../src/gflownet/exact/subsets.js';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import type { Matrix } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import {
  containing,
  inclusionProbabilities,
  kdpp,
  kdppBatches,
  kdppLogProbability,
  kdppSampler,
} from '../../src/verify/kdpp/index.js';
import { right } from '../linear-algebra/arbitrary.js';
import { runs } from '../support/property.js';
import { maternPool, randomPool } from '../support/pools.js';

/** Σ (observed − expected)² / expected over all cells. */
const chiSquare = (observed: Float64Array, expected: Float64Array): number =>
  observed.reduce((total, count, i) => total + (count - (expected[i] ?? NaN)) ** 2 / (expected[i] ?? NaN), 0);

/** Draws that make up one test, and χ² values that a right sampler passes with the given probability. */
const draws = 20_000;
/** P(χ² with 34 degrees of freedom > 65.2472) = 10⁻³. */
const limit34 = 65.2472;

const pools: readonly (readonly [name: string, whitened: Matrix])[] = [
  ['two features', randomPool(7, 2, 5, 1)],
  ['more features than points', randomPool(7, 9, 6, 0.7)],
  ['almost no signal', randomPool(7, 3, 7, 0.05)],
  ['a Matérn pool', maternPool(7, 4)],
];

pools.forEach(([name, whitened], index) => {
  // Four tests of 10⁻³: a right sampler with another seed fails one of them in 4 cases of 1,000.
  test(`${name}: all 35 batches of 3 of 7 points come as often as they should`, () => {
    const { probabilities } = exactTarget({ whitened, batchSize: 3, temperature: 0.5 });
    const expected = probabilities.map((p) => p * draws);
    assert.ok(
      expected.every((count) => count >= 5),
      'every cell expects 5 draws',
    );
    const draw = kdppSampler(right(kdpp(whitened, 3)));
    const rank = ranker(7, 3);
    const observed = new Float64Array(expected.length);
    for (let i = 0; i < draws; i++) {
      const at = rank(draw(split(keyFromSeed(100 + index), i)));
      observed[at] = (observed[at] ?? 0) + 1;
    }
    const found = chiSquare(observed, expected);
    assert.ok(found < limit34, `χ² is ${found}, the limit ${limit34}`);
  });
});

test('given one point, the batches that contain it come as often as they should', () => {
  const whitened = randomPool(7, 3, 8, 1.5);
  const { probabilities } = exactTarget({ whitened, batchSize: 3, temperature: 0.5 });
  const dpp = right(containing([4])(right(kdpp(whitened, 3))));
  const draw = kdppSampler(dpp);
  const rank = ranker(7, 3);
  const expected = new Float64Array(probabilities.length);
  const observed = new Float64Array(probabilities.length);
  for (let a = 0; a < 7; a++)
    for (let b = a + 1; b < 7; b++)
      if (a !== 4 && b !== 4) {
        const batch = [4, a, b].sort((p, q) => p - q);
        expected[rank(batch)] = draws * Math.exp(kdppLogProbability(dpp, batch));
      }
  for (let i = 0; i < draws; i++) {
    const at = rank(draw(split(keyFromSeed(9), i)));
    observed[at] = (observed[at] ?? 0) + 1;
  }
  const cells = Array.from(expected, (_, i) => i).filter((i) => (expected[i] ?? 0) > 0);
  assert.is(cells.length, 15);
  const found = chiSquare(
    Float64Array.from(cells, (i) => observed[i] ?? 0),
    Float64Array.from(cells, (i) => expected[i] ?? 0),
  );
  // P(χ² with 14 degrees of freedom > 36.1233) = 10⁻³. A draw outside the cells is one that is missing inside.
  assert.is(
    cells.reduce((total, i) => total + (observed[i] ?? 0), 0),
    draws,
  );
  assert.ok(found < 36.1233, `χ² is ${found}`);
});

test('in a pool of many blocks of rows, every point comes as often as it should', () => {
  const whitened = randomPool(1500, 4, 12, 2);
  const dpp = right(kdpp(whitened, 6));
  const inclusion = inclusionProbabilities(dpp);
  const draw = kdppSampler(dpp);
  const counts = new Float64Array(1500);
  for (let i = 0; i < draws; i++)
    for (const n of draw(split(keyFromSeed(13), i))) counts[n] = (counts[n] ?? 0) + 1;
  // Each count is binomial; |z| > 5.2 has probability 2·10⁻⁷ in a normal tail, so 3·10⁻⁴ over 1,500 points (the tail
  // of a count near 80 is a little heavier upwards: below 3·10⁻³ in all).
  inclusion.forEach((p, n) => {
    const z = ((counts[n] ?? 0) - draws * p) / Math.sqrt(draws * p * (1 - p));
    assert.ok(Math.abs(z) < 5.2, `point ${n}: ${counts[n]} draws, ${draws * p} expected`);
  });
});

test('a batch is b different points of the pool, ascending, and the same key gives the same batch', () => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.nat(1000),
        poolSize: fc.integer({ min: 1, max: 90 }),
        width: fc.integer({ min: 1, max: 12 }),
        percent: fc.integer({ min: 0, max: 100 }),
        logScale: fc.integer({ min: -3, max: 3 }),
      }),
      ({ seed, poolSize, width, percent, logScale }) => {
        const batchSize = Math.round((percent * poolSize) / 100);
        const dpp = right(kdpp(randomPool(poolSize, width, seed, 10 ** logScale), batchSize));
        const options = { count: 3, key: keyFromSeed(seed) };
        const batches = kdppBatches(dpp, options);
        assert.is(batches.length, 3);
        for (const { indices, jointMutualInformation: jmi } of batches) {
          assert.is(indices.length, batchSize);
          indices.forEach((n, i) => {
            assert.ok(Number.isInteger(n) && n < poolSize && n > (indices[i - 1] ?? -1));
          });
          assert.is(jmi, jointMutualInformation(dpp.whitened, indices));
        }
        assert.equal(kdppBatches(dpp, options), batches);
      },
    ),
    runs(100),
  );
});

test('duplicates and points without signal are drawn too', () => {
  // Three copies of one point and three of nothing: 20 batches of 3; J has at most one point.
  const whitened = { rows: 6, columns: 1, data: Float64Array.of(2, 2, 2, 0, 0, 0) };
  const dpp = right(kdpp(whitened, 3));
  const draw = kdppSampler(dpp);
  const rank = ranker(6, 3);
  const { probabilities } = exactTarget({ whitened, batchSize: 3, temperature: 0.5 });
  const observed = new Float64Array(20);
  for (let i = 0; i < draws; i++) {
    const at = rank(draw(split(keyFromSeed(21), i)));
    observed[at] = (observed[at] ?? 0) + 1;
  }
  const found = chiSquare(
    observed,
    probabilities.map((p) => p * draws),
  );
  // P(χ² with 19 degrees of freedom > 43.8202) = 10⁻³.
  assert.ok(found < 43.8202, `χ² is ${found}`);
});

test('draws end where the chosen points have all of the signal, or almost all', () => {
  const whitened = { rows: 5, columns: 2, data: Float64Array.of(1e6, 1e6, 1, -2, 0, 0, 0, 0, 1e-9, 0) };
  const dpp = right(kdpp(whitened, 3));
  for (const chosen of [[0], [1], [0, 1], [0, 1, 4]]) {
    const draw = kdppSampler(right(containing(chosen)(dpp)));
    for (let i = 0; i < 200; i++) {
      const batch = draw(split(keyFromSeed(2), i));
      assert.is(new Set(batch).size, 3);
      assert.ok(chosen.every((n) => batch.includes(n)));
    }
  }
});

test.run();
