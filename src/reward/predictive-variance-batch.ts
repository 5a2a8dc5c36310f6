/**
 * The reduction of integrated predictive variance of a batch that is changed a point at a time, on the host in f64
 * (predictive-variance.ts). With P, W and v of information-batch.ts, h_n = Rᵀ φ_n, w_n = Rᵀ A_B⁻¹ φ_n = h_n − Σ_i W_in h_i and
 * z_j = w_j = Σ_i P_ij h_i of a member j, in O(N r) without it:
 *
 *   w_n⁻ʲ = w_n + W_jn z_j / P_jj,     w_j⁻ʲ = z_j / P_jj,     V(B ∖ j) = V(B) + |z_j|² / P_jj
 *   U(B ∖ j + n) − U(B ∖ j) = −½ log( 1 − |w_n⁻ʲ|² / ((1 + v_n⁻ʲ) V(B ∖ j)) )      nats
 *
 * and when n takes the place j, w_m ← w_m⁻ʲ − W_jm w_n⁻ʲ with the new W_j. z_j comes from the rows of P, not from the w of the
 * member, whose rounding its division by P_jj would enlarge. What a point leaves of V is computed from the batch itself where
 * the subtraction would cancel. Rounding errors of changes add up, so w and V are computed anew every {@link refreshEvery}
 * changes, and after one in which V falls far.
 *
 * Memory: N × r numbers a batch.
 */
import { at } from '../at.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { addScaledInto, dotRange } from '../linear-algebra/vector.js';
import type { Gram } from './gram.js';
import { conditionalFactor, type ConditionalFactor } from './information-batch.js';
import type { MutableBatch } from './mutable-batch.js';

/** Changes between two computations from nothing. */
const refreshEvery = 128;

/** What V may fall by in a change without being computed anew with w, whose rounding is relative to what they were before. */
const swing = 1e3;

/** What a point must leave of V for a subtraction to tell how much: it then rounds by some 10⁻¹². */
const enough = 1e-4;

/** V(s + n) of V(s), |w_n|² and v_n; `exactly` where n leaves next to nothing. */
export const leftAfter = (left: number, square: number, variance: number, exactly: () => number): number => {
  const after = left - square / (1 + variance);
  return after < enough * left ? exactly() : after;
};

/** What all batches of a pool share. */
export interface WeightedPool {
  readonly gram: Gram;
  /** h_n / √tr G, N×r. */
  readonly weighted: Matrix;
  /** V(B) / V(∅) from nothing, to full precision. */
  readonly exactly: (batch: readonly number[]) => number;
}

/** V, and w of all points, of a batch that changes in step with its factor. Mutable. */
interface Residuals {
  /** V(B) / V(∅). */
  left: number;
  /** w [N×r]. */
  readonly w: Float64Array;
  /** z_j of the place last looked at. */
  readonly z: Float64Array;
}

/** From nothing. */
const refresh = (
  residuals: Residuals,
  { members, weights: weightsAt }: ConditionalFactor,
  { weighted: { rows: points, columns: rank, data: own }, exactly }: WeightedPool,
): void => {
  residuals.left = exactly(members);
  residuals.w.set(own);
  members.forEach((m, i) => {
    const weights = weightsAt(i);
    for (let n = 0; n < points; n++)
      addScaledInto(residuals.w, n * rank, -(weights[n] ?? NaN), own, m * rank, rank);
  });
};

/** z_j of a place, and |z_j|². */
const lookAt = (
  { z }: Residuals,
  factor: ConditionalFactor,
  { weighted: { columns: rank, data: own } }: WeightedPool,
  place: number,
): number => {
  z.fill(0);
  factor.members.forEach((m, i) => {
    addScaledInto(z, 0, factor.precision(place, i), own, m * rank, rank);
  });
  return dotRange(z, 0, z, 0, rank);
};

