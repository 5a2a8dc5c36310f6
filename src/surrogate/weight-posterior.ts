/**
 * The posterior of the weights of y = Φ w + e, w ~ N(0, p I), e ~ N(0, σ² I), for given σ² and p, from the
 * eigendecomposition of the smaller Gram matrix of Φ (n×D). With ΦᵀΦ = V diag(λ) Vᵀ (r ≤ min(n, D) non-zero
 * eigenvalues, V of shape D×r) and t_i = √(σ² / (σ² + pλ_i)):
 *
 *   E w = V diag(p / (σ² + pλ)) Vᵀ Φᵀ y
 *   Cov w = Σ = p (I + V diag(t² − 1) Vᵀ),      Σ^½ = √p (I + V diag(t − 1) Vᵀ),  symmetric
 *
 * so that a point costs O(D r) and no D×D matrix is formed: 20 labelled rows and 1,000 features are cheap.
 *
 * Source: Bishop, Pattern Recognition and Machine Learning (2006), equations 3.53–3.54, in the eigenbasis.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { at } from '../at.js';
import type { NumericalFailure } from '../failure.js';
import { entry, type Matrix, matrixFrom } from '../linear-algebra/matrix.js';
import {
  applyTo,
  columnGramInSteps,
  identity,
  product,
  productInSteps,
  rowGramInSteps,
  transpose,
} from '../linear-algebra/product.js';
import { type SymmetricEigen, symmetricEigenInSteps } from '../linear-algebra/symmetric-eigen.js';
import { atOnce, type Work } from '../work.js';
import { negligibleEigenvalue, type Variances } from './evidence.js';

/** The normal posterior of D weights. */
export interface WeightPosterior extends Variances {
  /** E w, of length D. */
  readonly mean: Float64Array;
  /** Vᵀ, r×D: orthonormal directions in which the data have said something. */
  readonly directions: Matrix;
  /** t_i in (0, 1), of length r: posterior over prior standard deviation in direction i. */
  readonly shrinkage: Float64Array;
}

/** Vᵀ (r×D) and λ (r) of ΦᵀΦ, by way of ΦΦᵀ where there are fewer rows than columns. */
function* rightSingular(features: Matrix): Work<E.Either<NumericalFailure, SymmetricEigen>> {
  const tall = features.rows >= features.columns;
  const gram = yield* tall ? columnGramInSteps(features) : rowGramInSteps(features);
  const found = yield* symmetricEigenInSteps(gram);
  if (E.isLeft(found)) return found;
  const { eigenvalues, vectors } = found.right;
  const smallest = negligibleEigenvalue * (eigenvalues[0] ?? NaN);
  const rank = eigenvalues.filter((x) => x > smallest).length;
  const kept = { ...vectors, rows: rank, data: vectors.data.subarray(0, rank * vectors.columns) };
  if (tall) return E.right({ eigenvalues: eigenvalues.slice(0, rank), vectors: kept });
  // v_i = Φᵀ u_i / √λ_i
  const image = yield* productInSteps(kept, features);
  return E.right({
    eigenvalues: eigenvalues.slice(0, rank),
    vectors: {
      ...image,
      data: image.data.map((x, k) => x / Math.sqrt(eigenvalues[Math.floor(k / image.columns)] ?? 1)),
    },
  });
}

/** {@link weightPosterior} in steps. */
export function* weightPosteriorInSteps(
  features: Matrix,
  targets: Float64Array,
  { noiseVariance, priorVariance }: Variances,
): Work<E.Either<NumericalFailure, WeightPosterior>> {
  if (features.rows !== targets.length)
    throw new RangeError(`weightPosterior: ${features.rows} rows of inputs and ${targets.length} targets`);
  return pipe(
    yield* rightSingular(features),
    E.map(({ eigenvalues, vectors }) => {
      const along = applyTo(vectors, applyTo(transpose(features), targets));
      const coordinates = along.map(
        (x, i) => (x * priorVariance) / (noiseVariance + priorVariance * at(eigenvalues, i)),
      );
      return {
        noiseVariance,
        priorVariance,
        mean: applyTo(transpose(vectors), coordinates),
        directions: vectors,
        shrinkage: eigenvalues.map((x) => Math.sqrt(noiseVariance / (noiseVariance + priorVariance * x))),
      };
    }),
  );
}

/**
 * The posterior of the weights from features Φ (n×D), targets y (n) and fixed variances; nothing is
 * standardised. A NumericalFailure where a feature is not finite. Throws a RangeError where the sizes differ.
 */
export const weightPosterior = (
  features: Matrix,
  targets: Float64Array,
  variances: Variances,
): E.Either<NumericalFailure, WeightPosterior> =>
  atOnce(weightPosteriorInSteps(features, targets, variances));

/** A (I + V diag(f(t)) Vᵀ) for A of shape N×D. */
const stretched = (
  a: Matrix,
  { directions, shrinkage }: Pick<WeightPosterior, 'directions' | 'shrinkage'>,
  f: (t: number) => number,
): Matrix => {
  const r = shrinkage.length;
  const along = product(a, transpose(directions));
  const scaled = { ...along, data: along.data.map((x, k) => x * f(shrinkage[k % r] ?? 1)) };
  const change = product(scaled, directions);
  return { ...a, data: a.data.map((x, k) => x + at(change.data, k)) };
};

/** Σ, the D×D covariance of the weights, in squared units of the target. */
export const weightCovariance = (posterior: WeightPosterior): Matrix => {
  const factor = stretched(identity(posterior.mean.length), posterior, (t) => t * t - 1);
  return matrixFrom(factor.rows, factor.columns, (i, j) => {
    const [p, q] = [entry(factor, i, j), entry(factor, j, i)];
    return (posterior.priorVariance * (p + q)) / 2;
  });
};

/** The whitened features φ(X) Σ^½ / σ, N×D, of the rows of φ(X), N×D. Without a unit. */
export const whitenedBy =
  (posterior: Pick<WeightPosterior, 'directions' | 'shrinkage' | keyof Variances>) =>
  (features: Matrix): Matrix => {
    const ratio = Math.sqrt(posterior.priorVariance / posterior.noiseVariance);
    const whitened = stretched(features, posterior, (t) => t - 1);
    return { ...whitened, data: whitened.data.map((x) => ratio * x) };
  };
