// Dense linear algebra in f64; src/linear-algebra/wasm says what calls it. A matrix lies in panels of four columns: the panel's
// row k is four numbers, 32 bytes, behind row k − 1, and `stride` bytes lead from panel to panel. Rows in fours, interleaved, are
// panels of the transpose. All is made of one step on tiles of 4×4, 128 bytes within a panel:
//
//   out[s][v] ± Σ_k left[k][s] right[k][v]
//
// Sums are in a fixed order. Nothing is allocated.
export { rotate, updateAndApply } from './symmetric';

/** Steps of a sum at a time, so that a panel's part stays in the nearest cache. */
const DEPTH: i32 = 256;
/** Panels that are read again and again. */
const GROUP: i32 = 16;

/** Not unrolled, as kernels/cpu/matmul-tiles.ts. */
function tile(depth: i32, left: usize, right: usize, out: usize, minus: bool): void {
  let x0 = f64x2.splat(0), x1 = x0, y0 = x0, y1 = x0, z0 = x0, z1 = x0, w0 = x0, w1 = x0;
  for (; depth > 0; depth--) {
    const b0 = v128.load(right), b1 = v128.load(right, 16);
    const a0 = v128.load64_splat(left);
    x0 = f64x2.add(x0, f64x2.mul(a0, b0));
    x1 = f64x2.add(x1, f64x2.mul(a0, b1));
    const a1 = v128.load64_splat(left, 8);
    y0 = f64x2.add(y0, f64x2.mul(a1, b0));
    y1 = f64x2.add(y1, f64x2.mul(a1, b1));
    const a2 = v128.load64_splat(left, 16);
    z0 = f64x2.add(z0, f64x2.mul(a2, b0));
    z1 = f64x2.add(z1, f64x2.mul(a2, b1));
    const a3 = v128.load64_splat(left, 24);
    w0 = f64x2.add(w0, f64x2.mul(a3, b0));
    w1 = f64x2.add(w1, f64x2.mul(a3, b1));
    left += 32;
    right += 32;
  }
  put(out, x0, x1, minus);
  put(out + 32, y0, y1, minus);
  put(out + 64, z0, z1, minus);
  put(out + 96, w0, w1, minus);
}

@inline
function put(out: usize, x: v128, y: v128, minus: bool): void {
  const a = v128.load(out), b = v128.load(out, 16);
  v128.store(out, minus ? f64x2.sub(a, x) : f64x2.add(a, x));
  v128.store(out, minus ? f64x2.sub(b, y) : f64x2.add(b, y), 16);
}

/**
 * out ± leftᵀ right, of panels p0 … p1 of left and q0 … q1 of right; `depth` rows. `shape` 1: only p ≤ q; 2: that, and both are
 * zero before the row of their panel's first column (lower triangular).
 */
export function products(
  left: usize, leftStride: usize, right: usize, rightStride: usize, out: usize, outStride: usize,
  depth: i32, p0: i32, p1: i32, q0: i32, q1: i32, shape: i32, minus: bool,
): void {
  for (let from = 0; from < depth; from += DEPTH) {
    const to = min(depth, from + DEPTH);
    for (let group = p0; group < p1; group += GROUP) {
      for (let q = shape > 0 ? max(q0, group) : q0; q < q1; q++) {
        const first = shape > 1 ? max(from, q << 2) : from;
        const b = right + <usize>q * rightStride + (<usize>first << 5);
        const end = min(shape > 0 ? min(p1, q + 1) : p1, group + GROUP);
        if (first >= to) continue;
        for (let p = group; p < end; p++)
          tile(to - first, left + <usize>p * leftStride + (<usize>first << 5), b, out + <usize>q * outStride + (<usize>p << 7), minus);
      }
    }
  }
}

/** One tile of x with L x = out, of the lower triangle of the tile `l`, whose columns are 32 bytes each. */
function substitute(out: usize, l: usize): void {
  for (let s = 0; s < 4; s++) {
    const at = out + (<usize>s << 5), row = l + (<usize>s << 3);
    let x = v128.load(at), y = v128.load(at, 16);
    for (let t = 0; t < s; t++) {
      const f = v128.load64_splat(row + (<usize>t << 5)), other = out + (<usize>t << 5);
      x = f64x2.sub(x, f64x2.mul(f, v128.load(other)));
      y = f64x2.sub(y, f64x2.mul(f, v128.load(other, 16)));
    }
    const pivot = v128.load64_splat(row + (<usize>s << 5));
    v128.store(at, f64x2.div(x, pivot));
    v128.store(at, f64x2.div(y, pivot), 16);
  }
}

