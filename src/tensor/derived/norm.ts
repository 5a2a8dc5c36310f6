/**
 * The Euclidean norm, with a derivative everywhere:
 *
 *   ‖a‖ = s √Σ (a_i / s)²,  s = max |a_i|        ∂‖a‖ / ∂a_i = a_i / ‖a‖, and 0 where all a_i are 0
 *
 * √Σ a² by itself has the derivative 0 / 0 at zero. Zero is the subgradient of least norm there. Scaling by the largest
 * entry keeps squares from over- and underflowing (Blue 1978).
 */
import type { Tensor } from '../expression.js';
import {
  div,
  equal,
  max,
  maximum,
  mul,
  neg,
  reshape,
  select,
  sqrt,
  stopGradient,
  sum,
} from '../operations.js';

/** ‖a‖ over the axes, which disappear; all of them by default. NaN where an entry is NaN or infinite. */
export const norm = (a: Tensor, axes: readonly number[] = a.shape.map((_, axis) => axis)): Tensor => {
  // The norm does not depend on the scale, so the scale needs no derivative.
  const largest = stopGradient(max(maximum(a, neg(a)), axes));
  const none = equal(largest, 0);
  const scale = select(none, 1, largest);
  const kept = a.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const scaled = div(a, reshape(scale, kept));
  const squares = sum(mul(scaled, scaled), axes);
  return mul(scale, select(none, 0, sqrt(select(none, 1, squares))));
};
