/**
 * The surrogates by name, and the one way to fit one: a specification (what to fit, as plain data), labelled rows, and
 * out of them a model (plain data, survives JSON) that gives its posterior over any rows. A new surrogate is a file of its
 * own, and a case in each table here. Where targets are class labels they are whole numbers from 0.
 */
import { whole, wholeIn } from '../data/ranges.js';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import * as t from '#io-ts';
import { cpuEngine } from '../engine/cpu/index.js';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import {
  type BayesianLinearModel,
  bayesianLinearModelCodec,
  fitBayesianLinearInSteps,
  posteriorOverInSteps,
} from './bayesian-linear.js';
import { featureMapCodec } from './feature-map.js';
import {
  fitGaussianProcessClassesInSteps,
  gaussianProcessClassesInSteps,
} from './gaussian-process-classes.js';
import {
  type GaussianProcessClassesModel,
  gaussianProcessClassesModelCodec,
} from './gaussian-process-classes-model.js';
import {
  fitGaussianProcessInSteps,
  gaussianProcessInSteps,
  type GaussianProcessFit,
  type GaussianProcessModel,
  gaussianProcessModelCodec,
  gaussianProcessPosteriorInSteps,
} from './gaussian-process-fit.js';
import { requireKind } from '../misuse.js';
import { answeredInTurns, type WorkControl } from '../work.js';
import { kernelKindCodec } from './kernels.js';
import { fitNetwork } from './network/fit.js';
import { type NetworkModel, networkModelCodec, networkSpecCodec } from './network/model.js';
import { networkPosterior } from './network/posterior.js';
import type { Posterior } from './posterior.js';

/** Decodes a {@link SurrogateSpec}. Marked pure, as the next: a bundle that decodes none drops it. */
export const surrogateSpecCodec = /* @__PURE__ */ (() =>
  t.union(
    [
      t.readonly(t.type({ kind: t.literal('bayesian-linear'), featureMap: featureMapCodec })),
      t.readonly(t.type({ kind: t.literal('gaussian-process'), kernel: kernelKindCodec })),
      t.readonly(
        t.intersection([
          /** Of class labels: S draws of the latent functions, and the seed that they hang on. */
          t.type({
            kind: t.literal('gaussian-process-classes'),
            kernel: kernelKindCodec,
            draws: wholeIn(1, 2 ** 24),
            seed: whole,
          }),
          /** C; the largest label and one more if left out. */
          t.partial({ classes: wholeIn(1, 2 ** 20) }),
        ]),
      ),
      networkSpecCodec,
    ],
    'SurrogateSpec',
  ))();

/** What to fit. */
export type SurrogateSpec = t.TypeOf<typeof surrogateSpecCodec>;

/** Whether its labels are classes. */
export const isOfClasses = (
  spec: SurrogateSpec,
): spec is Extract<SurrogateSpec, { readonly kind: 'gaussian-process-classes' | 'network' }> =>
  spec.kind === 'gaussian-process-classes' || (spec.kind === 'network' && spec.task === 'classes');

/** The same of so many classes, however many the labels name; of numbers, or where `classes` is undefined, as it is. */
export const ofClasses = (spec: SurrogateSpec, classes: number | undefined): SurrogateSpec =>
  classes !== undefined && isOfClasses(spec) ? { ...spec, classes } : spec;

/** Decodes a {@link SurrogateModel}. */
export const surrogateModelCodec = /* @__PURE__ */ (() =>
  t.union(
    [
      bayesianLinearModelCodec,
      gaussianProcessModelCodec,
      gaussianProcessClassesModelCodec,
      networkModelCodec,
    ],
    'SurrogateModel',
  ))();

/** What was fitted, as plain data. */
export type SurrogateModel =
  BayesianLinearModel | GaussianProcessModel | GaussianProcessClassesModel | NetworkModel;

