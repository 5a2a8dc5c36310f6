/**
 * The reduction of integrated predictive variance: how much less is not known of the function at M targets (the pool itself,
 * or points of the user's) once the labels of a batch are. With v_t(B) the variance of f_t given the labels of B, in noise
 * variances,
 *
 *   U(B) = ½ log( V(∅) / V(B) )  nats,     V(B) = Σ_t v_t(B) = tr(G A_B⁻¹),   G = Σ_t φ_t φ_tᵀ,   A_B = I + Φ_Bᵀ Φ_B
 *
 * Largest where V(B) is least, so greedily and by its best batch this is the reduction of V itself (its integral is the
 * expected squared error of the predictive mean); as the log of a ratio it has no unit, adds up along a batch, and grows with
 * it as information does: at one target it is the information about that target. variance-left.ts computes it, in f64 here
 * and in f32 in programs; predictive-variance-batch.ts changes batches in place.
 *
 * On the host a batch grows by rank-one updates: with G = R Rᵀ and w_n(s) = Rᵀ A_s⁻¹ φ_n the point n takes |w_n|² / (1 + v_n)
 * off V, and when m joins, w_n(s + m) = w_n(s) − w_m c_n / √(1 + v_m), c those of exact.ts: O(N(D + |s|)) a step. Of a point
 * that takes nearly all, what it leaves is not found by that subtraction but from the batch. So greedy selection by it is
 * BAIT's forward selection, argmin_n tr(G A_{s+n}⁻¹).
 *
 * The proxy of policies: rows of H = Φ R, scaled so that ½ log(1 + |h_n|²) = U(n) for each point alone.
 *
 * Source: Cohn, Neural network exploration using optimal experiment design (1996); Seo et al., Gaussian process regression:
 * active data selection and test point rejection (2000); Ash et al., Gone fishing: neural active learning with Fisher
 * embeddings (2021), which is BAIT. A- or V-optimality in experimental design.
 */
import { at } from '../at.js';
import { type Matrix, rowsAt, squareOfRow } from '../linear-algebra/matrix.js';
import { product, rowOf, transpose } from '../linear-algebra/product.js';
import { choose, type Conditioned, noneChosen } from './exact.js';
import { type Gram, gramOf } from './gram.js';
import { leftAfter, predictiveVarianceBatch } from './predictive-variance-batch.js';
import { inPool, onHost } from './programmed.js';
import { proxyRows } from './proxy-rows.js';
import type { PartialBatch, ProgrammedUtility, Reward, Utility } from './utility.js';
import { integratedVariance, varianceReduction } from './variance-left.js';

/** A batch that grows, with w_n / √tr G of all points [N, r] and the part V(s) / V(∅) that is left. */
const partial = (
  state: Conditioned,
  weighted: Matrix,
  left: number,
  exactly: (batch: readonly number[]) => number,
): PartialBatch => {
  const after = (n: number): number =>
    leftAfter(left, squareOfRow(weighted, n), state.variances[n] ?? NaN, () => exactly([...state.chosen, n]));
  return {
    chosen: state.chosen,
    gains: () => Float64Array.from(state.variances, (_, n) => 0.5 * Math.log(left / after(n))),
    with: (m) => {
      const next = choose(m)(state);
      const c = next.updates.at(-1) ?? new Float64Array(0);
      const { columns, data } = weighted;
      const own = rowOf(weighted, m);
      const root = Math.sqrt(1 + at(state.variances, m));
      const changed = data.slice();
      for (let n = 0; n < weighted.rows; n++)
        for (let j = 0; j < columns; j++)
          changed[n * columns + j] =
            (changed[n * columns + j] ?? NaN) - ((c[n] ?? NaN) / root) * (own[j] ?? NaN);
      return partial(next, { ...weighted, data: changed }, after(m), exactly);
    },
  };
};

/** H, each row scaled so that the information of one label about it is what its point is worth alone. */
const proxyFeaturesOf = (whitened: Matrix, weighted: Matrix, alone: (n: number) => number): Matrix => {
  const scales = Float64Array.from({ length: weighted.rows }, (_, n) => {
    const own = squareOfRow(whitened, n);
    return 1 / Math.sqrt((1 + own) * leftAfter(1, squareOfRow(weighted, n), own, () => alone(n)));
  });
  return proxyRows(weighted, scales);
};

const batchesOf = (
  whitened: Matrix,
  weighted: Matrix,
  exactly: (batch: readonly number[]) => number,
): Utility['batchFrom'] => {
  let gram: Gram | undefined;
  return (members) =>
    predictiveVarianceBatch({ gram: (gram ??= gramOf(whitened)), weighted, exactly }, members);
};

const utilityAt = (whitened: Matrix, targets: Matrix): Utility => {
  const points = whitened.rows;
  const variance = integratedVariance(whitened, targets);
  const sized = new Map<number, ProgrammedUtility>();
  const programmed = (size: number): ProgrammedUtility => {
    const known = sized.get(size) ?? varianceReduction(variance, size);
    sized.set(size, known);
    return known;
  };
  const all = onHost(programmed);
  const worth = (batch: readonly number[]): number => all(Uint32Array.from(batch), batch.length)[0] ?? NaN;
  const exactly = (batch: readonly number[]): number => Math.exp(-2 * worth(batch));
  const weighted = product(whitened, transpose(variance.root));
  return {
    points,
    value: (batch) => {
      inPool(points, batch);
      return worth(batch);
    },
    empty: partial(noneChosen(whitened), weighted, 1, exactly),
    batchFrom: batchesOf(whitened, weighted, exactly),
    batchesWithin: (indices) =>
      batchesOf(rowsAt(whitened, indices), rowsAt(weighted, indices), (batch) =>
        exactly(batch.map((i) => indices[i] ?? NaN)),
      ),
    gainOperations: (size) => 100 + 6 * size + 4 * weighted.columns,
    proxyFeatures: proxyFeaturesOf(whitened, weighted, (n) => exactly([n])),
    programmed,
  };
};

/**
 * The reward, over the pool, or over targets: whitened features M×D of the same posterior's factor as the pool's (the
 * posterior over pool and targets together, taken apart by rows). Throws a RangeError where their columns differ.
 */
export const predictiveVariance = (targets?: Matrix): Reward => ({
  name: 'predictiveVariance',
  unit: 'nats',
  utilityFor: ({ whitened }) => {
    const over = targets ?? whitened;
    if (over.columns !== whitened.columns)
      throw new RangeError(
        `predictiveVariance: targets of ${over.columns} features for a pool of ${whitened.columns}`,
      );
    return utilityAt(whitened, over);
  },
});
