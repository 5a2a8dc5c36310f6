/**
 * The reduction of integrated predictive variance: how much less is not known of the function at M targets (the pool itself,
 * or points of the user's) once the labels of a batch are. With v_t(B) the variance of f_t given the labels of B, in noise
 * variances,
 *
 *   U(B) = ½ log( V(∅) / V(B) )  nats,     V(B) = Σ_t v_t(B) = tr(G A_B⁻¹),   G = Σ_t φ_t φ_tᵀ,   A_B = I + Φ_Bᵀ Φ_B
 *
 * Largest where V(B) is least, so greedily and by its best batch this is the reduction of V itself (its integral is the
 * expected squared error of the predictive mean); as the log of a ratio it has no unit, adds up along a batch, and grows with
 * it as information does: at one target it is the information about that target. By the matrix inversion lemma, with
 * K_B = I + Φ_B Φ_Bᵀ = L Lᵀ, G = R Rᵀ and H = Φ R,
 *
 *   V(B) = tr G − |L⁻¹ H_B|²
 *
 * On the host a batch grows by rank-one updates: with w_n(s) = Rᵀ A_s⁻¹ φ_n the point n takes |w_n|² / (1 + v_n) off V, and
 * when m joins, w_n(s + m) = w_n(s) − w_m c_n / √(1 + v_m), c those of exact.ts: O(N(D + |s|)) a step.
 *
 * The guide of policies: rows of H, scaled so that ½ log(1 + |h_n|²) = U(n) for each point alone.
 *
 * Source: Cohn, Neural network exploration using optimal experiment design (1996); Seo et al., Gaussian process regression:
 * active data selection and test point rejection (2000). A- or V-optimality in experimental design.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { type Matrix, matrixFrom } from '../linear-algebra/matrix.js';
import { columnGram, product, rowOf } from '../linear-algebra/product.js';
import { dotRange } from '../linear-algebra/vector.js';
import { pivotedCholesky } from '../surrogate/pivoted-cholesky.js';
import { identity } from '../tensor/derived/matrix.js';
import type { Tensor } from '../tensor/expression.js';
import {
  add,
  cholesky,
  gather,
  log,
  matmul,
  maximum,
  mul,
  neg,
  sub,
  sum,
  transpose as transposed,
  triangularSolve,
} from '../tensor/operations.js';
import { choose, type Conditioned, noneChosen } from './exact.js';
import { growthBatch } from './mutable-batch.js';
import { tableOf, utilityOf } from './programmed.js';
import type { Growing, Reward } from './utility.js';

/** A root of a positive semidefinite G, R Rᵀ = G; NaN where it is not finite, so that strategies refuse the pool. */
const rootOf = (gram: Matrix, trace: number): Matrix =>
  pipe(
    pivotedCholesky(gram.rows, (i, j) => gram.data[i * gram.rows + j] ?? NaN, {
      noiseVariance: 1,
      tolerance: 1e-13 * trace,
    }),
    E.match(
      () => matrixFrom(gram.rows, 1, () => NaN),
      ({ whitened }) => whitened,
    ),
  );

/** |L⁻¹ H_B|² / tr G of batches u32 [K, b], from features [N, D] and H / √tr G [N, D]. */
const explained = (features: Tensor, weighted: Tensor, batches: Tensor): Tensor => {
  const points = gather(features, batches);
  const [, size = 1] = batches.shape;
  const gram = add(matmul(points, transposed(points)), identity(size, features.dtype));
  const solved = triangularSolve(cholesky(gram), gather(weighted, batches));
  return sum(mul(solved, solved), [1, 2]);
};

/** |a_n|² of a row. */
const squareOf = ({ columns, data }: Matrix, n: number): number =>
  dotRange(data, n * columns, data, n * columns, columns);

/** What of V(∅) is taken to be left at least: what rounding leaves in f32. */
const least = 1e-6;

/** A batch that grows, with w_n / √tr G of all points [N, r] and the part of V(∅) that is left. */
const growing = (state: Conditioned, weighted: Matrix, left: number): Growing => {
  const parts = (): Float64Array =>
    state.variances.map((v, n) => Math.max(least, left - squareOf(weighted, n) / (1 + v)));
  return {
    chosen: state.chosen,
    gains: () => parts().map((part) => 0.5 * Math.log(left / part)),
    with: (m) => {
      const next = choose(m)(state);
      const c = next.updates.at(-1) ?? new Float64Array(0);
      const { columns, data } = weighted;
      const own = rowOf(weighted, m);
      const root = Math.sqrt(1 + (state.variances[m] ?? 0));
      const after = data.slice();
      for (let n = 0; n < weighted.rows; n++)
        for (let j = 0; j < columns; j++)
          after[n * columns + j] = (after[n * columns + j] ?? 0) - ((c[n] ?? 0) / root) * (own[j] ?? 0);
      return growing(next, { ...weighted, data: after }, parts()[m] ?? NaN);
    },
  };
};

/**
 * The reward, over the pool, or over targets: whitened features M×D of the same posterior's factor as the pool's (the
 * posterior over pool and targets together, taken apart by rows). Throws a RangeError where their columns differ.
 */
export const predictiveVariance = (targets?: Matrix): Reward => ({
  name: 'predictiveVariance',
  unit: 'nats',
  on: ({ whitened }) => {
    const over = targets ?? whitened;
    if (over.columns !== whitened.columns)
      throw new RangeError(
        `predictiveVariance: targets of ${over.columns} features for a pool of ${whitened.columns}`,
      );
    const gram = columnGram(over);
    const trace = Array.from({ length: gram.rows }, (_, i) => gram.data[i * gram.rows + i] ?? NaN).reduce(
      (total, x) => total + x,
      0,
    );
    // Where nothing is unknown nothing can be learned.
    const unit = trace > 0 || Number.isNaN(trace) ? 1 / Math.sqrt(trace) : 0;
    const { rows, columns, data } = product(whitened, rootOf(gram, trace));
    const weighted = { rows, columns, data: data.map((x) => x * unit) };
    const scales = Float64Array.from({ length: rows }, (_, n) => {
      const own = squareOf(whitened, n);
      const part = squareOf(weighted, n) / (1 + own);
      return 1 / Math.sqrt((1 + own) * Math.max(least, 1 - part));
    });
    const guide = matrixFrom(
      rows,
      columns,
      (n, j) => (scales[n] ?? NaN) * (weighted.data[n * columns + j] ?? NaN),
    );
    const whole = utilityOf(guide, {
      tables: { features: tableOf(whitened), weighted: tableOf(weighted) },
      of: ({ features, weighted: table }, batches) =>
        neg(mul(0.5, log(maximum(sub(1, explained(features as Tensor, table as Tensor, batches)), least)))),
    });
    const empty = growing(noneChosen(whitened), weighted, 1);
    return {
      ...whole,
      empty,
      batchFrom: (members) => growthBatch(empty, whole.of, members),
      gainOperations: (size) => whitened.rows * whitened.columns * (4 + 4 * size),
    };
  },
});
