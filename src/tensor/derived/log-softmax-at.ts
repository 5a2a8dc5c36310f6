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

/** Whether there is a mask: without one every entry is allowed. */
type Masked = boolean;

interface Rows {
  readonly logits: Tensor;
  readonly allowed: Tensor | undefined;
  readonly indices: Tensor;
  readonly cotangent: Tensor | undefined;
}

const rowsOf = (masked: Masked, operands: readonly Tensor[]): Rows => {
  const [logits, allowed, indices, cotangent] = masked
    ? operands
    : [operands[0], undefined, ...operands.slice(1)];
  return { logits, allowed, indices, cotangent } as Rows;
};

const dispatch = ({ operands }: KernelCall<'composite'>, masked: Masked, derivative: boolean) => {
  const [rows = 1, n = 1] = operands[0]?.shape ?? [];
  // Without a mask or a cotangent something must be bound in its place.
  const places = [0, masked ? 1 : 0, masked ? 2 : 1, derivative ? operands.length - 1 : 0];
  return {
    dispatches: [
      {
        kernel: 'log-softmax-at',
        constants: { DERIVATIVE: derivative ? 1 : 0, MASKED: masked ? 1 : 0 },
        uniforms: [rows, n, ...places.map((place) => operands[place]?.view.offset ?? 0), 0, 0],
        operands: places,
        threads: 64 * rows,
        workgroupSize: 64,
      },
    ],
  };
};

/** (logits [S, n][, allowed u32 [S, n]], indices u32 [S], cotangent [S]) → [S, n]. */
const derivativeOf = (masked: Masked): Composite => ({
  name: 'logSoftmaxAtDerivative',
  settings: { masked },
  meaning: (operands) => {
    const { logits, allowed, indices, cotangent = logits } = rowsOf(masked, operands);
    const [rows = 1, n = 1] = logits.shape;
    const own = cast(oneHotMask(indices, n), logits.dtype);
    return mul(sub(own, softmax(logits, allowed)), reshape(cotangent, [rows, 1]));
  },
  kernel: (call) => dispatch(call, masked, true),
});

const atIndex = (masked: Masked): Composite => ({
  name: 'logSoftmaxAt',
  settings: { masked },
  meaning: (operands) => {
    const { logits, allowed, indices } = rowsOf(masked, operands);
    return takeLast(logSoftmax(logits, allowed), indices);
  },
  kernel: (call) => dispatch(call, masked, false),
  pullback: (operands, cotangent) => [composite(derivativeOf(masked), [...operands, cotangent])],
});

/**
 * log-softmax of each row of logits [S, n] over its allowed entries (u32 [S, n], one a row at least; all of them where there is
 * no mask), taken at an index of each (u32 [S]): [S]. An index that is not allowed gives a number without meaning. Throws a
 * TypeError for other shapes.
 */
export const logSoftmaxAt = (logits: Tensor, allowed: Tensor | undefined, indices: Tensor): Tensor => {
  const mask = allowed === undefined ? [] : [allowed];
  const fits =
    logits.shape.length === 2 &&
    mask.every(({ shape }) => sameShape(logits.shape, shape)) &&
    sameShape(indices.shape, logits.shape.slice(0, 1));
  if (!fits)
    throw misuse(
      'logSoftmaxAt',
      [logits, ...mask, indices],
      'takes logits [S, n], a mask [S, n] and indices [S]',
    );
  return composite(atIndex(allowed !== undefined), [logits, ...mask, indices]);
};
