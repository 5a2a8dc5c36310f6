/** The sampling problem: draw b-point batches B of a pool with probability ∝ exp(JMI(B) / T). */
import type { Matrix } from '../linear-algebra/matrix.js';

/** A pool, a batch size and a temperature. */
export interface Problem {
  /** Whitened features Φ, N×D (src/surrogate/posterior.ts). */
  readonly whitened: Matrix;
  /** b, from 1 to N. */
  readonly batchSize: number;
  /** T > 0: the lower, the more the draws gather at the most informative batches. */
  readonly temperature: number;
}

/** Mean |φ_n|² of a pool, the scale by which policies see its points; 1 where all features are zero. */
export const meanSquareNorm = ({ data, rows }: Matrix): number => {
  let total = 0;
  for (const x of data) total += x * x;
  return total > 0 ? total / rows : 1;
};
