// The kernels of the CPU engine as they are exported; src/engine/cpu/wasm/exports.ts says what each one does.
// Pointers are byte offsets into the imported memory. Nothing is allocated and nothing lies in memory of its own.
import { Op, binary, compare64, copy, unary } from './elementwise';
import { matmul, scratchBytes } from './matmul';
import { maxRows, sumColumns, sumRows } from './reduction';

export { divU32, select32 } from './elementwise';
export { argmaxRowsF32 } from './reduction';
export { threefry } from './threefry';

export function matmulScratchBytes(m: i32, k: i32, n: i32): i32 {
  return scratchBytes<f64>(m, k, n);
}

export function matmulF32(
  out: usize, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32, m: i32, k: i32, n: i32, scratch: usize,
  adds: bool,
): void {
  matmul<f32>(out, a, aRow, aCol, b, bRow, bCol, m, k, n, scratch, adds);
}

export function matmulF64(
  out: usize, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32, m: i32, k: i32, n: i32, scratch: usize,
  adds: bool,
): void {
  matmul<f64>(out, a, aRow, aCol, b, bRow, bCol, m, k, n, scratch, adds);
}

export function addF32(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<f32>(Op.add, n, out, a, as, b, bs);
}

export function subF32(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<f32>(Op.sub, n, out, a, as, b, bs);
}

export function mulF32(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<f32>(Op.mul, n, out, a, as, b, bs);
}

export function divF32(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<f32>(Op.div, n, out, a, as, b, bs);
}

export function maximumF32(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<f32>(Op.maximum, n, out, a, as, b, bs);
}

export function addF64(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<f64>(Op.add, n, out, a, as, b, bs);
}

export function subF64(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<f64>(Op.sub, n, out, a, as, b, bs);
}

export function mulF64(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<f64>(Op.mul, n, out, a, as, b, bs);
}

export function divF64(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<f64>(Op.div, n, out, a, as, b, bs);
}

export function maximumF64(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<f64>(Op.maximum, n, out, a, as, b, bs);
}

export function addU32(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<u32>(Op.add, n, out, a, as, b, bs);
}

export function subU32(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<u32>(Op.sub, n, out, a, as, b, bs);
}

export function mulU32(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<u32>(Op.mul, n, out, a, as, b, bs);
}

export function lessF32(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<f32>(Op.less, n, out, a, as, b, bs);
}

export function equalF32(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<f32>(Op.equal, n, out, a, as, b, bs);
}

export function lessU32(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<u32>(Op.less, n, out, a, as, b, bs);
}

export function equalU32(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  binary<u32>(Op.equal, n, out, a, as, b, bs);
}

export function lessF64(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  compare64(Op.less, n, out, a, as, b, bs);
}

export function equalF64(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  compare64(Op.equal, n, out, a, as, b, bs);
}

export function negF32(n: i32, out: usize, a: usize): void {
  unary<f32>(Op.neg, n, out, a);
}

export function sqrtF32(n: i32, out: usize, a: usize): void {
  unary<f32>(Op.sqrt, n, out, a);
}

export function reciprocalF32(n: i32, out: usize, a: usize): void {
  unary<f32>(Op.reciprocal, n, out, a);
}

export function expF32(n: i32, out: usize, a: usize): void {
  unary<f32>(Op.exp, n, out, a);
}

export function logF32(n: i32, out: usize, a: usize): void {
  unary<f32>(Op.log, n, out, a);
}

export function tanhF32(n: i32, out: usize, a: usize): void {
  unary<f32>(Op.tanh, n, out, a);
}

export function negF64(n: i32, out: usize, a: usize): void {
  unary<f64>(Op.neg, n, out, a);
}

export function sqrtF64(n: i32, out: usize, a: usize): void {
  unary<f64>(Op.sqrt, n, out, a);
}

export function reciprocalF64(n: i32, out: usize, a: usize): void {
  unary<f64>(Op.reciprocal, n, out, a);
}

export function castU32F32(n: i32, out: usize, a: usize): void {
  unary<f32>(Op.castU32F32, n, out, a);
}

export function castF32U32(n: i32, out: usize, a: usize): void {
  unary<f32>(Op.castF32U32, n, out, a);
}

export function castI32F32(n: i32, out: usize, a: usize): void {
  unary<f32>(Op.castI32F32, n, out, a);
}

export function castF32I32(n: i32, out: usize, a: usize): void {
  unary<f32>(Op.castF32I32, n, out, a);
}

export function copy32(n: i32, out: usize, a: usize, aStride: i32): void {
  copy<u32>(n, out, a, aStride);
}

export function copy64(n: i32, out: usize, a: usize, aStride: i32): void {
  copy<u64>(n, out, a, aStride);
}

export function sumRowsF32(rows: i32, n: i32, out: usize, a: usize, rowStride: i32): void {
  sumRows<f32>(rows, n, out, a, rowStride);
}

export function sumColumnsF32(rows: i32, n: i32, out: usize, a: usize, rowStride: i32): void {
  sumColumns<f32>(rows, n, out, a, rowStride);
}

export function maxRowsF32(rows: i32, n: i32, out: usize, a: usize, rowStride: i32): void {
  maxRows<f32>(rows, n, out, a, rowStride);
}

export function sumRowsF64(rows: i32, n: i32, out: usize, a: usize, rowStride: i32): void {
  sumRows<f64>(rows, n, out, a, rowStride);
}

export function sumColumnsF64(rows: i32, n: i32, out: usize, a: usize, rowStride: i32): void {
  sumColumns<f64>(rows, n, out, a, rowStride);
}

export function maxRowsF64(rows: i32, n: i32, out: usize, a: usize, rowStride: i32): void {
  maxRows<f64>(rows, n, out, a, rowStride);
}
