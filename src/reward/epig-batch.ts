/**
 * The expected predictive information gain of a batch that is changed a point at a time, on the host in f64 (epig.ts). With w and z_j
 * of cross-covariances.ts, whose functionals are the M targets, and P and v of information-batch.ts,
 *
 *   v_t(B ∖ j) = v_t(B) + z_jt² / P_jj
 *   U(B ∖ j + n) − U(B ∖ j) = −(1/2M) Σ_t log( 1 − w_nt² / ((1 + v_n) (1 + v_t)) )      nats, all given B ∖ j
 *
 * The sum of logarithms is the logarithm of a product, taken anew only where that comes near to nothing. Rounding errors of changes
 * add up, so w and v_t are computed anew every {@link refreshEvery} changes, and after one in which a v_t falls far.
 */
import { at } from '../at.js';
import type { Matrix } from '../linear-algebra/matrix.js';
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

/** What 1 + v_t may fall by in a change without being computed anew, as its rounding is relative to what it was before. */
const swing = 1e3;

/** A product below is turned into its logarithm before it underflows; one factor more cannot. */
const tiny = 1e-150;

/** −(1/2M) Σ_t log(1 − w_t² a_t s), a_t = 1 / (1 + v_t), s = 1 / (1 + v_n): what a point of covariances w [M] is worth, nats. */
export const gainAt = (w: Float64Array, inverses: Float64Array, precision: number): number => {
  let [sum, product] = [0, 1];
  for (let t = 0; t < w.length; t++) {
    const x = w[t] ?? NaN;
    // By Cauchy and Schwarz what is left is above 1 / (1 + v_t), but for rounding.
    product *= Math.max(Number.EPSILON, 1 - x * x * (inverses[t] ?? NaN) * precision);
    if (product < tiny) {
      sum += Math.log(product);
      product = 1;
    }
  }
  return -(sum + Math.log(product)) / (2 * w.length);
};

/** (1/2M) Σ_t log((1 + v_t) / (1 + v_t(B))), nats. */
export const meanInformation = (before: Float64Array, after: Float64Array): number => {
  let sum = 0;
  before.forEach((v, t) => {
    sum += Math.log1p(v) - Math.log1p(at(after, t));
  });
  return sum / (2 * before.length);
};

/** What all batches of a pool share. */
export interface TargetedPool {
  readonly gram: Gram;
  /** Covariances of points and targets before any label, N×M. */
  readonly cross: Matrix;
  /** v_t [M] before any label. */
  readonly variances: Float64Array;
}

/** v_t, and w of all points, of a batch that changes in step with its factor. Mutable. */
interface Residuals {
  /** v_t(B) [M]. */
  readonly left: Float64Array;
  readonly cross: CrossCovariances;
}

/** From nothing: v_t(B) = v_t − Σ_i h_it z_it. */
const refresh = (
  residuals: Residuals,
  factor: ConditionalFactor,
  { variances, cross }: TargetedPool,
): void => {
  const { left } = residuals;
  refreshCross(residuals.cross, factor);
  left.set(variances);
  factor.members.forEach((m, i) => {
    const z = lookAt(residuals.cross, factor, i);
    for (let t = 0; t < left.length; t++)
      left[t] = (left[t] ?? NaN) - (cross.data[m * cross.columns + t] ?? NaN) * (z[t] ?? NaN);
  });
  for (let t = 0; t < left.length; t++) left[t] = Math.max(0, left[t] ?? NaN);
};

/** v_t + scale x_t², not below zero, into `into`. */
const withSquares = (left: Float64Array, x: Float64Array, scale: number, into: Float64Array): void => {
  for (let t = 0; t < left.length; t++) into[t] = Math.max(0, (left[t] ?? NaN) + scale * (x[t] ?? NaN) ** 2);
};

/** `MutableBatch.gains`. */
const gainsInto = (
  { left, cross: { w, z }, cross }: Residuals,
  factor: ConditionalFactor,
  position: number,
  out: Float64Array,
): void => {
  const targets = left.length;
  const others = factor.members.filter((_, i) => i !== position);
  const precision = position < 0 ? 1 : factor.precision(position);
  const before = left.slice();
  if (position >= 0) withSquares(left, lookAt(cross, factor, position), 1 / precision, before);
  const inverses = before.map((v) => 1 / (1 + v));
  const weights = position < 0 ? undefined : factor.weights(position);
  const { variances } = factor;
  const own = new Float64Array(targets);
  out.fill(0);
  for (const n of others) out[n] = -Infinity;
  for (let n = 0; n < out.length; n++) {
    if (out[n] !== 0) continue;
    const share = weights === undefined ? 0 : (weights[n] ?? NaN);
    for (let t = 0; t < targets; t++)
      own[t] = (w[n * targets + t] ?? NaN) + (share / precision) * (z[t] ?? NaN);
    const variance = (variances[n] ?? NaN) + share ** 2 / precision;
    out[n] = gainAt(own, inverses, 1 / (1 + variance));
  }
  const member = factor.members[position];
  if (member !== undefined) out[member] = meanInformation(before, left);
};

/** U of a batch that changes, nats. Members are different points of the pool. */
export const epigBatch = (pool: TargetedPool, initial: readonly number[]): MutableBatch => {
  const factor = conditionalFactor(pool.gram, initial);
  const { members } = factor;
  const residuals: Residuals = { left: pool.variances.slice(), cross: crossCovariances(pool.cross) };
  const { left, cross } = residuals;
  const before = new Float64Array(left.length);
  let changes = 0;
  const set = (next: readonly number[]): void => {
    changes = 0;
    factor.set(next);
    refresh(residuals, factor, pool);
  };
  const changed = (): void => {
    if (++changes >= refreshEvery) set(members);
  };
  const leaveOut = (position: number): void => {
    withSquares(left, lookAt(cross, factor, position), 1 / factor.precision(position), left);
    leaveOutOfCross(cross, factor, position);
  };
  const join = (position: number): void => {
    before.set(left);
    withSquares(left, joinCross(cross, factor, position), -factor.precision(position), left);
    if (before.some((v, t) => 1 + v >= swing * (1 + at(left, t)))) set(members);
  };
  refresh(residuals, factor, pool);
  return {
    members,
    utility: () => meanInformation(pool.variances, left),
    gains: (position, out) => gainsInto(residuals, factor, position, out),
    replace: (position, n) => {
      leaveOut(position);
      factor.replace(position, n);
      join(position);
      changed();
    },
    add: (n) => {
      factor.add(n);
      join(members.length - 1);
      changed();
    },
    remove: (position) => {
      leaveOut(position);
      factor.remove(position);
      changed();
    },
    set,
    evaluations: () => 0,
  };
};
