/**
 * The posterior after a hypothetical batch B, before any of its labels are known. With fixed hyperparameters the
 * covariance of a Gaussian posterior depends on where labels are taken, not on what they say:
 *
 *   Cov(f | B) / σ² = Φ (I + Φ_Bᵀ Φ_B)⁻¹ Φᵀ,   so   Φ(B) = Φ (I + Φ_Bᵀ Φ_B)^(−½)
 *
 * The symmetric root keeps each feature's meaning as near as may be, so that a policy that has learned on Φ can go on.
 *
 * Source: Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), equation 2.11.
 */
import { requireArray, requireMatrix } from '../../misuse.js';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type { NumericalFailure } from '../../failure.js';
import { type Matrix, matrixFrom, rowsAt } from '../../linear-algebra/matrix.js';
import { columnGram, product, transpose } from '../../linear-algebra/product.js';
import { symmetricEigen } from '../../linear-algebra/symmetric-eigen.js';

/** The points of a pool of N outside a batch, ascending. Throws a RangeError of the caller's for an index outside the pool. */
export const pointsOutside = (
  batch: readonly number[],
  points: number,
  caller: string,
): readonly number[] => {
  const outside = batch.find((n) => !(Number.isInteger(n) && n >= 0 && n < points));
  if (outside !== undefined)
    throw new RangeError(`${caller}: point ${outside} is not in a pool of ${points}`);
  const taken = new Set(batch);
  return Array.from({ length: points }, (_, n) => n).filter((n) => !taken.has(n));
};

/**
 * Φ(B) of the points outside B, (N − |B|)×D, in the order of the pool; `indices` says which points they are. A
 * NumericalFailure where a feature is not finite. Throws a RangeError for an index outside the pool.
 */
export const afterBatch = (
  whitened: Matrix,
  batch: readonly number[],
): E.Either<NumericalFailure, { readonly whitened: Matrix; readonly indices: readonly number[] }> => {
  requireMatrix('afterBatch', 'whitened', whitened);
  requireArray('afterBatch', 'batch', batch);
  const indices = pointsOutside(batch, whitened.rows, 'afterBatch');
  return pipe(
    symmetricEigen(columnGram(rowsAt(whitened, batch))),
    E.map(({ eigenvalues, vectors }) => {
      const scaled = matrixFrom(
        vectors.rows,
        vectors.columns,
        (i, j) =>
          (vectors.data[i * vectors.columns + j] ?? NaN) / Math.sqrt(1 + Math.max(0, eigenvalues[i] ?? NaN)),
      );
      const root = product(transpose(vectors), scaled);
      return { whitened: product(rowsAt(whitened, indices), root), indices };
    }),
  );
};
