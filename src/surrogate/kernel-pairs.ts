/**
 * A kernel (kernels.ts) at all pairs of n rows, and Σ_ij W_ij ∂k(x_i, x_j) / ∂ log θ for a symmetric W: what the marginal likelihood
 * needs of it, in one pass over pairs each. Both radial kernels have ∂k / ∂ log ℓ_j = t_j² h(r) with t_j = (x_j − x'_j) / ℓ_j,
 *
 *   rbf        k = s e^{−r²/2}                       h = k
 *   matern52   k = s (1 + u + u²/3) e^{−u}           h = (5/3) s (1 + u) e^{−u},   u = √5 r
 *
 * so the exponential of a pair is taken once, for k and for all slopes, and of one length-scale the distances are kept from one θ
 * to the next.
 *
 * Source: Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), equations 4.9, 4.17 and 5.9.
 */
import type { Matrix } from '../linear-algebra/matrix.js';
import { rowsOf, transpose } from '../linear-algebra/product.js';
import type { Work } from '../work.js';
import { type KernelKind, type KernelParameters, kernelOf, slopesOf } from './kernels.js';

/** k of all pairs at some θ. The arrays are written over at the next θ. */
export interface KernelAtPairs {
  /** k(x_i, x_j), n×n, of which only the lower triangle is written. */
  readonly values: Matrix;
  /** ½ Σ_ij W_ij ∂k_ij in the order of {@link packed} (kernels.ts), from the lower triangle of W, n×n, in steps. */
  readonly slopes: (weights: Matrix) => Work<Float64Array>;
}

/** The kernel at all pairs as a function of its hyperparameters, in steps. */
export type PairKernel = (parameters: KernelParameters) => Work<KernelAtPairs>;

/** Numbers that are worked through between two places where the work can be stopped. */
const aTurn = 2 ** 19;

/** The places i of n at which a turn is over, where row i costs i + 1 times `cost`. */
const turns = (cost: number): ((i: number) => boolean) => {
  let count = 0;
  return (i) => {
    count += (i + 1) * cost;
    if (count < aTurn) return false;
    count = 0;
    return true;
  };
};

/** out[j] = Σ_f ((x_if − x_jf) factor_f)² for j < i, of columns x_f. */
const squaredDistancesInto = (
  out: Float64Array,
  columns: readonly Float64Array[],
  factorOf: (f: number) => number,
  i: number,
): void => {
  out.fill(0, 0, i);
  columns.forEach((column, f) => {
    const [x, factor] = [column[i] ?? NaN, factorOf(f)];
    for (let j = 0; j < i; j++) out[j] = (out[j] ?? NaN) + ((x - (column[j] ?? NaN)) * factor) ** 2;
  });
};

/** k and h of a row from r² [j], in place: k takes r²'s place. */
const radialInto = (kind: 'rbf' | 'matern52', scale: number, k: Float64Array, h: Float64Array): void => {
  for (let j = 0; j < k.length; j++) {
    const r2 = k[j] ?? NaN;
    if (kind === 'rbf') {
      const value = scale * Math.exp(-r2 / 2);
      k[j] = value;
      h[j] = value;
    } else {
      const u = Math.sqrt(5 * r2);
      const decay = scale * Math.exp(-u);
      k[j] = (1 + u + (5 * r2) / 3) * decay;
      h[j] = (5 / 3) * (1 + u) * decay;
    }
  }
};

/** Σ_j a_j b_j over j < length, b from a place on. */
const sumOfProducts = (a: Float64Array, b: Float64Array, from: number, length: number): number => {
  let [even, odd] = [0, 0];
  for (let j = 0; j + 1 < length; j += 2) {
    even += (a[j] ?? NaN) * (b[from + j] ?? NaN);
    odd += (a[j + 1] ?? NaN) * (b[from + j + 1] ?? NaN);
  }
  return even + odd + (length % 2 === 1 ? (a[length - 1] ?? NaN) * (b[from + length - 1] ?? NaN) : 0);
};

/** Σ_j a_j (x − column_j)² over j < length. */
const sumOfSquares = (a: Float64Array, x: number, column: Float64Array, length: number): number => {
  let [even, odd] = [0, 0];
  for (let j = 0; j + 1 < length; j += 2) {
    const [p, q] = [x - (column[j] ?? NaN), x - (column[j + 1] ?? NaN)];
    even += (a[j] ?? NaN) * p * p;
    odd += (a[j + 1] ?? NaN) * q * q;
  }
  const last = x - (column[length - 1] ?? NaN);
  return even + odd + (length % 2 === 1 ? (a[length - 1] ?? NaN) * last * last : 0);
};

