/**
 * The log evidence of y = Φ w + e, w ~ N(0, p I), e ~ N(0, σ² I), that is log N(y; 0, C) with C = σ² I + p Φ
 * Φᵀ, for many (σ², p) at the price of one eigendecomposition.
 *
 * With λ_i the non-zero eigenvalues of ΦΦᵀ (or of ΦᵀΦ, the same ones: the smaller of the two is taken), u_i
 * its eigenvectors in the space of y, c_i = (u_iᵀ y)² and ρ = |y|² − Σ c_i,
 *
 *   log N(y; 0, C) = −½ [ n log 2π + Σ_i ( log(σ² + pλ_i) + c_i / (σ² + pλ_i) ) + (n − r) log σ² + ρ / σ² ]
 *
 * Source: MacKay, Bayesian Interpolation (1992), with the evidence in its diagonal form.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { at } from '../at.js';
import type { NumericalFailure } from '../failure.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { applyTo, columnVector, rowGramInSteps, transposeInSteps } from '../linear-algebra/product.js';
import { spectralProjectionInSteps } from '../linear-algebra/symmetric-eigen.js';
import { dot } from '../linear-algebra/vector.js';
import { atOnce, type Work } from '../work.js';

/** All that the evidence needs to know of Φ (n×D) and y (n). */
export interface EvidenceSpectrum {
  /** n. */
  readonly count: number;
  /** λ_i > 0, descending, r ≤ min(n, D) of them. */
  readonly eigenvalues: Float64Array;
  /** c_i, the squared length of y along each direction. */
  readonly energies: Float64Array;
  /** ρ, the squared length of y outside of them. */
  readonly residual: number;
}

/** Noise variance σ² and the prior variance p of a weight, in squared units of the target. Both positive. */
export interface Variances {
  readonly noiseVariance: number;
  readonly priorVariance: number;
}

/** Below this part of the largest eigenvalue, an eigenvalue of the Gram matrix is rounding. */
export const negligibleEigenvalue = 1e-12;

/** {@link evidenceSpectrum} in steps. */
export function* evidenceSpectrumInSteps(
  features: Matrix,
  targets: Float64Array,
): Work<E.Either<NumericalFailure, EvidenceSpectrum>> {
  const wide = features.columns >= features.rows;
  const columns = yield* transposeInSteps(features);
  const gram = yield* rowGramInSteps(wide ? features : columns);
  // (v_iᵀ Φᵀ y)² = λ_i c_i
  const image = wide ? targets : applyTo(columns, targets);
  return pipe(
    yield* spectralProjectionInSteps(gram, columnVector(image)),
    E.map(({ eigenvalues, projected }) => {
      // There is none where there are no rows or no features.
      const smallest = negligibleEigenvalue * (eigenvalues[0] ?? 0);
      const rank = eigenvalues.filter((x) => x > smallest).length;
      const kept = eigenvalues.slice(0, rank);
      const energies = kept.map((x, i) => at(projected.data, i) ** 2 / (wide ? 1 : x));
      const inside = energies.reduce((sum, c) => sum + c, 0);
      return {
        count: features.rows,
        eigenvalues: kept,
        energies,
        residual: Math.max(0, dot(targets, targets) - inside),
      };
    }),
  );
}

/** The spectrum of features Φ (n×D) and targets y (n). A NumericalFailure where a feature is not finite. */
export const evidenceSpectrum = (
  features: Matrix,
  targets: Float64Array,
): E.Either<NumericalFailure, EvidenceSpectrum> => atOnce(evidenceSpectrumInSteps(features, targets));

/** log N(y; 0, σ² I + p Φ Φᵀ) in nats. */
export const logEvidence = (
  { count, eigenvalues, energies, residual }: EvidenceSpectrum,
  { noiseVariance, priorVariance }: Variances,
): number => {
  let sum =
    count * Math.log(2 * Math.PI) +
    (count - eigenvalues.length) * Math.log(noiseVariance) +
    residual / noiseVariance;
  for (let i = 0; i < eigenvalues.length; i++) {
    const variance = noiseVariance + priorVariance * (eigenvalues[i] ?? NaN);
    sum += Math.log(variance) + (energies[i] ?? NaN) / variance;
  }
  return -sum / 2;
};

/** Gradient and Hessian of the log evidence in a = log σ² and b = log p. */
export interface EvidenceDerivatives {
  readonly a: number;
  readonly b: number;
  readonly aa: number;
  readonly ab: number;
  readonly bb: number;
}

/**
 * Derivatives of {@link logEvidence}: with v = e^a + λ e^b and g(v) = log v + c/v, ∂v/∂a = σ² and ∂v/∂b = pλ.
 */
export const evidenceDerivatives = (
  { count, eigenvalues, energies, residual }: EvidenceSpectrum,
  { noiseVariance, priorVariance }: Variances,
): EvidenceDerivatives => {
  let a = count - eigenvalues.length - residual / noiseVariance;
  let b = 0;
  let aa = residual / noiseVariance;
  let ab = 0;
  let bb = 0;
  for (let i = 0; i < eigenvalues.length; i++) {
    const signal = priorVariance * (eigenvalues[i] ?? NaN);
    const variance = noiseVariance + signal;
    const misfit = (energies[i] ?? NaN) / variance;
    const first = (1 - misfit) / variance;
    const second = (2 * misfit - 1) / (variance * variance);
    a += first * noiseVariance;
    b += first * signal;
    aa += second * noiseVariance * noiseVariance + first * noiseVariance;
    ab += second * noiseVariance * signal;
    bb += second * signal * signal + first * signal;
  }
  return { a: -a / 2, b: -b / 2, aa: -aa / 2, ab: -ab / 2, bb: -bb / 2 };
};
