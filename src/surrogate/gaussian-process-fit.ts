/**
 * A Gaussian process on standardised inputs with its hyperparameters fitted: fit on the labelled rows, take in
 * rows that are labelled later, posterior over a pool.
 *
 *   y = m + f(z) + e,   z the standardised inputs,   f a Gaussian process of kernel k (kernels.ts),   e ~ N(0, σ²)
 *
 * Hyperparameters that are not given come from marginal-likelihood.ts. The model is a plain record that
 * survives JSON; the fit is the model with the Cholesky factor of the labelled rows' covariance.
 *
 * More than 2,000 labels are taken in by inducing points (sparse-gaussian-process.ts), and hyperparameters then come from 1,000 of
 * the labels, drawn by the seed.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { type Failure, type Fault, noneOf } from '../failure.js';
import { type Matrix, matrixFromRows } from '../linear-algebra/matrix.js';
import { rowsOf } from '../linear-algebra/product.js';
import {
  type ConditionedProcess,
  type Labelled,
  logMarginalLikelihood,
  type LowRankPosterior,
  posteriorInSteps,
  unconditioned,
  withLabelled,
  withLabelledInSteps,
} from './gaussian-process.js';
import type { GaussianProcessModel } from './gaussian-process-model.js';
import { labelledFaults, notFinite, notPositive } from './input-faults.js';
import { requireFit, requireLabelled, requireMatrix } from '../misuse.js';
import { type KernelKind, kernelNames, kernelOf, kernelSize } from './kernels.js';
import { maximiseLikelihood } from './likelihood-maximum.js';
import { atOnce, type Work } from '../work.js';
import {
  inducingPointsOf,
  maxExactLabels,
  sparselyLabelledInSteps,
  trialLabels,
} from './sparse-gaussian-process.js';
import { columnScalings, scalingOf, standardised, standardisedColumns } from './standardise.js';
import { present } from '../present.js';

export { gaussianProcessModelCodec, type GaussianProcessModel } from './gaussian-process-model.js';

/** A fitted model and the process it stands for, conditioned on the labelled rows. */
export interface GaussianProcessFit {
  readonly model: GaussianProcessModel;
  /**
   * On standardised inputs; its targets are those of the model less their mean m. Its points are the inducing ones where there
   * are any.
   */
  readonly process: ConditionedProcess<Float64Array>;
}

/** What to fit. A hyperparameter that is given is kept as it is, floors notwithstanding. */
export interface GaussianProcessOptions {
  readonly kernel: KernelKind;
  /** σ², in squared units of the target. */
  readonly noiseVariance?: number;
  /** s, in squared units of the target. */
  readonly outputScale?: number;
  /** ℓ, in units of the standardised inputs: as many as the kernel has. */
  readonly lengthScales?: readonly number[];
  /** p, in units of the standardised inputs. */
  readonly period?: number;
  /** m, in units of the target. */
  readonly mean?: number;
  /** 'weak' if not given; 'none' maximises the marginal likelihood alone. */
  readonly priors?: 'weak' | 'none';
  /** Ascents, 4 if not given, and the seed that chooses where they begin, 0 if not given. */
  readonly starts?: number;
  readonly seed?: number;
  /** The unlabelled rows, N×d: they take part in standardising the inputs and in nothing else. */
  readonly pool?: Matrix;
  /** The most inducing points, from 1. If not given, labels up to 2,000 are taken exactly, more by as many as n M² ≤ 2³² allows. */
  readonly inducing?: number;
}

const faultsOfRows = (inputs: Matrix, targets: Float64Array): readonly Fault[] => [
  ...notFinite('inputs of the labelled rows', inputs),
  ...notFinite('targets', { rows: targets.length, columns: 1, data: targets }),
];

const faultsOf = (
  inputs: Matrix,
  targets: Float64Array,
  options: GaussianProcessOptions,
): readonly Fault[] => [
  ...labelledFaults(inputs, targets, options.pool),
  ...notPositive('noise variance', options.noiseVariance),
  ...notPositive('output scale', options.outputScale),
  ...(options.lengthScales ?? []).flatMap((x, i) => notPositive(`length-scale ${i + 1}`, x)),
  ...notPositive('period', options.period),
  ...(options.mean === undefined || Number.isFinite(options.mean)
    ? []
    : [
        { source: 'mean', problem: `it is ${options.mean}`, remedy: 'Give a finite number, or leave it out' },
      ]),
];

