/**
 * Random features of a kernel (kernels.ts): φ with E φ(x)·φ(x') = k(x, x'), so that φ·w, w ~ N(0, I), is a draw of the
 * Gaussian process that can be asked for anywhere. With M pairs of frequencies ω_m from the kernel's spectral density,
 *
 *   φ(x) = √(s / M) (cos ω_1·x, sin ω_1·x, …, cos ω_M·x, sin ω_M·x)        |φ(x)|² = s at every x
 *
 *   rbf        ω_j = z_j / ℓ_j,             z ~ N(0, I)
 *   matern52   ω_j = z_j / ℓ_j · √(5 / u),   u ~ χ² of 5 degrees of freedom
 *   periodic   ω_j = 2π n_j / p,            n_j the difference of two Poisson numbers of mean 1 / 2ℓ²
 *   linear     φ(x) = √(s / d) x: the kernel itself
 *
 * The third is e^{λ (cos θ − 1)}, λ = 1/ℓ², θ = 2π (x_j − x'_j) / p: the characteristic function of such a difference.
 *
 * Source: Rahimi and Recht, Random Features for Large-Scale Kernel Machines (2007); the paired form is the one of smaller
 * variance by Sutherland and Schneider (2015), arXiv 1506.02785.
 */
import { type Matrix, matrixFrom } from '../linear-algebra/matrix.js';
import { product } from '../linear-algebra/product.js';
import { type Key, normals, split, uniforms } from '../random/key.js';
import type { KernelKind, KernelParameters } from './kernels.js';

/** The Poisson number of a mean below some 700 at a place u in (0, 1) of its distribution. */
const poissonAt = (mean: number, u: number): number => {
  let [count, probability] = [0, Math.exp(-mean)];
  let below = probability;
  // Rounding may leave the sum short of a u next to 1.
  while (below < u && probability > 1e-20 * below) {
    count++;
    probability *= mean / count;
    below += probability;
  }
  return count;
};

/** ω, d×M. */
const frequencies = (
  kind: Exclude<KernelKind['kind'], 'linear'>,
  { lengthScales: scales, period = NaN }: KernelParameters,
  dimension: number,
  pairs: number,
  key: Key,
): Matrix => {
  const scaleOf = (j: number): number => scales[scales.length === 1 ? 0 : j] ?? NaN;
  if (kind === 'periodic') {
    const u = uniforms(key, 2 * dimension * pairs);
    const mean = 0.5 / scaleOf(0) ** 2;
    return matrixFrom(dimension, pairs, (j, m) => {
      const at = 2 * (j * pairs + m);
      const turns = poissonAt(mean, u[at] ?? 0.5) - poissonAt(mean, u[at + 1] ?? 0.5);
      return (2 * Math.PI * turns) / period;
    });
  }
  const z = normals(split(key, 0), dimension * pairs);
  const tails = normals(split(key, 1), 5 * pairs);
  const stretch = Float64Array.from({ length: pairs }, (_, m) =>
    kind === 'rbf' ? 1 : Math.sqrt(5 / tails.subarray(5 * m, 5 * m + 5).reduce((u, x) => u + x * x, 0)),
  );
  return matrixFrom(
    dimension,
    pairs,
    (j, m) => ((z[j * pairs + m] ?? NaN) * (stretch[m] ?? NaN)) / scaleOf(j),
  );
};

/**
 * φ of the rows of an N×d matrix, N×2M: of each row whatever the others are. M pairs of frequencies hang on the key; the
 * linear kernel needs none and has d features. The error of the kernel they stand for is about s/√(2M).
 */
export const kernelFeatures = (
  { kind }: KernelKind,
  parameters: KernelParameters,
  dimension: number,
  pairs: number,
  key: Key,
): ((rows: Matrix) => Matrix) => {
  if (kind === 'linear') {
    const scale = Math.sqrt(parameters.outputScale / dimension);
    return (rows) => ({ ...rows, data: rows.data.map((x) => scale * x) });
  }
  const directions = frequencies(kind, parameters, dimension, pairs, key);
  const amplitude = Math.sqrt(parameters.outputScale / pairs);
  return (rows) => {
    const angles = product(rows, directions).data;
    const data = new Float64Array(2 * angles.length);
    angles.forEach((angle, m) => {
      data[2 * m] = amplitude * Math.cos(angle);
      data[2 * m + 1] = amplitude * Math.sin(angle);
    });
    return { rows: rows.rows, columns: 2 * pairs, data };
  };
};
