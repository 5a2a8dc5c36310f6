/** Which WebAssembly kernel does an elementwise step. */
import { bytesOf } from '../../tensor/expression.js';
import type { Step } from '../step.js';

/**
 * The kernels, each at its number in kernels/cpu/steps.ts, by primitive and dtype of the first operand, a cast by both dtypes: first
 * those of one operand, which take no strides.
 */
const kernels: readonly string[] = [
  ...['neg f32', 'neg f64', 'exp f32', 'log f32', 'tanh f32', 'sqrt f32', 'sqrt f64'],
  ...['reciprocal f32', 'reciprocal f64'],
  ...['cast u32 f32', 'cast i32 f32', 'cast f32 u32', 'cast f32 i32'],
  ...['add f32', 'add f64', 'add u32', 'sub f32', 'sub f64', 'sub u32', 'mul f32', 'mul f64', 'mul u32'],
  ...['div f32', 'div f64', 'div u32', 'maximum f32', 'maximum f64'],
  ...['less f32', 'less f64', 'less u32', 'equal f32', 'equal f64', 'equal u32', 'select u32'],
];

/** A kernel by its number, whether its operands may repeat one element, and what it takes. */
export interface ElementwiseKernel {
  readonly number: number;
  readonly strided: boolean;
  /** Nanoseconds an element, where operands lie in the cache. */
  readonly cost: number;
}

const costOf = (primitive: string): number =>
  /^(?:exp|log|tanh)$/.test(primitive) ? 1.5 : /^(?:div|sqrt|reciprocal)$/.test(primitive) ? 0.6 : 0.3;

/** The kernel of a step, undefined where there is none. */
export const elementwiseKernel = ({ primitive, operands, output }: Step): ElementwiseKernel | undefined => {
  // The mask of a select is u32, and what it chooses from of 4 bytes.
  if (primitive === 'select' && bytesOf(output.dtype) !== 4) return undefined;
  const dtype = operands[0]?.dtype ?? '';
  // Modulo 2^32 the bits of these are the same.
  const alike = dtype === 'i32' && /^(?:add|sub|mul|equal)$/.test(primitive) ? 'u32' : dtype;
  const name = `${primitive} ${primitive === 'cast' ? `${dtype} ${output.dtype}` : alike}`;
  const number = kernels.indexOf(name);
  return number < 0
    ? undefined
    : { number, strided: number >= kernels.indexOf('add f32'), cost: costOf(primitive) };
};
