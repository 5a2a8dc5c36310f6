/**
 * Pointwise steps: which they are, and where each element of their output meets those of the operands. Reshaped, transposed,
 * sliced and repeated operands are read where they lie; `pad` reads zero outside of its operand's box, and `concat` is the
 * union, bit by bit, of operands that are zero outside of theirs.
 */
import type { Shape } from '../../tensor/expression.js';
import { isContiguous, rowMajor, sliceView, type View } from '../../tensor/view.js';
import { primitives } from '../../tensor/primitives/index.js';
import type { Place, Step } from '../plan.js';

/** Where an operand lies along the axes of the output; outside it reads as zero. */
export interface Box {
  readonly from: readonly number[];
  readonly count: Shape;
}

/** An operand as each element of the output meets it. */
export interface Read {
  readonly slot: number;
  /** In the shape of the output. */
  readonly view: View;
  readonly box: Box | undefined;
}

/** From the words of the operands' elements to that of the output's: the call, and what it calls. */
interface Operation {
  readonly call: (words: readonly string[]) => string;
  readonly text?: string;
}

/** A step whose output's elements each depend on one element of each operand. */
export interface Pointwise {
  readonly reads: readonly Read[];
  /** Undefined where the operand stays as it is. */
  readonly operation: Operation | undefined;
  readonly output: Step['output'];
}

const names = ['a', 'b', 'c'];

/** What `concat` makes of operands that are zero outside of their boxes. */
const union: Operation = { call: (words) => `(${words.join(' | ')})` };

/** The operation of a step, undefined where there is nothing to do; false where it is not pointwise. */
const operationOf = ({ primitive, operands, output }: Step): Operation | undefined | false => {
  const from = operands[0]?.dtype ?? output.dtype;
  if (from === 'f64' || output.dtype === 'f64') return false;
  if (primitive === 'copy' || primitive === 'pad') return undefined;
  if (primitive === 'concat') return union;
  const { lowering } = primitives[primitive];
  if (lowering.kind !== 'pointwise') return false;
  const body = lowering.wgsl(from, output.dtype);
  if (body === undefined) return undefined;
  const name = `${primitive}_${from}_${output.dtype}`;
  const parameters = names.slice(0, operands.length).map((parameter) => `${parameter}: u32`);
  return {
    call: (words) => `${name}(${words.join(', ')})`,
    text: `fn ${name}(${parameters.join(', ')}) -> u32 {\n${body.includes('return') ? body : `return ${body};`}\n}\n`,
  };
};

/** An operand, row-major, inside a larger output. */
const boxed = ({ slot, shape, view }: Place, output: Shape, from: readonly number[]): Read => ({
  slot,
  view: sliceView(
    { shape: output, strides: rowMajor(shape), offset: view.offset },
    from.map((start) => -start),
    output,
  ),
  box: { from, count: shape },
});

/** The step as a pointwise one; undefined where it is none. */
export const pointwiseOf = (step: Step): Pointwise | undefined => {
  const { primitive, attributes, operands, output } = step;
  const operation = operationOf(step);
  if (operation === false) return undefined;
  // The plan pairs each primitive with its own attributes.
  const { before = [], axis = 0 } = attributes as { before?: readonly number[]; axis?: number };
  let start = 0;
  const reads = operands.map((operand): Read => {
    if (primitive === 'pad') return boxed(operand, output.shape, before);
    if (primitive !== 'concat') return { slot: operand.slot, view: operand.view, box: undefined };
    const from = output.shape.map((_, i) => (i === axis ? start : 0));
    start += operand.shape[axis] ?? 0;
    return boxed(operand, output.shape, from);
  });
  return { reads, operation, output };
};

/** Whether element i of the output meets element i of the operand's memory. */
export const isAligned = ({ view, box }: Read): boolean =>
  box === undefined && view.offset === 0 && isContiguous(view);