const radialPairs = (kind: 'rbf' | 'matern52', shared: boolean, inputs: Matrix): PairKernel => {
  const n = inputs.rows;
  const columns = rowsOf(transpose(inputs));
  const [k, h] = [new Float64Array(n * n), new Float64Array(n * n)];
  let distances: Float64Array | undefined;
  const row = new Float64Array(n);
  const isOver = turns(shared ? 8 : 8 + columns.length);
  const distancesOnce = function* (): Work<Float64Array> {
    const all = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      squaredDistancesInto(all.subarray(i * n, i * n + i), columns, () => 1, i);
      if (isOver(i)) yield;
    }
    return all;
  };
  return function* ({ outputScale, lengthScales: scales }) {
    const factors = scales.map((ell) => 1 / ell);
    const nearness = (factors[0] ?? NaN) ** 2;
    if (shared) distances ??= yield* distancesOnce();
    for (let i = 0; i < n; i++) {
      const own = k.subarray(i * n, i * n + i);
      if (distances === undefined) squaredDistancesInto(own, columns, (f) => factors[f] ?? NaN, i);
      else for (let j = 0; j < i; j++) own[j] = nearness * (distances[i * n + j] ?? NaN);
      radialInto(kind, outputScale, own, h.subarray(i * n, i * n + i));
      k[i * n + i] = outputScale;
      if (isOver(i)) yield;
    }
    return {
      values: { rows: n, columns: n, data: k },
      slopes: function* ({ data: w }) {
        const slopes = new Float64Array(1 + scales.length);
        let ofScale = 0;
        for (let i = 0; i < n; i++) {
          const start = i * n;
          // Each pair off the diagonal stands for two.
          ofScale +=
            sumOfProducts(w.subarray(start, start + i), k, start, i) +
            ((w[start + i] ?? NaN) * outputScale) / 2;
          for (let j = 0; j < i; j++) row[j] = (w[start + j] ?? NaN) * (h[start + j] ?? NaN);
          if (distances !== undefined)
            slopes[1] = (slopes[1] ?? NaN) + nearness * sumOfProducts(row, distances, start, i);
          else
            columns.forEach((column, f) => {
              const sum = sumOfSquares(row, column[i] ?? NaN, column, i);
              slopes[1 + f] = (slopes[1 + f] ?? NaN) + sum * (factors[f] ?? NaN) ** 2;
            });
          if (isOver(i)) yield;
        }
        slopes[0] = ofScale;
        return slopes;
      },
    };
  };
};

const otherPairs = (
  kind: KernelKind & { readonly kind: 'periodic' | 'linear' },
  inputs: Matrix,
): PairKernel => {
  const n = inputs.rows;
  const rows = rowsOf(inputs);
  const isOver = turns(8 * inputs.columns);
  return function* (parameters) {
    const value = kernelOf(kind, parameters);
    const data = new Float64Array(n * n);
    for (const [i, x] of rows.entries()) {
      for (let j = 0; j <= i; j++) data[i * n + j] = value(x, rows[j] ?? x);
      if (isOver(i)) yield;
    }
    const add = slopesOf(kind, parameters);
    return {
      values: { rows: n, columns: n, data },
      slopes: function* ({ data: w }) {
        const slopes = new Float64Array(kind.kind === 'linear' ? 1 : 3);
        for (const [i, x] of rows.entries()) {
          for (let j = 0; j <= i; j++)
            add(x, rows[j] ?? x, (w[i * n + j] ?? NaN) / (i === j ? 2 : 1), slopes);
          if (isOver(i)) yield;
        }
        return slopes;
      },
    };
  };
};

/** A kernel at all pairs of the rows of inputs, n×d. */
export const pairKernel = (kind: KernelKind, inputs: Matrix): PairKernel =>
  kind.kind === 'rbf' || kind.kind === 'matern52'
    ? // One feature has one length-scale, whoever shares it.
      radialPairs(kind.kind, kind.lengthScales === 'shared' || inputs.columns === 1, inputs)
    : otherPairs(kind, inputs);
