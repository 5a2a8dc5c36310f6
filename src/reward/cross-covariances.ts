/**
 * The covariances of all points of a pool with r linear functionals of the function, given the labels of a batch that is changed a
 * point at a time, on the host in f64. With h_n [r] those before any label, and P, W and v of information-batch.ts,
 *
 *   w_n = h_n − Σ_i W_in h_i,      z_j = Σ_i P_ij h_i = w_j of a member j
 *
 * and in O(N r) without a member j, and when n takes its position, with the new W_j:
 *
 *   w_n⁻ʲ = w_n + W_jn z_j / P_jj,     w_j⁻ʲ = z_j / P_jj,     w_m ← w_m⁻ʲ − W_jm w_n⁻ʲ
 *
 * The variance of functional k is larger by z_jk² / P_jj without j, and smaller by w_nk² / (1 + v_n) with n. z_j comes from the rows
 * of P, not from the w of the member, whose rounding its division by P_jj would enlarge.
 *
 * Memory: N × r numbers a batch.
 */
import { at } from '../at.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { addScaledInto } from '../linear-algebra/vector.js';
import type { ConditionalFactor } from './information-batch.js';

/** Of a batch that changes in step with its factor. Mutable. */
export interface CrossCovariances {
  /** h, N×r. */
  readonly prior: Matrix;
  /** w [N×r]. */
  readonly w: Float64Array;
  /** z_j [r] of the position last looked at. */
  readonly z: Float64Array;
}

/** Before any label; {@link refresh} makes them those of a batch. */
export const crossCovariances = (prior: Matrix): CrossCovariances => ({
  prior,
  w: new Float64Array(prior.rows * prior.columns),
  z: new Float64Array(prior.columns),
});

/** w from nothing. */
export const refresh = (
  { w, prior: { rows: points, columns: rank, data } }: CrossCovariances,
  { members, weights: weightsAt }: ConditionalFactor,
): void => {
  w.set(data);
  members.forEach((m, i) => {
    const weights = weightsAt(i);
    for (let n = 0; n < points; n++) addScaledInto(w, n * rank, -(weights[n] ?? NaN), data, m * rank, rank);
  });
};

/** z_j of a position. */
export const lookAt = (
  { z, prior: { columns: rank, data } }: CrossCovariances,
  factor: ConditionalFactor,
  position: number,
): Float64Array => {
  z.fill(0);
  factor.members.forEach((m, i) => {
    addScaledInto(z, 0, factor.precision(position, i), data, m * rank, rank);
  });
  return z;
};

/** w without a member that is still there in the factor, at the position last looked at. */
export const leaveOut = (
  { w, z, prior: { rows: points, columns: rank } }: CrossCovariances,
  factor: ConditionalFactor,
  position: number,
): void => {
  const precision = factor.precision(position);
  const weights = factor.weights(position);
  for (let n = 0; n < points; n++) addScaledInto(w, n * rank, (weights[n] ?? NaN) / precision, z, 0, rank);
  const start = at(factor.members, position) * rank;
  for (let k = 0; k < rank; k++) w[start + k] = (z[k] ?? NaN) / precision;
};

/** w with the member that has just joined the factor at a position. Returns what its own w was before, [r]. */
export const join = (
  { w, prior: { rows: points, columns: rank } }: CrossCovariances,
  factor: ConditionalFactor,
  position: number,
): Float64Array => {
  const start = at(factor.members, position) * rank;
  const joined = w.slice(start, start + rank);
  const weights = factor.weights(position);
  for (let n = 0; n < points; n++) addScaledInto(w, n * rank, -(weights[n] ?? NaN), joined, 0, rank);
  return joined;
};
