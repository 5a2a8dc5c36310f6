// What is done to all points of a pool at once when a batch changes in place; src/reward/wasm/point-store.ts says where
// arrays lie and src/reward/information-batch.ts what the formulas are. Arrays are f64 at multiples of 16 bytes, n is a
// multiple of 8. Sums are in a fixed order. Nothing is allocated.
import { exp2, log2 } from './functions';

/** Of points that cannot be drawn, where variances are 0 at least. */
const NONE: f64 = -2;

/**
 * out = v + factor w², NONE for `taken` many indices (i32) of points and from `points` to n. The largest, 0 at least.
 */
@inline
function without(n: i32, points: i32, out: usize, v: usize, w: usize, factor: f64, taken: usize, count: i32): f64 {
  const f = f64x2.splat(factor);
  for (let i = 0, end = n << 3; i < end; i += 16) {
    const x = v128.load(w + i);
    v128.store(out + i, f64x2.add(v128.load(v + i), f64x2.mul(f, f64x2.mul(x, x))));
  }
  for (let i = 0; i < count; i++) store<f64>(out + (<usize>load<i32>(taken + (i << 2)) << 3), NONE);
  for (let i = points; i < n; i++) store<f64>(out + (<usize>i << 3), NONE);
  let a = f64x2.splat(0), b = a, c = a, d = a;
  for (let i = 0, end = n << 3; i < end; i += 64) {
    a = f64x2.pmax(a, v128.load(out + i));
    b = f64x2.pmax(b, v128.load(out + i, 16));
    c = f64x2.pmax(c, v128.load(out + i, 32));
    d = f64x2.pmax(d, v128.load(out + i, 48));
  }
  a = f64x2.pmax(f64x2.pmax(a, b), f64x2.pmax(c, d));
  return max(f64x2.extract_lane(a, 0), f64x2.extract_lane(a, 1));
}

/**
 * out = ((1 + v') / (1 + largest v'))^power with v' as above, 0 where the quotient is not above `floor`. Their total; the
 * largest v' goes to `largest`.
 */
export function conditional(
  n: i32, points: i32, out: usize, v: usize, w: usize, factor: f64, taken: usize, count: i32, power: f64, floor: f64,
  largest: usize,
): f64 {
  const most = without(n, points, out, v, w, factor, taken, count);
  store<f64>(largest, most);
  const one = f64x2.splat(1), scale = f64x2.splat(1 / (1 + most)), least = f64x2.splat(floor), p = f64x2.splat(power);
  let total = f64x2.splat(0), other = total;
  // Two pairs at a time: the constants are loaded once for both.
  for (let i = 0, end = n << 3; i < end; i += 32) {
    const x = f64x2.mul(f64x2.add(v128.load(out + i), one), scale);
    const y = f64x2.mul(f64x2.add(v128.load(out + i, 16), one), scale);
    const isX = f64x2.gt(x, least), isY = f64x2.gt(y, least);
    let ofX = f64x2.splat(0), ofY = ofX;
    if (v128.any_true(v128.or(isX, isY))) {
      ofX = v128.and(exp2(f64x2.mul(p, log2(x))), isX);
      ofY = v128.and(exp2(f64x2.mul(p, log2(y))), isY);
      total = f64x2.add(total, ofX);
      other = f64x2.add(other, ofY);
    }
    v128.store(out + i, ofX);
    v128.store(out + i, ofY, 16);
  }
  total = f64x2.add(total, other);
  return f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
}

/** out = ½ ln(1 + v') with v' as above, −∞ where 1 + v' is below `floor` · (1 + largest v') or v' is NONE. */
export function gains(
  n: i32, points: i32, out: usize, v: usize, w: usize, factor: f64, taken: usize, count: i32, floor: f64,
): void {
  const most = without(n, points, out, v, w, factor, taken, count);
  const one = f64x2.splat(1), least = f64x2.splat(max(0, (1 + most) * floor - 1));
  for (let i = 0, end = n << 3; i < end; i += 16) {
    const x = v128.load(out + i);
    const u = f64x2.add(x, one);
    // What rounding took from 1 + v'.
    const lost = f64x2.div(f64x2.sub(x, f64x2.sub(u, one)), u);
    const gain = f64x2.mul(f64x2.splat(0.5), f64x2.add(log2(u), lost));
    v128.store(out + i, v128.bitselect(gain, f64x2.splat(-Infinity), f64x2.ge(x, least)));
  }
}

/**
 * A change of rank two, in one pass: with r as it is in `r` + Σ_i covariances_i W_i over `terms` many rows,
 *
 *   v ← max(0, v + leaving W_j² − joining r²),    W_i ← W_i + (shares_i W_j + regression_i r)
 *
 * of `size` rows W_i [n], j = position. Where shares_j is −1, W_j becomes regression_j r.
 */
