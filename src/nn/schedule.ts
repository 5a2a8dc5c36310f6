/** Quantities that change while training runs, as expressions of the number of steps made. */
import type { Tensor } from '../tensor/expression.js';
import { add, div, maximum, mul, sin, sub } from '../tensor/operations.js';

/** The part of the training that is done, at most 1: steps / total. */
const progress = (steps: Tensor, total: Tensor): Tensor => sub(1, maximum(sub(1, div(steps, total)), 0));

/** From 1 to 0 along half a cosine: ½ (1 + cos(π steps / total)) (Loshchilov and Hutter 2017, arXiv 1608.03983). */
export const cosineDecay = (steps: Tensor, total: Tensor): Tensor =>
  mul(0.5, add(1, sin(mul(Math.PI, sub(0.5, progress(steps, total))))));

/** From 1 to 0 along a line that reaches 0 at the given part of the training. */
export const linearDecay = (steps: Tensor, total: Tensor, part: number): Tensor =>
  maximum(sub(1, div(progress(steps, total), part)), 0);
