/**
 * Two classes on either side of a curve: inputs of two bells, and a label that is all but sure away from it,
 *
 *   x ~ t₅(0, 0.8 I), bivariate: x = √0.8 z / √(u/5), z ~ N(0, I), u ~ χ²₅      P(y = 1 | x) = logistic((x₂ − tanh(2 x₁)) / 0.05)
 *
 * Source: Bickford Smith et al., Prediction-oriented Bayesian active learning (2023), arXiv 2304.08151; taken over in the
 * code of BatchGFN (Malik et al. 2023, arXiv 2306.15058).
 */
import { type Matrix, matrixFrom } from '../linear-algebra/matrix.js';
import { type Key, normals, split, uniforms } from '../random/key.js';

const FREEDOM = 5;
const SCALE = 0.8;
const SHARPNESS = 0.05;

/** P(y = 1 | x). */
export const twoBellsProbability = (x1: number, x2: number): number =>
  1 / (1 + Math.exp(-(x2 - Math.tanh(2 * x1)) / SHARPNESS));

/** `count` rows of two inputs, with labels 0 or 1. The same key gives the same rows. */
export const twoBells = (
  key: Key,
  count: number,
): { readonly inputs: Matrix; readonly targets: Float64Array } => {
  const plane = normals(split(key, 0), 2 * count);
  const tails = normals(split(key, 1), FREEDOM * count);
  const coins = uniforms(split(key, 2), count);
  const inputs = matrixFrom(count, 2, (row, column) => {
    const square = tails
      .subarray(row * FREEDOM, (row + 1) * FREEDOM)
      .reduce((sum, value) => sum + value * value, 0);
    return (Math.sqrt(SCALE) * (plane[2 * row + column] ?? NaN)) / Math.sqrt(square / FREEDOM);
  });
  return {
    inputs,
    targets: Float64Array.from(coins, (coin, row) =>
      coin < twoBellsProbability(inputs.data[2 * row] ?? NaN, inputs.data[2 * row + 1] ?? NaN) ? 1 : 0,
    ),
  };
};
