/**
 * The expression DAG: what a tensor is.
 *
 * A Tensor is an immutable node: a primitive, its operands, its attributes, its shape and dtype. Building one computes
 * nothing and owns nothing. Engines give it meaning (src/engine); src/tensor/primitives says what each primitive is.
 */
import type { Composite } from './composite.js';
import type { PointwiseName } from './pointwise/index.js';

/** Element types. f64 exists on the CPU engine only; masks and indices are u32. */
export type DType = 'f32' | 'f64' | 'u32' | 'i32';

/** Sizes of the axes, outermost first; [] is a scalar. At most {@link maximalRank} axes. */
export type Shape = readonly number[];

/** Host memory for each dtype. */
export type TypedArray = Float32Array | Float64Array | Uint32Array | Int32Array;

/** Shape and element type of a tensor. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What each primitive carries besides its operands. The keys are the closed set of primitives. */
export interface Attributes extends Readonly<Record<PointwiseName, object>> {
  readonly input: { readonly name: string };
  readonly constant: { readonly values: TypedArray };
  readonly iota: { readonly axis: number };
  readonly stopGradient: object;
  readonly reshape: object;
  readonly transpose: { readonly permutation: readonly number[] };
  readonly broadcast: object;
  readonly slice: { readonly starts: readonly number[] };
  readonly pad: { readonly before: readonly number[] };
  readonly concat: { readonly axis: number };
  readonly sum: { readonly axes: readonly number[] };
  readonly max: { readonly axes: readonly number[] };
  readonly argmax: { readonly axes: readonly number[] };
  readonly matmul: object;
  readonly gather: object;
  readonly scatterAdd: object;
  readonly cholesky: object;
  readonly triangularSolve: { readonly transpose: boolean };
  readonly threefry: object;
  readonly composite: Composite;
}

/** The name of a primitive. */
export type PrimitiveName = keyof Attributes;

/** A node of the DAG made by one primitive. */
export interface Node<K extends PrimitiveName> extends TensorType {
  readonly primitive: K;
  readonly operands: readonly Tensor[];
  readonly attributes: Attributes[K];
}

/** An immutable tensor expression. Compare by reference; structurally equal ones are computed once by the engines. */
export type Tensor = { readonly [K in PrimitiveName]: Node<K> }[PrimitiveName];

/** Kernels index with four-component vectors; fold axes with `reshape` where more are wanted. */
export const maximalRank = 4;

/** The number of elements of a shape. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

/** Whether two shapes are the same. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

/** A type as text: `f32[3, 4]`. */
export const showType = (type: TensorType): string => `${type.dtype}[${type.shape.join(', ')}]`;

/** Bytes of one element. */
export const bytesOf = (dtype: DType): number => (dtype === 'f64' ? 8 : 4);

/** Fresh zeroed host memory for `size` elements. */
export const allocate = (dtype: DType, size: number): TypedArray => {
  switch (dtype) {
    case 'f32':
      return new Float32Array(size);
    case 'f64':
      return new Float64Array(size);
    case 'u32':
      return new Uint32Array(size);
    case 'i32':
      return new Int32Array(size);
  }
};

/** The dtype of host memory. */
export const dtypeOf = (values: TypedArray): DType =>
  values instanceof Float32Array
    ? 'f32'
    : values instanceof Float64Array
      ? 'f64'
      : values instanceof Uint32Array
        ? 'u32'
        : 'i32';

/** Whether a dtype has derivatives. */
export const isFloat = (dtype: DType): boolean => dtype === 'f32' || dtype === 'f64';

/**
 * Thrown where an expression is built from operands that do not fit: the operation, what it was given, and the fix.
 * A programmer's mistake, hence no value of {@link Failure}.
 */
export const misuse = (operation: string, operands: readonly TensorType[], problem: string): TypeError =>
  new TypeError(`${operation}(${operands.map(showType).join(', ')}): ${problem}`);

/** Throws where a shape is none: sizes are whole numbers from 1, and there are at most {@link maximalRank} axes. */
export const requireShape = (operation: string, operands: readonly TensorType[], shape: Shape): void => {
  if (shape.some((size) => !Number.isInteger(size) || size < 1))
    throw misuse(operation, operands, `[${shape.join(', ')}] is no shape: sizes are whole numbers from 1`);
  if (shape.length > maximalRank)
    throw misuse(operation, operands, `at most ${maximalRank} axes; fold some of [${shape.join(', ')}]`);
};
