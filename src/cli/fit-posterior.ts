/** What do the labels say of the pool? The surrogate fitted on the labelled rows, and its posterior over the others. */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import type { Posterior } from '../surrogate/posterior.js';
import { fitSurrogate, type SurrogateModel, type SurrogateSpec } from '../surrogate/surrogate.js';
import type { BatchProblem } from './batch-report.js';

/** A fitted surrogate. */
export interface Fitted {
  readonly model: SurrogateModel;
  readonly posterior: Posterior;
  readonly fitSeconds: number;
}

/** Fits the surrogate. Fails as it does. */
export const fitPosterior = (
  problem: BatchProblem,
  surrogate: SurrogateSpec,
): TE.TaskEither<Failure, Fitted> => {
  const started = performance.now();
  const { features, targets } = problem.labelled;
  const pool = problem.pool.features;
  return pipe(
    fitSurrogate(surrogate, features, targets, pool),
    TE.chain(({ model, posterior }) =>
      pipe(
        posterior(pool),
        TE.map((over) => ({ model, posterior: over, fitSeconds: (performance.now() - started) / 1000 })),
      ),
    ),
  );
};
