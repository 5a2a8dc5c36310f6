/**
 * From the steps of a plan to actions on memory: on the WebAssembly kernels where they can do a step, runs of elementwise
 * steps together, and else by each primitive's own meaning in plain TypeScript.
 */
import type { TypedArray } from '../../tensor/expression.js';
import type { HostCall, HostOperand } from '../../tensor/primitive.js';
import { hostCopy } from '../../tensor/primitives/walk.js';
import { primitives } from '../../tensor/primitives/index.js';
import type { Place, Step } from '../plan.js';
import { elementwiseOf, joins, runOf, type Elementwise } from './elementwise.js';
import { kernelAction, type Action } from './kernels.js';
import { locate } from './located.js';
import type { Memory } from './memory.js';

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
  if (lowering.kind !== 'compute') throw new Error(`cpu: ${step.primitive} computes nothing`);
  // The plan pairs each primitive with its own attributes.
  const host = lowering.host as (call: HostCall<never>) => void;
  const call = {
    attributes: step.attributes,
    operands,
    output: { ...step.output, data },
  } as unknown as HostCall<never>;
  return () => host(call);
};

/** The actions of some steps, in order; `slotAt` says where slots lie in the parity that they are for. */
export const actionsOf = (
  steps: readonly Step[],
  { arrays, linear }: Memory,
  slotAt: (slot: number) => number,
): readonly Action[] => {
  if (linear === undefined) return steps.map((step) => hostAction(step, arrays, slotAt));
  const { kernels, addresses, scratch } = linear;
  const actions: Action[] = [];
  let run: Elementwise[] = [];
  const finish = (): void => {
    if (run.length > 0) actions.push(runOf(run));
    run = [];
  };
  for (const step of steps) {
    const located = locate(step, addresses, slotAt);
    const elementwise = elementwiseOf(kernels, located);
    if (elementwise !== undefined) {
      if (!joins(run, elementwise)) finish();
      run.push(elementwise);
      continue;
    }
    finish();
    actions.push(kernelAction(kernels, located, arrays, scratch) ?? hostAction(step, arrays, slotAt));
  }
  finish();
  return actions;
};
