/**
 * What a primitive is: one value with its name, its shape rule and its meaning on the CPU. Its derivative
 * (a graph-to-graph rule) stands in src/tensor/derivatives.ts, or beside it where it is pointwise (src/tensor/pointwise);
 * its generator of valid operands in spec/support.
 */
import type { Attributes, DType, PrimitiveName, Tensor, TensorType, TypedArray } from './expression.js';
import type { View } from './view.js';

/** An operand as a kernel meets it: where its elements lie. */
export interface OperandView extends TensorType {
  readonly view: View;
}

/** An operand with its host memory. */
export interface HostOperand extends OperandView {
  readonly data: TypedArray;
}

/** One evaluation on the CPU. The output's memory is row-major from its start and may hold anything before. */
export interface HostCall<K extends PrimitiveName> {
  readonly attributes: Attributes[K];
  readonly operands: readonly HostOperand[];
  readonly output: TensorType & { readonly data: TypedArray };
}

/** One evaluation to be put into dispatches of kernels. */
export interface KernelCall<K extends PrimitiveName> {
  readonly attributes: Attributes[K];
  readonly operands: readonly OperandView[];
  readonly output: TensorType;
}

/** One dispatch of a file of kernels/: pure data. */
export interface Dispatch {
  /** The file's name without its ending. */
  readonly kernel: string;
  /** Values of `override` constants: with the kernel they name a pipeline. Never shapes. */
  readonly constants: Readonly<Record<string, number>>;
  /** The uniform block, 32-bit words in the order of the kernel's struct. */
  readonly uniforms: readonly number[];
  /** Which operands are bound, in the order of the kernel's bindings; the output is bound last. */
  readonly operands: readonly number[];
  /** Threads wanted along x; the engine lays them out in workgroups of the kernel's size. */
  readonly threads: number;
  /** Threads a workgroup along x: the kernel's own @workgroup_size, in all. */
  readonly workgroupSize: number;
}

/** How an engine gets hold of a primitive's value. */
export type Lowering<K extends PrimitiveName> =
  /** The engine is given the memory: inputs and constants. */
  | { readonly kind: 'bound' }
  /** The same memory read differently; undefined where this view cannot say it and the operand must be copied. */
  | {
      readonly kind: 'view';
      readonly view: (operand: View, output: TensorType, attributes: Attributes[K]) => View | undefined;
    }
  /**
   * Each element of the output from the same element of the operands, which are views of the output's shape. `wgsl` is the
   * expression, or the body of a function, from the words a, b, … of the operands' elements to that of the output, by the
   * first operand's dtype and the output's; undefined where the word stays as it is.
   */
  | {
      readonly kind: 'pointwise';
      readonly host: (call: HostCall<K>) => void;
      readonly wgsl: (from: DType, to: DType) => string | undefined;
    }
  /** A computation. Operands come as any view, or as row-major copies. */
  | {
      readonly kind: 'compute';
      readonly reads: 'views' | 'contiguous';
      readonly host: (call: HostCall<K>) => void;
    };

/** A primitive of the language. */
export interface Primitive<K extends PrimitiveName> {
  readonly name: K;
  /** The type of the result from the operands' types and the shape asked for, or a thrown TypeError that names the fix. */
  readonly type: (
    operands: readonly TensorType[],
    attributes: Attributes[K],
    wanted: TensorType | undefined,
  ) => TensorType;
  readonly lowering: Lowering<K>;
}

/**
 * A node of a primitive. Throws a TypeError where its shape rule does; the named constructors (src/tensor/operations.ts)
 * are what people use.
 */
export const nodeOf = <K extends PrimitiveName>(
  primitive: Primitive<K>,
  operands: readonly Tensor[],
  attributes: Attributes[K],
  wanted?: TensorType,
): Tensor => {
  const { shape, dtype } = primitive.type(operands, attributes, wanted);
  // The union of nodes by name is what K stands for.
  return { primitive: primitive.name, operands, attributes, shape, dtype } as unknown as Tensor;
};
