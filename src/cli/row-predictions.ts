/** What does the surrogate expect of rows? Numbers and how far they may be off, or classes and how probable they are. */
import { squareOfRow } from '../linear-algebra/matrix.js';
import { classPredictions } from '../surrogate/class-posterior.js';
import type { Posterior } from '../surrogate/posterior.js';

/** What the surrogate expects of the rows of a batch. */
export interface Predictions {
  /** The surrogate's mean for each row in `rows`, in the units of the target; not of class labels. */
  readonly predictedMean?: readonly number[];
  /** The standard deviation of its noise-free value, in the units of the target. */
  readonly standardDeviation?: readonly number[];
  /** Of class labels: the most probable class of each row in `rows`, and the probability of each class. */
  readonly predictedClass?: readonly string[];
  readonly classProbabilities?: readonly Readonly<Record<string, number>>[];
}

/** Standard deviations of noise-free values, √(σ² |φ_n|²), in the units of the target. */
export const standardDeviations = (
  { whitened, noiseVariance }: Posterior,
  indices: readonly number[],
): readonly number[] => indices.map((n) => Math.sqrt(noiseVariance * squareOfRow(whitened, n)));

/** What the surrogate expects of some points; of classes where their names are given. */
export const predictions = (
  classNames: readonly string[] | undefined,
  posterior: Posterior,
  indices: readonly number[],
): Predictions => {
  const { mean, classes } = posterior;
  const means = indices.map((index) => mean[index] ?? NaN);
  if (classes === undefined || classNames === undefined)
    return {
      ...(classes === undefined ? { standardDeviation: standardDeviations(posterior, indices) } : {}),
      predictedMean: means,
    };
  const { probabilities } = classPredictions(classes);
  return {
    predictedClass: means.map((c) => classNames[c] ?? ''),
    classProbabilities: indices.map((index) =>
      Object.fromEntries(
        classNames.map((name, c) => [name, probabilities[index * classes.classes + c] ?? NaN]),
      ),
    ),
  };
};
