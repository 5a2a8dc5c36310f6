// exp and log of two f64 at once, to about 2 units in the last place. exp by its Taylor polynomial of degree 13 on
// |r| ≤ ½ ln 2, summed in pairs (Estrin); log as fdlibm's e_log.c (Sun Microsystems, netlib.org/fdlibm) has it.

@inline
function splat(x: f64): v128 {
  return f64x2.splat(x);
}
/** a + b x. */
@inline
function line(a: f64, b: f64, x: v128): v128 {
  return f64x2.add(f64x2.mul(splat(b), x), splat(a));
}
/** a + b x. */
@inline
function join(a: v128, b: v128, x: v128): v128 {
  return f64x2.add(f64x2.mul(b, x), a);
}

/** ln 2 in two parts, the first of few bits, so that n times it is exact. */
const LN2_HIGH: f64 = 6.93147180369123816490e-1;
const LN2_LOW: f64 = 1.90821492927058770002e-10;
const LOG2_E: f64 = 1.44269504088896338700;
/** 1.5 · 2^52: adding it rounds to an integer, which then stands in the low bits. */
const ROUNDING: f64 = 6755399441055744;

/** e^x of −700 ≤ x ≤ 700. */
@inline
export function exp2(x: v128): v128 {
  const shifted = line(ROUNDING, LOG2_E, x);
  const n = f64x2.sub(shifted, splat(ROUNDING));
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(n, splat(LN2_HIGH))), f64x2.mul(n, splat(LN2_LOW)));
  const r2 = f64x2.mul(r, r), r4 = f64x2.mul(r2, r2);
  // (e^r − 1 − r) / r².
  const p0 = join(line(1.0 / 2, 1.0 / 6, r), line(1.0 / 24, 1.0 / 120, r), r2);
  const p1 = join(line(1.0 / 720, 1.0 / 5040, r), line(1.0 / 40320, 1.0 / 362880, r), r2);
  const p2 = join(line(1.0 / 3628800, 1.0 / 39916800, r), line(1.0 / 479001600, 1.0 / 6227020800, r), r2);
  const p = join(p0, join(p1, p2, r4), r4);
  const power = f64x2.add(f64x2.add(f64x2.mul(p, r2), r), splat(1));
  // 2^n: n into the exponent's bits; what else stands there is shifted out.
  const scale = i64x2.shl(i64x2.add(shifted, i64x2.splat(1023)), 52);
  return f64x2.mul(power, scale);
}

/** The bits of 1 less those of √½. */
const ABOVE: i64 = 0x3ff0000000000000 - 0x3fe6a09e667f3bcd;

/** ln x = e ln 2 + ln (1 + f), 1 + f in [√½, √2), of positive, normal, finite x. */
@inline
export function log2(x: v128): v128 {
  const above = i64x2.add(x, i64x2.splat(ABOVE));
  const bits = v128.or(i64x2.shr_u(above, 52), i64x2.splat(0x4330000000000000));
  const e = f64x2.sub(bits, splat(4503599627370496.0 + 1023));
  const m = i64x2.add(v128.and(above, i64x2.splat(0x000fffffffffffff)), i64x2.splat(0x3fe6a09e667f3bcd));
  const f = f64x2.sub(m, splat(1));
  const s = f64x2.div(f, f64x2.add(f, splat(2)));
  const z = f64x2.mul(s, s), w = f64x2.mul(z, z);
  const even = f64x2.mul(w, join(splat(3.999999999940941908e-1), line(2.222219843214978396e-1, 1.531383769920937332e-1, w), w));
  const odd = f64x2.mul(
    z,
    join(
      line(6.666666666666735130e-1, 2.857142874366239149e-1, w),
      line(1.818357216161805012e-1, 1.479819860511658591e-1, w),
      f64x2.mul(w, w),
    ),
  );
  const half = f64x2.mul(splat(0.5), f64x2.mul(f, f));
  const rest = f64x2.add(f64x2.mul(s, f64x2.add(half, f64x2.add(even, odd))), f64x2.mul(e, splat(LN2_LOW)));
  return f64x2.sub(f64x2.mul(e, splat(LN2_HIGH)), f64x2.sub(f64x2.sub(half, rest), f));
}
