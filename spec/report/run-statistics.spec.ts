/** Intervals and bands of simulated runs: t quantiles against tables, bands against an example done by hand. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pairedDifference, withinSeedBands } from '../../src/report/paired.js';
import { studentInterval, studentQuantile, studentWithin } from '../../src/report/student.js';
import { runs } from '../support/property.js';

const near = (actual: number | null | undefined, expected: number, tolerance = 1e-12): void => {
  assert.ok(
    typeof actual === 'number' && Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${actual ?? 'nothing'} is not ${expected}`,
  );
};

test('quantiles of the t distribution are those of tables', () => {
  // Two-sided 95% (Abramowitz and Stegun, table 26.10), three decimals.
  for (const [degrees, quantile] of [
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [4, 2.776],
    [5, 2.571],
    [9, 2.262],
    [10, 2.228],
    [29, 2.045],
    [30, 2.042],
    [120, 1.98],
  ] as const)
    assert.is(Number(studentQuantile(0.95, degrees).toFixed(3)), quantile, `${degrees} degrees`);
  near(studentQuantile(0.99, 4), 4.604, 2e-4);
  // Closed forms: tan for 1 degree, p √(2 / (1 − p²)) for 2.
  near(studentQuantile(0.95, 1), Math.tan((0.95 * Math.PI) / 2));
  near(studentQuantile(0.95, 2), 0.95 * Math.sqrt(2 / (1 - 0.95 ** 2)));
  // The normal distribution is the limit, and the difference from it is of the order 1 / ν.
  near(studentQuantile(0.95, 100_000), 1.959963984540054, 5e-5);
});

test('the quantile and the probability are inverse', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.integer({ min: 1, max: 200 }), (p, n) =>
      near(studentWithin(studentQuantile(p, n), n), p),
    ),
    runs(200),
  );
});

test('an interval of 2, 4, 6 by hand; one number has none', () => {
  // s = 2, t = 4.30265…: 4 ± t 2 / √3.
  const { mean, halfWidth } = studentInterval([2, 4, 6]);
  near(mean, 4);
  near(halfWidth, (2 * 0.95 * Math.sqrt(2 / (1 - 0.95 ** 2))) / Math.sqrt(3));
  assert.equal(studentInterval([7]), { mean: 7, halfWidth: null });
});

test('bands by hand: what a seed has in common is taken out', () => {
  // Means of seeds 1, 4, 4; of all 3. Normalised: 3, 2, 4 and 3, 4, 2, with s = 1; the factor of two strategies is √2.
  const t2 = 0.95 * Math.sqrt(2 / (1 - 0.95 ** 2));
  const bands = withinSeedBands([
    [1, 3, 5],
    [1, 5, 3],
  ]);
  assert.is(bands.length, 2);
  for (const band of bands) {
    near(band.mean, 3);
    near(band.halfWidth, (Math.SQRT2 * t2) / Math.sqrt(3));
  }
  // With one strategy, the t interval.
  assert.equal(withinSeedBands([[2, 4, 6]]), [studentInterval([2, 4, 6])]);
});

test('bands of two strategies are as wide as the interval of their difference, over √2', () => {
  const list = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(list, list, (a, b) => {
      const difference = pairedDifference(a, b);
      const [first, second] = withinSeedBands([a, b]);
      near((first?.mean ?? Number.NaN) - (second?.mean ?? Number.NaN), difference.mean, 1e-9);
      for (const band of [first, second])
        near(band?.halfWidth, (difference.halfWidth ?? Number.NaN) / Math.SQRT2, 1e-9);
    }),
    runs(100),
  );
});

test('a shift of a whole seed changes no band; a constant difference has width 0', () => {
  const values = [
    [1, 2, 4, 8],
    [2, 2, 5, 7],
    [0, 3, 3, 9],
  ];
  const moved = values.map((row) => row.map((value, s) => value + 100 * s));
  withinSeedBands(values).forEach((band, j) =>
    near(withinSeedBands(moved)[j]?.halfWidth, band.halfWidth ?? Number.NaN, 1e-9),
  );
  const shifted = pairedDifference([1.5, 2.5, 9.5], [1, 2, 9]);
  assert.equal(shifted, { mean: 0.5, halfWidth: 0 });
});

test('misuse is told', () => {
  for (const misuse of [
    () => studentQuantile(0.95, 0),
    () => studentQuantile(0.95, 1.5),
    () => studentQuantile(1, 3),
    () => studentWithin(-1, 3),
    () => studentInterval([]),
    () => pairedDifference([1], [1, 2]),
    () => withinSeedBands([[1], [1, 2]]),
  ])
    assert.throws(misuse, (error: unknown) => error instanceof RangeError);
});

test.run();