/** A fitted surrogate. */
export interface FittedSurrogate {
  readonly model: SurrogateModel;
  /**
   * The posterior over rows (N×d, raw units): a fixed function of them. A label is then N(mean_n, σ² (1 + |φ_n|²)), or of the
   * classes' probabilities. An InputFailure where an entry is not finite. Throws a RangeError where the columns are not those of
   * the model.
   */
  readonly posterior: (rows: Matrix) => TE.TaskEither<Failure, Posterior>;
}

const ofGaussianProcess =
  (control: WorkControl) =>
  (fit: GaussianProcessFit): FittedSurrogate => ({
    model: fit.model,
    posterior: (rows) =>
      answeredInTurns(() => gaussianProcessPosteriorInSteps(fit, rows), control, 'predicting'),
  });

/**
 * The surrogate that a model stands for, a decoded one for one; networks run on the engine, which must stay open. The same model
 * on the same engine gives the same bits. The work, that of its posteriors too, is watched and stopped by `control`. Fails as
 * gaussianProcessOf does, and with Interrupted.
 */
export const surrogateOf = (
  model: SurrogateModel,
  engine: Engine = cpuEngine(),
  control: WorkControl = {},
): TE.TaskEither<Failure, FittedSurrogate> => {
  switch (model.kind) {
    case 'bayesian-linear':
      return TE.right({
        model,
        posterior: (rows) => answeredInTurns(() => posteriorOverInSteps(model, rows), control, 'predicting'),
      });
    case 'gaussian-process':
      return pipe(
        answeredInTurns(() => gaussianProcessInSteps(model), control, 'fitting'),
        TE.map(ofGaussianProcess(control)),
      );
    case 'gaussian-process-classes':
      return pipe(
        answeredInTurns(() => gaussianProcessClassesInSteps(model), control, 'fitting'),
        TE.map((over) => ({
          model,
          posterior: (rows) => answeredInTurns(() => over(rows), control, 'predicting'),
        })),
      );
    case 'network':
      return TE.right({ model, posterior: networkPosterior(engine, model, control) });
  }
};

/**
 * Fits a surrogate on labelled inputs (n×d, raw units) and their n targets; the pool's rows (N×d) take part in
 * standardising alone. Networks are trained on the engine, which must stay open for their posterior. The work, that of its
 * posteriors too, is watched and stopped by `control`. Fails and throws as fitBayesianLinear, fitGaussianProcess,
 * fitGaussianProcessClasses and fitNetwork do; with Interrupted once the signal is aborted.
 */
export const fitSurrogate = (
  spec: SurrogateSpec,
  inputs: Matrix,
  targets: Float64Array,
  pool?: Matrix,
  engine: Engine = cpuEngine(),
  control: WorkControl = {},
): TE.TaskEither<Failure, FittedSurrogate> => {
  requireKind('fitSurrogate', 'spec', spec, [
    ...['bayesian-linear', 'gaussian-process', 'gaussian-process-classes', 'network'],
  ]);
  const beside = pool === undefined ? {} : { pool };
  switch (spec.kind) {
    case 'bayesian-linear':
      return pipe(
        answeredInTurns(
          () => fitBayesianLinearInSteps(inputs, targets, { featureMap: spec.featureMap, ...beside }),
          control,
          'fitting',
        ),
        TE.chain((model) => surrogateOf(model, engine, control)),
      );
    case 'gaussian-process':
      return pipe(
        answeredInTurns(
          () => fitGaussianProcessInSteps(inputs, targets, { kernel: spec.kernel, ...beside }),
          control,
          'fitting',
        ),
        TE.map(ofGaussianProcess(control)),
      );
    case 'gaussian-process-classes':
      return pipe(
        answeredInTurns(
          () => fitGaussianProcessClassesInSteps(inputs, targets, { ...spec, ...beside }),
          control,
          'fitting',
        ),
        TE.chain((model) => surrogateOf(model, engine, control)),
      );
    case 'network':
      return pipe(
        fitNetwork(engine, inputs, targets, spec, pool, control),
        TE.chain((model) => surrogateOf(model, engine, control)),
      );
  }
};
