/** What do the labels say of the pool? The surrogate fitted on the labelled rows, and its posterior over the others. */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { watchedBy } from '../acquisition/certified.js';
import { type Failure, type Fault, inputFailure } from '../failure.js';
import type { Posterior } from '../surrogate/posterior.js';
import { fitSurrogate, type SurrogateSpec } from '../surrogate/surrogate.js';
import { reportedSurrogate, type BatchProblem, type ReportedSurrogate } from './batch-report.js';
import type { Context } from './command.js';

/** A posterior over the pool, and what stands behind it. */
export interface Fitted {
  readonly surrogate: ReportedSurrogate;
  readonly posterior: Posterior;
  readonly fitSeconds: number;
}

/** A failure in which faults of the targets name their column. */
const named =
  ({ source, targetName }: BatchProblem) =>
  (failure: Failure): Failure => {
    if (failure._tag !== 'InputFailure') return failure;
    const own = (fault: Fault): Fault =>
      fault.source === 'targets' && fault.column === undefined
        ? { ...fault, source, column: targetName }
        : fault;
    const [first, ...rest] = failure.faults;
    return inputFailure(own(first), ...rest.map(own));
  };

/** Fits the surrogate, with progress, until Ctrl-C. Fails as it does; what is wrong with the targets names their column. */
export const fitPosterior = (
  problem: BatchProblem,
  surrogate: SurrogateSpec,
  { progress: onProgress, signal }: Pick<Context, 'progress' | 'signal'>,
): TE.TaskEither<Failure, Fitted> => {
  const started = performance.now();
  const { features, targets } = problem.labelled;
  const pool = problem.pool.features;
  return pipe(
    fitSurrogate(surrogate, features, targets, pool, undefined, watchedBy({ onProgress, signal })),
    TE.mapLeft(named(problem)),
    TE.chain(({ model, posterior }) =>
      pipe(
        posterior(pool),
        TE.map((over) => ({
          surrogate: reportedSurrogate(model),
          posterior: over,
          fitSeconds: (performance.now() - started) / 1000,
        })),
      ),
    ),
  );
};
