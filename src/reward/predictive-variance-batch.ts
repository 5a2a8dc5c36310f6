/**
 * The reduction of integrated predictive variance of a batch that is changed a point at a time, on the host in f64
 * (predictive-variance.ts). With h_n = Rᵀ φ_n, w and z_j of cross-covariances.ts, and P and v of information-batch.ts,
 *
 *   V(B ∖ j) = V(B) + |z_j|² / P_jj
 *   U(B ∖ j + n) − U(B ∖ j) = −½ log( 1 − |w_n⁻ʲ|² / ((1 + v_n⁻ʲ) V(B ∖ j)) )      nats
 *
 * What a point leaves of V is computed from the batch itself where the subtraction would cancel. Rounding errors of changes add up,
 * so w and V are computed anew every {@link refreshEvery} changes, and after one in which V falls far.
 */
import type { Matrix } from '../linear-algebra/matrix.js';
import { dot } from '../linear-algebra/vector.js';
import {
  type CrossCovariances,
  crossCovariances,
  join as joinCross,
  leaveOut as leaveOutOfCross,
  lookAt,
  refresh as refreshCross,
} from './cross-covariances.js';
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
  readonly cross: CrossCovariances;
}

/** From nothing. */
const refresh = (residuals: Residuals, factor: ConditionalFactor, { exactly }: WeightedPool): void => {
  residuals.left = exactly(factor.members);
  refreshCross(residuals.cross, factor);
};

/** Without a member that is still there in the factor. */
const leaveOut = (residuals: Residuals, factor: ConditionalFactor, position: number): void => {
  const z = lookAt(residuals.cross, factor, position);
  residuals.left += dot(z, z) / factor.precision(position);
  leaveOutOfCross(residuals.cross, factor, position);
};

/** With the member that has just joined the factor. */
const join = (
  residuals: Residuals,
  factor: ConditionalFactor,
  { exactly }: WeightedPool,
  position: number,
): void => {
  const joined = joinCross(residuals.cross, factor, position);
  residuals.left = leftAfter(residuals.left, dot(joined, joined), 1 / factor.precision(position) - 1, () =>
    exactly(factor.members),
  );
};

/** `MutableBatch.gains`. */
const gainsInto = (
  residuals: Residuals,
  factor: ConditionalFactor,
  pool: WeightedPool,
  position: number,
  out: Float64Array,
): void => {
  const { rows: points, columns: rank } = pool.weighted;
  const { left, cross } = residuals;
  const { w, z } = cross;
  const others = factor.members.filter((_, i) => i !== position);
  const precision = position < 0 ? 1 : factor.precision(position);
  if (position >= 0) lookAt(cross, factor, position);
  const before = position < 0 ? left : left + dot(z, z) / precision;
  const weights = position < 0 ? undefined : factor.weights(position);
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
  const member = factor.members[position];
  if (member !== undefined) out[member] = 0.5 * Math.log(before / left);
};

/** U of a batch that changes, nats. Members are different points of the pool. */
export const predictiveVarianceBatch = (pool: WeightedPool, initial: readonly number[]): MutableBatch => {
  const factor = conditionalFactor(pool.gram, initial);
  const { members } = factor;
  const residuals: Residuals = { left: 1, cross: crossCovariances(pool.weighted) };
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
    gains: (position, out) => gainsInto(residuals, factor, pool, position, out),
    replace: (position, n) => {
      leaveOut(residuals, factor, position);
      const largest = residuals.left;
      factor.replace(position, n);
      join(residuals, factor, pool, position);
      changed(largest);
    },
    add: (n) => {
      const largest = residuals.left;
      factor.add(n);
      join(residuals, factor, pool, members.length - 1);
      changed(largest);
    },
    remove: (position) => {
      leaveOut(residuals, factor, position);
      factor.remove(position);
      changed(residuals.left);
    },
    set,
    evaluations: () => 0,
  };
};
