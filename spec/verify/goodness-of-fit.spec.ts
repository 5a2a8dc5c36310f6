/**
 * Tests on counts: by hand, p-values uniform where nothing is wrong, and small where a bias is planted. Seeds are fixed;
 * the false-alarm probability of each uniformity check is 1e-4 (null-distribution.ts).
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  chiSquareTest,
  gatherSmallCells,
  gTest,
  perfectSamplerTotalVariation,
  twoSampleTest,
} from '../../src/verify/goodness-of-fit.js';
import { totalVariation } from '../../src/verify/divergence.js';
import { assertUniform, countsOf, stream } from './null-distribution.js';

const near = (actual: number, expected: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, should be ${expected}`);

test('by hand', () => {
  const pearson = chiSquareTest([18, 22, 20], [1 / 3, 1 / 3, 1 / 3]);
  near(pearson.statistic, 0.4);
  assert.is(pearson.degreesOfFreedom, 2);
  near(pearson.pValue, Math.exp(-0.2));
  const likelihood = gTest([18, 22, 20], [1 / 3, 1 / 3, 1 / 3]);
  const g = 2 * (18 * Math.log(18 / 20) + 22 * Math.log(22 / 20));
  near(likelihood.statistic, g / (1 + (9 - 1) / (6 * 60 * 2)));
  // A 2×2 table: n (ad − bc)² / (row and column totals).
  near(twoSampleTest([10, 20], [20, 10]).statistic, (60 * (10 * 10 - 20 * 20) ** 2) / 30 ** 4);
});

test('small cells are gathered by ascending expectation, the rest joins the last', () => {
  assert.equal(Array.from(gatherSmallCells([10, 1, 2, 3, 0, 7])), [2, 0, 0, 0, -1, 1]);
  assert.equal(Array.from(gatherSmallCells([1, 1, 1])), [0, 0, 0]);
  assert.equal(Array.from(gatherSmallCells([4, 100, 3])), [0, 1, 0]);
  assert.equal(Array.from(gatherSmallCells([5, 1, 4, 2], 6)), [0, 0, 0, 0]);
  assert.is(chiSquareTest([1, 2], [0.5, 0.5]).pValue, 1);
});

test('a draw of what cannot be drawn gives p = 0, and an impossible outcome not drawn takes no part', () => {
  assert.is(chiSquareTest([50, 50, 1], [0.5, 0.5, 0]).pValue, 0);
  assert.is(gTest([50, 50, 1], [0.5, 0.5, 0]).pValue, 0);
  assert.is(chiSquareTest([50, 50, 0], [0.5, 0.5, 0]).degreesOfFreedom, 1);
});

test('what makes no sense is refused', () => {
  assert.throws(() => chiSquareTest([1], [0.5, 0.5]), /1 counts and 2 probabilities/);
  assert.throws(() => chiSquareTest([1, 2], [0.5, 0.6]), /the sum is 1.1/);
  assert.throws(() => chiSquareTest([1.5, 2], [0.5, 0.5]), /whole numbers/);
  assert.throws(() => gTest([0, 0], [0.5, 0.5]), /nothing was drawn/);
  assert.throws(() => twoSampleTest([1], [1, 2]), /1 and 2 counts/);
});

/** Twenty outcomes from 0.0007 to 0.2: 2,000 draws expect fewer than five of some. */
const skewed = (() => {
  const weights = Array.from({ length: 20 }, (_, i) => Math.exp(-0.3 * i));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / total);
})();

const repeats = 1500;
const seeds = Array.from({ length: repeats }, (_, i) => i);

test('p-values are uniform under the null hypothesis', () => {
  const samples = seeds.map((i) => countsOf(skewed, 2000, stream(11, i)));
  assertUniform(
    samples.map((counts) => chiSquareTest(counts, skewed).pValue),
    'χ²',
    0.01,
  );
  assertUniform(
    samples.map((counts) => gTest(counts, skewed).pValue),
    'G',
    0.01,
  );
  assertUniform(
    seeds.slice(1).map((i) => twoSampleTest(samples[i] ?? [], countsOf(skewed, 1000, stream(12, i))).pValue),
    'two samples',
    0.01,
  );
});

test('a probability 5% too large is caught by 100,000 draws, and not by 1,000', () => {
  const first = skewed[0] ?? 0;
  const biased = skewed.map((p, i) => (i === 0 ? 1.05 * p : (p * (1 - 1.05 * first)) / (1 - first)));
  const draw = (n: number) => countsOf(biased, n, stream(13, n));
  assert.ok(chiSquareTest(draw(100_000), skewed).pValue < 1e-6);
  assert.ok(gTest(draw(100_000), skewed).pValue < 1e-6);
  assert.ok(twoSampleTest(draw(400_000), countsOf(skewed, 400_000, stream(14))).pValue < 1e-6);
  assert.ok(chiSquareTest(draw(1000), skewed).pValue > 1e-3);
});

test('a perfect sampler is some total variation off', () => {
  const n = 5000;
  const mean =
    seeds.slice(0, 200).reduce(
      (sum, i) =>
        sum +
        totalVariation(
          countsOf(skewed, n, stream(15, i)).map((c) => c / n),
          skewed,
        ),
      0,
    ) / 200;
  near(perfectSamplerTotalVariation(skewed, n) / mean, 1, 0.05);
});

test.run();
