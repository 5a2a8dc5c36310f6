/**
 * What every Gaussian surrogate hands to the reward: the predictive mean of the pool, and whitened features Φ with
 *
 *   Cov(f) / σ² = Φ Φᵀ
 *
 * so that JMI(B) = ½ log det(I + Φ_B Φ_Bᵀ) whatever the surrogate was.
 */
import type { Matrix } from '../linear-algebra/matrix.js';

/** A Gaussian posterior over the noise-free function values of a pool of N points. */
export interface Posterior {
  /** N predictive means, in the units of the target. */
  readonly mean: Float64Array;
  /** Φ, N×D: rows are points. Without a unit. */
  readonly whitened: Matrix;
  /** σ², in squared units of the target. */
  readonly noiseVariance: number;
}
