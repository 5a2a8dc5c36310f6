/**
 * Inclusion probabilities of a k-DPP with L = I + Φ Φᵀ. A batch is J, of weight det K_J, and b − j others (see
 * oracle.ts). With x_ni = a_i·φ_n the coordinates of a point along the eigenvectors of ΦᵀΦ,
 *
 *   Σ_{|J| = j, n ∈ J} det K_J      = Σ_i x_ni² e_{j−1}(μ without i)
 *   Σ_{|J| = j, m, n ∈ J} det K_J   = Σ_{i<l} (x_mi x_nl − x_ml x_ni)² e_{j−2}(μ without i, l)
 *
 * (a j-DPP is a mixture of projection DPPs, Kulesza and Taskar 2012, section 5.2). A point that is not in J is one of
 * the b − j others in C(N−j−1, b−j−1) of C(N−j, b−j) cases. Summed over j, with C(n, k) − C(n−1, k−1) = C(n−1, k),
 *
 *   Z P(n ∈ B)    = Z(μ; N−1, b−1) + Σ_i x_ni² Z(μ without i; N−2, b−1)
 *   Z P(m, n ∈ B) = Z(μ; N−2, b−2) + Σ_i (x_mi² + x_ni²) Z(μ without i; N−3, b−2)
 *                   + Σ_{i<l} (x_mi x_nl − x_ml x_ni)² Z(μ without i, l; N−4, b−2)
 *
 * where Z(μ; n, k) = Σ_j e_j(μ) C(n−j, k−j), C(m, 0) = 1 for every m. All terms are positive: nothing cancels.
 */
import { at } from '../../at.js';
import { matrixFrom } from '../../linear-algebra/matrix.js';
import { dotRange } from '../../linear-algebra/vector.js';
import { logElementaryLeaveOneOut } from '../elementary-symmetric.js';
import { requireArray } from '../../misuse.js';
import {
  coordinatesOf,
  type Kdpp,
  leftOf,
  logCompletions,
  logTerms,
  requireKdpp,
  requireMember,
} from './oracle.js';
import { logSumExp } from '../../linear-algebra/log-sum.js';

/** exp(log Z(μ; n, k) − log Z) of each of the given polynomials. */
const shares = (polynomials: readonly Float64Array[], n: number, k: number, logZ: number): Float64Array => {
  const completions = logCompletions(n, k);
  return Float64Array.from(polynomials, (logs) => Math.exp(logSumExp(logTerms(logs, completions)) - logZ));
};

/** log Z(μ; N, b) of the points that are left, without the determinant of L_s. */
const logRest = (dpp: Kdpp): number => {
  const [points, size] = leftOf(dpp);
  return logSumExp(logTerms(dpp.logElementary, logCompletions(points, size)));
};

const without = (logValues: Float64Array, i: number): Float64Array => logValues.filter((_, l) => l !== i);

/**
 * P(n ∈ B) for all N points (1 for those of s), B a batch of the k-DPP. They sum to b. O(N D² + D log D b), and no
 * memory but the result.
 */
export const inclusionProbabilities = (dpp: Kdpp): Float64Array => {
  requireKdpp('inclusionProbabilities', dpp);
  const { whitened, axes, eigenvalues, chosen, logElementary } = dpp;
  const [points, size] = leftOf(dpp);
  const logZ = logRest(dpp);
  const base = at(shares([logElementary], points - 1, size - 1, logZ), 0);
  const top = Math.min(size - 1, axes.rows - 1);
  const slopes =
    top < 0
      ? new Float64Array(axes.rows)
      : shares(logElementaryLeaveOneOut(eigenvalues.map(Math.log), top), points - 2, size - 1, logZ);
  const d = whitened.columns;
  const scaled = matrixFrom(axes.rows, d, (i, l) => Math.sqrt(at(slopes, i)) * at(axes.data, i * d + l)).data;
  const out = new Float64Array(whitened.rows);
  for (let n = 0; n < whitened.rows; n++) {
    let sum = base;
    for (let i = 0; i < axes.rows; i++) {
      const x = dotRange(scaled, i * d, whitened.data, n * d, d);
      sum += x * x;
    }
    out[n] = Math.min(1, sum);
  }
  for (const n of chosen) out[n] = 1;
  return out;
};

/**
 * P({m, n} ⊆ B) for each of the given pairs of pool indices, in their order; of a point with itself, P(n ∈ B).
 * O(D² log D b) once, O(D²) a pair, and O(N D²) where a pair has a point of s or a point twice. Throws a RangeError for
 * an index outside the pool.
 */
export const pairInclusionProbabilities = (
  dpp: Kdpp,
  pairs: readonly (readonly [number, number])[],
): Float64Array => {
  const where = 'pairInclusionProbabilities';
  requireKdpp(where, dpp);
  requireArray(where, 'pairs', pairs);
  const { whitened, eigenvalues, chosen, logElementary } = dpp;
  const [points, size] = leftOf(dpp);
  pairs.forEach((pair, i) => {
    requireArray(where, `pairs[${i}]`, pair);
    // Of a pair that is too short one is missing.
    for (const n of [pair[0], pair[1]]) requireMember(where, whitened.rows, n);
  });
  if (points === size) return new Float64Array(pairs.length).fill(1);
  const logZ = logRest(dpp);
  const logs = eigenvalues.map(Math.log);
  const r = logs.length;
  const base = at(shares([logElementary], points - 2, size - 2, logZ), 0);
  const singleTop = Math.min(size - 2, r - 1);
  const doubleTop = Math.min(size - 2, r - 2);
  const single =
    singleTop < 0
      ? new Float64Array(r)
      : shares(logElementaryLeaveOneOut(logs, singleTop), points - 3, size - 2, logZ);
  // Row i: the others in their order, i left out. Nothing where no batch takes two directions and more.
  const double = Array.from({ length: doubleTop < 0 ? 0 : r }, (_, i) =>
    shares(logElementaryLeaveOneOut(without(logs, i), doubleTop), points - 4, size - 2, logZ),
  );
  const given = new Set(chosen);
  const first = pairs.some(([m, n]) => m === n || given.has(m) || given.has(n))
    ? inclusionProbabilities(dpp)
    : new Float64Array(0);
  return Float64Array.from(pairs, ([m, n]) => {
    if (m === n || given.has(m)) return at(first, n);
    if (given.has(n)) return at(first, m);
    const x = coordinatesOf(dpp, m);
    const y = coordinatesOf(dpp, n);
    let sum = base;
    for (let i = 0; i < r; i++) {
      const [xi, yi] = [x[i] ?? NaN, y[i] ?? NaN];
      sum += (xi * xi + yi * yi) * (single[i] ?? NaN);
      for (let l = i + 1; l < r; l++)
        sum += (xi * (y[l] ?? NaN) - (x[l] ?? NaN) * yi) ** 2 * (double[i]?.[l - 1] ?? 0);
    }
    return Math.min(1, sum);
  });
};
