// Elementwise loops: out[i] = f(a[i as], b[i bs], …) with strides 0 or 1, four (or two) elements at a time, the rest
// one by one through the same instructions. out may be one of the operands.
import { exp4, log4, tanh4 } from './functions';

export const enum Op {
  add,
  sub,
  mul,
  div,
  maximum,
  less,
  equal,
  neg,
  sqrt,
  reciprocal,
  exp,
  log,
  tanh,
  castU32F32,
  castF32U32,
  castI32F32,
  castF32I32,
}

@inline
function two<T>(op: Op, x: v128, y: v128): v128 {
  if (op == Op.add) return v128.add<T>(x, y);
  if (op == Op.sub) return v128.sub<T>(x, y);
  if (op == Op.mul) return v128.mul<T>(x, y);
  if (op == Op.equal) return v128.and(v128.eq<T>(x, y), i32x4.splat(1));
  if (op == Op.less) return v128.and(v128.lt<T>(x, y), i32x4.splat(1));
  if (isFloat<T>()) {
    if (op == Op.div) return v128.div<T>(x, y);
    if (op == Op.maximum) return v128.max<T>(x, y);
  }
  return x;
}

@inline
export function binary<T>(op: Op, n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  if (n <= 0) return;
  const lanes = <i32>(16 / sizeof<T>());
  let x = v128.load_splat<T>(a), y = v128.load_splat<T>(b);
  // Sixteen at a time where most time goes; the module stays small for it.
  if (isFloat<T>() && sizeof<T>() == 4) {
    let x1 = x, x2 = x, x3 = x, y1 = y, y2 = y, y3 = y;
    for (; n >= 16; n -= 16, out += 64) {
      if (as) {
        x = v128.load(a);
        x1 = v128.load(a, 16);
        x2 = v128.load(a, 32);
        x3 = v128.load(a, 48);
        a += 64;
      }
      if (bs) {
        y = v128.load(b);
        y1 = v128.load(b, 16);
        y2 = v128.load(b, 32);
        y3 = v128.load(b, 48);
        b += 64;
      }
      v128.store(out, two<T>(op, x, y));
      v128.store(out, two<T>(op, x1, y1), 16);
      v128.store(out, two<T>(op, x2, y2), 32);
      v128.store(out, two<T>(op, x3, y3), 48);
    }
  }
  for (; n >= lanes; n -= lanes, out += 16) {
    if (as) {
      x = v128.load(a);
      a += 16;
    }
    if (bs) {
      y = v128.load(b);
      b += 16;
    }
    v128.store(out, two<T>(op, x, y));
  }
  for (; n > 0; n--, out += sizeof<T>()) {
    if (as) {
      x = v128.load_splat<T>(a);
      a += sizeof<T>();
    }
    if (bs) {
      y = v128.load_splat<T>(b);
      b += sizeof<T>();
    }
    v128.store_lane<T>(out, two<T>(op, x, y), 0);
  }
}

/** Comparisons of f64, whose masks are half as wide as the operands. */
@inline
export function compare64(op: Op, n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  const aStep = <usize>as << 3, bStep = <usize>bs << 3;
  for (; n > 0; n--, out += 4, a += aStep, b += bStep) {
    const x = load<f64>(a), y = load<f64>(b);
    store<u32>(out, op == Op.less ? x < y : x == y);
  }
}

/** Integer division; dividing by zero gives the dividend. */
export function divU32(n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32): void {
  const aStep = <usize>as << 2, bStep = <usize>bs << 2;
  // By one power of two, as where random bits are scaled: a shift of four at a time.
  if (n > 0 && as == 1 && bs == 0 && popcnt(load<u32>(b)) == 1) {
    const shift = <i32>ctz(load<u32>(b));
    for (; n >= 4; n -= 4, out += 16, a += 16) v128.store(out, v128.shr<u32>(v128.load(a), shift));
  }
  for (; n > 0; n--, out += 4, a += aStep, b += bStep) {
    const x = load<u32>(a), y = load<u32>(b);
    store<u32>(out, y == 0 ? x : x / y);
  }
}