/** Rows and targets as a model's process takes them in: standardised inputs, and targets less the mean. */
const labelledOf = (
  model: GaussianProcessModel,
  inputs: Matrix,
  targets: Float64Array,
): readonly Labelled<Float64Array>[] =>
  rowsOf(standardisedColumns(inputs, model.inputs)).map((input, i) => ({
    input,
    target: (targets[i] ?? NaN) - model.mean,
  }));

/** {@link gaussianProcessOf} in steps. */
export function* gaussianProcessInSteps(
  model: GaussianProcessModel,
): Work<E.Either<Failure, GaussianProcessFit>> {
  const { kernel, noiseVariance, inducing } = model;
  const prior = { kernel: kernelOf(kernel, model), noiseVariance };
  const { inputs, targets } = model.labelled;
  const labelled = labelledOf(model, matrixFromRows(inputs), Float64Array.from(targets));
  if (inducing === undefined)
    return pipe(
      yield* withLabelledInSteps(labelled)(unconditioned(prior)),
      E.map((process) => ({ model, process })),
    );
  return pipe(
    yield* sparselyLabelledInSteps(prior, labelled, inducing)(),
    E.map(({ process, logMarginalLikelihood: bound }) => ({
      model: { ...model, logMarginalLikelihood: bound },
      process,
    })),
  );
}

/**
 * The fit that a model stands for, a decoded one for one. A NumericalFailure where its covariance is not
 * positive definite.
 */
export const gaussianProcessOf = (model: GaussianProcessModel): E.Either<Failure, GaussianProcessFit> =>
  atOnce(gaussianProcessInSteps(model));

/** How many hyperparameters the kernel has. Throws a RangeError where sizes differ, or some are given that it does not have. */
const checkedSize = (
  inputs: Matrix,
  targets: Float64Array,
  options: GaussianProcessOptions,
): ReturnType<typeof kernelSize> => {
  requireLabelled('fitGaussianProcess', inputs, targets, options, { kernel: kernelNames });
  const { kernel, lengthScales, period, pool, starts = 4, inducing = 1 } = options;
  if (pool !== undefined && pool.columns !== inputs.columns)
    throw new RangeError(
      `fitGaussianProcess: ${inputs.columns} input columns and ${pool.columns} in the pool`,
    );
  const size = kernelSize(kernel, inputs.columns);
  if (lengthScales !== undefined && lengthScales.length !== size.lengthScales)
    throw new RangeError(
      `fitGaussianProcess: ${lengthScales.length} length-scales for a kernel that has ${size.lengthScales}`,
    );
  if (period !== undefined && !size.period)
    throw new RangeError(`fitGaussianProcess: the ${kernel.kind} kernel has no period`);
  if (!(Number.isInteger(starts) && starts > 0))
    throw new RangeError(`fitGaussianProcess: ${starts} starts, not a whole number from 1`);
  if (!(Number.isInteger(inducing) && inducing > 0))
    throw new RangeError(`fitGaussianProcess: ${inducing} inducing points, not a whole number from 1`);
  return size;
};

/** {@link fitGaussianProcess} in steps, between which it can be stopped. */
export function* fitGaussianProcessInSteps(
  inputs: Matrix,
  targets: Float64Array,
  options: GaussianProcessOptions,
): Work<E.Either<Failure, GaussianProcessFit>> {
  const size = checkedSize(inputs, targets, options);
  const { kernel, lengthScales, period, pool, starts = 4, seed = 0, priors = 'weak' } = options;
  const sound = noneOf(faultsOf(inputs, targets, options));
  if (E.isLeft(sound)) return sound;
  const scalings = columnScalings(pool === undefined ? [inputs] : [inputs, pool]);
  const target = scalingOf(targets);
  const unit = target.scale ** 2;
  const inUnits = (variance: number | undefined) => (variance === undefined ? undefined : variance / unit);
  const inducing =
    options.inducing ?? (inputs.rows > maxExactLabels ? inducingPointsOf(inputs.rows) : undefined);
  const all = { inputs: standardisedColumns(inputs, scalings), targets: standardised(targets, target) };
  const some = inducing === undefined ? all : trialLabels(all, seed);
  const maximum = yield* maximiseLikelihood(
    {
      kernel,
      inputs: some.inputs,
      targets: [some.targets],
      priors,
      fixed: [
        inUnits(options.noiseVariance),
        inUnits(options.outputScale),
        ...(lengthScales ?? Array.from({ length: size.lengthScales }, () => undefined)),
        ...(size.period ? [period] : []),
      ],
      mean: options.mean === undefined ? undefined : (options.mean - target.centre) / target.scale,
    },
    { starts, seed },
  );
  if (E.isLeft(maximum)) return maximum;
  const best = maximum.right;
  return yield* gaussianProcessInSteps({
    kind: 'gaussian-process',
    kernel,
    noiseVariance: options.noiseVariance ?? best.noiseVariance * unit,
    outputScale: options.outputScale ?? best.kernel.outputScale * unit,
    lengthScales: best.kernel.lengthScales,
    ...present({ period: best.kernel.period, inducing }),
    mean: options.mean ?? (best.means[0] ?? NaN) * target.scale + target.centre,
    logMarginalLikelihood: best.logLikelihood - inputs.rows * Math.log(target.scale),
    inputs: scalings,
    labelled: { inputs: rowsOf(inputs).map((row) => Array.from(row)), targets: Array.from(targets) },
  });
}

