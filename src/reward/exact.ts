/**
 * The joint mutual information of a batch and the gains that make it up, exactly and in 64 bits on the host:
 * the oracle for every engine, and what greedy selection runs on. With Φ the whitened features of a Posterior
 * (nats throughout):
 *
 *   JMI(B)    = ½ log det(I + Φ_B Φ_Bᵀ)
 *   gain(n|s) = ½ log(1 + v_n(s)),    v_n(s) = φ_nᵀ (I + Σ_{m∈s} φ_m φ_mᵀ)⁻¹ φ_n
 *
 * v_n(s) is the variance of f_n given the labels of s, in noise variances. When m joins s,
 *
 *   v_n(s + m) = v_n(s) − c_n²,   c_n = (φ_n·φ_m − Σ_k c_n^k c_m^k) / √(1 + v_m(s)),
 *
 * c^k the vectors c of the points that joined before: an incremental Cholesky factor, O(N(D + |s|)) a step.
 *
 * Source: Kirsch, van Amersfoort and Gal, BatchBALD (2019), for Gaussian outcomes.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { at } from '../at.js';
import { logDeterminant } from '../linear-algebra/cholesky.js';
import { type Matrix, matrixFrom } from '../linear-algebra/matrix.js';
import { dotRange, heldIn } from '../linear-algebra/vector.js';
import { requireIterable, requireMatrix, requirePoint } from '../misuse.js';
import { priorVariancesOf } from './gram.js';

/** A batch of pool indices (0-based) and its JMI in nats. */
export interface ScoredBatch {
  readonly indices: readonly number[];
  readonly jointMutualInformation: number;
  /** U(B) in the reward's unit, where the reward is not JMI. */
  readonly utility?: number;
}

/**
 * JMI(B) in nats from whitened features, N×D, and pool indices in any order; an index given twice counts as
 * two measurements. NaN where a feature is not finite. Throws a RangeError for an index outside the pool, a TypeError for what is
 * no matrix or no list.
 */
export const jointMutualInformation = (whitened: Matrix, batch: Iterable<number>): number => {
  const where = 'jointMutualInformation';
  requireMatrix(where, 'whitened', whitened);
  requireIterable(where, 'batch', batch);
  const held = heldIn(whitened);
  const rows = Array.from(batch, (n) => requirePoint(where, n, whitened.rows) * whitened.columns);
  return pipe(
    matrixFrom(
      rows.length,
      rows.length,
      // Its factor reads the lower triangle.
      (i, j) =>
        j > i ? 0 : (i === j ? 1 : 0) + dotRange(held, at(rows, i), held, at(rows, j), whitened.columns),
    ),
    logDeterminant,
    // The matrix is at least the identity, so only entries that are not finite fail.
    E.match(
      () => NaN,
      (logDet) => logDet / 2,
    ),
  );
};

/**
 * What is known of all points once the points of s are chosen. Immutable: choosing another point makes a new
 * one.
 */
export interface Conditioned {
  readonly whitened: Matrix;
  /** s, in the order chosen. */
  readonly chosen: readonly number[];
  /** v_n(s) of all N points, those of s included, in noise variances. */
  readonly variances: Float64Array;
  /** The vectors c, one of length N for every point of s. */
  readonly updates: readonly Float64Array[];
  /** JMI(s) in nats: the sum of the gains on the way. */
  readonly jointMutualInformation: number;
}

/** The start, s = ∅: v_n = |φ_n|². */
export const noneChosen = (whitened: Matrix): Conditioned => ({
  whitened,
  chosen: [],
  variances: priorVariancesOf(whitened),
  updates: [],
  jointMutualInformation: 0,
});

/** gain(n | s) of one point, nats. */
export const gainOf = (n: number, { variances }: Conditioned): number =>
  0.5 * Math.log1p(variances[n] ?? NaN);

/** gain(n | s) of all N points, nats; of a point of s, the gain of measuring it once more. */
export const gains = ({ variances }: Conditioned): Float64Array => variances.map((v) => 0.5 * Math.log1p(v));

/** s + m. Throws a RangeError for an index outside the pool. */
export const choose =
  (m: number) =>
  (before: Conditioned): Conditioned => {
    const { whitened, updates } = before;
    const { rows, columns, data } = whitened;
    const start = requirePoint('choose', m, whitened.rows) * columns;
    const root = Math.sqrt(1 + (before.variances[m] ?? NaN));
    const c = new Float64Array(rows);
    for (let n = 0; n < rows; n++) c[n] = dotRange(data, n * columns, data, start, columns);
    for (const earlier of updates) {
      const factor = earlier[m] ?? NaN;
      for (let n = 0; n < rows; n++) c[n] = (c[n] ?? NaN) - factor * (earlier[n] ?? NaN);
    }
    for (let n = 0; n < rows; n++) c[n] = (c[n] ?? NaN) / root;
    return {
      whitened,
      chosen: [...before.chosen, m],
      // Rounding must not leave a variance below zero.
      variances: before.variances.map((v, n) => Math.max(0, v - (c[n] ?? NaN) ** 2)),
      updates: [...updates, c],
      jointMutualInformation: before.jointMutualInformation + gainOf(m, before),
    };
  };
