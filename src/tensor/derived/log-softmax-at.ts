/**
 * The masked log-softmax of rows at one index each, and its derivative, as composites of one kernel each:
 *
 *   y_r = a_(r, i) − log Σ_c allowed_(r, c) e^{a_(r, c)},  i = indices_r
 *   ā_(r, c) = ([c = i] − allowed_(r, c) e^{a_(r, c)} / Σ) ȳ_r
 *
 * Kernel: log-softmax-at.wgsl.
 */
import type { Composite } from '../composite.js';
import { misuse, sameShape, type Tensor } from '../expression.js';
import { cast, composite, mul, reshape, sub } from '../operations.js';
import type { KernelCall } from '../primitive.js';
import { oneHotMask, takeLast } from './matrix.js';
import { logSoftmax, softmax } from './softmax.js';

type Rows = readonly [logits: Tensor, allowed: Tensor, indices: Tensor, cotangent: Tensor];

const dispatch = ({ operands }: KernelCall<'composite'>, derivative: boolean) => {
  const [rows = 1, n = 1] = operands[0]?.shape ?? [];
  const [logits = 0, allowed = 0, indices = 0, cotangent = 0] = operands.map(({ view }) => view.offset);
  return {
    dispatches: [
      {
        kernel: 'log-softmax-at',
        constants: { DERIVATIVE: derivative ? 1 : 0 },
        uniforms: [rows, n, logits, allowed, indices, cotangent, 0, 0],
        // Without a cotangent something must be bound in its place.
        operands: derivative ? [0, 1, 2, 3] : [0, 1, 2, 0],
        threads: 64 * rows,
        workgroupSize: 64,
      },
    ],
  };
};

/** (logits [S, n], allowed u32 [S, n], indices u32 [S], cotangent [S]) → [S, n]. */
const derivative: Composite = {
  name: 'logSoftmaxAtDerivative',
  settings: {},
  meaning: (operands) => {
    const [logits, allowed, indices, cotangent] = operands as Rows;
    const [rows = 1, n = 1] = logits.shape;
    const own = cast(oneHotMask(indices, n), logits.dtype);
    return mul(sub(own, softmax(logits, allowed)), reshape(cotangent, [rows, 1]));
  },
  kernel: (call) => dispatch(call, true),
};

const atIndex: Composite = {
  name: 'logSoftmaxAt',
  settings: {},
  meaning: (operands) => {
    const [logits, allowed, indices] = operands as Rows;
    return takeLast(logSoftmax(logits, allowed), indices);
  },
  kernel: (call) => dispatch(call, false),
  pullback: (operands, cotangent) => [composite(derivative, [...operands, cotangent])],
};

/**
 * log-softmax of each row of logits [S, n] over its allowed entries (u32 [S, n], one a row at least), taken at an index of
 * each (u32 [S]): [S]. An index that is not allowed gives a number without meaning. Throws a TypeError for other shapes.
 */
export const logSoftmaxAt = (logits: Tensor, allowed: Tensor, indices: Tensor): Tensor => {
  const fits =
    logits.shape.length === 2 &&
    sameShape(logits.shape, allowed.shape) &&
    sameShape(indices.shape, logits.shape.slice(0, 1));
  if (!fits)
    throw misuse(
      'logSoftmaxAt',
      [logits, allowed, indices],
      'takes logits [S, n], a mask [S, n] and indices [S]',
    );
  return composite(atIndex, [logits, allowed, indices]);
};
