/**
 * The expected predictive information gain of a batch that is changed a point at a time, on the host in f64 (epig.ts). With w and z_j
 * of cross-covariances.ts, whose functionals are the M targets, and P and v of information-batch.ts,
 *
 *   v_t(B ∖ j) = v_t(B) + z_jt² / P_jj
 *   U(B ∖ j + n) − U(B ∖ j) = −(1/2M) Σ_t log( 1 − w_nt² / ((1 + v_n) (1 + v_t)) )      nats, all given B ∖ j
 *
 * The sum of logarithms is the logarithm of a product, taken anew only where that comes near to nothing. The rest is
 * targeted-batch.ts.
 */
import { at } from '../at.js';
import { lookAt } from './cross-covariances.js';
import type { MutableBatch } from './mutable-batch.js';
import { swing, type Tally, type TargetedPool, targetedBatch } from './targeted-batch.js';

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

/** v_t + scale x_t², not below zero, into `into`. */
const withSquares = (left: Float64Array, x: Float64Array, scale: number, into: Float64Array): void => {
  for (let t = 0; t < left.length; t++) into[t] = Math.max(0, (left[t] ?? NaN) + scale * (x[t] ?? NaN) ** 2);
};

/** v_t(B) [M] of v_t before any label, and as they were when a change began. */
const variancesLeft = (variances: Float64Array): Tally => {
  const left = variances.slice();
  const before = variances.slice();
  return {
    // v_t(B) = v_t − Σ_i h_it z_it.
    refresh: (factor, cross) => {
      const { columns, data } = cross.prior;
      left.set(variances);
      factor.members.forEach((m, i) => {
        const z = lookAt(cross, factor, i);
        for (let t = 0; t < left.length; t++)
          left[t] = (left[t] ?? NaN) - (data[m * columns + t] ?? NaN) * (z[t] ?? NaN);
      });
      for (let t = 0; t < left.length; t++) left[t] = Math.max(0, left[t] ?? NaN);
    },
    leaveOut: (z, precision) => withSquares(left, z, 1 / precision, left),
    join: (w, precision) => withSquares(left, w, -precision, left),
    begin: () => {
      before.set(left);
    },
    // Their rounding is relative to what 1 + v_t was.
    fell: () => before.some((v, t) => 1 + v >= swing * (1 + at(left, t))),
    utility: () => meanInformation(variances, left),
    gains: ({ w, z }, _, precision) => {
      const targets = left.length;
      const open = left.slice();
      if (precision !== undefined) withSquares(left, z, 1 / precision, open);
      const inverses = open.map((v) => 1 / (1 + v));
      const own = new Float64Array(targets);
      return {
        of: (n, slope, v) => {
          for (let t = 0; t < targets; t++) own[t] = (w[n * targets + t] ?? NaN) + slope * (z[t] ?? NaN);
          return gainAt(own, inverses, 1 / (1 + v));
        },
        member: meanInformation(open, left),
      };
    },
  };
};

/** U of a batch that changes, nats, the functionals of the pool its targets, of v_t [M]. Members are different points of the pool. */
export const epigBatch = (
  pool: TargetedPool,
  variances: Float64Array,
  initial: readonly number[],
): MutableBatch => targetedBatch(pool, variancesLeft(variances), initial);
