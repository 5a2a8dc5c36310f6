/**
 * Operands of one shape: numbers stand for scalars, and axes of size one repeat by explicit `broadcast` nodes (NumPy's
 * broadcasting rule). What all elementwise constructors begin with.
 */
import {
  allocate,
  isFloat,
  misuse,
  sameShape,
  type DType,
  type Shape,
  type Tensor,
  type TensorType,
  type TypedArray,
} from './expression.js';
import { nodeOf } from './primitive.js';
import * as movement from './primitives/movement.js';
import * as source from './primitives/source.js';

/** A tensor, or a number standing for a scalar of the other operand's dtype. */
export type Operand = Tensor | number;

/** Whether a number is one of a dtype's: floats round, integers must not. */
const holds = (dtype: DType, value: number): boolean =>
  dtype === 'u32' ? value === value >>> 0 : dtype === 'i32' ? value === (value | 0) : true;

/**
 * A value that the program holds, row-major. The values are copied; floats are kept in 64 bits until an engine has them.
 * Throws a TypeError for numbers that an integer dtype does not have.
 */
export const constant = (values: TypedArray | readonly number[], dtype: DType, shape: Shape): Tensor => {
  if (!isFloat(dtype)) {
    const wrong = values.find((value) => !holds(dtype, value));
    if (wrong !== undefined)
      throw misuse(
        'constant',
        [{ dtype, shape }],
        `${wrong} is no number of ${dtype}; make the constant f32`,
      );
  }
  const memory = allocate(isFloat(dtype) ? 'f64' : dtype, values.length);
  memory.set(values);
  return nodeOf(source.constant, [], { values: memory }, { shape, dtype });
};

/** A scalar constant. */
export const scalar = (value: number, dtype: DType): Tensor => constant([value], dtype, []);

/** The operand repeated to a larger shape. */
export const broadcast = (a: Tensor, shape: Shape): Tensor =>
  sameShape(a.shape, shape) ? a : nodeOf(movement.broadcast, [a], {}, { shape, dtype: a.dtype });

/** The shape of two operands together under NumPy's rule; undefined where they do not fit. */
export const commonShape = (a: Shape, b: Shape): Shape | undefined => {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const x = a[axis - rank + a.length] ?? 1;
    const y = b[axis - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    shape.push(Math.max(x, y));
  }
  return shape;
};

const lift = (name: string, a: Operand, like: TensorType): Tensor => {
  if (typeof a !== 'number') return a;
  if (!holds(like.dtype, a))
    throw misuse(name, [like], `${a} is no number of ${like.dtype}; cast the tensor to f32 first`);
  return scalar(a, like.dtype);
};

/** Two operands in one shape. Throws a TypeError, naming the operation, where they do not fit or both are numbers. */
export const pairOf = (name: string, a: Operand, b: Operand): readonly [Tensor, Tensor] => {
  const like = typeof a === 'number' ? b : a;
  if (typeof like === 'number') throw misuse(name, [], 'at least one operand must be a tensor');
  const x = lift(name, a, like);
  const y = lift(name, b, like);
  const shape = commonShape(x.shape, y.shape);
  if (shape === undefined)
    throw misuse(
      name,
      [x, y],
      'the shapes do not fit: axes are matched from the last, and only those of size 1 repeat',
    );
  return [broadcast(x, shape), broadcast(y, shape)];
};