export function exchange(
  n: i32, v: usize, w: usize, r: usize, covariances: usize, shares: usize, regression: usize, size: i32, position: i32,
  leaving: f64, joining: f64, terms: i32,
): void {
  const row = <usize>n << 3;
  const leave = f64x2.splat(leaving), enter = f64x2.splat(joining), zero = f64x2.splat(0);
  for (let i: usize = 0; i < row; i += 64) {
    let r0 = v128.load(r + i), r1 = v128.load(r + i, 16), r2 = v128.load(r + i, 32), r3 = v128.load(r + i, 48);
    let at = w + i;
    for (let k = 0; k < terms; k++) {
      const c = v128.load64_splat(covariances + (k << 3));
      r0 = f64x2.add(r0, f64x2.mul(c, v128.load(at)));
      r1 = f64x2.add(r1, f64x2.mul(c, v128.load(at, 16)));
      r2 = f64x2.add(r2, f64x2.mul(c, v128.load(at, 32)));
      r3 = f64x2.add(r3, f64x2.mul(c, v128.load(at, 48)));
      at += row;
    }
    const own = w + i + <usize>position * row;
    const w0 = v128.load(own), w1 = v128.load(own, 16), w2 = v128.load(own, 32), w3 = v128.load(own, 48);
    at = w + i;
    for (let k = 0; k < size; k++) {
      const s = v128.load64_splat(shares + (k << 3)), u = v128.load64_splat(regression + (k << 3));
      v128.store(at, f64x2.add(v128.load(at), f64x2.add(f64x2.mul(s, w0), f64x2.mul(u, r0))));
      v128.store(at, f64x2.add(v128.load(at, 16), f64x2.add(f64x2.mul(s, w1), f64x2.mul(u, r1))), 16);
      v128.store(at, f64x2.add(v128.load(at, 32), f64x2.add(f64x2.mul(s, w2), f64x2.mul(u, r2))), 32);
      v128.store(at, f64x2.add(v128.load(at, 48), f64x2.add(f64x2.mul(s, w3), f64x2.mul(u, r3))), 48);
      at += row;
    }
    v128.store(v + i, changed(v128.load(v + i), w0, r0, leave, enter, zero));
    v128.store(v + i, changed(v128.load(v + i, 16), w1, r1, leave, enter, zero), 16);
    v128.store(v + i, changed(v128.load(v + i, 32), w2, r2, leave, enter, zero), 32);
    v128.store(v + i, changed(v128.load(v + i, 48), w3, r3, leave, enter, zero), 48);
  }
}

@inline
function changed(v: v128, w: v128, r: v128, leave: v128, enter: v128, zero: v128): v128 {
  const left = f64x2.add(v, f64x2.mul(leave, f64x2.mul(w, w)));
  return f64x2.pmax(zero, f64x2.sub(left, f64x2.mul(enter, f64x2.mul(r, r))));
}

/**
 * out_m = Σ_k x_k φ_mk of n points, a multiple of 4, whose features lie in panels of four points, `terms` rows of four numbers
 * each. Every fourth product goes to one of four sums, what is left over to the first.
 */
export function products(n: i32, out: usize, panels: usize, x: usize, terms: i32): void {
  const whole = terms & ~3;
  let at = panels;
  for (let i: usize = 0, end = <usize>n << 3; i < end; i += 32) {
    let a = f64x2.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
    let k = 0, p = x;
    for (; k < whole; k += 4) {
      const x0 = v128.load64_splat(p), x1 = v128.load64_splat(p, 8);
      const x2 = v128.load64_splat(p, 16), x3 = v128.load64_splat(p, 24);
      a = f64x2.add(a, f64x2.mul(x0, v128.load(at)));
      e = f64x2.add(e, f64x2.mul(x0, v128.load(at, 16)));
      b = f64x2.add(b, f64x2.mul(x1, v128.load(at, 32)));
      f = f64x2.add(f, f64x2.mul(x1, v128.load(at, 48)));
      c = f64x2.add(c, f64x2.mul(x2, v128.load(at, 64)));
      g = f64x2.add(g, f64x2.mul(x2, v128.load(at, 80)));
      d = f64x2.add(d, f64x2.mul(x3, v128.load(at, 96)));
      h = f64x2.add(h, f64x2.mul(x3, v128.load(at, 112)));
      at += 128;
      p += 32;
    }
    for (; k < terms; k++) {
      const x0 = v128.load64_splat(p);
      a = f64x2.add(a, f64x2.mul(x0, v128.load(at)));
      e = f64x2.add(e, f64x2.mul(x0, v128.load(at, 16)));
      at += 32;
      p += 8;
    }
    v128.store(out + i, f64x2.add(f64x2.add(a, b), f64x2.add(c, d)));
    v128.store(out + i, f64x2.add(f64x2.add(e, f), f64x2.add(g, h)), 16);
  }
}
