/** Joined operands as dispatches of copy.wgsl, each into its place. */
import { sizeOf } from '../../../tensor/expression.js';
import type { Dispatch, KernelCall } from '../../../tensor/primitive.js';
import { starts } from '../../../tensor/primitives/movement.js';
import { coalesce, four, sliceView, wholeView, type View } from '../../../tensor/view.js';

/** Dispatches of copy.wgsl that write a view of one operand into a view of the output. */
const copyDispatch = (operand: number, from: View, to: View): Dispatch => {
  const { shape, strides } = coalesce([from, to]);
  const [read = [], write = []] = strides;
  return {
    kernel: 'copy',
    constants: { FLAT: shape.length <= 1 ? 1 : 0 },
    uniforms: [
      ...four(shape, 1),
      ...four(read, 0),
      ...four(write, 0),
      from.offset,
      to.offset,
      sizeOf(from.shape),
      0,
    ],
    operands: [operand],
    threads: sizeOf(from.shape),
    workgroupSize: 64,
  };
};

/** Operands one after another, a copy each. */
export const concat = ({
  attributes: { axis },
  operands,
  output,
}: KernelCall<'concat'>): readonly Dispatch[] => {
  let start = 0;
  return operands.map(({ shape, view }, i) => {
    const to = sliceView(wholeView(output.shape), starts(output.shape.length, axis, start), shape);
    start += shape[axis] ?? NaN;
    return copyDispatch(i, view, to);
  });
};
