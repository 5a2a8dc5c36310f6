/** Which WebAssembly kernel does an elementwise step. */
import { bytesOf } from '../../tensor/expression.js';
import type { Step } from '../step.js';
import type { WasmKernels } from './wasm/exports.js';

/** A kernel by its name among the exports, and whether its operands may repeat one element. */
export interface ElementwiseKernel {
  readonly name: keyof WasmKernels;
  readonly strided: boolean;
}

const unary = (name: keyof WasmKernels): ElementwiseKernel => ({ name, strided: false });
const strided = (name: keyof WasmKernels): ElementwiseKernel => ({ name, strided: true });

/** By primitive and dtype of the first operand. */
const kernels: Readonly<Record<string, ElementwiseKernel>> = {
  'neg f32': unary('negF32'),
  'neg f64': unary('negF64'),
  'exp f32': unary('expF32'),
  'log f32': unary('logF32'),
  'tanh f32': unary('tanhF32'),
  'sqrt f32': unary('sqrtF32'),
  'sqrt f64': unary('sqrtF64'),
  'reciprocal f32': unary('reciprocalF32'),
  'reciprocal f64': unary('reciprocalF64'),
  'add f32': strided('addF32'),
  'add f64': strided('addF64'),
  'add u32': strided('addU32'),
  'add i32': strided('addU32'),
  'sub f32': strided('subF32'),
  'sub f64': strided('subF64'),
  'sub u32': strided('subU32'),
  'sub i32': strided('subU32'),
  'mul f32': strided('mulF32'),
  'mul f64': strided('mulF64'),
  'mul u32': strided('mulU32'),
  'mul i32': strided('mulU32'),
  'div f32': strided('divF32'),
  'div f64': strided('divF64'),
  'div u32': strided('divU32'),
  'maximum f32': strided('maximumF32'),
  'maximum f64': strided('maximumF64'),
  'less f32': strided('lessF32'),
  'less f64': strided('lessF64'),
  'less u32': strided('lessU32'),
  'equal f32': strided('equalF32'),
  'equal f64': strided('equalF64'),
  'equal u32': strided('equalU32'),
  'equal i32': strided('equalU32'),
  'cast u32 f32': unary('castU32F32'),
  'cast i32 f32': unary('castI32F32'),
  'cast f32 u32': unary('castF32U32'),
  'cast f32 i32': unary('castF32I32'),
};

/** The kernel of a step, undefined where there is none. */
export const elementwiseKernel = ({ primitive, operands, output }: Step): ElementwiseKernel | undefined => {
  if (primitive === 'select') return bytesOf(output.dtype) === 4 ? strided('select32') : undefined;
  const dtype = operands[0]?.dtype ?? '';
  return kernels[primitive === 'cast' ? `cast ${dtype} ${output.dtype}` : `${primitive} ${dtype}`];
};
