/** How a dtype travels as the override constant of a kernel. */
import type { DType } from '../../../tensor/expression.js';

/** 0 of f32, 1 of u32, 2 of i32. */
export const typeCode = (dtype: DType): number => (dtype === 'u32' ? 1 : dtype === 'i32' ? 2 : 0);
