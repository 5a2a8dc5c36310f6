// Reductions of rows and columns of a matrix whose rows lie rowStride elements apart. Sums are held in 64 bits.

/** The two f32 (or f64) at a place as f64. */
@inline
function pair<T>(at: usize, offset: usize): v128 {
  if (sizeof<T>() == 8) return v128.load(at + offset);
  return f64x2.promote_low_f32x4(v128.load64_zero(at + offset));
}

/** out[i] = Σ_j a[i,j]. */
@inline
export function sumRows<T>(rows: i32, n: i32, out: usize, a: usize, rowStride: i32): void {
  for (let i = 0; i < rows; i++, out += sizeof<T>()) {
    store<T>(out, <T>sumOf<T>(n, a + <usize>i * <usize>rowStride * sizeof<T>()));
  }
}

function sumOf<T>(n: i32, a: usize): f64 {
  const w: usize = 2 * sizeof<T>();
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (; n >= 8; n -= 8, a += 4 * w) {
    s0 = f64x2.add(s0, pair<T>(a, 0));
    s1 = f64x2.add(s1, pair<T>(a, w));
    s2 = f64x2.add(s2, pair<T>(a, 2 * w));
    s3 = f64x2.add(s3, pair<T>(a, 3 * w));
  }
  for (; n >= 2; n -= 2, a += w) s0 = f64x2.add(s0, pair<T>(a, 0));
  s0 = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  const sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  return n > 0 ? sum + <f64>load<T>(a) : sum;
}

/** Stores two sums. */
@inline
function put2<T>(out: usize, offset: usize, x: v128): void {
  if (sizeof<T>() == 8) v128.store(out + offset, x);
  else v128.store64_lane(out + offset, f32x4.demote_f64x2_zero(x), 0);
}

/** out[j] = Σ_i a[i,j]. */
@inline
export function sumColumns<T>(rows: i32, n: i32, out: usize, a: usize, rowStride: i32): void {
  const size = sizeof<T>();
  const w: usize = 2 * sizeof<T>();
  const row = <usize>rowStride * size;
  if (n == 1 && rowStride == 1) {
    store<T>(out, <T>sumOf<T>(rows, a));
    return;
  }
  for (; n >= 16; n -= 16, a += 8 * w, out += 8 * w) {
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
    for (let i = 0, at = a; i < rows; i++, at += row) {
      s0 = f64x2.add(s0, pair<T>(at, 0));
      s1 = f64x2.add(s1, pair<T>(at, w));
      s2 = f64x2.add(s2, pair<T>(at, 2 * w));
      s3 = f64x2.add(s3, pair<T>(at, 3 * w));
      s4 = f64x2.add(s4, pair<T>(at, 4 * w));
      s5 = f64x2.add(s5, pair<T>(at, 5 * w));
      s6 = f64x2.add(s6, pair<T>(at, 6 * w));
      s7 = f64x2.add(s7, pair<T>(at, 7 * w));
    }
    put2<T>(out, 0, s0);
    put2<T>(out, w, s1);
    put2<T>(out, 2 * w, s2);
    put2<T>(out, 3 * w, s3);
    put2<T>(out, 4 * w, s4);
    put2<T>(out, 5 * w, s5);
    put2<T>(out, 6 * w, s6);
    put2<T>(out, 7 * w, s7);
  }
  for (; n >= 4; n -= 4, a += 2 * w, out += 2 * w) {
    let s0 = f64x2.splat(0), s1 = s0;
    for (let i = 0, at = a; i < rows; i++, at += row) {
      s0 = f64x2.add(s0, pair<T>(at, 0));
      s1 = f64x2.add(s1, pair<T>(at, w));
    }
    put2<T>(out, 0, s0);
    put2<T>(out, w, s1);
  }
  for (; n > 0; n--, a += size, out += size) {
    let sum: f64 = 0;
    for (let i = 0, at = a; i < rows; i++, at += row) sum += <f64>load<T>(at);
    store<T>(out, <T>sum);
  }
}

/** The largest of n elements, NaN where there is one; −Infinity of none. */
function largest<T>(n: i32, a: usize): T {
  const lanes = <i32>(16 / sizeof<T>());
  let m0 = v128.splat<T>(<T>-Infinity), m1 = m0, m2 = m0, m3 = m0;
  for (; n >= 4 * lanes; n -= 4 * lanes, a += 64) {
    m0 = v128.max<T>(m0, v128.load(a));
    m1 = v128.max<T>(m1, v128.load(a, 16));
    m2 = v128.max<T>(m2, v128.load(a, 32));
    m3 = v128.max<T>(m3, v128.load(a, 48));
  }
  for (; n > 0; n--, a += sizeof<T>()) m0 = v128.max<T>(m0, v128.load_splat<T>(a));
  m0 = v128.max<T>(v128.max<T>(m0, m1), v128.max<T>(m2, m3));
  let best = max<T>(v128.extract_lane<T>(m0, 0), v128.extract_lane<T>(m0, 1));
  if (sizeof<T>() == 4) {
    best = max<T>(best, v128.extract_lane<T>(m0, 2));
    best = max<T>(best, v128.extract_lane<T>(m0, 3));
  }
  return best;
}

/** out[i] = max_j a[i,j]. */
@inline
export function maxRows<T>(rows: i32, n: i32, out: usize, a: usize, rowStride: i32): void {
  for (let i = 0; i < rows; i++, out += sizeof<T>()) {
    store<T>(out, largest<T>(n, a + <usize>i * <usize>rowStride * sizeof<T>()));
  }
}

/** out[i] = the first j where a[i,j] is largest; the first NaN where there is one. */
export function argmaxRowsF32(rows: i32, n: i32, out: usize, a: usize, rowStride: i32): void {
  for (let i = 0; i < rows; i++, out += 4) {
    const row = a + <usize>i * <usize>rowStride * 4;
    const best = largest<f32>(n, row);
    const wanted = f32x4.splat(best);
    let j = 0;
    while (j + 4 <= n && !v128.any_true(f32x4.eq(v128.load(row + (<usize>j << 2)), wanted))) j += 4;
    while (j < n && load<f32>(row + (<usize>j << 2)) != best) j++;
    if (best != best) {
      j = 0;
      while (j < n && load<f32>(row + (<usize>j << 2)) == load<f32>(row + (<usize>j << 2))) j++;
    }
    store<u32>(out, j < n ? j : 0);
  }
}