/** Without a member that is still there in the factor. */
const leaveOut = (
  residuals: Residuals,
  factor: ConditionalFactor,
  pool: WeightedPool,
  place: number,
): void => {
  const { rows: points, columns: rank } = pool.weighted;
  const { w, z } = residuals;
  const precision = factor.precision(place);
  residuals.left += lookAt(residuals, factor, pool, place) / precision;
  const weights = factor.weights(place);
  for (let n = 0; n < points; n++) addScaledInto(w, n * rank, (weights[n] ?? NaN) / precision, z, 0, rank);
  const start = at(factor.members, place) * rank;
  for (let k = 0; k < rank; k++) w[start + k] = (z[k] ?? NaN) / precision;
};

/** With the member that has just joined the factor. */
const join = (
  residuals: Residuals,
  factor: ConditionalFactor,
  { weighted: { rows: points, columns: rank }, exactly }: WeightedPool,
  place: number,
): void => {
  const { w, left } = residuals;
  const start = at(factor.members, place) * rank;
  const joined = w.slice(start, start + rank);
  const square = dotRange(joined, 0, joined, 0, rank);
  residuals.left = leftAfter(left, square, 1 / factor.precision(place) - 1, () => exactly(factor.members));
  const weights = factor.weights(place);
  for (let n = 0; n < points; n++) addScaledInto(w, n * rank, -(weights[n] ?? NaN), joined, 0, rank);
};

/** `MutableBatch.gains`. */
const gainsInto = (
  residuals: Residuals,
  factor: ConditionalFactor,
  pool: WeightedPool,
  place: number,
  out: Float64Array,
): void => {
  const { rows: points, columns: rank } = pool.weighted;
  const { w, z, left } = residuals;
  const others = factor.members.filter((_, i) => i !== place);
  const precision = place < 0 ? 1 : factor.precision(place);
  const before = place < 0 ? left : left + lookAt(residuals, factor, pool, place) / precision;
  const weights = place < 0 ? undefined : factor.weights(place);
  const { variances } = factor;
  out.fill(0);
  for (const n of others) out[n] = -Infinity;
  for (let n = 0; n < points; n++) {
    if (out[n] !== 0) continue;
    const share = weights === undefined ? 0 : (weights[n] ?? NaN);
    let square = 0;
    for (let k = 0; k < rank; k++)
      square += ((w[n * rank + k] ?? NaN) + (share / precision) * (z[k] ?? NaN)) ** 2;
    const variance = (variances[n] ?? NaN) + share ** 2 / precision;
    const after = leftAfter(before, square, variance, () => pool.exactly([...others, n]));
    out[n] = 0.5 * Math.log(before / after);
  }
  const member = factor.members[place];
  if (member !== undefined) out[member] = 0.5 * Math.log(before / left);
};

/** U of a batch that changes, nats. Members are different points of the pool. */
export const predictiveVarianceBatch = (pool: WeightedPool, initial: readonly number[]): MutableBatch => {
  const factor = conditionalFactor(pool.gram, initial);
  const { members } = factor;
  const { rows: points, columns: rank } = pool.weighted;
  const residuals: Residuals = {
    left: 1,
    w: new Float64Array(points * rank),
    z: new Float64Array(rank),
  };
  let changes = 0;
  const set = (next: readonly number[]): void => {
    changes = 0;
    factor.set(next);
    refresh(residuals, factor, pool);
  };
  /** `largest`: V at its largest during the change, that of the others alone. */
  const changed = (largest: number): void => {
    if (++changes >= refreshEvery || largest >= swing * residuals.left) set(members);
  };
  refresh(residuals, factor, pool);
  return {
    members,
    utility: () => -0.5 * Math.log(residuals.left),
    gains: (place, out) => gainsInto(residuals, factor, pool, place, out),
    replace: (place, n) => {
      leaveOut(residuals, factor, pool, place);
      const largest = residuals.left;
      factor.replace(place, n);
      join(residuals, factor, pool, place);
      changed(largest);
    },
    add: (n) => {
      const largest = residuals.left;
      factor.add(n);
      join(residuals, factor, pool, members.length - 1);
      changed(largest);
    },
    remove: (place) => {
      leaveOut(residuals, factor, pool, place);
      factor.remove(place);
      changed(residuals.left);
    },
    set,
    evaluations: () => 0,
  };
};
