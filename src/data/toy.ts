/**
 * The one-dimensional toy function of the BatchGFN paper (Malik et al. 2023, arXiv 2306.15058), and a problem
 * generated from it:
 *
 *   f(x) = (Σ_{i=0..5} w_i xⁱ) · sin(a (x − b)) · √c · exp(−c (x − d)²) / √(2π)
 *
 * with x ~ N(0, 1) and labels y = f(x) + ε, ε ~ N(0, σ²), σ = 0.1.
 */
import { at } from '../at.js';
import { matrixFrom, type Matrix } from '../linear-algebra/matrix.js';
import { keyFromSeed, normals, split } from '../random/key.js';

/** One function of the family f is of. */
export interface ToyParameters {
  /** w, from the constant term up. */
  readonly weights: readonly number[];
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** w, from the constant term up. */
export const TOY_WEIGHTS: readonly number[] = [-0.6667, -0.6012, -1.0172, -0.7687, 1.468, -0.1678];

/** σ, the standard deviation of the labels' noise. */
export const TOY_NOISE = 0.1;

/** The function of the family, without noise. */
export const toyFunctionOf =
  ({ weights, a, b, c, d }: ToyParameters) =>
  (x: number): number =>
    weights.reduceRight((sum, weight) => sum * x + weight, 0) *
    Math.sin(a * (x - b)) *
    ((Math.sqrt(c) * Math.exp(-c * (x - d) ** 2)) / Math.sqrt(2 * Math.PI));

/** f(x) of the toy problem, without noise: w as above, a = π, b = d = 0, c = ½. */
export const toyFunction = toyFunctionOf({ weights: TOY_WEIGHTS, a: Math.PI, b: 0, c: 0.5, d: 0 });

/** The child of the seed's key that belongs to toy problems: other users of the seed draw from other children. */
const TOY_STREAM = 0x746f79;

/** How large a toy problem to make, and from which seed (a whole number from 0). */
export interface ToySize {
  readonly seed: number;
  readonly labelled: number;
  readonly pool: number;
}

/** A generated problem: features are matrices of one column, x. */
export interface ToyProblem {
  readonly labelled: { readonly features: Matrix; readonly targets: Float64Array };
  readonly pool: { readonly features: Matrix };
}

const column = (values: Float64Array): Matrix => matrixFrom(values.length, 1, (row) => values[row] ?? NaN);

/** The toy problem of a seed: the pool, the labelled inputs and the noise each hang on a key of their own. */
export const toyProblem = ({ seed, labelled, pool }: ToySize): ToyProblem => {
  const key = split(keyFromSeed(seed), TOY_STREAM);
  const inputs = normals(split(key, 0), labelled);
  const noise = normals(split(key, 1), labelled);
  return {
    labelled: {
      features: column(inputs),
      targets: inputs.map((x, i) => toyFunction(x) + TOY_NOISE * at(noise, i)),
    },
    pool: { features: column(normals(split(key, 2), pool)) },
  };
};
