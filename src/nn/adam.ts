/**
 * Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1) as an expression of a step:
 *
 *   m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²      θ ← θ − rate · m̂ / (√v̂ + ε)
 *   m̂ = m / (1 − β₁^t)         v̂ = v / (1 − β₂^t)
 */
import type { Tensor } from '../tensor/expression.js';
import { add, div, exp, maximum, mul, sqrt, sub, sum } from '../tensor/operations.js';

/** Constants of Adam. */
export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** The paper's constants. */
export const adamDefaults: AdamOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Parameters, their two moments (alike in shape) and the number of steps made (a scalar of floats). */
export interface AdamState {
  readonly parameters: Tensor;
  readonly first: Tensor;
  readonly second: Tensor;
  readonly steps: Tensor;
}

/** The next state from a gradient; `rate` is a scalar or of the parameters' shape. */
export const adam = (
  state: AdamState,
  gradient: Tensor,
  rate: Tensor,
  { beta1, beta2, epsilon }: AdamOptions = adamDefaults,
): AdamState => {
  const steps = add(state.steps, 1);
  const first = add(mul(state.first, beta1), mul(gradient, 1 - beta1));
  const second = add(mul(state.second, beta2), mul(mul(gradient, gradient), 1 - beta2));
  const correction = (beta: number): Tensor => sub(1, exp(mul(steps, Math.log(beta))));
  const unbiased = div(first, correction(beta1));
  const scale = add(sqrt(div(second, correction(beta2))), epsilon);
  return { parameters: sub(state.parameters, mul(rate, div(unbiased, scale))), first, second, steps };
};

/** The gradient scaled down to a Euclidean norm of at most `limit` (Pascanu, Mikolov and Bengio 2013). */
export const clipByNorm = (gradient: Tensor, limit: number): Tensor => {
  const norm = sqrt(add(sum(mul(gradient, gradient)), 1e-30));
  return mul(gradient, div(limit, maximum(norm, limit)));
};
