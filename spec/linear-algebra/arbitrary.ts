/**
 * Generators of matrices and the comparisons that the specs of dense linear algebra and of surrogates share.
 */
import * as fc from 'fast-check';
import * as E from '#fp-ts/Either';
import * as assert from 'uvu/assert';
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import { closestRotation } from '../../src/linear-algebra/procrustes.js';
import { columnGram } from '../../src/linear-algebra/product.js';
import { keyFromSeed, normals } from '../../src/random/key.js';

/** One seed for all properties: a failure seen once is seen again. */
export const propertyOptions = { seed: 20230615, numRuns: 100 } as const;

/** A matrix of standard normal numbers. */
export const normalMatrix = (rows: number, columns: number, seed: number): Matrix => ({
  rows,
  columns,
  data: normals(keyFromSeed(seed), rows * columns),
});

/** Dense matrices of normal numbers, some with repeated and with vanishing rows. */
export const matrices = (rows: fc.Arbitrary<number>, columns: fc.Arbitrary<number>): fc.Arbitrary<Matrix> =>
  fc
    .record({
      rows,
      columns,
      seed: fc.nat(),
      scale: fc.constantFrom(1e-3, 1, 30),
      oddity: fc.constantFrom('none', 'none', 'twins', 'zero' as const),
    })
    .map(({ rows: m, columns: n, seed, scale, oddity }) => {
      const a = normalMatrix(m, n, seed);
      return matrixFrom(m, n, (i, j) => {
        const row = oddity === 'twins' && i === m - 1 ? 0 : i;
        return oddity === 'zero' && i === 0 ? 0 : scale * (a.data[row * n + j] ?? 0);
      });
    });

/** Symmetric positive definite matrices AᵀA + I / 10. */
export const positiveDefinite = (size: fc.Arbitrary<number>): fc.Arbitrary<Matrix> =>
  fc
    .tuple(size, fc.integer({ min: 1, max: 30 }), fc.nat())
    .map(([n, rows, seed]) => columnGram(normalMatrix(rows, n, seed)))
    .map((gram) => matrixFrom(gram.rows, gram.rows, (i, j) => entry(gram, i, j) + (i === j ? 0.1 : 0)));

/** a[i, j]. */
export const entry = (a: Matrix, i: number, j: number): number => a.data[i * a.columns + j] ?? NaN;

/** max |a − b| of two lists of numbers of one length; Infinity where they differ in length or hold a NaN. */
export const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  a.length === b.length
    ? Array.from(a).reduce((most, x, i) => {
        const d = Math.abs(x - (b[i] ?? NaN));
        return Number.isNaN(d) ? Infinity : Math.max(most, d);
      }, 0)
    : Infinity;

/** Fails, with both values, unless |actual − expected| ≤ tolerance · max(1, |expected|). */
export const closeTo = (actual: number, expected: number, tolerance: number, what = 'value'): void =>
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${what}: ${actual} for ${expected} ± ${tolerance}`,
  );

/** The value on the right, or an error that shows the left. */
export const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`on the left: ${JSON.stringify(either.left)}`);
  return either.right;
};

/** An orthogonal matrix. */
export const rotationOf = (size: number, seed: number): Matrix =>
  right(closestRotation(normalMatrix(size, size, seed), normalMatrix(size, size, seed + 1)));
