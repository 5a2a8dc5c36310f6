/** What plans are made of: slots of memory, places in them, and steps from places to slots. */
import type { DType, PrimitiveName, Shape, Tensor } from '../tensor/expression.js';
import type { OperandView } from '../tensor/primitive.js';

/** A slot: memory for some elements of one dtype. */
export interface Slot {
  readonly dtype: DType;
  readonly size: number;
}

/** A view of a slot. */
export interface Place extends OperandView {
  readonly slot: number;
}

/**
 * One step: a primitive's evaluation, or the copy of a view into row-major memory. A product may have a third operand of
 * the output's size and order, to which it is added; where its slot is the output's, in place.
 */
export interface Step {
  readonly primitive: PrimitiveName | 'copy';
  readonly attributes: Tensor['attributes'];
  readonly operands: readonly Place[];
  readonly output: { readonly slot: number; readonly shape: Shape; readonly dtype: DType };
}
