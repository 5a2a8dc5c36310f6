/** Gaussian process regression, as a surrogate among others. */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import * as t from '#io-ts';
import { answeredInTurns, type WorkControl } from '../../work.js';
import {
  fitGaussianProcessInSteps,
  type GaussianProcessFit,
  gaussianProcessInSteps,
  type GaussianProcessModel,
  gaussianProcessPosteriorInSteps,
} from '../gaussian-process-fit.js';
import { kernelKindCodec } from '../kernels.js';
import type { Fitted, SurrogateRecord } from './record.js';

/** Decodes what to fit. Marked pure: a bundle that decodes none drops it. */
export const gaussianProcessSpecCodec = /* @__PURE__ */ (() =>
  t.readonly(t.type({ kind: t.literal('gaussian-process'), kernel: kernelKindCodec })))();

const fitted =
  (control: WorkControl) =>
  (fit: GaussianProcessFit): Fitted<GaussianProcessModel> => ({
    model: fit.model,
    posterior: (rows) =>
      answeredInTurns(() => gaussianProcessPosteriorInSteps(fit, rows), control, 'predicting'),
  });

/** Fails and throws as fitGaussianProcess and gaussianProcessOf do. */
export const gaussianProcess: SurrogateRecord<
  t.TypeOf<typeof gaussianProcessSpecCodec>,
  GaussianProcessModel
> = {
  isOfClasses: () => false,
  fit: ({ kernel }, { inputs, targets, ...options }, _, control) =>
    pipe(
      answeredInTurns(
        () => fitGaussianProcessInSteps(inputs, targets, { kernel, ...options }),
        control,
        'fitting',
      ),
      TE.map(fitted(control)),
    ),
  restore: (model, _, control) =>
    pipe(
      answeredInTurns(() => gaussianProcessInSteps(model), control, 'fitting'),
      TE.map(fitted(control)),
    ),
};
