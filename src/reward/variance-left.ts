/**
 * Which part of an integrated variance is left once the labels of a batch are known, without the subtraction that cancels
 * where it is small? With G = R Rᵀ and A = I + Φ_Bᵀ Φ_B,
 *
 *   V(B) = tr(Rᵀ A⁻¹ R),     V(∅) = tr G
 *
 * The first k = min(b, r) columns of R, R₁ = Q T with Q [D×k] orthonormal, are those in which the variance is large. With
 * Φ₁ = Φ_B Q, Φ₂ = Φ_B − Φ₁ Qᵀ, M = I + Φ₂ Φ₂ᵀ and S = I + Φ₁ᵀ M⁻¹ Φ₁ = (Qᵀ A⁻¹ Q)⁻¹ (a Schur complement),
 *
 *   V(B) = |L_S⁻¹ T|² + tr G₂ − |L_K⁻¹ Φ_B R₂|²,     K = M + Φ₁ Φ₁ᵀ,   G₂ = R₂ R₂ᵀ,   L_X L_Xᵀ = X
 *
 * Only the variance along the other columns, R₂, is found by subtraction. It rounds by ε tr G₂, and no batch of b points leaves
 * less than the r − b smallest eigenvalues of G (A⁻¹ ≥ I − a projection of rank b), which tr G₂ is close to: so the rounding
 * is relative to V(B), however small a part of V(∅) that is. Where b ≥ r there is no R₂.
 *
 * What rounding leaves is relative: some ε times the condition number of S, M and K, each scaled to a diagonal of ones, so
 * not by a scale of rows or directions but by points of large features that are nearly parallel outside of Q. R is a triangle
 * of the targets' features (pivoted-qr.ts). What is dropped of it is below 10⁻¹³ of V(B) for every batch, as
 * V(B) ≥ tr G / (1 + Σ_n |φ_n|²).
 */
import { type Matrix, matrixFrom } from '../linear-algebra/matrix.js';
import { orthonormalRows, pivotedTriangle } from '../linear-algebra/pivoted-qr.js';
import { product, transpose as transposeOf } from '../linear-algebra/product.js';
import { dot } from '../linear-algebra/vector.js';
import { identity } from '../tensor/derived/matrix.js';
import type { Tensor } from '../tensor/expression.js';
import {
  add,
  broadcast,
  cast,
  cholesky,
  gather,
  log,
  matmul,
  mul,
  sub,
  sum,
  transpose,
  triangularSolve,
} from '../tensor/operations.js';
import { tableOf } from './programmed.js';
import type { ProgrammedUtility } from './utility.js';

/** A pool, and what its labels are to tell of, in units in which V(∅) is 1. */
export interface IntegratedVariance {
  /** Φ, N×D. */
  readonly whitened: Matrix;
  /** Rᵀ / √tr G, r×D, its rows from the largest pivot on; none where G is 0. */
  readonly root: Matrix;
}

/** Of targets' features M×D for a pool of features N×D; NaN where one is not finite, so that strategies refuse the pool. */
export const integratedVariance = (whitened: Matrix, targets: Matrix): IntegratedVariance => {
  const total = dot(targets.data, targets.data);
  const root = Number.isFinite(total)
    ? pivotedTriangle(targets, (1e-13 * total) / (1 + dot(whitened.data, whitened.data)))
    : matrixFrom(1, targets.columns, () => NaN);
  return { whitened, root: { ...root, data: root.data.map((x) => x / Math.sqrt(total)) } };
};

const rowsFrom = ({ rows, columns, data }: Matrix, from: number, to = rows): Matrix => ({
  rows: to - from,
  columns,
  data: data.slice(from * columns, to * columns),
});

/** A − B. */
const less = (a: Matrix, b: Matrix): Matrix => ({ ...a, data: a.data.map((x, i) => x - (b.data[i] ?? NaN)) });

/** A + I of square matrices. */
export const plusIdentity = (a: Tensor): Tensor => add(a, identity(a.shape.at(-1) ?? 1, a.dtype));

/** |L⁻¹ B|² of each pair of matrices, A = L Lᵀ: [K, n, n] and [K, n, m] → [K]. */
const squareBy = (a: Tensor, b: Tensor): Tensor => {
  const solved = triangularSolve(cholesky(a), b);
  return sum(mul(solved, solved), [1, 2]);
};

/** V(B) / V(∅) of batches u32 [K, b] by the tables of {@link varianceReduction}. */
const leftOf = (tables: Readonly<Record<string, Tensor>>, rest: number, batches: Tensor): Tensor => {
  const { lead, root, others, tail } = tables;
  // Where nothing is unknown nothing can be learned.
  if (lead === undefined || root === undefined) return add(rest, mul(0, sum(cast(batches, 'f32'), [1])));
  const [count = 1, size = 1] = batches.shape;
  const points = gather(lead, batches);
  const otherPoints = others === undefined ? undefined : gather(others, batches);
  const own =
    otherPoints === undefined ? undefined : plusIdentity(matmul(otherPoints, transpose(otherPoints)));
  const solved = own === undefined ? points : triangularSolve(cholesky(own), points);
  const precision = plusIdentity(matmul(transpose(solved), solved));
  const led = squareBy(precision, broadcast(root, [count, ...root.shape]));
  if (tail === undefined) return led;
  const gram = matmul(points, transpose(points));
  const whole = add(gram, own ?? identity(size, gram.dtype));
  return add(led, sub(rest, squareBy(whole, gather(tail, batches))));
};

/** U(B) = ½ log( V(∅) / V(B) ) of batches of b points, nats, with its tables. */
export const varianceReduction = (
  { whitened, root }: IntegratedVariance,
  batchSize: number,
): ProgrammedUtility => {
  const size = Math.min(batchSize, root.rows);
  const [first, second] = [rowsFrom(root, 0, size), rowsFrom(root, size)];
  const basis = orthonormalRows(first);
  const lead = product(whitened, transposeOf(basis));
  const rest = size === 0 ? 1 : dot(second.data, second.data);
  const tables = {
    lead,
    root: product(basis, transposeOf(first)),
    ...(size < whitened.columns ? { others: less(whitened, product(lead, basis)) } : {}),
    ...(second.rows > 0 ? { tail: product(whitened, transposeOf(second)) } : {}),
  };
  return {
    tables: size === 0 ? {} : Object.fromEntries(Object.entries(tables).map(([k, m]) => [k, tableOf(m)])),
    value: (named, batches) => mul(-0.5, log(leftOf(named, rest, batches))),
  };
};
