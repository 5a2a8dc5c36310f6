/** What a generated application of a primitive is: an expression, and the values of the inputs under it. */
import * as fc from 'fast-check';
import type {
  Attributes,
  PrimitiveName,
  Shape,
  Tensor,
  TensorType,
  TypedArray,
} from '../../src/tensor/expression.js';
import { apply } from '../../src/tensor/operations.js';
import { show } from '../../src/tensor/show.js';
import type { Operand } from './operands.js';

/** One application of a primitive: its value as an expression, and the values of the inputs that it reads. */
export interface Case {
  readonly result: Tensor;
  readonly values: Readonly<Record<string, TypedArray>>;
}

/** How cases of a primitive are made, and what its derivative is held against. */
export interface Generator {
  readonly cases: fc.Arbitrary<Case>;
  /** `zero`: constant between jumps, or without a derivative by definition; differences would see the jumps. */
  readonly derivative: 'differences' | 'zero';
}

/** Cases whose derivative is the limit of differences. */
export const smooth = (cases: fc.Arbitrary<Case>): Generator => ({ cases, derivative: 'differences' });
/** Cases whose derivative is zero. */
export const jumping = (cases: fc.Arbitrary<Case>): Generator => ({ cases, derivative: 'zero' });

/** A case from its value and the operands that it reads. fast-check prints it as the expression and the values. */
export const caseOf = (result: Tensor, operands: readonly Operand[]): Case => {
  const values = Object.fromEntries(operands.map((own) => [own.input, own.values]));
  const text = Object.entries(values).map(([name, own]) => `${name}: ${Array.from(own).join(' ')}`);
  return Object.assign({ result, values }, { [fc.toStringMethod]: () => [show(result), ...text].join('\n') });
};

/** A case of a primitive. */
export const made = <K extends PrimitiveName>(
  name: K,
  operands: readonly Operand[],
  attributes: Attributes[K],
  wanted?: TensorType,
): Case => {
  const tensors = operands.map(({ tensor }) => tensor);
  return caseOf(apply(name, tensors, attributes, wanted), operands);
};

/** All axes of a shape. */
export const axesOf = (shape: Shape): readonly number[] => shape.map((_, axis) => axis);
/** A size of an axis. */
export const size = (max: number) => fc.integer({ min: 1, max });
