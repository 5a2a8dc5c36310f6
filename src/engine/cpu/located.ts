/** A step's operands and output as addresses in linear memory: what the WebAssembly kernels take. */
import { bytesOf, type DType, type Shape } from '../../tensor/expression.js';
import type { View } from '../../tensor/view.js';
import type { Step } from '../step.js';

/** Where a slot's first byte is, and whether it has room for one tile only. */
export interface Room {
  readonly address: number;
  readonly tile: boolean;
}

/** An operand in linear memory. */
export interface Located {
  readonly slot: number;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly view: View;
  /** Where element 0 of the view's buffer lies, in bytes; the view's offset comes on top. */
  readonly address: number;
}

/** A step in linear memory. */
export interface LocatedStep {
  readonly step: Step;
  readonly operands: readonly Located[];
  /** Row-major from its address. */
  readonly output: {
    readonly slot: number;
    readonly shape: Shape;
    readonly dtype: DType;
    readonly address: number;
  };
}

/**
 * The step with addresses: `roomOf` says where slots are, `slotAt` which slot one of the plan's is in the parity that the
 * step is for.
 */
export const locate = (
  step: Step,
  roomOf: (slot: number) => Room,
  slotAt: (slot: number) => number,
): LocatedStep => ({
  step,
  operands: step.operands.map(({ slot, shape, dtype, view }) => ({
    slot: slotAt(slot),
    shape,
    dtype,
    view,
    address: roomOf(slotAt(slot)).address,
  })),
  output: {
    ...step.output,
    slot: slotAt(step.output.slot),
    address: roomOf(slotAt(step.output.slot)).address,
  },
});

/** The address of a view's first element. */
export const startOf = ({ address, dtype, view }: Located): number => address + view.offset * bytesOf(dtype);
