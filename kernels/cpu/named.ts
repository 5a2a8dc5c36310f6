// The elementwise kernels by name, each f(n, out, a, …).
import { Op, binary, compare64, divU32, select32, unary } from './elementwise';

export { divU32, select32 };

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
