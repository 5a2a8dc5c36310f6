/**
 * Class labels by Gaussian-process regression on one-hot labels: fit on the labelled rows, class probabilities of any rows
 * under S draws of the latent functions.
 *
 *   q_y = m + g(z) + e,    g: C − 1 independent Gaussian processes of one kernel k,    e ~ N(0, σ² I)
 *   p(y = c | θ_s) = softmax(β Q (m + g_s(z)))_c,       g_s a draw of the posterior (gaussian-process-draws.ts)
 *
 * The labels are one-hot rows in coordinates of the plane that they lie in (class-labels.ts): C regressions would count all
 * they say C / (C − 1) times. m are the shares of the classes by Laplace's rule of succession, (n_c + 1) / (n + C).
 *
 * One kernel for all classes, by their marginal likelihoods together (marginal-likelihood.ts): a class has some n / C labels of
 * its own, too few for hyperparameters of its own; a class without labels has a prior all the same; and one factor of k(X, X) +
 * σ² I serves all. It is their mean and not their sum that is weighed against the priors: n labels out of C classes are not
 * n (C − 1) observations, and the density of a few labels that are all alike grows without end as σ² falls.
 *
 * Were the noise Gaussian, the probabilities would follow: the likelihood of label c is N(q_c; m + g, σ² I) ∝ exp(q_c·(m + g) /
 * σ²) over c, for all q_c have one length, so β = 1 / σ². Labels are not Gaussian, and that is too sure where classes hardly
 * overlap. So β is fitted by leave-one-out predictions (class-temperature.ts) under a prior whose median is 1 / σ² of a noise
 * of 0.3 of the labels' variance: of 0.15, 0.3 and σ² itself the best on the whole for 5 to 50 labels of the two data sets
 * below; with more of them all three end alike. Cross-entropy of held-out rows in nats:
 *
 *                          labels      β fitted    1 / σ²
 *   two bells, 2 classes      200       0.075      0.080
 *   images of 10 digits       100       0.470      0.526
 *   images of 10 digits       300       0.168      0.177
 *
 * Source: the regressions of Malik et al. (2023), arXiv 2306.15058; Rasmussen and Williams, Gaussian Processes for Machine
 * Learning (2006), section 6.5 (classes by regression).
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { type Failure, noneOf } from '../failure.js';
import { type Matrix, matrixFrom, matrixFromRows } from '../linear-algebra/matrix.js';
import { applyTo, product, rowsOf, transpose } from '../linear-algebra/product.js';
import { dot } from '../linear-algebra/vector.js';
import { type Key, keyFromSeed, normals, split } from '../random/key.js';
import { categoricalPosteriorInSteps } from './categorical-posterior.js';
import { classCountOf, contrasts, logSoftmaxInto } from './class-labels.js';
import { atOnce, type Work } from '../work.js';
import { classPosteriorInSteps } from './class-posterior.js';
import { inverseTemperatureOf } from './class-temperature.js';
import { functionDraws } from './gaussian-process-draws.js';
import {
  type ConditionedProcess,
  leaveOneOut,
  unconditioned,
  withLabelledInSteps,
} from './gaussian-process.js';
import type { GaussianProcessClassesModel } from './gaussian-process-classes-model.js';
import { labelledFaults, notFinite } from './input-faults.js';
import { requireLabelled, requireMatrix } from '../misuse.js';
import { type KernelKind, kernelNames, kernelOf, kernelSize } from './kernels.js';
import { maximiseLikelihood } from './likelihood-maximum.js';
import type { Posterior } from './posterior.js';
import { columnScalings, standardisedColumns } from './standardise.js';
import { present } from '../present.js';

/** What to fit. */
export interface GaussianProcessClassesOptions {
  readonly kernel: KernelKind;
  /** S. */
  readonly draws: number;
  readonly seed: number;
  /** C; the largest label and one more if not given. */
  readonly classes?: number;
  /** Ascents, 2 if not given: with several quantities the likelihood is seldom of several maxima. */
  readonly starts?: number;
  /** The unlabelled rows, N×d: they take part in standardising the inputs and in nothing else. */
  readonly pool?: Matrix;
}

/** The posterior over rows (N×d, raw units). */
export type ClassPosteriorOver = (rows: Matrix) => E.Either<Failure, Posterior>;

