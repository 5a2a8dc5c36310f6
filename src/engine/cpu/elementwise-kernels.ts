/** Which WebAssembly kernel does an elementwise step. */
import { bytesOf } from '../../tensor/expression.js';
import type { Step } from '../step.js';

/** The kernels by their number in kernels/cpu/named.ts: first those of one operand, which take no strides. */
const names = [
  'negF32',
  'negF64',
  'expF32',
  'logF32',
  'tanhF32',
  'sqrtF32',
  'sqrtF64',
  'reciprocalF32',
  'reciprocalF64',
  'castU32F32',
  'castI32F32',
  'castF32U32',
  'castF32I32',
  'addF32',
  'addF64',
  'addU32',
  'subF32',
  'subF64',
  'subU32',
  'mulF32',
  'mulF64',
  'mulU32',
  'divF32',
  'divF64',
  'divU32',
  'maximumF32',
  'maximumF64',
  'lessF32',
  'lessF64',
  'lessU32',
  'equalF32',
  'equalF64',
  'equalU32',
  'select32',
] as const;

/** A kernel by its name and its number, whether its operands may repeat one element, and what it takes. */
export interface ElementwiseKernel {
  readonly name: (typeof names)[number];
  readonly number: number;
  readonly strided: boolean;
  /** Nanoseconds an element, where operands lie in the cache. */
  readonly cost: number;
}

const costOf = (name: string): number =>
  /^(?:exp|log|tanh)/.test(name) ? 1.5 : /^(?:div|sqrt|reciprocal)/.test(name) ? 0.6 : 0.3;

const kernel = (name: ElementwiseKernel['name']): ElementwiseKernel => {
  const number = names.indexOf(name);
  return { name, number, strided: number >= names.indexOf('addF32'), cost: costOf(name) };
};

const select = kernel('select32');

/** By primitive and dtype of the first operand. */
const kernels: Readonly<Record<string, ElementwiseKernel>> = {
  'neg f32': kernel('negF32'),
  'neg f64': kernel('negF64'),
  'exp f32': kernel('expF32'),
  'log f32': kernel('logF32'),
  'tanh f32': kernel('tanhF32'),
  'sqrt f32': kernel('sqrtF32'),
  'sqrt f64': kernel('sqrtF64'),
  'reciprocal f32': kernel('reciprocalF32'),
  'reciprocal f64': kernel('reciprocalF64'),
  'add f32': kernel('addF32'),
  'add f64': kernel('addF64'),
  'add u32': kernel('addU32'),
  'add i32': kernel('addU32'),
  'sub f32': kernel('subF32'),
  'sub f64': kernel('subF64'),
  'sub u32': kernel('subU32'),
  'sub i32': kernel('subU32'),
  'mul f32': kernel('mulF32'),
  'mul f64': kernel('mulF64'),
  'mul u32': kernel('mulU32'),
  'mul i32': kernel('mulU32'),
  'div f32': kernel('divF32'),
  'div f64': kernel('divF64'),
  'div u32': kernel('divU32'),
  'maximum f32': kernel('maximumF32'),
  'maximum f64': kernel('maximumF64'),
  'less f32': kernel('lessF32'),
  'less f64': kernel('lessF64'),
  'less u32': kernel('lessU32'),
  'equal f32': kernel('equalF32'),
  'equal f64': kernel('equalF64'),
  'equal u32': kernel('equalU32'),
  'equal i32': kernel('equalU32'),
  'cast u32 f32': kernel('castU32F32'),
  'cast i32 f32': kernel('castI32F32'),
  'cast f32 u32': kernel('castF32U32'),
  'cast f32 i32': kernel('castF32I32'),
};

/** The kernel of a step, undefined where there is none. */
export const elementwiseKernel = ({ primitive, operands, output }: Step): ElementwiseKernel | undefined => {
  if (primitive === 'select') return bytesOf(output.dtype) === 4 ? select : undefined;
  const dtype = operands[0]?.dtype ?? '';
  return kernels[primitive === 'cast' ? `cast ${dtype} ${output.dtype}` : `${primitive} ${dtype}`];
};
