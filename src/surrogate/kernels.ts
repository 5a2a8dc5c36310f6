/**
 * The kernels that a Gaussian process can be fitted with, each with its hyperparameters, their priors, and
 * the derivatives of its value in their logarithms. With t_j = (x_j − x'_j) / ℓ_j, r² = Σ_j t_j² and d
 * features,
 *
 *   rbf        s e^{−r²/2}
 *   matern52   s (1 + u + u²/3) e^{−u},   u = √5 r
 *   periodic   s e^{−2 Σ_j sin²(π (x_j − x'_j) / p) / ℓ²}
 *   linear     s x·x' / d
 *
 * so that s is the variance at a point: of every point for the first three, and for the last averaged over
 * standardised inputs.
 *
 * Source: Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), equations 4.9, 4.17, 4.31;
 * the rates at equations 5.9.
 */
import * as t from '#io-ts';
import { dot } from '../linear-algebra/vector.js';
import { type LogPrior, lengthScalePrior, signalPrior } from './evidence-maximum.js';
import type { Kernel } from './gaussian-process.js';

const lengthScales = t.union([t.literal('shared'), t.literal('perFeature')]);

/** Decodes a {@link KernelKind}. */
export const kernelKindCodec = t.union([
  t.readonly(t.type({ kind: t.literal('rbf'), lengthScales })),
  t.readonly(t.type({ kind: t.literal('matern52'), lengthScales })),
  t.readonly(t.type({ kind: t.literal('periodic') })),
  t.readonly(t.type({ kind: t.literal('linear') })),
]);

/** Which kernel, and whether a length-scale is shared by all features or each has its own. */
export type KernelKind = t.TypeOf<typeof kernelKindCodec>;

/** The hyperparameters of a kernel. All positive. */
export interface KernelParameters {
  /** s, in squared units of the target. */
  readonly outputScale: number;
  /** ℓ, one or one a feature (none for the linear kernel), in the units of the inputs; without one for periodic. */
  readonly lengthScales: readonly number[];
  /** p of the periodic kernel, in the units of the inputs. */
  readonly period?: number;
}

const everyKernel: Readonly<Record<KernelKind['kind'], null>> = {
  rbf: null,
  matern52: null,
  periodic: null,
  linear: null,
};

/** The kinds of kernels. */
export const kernelNames: readonly string[] = /* @__PURE__ */ Object.keys(everyKernel);

/** How many length-scales a kernel has on d features, and whether it has a period. */
export const kernelSize = (
  kind: KernelKind,
  dimension: number,
): { readonly lengthScales: number; readonly period: boolean } => {
  switch (kind.kind) {
    case 'rbf':
    case 'matern52':
      return { lengthScales: kind.lengthScales === 'shared' ? 1 : dimension, period: false };
    case 'periodic':
      return { lengthScales: 1, period: true };
    case 'linear':
      return { lengthScales: 0, period: false };
  }
};

/** The prior on p for standardised inputs, two of which lie √2 apart in a feature: from 20 waves to less than one. */
export const periodPrior: LogPrior = { median: 1, deviation: 0.75, floor: 0.2, ceiling: 20 };

/** The priors of s, of each ℓ and of p, in the order of {@link packed}, for d standardised inputs. */
export const kernelPriors = (kind: KernelKind, dimension: number): readonly LogPrior[] => {
  const size = kernelSize(kind, dimension);
  return [
    signalPrior,
    ...Array.from({ length: size.lengthScales }, () => lengthScalePrior(dimension)),
    ...(size.period ? [periodPrior] : []),
  ];
};

/** s, the length-scales and p, in this order. */
export const packed = ({ outputScale, lengthScales, period }: KernelParameters): readonly number[] => [
  outputScale,
  ...lengthScales,
  ...(period === undefined ? [] : [period]),
];

/** The hyperparameters from their numbers in the order of {@link packed}. */
export const unpacked = (kind: KernelKind, values: ArrayLike<number>): KernelParameters => {
  const [outputScale = NaN, ...rest] = Array.from(values);
  return kind.kind === 'periodic'
    ? { outputScale, lengthScales: rest.slice(0, -1), period: rest.at(-1) ?? NaN }
    : { outputScale, lengthScales: rest };
};

/** r², of one length-scale or one a feature. */
const squaredDistance = (scales: readonly number[], x: Float64Array, y: Float64Array): number => {
  const shared = scales.length === 1;
  let sum = 0;
  for (let j = 0; j < x.length; j++)
    sum += (((x[j] ?? NaN) - (y[j] ?? NaN)) / (scales[shared ? 0 : j] ?? NaN)) ** 2;
  return sum;
};

/** Σ_j sin²(π (x_j − x'_j) / p). */
const squaredSines = (period: number, x: Float64Array, y: Float64Array): number => {
  let sum = 0;
  for (let j = 0; j < x.length; j++)
    sum += Math.sin((Math.PI * ((x[j] ?? NaN) - (y[j] ?? NaN))) / period) ** 2;
  return sum;
};

/** The kernel as a function of two points of d features. */
export const kernelOf = (
  { kind }: KernelKind,
  { outputScale, lengthScales: scales, period = NaN }: KernelParameters,
): Kernel<Float64Array> => {
  switch (kind) {
    case 'rbf':
      return (x, y) => outputScale * Math.exp(-squaredDistance(scales, x, y) / 2);
    case 'matern52':
      return (x, y) => {
        const u = Math.sqrt(5 * squaredDistance(scales, x, y));
        return outputScale * (1 + u + (u * u) / 3) * Math.exp(-u);
      };
    case 'periodic':
      return (x, y) => outputScale * Math.exp((-2 * squaredSines(period, x, y)) / (scales[0] ?? NaN) ** 2);
    case 'linear':
      return (x, y) => (outputScale * dot(x, y)) / x.length;
  }
};

/** Adds to `into` a weight times the derivatives of the kernel at (x, y). */
export type AddSlopes = (x: Float64Array, y: Float64Array, weight: number, into: Float64Array) => void;

const add = (into: Float64Array, at: number, x: number): void => {
  into[at] = (into[at] ?? NaN) + x;
};

/**
 * ∂k / ∂ log s, ∂k / ∂ log ℓ and ∂k / ∂ log p in the order of {@link packed}, times a weight and added up, of kernels that are not
 * radial; those that are: kernel-pairs.ts.
 */
export const slopesOf = (
  kind: KernelKind & { readonly kind: 'periodic' | 'linear' },
  parameters: KernelParameters,
): AddSlopes => {
  const value = kernelOf(kind, parameters);
  const { lengthScales: scales, period = NaN } = parameters;
  switch (kind.kind) {
    case 'periodic':
      return (x, y, weight, into) => {
        const k = weight * value(x, y);
        const factor = 2 / (scales[0] ?? NaN) ** 2;
        let turns = 0;
        for (let j = 0; j < x.length; j++) {
          const angle = (Math.PI * ((x[j] ?? NaN) - (y[j] ?? NaN))) / period;
          turns += angle * Math.sin(2 * angle);
        }
        add(into, 0, k);
        add(into, 1, 2 * k * factor * squaredSines(period, x, y));
        add(into, 2, k * factor * turns);
      };
    case 'linear':
      return (x, y, weight, into) => {
        add(into, 0, weight * value(x, y));
      };
  }
};
