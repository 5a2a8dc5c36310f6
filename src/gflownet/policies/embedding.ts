/**
 * Points as `gain` and `pointer` embed them, R points → [R, H]:
 *
 *   h = tanh(tanh(x W₁ + b₁) W₂ + b₂),    x = √2 (u, 1) / √(1 + |u|²)
 *
 * of features u in the pool's scale, in which half of the points have a norm below one: they are put on a sphere, as by a
 * projection from its centre. One point whose norm is a thousand times the others' leaves these as far apart as they were, and
 * with the last coordinate h is no odd function of u from the start.
 */
import { weights, zeros, type Parameters } from '../../nn/parameters.js';
import { dense } from '../../tensor/derived/matrix.js';
import type { Tensor } from '../../tensor/expression.js';
import { add, div, matmul, mul, reshape, slice, sqrt, sum, tanh } from '../../tensor/operations.js';
import type { Points } from '../policy.js';

/** Its parameters. */
export const embeddingParameters = (inputs: number, hidden: number) => ({
  point1: weights(inputs + 1, hidden, Math.sqrt(inputs + 1)),
  point1Bias: zeros(hidden),
  point2: weights(hidden, hidden),
  point2Bias: zeros(hidden),
});

/** x W₁, [R, H]: the factors of points go to the products, so that a large pool is not copied for them. */
const projected = (point1: Tensor, { rows, scale }: Points): Tensor => {
  const [count = 1, inputs = 1] = rows.shape;
  const width = point1.shape[1] ?? 1;
  // The scale of a pool of tiny features overflows when squared.
  const norm = mul(scale, sqrt(sum(mul(rows, rows), [1])));
  const norms = mul(norm, norm);
  const factors = reshape(div(Math.SQRT2, sqrt(add(1, norms))), [count, 1]);
  const ofFeatures = matmul(rows, mul(slice(point1, [0, 0], [inputs, width]), scale));
  return mul(add(ofFeatures, slice(point1, [inputs, 0], [1, width])), factors);
};

/** R points → [R, H]. */
export const embedding = (p: Parameters<ReturnType<typeof embeddingParameters>>, points: Points): Tensor =>
  tanh(dense(tanh(add(projected(p.point1, points), p.point1Bias)), p.point2, p.point2Bias));
