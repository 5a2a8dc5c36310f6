/**
 * From the steps of a plan to actions on memory: on the WebAssembly kernels where they can do a step, runs of elementwise
 * steps together, and else by each primitive's own meaning in plain TypeScript.
 */
import { allocate, type TypedArray } from '../../tensor/expression.js';
import type { HostCall, HostOperand } from '../../tensor/primitive.js';
import { hostCopy } from '../../tensor/primitives/walk.js';
import { primitives } from '../../tensor/primitives/index.js';
import type { Place, Step } from '../plan.js';
import { runRecord } from './elementwise.js';
import { recordsOf } from './kernels.js';
import { locate, type Room } from './located.js';
import type { Sharing, StepRecord } from './records.js';
import { stepsOf, type Group } from './runs.js';

/** A step as a closed action. */
export type Action = () => void;

/** A group of steps: records for the kernels, or a step in plain TypeScript. */
export type Task =
  | { readonly kind: 'records'; readonly records: readonly StepRecord[] }
  | { readonly kind: 'host'; readonly step: Step };

/** Where slots lie for a task: the slot that stands for one of the plan's in a parity. */
export type SlotOf = (slot: number) => number;

/** A step in plain TypeScript, its memory looked up once. */
export const hostAction = (step: Step, memory: readonly TypedArray[], slotAt: SlotOf): Action => {
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

/** Whether all slots of a group lie as planned. */
const staysIn = (group: Group, slotAt: SlotOf): boolean =>
  stepsOf(group).every(
    ({ output, operands }) =>
      slotAt(output.slot) === output.slot && operands.every(({ slot }) => slotAt(slot) === slot),
  );

/**
 * The tasks of some groups of steps, in order; `slotAt` says where slots lie in the parity that they are for. Where a group has
 * only slots that lie as planned, its task is that of `planned`, if that is given.
 */
export const tasksOf = (
  groups: readonly Group[],
  roomOf: (slot: number) => Room,
  slotAt: SlotOf,
  sharing: Sharing,
  planned?: readonly Task[],
): readonly Task[] =>
  groups.map((group, i) => {
    const same = planned?.[i];
    if (same !== undefined && staysIn(group, slotAt)) return same;
    if (group.kind === 'run')
      return { kind: 'records', records: [runRecord(group.run, (slot) => roomOf(slotAt(slot)))] };
    const { step } = group;
    const records = recordsOf(locate(step, roomOf, slotAt), sharing);
    return records === undefined ? { kind: 'host', step } : { kind: 'records', records };
  });
