/** What do the labels say of the pool? The surrogate fitted on the labelled rows, and its posterior over the others. */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type { Failure } from '../failure.js';
import { fitBayesianLinear, posteriorOver, type BayesianLinearModel } from '../surrogate/bayesian-linear.js';
import type { FeatureMap } from '../surrogate/feature-map.js';
import type { Posterior } from '../surrogate/posterior.js';
import type { BatchProblem } from './batch-report.js';

/** A fitted surrogate. */
export interface Fitted {
  readonly model: BayesianLinearModel;
  readonly posterior: Posterior;
  readonly fitSeconds: number;
}

/** Fits the surrogate. Fails as it does. */
export const fitPosterior = (problem: BatchProblem, featureMap: FeatureMap): E.Either<Failure, Fitted> => {
  const started = performance.now();
  const { features, targets } = problem.labelled;
  const pool = problem.pool.features;
  return pipe(
    fitBayesianLinear(features, targets, { featureMap, pool }),
    E.bindTo('model'),
    E.bind('posterior', ({ model }) => posteriorOver(model, pool)),
    E.map((fitted) => ({ ...fitted, fitSeconds: (performance.now() - started) / 1000 })),
  );
};