@inline
function one<T>(op: Op, x: v128): v128 {
  if (op == Op.neg) return v128.neg<T>(x);
  if (op == Op.sqrt) return v128.sqrt<T>(x);
  if (op == Op.reciprocal) return v128.div<T>(v128.splat<T>(1), x);
  if (op == Op.exp) return exp4(x);
  if (op == Op.log) return log4(x);
  if (op == Op.tanh) return tanh4(x);
  if (op == Op.castU32F32) return f32x4.convert_i32x4_u(x);
  if (op == Op.castI32F32) return f32x4.convert_i32x4_s(x);
  if (op == Op.castF32U32) return i32x4.trunc_sat_f32x4_u(x);
  return i32x4.trunc_sat_f32x4_s(x);
}

@inline
export function unary<T>(op: Op, n: i32, out: usize, a: usize): void {
  const lanes = <i32>(16 / sizeof<T>());
  if (n <= 0) return;
  // V8 builds constants before a loop only where the loop ends at its end.
  do {
    // The last elements travel in a vector of their own, so that the function stands in the code once.
    let x: v128;
    if (n >= lanes) x = v128.load(a);
    else {
      x = v128.load_splat<T>(a);
      if (n > 1) x = v128.load_lane<T>(a, x, 1, sizeof<T>());
      if (sizeof<T>() == 4 && n > 2) x = v128.load_lane<f32>(a, x, 2, 8);
    }
    const y = one<T>(op, x);
    if (n >= lanes) v128.store(out, y);
    else {
      v128.store_lane<T>(out, y, 0);
      if (n > 1) v128.store_lane<T>(out, y, 1, sizeof<T>());
      if (sizeof<T>() == 4 && n > 2) v128.store_lane<f32>(out, y, 2, 8);
    }
    a += 16;
    out += 16;
    n -= lanes;
  } while (n > 0);
}

/** Where the mask is not zero a, elsewhere b. */
export function select32(n: i32, out: usize, mask: usize, ms: i32, a: usize, as: i32, b: usize, bs: i32): void {
  if (n <= 0) return;
  const zero = i32x4.splat(0);
  let m = v128.load32_splat(mask), x = v128.load32_splat(a), y = v128.load32_splat(b);
  for (; n >= 4; n -= 4, out += 16) {
    if (ms) {
      m = v128.load(mask);
      mask += 16;
    }
    if (as) {
      x = v128.load(a);
      a += 16;
    }
    if (bs) {
      y = v128.load(b);
      b += 16;
    }
    v128.store(out, v128.bitselect(y, x, i32x4.eq(m, zero)));
  }
  const first = i32x4.extract_lane(m, 0), own = i32x4.extract_lane(x, 0), other = i32x4.extract_lane(y, 0);
  for (; n > 0; n--, out += 4, mask += 4, a += 4, b += 4) {
    const chosen = ms ? load<i32>(mask) : first;
    const value = as ? load<i32>(a) : own;
    store<i32>(out, chosen != 0 ? value : bs ? load<i32>(b) : other);
  }
}

/** out[i] = a[i aStride], the stride any count of elements. */
@inline
export function copy<T>(n: i32, out: usize, a: usize, aStride: i32): void {
  if (n <= 0) return;
  if (aStride == 1) {
    memory.copy(out, a, <usize>n * sizeof<T>());
    return;
  }
  const lanes = <i32>(16 / sizeof<T>());
  const step = <usize>aStride * sizeof<T>();
  if (aStride == 0) {
    const x = v128.load_splat<T>(a);
    for (; n >= lanes; n -= lanes, out += 16) v128.store(out, x);
  }
  for (; n > 0; n--, out += sizeof<T>(), a += step) store<T>(out, load<T>(a));
}
