/**
 * The posterior of a softmax layer by Laplace's approximation, its Hessian as a Kronecker product: with features φ_i (n×D, each
 * divided by the prior deviation of its weights, so that the prior is N(0, 1/τ)) and probabilities p_i at the maximum W (D×C),
 *
 *   −∇² log likelihood = Σ_i φ_i φ_iᵀ ⊗ (diag p_i − p_i p_iᵀ) ≈ A ⊗ G,     A = Σ_i φ_i φ_iᵀ,   G = (1/n) Σ_i (diag p_i − p_i p_iᵀ)
 *
 *   W_s = W + U ( z_s / √(a gᵀ + τ) ) Vᵀ,      A = U diag(a) Uᵀ,   G = V diag(g) Vᵀ,   z_s ~ N(0, I)
 *
 * A class probability under draw s is the softmax of φ W_s: in its last layer the network is linear, so nothing is approximated
 * there. τ is the maximum of the evidence, up to a constant
 *
 *   −(τ/2) |W|² + ½ D C log τ − ½ Σ_jc log(a_j g_c + τ)  −  ½ (log τ)²
 *
 * with W as it was trained, at τ = 1, and a prior that keeps τ near that.
 *
 * Source: Ritter, Botev and Barber, A Scalable Laplace Approximation for Neural Networks (2018); of the last layer alone, and τ
 * after training, Daxberger et al., Laplace Redux (2021), arXiv 2106.14806.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { at } from '../../at.js';
import type { NumericalFailure } from '../../failure.js';
import { type Matrix, matrixFrom } from '../../linear-algebra/matrix.js';
import { columnGram, product, transpose } from '../../linear-algebra/product.js';
import { symmetricEigen } from '../../linear-algebra/symmetric-eigen.js';
import { dot } from '../../linear-algebra/vector.js';
import { type Key, normals, split } from '../../random/key.js';
import { logSoftmaxInto } from '../class-labels.js';

/** Draws of the weights of a softmax layer. */
export interface SoftmaxDraws {
  /** τ. */
  readonly priorPrecision: number;
  /** W_s, S of D×C. */
  readonly weights: readonly Matrix[];
}

const taus = Array.from({ length: 41 }, (_, i) => Math.exp((i - 20) / 5));

/** Draws about the maximum W. A NumericalFailure where a feature or weight is not finite. */
export const softmaxDraws = (
  features: Matrix,
  weights: Matrix,
  draws: number,
  key: Key,
): E.Either<NumericalFailure, SoftmaxDraws> => {
  const { rows: n } = features;
  const { rows: d, columns: classes } = weights;
  const logits = product(features, weights).data;
  const p = new Float64Array(n * classes);
  for (let i = 0; i < n; i++) logSoftmaxInto(logits, i * classes, 1, classes, p, i * classes);
  p.forEach((logp, k) => {
    p[k] = Math.exp(logp);
  });
  const outer = columnGram({ rows: n, columns: classes, data: p }).data;
  const spread = matrixFrom(classes, classes, (b, c) => {
    let diagonal = 0;
    if (b === c) for (let i = 0; i < n; i++) diagonal += p[i * classes + c] ?? NaN;
    return (diagonal - (outer[b * classes + c] ?? NaN)) / n;
  });
  return pipe(
    E.Do,
    E.bind('ofFeatures', () => symmetricEigen(columnGram(features))),
    E.bind('ofClasses', () => symmetricEigen(spread)),
    E.map(({ ofFeatures, ofClasses }) => {
      const curvature = matrixFrom(d, classes, (j, c) =>
        Math.max(0, at(ofFeatures.eigenvalues, j) * at(ofClasses.eigenvalues, c)),
      ).data;
      const size = dot(weights.data, weights.data);
      const evidence = (tau: number): number =>
        curvature.reduce((sum, x) => sum - 0.5 * Math.log(x + tau), 0.5 * d * classes * Math.log(tau)) -
        0.5 * (tau * size + Math.log(tau) ** 2);
      const tau = taus.reduce((best, x) => (evidence(x) > evidence(best) ? x : best));
      const left = transpose(ofFeatures.vectors);
      return {
        priorPrecision: tau,
        weights: Array.from({ length: draws }, (_, s): Matrix => {
          const z = normals(split(key, s), d * classes).map((x, k) => x / Math.sqrt(at(curvature, k) + tau));
          const change = product(product(left, { rows: d, columns: classes, data: z }), ofClasses.vectors);
          return { ...weights, data: weights.data.map((w, k) => w + at(change.data, k)) };
        }),
      };
    }),
  );
};
