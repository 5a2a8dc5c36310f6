/**
 * The k-DPP oracle. At T = ½ the reward of a batch is det(I + Φ_B Φ_Bᵀ), so the target over batches of size b is the
 * k-DPP with L = I + Φ Φᵀ (Kulesza and Taskar 2012, arXiv 1207.6083, section 5), whose partition function is
 * Z = e_b(λ(L)), exactly, at any size of the pool. Expanding the determinant,
 *
 *   det(I + K_B) = Σ_{J ⊆ B} det K_J,    K = Φ Φᵀ,
 *
 * a batch is a set J of j points that carries the weight det K_J, and b − j of the N − j points that are left, whichever
 * they are. Since Σ_{|J| = j} det K_J = e_j(μ), with μ the spectrum of ΦᵀΦ (D×D),
 *
 *   Z = Σ_j e_j(μ) C(N − j, b − j).
 *
 * Given that a batch contains s, the others are a (b − |s|)-DPP of the Schur complement of L_s in L, which is again the
 * identity and a Gram matrix,
 *
 *   I + Φ_r A⁻¹ Φ_rᵀ,    A = I + Φ_sᵀ Φ_s = C Cᵀ,    r the points not in s,
 *
 * so that its spectrum is that of C⁻¹ Φ_rᵀΦ_r C⁻ᵀ: D×D once more. Nothing here is N×N.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type { Failure } from '../../failure.js';
import { membersOf, requireArray, requireMatrix, wrongArgument } from '../../misuse.js';
import { logBinomial } from '../../linear-algebra/binomial.js';
import { cholesky, solveLower, solveLowerTransposed } from '../../linear-algebra/cholesky.js';
import type { Matrix } from '../../linear-algebra/matrix.js';
import { identity, rowOf, transpose } from '../../linear-algebra/product.js';
import { logSumExp } from '../../linear-algebra/log-sum.js';
import { symmetricEigenInSteps } from '../../linear-algebra/symmetric-eigen.js';
import { dotRange } from '../../linear-algebra/vector.js';
import { jointMutualInformation } from '../../reward/exact.js';
import { atOnce, type Work } from '../../work.js';
import { logElementarySymmetric } from '../elementary-symmetric.js';
import { type BlockGrams, blockGrams, gramWithout } from './gram.js';

/** The k-DPP of L = I + Φ Φᵀ over batches of size b, given that they contain the points of s (none at first). */
export interface Kdpp {
  /** Φ, N×D, in units of the noise. */
  readonly whitened: Matrix;
  /** b, the points of s among them. */
  readonly batchSize: number;
  /** s, in any order. */
  readonly chosen: readonly number[];
  /** log Σ_{B ⊇ s} det L_B in nats: log Z where s is empty. */
  readonly logZ: number;
  /** The positive eigenvalues μ of the Gram matrix given s, descending: at most min(D, N − |s|). */
  readonly eigenvalues: Float64Array;
  /** The rows a_i, one for each eigenvalue, of length D: (a_i·φ_n)² over n ∉ s sums to μ_i. */
  readonly axes: Matrix;
  /** log e_j(μ) for j = 0 … min(b − |s|, number of eigenvalues). */
  readonly logElementary: Float64Array;
  /** The inner products of the columns of Φ, all points. */
  readonly grams: BlockGrams;
}

/** Throws a TypeError unless a value is a k-DPP by its form. */
export const requireKdpp = (where: string, dpp: unknown): void => {
  const { whitened, eigenvalues, chosen } = membersOf(where, 'dpp', dpp, 'what kdpp gives');
  requireMatrix(where, 'dpp.whitened', whitened);
  if (!(eigenvalues instanceof Float64Array && Array.isArray(chosen)))
    throw wrongArgument(where, 'dpp', dpp, 'what kdpp gives');
};

/** How many points are left to choose from, N − |s|, and how many to choose, b − |s|. */
export const leftOf = ({ whitened, batchSize, chosen }: Kdpp): readonly [points: number, size: number] => [
  whitened.rows - chosen.length,
  batchSize - chosen.length,
];

