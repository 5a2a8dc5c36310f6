/**
 * What every surrogate hands to the reward: a prediction for each point of the pool, and whitened features Φ. Of a
 * Gaussian surrogate
 *
 *   Cov(f) / σ² = Φ Φᵀ
 *
 * so that JMI(B) = ½ log det(I + Φ_B Φ_Bᵀ) whatever the surrogate was. Of a surrogate of class labels the features are
 * those of its Gaussian approximation (class-posterior.ts), which policies look at, and the reward comes from `classes`.
 */
import type { Matrix } from '../linear-algebra/matrix.js';
import type { CategoricalPosterior } from './categorical-posterior.js';

/** A posterior over a pool of N points: of noise-free function values, or of class labels. */
export interface Posterior {
  /** N predictive means, in the units of the target; of class labels the most probable class, from 0. */
  readonly mean: Float64Array;
  /** Φ, N×D: rows are points. Without a unit. */
  readonly whitened: Matrix;
  /** σ², in squared units of the target; 1 of class labels. */
  readonly noiseVariance: number;
  /** Of class labels: their probabilities under parameter draws. */
  readonly classes?: CategoricalPosterior;
}
