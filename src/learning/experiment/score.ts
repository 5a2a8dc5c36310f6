/**
 * How good is a fitted surrogate on the test rows, and how does it look? With a label's predictive law
 *
 *   y_n ~ N(mean_n, σ² (1 + |φ_n|²))
 *
 * rmse = √ mean (y_n − mean_n)² and the log score is the mean log density of y_n, nats. Of class labels, with p̄_n the mean
 * of their probabilities over parameter draws, the accuracy is the part of rows with y_n = argmax p̄_n, and the cross-entropy
 * −mean log p̄_n(y_n), nats; both scores are strictly proper (Gneiting and Raftery, Strictly Proper Scoring Rules,
 * Prediction, and Estimation, 2007).
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../../failure.js';
import { matrixFrom, type Matrix } from '../../linear-algebra/matrix.js';
import type { CategoricalPosterior } from '../../surrogate/categorical-posterior.js';
import { classPredictions } from '../../surrogate/class-posterior.js';
import type { Posterior } from '../../surrogate/posterior.js';
import type { FittedSurrogate } from '../../surrogate/surrogate.js';
import type { Metrics, RunRecord } from '../record.js';
import type { LabelledRows } from './experiment.js';

/** Variances of the labels of a posterior's N rows, in squared units of the target. */
const labelVariances = ({ whitened, noiseVariance }: Posterior): Float64Array =>
  Float64Array.from({ length: whitened.rows }, (_, n) => {
    const row = whitened.data.subarray(n * whitened.columns, (n + 1) * whitened.columns);
    return noiseVariance * (1 + row.reduce((sum, x) => sum + x * x, 0));
  });

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;

/** Below it a probability counts as this much: one label that had none would make every mean infinite. */
const minProbability = Number.EPSILON;

const classMetrics = (
  posterior: CategoricalPosterior,
  mostProbable: Float64Array,
  targets: Float64Array,
): Metrics => {
  const { probabilities } = classPredictions(posterior);
  const { classes } = posterior;
  // A class that no label has shown yet has no probability.
  const ofLabel = targets.map((y, n) => (y < classes ? (probabilities[n * classes + y] ?? NaN) : 0));
  return {
    accuracy: mean(targets.map((y, n) => (y === mostProbable[n] ? 1 : 0))),
    crossEntropy: mean(ofLabel.map((p) => -Math.log(Math.max(minProbability, p)))),
  };
};

/** The metrics of a posterior over rows whose labels are known: at least one. */
export const metricsOf = (posterior: Posterior, targets: Float64Array): Metrics => {
  if (posterior.classes !== undefined) return classMetrics(posterior.classes, posterior.mean, targets);
  const variances = labelVariances(posterior);
  const squares = targets.map((y, n) => (y - (posterior.mean[n] ?? NaN)) ** 2);
  return {
    rmse: Math.sqrt(mean(squares)),
    logScore: mean(
      squares.map((square, n) => {
        const variance = variances[n] ?? NaN;
        return -0.5 * (Math.log(2 * Math.PI * variance) + square / variance);
      }),
    ),
  };
};

const GRID = 121;

/** Six digits: a picture needs no more, and the file has thousands of them. */
const short = (values: Iterable<number>): readonly number[] =>
  Array.from(values, (x) => Number(x.toPrecision(6)));

/**
 * The posterior on a grid over the range of the inputs, and the labelled points; null unless there is one input and labels
 * are numbers.
 */
export const pictureOf = (
  fitted: FittedSurrogate,
  inputs: Matrix,
  labelled: LabelledRows,
): TE.TaskEither<Failure, RunRecord['picture']> => {
  if (inputs.columns !== 1) return TE.right(null);
  const [low, high] = [
    inputs.data.reduce((a, b) => Math.min(a, b)),
    inputs.data.reduce((a, b) => Math.max(a, b)),
  ];
  const grid = matrixFrom(GRID, 1, (i) => low + ((high - low) * i) / (GRID - 1));
  return pipe(
    fitted.posterior(grid),
    TE.map((posterior) =>
      posterior.classes === undefined
        ? {
            grid: short(grid.data),
            mean: short(posterior.mean),
            standardDeviation: short(labelVariances(posterior).map(Math.sqrt)),
            labelledInputs: short(labelled.inputs.data),
            labelledTargets: short(labelled.targets),
          }
        : null,
    ),
  );
};