/**
 * log C(n − j, k − j) for j = 0 … k. C(m, 0) = 1 for negative m too, as the differences of binomials in the inclusion
 * probabilities have it.
 */
export const logCompletions = (n: number, k: number): Float64Array =>
  Float64Array.from({ length: Math.max(0, k + 1) }, (_, j) => (j === k ? 0 : logBinomial(n - j, k - j)));

/** The logs of the terms e_j(μ) C(n − j, k − j), j as far as both go. */
export const logTerms = (logElementary: Float64Array, completions: Float64Array): Float64Array =>
  Float64Array.from(
    { length: Math.min(logElementary.length, completions.length) },
    (_, j) => (logElementary[j] ?? -Infinity) + (completions[j] ?? -Infinity),
  );

/** x_i = a_i·φ_n, the coordinates of one point along the axes. */
export const coordinatesOf = ({ whitened, axes }: Kdpp, n: number): Float64Array =>
  Float64Array.from({ length: axes.rows }, (_, i) =>
    dotRange(axes.data, i * axes.columns, whitened.data, n * whitened.columns, axes.columns),
  );

/** Throws a RangeError for a point outside a pool of so many. */
export const requireMember = (what: string, rows: number, n: number): void => {
  if (!Number.isInteger(n) || n < 0 || n >= rows)
    throw new RangeError(`${what}: point ${n} is not in a pool of ${rows} points (0 … ${rows - 1})`);
};

/** The spectrum given s, from the Gram matrices of the blocks. */
function* given(
  whitened: Matrix,
  batchSize: number,
  grams: BlockGrams,
  chosen: readonly number[],
): Work<E.Either<Failure, Kdpp>> {
  const d = whitened.columns;
  const a = identity(d);
  for (const n of chosen) {
    const phi = rowOf(whitened, n);
    for (let i = 0; i < d; i++)
      for (let l = 0; l < d; l++) {
        a.data[i * d + l] = (a.data[i * d + l] ?? NaN) + (phi[i] ?? NaN) * (phi[l] ?? NaN);
      }
  }
  const restGram = yield* gramWithout(whitened, grams, chosen);
  const factored = cholesky(a);
  if (E.isLeft(factored)) return factored;
  const factor = factored.right;
  const spectrum = yield* symmetricEigenInSteps(
    chosen.length === 0
      ? restGram
      : pipe(solveLower(factor, restGram), transpose, (x) => solveLower(factor, x)),
  );
  return pipe(
    spectrum,
    E.map(({ eigenvalues: all, vectors }): Kdpp => {
      const left = whitened.rows - chosen.length;
      const size = batchSize - chosen.length;
      // What is below the rounding of the decomposition is zero.
      const floor = d * Number.EPSILON * Math.max(0, all[0] ?? 0);
      const rank = Math.min(left, all.filter((mu) => mu > floor).length);
      const eigenvalues = all.slice(0, rank);
      const kept = { rows: rank, columns: d, data: vectors.data.slice(0, rank * d) };
      const logElementary = logElementarySymmetric(eigenvalues.map(Math.log), Math.min(size, rank));
      const logRest = logSumExp(logTerms(logElementary, logCompletions(left, size)));
      return {
        whitened,
        batchSize,
        chosen,
        // As rewards are computed, so that a whole batch has log Z = log R; and better conditioned than A.
        logZ: 2 * jointMutualInformation(whitened, chosen) + logRest,
        eigenvalues,
        axes: chosen.length === 0 ? kept : transpose(solveLowerTransposed(factor, transpose(kept))),
        logElementary,
        grams,
      };
    }),
  );
}

/** {@link kdpp} in steps. */
export function* kdppInSteps(
  whitened: Matrix,
  batchSize: number,
  caller = 'kdpp',
): Work<E.Either<Failure, Kdpp>> {
  requireMatrix(caller, 'whitened', whitened);
  const { rows } = whitened;
  if (!Number.isInteger(batchSize) || batchSize < 0 || batchSize > rows)
    throw new RangeError(
      `${caller}: a batch of ${batchSize} from a pool of ${rows} points; give a whole number from 0 to ${rows}`,
    );
  return yield* given(whitened, batchSize, yield* blockGrams(whitened), []);
}

