// exp, log and tanh of four f32 at once, to about 2 units in the last place. S. Moshier's Cephes library, expf.c,
// logf.c and tanhf.c (netlib.org/cephes): the same reductions and polynomials, the polynomials summed in pairs
// (Estrin), which are independent of each other.

@inline
function splat(x: f32): v128 {
  return f32x4.splat(x);
}
/** a + b x. */
@inline
function line(a: f32, b: f32, x: v128): v128 {
  return f32x4.add(f32x4.mul(splat(b), x), splat(a));
}
/** a + b x. */
@inline
function join(a: v128, b: v128, x: v128): v128 {
  return f32x4.add(f32x4.mul(b, x), a);
}

/** ln 2 in two parts, the first of few bits, so that n times it is exact. */
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;
const LOG2_E: f32 = 1.44269504088896341;
/** 1.5 · 2^23: adding it rounds to an integer, which then stands in the low bits. */
const ROUNDING: f32 = 12582912;
const ROUNDING_BITS: i32 = 0x4b400000;

/** e^r of x = n ln 2 + r, given x / ln 2 + ROUNDING, whose low bits are n = round(x / ln 2). */
@inline
function reduced(shifted: v128, x: v128): v128 {
  const n = f32x4.sub(shifted, splat(ROUNDING));
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, splat(LN2_HIGH))), f32x4.mul(n, splat(LN2_LOW)));
  const square = f32x4.mul(r, r);
  const low = join(line(5.0000001201e-1, 1.6666665459e-1, r), line(4.1665795894e-2, 8.3334519073e-3, r), square);
  const high = line(1.3981999507e-3, 1.9875691500e-4, r);
  const p = join(low, high, f32x4.mul(square, square));
  return f32x4.add(f32x4.add(f32x4.mul(p, square), r), splat(1));
}

/** e^x. Infinity above 88.73, subnormal results below −87.34, 0 below −103.98. */
@inline
export function exp4(value: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(value, splat(89)), splat(-105));
  const shifted = line(ROUNDING, LOG2_E, x);
  // 2^n in two factors: n may lie outside of what one exponent holds.
  const n = i32x4.sub(shifted, i32x4.splat(ROUNDING_BITS));
  const half = i32x4.shr_s(n, 1);
  const first = i32x4.shl(i32x4.add(half, i32x4.splat(127)), 23);
  const second = i32x4.shl(i32x4.add(i32x4.sub(n, half), i32x4.splat(127)), 23);
  return f32x4.mul(f32x4.mul(reduced(shifted, x), first), second);
}

/** ln x = e ln 2 + ln m with m in [√½, √2). −Infinity at 0, NaN below 0. */
@inline
export function log4(value: v128): v128 {
  const subnormal = f32x4.lt(value, splat(1.17549435e-38));
  const x = v128.bitselect(f32x4.mul(value, splat(8388608)), value, subnormal);
  // The exponent counted from √½, whose bits are 0x3f3504f3.
  const above = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const exponent = i32x4.shr_s(above, 23);
  const m = i32x4.sub(x, i32x4.shl(exponent, 23));
  const e = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(subnormal, splat(23)));
  const z = f32x4.sub(m, splat(1));
  const square = f32x4.mul(z, z), fourth = f32x4.mul(square, square);
  const p0 = join(line(3.3333331174e-1, -2.4999993993e-1, z), line(2.0000714765e-1, -1.6668057665e-1, z), square);
  const p1 = join(line(1.4249322787e-1, -1.2420140846e-1, z), line(1.1676998740e-1, -1.1514610310e-1, z), square);
  const p2 = f32x4.mul(splat(7.0376836292e-2), fourth);
  let p = f32x4.mul(join(p0, f32x4.add(p1, p2), fourth), f32x4.mul(z, square));
  p = f32x4.add(p, f32x4.mul(e, splat(LN2_LOW)));
  p = f32x4.sub(p, f32x4.mul(square, splat(0.5)));
  const inside = f32x4.add(f32x4.add(z, p), f32x4.mul(e, splat(LN2_HIGH)));
  // 0 gives −Infinity, Infinity and NaN stay, below 0 there is NaN.
  const ordinary = v128.and(f32x4.gt(value, splat(0)), f32x4.lt(value, splat(Infinity)));
  if (i32x4.all_true(ordinary)) return inside;
  const outside = v128.bitselect(splat(-Infinity), f32x4.sqrt(value), f32x4.eq(value, splat(0)));
  return v128.bitselect(inside, outside, ordinary);
}

/** tanh x: an odd polynomial below 0.625, above it 1 − 2 / (e^2|x| + 1) with the sign of x. */
@inline
export function tanh4(x: v128): v128 {
  const sign = v128.and(x, i32x4.splat(0x80000000));
  const size = f32x4.abs(x);
  const z = f32x4.mul(x, x), square = f32x4.mul(z, z);
  const low = join(line(-3.33332819422e-1, 1.33314442036e-1, z), line(-5.37397155531e-2, 2.06390887954e-2, z), square);
  const p = join(low, splat(-5.70498872745e-3), f32x4.mul(square, square));
  const near = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  // From 10 on the result is 1; e^20 needs no more than one exponent.
  const twice = f32x4.pmin(f32x4.add(size, size), splat(20));
  const shifted = line(ROUNDING, LOG2_E, twice);
  const scale = i32x4.shl(i32x4.add(shifted, i32x4.splat(127 - ROUNDING_BITS)), 23);
  const power = f32x4.mul(reduced(shifted, twice), scale);
  const far = f32x4.sub(splat(1), f32x4.div(splat(2), f32x4.add(power, splat(1))));
  return v128.or(v128.bitselect(near, far, f32x4.lt(size, splat(0.625))), sign);
}
