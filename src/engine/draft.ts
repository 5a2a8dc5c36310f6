/**
 * How does the value of a node come to lie in memory? What is given has a slot. Movement is a view of its operand's slot, or of
 * a row-major copy where no view says it. All else is a step that writes a slot of its own.
 */
import { at } from '../at.js';
import {
  allocate,
  sizeOf,
  type DType,
  type Shape,
  type Tensor,
  type TypedArray,
} from '../tensor/expression.js';
import { primitives } from '../tensor/primitives/index.js';
import { isContiguous, wholeView, type View } from '../tensor/view.js';
import { elementsOf } from './expanded.js';
import { layoutOf } from './layout.js';
import type { Place, Slot, Step } from './step.js';

/** A plan while it is made: its slots and steps so far. */
export interface Draft {
  readonly slots: Slot[];
  readonly steps: Step[];
  /** Slots whose content changes from step to step. A copy belongs where its source is made, whoever asks for it first. */
  readonly varying: Set<number>;
  /** Row-major copies by what they are copies of. */
  readonly copies: Map<string, Place>;
  /** Where inputs lie, by name. */
  readonly inputs: Record<string, Input>;
  readonly constants: { readonly slot: number; readonly values: TypedArray }[];
}

/** An input's slot and what it holds. */
export interface Input {
  readonly slot: number;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A draft of nothing. */
export const emptyDraft = (): Draft => ({
  slots: [],
  steps: [],
  varying: new Set(),
  copies: new Map(),
  inputs: {},
  constants: [],
});

/** A new slot. */
export const newSlot = (draft: Draft, dtype: DType, size: number, varying: boolean): number => {
  const slot = draft.slots.push({ dtype, size }) - 1;
  if (varying) draft.varying.add(slot);
  return slot;
};

/** A new slot that holds a copy of a place, whole and row-major. */
export const copyInto = (draft: Draft, place: Place, varying: boolean): Place => {
  const { dtype, shape } = place;
  const slot = newSlot(draft, dtype, sizeOf(shape), varying);
  draft.steps.push({ primitive: 'copy', attributes: {}, operands: [place], output: { slot, shape, dtype } });
  return { slot, shape, dtype, view: wholeView(shape) };
};

const rowMajorCopy = (draft: Draft, place: Place): Place => {
  const { offset, shape, strides } = place.view;
  const key = `${place.slot}|${offset}|${shape.join()}|${strides.join()}`;
  const copy = draft.copies.get(key) ?? copyInto(draft, place, draft.varying.has(place.slot));
  draft.copies.set(key, copy);
  return copy;
};

/** The place itself where it is row-major, else its copy, made once however many ask for it. */
export const rowMajor = (draft: Draft, place: Place): Place =>
  isContiguous(place.view) ? place : rowMajorCopy(draft, place);

/** Host values in a slot's dtype. */
const inDtype = (values: TypedArray, dtype: DType): TypedArray => {
  const memory = allocate(dtype, values.length);
  memory.set(values);
  return memory;
};

/** A step that computes a node from what it reads, written as `own`, and seen as `view`. */
const computed = (
  draft: Draft,
  node: Tensor,
  varying: boolean,
  reads: readonly Place[],
  own: Shape,
  view: View,
): Place => {
  const { primitive, attributes, shape, dtype } = node;
  const slot = newSlot(draft, dtype, primitive === 'composite' ? elementsOf(node) : sizeOf(own), varying);
  draft.steps.push({ primitive, attributes, operands: reads, output: { slot, shape: own, dtype } });
  return { slot, shape, dtype, view };
};

/** A view of an operand, or of its copy. */
const viewed = (
  draft: Draft,
  { shape, dtype }: Tensor,
  operand: Place,
  viewOf: (operand: View) => View | undefined,
): Place => {
  const view = viewOf(operand.view);
  const { slot } = view === undefined ? rowMajorCopy(draft, operand) : operand;
  return { slot, shape, dtype, view: view ?? wholeView(shape) };
};

/** Where the value of a node lies, its operands having their places. `varying` says whether it changes from step to step. */
export const placeOf = (draft: Draft, node: Tensor, operands: readonly Place[], varying: boolean): Place => {
  const { shape, dtype } = node;
  if (node.primitive === 'input' || node.primitive === 'constant') {
    const slot = newSlot(draft, dtype, sizeOf(shape), varying);
    if (node.primitive === 'input') draft.inputs[node.attributes.name] = { slot, shape, dtype };
    else draft.constants.push({ slot, values: inDtype(node.attributes.values, dtype) });
    return { slot, shape, dtype, view: wholeView(shape) };
  }
  const { lowering } = primitives[node.primitive];
  if (lowering.kind === 'bound') throw new Error(`plan: ${node.primitive} must be bound`);
  if (lowering.kind === 'view') {
    const view = lowering.view as (o: View, t: Tensor, a: Tensor['attributes']) => View | undefined;
    return viewed(draft, node, at(operands, 0), (operand) => view(operand, node, node.attributes));
  }
  if (lowering.kind !== 'pointwise') {
    const reads = lowering.reads === 'views' ? operands : operands.map((operand) => rowMajor(draft, operand));
    return computed(draft, node, varying, reads, shape, wholeView(shape));
  }
  const layout = layoutOf(
    shape,
    operands.map(({ view }) => view),
  );
  const reads = operands.map((operand, i) => ({
    ...operand,
    shape: layout.shape,
    view: layout.operands[i] ?? operand.view,
  }));
  return computed(draft, node, varying, reads, layout.shape, layout.result);
};
