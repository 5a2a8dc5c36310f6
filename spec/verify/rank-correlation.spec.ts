/** Ranks with ties and Spearman's correlation, by hand and by its laws. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { averageRanks, spearman } from '../../src/verify/rank-correlation.js';
import { runs } from '../support/property.js';

test('ties share the mean of their ranks', () => {
  assert.equal(Array.from(averageRanks([3, 1, 3, -Infinity, 3])), [4, 2, 4, 1, 4]);
  assert.equal(Array.from(averageRanks([])), []);
});

test('by hand, with and without ties', () => {
  assert.ok(Math.abs(spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]) - 0.8207826816681233) < 1e-14);
  assert.ok(Math.abs(spearman([10, 20, 30, 40], [1, 3, 2, 4]) - 0.8) < 1e-14);
  assert.ok(Number.isNaN(spearman([1, 1], [1, 2])));
});

test('1 under any increasing map, −1 under a decreasing one, symmetric', () =>
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 20 }), (x) => {
      const up = x.map((value) => Math.exp(value / 10));
      assert.ok(Math.abs(spearman(x, up) - 1) < 1e-12);
      assert.ok(
        Math.abs(
          spearman(
            x,
            up.map((value) => -value),
          ) + 1,
        ) < 1e-12,
      );
      const other = x.map((value) => value % 5);
      const both = [spearman(x, other), spearman(other, x)] as const;
      assert.ok(Object.is(both[0], both[1]) || Math.abs(both[0] - both[1]) < 1e-12);
    }),
    runs(100),
  ));

test('lengths, too few, and NaN are refused', () => {
  assert.throws(() => spearman([1, 2], [1]), /2 and 1 values/);
  assert.throws(() => spearman([1], [1]), /at least two/);
  assert.throws(() => spearman([1, NaN], [1, 2]), /NaN/);
});

test.run();
