/**
 * Policies conditional on the temperature: what they have in common. The temperature code, where log T lies in the model's range, from −1 to
 * 1, shifts the first layer of what a policy makes of a state,
 *
 *   h = W x + b + τ · w₁ + τ² · w₂
 *
 * with w zero at start. A model for a single temperature has the code 0 and never learns them.
 */
import { zeros, type Parameters } from '../../nn/parameters.js';
import type { Tensor } from '../../tensor/expression.js';
import { add, mul } from '../../tensor/operations.js';

/** The two shifts of a layer of some width. */
export const temperatureParameters = (width: number) => ({
  temperature1: zeros(width),
  temperature2: zeros(width),
});

/** A layer [S, width] before its activation, shifted to the temperature. */
export const atTemperature = (
  { temperature1, temperature2 }: Parameters<ReturnType<typeof temperatureParameters>>,
  layer: Tensor,
  temperatureCode: Tensor,
): Tensor => add(layer, mul(temperatureCode, add(temperature1, mul(temperatureCode, temperature2))));
