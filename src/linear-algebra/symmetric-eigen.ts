/**
 * The eigendecomposition of a symmetric matrix, A = V diag(λ) Vᵀ, eigenvalues in descending order.
 *
 *   1. Householder reflections H_k bring A to a tridiagonal matrix:  A = Q T Qᵀ,  Q = H_1 … H_{n-2}
 *   2. implicit QR steps with Wilkinson's shift make T diagonal:     T = Gᵀ diag(λ) G
 *
 * Both apply their rotations to a right side B on the way, so that what comes out is Vᵀ B = G Qᵀ B. B = I
 * gives the eigenvectors (8n³ operations or so), one column gives the coordinates of a vector in the
 * eigenbasis for 4n³/3.
 *
 * Source: Golub and Van Loan, Matrix Computations (4th ed.), algorithms 8.3.1 and 8.3.3.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { at } from '../at.js';
import { type NumericalFailure, numericalFailure } from '../failure.js';
import { atOnce, turnCounter, type Work } from '../work.js';
import { type ApplySweep, diagonaliseInto, type Tridiagonal } from './implicit-qr.js';
import type { Matrix } from './matrix.js';
import { identity } from './product.js';
import { addScaledInto, dotRange } from './vector.js';
import { type Spectrum, wasmSpectrum } from './wasm/eigen.js';

/** Eigenvalues in descending order and V ᵀB, whose row i belongs to eigenvalue i. */
export interface SpectralProjection {
  readonly eigenvalues: Float64Array;
  readonly projected: Matrix;
}

/** Eigenvalues in descending order and the orthonormal eigenvectors as the rows of an n×n matrix. */
export interface SymmetricEigen {
  readonly eigenvalues: Float64Array;
  readonly vectors: Matrix;
}

/** Overwrites the lower triangle of `a` and replaces the rows of `b` (n×m) by those of Qᵀ B. */
function* tridiagonaliseInto(a: Float64Array, n: number, b: Float64Array, m: number): Work<Tridiagonal> {
  const turnOver = turnCounter();
  const offDiagonal = new Float64Array(n);
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  const vb = new Float64Array(m);
  for (let k = 0; k < n - 2; k++) {
    if (turnOver(2 * (n - k) * (n - k + m))) yield;
    let norm = 0;
    for (let i = k + 1; i < n; i++) {
      v[i] = a[i * n + k] ?? NaN;
      norm += (v[i] ?? NaN) ** 2;
    }
    norm = Math.sqrt(norm);
    const head = v[k + 1] ?? NaN;
    // The sign that adds: no cancellation in v.
    const image = head > 0 ? -norm : norm;
    offDiagonal[k] = image;
    if (norm === 0) continue;
    v[k + 1] = head - image;
    const beta = 1 / (norm * (norm + Math.abs(head)));
    // w = β A v from the lower triangle alone, then the symmetric rank-two update A − v wᵀ − w vᵀ.
    w.fill(0, k + 1);
    for (let i = k + 1; i < n; i++) {
      const vi = v[i] ?? NaN;
      const start = i * n + k + 1;
      w[i] = (w[i] ?? NaN) + dotRange(a, start, v, k + 1, i - k - 1) + (a[i * n + i] ?? NaN) * vi;
      addScaledInto(w, k + 1, vi, a, start, i - k - 1);
    }
    for (let i = k + 1; i < n; i++) w[i] = beta * (w[i] ?? NaN);
    const along = (beta / 2) * dotRange(v, k + 1, w, k + 1, n - k - 1);
    addScaledInto(w, k + 1, -along, v, k + 1, n - k - 1);
    for (let i = k + 1; i < n; i++) {
      const start = i * n + k + 1;
      addScaledInto(a, start, -(v[i] ?? NaN), w, k + 1, i - k);
      addScaledInto(a, start, -(w[i] ?? NaN), v, k + 1, i - k);
    }
    vb.fill(0);
    for (let i = k + 1; i < n; i++) addScaledInto(vb, 0, v[i] ?? NaN, b, i * m, m);
    for (let i = k + 1; i < n; i++) addScaledInto(b, i * m, -beta * (v[i] ?? NaN), vb, 0, m);
  }
  if (n > 1) offDiagonal[n - 2] = a[(n - 1) * n + n - 2] ?? NaN;
  return { diagonal: Float64Array.from({ length: n }, (_, i) => a[i * n + i] ?? NaN), offDiagonal };
}

