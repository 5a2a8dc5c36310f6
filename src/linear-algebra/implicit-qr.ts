/**
 * The eigenvalues of a symmetric tridiagonal matrix by implicit QR steps with Wilkinson's shift, T = Gᵀ diag(λ) G. Each step is a
 * sweep of plane rotations down adjoining rows, which whoever wants G applies to a right side.
 *
 * Source: Golub and Van Loan, Matrix Computations (4th ed.), algorithm 8.3.3.
 */
import { at } from '../at.js';
import { turnCounter, type Work } from '../work.js';

/** A symmetric tridiagonal matrix. Mutable. */
export interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Entry i couples i and i + 1; the last is zero. */
  readonly offDiagonal: Float64Array;
}

/**
 * Rotations (c, s) behind one another, `count` of them, the first of rows (first, first + 1), the next of one further down:
 * (row i, row i + 1) become (c·row i + s·row i+1, −s·row i + c·row i+1). The array is used again for the next sweep.
 */
export type ApplySweep = (first: number, count: number, rotations: Float64Array) => void;

/**
 * One implicit QR step on the unreduced block lo … hi, with the eigenvalue of its last 2×2 block as the shift. Writes its
 * rotations.
 */
const qrStepInto = (t: Tridiagonal, lo: number, hi: number, rotations: Float64Array): void => {
  const { diagonal: d, offDiagonal: e } = t;
  const last = at(e, hi - 1);
  const half = (at(d, hi - 1) - at(d, hi)) / 2;
  const root = Math.sqrt(half * half + last * last);
  const shift = at(d, hi) - (last * last) / (half + (half < 0 ? -root : root));
  let x = at(d, lo) - shift;
  let z = at(e, lo);
  for (let k = lo; k < hi; k++) {
    const r = Math.sqrt(x * x + z * z);
    const c = r === 0 ? 1 : x / r;
    const s = r === 0 ? 0 : z / r;
    if (k > lo) e[k - 1] = r;
    const p = d[k] ?? NaN;
    const q = d[k + 1] ?? NaN;
    const off = e[k] ?? NaN;
    d[k] = c * c * p + 2 * c * s * off + s * s * q;
    d[k + 1] = s * s * p - 2 * c * s * off + c * c * q;
    e[k] = c * s * (q - p) + (c * c - s * s) * off;
    if (k < hi - 1) {
      x = e[k] ?? NaN;
      z = s * (e[k + 1] ?? NaN);
      e[k + 1] = c * (e[k + 1] ?? NaN);
    }
    rotations[2 * (k - lo)] = c;
    rotations[2 * (k - lo) + 1] = s;
  }
};

/**
 * Whether the steps made t diagonal; `columns`: of the right side that the sweeps are applied to. An entry below ε‖T‖ counts as
 * zero: what made the matrix tridiagonal has errors of that size already.
 */
export function* diagonaliseInto(t: Tridiagonal, apply: ApplySweep, columns: number): Work<boolean> {
  const turnOver = turnCounter();
  const { diagonal: d, offDiagonal: e } = t;
  const rotations = new Float64Array(2 * d.length);
  const norm = d.reduce((most, x, i) => Math.max(most, Math.abs(x), Math.abs(at(e, i))), 0);
  const negligible = Number.EPSILON * norm;
  let steps = 30 * d.length;
  for (let hi = d.length - 1; hi > 0;) {
    if (Math.abs(e[hi - 1] ?? NaN) <= negligible) {
      hi--;
      continue;
    }
    let lo = hi - 1;
    while (lo > 0 && Math.abs(e[lo - 1] ?? NaN) > negligible) lo--;
    if (steps-- === 0) return false;
    qrStepInto(t, lo, hi, rotations);
    apply(lo, hi - lo, rotations);
    if (turnOver((hi - lo) * (4 * columns + 16))) yield;
  }
  return true;
}
