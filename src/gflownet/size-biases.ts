/**
 * Levels: one learned number for each size of a state, as a parabola in the place p of log T in the model's range,
 *
 *   level_k(p) = l_k0 + l_k1 p + l_k2 p²
 *
 * A model for a single temperature has the code 0 and never learns the other two.
 */
import { zeros, type ParameterSpec } from '../nn/parameters.js';
import type { Tensor } from '../tensor/expression.js';
import { add, mul, reshape, slice } from '../tensor/operations.js';

/** The parameter [3, sizes]: constants, slopes and curvatures. */
export const sizeBiases = (sizes: number): ParameterSpec => zeros(3, sizes);

/** The levels [length] of the sizes from `from`, at a temperature code (a scalar). */
export const sizeBiasesAt = (
  parameter: Tensor,
  temperatureCode: Tensor,
  from: number,
  length: number,
): Tensor => {
  const row = (degree: number): Tensor => reshape(slice(parameter, [degree, from], [1, length]), [length]);
  return add(row(0), mul(temperatureCode, add(row(1), mul(temperatureCode, row(2)))));
};

/** Values of the parameter: through levels given at the code 0 alone, or at −1, 0 and 1. */
export const sizeBiasesThrough = (given: readonly Float64Array[]): Float64Array => {
  const [low, middle, high] = given.length === 1 ? [given[0], given[0], given[0]] : given;
  const sizes = middle?.length ?? 0;
  const out = new Float64Array(3 * sizes);
  for (let k = 0; k < sizes; k++) {
    const [a = 0, b = 0, c = 0] = [low?.[k], middle?.[k], high?.[k]];
    out[k] = b;
    out[sizes + k] = (c - a) / 2;
    out[2 * sizes + k] = (a + c) / 2 - b;
  }
  return out;
};
