// Matrix products by packed panels: out[i,j] = Σ_p a[i,p] b[p,j], operands in any strides, out row-major.
//
// K. Goto and R. van de Geijn, "Anatomy of high-performance matrix multiplication" (TOMS 2008): a block of A and a
// block of B are copied into panels of 4 rows and of 32 bytes of columns, so that the innermost loop reads both in
// sequence and keeps its 4 × 32 bytes of sums in registers. Sums of one block of at most DEPTH terms are added to out
// block by block, so the rounding grows as √DEPTH + √(k / DEPTH) and not as √k.
//
// Scratch: [one tile of output | panels of A | panels of B], its bytes in src/engine/cpu/products.ts.

import { ragged, strip, tiles } from './matmul-tiles';

const DEPTH: i32 = 256;
const ROWS: i32 = 128;
const COLUMNS: i32 = 512;
/** Up to this many rows, rows of B that are contiguous are read where they lie. */
const FEW_ROWS: i32 = 32;
const TILE_BYTES: usize = 128;

/** The size of equal blocks, a multiple of `unit`, of at most `most`. */
@inline
function blockOf(size: i32, most: i32, unit: i32): i32 {
  const blocks = max((size + most - 1) / most, 1);
  const each = (size + blocks - 1) / blocks;
  return ((each + unit - 1) / unit) * unit;
}

/** Stores four rows x, y, z, w of four f32 as columns, `step` bytes apart. */
@inline
function transposed(to: usize, step: usize, x: v128, y: v128, z: v128, w: v128): void {
  const xy0 = v128.shuffle<f32>(x, y, 0, 4, 1, 5), xy1 = v128.shuffle<f32>(x, y, 2, 6, 3, 7);
  const zw0 = v128.shuffle<f32>(z, w, 0, 4, 1, 5), zw1 = v128.shuffle<f32>(z, w, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(xy0, zw0, 0, 2));
  v128.store(to + step, v128.shuffle<f64>(xy0, zw0, 1, 3));
  v128.store(to + 2 * step, v128.shuffle<f64>(xy1, zw1, 0, 2));
  v128.store(to + 3 * step, v128.shuffle<f64>(xy1, zw1, 1, 3));
}

/**
 * Copies `count` lines of `depth` elements into panels of W lines, element p of all lines side by side; the last
 * panel is filled up with zeros. Strides in bytes: `line` from line to line, `step` along p.
 */
function pack<T>(W: i32, to: usize, from: usize, line: usize, step: usize, count: i32, depth: i32): void {
  const size = sizeof<T>();
  const width = <usize>W * size;
  for (let first = 0; first < count; first += W, from += <usize>W * line) {
    const lines = min(W, count - first);
    if (line == size && lines == W) {
      let source = from;
      for (let p = 0; p < depth; p++, source += step, to += width) {
        v128.store(to, v128.load(source));
        if (width > 16) v128.store(to, v128.load(source, 16), 16);
      }
      continue;
    }
    let i = 0;
    if (size == 4 && step == size) {
      for (; i + 4 <= lines; i += 4) {
        let l0 = from + <usize>i * line, l1 = l0 + line, l2 = l1 + line, l3 = l2 + line;
        let target = to + <usize>i * size;
        let p = 0;
        for (; p + 4 <= depth; p += 4) {
          transposed(target, width, v128.load(l0), v128.load(l1), v128.load(l2), v128.load(l3));
          l0 += 16;
          l1 += 16;
          l2 += 16;
          l3 += 16;
          target += 4 * width;
        }
        for (; p < depth; p++, target += width) {
          store<f32>(target, load<f32>(l0));
          store<f32>(target, load<f32>(l1), 4);
          store<f32>(target, load<f32>(l2), 8);
          store<f32>(target, load<f32>(l3), 12);
          l0 += 4;
          l1 += 4;
          l2 += 4;
          l3 += 4;
        }
      }
    }
    for (; i < W; i++) {
      let source = from + <usize>i * line;
      let target = to + <usize>i * size;
      for (let p = 0; p < depth; p++, target += width) {
        store<T>(target, i < lines ? load<T>(source) : <T>0);
        source += step;
      }
    }
    to += width * <usize>depth;
  }
}

/** Dot products of the rows of a with few columns of b, both contiguous along p. */
function dots<T>(
  out: usize, a: usize, aRow: usize, b: usize, bCol: usize, m: i32, k: i32, n: i32, adds: bool,
): void {
  const lanes = <i32>(16 / sizeof<T>());
  for (let i = 0; i < m; i++, a += aRow) {
    for (let j = 0; j < n; j++, out += sizeof<T>()) {
      let x = a, y = b + <usize>j * bCol;
      let left = k;
      let total: f64 = adds ? <f64>load<T>(out) : 0;
      while (left > 0) {
        const depth = min(left, 16 * DEPTH);
        left -= depth;
        let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0;
        let p = depth;
        for (; p >= 4 * lanes; p -= 4 * lanes, x += 64, y += 64) {
          s0 = v128.add<T>(s0, v128.mul<T>(v128.load(x), v128.load(y)));
          s1 = v128.add<T>(s1, v128.mul<T>(v128.load(x, 16), v128.load(y, 16)));
          s2 = v128.add<T>(s2, v128.mul<T>(v128.load(x, 32), v128.load(y, 32)));
          s3 = v128.add<T>(s3, v128.mul<T>(v128.load(x, 48), v128.load(y, 48)));
        }
        for (; p >= lanes; p -= lanes, x += 16, y += 16)
          s0 = v128.add<T>(s0, v128.mul<T>(v128.load(x), v128.load(y)));
        for (; p > 0; p--, x += sizeof<T>(), y += sizeof<T>()) total += <f64>load<T>(x) * <f64>load<T>(y);
        s0 = v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3));
        total += <f64>v128.extract_lane<T>(s0, 0) + <f64>v128.extract_lane<T>(s0, 1);
        if (sizeof<T>() == 4) total += <f64>v128.extract_lane<T>(s0, 2) + <f64>v128.extract_lane<T>(s0, 3);
      }
      store<T>(out, <T>total);
    }
  }
}

