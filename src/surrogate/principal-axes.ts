/**
 * Whitened features on their principal axes, without those that no point needs.
 *
 * The JMI of a batch knows Φ only by ΦΦᵀ, so Φ may be rotated: Φ V with V the eigenvectors of ΦᵀΦ, in
 * descending order. Columns k … D−1 are then dropped as long as no point loses more than `tolerance` of its
 * variance (in units of the noise). With ψ_n what point n loses, ΦΦᵀ − Φ'Φ'ᵀ = ΨΨᵀ is positive semidefinite
 * and
 *
 *   0 ≤ JMI(B) − JMI'(B) ≤ ½ Σ_{n∈B} |ψ_n|² ≤ ½ |B| · tolerance  nats
 *
 * as log det(A + ΨΨᵀ) − log det A ≤ tr(A⁻¹ΨΨᵀ) ≤ tr(ΨΨᵀ) for A ≥ I. Every gain on every engine is cheaper by
 * the columns dropped.
 */
import * as E from '#fp-ts/Either';
import type { NumericalFailure } from '../failure.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { columnGramInSteps, productInSteps, rowGramInSteps, transpose } from '../linear-algebra/product.js';
import { symmetricEigenInSteps } from '../linear-algebra/symmetric-eigen.js';
import { turnCounter, type Work } from '../work.js';

/** What a point may lose of its variance, in units of the noise variance: 5·10⁻⁶ nats for a batch of ten. */
export const defaultTolerance = 1e-6;

/** The leading `columns` columns. */
const leading = (a: Matrix, columns: number): Matrix => {
  const data = new Float64Array(a.rows * columns);
  for (let i = 0; i < a.rows; i++)
    data.set(a.data.subarray(i * a.columns, i * a.columns + columns), i * columns);
  return { rows: a.rows, columns, data };
};

/** The fewest leading columns such that no row loses more than the tolerance; at least one. */
function* columnsNeeded(a: Matrix, tolerance: number): Work<number> {
  const turnOver = turnCounter();
  const lost = new Float64Array(a.rows);
  for (let k = a.columns - 1; k > 0; k--) {
    for (let i = 0; i < a.rows; i++) {
      lost[i] = (lost[i] ?? NaN) + (a.data[i * a.columns + k] ?? NaN) ** 2;
      if ((lost[i] ?? NaN) > tolerance) return k + 1;
    }
    if (turnOver(4 * a.rows)) yield;
  }
  return Math.min(1, a.columns);
}

/** Φ V, or U diag(√λ), of all axes. */
function* rotated(whitened: Matrix): Work<E.Either<NumericalFailure, Matrix>> {
  const tall = whitened.rows >= whitened.columns;
  const gram = yield* tall ? columnGramInSteps(whitened) : rowGramInSteps(whitened);
  const found = yield* symmetricEigenInSteps(gram);
  if (E.isLeft(found)) return found;
  const { eigenvalues, vectors } = found.right;
  if (tall) return E.right(yield* productInSteps(whitened, transpose(vectors)));
  // ΦΦᵀ = U diag(λ) Uᵀ: the rotated features are U diag(√λ).
  return E.right(
    transpose({
      ...vectors,
      data: vectors.data.map(
        (x, k) => x * Math.sqrt(Math.max(0, eigenvalues[Math.floor(k / vectors.columns)] ?? 0)),
      ),
    }),
  );
}

/**
 * Φ (N×D) on its principal axes, N×D' with D' ≤ min(N, D), in steps. The axes come from the smaller of ΦᵀΦ and ΦΦᵀ. A
 * NumericalFailure where an entry is not finite.
 */
export const onPrincipalAxes = (tolerance: number = defaultTolerance) =>
  function* (whitened: Matrix): Work<E.Either<NumericalFailure, Matrix>> {
    const all = yield* rotated(whitened);
    return E.isLeft(all) ? all : E.right(leading(all.right, yield* columnsNeeded(all.right, tolerance)));
  };
