/** What a batch is expected to do for predictions: by direct formulas, within its bounds, and where a label is not worth it. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { at } from '../../src/at.js';
import { expectationOf, leastFall } from '../../src/learning/expectation.js';
import { cholesky, solveLower } from '../../src/linear-algebra/cholesky.js';
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import { transpose } from '../../src/linear-algebra/product.js';
import { classPosterior } from '../../src/surrogate/class-posterior.js';
import { closeTo, entry, right } from '../linear-algebra/arbitrary.js';
import { logProbability, randomLabels } from '../reward/categorical-cases.js';
import { posteriorOf, scaledRows } from '../reward/changed-batches.js';
import { randomPool } from '../support/pools.js';
import { runs } from '../support/property.js';

/** mean_n φ_n · (I + Φ_Bᵀ Φ_B)⁻¹ φ_n. */
const meanVariance = (a: Matrix, batch: readonly number[]): number => {
  const information = matrixFrom(
    ...([a.columns, a.columns] as const),
    (i, j) => batch.reduce((sum, n) => sum + entry(a, n, i) * entry(a, n, j), 0) + (i === j ? 1 : 0),
  );
  const { data } = solveLower(right(cholesky(information)), transpose(a));
  return data.reduce((sum, x) => sum + x * x, 0) / a.rows;
};

test('of numbers: the root mean square error of labels before and after, 1e-12', () =>
  fc.assert(
    fc.property(fc.nat(99), fc.integer({ min: 1, max: 4 }), (seed, size) => {
      const whitened = randomPool(9, 3, seed);
      const batch = [7, 2, 5, 0].slice(0, size);
      const { error, after, share } = expectationOf({ ...posteriorOf(whitened), noiseVariance: 4 }, batch);
      closeTo(error, 2 * Math.sqrt(1 + meanVariance(whitened, [])), 1e-12);
      closeTo(after, 2 * Math.sqrt(1 + meanVariance(whitened, batch)), 1e-12);
      closeTo(share, (error - after) / (error - 2), 1e-12);
    }),
    runs(30),
  ));

test('of classes: the part of wrong predictions before and after, against all configurations', () => {
  const labels = randomLabels([6, 5, 3], 4, 3);
  const batch = [3, 1];
  const { error, after, share } = expectationOf(right(classPosterior(labels)), batch);
  const draws = [0, 1, 2, 3, 4, 5];
  const p = (n: number, c: number, s: number): number => Math.exp(logProbability(labels, s, n, c));
  /** 1 − mean_n max_c Σ_s w_s p_s, of weights. */
  const wrong = (weights: readonly number[]): number =>
    1 -
    [0, 1, 2, 3, 4].reduce(
      (sum, n) =>
        sum +
        Math.max(
          ...[0, 1, 2].map((c) => draws.reduce((total, s) => total + at(weights, s) * p(n, c, s), 0)),
        ) /
          5,
      0,
    );
  let expected = 0;
  for (const first of [0, 1, 2])
    for (const second of [0, 1, 2]) {
      const joint = draws.map((s) => (p(3, first, s) * p(1, second, s)) / 6);
      const mass = joint.reduce((a, b) => a + b);
      expected += mass * wrong(joint.map((x) => x / mass));
    }
  // 258 configurations: five standard errors, which 40 other seeds have at 0.004.
  closeTo(error, wrong(draws.map(() => 1 / 6)), 0.02);
  closeTo(after, expected, 0.02);
  assert.ok(after <= error);
  const least = draws.reduce((sum, s) => sum + wrong(draws.map((other) => (other === s ? 1 : 0))) / 6, 0);
  closeTo(share, (error - after) / (error - least), 1e-12);
});

test('a batch is worth its labels while each takes a thousandth of the error', () => {
  const at = (scale: number) =>
    expectationOf(posteriorOf(scaledRows(randomPool(30, 3, 2), () => scale)), [4, 9]);
  assert.ok(at(1).worthwhile);
  // What is left is far below the noise.
  assert.not.ok(at(0.1).worthwhile);
  // A share tells nothing of that.
  assert.ok(at(0.1).share > 2 * leastFall);
  const known = at(0);
  assert.equal([known.error, known.after, known.share, known.worthwhile], [1, 1, 1, false]);
});

test('of a large pool some of the points stand for all', () => {
  const whitened = randomPool(3000, 2, 1);
  const { error } = expectationOf(posteriorOf(whitened), [0, 2999]);
  // 1,026 of 3,000 points: the variances have a deviation of their mean's size, so this is five of a mean's.
  closeTo(error, Math.sqrt(1 + meanVariance(whitened, [])), 0.1);
});

test.run();