/**
 * The k-DPP of batches of size b from whitened features N×D, s empty. O(N D² + D³). Fails with a NumericalFailure
 * where a feature is not finite. Throws a RangeError, in its caller's name, for a batch size that is not a whole number from 0 to N,
 * a TypeError for what is no matrix.
 */
export const kdpp = (whitened: Matrix, batchSize: number, caller = 'kdpp'): E.Either<Failure, Kdpp> =>
  atOnce(kdppInSteps(whitened, batchSize, caller));

/**
 * The k-DPP given that the batch contains `points` too: the Schur complement of theirs in L. O(N D / 8 + |s| D³).
 * Fails with a NumericalFailure where a feature is not finite. Throws a RangeError, in its caller's name, for a point outside the
 * pool, one that is chosen already, or more of them than a batch has.
 */
export const containing =
  (points: readonly number[], caller = 'containing') =>
  (dpp: Kdpp): E.Either<Failure, Kdpp> => {
    requireArray(caller, 'points', points);
    requireKdpp(caller, dpp);
    const { whitened, batchSize, grams, chosen: before } = dpp;
    const chosen = [...before, ...points];
    for (const n of points) requireMember(caller, whitened.rows, n);
    if (new Set(chosen).size < chosen.length)
      throw new RangeError(`${caller}: a point twice in ${chosen.join(', ')}; give each once`);
    if (chosen.length > batchSize)
      throw new RangeError(`${caller}: ${chosen.length} points in a batch of ${batchSize}; give fewer`);
    return atOnce(given(whitened, batchSize, grams, chosen));
  };

/**
 * The k-DPP of smaller batches of the same pool, given the same points; it shares their spectrum, so this costs O(b)
 * alone. Throws a RangeError for a size that is not a whole number from |s| to the present one.
 */
export const ofSize =
  (batchSize: number) =>
  (dpp: Kdpp): Kdpp => {
    requireKdpp('ofSize', dpp);
    const { chosen, logElementary } = dpp;
    if (!Number.isInteger(batchSize) || batchSize < chosen.length || batchSize > dpp.batchSize)
      throw new RangeError(`ofSize: ${batchSize} is no size from ${chosen.length} to ${dpp.batchSize}`);
    const [points, largest] = leftOf(dpp);
    const size = batchSize - chosen.length;
    const rest = (k: number): number => logSumExp(logTerms(logElementary, logCompletions(points, k)));
    return {
      ...dpp,
      batchSize,
      logZ: dpp.logZ + rest(size) - rest(largest),
      logElementary: logElementary.slice(0, size + 1),
    };
  };

/**
 * log Z in nats of batches of `batchSize` under exp(JMI / ½), from whitened features N×D. Fails and throws as
 * {@link kdpp} does.
 */
export const kdppLogZ = (whitened: Matrix, batchSize: number): E.Either<Failure, number> =>
  pipe(
    kdpp(whitened, batchSize, 'kdppLogZ'),
    E.map((_) => _.logZ),
  );

/**
 * log P(B) in nats of a batch that contains s: log det L_B − log Σ_{B' ⊇ s} det L_B'. −∞ where B does not contain s.
 * Throws a RangeError for a point outside the pool, one that comes twice, or a batch of another size.
 */
export const kdppLogProbability = (dpp: Kdpp, batch: readonly number[]): number => {
  const where = 'kdppLogProbability';
  requireKdpp(where, dpp);
  requireArray(where, 'batch', batch);
  const { whitened, batchSize, chosen, logZ } = dpp;
  for (const n of batch) requireMember(where, whitened.rows, n);
  const members = new Set(batch);
  if (members.size !== batch.length || batch.length !== batchSize)
    throw new RangeError(`${where}: [${batch.join(', ')}] is not a batch of ${batchSize} points`);
  const jmi = jointMutualInformation(whitened, batch);
  return chosen.every((n) => members.has(n)) ? 2 * jmi - logZ : -Infinity;
};
