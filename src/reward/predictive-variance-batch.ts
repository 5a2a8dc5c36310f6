/**
 * The reduction of integrated predictive variance of a batch that is changed a point at a time, on the host in f64
 * (predictive-variance.ts). With h_n = Rᵀ φ_n, w and z_j of cross-covariances.ts, and P and v of information-batch.ts,
 *
 *   V(B ∖ j) = V(B) + |z_j|² / P_jj
 *   U(B ∖ j + n) − U(B ∖ j) = −½ log( 1 − |w_n⁻ʲ|² / ((1 + v_n⁻ʲ) V(B ∖ j)) )      nats
 *
 * What a point leaves of V is computed from the batch itself where the subtraction would cancel. The rest is targeted-batch.ts.
 */
import type { Matrix } from '../linear-algebra/matrix.js';
import { dot } from '../linear-algebra/vector.js';
import type { Gram } from './gram.js';
import type { MutableBatch } from './mutable-batch.js';
import { swing, type Tally, targetedBatch } from './targeted-batch.js';

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

/** V(B) / V(∅), and where it was largest in a change. */
const varianceLeft = (exactly: WeightedPool['exactly']): Tally => {
  let [left, largest] = [1, 1];
  return {
    refresh: ({ members }) => {
      left = exactly(members);
    },
    leaveOut: (z, precision) => {
      left += dot(z, z) / precision;
    },
    join: (w, precision, members) => {
      left = leftAfter(left, dot(w, w), 1 / precision - 1, () => exactly(members));
    },
    begin: () => {
      largest = left;
    },
    fell: () => largest >= swing * left,
    utility: () => -0.5 * Math.log(left),
    gains: ({ w, z }, others, precision) => {
      const rank = z.length;
      const before = precision === undefined ? left : left + dot(z, z) / precision;
      return {
        of: (n, slope, v) => {
          let square = 0;
          for (let k = 0; k < rank; k++) square += ((w[n * rank + k] ?? NaN) + slope * (z[k] ?? NaN)) ** 2;
          return 0.5 * Math.log(before / leftAfter(before, square, v, () => exactly([...others, n])));
        },
        member: 0.5 * Math.log(before / left),
      };
    },
  };
};

/** U of a batch that changes, nats. Members are different points of the pool. */
export const predictiveVarianceBatch = (
  { gram, weighted, exactly }: WeightedPool,
  initial: readonly number[],
): MutableBatch => targetedBatch({ gram, cross: weighted }, varianceLeft(exactly), initial);
