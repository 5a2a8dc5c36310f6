/**
 * The sampling problem: draw batches B of a pool with probability ∝ R(B) = exp( (U(B) − cost · |B|) / T ), U = JMI where
 * nothing else is said.
 *
 * Batches have one size, or any size from a smallest to a largest one.
 */
import type { Matrix } from '../linear-algebra/matrix.js';
import type { BatchTarget } from '../gibbs/target.js';
import { jointMutualInformation } from '../reward/exact.js';
import { gaussianInformation } from '../reward/gaussian-information.js';
import type { ProgrammedUtility, Utility } from '../reward/utility.js';

/** The smallest T: below it U / T, whose squares are summed in training, leaves what engines compute with. */
export const smallestTemperature = 1e-30;

/** What batches are worth, in place of the joint mutual information of a problem's features. */
export interface ProblemUtility {
  /** U of a batch of pool indices in any order, f64. */
  readonly value: (batch: readonly number[]) => number;
  /** Batches that change in place, f64. */
  readonly batchFrom: Utility['batchFrom'];
  /** U in programs. */
  readonly programmed: ProgrammedUtility;
  /** Both times this are utilities in the scale of the features' JMI, and of the temperature. */
  readonly scale: number;
}

/** A pool, a batch size and a temperature. */
export interface Problem {
  /** Whitened features Φ, N×D (src/surrogate/posterior.ts); with a utility of its own, its proxy (src/reward/utility.ts). */
  readonly whitened: Matrix;
  /** b, from 1 to N: the size of batches, the largest where they vary. */
  readonly batchSize: number;
  /** T > 0: the lower, the more the draws gather at the most informative batches. */
  readonly temperature: number;
  /** The smallest size of a batch, from 1 to b; b where it is not given, so that all batches have b points. */
  readonly smallestBatch?: number;
  /** What a label costs, in nats of information; 0 where it is not given. It decides which sizes are drawn. */
  readonly pointCost?: number;
  /** U where it is not the JMI of the features: of batches of one size. */
  readonly utility?: ProblemUtility;
}

/** The sizes of batches, smallest and largest. */
export const batchSizes = ({ batchSize, smallestBatch = batchSize }: Problem): readonly [number, number] => [
  smallestBatch,
  batchSize,
];

/** The same problem for Gibbs draws (src/gibbs): the target, and β in the unit of its utility. */
export const gibbsTargetOf = ({
  whitened,
  batchSize,
  smallestBatch = batchSize,
  pointCost = 0,
  temperature,
  utility,
}: Problem): { readonly target: BatchTarget; readonly beta: number } =>
  utility === undefined
    ? {
        target: {
          ...{ utility: gaussianInformation(whitened), features: whitened },
          ...{ batchSize, smallestBatch, pointCost },
        },
        beta: 1 / temperature,
      }
    : {
        target: { utility: { points: whitened.rows, ...utility }, batchSize, smallestBatch },
        beta: utility.scale / temperature,
      };

/** log R(B) in nats of a batch of pool indices. Throws a RangeError for an index outside the pool. */
export const logReward = (
  { whitened, temperature, pointCost = 0, utility }: Problem,
  batch: ArrayLike<number>,
): number => {
  const points = Array.from(batch);
  const worth =
    utility === undefined ? jointMutualInformation(whitened, points) : utility.scale * utility.value(points);
  return (worth - pointCost * batch.length) / temperature;
};

/**
 * The median of |φ_n|² over a pool's points with features other than zero, the scale by which policies see its points: few
 * points do not decide it, however large. 1 where all features are zero.
 */
export const medianSquareNorm = ({ data, rows, columns }: Matrix): number => {
  const norms = Float64Array.from({ length: rows }, (_, n) =>
    data.subarray(n * columns, (n + 1) * columns).reduce((total, x) => total + x * x, 0),
  )
    .filter((norm) => norm > 0)
    .sort();
  return norms[Math.floor(norms.length / 2)] ?? 1;
};