/** q_c − m of each label, n×(C−1). */
const targetsOf = (labels: readonly number[], classes: number, means: readonly number[]): Matrix => {
  const q = contrasts(classes);
  return matrixFrom(
    labels.length,
    classes - 1,
    (i, j) => (q.data[(labels[i] ?? NaN) * q.columns + j] ?? NaN) - (means[j] ?? NaN),
  );
};

/** The share of each class, one label of each added: never 0 or 1, and alike where there are few labels. */
const sharesOf = (labels: Float64Array, classes: number): Float64Array => {
  const counts = new Float64Array(classes).fill(1);
  for (const label of labels) counts[label] = (counts[label] ?? NaN) + 1;
  return counts.map((count) => count / (labels.length + classes));
};

/** In steps, the kernel's process conditioned on the labelled rows: its factor is what is wanted, so its targets are zeros. */
const conditioned = (
  model: Omit<GaussianProcessClassesModel, 'inverseTemperature'>,
): Work<E.Either<Failure, ConditionedProcess<Float64Array>>> =>
  pipe(
    unconditioned({ kernel: kernelOf(model.kernel, model), noiseVariance: model.noiseVariance }),
    withLabelledInSteps(
      rowsOf(standardisedColumns(matrixFromRows(model.labelled.inputs), model.inputs)).map((input) => ({
        input,
        target: 0,
      })),
    ),
  );

/** The part of the labels' variance that is noise at the median of the prior on β. */
const noiseShare = 0.3;

/** Draws that the leave-one-out predictions are taken with. */
const heldOutDraws = 64;

/** Q (m + g) of every labelled row without its label, [S, n, C], in steps. */
function* heldOut(
  process: ConditionedProcess<Float64Array>,
  targets: Matrix,
  means: readonly number[],
  key: Key,
): Work<Float64Array> {
  const { rows: n, columns: width } = targets;
  const { mean, variance } = yield* leaveOneOut(process, targets);
  const z = normals(key, heldOutDraws * n * width);
  const drawn = matrixFrom(heldOutDraws * n, width, (row, j) => {
    const i = row % n;
    return (
      (means[j] ?? NaN) +
      (mean.data[i * width + j] ?? NaN) +
      Math.sqrt(variance[i] ?? NaN) * (z[row * width + j] ?? NaN)
    );
  });
  yield;
  return product(drawn, transpose(contrasts(width + 1))).data;
}

/** The model with β, by predictions of every label without it, in steps. `median`: of the prior on β. */
function* withTemperature(
  fitted: Omit<GaussianProcessClassesModel, 'inverseTemperature'>,
  median: number,
): Work<E.Either<Failure, GaussianProcessClassesModel>> {
  const process = yield* conditioned(fitted);
  if (E.isLeft(process)) return process;
  const { classes, means, labelled, seed } = fitted;
  const targets = targetsOf(labelled.targets, classes, means);
  const values = yield* heldOut(process.right, targets, means, split(keyFromSeed(seed), 1));
  const labels = Float64Array.from(labelled.targets);
  const inverseTemperature = yield* inverseTemperatureOf(
    { draws: heldOutDraws, classes, values, labels },
    median,
  );
  return E.right({ ...fitted, inverseTemperature });
}

/** {@link gaussianProcessClassesOf} in steps, and its posterior over rows. */
export function* gaussianProcessClassesInSteps(
  model: GaussianProcessClassesModel,
): Work<E.Either<Failure, (rows: Matrix) => Work<E.Either<Failure, Posterior>>>> {
  const process = yield* conditioned(model);
  if (E.isLeft(process)) return process;
  const { classes, draws, means, inverseTemperature } = model;
  const width = classes - 1;
  const drawsOver = yield* functionDraws({
    kind: model.kernel,
    parameters: model,
    process: process.right,
    targets: targetsOf(model.labelled.targets, classes, means),
    draws,
    key: split(keyFromSeed(model.seed), 0),
  });
  const back = transpose(contrasts(classes));
  return E.right(function* (rows) {
    requireMatrix('gaussianProcessClassesOf', 'rows', rows);
    const sound = noneOf(notFinite('inputs of the pool', rows));
    if (E.isLeft(sound)) return sound;
    const { data: drawn } = yield* drawsOver(standardisedColumns(rows, model.inputs));
    const logProbabilities = new Float64Array(draws * rows.rows * classes);
    for (let s = 0; s < draws; s++) {
      yield;
      const g = matrixFrom(
        rows.rows,
        width,
        (i, j) => (drawn[(i * draws + s) * width + j] ?? NaN) + (means[j] ?? NaN),
      );
      const f = product(g, back).data;
      for (let i = 0; i < rows.rows; i++)
        logSoftmaxInto(
          f,
          i * classes,
          inverseTemperature,
          classes,
          logProbabilities,
          (s * rows.rows + i) * classes,
        );
    }
    yield;
    const posterior = yield* categoricalPosteriorInSteps([draws, rows.rows, classes], logProbabilities);
    return E.isLeft(posterior) ? posterior : yield* classPosteriorInSteps(posterior.right);
  });
}

