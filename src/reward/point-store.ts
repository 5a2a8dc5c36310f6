/**
 * What a batch that changes in place knows of all points of its pool, v [N] and W [b×N], and what is done to all of them at
 * once (information-batch.ts has the formulas). Here on plain arrays; wasm/point-store.ts does the same by SIMD.
 */
import { addCombinationInto, addScaledInto, addTwoScaledInto } from '../linear-algebra/vector.js';

/** A change of rank two at the position j of b members. */
export interface PointChange {
  readonly position: number;
  /** b. */
  readonly size: number;
  /** K_n· [N] of the point that joins; left out where none does. */
  readonly row?: Float64Array;
  /** [b] at least: r = row + Σ_i covariances_i W_i; 0 if left out. */
  readonly covariances?: Float64Array;
  /** [b] at least, both: W_i ← W_i + shares_i W_j + regression_i r. */
  readonly shares: Float64Array;
  readonly regression: Float64Array;
  /** v ← max(0, v + leaving W_j² − joining r²). */
  readonly leaving: number;
  readonly joining: number;
}

/** A position whose member is left out: that of W_j and P_jj, or −1 for one more. */
export interface OpenPosition {
  readonly position: number;
  readonly precision: number;
  /** Pool indices of the members that stay. */
  readonly others: readonly number[];
}

/** v and W of a batch. Mutable. */
export interface PointStore {
  /** Numbers from one row of W to the next. */
  readonly stride: number;
  /** v [N]. Good while the store is kept and until any batch is made or enlarged, as all arrays that a store gives. */
  readonly variances: () => Float64Array;
  /** W, rows of `stride` numbers. */
  readonly weights: () => Float64Array;
  readonly change: (change: PointChange) => void;
  /** `MutableBatch.gains`, nats. */
  readonly gains: (at: OpenPosition, out: Float64Array, depth: number) => void;
  /** `MutableBatch.conditional`; left out where it is no faster than by gains. */
  readonly conditional?: (
    at: OpenPosition,
    beta: number,
    weights: Float64Array,
  ) => { readonly largest: number; readonly total: number };
}

/** target_n += factor · a_n² for all n. */
const addSquares = (target: Float64Array, a: Float64Array, start: number, factor: number): void => {
  for (let n = 0; n < target.length; n++) {
    const x = a[start + n] ?? NaN;
    target[n] = (target[n] ?? NaN) + factor * x * x;
  }
};

/** A store of N points and so many positions, all 0, on plain arrays. */
export const plainPointStore = (points: number, positions: number): PointStore => {
  const variances = new Float64Array(points);
  const weights = new Float64Array(positions * points);
  const residual = new Float64Array(points);
  const without = new Float64Array(points);
  return {
    stride: points,
    variances: () => variances,
    weights: () => weights,
    change: ({ position, size, row, covariances, shares, regression, leaving, joining }) => {
      const from = position * points;
      if (leaving !== 0) addSquares(variances, weights, from, leaving);
      if (row === undefined) residual.fill(0);
      else residual.set(row);
      if (covariances !== undefined)
        addCombinationInto(residual, 0, covariances, 0, weights, 0, size, points);
      if (joining !== 0) addSquares(variances, residual, 0, -joining);
      for (let n = 0; n < points; n++) if ((variances[n] ?? NaN) < 0) variances[n] = 0;
      // W_j is what the others take their shares of, so it is last.
      for (let k = 1; k <= size; k++) {
        const i = (position + k) % size;
        const [share, u] = [shares[i] ?? NaN, regression[i] ?? NaN];
        if (share === 0) addScaledInto(weights, i * points, u, residual, 0, points);
        else addTwoScaledInto(weights, i * points, share, weights, from, u, residual, points);
      }
    },
    gains: ({ position, precision, others }, out, depth) => {
      without.set(variances);
      if (position >= 0) addSquares(without, weights, position * points, 1 / precision);
      for (const m of others) without[m] = NaN;
      let largest = 0;
      // A comparison with NaN is false.
      for (let n = 0; n < points; n++) if ((without[n] ?? NaN) > largest) largest = without[n] ?? NaN;
      const floor = (1 + largest) * Math.exp(-2 * depth) - 1;
      for (let n = 0; n < points; n++) {
        const v = without[n] ?? NaN;
        out[n] = v >= floor ? 0.5 * Math.log1p(v) : -Infinity;
      }
    },
  };
};