/**
 * Fits the model on labelled inputs (n×d, raw units) and their n targets, at some hundred times n³ operations of n labels, of n = 1,000
 * where there are inducing points.
 * An InputFailure for no rows, entries that are not finite, or hyperparameters that are not positive; a
 * NumericalFailure where the covariance is not positive definite, which takes a given noise variance near
 * zero. Throws a RangeError where the sizes of the arguments differ, or hyperparameters are given that the
 * kernel does not have.
 */
export const fitGaussianProcess = (
  inputs: Matrix,
  targets: Float64Array,
  options: GaussianProcessOptions,
): E.Either<Failure, GaussianProcessFit> => atOnce(fitGaussianProcessInSteps(inputs, targets, options));

/**
 * The fit with m more labelled rows (raw units) and the same hyperparameters, mean and standardisation, at
 * n²m + nm² operations: the factor gains rows. An InputFailure where an entry is not finite, a
 * NumericalFailure where the covariance is not positive definite. Throws a RangeError where the sizes of the
 * arguments differ.
 */
export const withLabels = (
  fit: GaussianProcessFit,
  inputs: Matrix,
  targets: Float64Array,
): E.Either<Failure, GaussianProcessFit> => {
  requireFit('withLabels', fit);
  requireLabelled('withLabels', inputs, targets, {}, {});
  const { model, process } = fit;
  return pipe(
    noneOf(faultsOfRows(inputs, targets)),
    E.chainW(() => withLabelled(labelledOf(model, inputs, targets))(process)),
    E.map((extended) => ({
      model: {
        ...model,
        logMarginalLikelihood:
          logMarginalLikelihood(extended) +
          // Of inducing points the process tells log p of later labels given the first, and the model the bound on those.
          (model.inducing === undefined ? 0 : model.logMarginalLikelihood - logMarginalLikelihood(process)),
        labelled: {
          inputs: [...model.labelled.inputs, ...rowsOf(inputs).map((row) => Array.from(row))],
          targets: [...model.labelled.targets, ...targets],
        },
      },
      process: extended,
    })),
  );
};

/** {@link gaussianProcessPosterior} in steps. */
export function* gaussianProcessPosteriorInSteps(
  fit: GaussianProcessFit,
  pool: Matrix,
  tolerance?: number,
): Work<E.Either<Failure, LowRankPosterior>> {
  requireFit('gaussianProcessPosterior', fit);
  requireMatrix('gaussianProcessPosterior', 'pool', pool);
  const { model, process: known } = fit;
  const process = tolerance === undefined ? known.process : { ...known.process, tolerance };
  const sound = noneOf(notFinite('inputs of the pool', pool));
  if (E.isLeft(sound)) return sound;
  yield { stage: 'predicting', done: 0, total: 1 };
  return pipe(
    yield* posteriorInSteps({ ...known, process })(rowsOf(standardisedColumns(pool, model.inputs))),
    E.map((posterior) => ({ ...posterior, mean: posterior.mean.map((x) => x + model.mean) })),
  );
}

/**
 * The posterior over the noise-free function values of a pool (N×d, raw units): means in units of the target,
 * and whitened features by pivoted Cholesky, N×D with D ≤ N, each point short of at most `tolerance` noise
 * variances (10⁻⁶ if not given). A Failure where an entry of the pool is not finite. Throws a RangeError where
 * the pool has another number of columns than the model.
 */
export const gaussianProcessPosterior = (
  fit: GaussianProcessFit,
  pool: Matrix,
  tolerance?: number,
): E.Either<Failure, LowRankPosterior> => atOnce(gaussianProcessPosteriorInSteps(fit, pool, tolerance));