/** (row i, row i + 1) of b becomes (c·row i + s·row i+1, −s·row i + c·row i+1). */
const rotateRowsInto = (b: Float64Array, m: number, i: number, c: number, s: number): void => {
  for (let p = i * m, q = p + m, end = q; p < end; p++, q++) {
    const x = b[p] ?? NaN;
    const y = b[q] ?? NaN;
    b[p] = c * x + s * y;
    b[q] = c * y - s * x;
  }
};

/** The spectrum of A / `unit` in plain TypeScript, in steps: what wasmSpectrum is held to. */
export function* plainSpectrum(a: Matrix, unit: number, b: Matrix): Work<Spectrum> {
  const [n, m] = [a.rows, b.columns];
  const work = a.data.map((x) => x / unit);
  const image = b.data.slice();
  const t = yield* tridiagonaliseInto(work, n, image, m);
  const sweep: ApplySweep = (first, count, rotations) => {
    for (let k = 0; k < count; k++)
      rotateRowsInto(image, m, first + k, rotations[2 * k] ?? NaN, rotations[2 * k + 1] ?? NaN);
  };
  const converged = yield* diagonaliseInto(t, sweep, m);
  return { eigenvalues: t.diagonal, projected: { rows: n, columns: m, data: image }, converged };
}

/** {@link spectralProjection} in steps. */
export function* spectralProjectionInSteps(
  a: Matrix,
  b: Matrix,
): Work<E.Either<NumericalFailure, SpectralProjection>> {
  if (a.rows !== a.columns || a.rows !== b.rows)
    throw new RangeError(`spectralProjection: ${a.rows}×${a.columns} with a right side of ${b.rows} rows`);
  const [n, m] = [a.rows, b.columns];
  const scale = a.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0); // NaN where an entry is NaN
  const failure = (problem: string) =>
    E.left(
      numericalFailure(
        'eigenvalues',
        problem,
        'Bring the inputs to a common scale, and look for NaN or infinity',
      ),
    );
  if (!Number.isFinite(scale)) return failure(`an entry of the ${n}×${n} matrix is not finite`);
  // Entries of at most 1 in size, so that squares neither overflow nor vanish.
  const unit = scale || 1;
  const { eigenvalues, projected, converged } =
    (yield* wasmSpectrum(a, unit, b)) ?? (yield* plainSpectrum(a, unit, b));
  if (!converged) return failure(`the QR steps on a ${n}×${n} matrix did not converge`);
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (i, j) => (eigenvalues[j] ?? NaN) - (eigenvalues[i] ?? NaN),
  );
  const data = new Float64Array(n * m);
  order.forEach((from, to) => data.set(projected.data.subarray(from * m, (from + 1) * m), to * m));
  return E.right({
    eigenvalues: Float64Array.from(order, (i) => scale * at(eigenvalues, i)),
    projected: { rows: n, columns: m, data },
  });
}

/**
 * The eigenvalues of a symmetric n×n matrix (only its lower triangle is read) and Vᵀ B for B of shape n×m. A
 * NumericalFailure where an entry is not finite. Throws a RangeError where the shapes do not fit.
 */
export const spectralProjection = (a: Matrix, b: Matrix): E.Either<NumericalFailure, SpectralProjection> =>
  atOnce(spectralProjectionInSteps(a, b));

/** {@link symmetricEigen} in steps. */
export function* symmetricEigenInSteps(a: Matrix): Work<E.Either<NumericalFailure, SymmetricEigen>> {
  return pipe(
    yield* spectralProjectionInSteps(a, identity(a.rows)),
    E.map(({ eigenvalues, projected }) => ({ eigenvalues, vectors: projected })),
  );
}

/**
 * All eigenvalues (descending) and eigenvectors (as rows) of a symmetric matrix. Fails as {@link
 * spectralProjection}.
 */
export const symmetricEigen = (a: Matrix): E.Either<NumericalFailure, SymmetricEigen> =>
  atOnce(symmetricEigenInSteps(a));

/** The eigenvalues of a symmetric matrix alone, descending. Fails as {@link spectralProjection} does. */
export const symmetricEigenvalues = (a: Matrix): E.Either<NumericalFailure, Float64Array> =>
  pipe(
    spectralProjection(a, { rows: a.rows, columns: 0, data: new Float64Array(0) }),
    E.map((_) => _.eigenvalues),
  );
