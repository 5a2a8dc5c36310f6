/**
 * Which rotation brings the rows of one matrix closest to those of another? Of A and B, both N×D, the orthogonal Q
 * that minimises ‖A Q − B‖ in the Frobenius norm is U Vᵀ, where Aᵀ B = U diag(σ) Vᵀ.
 *
 * Source: Schönemann, A generalized solution of the orthogonal Procrustes problem (1966).
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type { NumericalFailure } from '../failure.js';
import { type Matrix, matrixFromRows } from './matrix.js';
import { applyTo, product, rowOf, transpose } from './product.js';
import { symmetricEigen } from './symmetric-eigen.js';
import { addScaledInto, dot } from './vector.js';

/** What is left of x once its parts along orthonormal vectors are taken away, twice, so that rounding is too. */
const orthogonalTo = (basis: readonly Float64Array[], x: Float64Array): Float64Array => {
  const left = x.slice();
  for (let pass = 0; pass < 2; pass++)
    for (const u of basis) addScaledInto(left, 0, -dot(u, left), u, 0, left.length);
  return left;
};

const length = (x: Float64Array): number => Math.sqrt(dot(x, x));

/** Orthonormal vectors in the directions given, in turn; a direction that says nothing new is replaced by an axis that does. */
const orthonormal = (directions: readonly Float64Array[], tiny: number): readonly Float64Array[] => {
  const size = directions.length;
  const basis: Float64Array[] = [];
  let axis = 0;
  for (const direction of directions) {
    let left = orthogonalTo(basis, direction);
    if (!(length(left) > Math.max(tiny, 1e-6 * length(direction)))) {
      // Of the axes, at least one has a part of 1/√D or more outside of what there is.
      do left = orthogonalTo(basis, new Float64Array(size).fill(1, axis, axis + 1));
      while (length(left) < 0.5 / Math.sqrt(size) && ++axis < size);
      axis++;
    }
    const norm = length(left);
    basis.push(left.map((x) => x / norm));
  }
  return basis;
};

/**
 * The orthogonal D×D matrix Q that minimises ‖A Q − B‖, of N×D matrices A and B; one of them where several do. A
 * NumericalFailure where an entry is not finite. Throws a RangeError where the sizes differ.
 */
export const closestRotation = (a: Matrix, b: Matrix): E.Either<NumericalFailure, Matrix> => {
  if (a.rows !== b.rows || a.columns !== b.columns)
    throw new RangeError(`closestRotation: ${a.rows}×${a.columns} and ${b.rows}×${b.columns}`);
  const cross = product(transpose(a), b);
  return pipe(
    symmetricEigen(product(transpose(cross), cross)),
    E.map(({ eigenvalues, vectors }) => {
      const along = Array.from({ length: vectors.rows }, (_, i) => applyTo(cross, rowOf(vectors, i)));
      // Singular values are known to the root of the rounding of their squares.
      const left = orthonormal(along, 1e-7 * Math.sqrt(Math.max(0, eigenvalues[0] ?? 0)));
      return product(transpose(matrixFromRows(left)), vectors);
    }),
  );
};
