/** Bayesian linear regression, as a surrogate among others. */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import * as t from '#io-ts';
import { answeredInTurns, type WorkControl } from '../../work.js';
import {
  type BayesianLinearModel,
  fitBayesianLinearInSteps,
  posteriorOverInSteps,
} from '../bayesian-linear.js';
import { featureMapCodec } from '../feature-map.js';
import type { Fitted, SurrogateRecord } from './record.js';

/** Decodes what to fit. Marked pure: a bundle that decodes none drops it. */
export const bayesianLinearSpecCodec = /* @__PURE__ */ (() =>
  t.readonly(t.type({ kind: t.literal('bayesian-linear'), featureMap: featureMapCodec })))();

const fitted = (model: BayesianLinearModel, control: WorkControl): Fitted<BayesianLinearModel> => ({
  model,
  posterior: (rows) => answeredInTurns(() => posteriorOverInSteps(model, rows), control, 'predicting'),
});

/** Fails and throws as fitBayesianLinear does. */
export const bayesianLinear: SurrogateRecord<
  t.TypeOf<typeof bayesianLinearSpecCodec>,
  BayesianLinearModel
> = {
  isOfClasses: () => false,
  fit: ({ featureMap }, { inputs, targets, ...options }, _, control) =>
    pipe(
      answeredInTurns(
        () => fitBayesianLinearInSteps(inputs, targets, { featureMap, ...options }),
        control,
        'fitting',
      ),
      TE.map((model) => fitted(model, control)),
    ),
  restore: (model, _, control) => TE.right(fitted(model, control)),
};
