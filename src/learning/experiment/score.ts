/**
 * How good is a fitted surrogate on the test rows, and how does it look? With a label's predictive law
 *
 *   y_n ~ N(mean_n, σ² (1 + |φ_n|²))
 *
 * rmse = √ mean (y_n − mean_n)² and the log score is the mean log density of y_n, nats. Of class labels, with p̄_n the mean
 * of their probabilities over parameter draws, the accuracy is the part of rows with y_n = argmax p̄_n, and the cross-entropy
 * −mean log p̄_n(y_n), nats; both scores are strictly proper (Gneiting and Raftery, Strictly Proper Scoring Rules,
 * Prediction, and Estimation, 2007).
 *
 * Of several targets j, independent of each other, the log score is that of all labels of a row, Σ_j of each, and the error is the
 * average relative root mean squared error, mean_j rmse_j / s_j with the standard deviation s_j of the target over the table: about 1 for
 * who predicts its mean. Source: Spyromitros-Xioufis et al., Multi-target regression via input space expansion (2016), arXiv 1211.6581,
 * where s_j is that of the test rows about the mean of the others.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../../failure.js';
import { at } from '../../at.js';
import { relativeDeviation } from '../../linear-algebra/deviation.js';
import { matrixFrom, type Matrix } from '../../linear-algebra/matrix.js';
import type { CategoricalPosterior } from '../../surrogate/categorical-posterior.js';
import { classPredictions } from '../../surrogate/class-posterior.js';
import type { Posterior } from '../../surrogate/posterior.js';
import type { FittedSurrogate } from '../../surrogate/surrogate.js';
import type { ClassMetrics, Metrics, NumberMetrics, RunRecord } from '../record.js';
import type { LabelledRows } from './experiment.js';
import { targetsOf } from './labelled-rows.js';

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
): ClassMetrics => {
  const { probabilities } = classPredictions(posterior);
  const { classes } = posterior;
  // A class that no label has shown yet has no probability.
  const ofLabel = targets.map((y, n) => (y < classes ? (probabilities[n * classes + y] ?? NaN) : 0));
  return {
    accuracy: mean(targets.map((y, n) => (y === mostProbable[n] ? 1 : 0))),
    crossEntropy: mean(ofLabel.map((p) => -Math.log(Math.max(minProbability, p)))),
  };
};

/** The least error of labels: what they are rounded by. One of 0 would have no logarithm, by which errors are compared. */
const leastError = (targets: Float64Array): number =>
  Number.EPSILON * (targets.reduce((most, y) => Math.max(most, Math.abs(y)), 0) || 1);

const numberMetrics = (posterior: Posterior, targets: Float64Array): NumberMetrics => {
  const variances = labelVariances(posterior);
  const squares = targets.map((y, n) => (y - (posterior.mean[n] ?? NaN)) ** 2);
  return {
    rmse: Math.max(leastError(targets), Math.sqrt(mean(squares))),
    logScore: mean(
      squares.map((square, n) => {
        const variance = variances[n] ?? NaN;
        return -0.5 * (Math.log(2 * Math.PI * variance) + square / variance);
      }),
    ),
  };
};

/** The metrics of a posterior over rows whose labels are known: at least one. */
export const metricsOf = (posterior: Posterior, targets: Float64Array): NumberMetrics | ClassMetrics =>
  posterior.classes === undefined
    ? numberMetrics(posterior, targets)
    : classMetrics(posterior.classes, posterior.mean, targets);

/**
 * The metrics of who guesses each of the C classes that a table's labels name, 0 … C − 1, with probability 1/C, as nothing is known of
 * classes at a cold start: the cross-entropy log C, and an accuracy of 1/C, that of a class named at random.
 */
export const guessMetrics = ({ targets }: LabelledRows): ClassMetrics => {
  const classes = 1 + targets.reduce((most, y) => Math.max(most, y), 0);
  return { accuracy: 1 / classes, crossEntropy: Math.log(classes) };
};

/** The standard deviation of the labels of a target over a table, in its units. */
const deviationOf = (targets: Float64Array): number => {
  const { deviation, largest } = relativeDeviation(targets);
  return deviation * largest;
};

/** Below it a log score counts as this much: of large labels the prior's, which knows no unit, would be no number that a record holds. */
const leastScore = -1e140;

const bounded = <M extends NumberMetrics | ClassMetrics>(metrics: M): M =>
  'logScore' in metrics ? { ...metrics, logScore: Math.max(leastScore, metrics.logScore) } : metrics;

/** The metrics of posteriors over rows whose labels are known, one a target; errors of several beside deviations over the table. */
export const metricsOfRows = (
  posteriors: readonly Posterior[],
  rows: LabelledRows,
  table: LabelledRows,
): Metrics => {
  if (rows.outputs === undefined) return bounded(metricsOf(at(posteriors, 0), rows.targets));
  const outputs = rows.outputs.map(({ target, targets }, j) => ({
    target,
    ...bounded(numberMetrics(at(posteriors, j), targets)),
  }));
  const deviations = targetsOf(table).map(deviationOf);
  return {
    averageRelativeRmse: mean(outputs.map(({ rmse }, j) => rmse / at(deviations, j))),
    logScore: outputs.reduce((sum, { logScore }) => sum + logScore, 0),
    outputs,
  };
};

const GRID = 121;

/** Six digits: a picture needs no more, and the file has thousands of them. */
const short = (values: Iterable<number>): readonly number[] =>
  Array.from(values, (x) => Number(x.toPrecision(6)));

/**
 * The posterior on a grid over the range of the inputs, and the labelled points; null unless there is one input and one target, whose
 * labels are numbers.
 */
export const pictureOf = (
  [fitted, ...others]: readonly FittedSurrogate[],
  inputs: Matrix,
  labelled: LabelledRows,
): TE.TaskEither<Failure, RunRecord['picture']> => {
  if (inputs.columns !== 1 || fitted === undefined || others.length > 0) return TE.right(null);
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
