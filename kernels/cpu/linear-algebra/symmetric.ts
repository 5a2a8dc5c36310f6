// The symmetric eigenproblem; src/linear-algebra/wasm/eigen.ts says how the parts join.

/**
 * A ← A − v wᵀ − w vᵀ and p = A x, in one pass over the lower triangle of rows `from` … `to` of A, each `row` bytes; p is 0 at
 * first. Rows from an even one on, two at a time; the last may stand alone.
 */
export function updateAndApply(a: usize, row: usize, from: i32, to: i32, v: usize, w: usize, x: usize, p: usize): void {
  for (let i = from; i < to; i += 2) {
    const at = <usize>i << 3, first = a + <usize>i * row, second = first + row;
    if (i + 1 === to) {
      for (let j: usize = 0; j <= at; j += 8) entry(first, at, j, v, w, x, p);
      return;
    }
    const v0 = v128.load64_splat(v + at), w0 = v128.load64_splat(w + at), x0 = v128.load64_splat(x + at);
    const v1 = v128.load64_splat(v + at, 8), w1 = v128.load64_splat(w + at, 8), x1 = v128.load64_splat(x + at, 8);
    let s = f64x2.splat(0), t = s;
    for (let j: usize = 0; j < at; j += 16) {
      const vj = v128.load(v + j), wj = v128.load(w + j);
      const f = f64x2.sub(f64x2.sub(v128.load(first + j), f64x2.mul(v0, wj)), f64x2.mul(w0, vj));
      const g = f64x2.sub(f64x2.sub(v128.load(second + j), f64x2.mul(v1, wj)), f64x2.mul(w1, vj));
      v128.store(first + j, f);
      v128.store(second + j, g);
      const xj = v128.load(x + j);
      s = f64x2.add(s, f64x2.mul(f, xj));
      t = f64x2.add(t, f64x2.mul(g, xj));
      v128.store(p + j, f64x2.add(v128.load(p + j), f64x2.add(f64x2.mul(f, x0), f64x2.mul(g, x1))));
    }
    add(p + at, f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1));
    add(p + at + 8, f64x2.extract_lane(t, 0) + f64x2.extract_lane(t, 1));
    entry(first, at, at, v, w, x, p);
    entry(second, at + 8, at, v, w, x, p);
    entry(second, at + 8, at + 8, v, w, x, p);
  }
}

@inline
function add(at: usize, y: f64): void {
  store<f64>(at, load<f64>(at) + y);
}

/** The same of one entry, of the row and column at these bytes. */
function entry(row: usize, i: usize, j: usize, v: usize, w: usize, x: usize, p: usize): void {
  const y = load<f64>(row + j) - load<f64>(v + i) * load<f64>(w + j) - load<f64>(w + i) * load<f64>(v + j);
  store<f64>(row + j, y);
  add(p + i, y * load<f64>(x + j));
  if (i !== j) add(p + j, y * load<f64>(x + i));
}

/**
 * Sweeps of plane rotations on the rows of panels, two panels at a time: of `sweeps` many, each of (i32) the first row and how
 * many rows follow; (c, s) of every rotation behind one another. Rows (i, i + 1) become (c i + s i', c i' − s i).
 */
export function rotate(x: usize, stride: usize, panels: i32, sweeps: usize, count: i32, rotations: usize): void {
  for (let q = 0; q < panels; q += 2) {
    const one = x + <usize>q * stride, two = q + 1 < panels ? stride : 0;
    let cs = rotations;
    for (let k = 0; k < count; k++) {
      const sweep = sweeps + (<usize>k << 3);
      let at = one + (<usize>load<i32>(sweep) << 5);
      const end = cs + (<usize>load<i32>(sweep, 4) << 4);
      // Where there is no second panel the first is its own, and what is made of it twice is the same.
      let a0 = v128.load(at), a1 = v128.load(at, 16), b0 = v128.load(at + two), b1 = v128.load(at + two, 16);
      for (; cs < end; cs += 16) {
        const c = v128.load64_splat(cs), s = v128.load64_splat(cs, 8);
        const d0 = v128.load(at, 32), d1 = v128.load(at, 48), e0 = v128.load(at + two, 32), e1 = v128.load(at + two, 48);
        v128.store(at, f64x2.add(f64x2.mul(c, a0), f64x2.mul(s, d0)));
        v128.store(at, f64x2.add(f64x2.mul(c, a1), f64x2.mul(s, d1)), 16);
        v128.store(at + two, f64x2.add(f64x2.mul(c, b0), f64x2.mul(s, e0)));
        v128.store(at + two, f64x2.add(f64x2.mul(c, b1), f64x2.mul(s, e1)), 16);
        a0 = f64x2.sub(f64x2.mul(c, d0), f64x2.mul(s, a0));
        a1 = f64x2.sub(f64x2.mul(c, d1), f64x2.mul(s, a1));
        b0 = f64x2.sub(f64x2.mul(c, e0), f64x2.mul(s, b0));
        b1 = f64x2.sub(f64x2.mul(c, e1), f64x2.mul(s, b1));
        at += 32;
      }
      v128.store(at, a0);
      v128.store(at, a1, 16);
      v128.store(at + two, b0);
      v128.store(at + two, b1, 16);
    }
  }
}
