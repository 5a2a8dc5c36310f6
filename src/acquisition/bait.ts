/**
 * BAIT's forward–backward greedy selection by the integrated predictive variance that a batch leaves: of 2b points, each the one that
 * leaves least, b are taken back, each the one whose loss is least. So an early point that later ones have made idle goes again. With
 * V(B) = tr(G A_B⁻¹), G = R Rᵀ and w of predictive-variance.ts, P = (I + Φ_B Φ_Bᵀ)⁻¹ and z_j = Σ_i P_ij Rᵀ φ_i,
 *
 *   V(B) − V(B + n) = |w_n|² / (1 + v_n),      V(B ∖ j) − V(B) = |z_j|² / P_jj
 *
 * On a Gaussian surrogate that is the paper's objective, tr((Σ_{n∈B} I_n)⁻¹ I), with Fisher matrices of a regression. Of class labels
 * it is that of their Gaussian approximation. Nothing in it is random, so all draws are one batch.
 *
 * Source: Ash, Goel, Krishnamurthy and Kakade, Gone fishing: neural active learning with Fisher embeddings (2021, arXiv 2106.09675),
 * algorithm 1.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { at } from '../at.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { pivotedTriangle } from '../linear-algebra/pivoted-qr.js';
import { product, transpose } from '../linear-algebra/product.js';
import { addScaledInto, dotRange } from '../linear-algebra/vector.js';
import { choose, noneChosen } from '../reward/exact.js';
import { gramOf, inverseOf, priorVariancesOf } from '../reward/gram.js';
import { bestFree } from './greedy.js';
import { always, finite, hostStrategy } from './host.js';

/** `size` points, each of the others the one with which V is least, of equal ones the first; Rᵀ φ_n in `prior`, N×r. */
const forward = (whitened: Matrix, { rows, columns, data }: Matrix, size: number): readonly number[] => {
  const w = data.slice();
  const taken = new Set<number>();
  for (let state = noneChosen(whitened); ;) {
    const { variances } = state;
    const best = bestFree(
      variances.map((v, n) => dotRange(w, n * columns, w, n * columns, columns) / (1 + v)),
      taken,
    );
    taken.add(best);
    if (taken.size === size) return [...taken];
    const root = Math.sqrt(1 + at(variances, best));
    state = choose(best)(state);
    const c = state.updates.at(-1) ?? new Float64Array(rows);
    const own = w.slice(best * columns, (best + 1) * columns);
    for (let n = 0; n < rows; n++) addScaledInto(w, n * columns, -at(c, n) / root, own, 0, columns);
  }
};

/** `size` of the points: those left when each time the one is taken back without which V is least. */
const backward = (
  whitened: Matrix,
  { columns, data }: Matrix,
  points: readonly number[],
  size: number,
): readonly number[] => {
  const { length } = points;
  const { inverse: p } = inverseOf(gramOf(whitened), points);
  const kept = new Set(points.keys());
  const lossOf = (j: number): number => {
    const z = new Float64Array(columns);
    for (const i of kept) addScaledInto(z, 0, at(p, i * length + j), data, at(points, i) * columns, columns);
    return dotRange(z, 0, z, 0, columns) / at(p, j * length + j);
  };
  while (kept.size > size) {
    const losses = Array.from(kept, (j) => [lossOf(j), j] as const);
    const [, idle] = losses.reduce((a, b) => (b[0] < a[0] ? b : a));
    kept.delete(idle);
    // The block inverse without it.
    for (const i of kept)
      addScaledInto(
        ...([p, i * length, -at(p, i * length + idle) / at(p, idle * length + idle)] as const),
        ...([p, idle * length, length] as const),
      );
  }
  return Array.from(kept, (i) => at(points, i));
};

const chosen = (whitened: Matrix, batchSize: number): readonly number[] => {
  // Directions in which the pool varies by less than rounding have no say.
  const total = dotRange(whitened.data, 0, whitened.data, 0, whitened.data.length);
  const prior = product(whitened, transpose(pivotedTriangle(whitened, (1e-13 * total) / (1 + total))));
  const most = Math.min(2 * batchSize, whitened.rows);
  return backward(whitened, prior, forward(whitened, prior, most), batchSize);
};

/** The strategy. It fails with a NumericalFailure where a feature is not finite. */
export const bait = hostStrategy({
  takes: [],
  prepare: ({ scoredPool: { scored }, posterior: { whitened } }, { batchSize }) =>
    pipe(
      finite('BAIT', priorVariancesOf(whitened)),
      E.map(() => always(scored(chosen(whitened, batchSize)))),
    ),
});