/**
 * The rows from i0 to i1 and the columns from j0 to j1 of out[m,n] = a b, or of out + a b if it adds; strides in elements.
 * An element is the same bits whatever block it is computed in: only m, k and n say in which order its sum is taken. Where
 * n is at most 4, blocks are whole rows.
 */
export function block<T>(
  out: usize, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32, m: i32, k: i32, n: i32, scratch: usize,
  adds: bool, i0: i32, i1: i32, j0: i32, j1: i32,
): void {
  const size = sizeof<T>();
  const rows = i1 - i0, columns = j1 - j0;
  if (rows <= 0 || columns <= 0) return;
  const row = <usize>n * size;
  out += <usize>i0 * row + <usize>j0 * size;
  a += <usize>i0 * <usize>aRow * size;
  b += <usize>j0 * <usize>bCol * size;
  if (k <= 0) {
    if (!adds) for (let i = 0; i < rows; i++) memory.fill(out + <usize>i * row, 0, <usize>columns * size);
    return;
  }
  if (n == 1 || (n <= 4 && m >= 32)) {
    if (aCol == 1) {
      if (bRow != 1) {
        let to = scratch;
        for (let j = 0; j < n; j++) {
          let from = b + <usize>(j * bCol) * size;
          for (let p = 0; p < k; p++, to += size, from += <usize>bRow * size) store<T>(to, load<T>(from));
        }
        b = scratch;
        bCol = k;
      }
      dots<T>(out, a, <usize>aRow * size, b, <usize>bCol * size, rows, k, n, adds);
      return;
    }
    if (aRow == 1) {
      // The transposed product has few rows and a contiguous right operand.
      const turned = n == 1 ? out : scratch;
      const rest = n == 1 ? scratch : scratch + (<usize>(rows * n) * size + 15 & ~15);
      panels<T>(turned, <usize>rows * size, b, bCol, bRow, a, aCol, 1, n, k, rows, rest, adds && n == 1);
      if (n > 1) {
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < n; j++, out += size) {
            const value = load<T>(turned + <usize>(j * rows + i) * size);
            store<T>(out, adds ? load<T>(out) + value : value);
          }
      }
      return;
    }
  }
  panels<T>(out, row, a, aRow, aCol, b, bRow, bCol, rows, k, columns, scratch, adds);
}

/** out[m,n], whose rows lie `row` bytes apart. */
function panels<T>(
  out: usize, row: usize, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32, m: i32, k: i32, n: i32, scratch: usize,
  adds: bool,
): void {
  const size = sizeof<T>();
  const W: i32 = 32 / <i32>size;
  const aLine = <usize>aRow * size, aStep = <usize>aCol * size;
  const bStep = <usize>bRow * size, bLine = <usize>bCol * size;
  const depths = blockOf(k, DEPTH, 1), rows = blockOf(m, ROWS, 4), columns = blockOf(n, COLUMNS, W);
  const direct = bCol == 1 && m <= FEW_ROWS;
  const aPanels = scratch + TILE_BYTES;
  const bPanels = aPanels + <usize>rows * <usize>depths * size;
  for (let jc = 0; jc < n; jc += columns) {
    const nc = min(columns, n - jc);
    const whole = direct ? nc / W : 0;
    for (let pc = 0; pc < k; pc += depths) {
      const kc = min(depths, k - pc);
      const more = adds || pc > 0;
      const bBlock = b + <usize>pc * bStep + <usize>jc * bLine;
      if (!direct) pack<T>(W, bPanels, bBlock, bLine, bStep, nc, kc);
      else if (whole * W < nc) pack<T>(W, bPanels, bBlock + <usize>(whole * W) * size, size, bStep, nc - whole * W, kc);
      for (let ic = 0; ic < m; ic += rows) {
        const mc = min(rows, m - ic);
        pack<T>(4, aPanels, a + <usize>ic * aLine + <usize>pc * aStep, aLine, aStep, mc, kc);
        let jr = 0;
        if (direct && m == 1) {
          for (; jr + 4 * W <= nc; jr += 4 * W)
            strip<T>(kc, aPanels, 4 * size, bBlock + <usize>jr * size, bStep, out + <usize>(jc + jr) * size, more);
        }
        for (; jr < nc; jr += W) {
          const there = jr < whole * W;
          const bp = there ? bBlock + <usize>jr * size : bPanels + <usize>(jr - whole * W) * <usize>kc * size;
          const step = there ? bStep : 32;
          let to = out + <usize>ic * row + <usize>(jc + jr) * size;
          let ap = aPanels;
          for (let ir = 0; ir < mc; ir += 4, to += 4 * row, ap += 4 * size * <usize>kc) {
            if (jr + W <= nc) tiles<T>(mc - ir, kc, ap, 4 * size, bp, step, to, row, more);
            else ragged<T>(min(4, mc - ir), kc, ap, bp, to, row, nc - jr, more, scratch);
          }
        }
      }
    }
  }
}