/** The factor of a tile on the diagonal, in place. False where a pivot is not above `floor` times its entry of `diagonal`. */
function factorTile(out: usize, diagonal: usize, floor: f64): bool {
  for (let c = 0; c < 4; c++) {
    const column = out + (<usize>c << 5);
    for (let r = 0; r < 4; r++) {
      const at = column + (<usize>r << 3);
      let x = load<f64>(at);
      for (let t = 0; t < c; t++) {
        const other = out + (<usize>t << 5);
        x -= load<f64>(other + (<usize>r << 3)) * load<f64>(other + (<usize>c << 3));
      }
      if (r < c) x = 0;
      else if (r > c) x /= load<f64>(column + (<usize>c << 3));
      else {
        if (!(x > floor * load<f64>(diagonal + (<usize>c << 3)) && x < Infinity)) return false;
        x = sqrt(x);
      }
      store<f64>(at, x);
    }
  }
  return true;
}

/**
 * Panels j0 … j1 of the columns of L, in rows in fours, where the columns before them are L's already taken off. The factor's
 * first panel of rows is j0. False where a pivot is too small.
 */
export function factor(l: usize, stride: usize, panels: i32, j0: i32, j1: i32, diagonal: usize, floor: f64): bool {
  const start = <usize>j0 << 7;
  for (let j = j0; j < j1; j++) {
    const own = l + <usize>j * stride, at = <usize>j << 7, depth = (j - j0) << 2;
    tile(depth, own + start, own + start, own + at, true);
    if (!factorTile(own + at, diagonal + (<usize>j << 5), floor)) return false;
    for (let i = j + 1; i < panels; i++) {
      const other = l + <usize>i * stride;
      tile(depth, own + start, other + start, other + at, true);
      substitute(other + at, own + at);
    }
  }
  return true;
}

/** X with L X = B, in place, of panels p0 … p1; with `triangular` panel p of B begins at its row 4 p, with zeros before it. */
export function forward(
  l: usize, stride: usize, x: usize, xStride: usize, i0: i32, i1: i32, p0: i32, p1: i32, triangular: bool,
): void {
  for (let i = i0; i < i1; i++) {
    const row = l + <usize>i * stride, at = <usize>i << 7;
    for (let p = p0; p < p1; p++) {
      const first = triangular ? p : 0;
      if (first > i) continue;
      const panel = x + <usize>p * xStride, from = <usize>first << 7;
      tile((i - first) << 2, row + from, panel + from, panel + at, true);
      substitute(panel + at, row + at);
    }
  }
}

/** X with Lᵀ X = B, in place, of panels p0 … p1; L in panels of its own columns, of `depth` rows. */
export function backward(
  l: usize, stride: usize, x: usize, xStride: usize, depth: i32, i0: i32, i1: i32, p0: i32, p1: i32,
): void {
  for (let i = i1 - 1; i >= i0; i--) {
    const at = <usize>i << 7, column = l + <usize>i * stride + at;
    for (let p = p0; p < p1; p++) {
      const out = x + <usize>p * xStride + at;
      tile(depth - 4 - (i << 2), column + 128, out + 128, out, true);
      for (let s = 3; s >= 0; s--) {
        const own = out + (<usize>s << 5), row = column + (<usize>s << 3);
        let a = v128.load(own), b = v128.load(own, 16);
        for (let t = s + 1; t < 4; t++) {
          const f = v128.load64_splat(row + (<usize>t << 5)), other = out + (<usize>t << 5);
          a = f64x2.sub(a, f64x2.mul(f, v128.load(other)));
          b = f64x2.sub(b, f64x2.mul(f, v128.load(other, 16)));
        }
        const pivot = v128.load64_splat(row + (<usize>s << 5));
        v128.store(own, f64x2.div(a, pivot));
        v128.store(own, f64x2.div(b, pivot), 16);
      }
    }
  }
}
