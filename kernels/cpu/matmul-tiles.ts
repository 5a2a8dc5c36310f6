// The innermost loops of matrix products (matmul.ts): sums that are kept in registers, from panels of A and of B.

/**
 * R rows × 32 bytes of out from a panel of A (steps of aStep bytes along p) and of B (steps of bStep). Not unrolled:
 * two steps written out make V8 move registers about and cost a quarter of the speed.
 */
@inline
function tile<T>(R: i32, depth: i32, a: usize, aStep: usize, b: usize, bStep: usize, out: usize, row: usize, more: bool): void {
  let x0 = v128.splat<T>(0), x1 = x0, y0 = x0, y1 = x0, z0 = x0, z1 = x0, w0 = x0, w1 = x0;
  for (; depth > 0; depth--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += bStep;
    const a0 = v128.load_splat<T>(a);
    x0 = v128.add<T>(x0, v128.mul<T>(a0, b0));
    x1 = v128.add<T>(x1, v128.mul<T>(a0, b1));
    if (R > 1) {
      const a1 = v128.load_splat<T>(a, sizeof<T>());
      y0 = v128.add<T>(y0, v128.mul<T>(a1, b0));
      y1 = v128.add<T>(y1, v128.mul<T>(a1, b1));
    }
    if (R > 2) {
      const a2 = v128.load_splat<T>(a, 2 * sizeof<T>());
      z0 = v128.add<T>(z0, v128.mul<T>(a2, b0));
      z1 = v128.add<T>(z1, v128.mul<T>(a2, b1));
    }
    if (R > 3) {
      const a3 = v128.load_splat<T>(a, 3 * sizeof<T>());
      w0 = v128.add<T>(w0, v128.mul<T>(a3, b0));
      w1 = v128.add<T>(w1, v128.mul<T>(a3, b1));
    }
    a += aStep;
  }
  put<T>(out, x0, x1, more);
  if (R > 1) put<T>(out + row, y0, y1, more);
  if (R > 2) put<T>(out + 2 * row, z0, z1, more);
  if (R > 3) put<T>(out + 3 * row, w0, w1, more);
}

@inline
function put<T>(out: usize, x: v128, y: v128, more: bool): void {
  if (more) {
    x = v128.add<T>(x, v128.load(out));
    y = v128.add<T>(y, v128.load(out, 16));
  }
  v128.store(out, x);
  v128.store(out, y, 16);
}

function tile4<T>(depth: i32, a: usize, aStep: usize, b: usize, bStep: usize, out: usize, row: usize, more: bool): void {
  tile<T>(4, depth, a, aStep, b, bStep, out, row, more);
}
function tile3<T>(depth: i32, a: usize, aStep: usize, b: usize, bStep: usize, out: usize, row: usize, more: bool): void {
  tile<T>(3, depth, a, aStep, b, bStep, out, row, more);
}
function tile2<T>(depth: i32, a: usize, aStep: usize, b: usize, bStep: usize, out: usize, row: usize, more: bool): void {
  tile<T>(2, depth, a, aStep, b, bStep, out, row, more);
}
function tile1<T>(depth: i32, a: usize, aStep: usize, b: usize, bStep: usize, out: usize, row: usize, more: bool): void {
  tile<T>(1, depth, a, aStep, b, bStep, out, row, more);
}

/** One row × 128 bytes of out, b's rows where they lie: enough independent sums for a single row. */
export function strip<T>(depth: i32, a: usize, aStep: usize, b: usize, bStep: usize, out: usize, more: bool): void {
  let x0 = v128.splat<T>(0), x1 = x0, x2 = x0, x3 = x0, x4 = x0, x5 = x0, x6 = x0, x7 = x0;
  for (; depth > 0; depth--) {
    const s = v128.load_splat<T>(a);
    x0 = v128.add<T>(x0, v128.mul<T>(s, v128.load(b)));
    x1 = v128.add<T>(x1, v128.mul<T>(s, v128.load(b, 16)));
    x2 = v128.add<T>(x2, v128.mul<T>(s, v128.load(b, 32)));
    x3 = v128.add<T>(x3, v128.mul<T>(s, v128.load(b, 48)));
    x4 = v128.add<T>(x4, v128.mul<T>(s, v128.load(b, 64)));
    x5 = v128.add<T>(x5, v128.mul<T>(s, v128.load(b, 80)));
    x6 = v128.add<T>(x6, v128.mul<T>(s, v128.load(b, 96)));
    x7 = v128.add<T>(x7, v128.mul<T>(s, v128.load(b, 112)));
    a += aStep;
    b += bStep;
  }
  put<T>(out, x0, x1, more);
  put<T>(out + 32, x2, x3, more);
  put<T>(out + 64, x4, x5, more);
  put<T>(out + 96, x6, x7, more);
}

/** Rows of a tile that is not whole, through the scratch tile. */
export function ragged<T>(R: i32, depth: i32, a: usize, b: usize, out: usize, row: usize, columns: i32, more: bool, temp: usize): void {
  tiles<T>(R, depth, a, 4 * sizeof<T>(), b, 32, temp, 32, false);
  for (let i = 0; i < R; i++, out += row, temp += 32) {
    for (let j = 0; j < columns; j++) {
      const at = out + <usize>j * sizeof<T>();
      const sum = load<T>(temp + <usize>j * sizeof<T>());
      store<T>(at, more ? <T>(load<T>(at) + sum) : sum);
    }
  }
}

/** Up to four rows of a tile, by functions of their own, so that the first calls of a long product already run as optimised code. */
@inline
export function tiles<T>(R: i32, depth: i32, a: usize, aStep: usize, b: usize, bStep: usize, out: usize, row: usize, more: bool): void {
  if (R >= 4) tile4<T>(depth, a, aStep, b, bStep, out, row, more);
  else if (R == 3) tile3<T>(depth, a, aStep, b, bStep, out, row, more);
  else if (R == 2) tile2<T>(depth, a, aStep, b, bStep, out, row, more);
  else tile1<T>(depth, a, aStep, b, bStep, out, row, more);
}
