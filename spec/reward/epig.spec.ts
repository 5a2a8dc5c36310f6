/**
 * The expected predictive information gain of batches of one to four points against its definition by joint covariances, of pools,
 * of targets and of a large pool's part; what it does not count; and what it is next to information.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { at } from '../../src/at.js';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { logDeterminant } from '../../src/linear-algebra/cholesky.js';
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import { rowOf } from '../../src/linear-algebra/product.js';
import { dot } from '../../src/linear-algebra/vector.js';
import { epig } from '../../src/reward/epig.js';
import { gainAt, meanInformation } from '../../src/reward/epig-batch.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import { closeTo, entry, right } from '../linear-algebra/arbitrary.js';
import { randomPool } from '../support/pools.js';
import { runs } from '../support/property.js';
import { posteriorOf, scaledRows } from './changed-batches.js';

/** ½ log det of the covariance of noisy labels at rows, in noise variances. */
const entropy = (rows: readonly Float64Array[]): number =>
  0.5 *
  right(
    logDeterminant(
      matrixFrom(rows.length, rows.length, (i, j) => dot(at(rows, i), at(rows, j)) + (i === j ? 1 : 0)),
    ),
  );

/** (1/M) Σ_t H(y_B) + H(y_t) − H(y_B, y_t). */
const defined = (whitened: Matrix, targets: Matrix, batch: readonly number[]): number => {
  const points = batch.map((n) => rowOf(whitened, n));
  let sum = 0;
  for (let t = 0; t < targets.rows; t++) {
    const target = rowOf(targets, t);
    sum += entropy(points) + entropy([target]) - entropy([...points, target]);
  }
  return sum / targets.rows;
};

test('batches of one to four points are worth what the definition says, 1e-10', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(99),
      (size, columns, seed) => {
        const whitened = randomPool(9, columns, seed, 2);
        const targets = randomPool(5, columns, seed + 100, 3);
        const batch = [3, 0, 8, 5].slice(0, size);
        closeTo(
          epig(targets).utilityFor(posteriorOf(whitened)).value(batch),
          defined(whitened, targets, batch),
          1e-10,
        );
        // The pool itself: each of its points is one more label there.
        closeTo(
          epig().utilityFor(posteriorOf(whitened)).value(batch),
          defined(whitened, whitened, batch),
          1e-10,
        );
      },
    ),
    runs(60),
  ));

test('greedy selection by it takes the point that adds most, whatever the batch', () => {
  const whitened = randomPool(30, 4, 11, 2);
  const chosen: number[] = [];
  for (let i = 0; i < 4; i++) {
    const worth = Array.from({ length: 30 }, (_, n) =>
      chosen.includes(n) ? -Infinity : defined(whitened, whitened, [...chosen, n]),
    );
    chosen.push(worth.indexOf(Math.max(...worth)));
  }
  assert.equal(greedyBatch(posteriorOf(whitened), 4, [], epig()).indices, chosen);
});

test('of a large pool some of the points are targets, the same ones every time', () => {
  const whitened = randomPool(2000, 3, 4);
  const utility = epig().utilityFor(posteriorOf(whitened));
  const batch = [5, 700, 1999];
  assert.is(utility.value(batch), epig().utilityFor(posteriorOf(whitened)).value(batch));
  const whole = defined(whitened, whitened, batch);
  // 256 of 2,000 targets, whose terms have a deviation of less than the mean here: six standard errors.
  assert.ok(Math.abs(utility.value(batch) - whole) < (6 / 16) * whole, `${utility.value(batch)} of ${whole}`);
  assert.is(utility.programmed?.(3).tables['targets']?.shape[0], 256);
});

test('what no target hangs on is worth nothing, and information counts it', () => {
  // Points 0 and 1 lie along a direction that no target has.
  const whitened = matrixFrom(6, 2, (n, j) => (n < 2 ? (j === 0 ? 5 : 0) : j === 1 ? 0.5 : 0));
  const targets = matrixFrom(3, 2, (_, j) => (j === 1 ? 2 : 0));
  const { value, empty } = epig(targets).utilityFor(posteriorOf(whitened));
  closeTo(value([0, 1]), 0, 1e-12);
  closeTo(empty.gains()[1] ?? NaN, 0, 1e-12);
  assert.ok(jointMutualInformation(whitened, [0]) > jointMutualInformation(whitened, [4]));
  assert.is(greedyBatch(posteriorOf(whitened), 1, [], epig(targets)).indices[0], 2);
});

test('a product that comes near to nothing is taken up as its logarithm', () => {
  const inverses = new Float64Array(400).fill(1e-12);
  // Each factor is 1 − (1 − 1e-9): 400 of them are 10⁻³⁶⁰⁰.
  const own = new Float64Array(400).fill(1e6 * Math.sqrt(1 - 1e-9));
  closeTo(gainAt(own, inverses, 1), -0.5 * Math.log(1e-9), 1e-6);
  closeTo(meanInformation(Float64Array.of(3, 0), Float64Array.of(0, 0)), Math.log(4) / 4, 1e-15);
});

test('a pool of which nothing is unknown is worth nothing, and its proxy has a column', () => {
  const { value, empty, proxyFeatures } = epig().utilityFor(
    posteriorOf(scaledRows(randomPool(6, 3, 1), () => 0)),
  );
  assert.is(value([0, 3]), 0);
  assert.ok(empty.gains().every((gain) => gain === 0));
  assert.is(proxyFeatures.columns, 1);
  assert.ok(proxyFeatures.data.every((x) => x === 0));
  assert.is(entry(proxyFeatures, 0, 0), 0);
});

test('targets of other features, and none, are thrown', () => {
  const whitened = randomPool(5, 3, 1);
  assert.throws(
    () => epig(randomPool(2, 4, 1)).utilityFor(posteriorOf(whitened)),
    /2 targets of 4 features for a pool of 3/,
  );
  assert.throws(() => epig(matrixFrom(0, 3, () => 0)).utilityFor(posteriorOf(whitened)), /0 targets/);
});

test.run();
