/**
 * From the steps of a plan to actions on memory: on the WebAssembly kernels where they can do a step, runs of elementwise
 * steps together, and else by each primitive's own meaning in plain TypeScript.
 */
import { allocate, type TypedArray } from '../../tensor/expression.js';
import type { HostCall, HostOperand } from '../../tensor/primitive.js';
import { hostCopy } from '../../tensor/primitives/walk.js';
import { primitives } from '../../tensor/primitives/index.js';
import type { Place, Step } from '../plan.js';
import { runOf } from './elementwise.js';
import { kernelAction, type Action } from './kernels.js';
import { locate } from './located.js';
import type { Memory } from './memory.js';
import type { Group } from './runs.js';

/** A step in plain TypeScript, its memory looked up once. */
const hostAction = (step: Step, memory: readonly TypedArray[], slotAt: (slot: number) => number): Action => {
  const data = memory[slotAt(step.output.slot)] as TypedArray;
  const operands: readonly HostOperand[] = step.operands.map(({ slot, shape, dtype, view }: Place) => ({
    shape,
    dtype,
    view,
    data: memory[slotAt(slot)] as TypedArray,
  }));
  if (step.primitive === 'copy') {
    const [from] = operands;
    return () => {
      if (from !== undefined) hostCopy(from.data, from.view, data, from.dtype);
    };
  }
  const { lowering } = primitives[step.primitive];
  if (lowering.kind !== 'compute' && lowering.kind !== 'pointwise')
    throw new Error(`cpu: ${step.primitive} computes nothing`);
  // The plan pairs each primitive with its own attributes.
  const host = lowering.host as (call: HostCall<never>) => void;
  const call = {
    attributes: step.attributes,
    operands,
    output: { ...step.output, data },
  } as unknown as HostCall<never>;
  const [, , addend] = operands;
  if (step.primitive === 'matmul' && addend !== undefined) {
    // The product goes to memory of its own: what it is added to may lie in the output's.
    const product = { ...call, output: { ...step.output, data: allocate(step.output.dtype, data.length) } };
    return () => {
      host(product);
      product.output.data.forEach((x, i) => {
        data[i] = x + (addend.data[i] ?? NaN);
      });
    };
  }
  return () => host(call);
};

/** The actions of some groups of steps, in order; `slotAt` says where slots lie in the parity that they are for. */
export const actionsOf = (
  groups: readonly Group[],
  { arrays, linear }: Memory,
  slotAt: (slot: number) => number,
): readonly Action[] =>
  groups.map((group) => {
    if (group.kind === 'run') {
      if (linear === undefined) throw new Error('cpu: a run without kernels');
      const { kernels, roomOf } = linear;
      return runOf(kernels, group.run, (slot) => roomOf(slotAt(slot)));
    }
    const { step } = group;
    const own =
      linear && kernelAction(linear.kernels, locate(step, linear.roomOf, slotAt), arrays, linear.scratch);
    return own ?? hostAction(step, arrays, slotAt);
  });
