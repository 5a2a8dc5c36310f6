/** Cholesky factors, substitution and log-determinants against their definitions. */
import * as fc from 'fast-check';
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  cholesky,
  inverseInSteps,
  logDeterminant,
  solveLower,
  solveLowerTransposed,
} from '../../src/linear-algebra/cholesky.js';
import { matrixFrom, matrixFromRows } from '../../src/linear-algebra/matrix.js';
import { columnGram, identity, product, rowGram, transpose } from '../../src/linear-algebra/product.js';
import { symmetricEigenvalues } from '../../src/linear-algebra/symmetric-eigen.js';
import { atOnce } from '../../src/work.js';
import {
  closeTo,
  distance,
  entry,
  matrices,
  normalMatrix,
  positiveDefinite,
  propertyOptions,
  right,
} from './arbitrary.js';

const sizes = fc.integer({ min: 0, max: 24 });

test('products agree with their sums, and Gram matrices with products', () => {
  const small = fc.integer({ min: 0, max: 9 });
  fc.assert(
    fc.property(matrices(small, small), small, fc.nat(), (a, m, seed) => {
      const b = normalMatrix(a.columns, m, seed);
      const expected = matrixFrom(a.rows, m, (i, j) =>
        Array.from({ length: a.columns }, (_, k) => entry(a, i, k) * entry(b, k, j)).reduce(
          (s, x) => s + x,
          0,
        ),
      );
      assert.ok(distance(product(a, b).data, expected.data) < 1e-11);
      assert.ok(distance(rowGram(a).data, product(a, transpose(a)).data) < 1e-10);
      assert.ok(distance(columnGram(a).data, product(transpose(a), a).data) < 1e-10);
    }),
    propertyOptions,
  );
});

test('L is lower triangular with a positive diagonal, and L Lᵀ = A', () => {
  fc.assert(
    fc.property(positiveDefinite(sizes), (a) => {
      const l = right(cholesky(a));
      for (let i = 0; i < a.rows; i++) {
        assert.ok(entry(l, i, i) > 0);
        for (let j = i + 1; j < a.rows; j++) assert.is(entry(l, i, j), 0);
      }
      assert.ok(distance(rowGram(l).data, a.data) < 1e-12 * (1 + Math.max(0, ...a.data)));
    }),
    propertyOptions,
  );
});

test('substitution solves L X = B and Lᵀ X = B', () => {
  fc.assert(
    fc.property(positiveDefinite(sizes), fc.integer({ min: 0, max: 4 }), fc.nat(), (a, m, seed) => {
      const l = right(cholesky(a));
      const b = normalMatrix(a.rows, m, seed);
      assert.ok(distance(product(l, solveLower(l, b)).data, b.data) < 1e-11);
      assert.ok(distance(product(transpose(l), solveLowerTransposed(l, b)).data, b.data) < 1e-11);
    }),
    propertyOptions,
  );
});

test('matrices of many rows, of all remainders by four: L Lᵀ = A, and A⁻¹ A is the identity', () => {
  for (const n of [1, 2, 3, 5, 63, 64, 65, 66, 67, 130]) {
    const a = columnGram(normalMatrix(2 * n, n, n));
    for (let i = 0; i < n; i++) a.data[i * n + i] = (a.data[i * n + i] ?? NaN) + n;
    const l = right(cholesky(a));
    assert.is(l.data.length, n * n);
    const inverse = atOnce(inverseInSteps(l));
    const [back, one] = [product(l, transpose(l)), product(inverse, a)];
    for (let k = 0; k < n * n; k++) {
      const [i, j] = [Math.floor(k / n), k % n];
      assert.ok(Math.abs((back.data[k] ?? NaN) - (a.data[k] ?? NaN)) <= 1e-12 * n, `L Lᵀ, n = ${n}`);
      assert.ok(Math.abs((one.data[k] ?? NaN) - (i === j ? 1 : 0)) <= 1e-12, `A⁻¹ A, n = ${n}`);
      assert.is(inverse.data[k], inverse.data[j * n + i]);
      if (j > i) assert.is(l.data[k], 0);
    }
  }
});

test('log det A is the sum of the logarithms of the eigenvalues', () => {
  fc.assert(
    fc.property(positiveDefinite(sizes), (a) => {
      const sum = right(symmetricEigenvalues(a)).reduce((s, x) => s + Math.log(x), 0);
      closeTo(right(logDeterminant(a)), sum, 1e-10);
    }),
    propertyOptions,
  );
});

test('a matrix that is not positive definite is refused, not factored', () => {
  const indefinite = matrixFromRows([
    [1, 2],
    [2, 1],
  ]);
  const outcome = cholesky(indefinite);
  assert.ok(E.isLeft(outcome) && outcome.left.problem.includes('pivot 2 is -3'));
  // Rank 3 in 4 dimensions: positive only by rounding.
  assert.ok(E.isLeft(cholesky(columnGram(normalMatrix(3, 4, 1)))));
  assert.ok(E.isLeft(cholesky(matrixFromRows([[NaN]]))));
  assert.ok(E.isLeft(cholesky(matrixFromRows([[Infinity]]))));
});

test('shapes that do not fit throw', () => {
  assert.throws(() => cholesky(normalMatrix(2, 3, 0)), /2×3/);
  assert.throws(() => product(identity(2), identity(3)), /inner sizes/);
  assert.throws(() => solveLower(identity(2), identity(3)), /2 rows/);
  assert.throws(() => matrixFromRows([[1, 2], [3]]), /row 1 has 1/);
});

test.run();
