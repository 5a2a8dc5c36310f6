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
import type { NumericalFailure } from '../../failure.js';
import { type Matrix, matrixFrom } from '../../linear-algebra/matrix.js';
import { columnGramInSteps, productInSteps, transpose } from '../../linear-algebra/product.js';
import { symmetricEigenInSteps } from '../../linear-algebra/symmetric-eigen.js';
import { dot } from '../../linear-algebra/vector.js';
import { type Key, normals, split } from '../../random/key.js';
import type { Work } from '../../work.js';
import { logSoftmaxInto } from '../class-labels.js';

/** Draws of the weights of a softmax layer. */
export interface SoftmaxDraws {
  /** τ. */
  readonly priorPrecision: number;
  /** W_s, S of D×C. */
  readonly weights: readonly Matrix[];
}

const taus = Array.from({ length: 41 }, (_, i) => Math.exp((i - 20) / 5));

/** τ of the largest evidence, from a_j g_c of all weights and |W|². */
const precisionOf = (curvature: Float64Array, size: number): number => {
  const evidence = (tau: number): number =>
    curvature.reduce((sum, x) => sum - 0.5 * Math.log(x + tau), 0.5 * curvature.length * Math.log(tau)) -
    0.5 * (tau * size + Math.log(tau) ** 2);
  return taus.reduce((best, x) => (evidence(x) > evidence(best) ? x : best));
};

/** Draws about the maximum W, in steps. A NumericalFailure where a feature or weight is not finite. */
export function* softmaxDraws(
  features: Matrix,
  weights: Matrix,
  draws: number,
  key: Key,
): Work<E.Either<NumericalFailure, SoftmaxDraws>> {
  const { rows: n } = features;
  const { rows: d, columns: classes } = weights;
  const logits = (yield* productInSteps(features, weights)).data;
  const p = new Float64Array(n * classes);
  for (let i = 0; i < n; i++) logSoftmaxInto(logits, i * classes, 1, classes, p, i * classes);
  p.forEach((logp, k) => {
    p[k] = Math.exp(logp);
  });
  const outer = (yield* columnGramInSteps({ rows: n, columns: classes, data: p })).data;
  const spread = matrixFrom(classes, classes, (b, c) => {
    let diagonal = 0;
    if (b === c) for (let i = 0; i < n; i++) diagonal += p[i * classes + c] ?? NaN;
    return (diagonal - (outer[b * classes + c] ?? NaN)) / n;
  });
  const ofFeatures = yield* symmetricEigenInSteps(yield* columnGramInSteps(features));
  if (E.isLeft(ofFeatures)) return ofFeatures;
  const ofClasses = yield* symmetricEigenInSteps(spread);
  if (E.isLeft(ofClasses)) return ofClasses;
  const curvature = matrixFrom(d, classes, (j, c) =>
    Math.max(0, (ofFeatures.right.eigenvalues[j] ?? NaN) * (ofClasses.right.eigenvalues[c] ?? NaN)),
  ).data;
  const tau = precisionOf(curvature, dot(weights.data, weights.data));
  const left = transpose(ofFeatures.right.vectors);
  const all: Matrix[] = [];
  for (let s = 0; s < draws; s++) {
    yield;
    const z = normals(split(key, s), d * classes).map((x, k) => x / Math.sqrt((curvature[k] ?? NaN) + tau));
    const turned = yield* productInSteps(left, { rows: d, columns: classes, data: z });
    const change = yield* productInSteps(turned, ofClasses.right.vectors);
    all.push({ ...weights, data: weights.data.map((w, k) => w + (change.data[k] ?? NaN)) });
  }
  return E.right({ priorPrecision: tau, weights: all });
}
