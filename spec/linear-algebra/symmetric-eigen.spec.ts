/** The symmetric eigendecomposition against its definition and against spectra known in closed form. */
import * as fc from 'fast-check';
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { matrixFrom, matrixFromRows } from '../../src/linear-algebra/matrix.js';
import {
  columnVector,
  identity,
  product,
  rowGram,
  rowOf,
  transpose,
} from '../../src/linear-algebra/product.js';
import {
  spectralProjection,
  symmetricEigen,
  symmetricEigenvalues,
} from '../../src/linear-algebra/symmetric-eigen.js';
import { normals, keyFromSeed } from '../../src/random/key.js';
import { distance, entry, matrices, normalMatrix, propertyOptions, right } from './arbitrary.js';

const sizes = fc.integer({ min: 1, max: 30 });

/** Gram matrices of every rank, and symmetric matrices with eigenvalues of both signs. */
const symmetric = fc.oneof(
  matrices(sizes, sizes).map(rowGram),
  fc.tuple(sizes, fc.nat()).map(([n, seed]) => {
    const a = normalMatrix(n, n, seed);
    return matrixFrom(n, n, (i, j) => entry(a, i, j) + entry(a, j, i));
  }),
);

test('A = Vᵀ diag(λ) V for the orthonormal rows of V, λ descending', () => {
  fc.assert(
    fc.property(symmetric, (a) => {
      const { eigenvalues, vectors } = right(symmetricEigen(a));
      const norm = Math.max(...eigenvalues.map(Math.abs));
      const scaled = {
        ...vectors,
        data: vectors.data.map((x, k) => x * (eigenvalues[Math.floor(k / a.rows)] ?? NaN)),
      };
      assert.ok(distance(product(transpose(vectors), scaled).data, a.data) <= 1e-13 * norm);
      assert.ok(distance(rowGram(vectors).data, identity(a.rows).data) < 1e-13);
      assert.equal(
        eigenvalues,
        eigenvalues.slice().sort((x, y) => y - x),
      );
    }),
    propertyOptions,
  );
});

test('a projection is the product with the eigenvectors, and carries the length of the vector', () => {
  fc.assert(
    fc.property(symmetric, fc.nat(), (a, seed) => {
      const b = normals(keyFromSeed(seed), a.rows);
      const { eigenvalues, projected } = right(spectralProjection(a, columnVector(b)));
      const { vectors, eigenvalues: again } = right(symmetricEigen(a));
      assert.equal(eigenvalues, again);
      assert.equal(eigenvalues, right(symmetricEigenvalues(a)));
      assert.ok(distance(projected.data, product(vectors, columnVector(b)).data) < 1e-12);
    }),
    propertyOptions,
  );
});

test('the second difference has eigenvalues 2 − 2 cos(kπ / (n + 1))', () => {
  const n = 200;
  const a = matrixFrom(n, n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0));
  const expected = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((n - k) * Math.PI) / (n + 1)));
  assert.ok(distance(right(symmetricEigenvalues(a)), expected) < 1e-13);
});

test('small and degenerate matrices', () => {
  assert.equal(right(symmetricEigenvalues(identity(0))), new Float64Array(0));
  assert.equal(right(symmetricEigenvalues(matrixFromRows([[-3]]))), Float64Array.of(-3));
  assert.equal(right(symmetricEigenvalues(matrixFrom(4, 4, () => 0))), new Float64Array(4));
  const { eigenvalues, vectors } = right(symmetricEigen(matrixFrom(3, 3, () => 1)));
  assert.ok(distance(eigenvalues, [3, 0, 0]) < 1e-15);
  assert.ok(
    distance(
      rowOf(vectors, 0).map(Math.abs),
      [1, 1, 1].map((x) => x / Math.sqrt(3)),
    ) < 1e-15,
  );
  const tiny = rowGram(normalMatrix(5, 5, 3));
  const shrunk = { ...tiny, data: tiny.data.map((x) => x * 1e-200) };
  const ratio = right(symmetricEigenvalues(shrunk)).map((x) => x / 1e-200);
  assert.ok(distance(ratio, right(symmetricEigenvalues(tiny))) < 1e-12);
});

test('entries that are not finite are refused', () => {
  for (const x of [NaN, Infinity]) {
    const outcome = symmetricEigen(matrixFrom(3, 3, (i, j) => (i === 1 && j === 1 ? x : 1)));
    assert.ok(E.isLeft(outcome) && outcome.left.problem.includes('not finite'));
  }
});

test.run();
