/** Gaussian process classification, as a surrogate among others. */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import * as t from '#io-ts';
import { whole, wholeIn } from '../../data/ranges.js';
import type { Failure } from '../../failure.js';
import { answeredInTurns, type WorkControl } from '../../work.js';
import {
  fitGaussianProcessClassesInSteps,
  gaussianProcessClassesInSteps,
} from '../gaussian-process-classes.js';
import type { GaussianProcessClassesModel } from '../gaussian-process-classes-model.js';
import { kernelKindCodec } from '../kernels.js';
import type { Fitted, SurrogateRecord } from './record.js';

/** Decodes what to fit. Marked pure: a bundle that decodes none drops it. */
export const gaussianProcessClassesSpecCodec = /* @__PURE__ */ (() =>
  t.readonly(
    t.intersection([
      /** S draws of the latent functions, and the seed that they hang on. */
      t.type({
        kind: t.literal('gaussian-process-classes'),
        kernel: kernelKindCodec,
        draws: wholeIn(1, 2 ** 24),
        seed: whole,
      }),
      /** C; the largest label and one more if left out. */
      t.partial({ classes: wholeIn(1, 2 ** 20) }),
    ]),
  ))();

const restored = (
  model: GaussianProcessClassesModel,
  control: WorkControl,
): TE.TaskEither<Failure, Fitted<GaussianProcessClassesModel>> =>
  pipe(
    answeredInTurns(() => gaussianProcessClassesInSteps(model), control, 'fitting'),
    TE.map((over) => ({
      model,
      posterior: (rows) => answeredInTurns(() => over(rows), control, 'predicting'),
    })),
  );

/** Fails and throws as fitGaussianProcessClasses does. */
export const gaussianProcessClasses: SurrogateRecord<
  t.TypeOf<typeof gaussianProcessClassesSpecCodec>,
  GaussianProcessClassesModel
> = {
  isOfClasses: () => true,
  fit: (spec, { inputs, targets, ...options }, _, control) =>
    pipe(
      answeredInTurns(
        () => fitGaussianProcessClassesInSteps(inputs, targets, { ...spec, ...options }),
        control,
        'fitting',
      ),
      TE.chain((model) => restored(model, control)),
    ),
  restore: (model, _, control) => restored(model, control),
};
