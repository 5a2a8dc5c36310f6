// Every kernel of the CPU engine by a name of its own, for the specs; spec/support/every-kernel.ts says what each one does. Pointers
// are byte offsets into the imported memory. Nothing is allocated and nothing lies in memory of its own.
import { copy } from './elementwise';
import { block } from './matmul';
import { maxRows, sumColumns, sumRows } from './reduction';

export { argmaxRowsF32 } from './reduction';
export { threefry } from './threefry';
export * from './named';
export * from './index';

export function matmulF32(
  out: usize, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32, m: i32, k: i32, n: i32, scratch: usize,
  adds: bool,
): void {
  block<f32>(out, a, aRow, aCol, b, bRow, bCol, m, k, n, scratch, adds, 0, m, 0, n);
}

export function matmulF64(
  out: usize, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32, m: i32, k: i32, n: i32, scratch: usize,
  adds: bool,
): void {
  block<f64>(out, a, aRow, aCol, b, bRow, bCol, m, k, n, scratch, adds, 0, m, 0, n);
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
