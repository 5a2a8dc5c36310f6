/**
 * The sampling problem: draw batches B of a pool with probability ∝ R(B) = exp( (JMI(B) − cost · |B|) / T ).
 *
 * Batches have one size, or any size from a smallest to a largest one.
 */
import type { Matrix } from '../linear-algebra/matrix.js';
import { jointMutualInformation } from '../reward/exact.js';

/** A pool, a batch size and a temperature. */
export interface Problem {
  /** Whitened features Φ, N×D (src/surrogate/posterior.ts). */
  readonly whitened: Matrix;
  /** b, from 1 to N: the size of batches, the largest where they vary. */
  readonly batchSize: number;
  /** T > 0: the lower, the more the draws gather at the most informative batches. */
  readonly temperature: number;
  /** The smallest size of a batch, from 1 to b; b where it is not given, so that all batches have b points. */
  readonly smallestBatch?: number;
  /** What a label costs, in nats of information; 0 where it is not given. It decides which sizes are drawn. */
  readonly pointCost?: number;
}

/** The sizes of batches, smallest and largest. */
export const batchSizes = ({ batchSize, smallestBatch = batchSize }: Problem): readonly [number, number] => [
  smallestBatch,
  batchSize,
];

/** log R(B) in nats of a batch of pool indices. Throws a RangeError for an index outside the pool. */
export const logReward = (
  { whitened, temperature, pointCost = 0 }: Problem,
  batch: ArrayLike<number>,
): number => (jointMutualInformation(whitened, Array.from(batch)) - pointCost * batch.length) / temperature;

/** What an action adds to log R, nats: (gain − cost) / T of a point that brings a gain, nothing of the stop (N). */
export const logRewardStep = (
  { whitened, temperature, pointCost = 0 }: Problem,
  action: number,
  gain: number,
): number => (action < whitened.rows ? (gain - pointCost) / temperature : 0);

/** Mean |φ_n|² of a pool, the scale by which policies see its points; 1 where all features are zero. */
export const meanSquareNorm = ({ data, rows }: Matrix): number => {
  let total = 0;
  for (const x of data) total += x * x;
  return total > 0 ? total / rows : 1;
};
