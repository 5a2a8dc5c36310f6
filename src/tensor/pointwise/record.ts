/**
 * What a pointwise primitive is: its constructor, which carries everything else about it — its shape rule, its loop on
 * the host, its function in WGSL, its derivative and where it is defined.
 *
 * Adding one of one or two operands touches arithmetic.ts, and spec/tensor/by-hand.spec.ts for an example: all else reads its record.
 * The CPU engine runs the loop until a kernel in WebAssembly is put beside it (src/engine/cpu/elementwise-kernels.ts).
 */
import { pairOf, type Operand } from '../broadcasting.js';
import {
  isFloat,
  misuse,
  sameShape,
  type DType,
  type PrimitiveName,
  type Tensor,
  type TensorType,
} from '../expression.js';
import { nodeOf, type Primitive } from '../primitive.js';
import { walk, type Run } from '../primitives/walk.js';

/** Where a function of a float is defined and smooth: what generated operands keep to. */
export type Domain = 'real' | 'positive' | 'nonzero';

/** From the cotangent of the value, the operands and the value to the operands' cotangents; undefined is a zero. */
export type PointwiseDerivative = (
  cotangent: Tensor,
  operands: readonly [Tensor, Tensor, Tensor],
  value: Tensor,
) => readonly (Tensor | undefined)[];

/** What the constructor of a pointwise primitive carries. */
export interface PointwiseRecord {
  readonly primitive: Primitive<PrimitiveName>;
  readonly derivative: PointwiseDerivative;
  /** Of each operand of {@link Unary} and {@link Binary}. */
  readonly domains: readonly Domain[];
}

/** A primitive of one float operand. Throws a TypeError for an integer. */
export interface Unary extends PointwiseRecord {
  (a: Tensor): Tensor;
  readonly domains: readonly [Domain];
}

/** A primitive of two operands of one dtype, which are broadcast together; numbers stand for scalars. */
export interface Binary extends PointwiseRecord {
  (a: Operand, b: Operand): Tensor;
  readonly domains: readonly [Domain, Domain];
}

/**
 * WGSL from the words a and b of the operands' elements to that of the result, or to a bool where it is a mask, by the
 * operands' element type; i32 has the words of u32 where nothing else is said. It may call the functions of
 * kernels/pointwise.wgsl.
 */
export type Words = Readonly<{ [K in 'f32' | 'u32']: string } & { i32?: string }>;

const requireFloat = (name: string, operands: readonly TensorType[]): TensorType => {
  const [a] = operands;
  if (a === undefined || operands.length !== 1) throw misuse(name, operands, 'takes one operand');
  if (!isFloat(a.dtype)) throw misuse(name, operands, 'takes floats; cast the operand to f32 first');
  return { shape: a.shape, dtype: a.dtype };
};

/** The first two operands, which must be all, of one dtype and one shape; throws a TypeError otherwise. */
export const requireAlike = (
  name: string,
  operands: readonly TensorType[],
): readonly [TensorType, TensorType] => {
  const [a, b] = operands;
  if (a === undefined || b === undefined || operands.length !== 2)
    throw misuse(name, operands, 'takes two operands');
  if (a.dtype !== b.dtype) throw misuse(name, operands, 'the dtypes differ; cast one of the operands');
  if (!sameShape(a.shape, b.shape))
    throw misuse(name, operands, 'the shapes differ; broadcast one operand to the other');
  return [a, b];
};

/** A primitive of one float operand. */
export const unary = (
  name: PrimitiveName,
  run: Run,
  wgsl: string,
  derivative: (cotangent: Tensor, a: Tensor, value: Tensor) => Tensor,
  domain: Domain = 'real',
): Unary => {
  const primitive: Primitive<PrimitiveName> = {
    name,
    type: (operands) => requireFloat(name, operands),
    lowering: { kind: 'pointwise', host: (call) => walk(call, run), wgsl: () => wgsl },
  };
  const construct = (a: Tensor): Tensor => nodeOf(primitive, [a], {});
  return Object.assign(construct, {
    primitive,
    derivative: (g: Tensor, [a]: readonly [Tensor, Tensor, Tensor], y: Tensor) => [derivative(g, a, y)],
    domains: [domain] as const,
  });
};

/** What a primitive of two operands may say besides: its loop for integers, and that it gives a mask. */
interface BinaryOptions {
  readonly integers?: Run;
  readonly mask?: boolean;
  readonly domains?: readonly [Domain, Domain];
}

/** A primitive of two operands of one dtype. */
export const binary = (
  name: PrimitiveName,
  run: Run,
  { f32, u32, i32 = u32 }: Words,
  derivative: PointwiseDerivative,
  { integers = run, mask = false, domains = ['real', 'real'] }: BinaryOptions = {},
): Binary => {
  const words: Readonly<Partial<Record<DType, string>>> = { f32, u32, i32 };
  const primitive: Primitive<PrimitiveName> = {
    name,
    type: (operands) => {
      const [{ shape, dtype }] = requireAlike(name, operands);
      return { shape, dtype: mask ? 'u32' : dtype };
    },
    lowering: {
      kind: 'pointwise',
      host: (call) => walk(call, call.operands.every(({ dtype }) => isFloat(dtype)) ? run : integers),
      wgsl: (from) => (mask ? `mask(${words[from] ?? ''})` : words[from]),
    },
  };
  const construct = (a: Operand, b: Operand): Tensor => nodeOf(primitive, pairOf(name, a, b), {});
  return Object.assign(construct, { primitive, derivative, domains });
};