/**
 * The posterior that a model stands for, a decoded one for one: a fixed function of a row. A NumericalFailure where the
 * covariance is not positive definite; over rows an InputFailure where an entry is not finite, and a RangeError is thrown where
 * the columns are not those of the model.
 */
export const gaussianProcessClassesOf = (
  model: GaussianProcessClassesModel,
): E.Either<Failure, ClassPosteriorOver> =>
  pipe(
    atOnce(gaussianProcessClassesInSteps(model)),
    E.map((over) => (rows) => atOnce(over(rows))),
  );

/** {@link fitGaussianProcessClasses} in steps, between which it can be stopped. */
export function* fitGaussianProcessClassesInSteps(
  inputs: Matrix,
  labels: Float64Array,
  options: GaussianProcessClassesOptions,
): Work<E.Either<Failure, GaussianProcessClassesModel>> {
  requireLabelled('fitGaussianProcessClasses', inputs, labels, options, { kernel: kernelNames });
  const { kernel, draws, seed, classes: given, starts = 2, pool } = options;
  if (!(Number.isInteger(draws) && draws > 0))
    throw new RangeError(`fitGaussianProcessClasses: ${draws} draws, not a whole number from 1`);
  const counted = pipe(
    noneOf(labelledFaults(inputs, labels, pool)),
    E.chain(() => classCountOf(labels, given)),
  );
  if (E.isLeft(counted)) return counted;
  const classes = counted.right;
  const scalings = columnScalings(pool === undefined ? [inputs] : [inputs, pool]);
  const plain = targetsOf(Array.from(labels), classes, new Array<number>(classes - 1).fill(0));
  const columns = rowsOf(transpose(plain));
  const shares = sharesOf(labels, classes);
  const centres = Array.from(applyTo(transpose(contrasts(classes)), shares));
  const unit = Math.sqrt((1 - dot(shares, shares)) / (classes - 1));
  const size = kernelSize(kernel, inputs.columns);
  const maximum = yield* maximiseLikelihood(
    {
      kernel,
      inputs: standardisedColumns(inputs, scalings),
      targets: columns.map((column, j) => column.map((x) => (x - (centres[j] ?? NaN)) / unit)),
      priors: 'weak',
      mean: 0,
      fixed: new Array<undefined>(2 + size.lengthScales + (size.period ? 1 : 0)).fill(undefined),
    },
    { starts, seed },
  );
  if (E.isLeft(maximum)) return maximum;
  const best = maximum.right;
  return yield* withTemperature(
    {
      kind: 'gaussian-process-classes' as const,
      ...{ kernel, classes, draws, seed },
      noiseVariance: best.noiseVariance * unit ** 2,
      outputScale: best.kernel.outputScale * unit ** 2,
      lengthScales: best.kernel.lengthScales,
      ...present({ period: best.kernel.period }),
      means: centres,
      logMarginalLikelihood: best.logLikelihood - inputs.rows * columns.length * Math.log(unit),
      inputs: scalings,
      labelled: { inputs: rowsOf(inputs).map((row) => Array.from(row)), targets: Array.from(labels) },
    },
    1 / (noiseShare * unit ** 2),
  );
}

/**
 * Fits the model on labelled inputs (n×d, raw units) and their classes, whole numbers from 0. An InputFailure for no rows,
 * entries that are not finite, and labels that are no classes (class-labels.ts); a NumericalFailure where the covariance is not
 * positive definite. Throws a RangeError where the sizes of the arguments differ, or draws is not a whole number from 1.
 */
export const fitGaussianProcessClasses = (
  inputs: Matrix,
  labels: Float64Array,
  options: GaussianProcessClassesOptions,
): E.Either<Failure, GaussianProcessClassesModel> =>
  atOnce(fitGaussianProcessClassesInSteps(inputs, labels, options));
