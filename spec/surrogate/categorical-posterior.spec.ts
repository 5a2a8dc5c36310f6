// Class probabilities that miss a sum of one by rounding are divided by it, in every class; by more, the row is named.
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { showFailure } from '../../src/failure.js';
import { categoricalPosterior } from '../../src/surrogate/categorical-posterior.js';
import { right } from '../linear-algebra/arbitrary.js';
import { runs } from '../support/property.js';

/** Rows of probabilities, [draws, points, classes], each row times its own factor. */
const rowsOf = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }))
  .chain(([draws, points, classes]) =>
    fc.record({
      sizes: fc.constant([draws, points, classes] as const),
      rows: fc.array(
        fc.tuple(
          fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: classes, maxLength: classes }),
          fc.double({ min: -9e-5, max: 9e-5, noNaN: true }),
        ),
        { minLength: draws * points, maxLength: draws * points },
      ),
    }),
  );

test('what misses one by rounding is divided by its sum: proportions stay, each row sums to one', () => {
  fc.assert(
    fc.property(rowsOf, ({ sizes, rows }) => {
      const logs = rows.flatMap(([weights, miss]) => {
        const total = weights.reduce((sum, w) => sum + w, 0);
        return weights.map((w) => Math.log(w / total) + miss);
      });
      const { logProbabilities } = right(categoricalPosterior(sizes, logs));
      rows.forEach(([weights], r) => {
        const own = Array.from(
          logProbabilities.subarray(r * weights.length, (r + 1) * weights.length),
          Math.exp,
        );
        const total = weights.reduce((sum, w) => sum + w, 0);
        own.forEach((p, c) => assert.ok(Math.abs(p - (weights[c] ?? NaN) / total) < 1e-12, `class ${c}`));
      });
    }),
    runs(100),
  );
});

test('what misses it by more, or holds NaN, is refused with its point and draw', () => {
  for (const [value, says] of [
    [Math.log(0.5) + 2e-4, /point 1 under draw 0 sum to 1\.000/],
    [Number.NaN, /point 1 under draw 0 sum to NaN/],
  ] as const) {
    const half = Math.log(0.5);
    const result = categoricalPosterior([1, 2, 2], [half, half, value, value]);
    assert.match(E.isLeft(result) ? showFailure(result.left) : '', says);
  }
});

test.run();
