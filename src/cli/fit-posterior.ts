/** What do the labels say of the pool? The surrogate fitted on the labelled rows, and its posterior over the others. */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { watchedBy } from '../acquisition/certified.js';
import { type Failure, type Fault, inputFailure } from '../failure.js';
import type { Posterior } from '../surrogate/posterior.js';
import { type BatchSurrogate, fitForBatch, type HeldOut } from '../learning/fit-for-batch.js';
import type { Output } from '../learning/outputs.js';
import type { BatchProblem } from './batch-report.js';
import type { Context } from './command.js';
import { reportedSurrogate, type ReportedSurrogate } from './reported-surrogate.js';

/** One of several targets, fitted. */
export interface FittedOutput extends Output {
  readonly target: string;
  readonly labelled: number;
  readonly surrogate: ReportedSurrogate;
  readonly coldStart: boolean;
}

/** A posterior over the pool, and what stands behind it. */
export interface Fitted {
  readonly surrogate: ReportedSurrogate;
  readonly posterior: Posterior;
  readonly fitSeconds: number;
  /** Whether no label has a say in it; none has where predictions come from elsewhere. */
  readonly coldStart?: boolean;
  /** Of several targets; the posterior is that of the first then. */
  readonly outputs?: readonly FittedOutput[];
}

/** The name of a surrogate in a sentence. */
const nameOf = ({ surrogate }: HeldOut): string =>
  surrogate.kind === 'network'
    ? surrogate.head
    : 'kernel' in surrogate
      ? `${surrogate.kind} (${surrogate.kernel.kind}${'lengthScales' in surrogate.kernel && surrogate.kernel.lengthScales === 'perFeature' ? '-ard' : ''})`
      : surrogate.kind;

/** A sentence on a surrogate that was chosen, and by what. */
export const chosenWords = ([best, ...others]: readonly HeldOut[]): string => {
  const scored = (one: HeldOut): string =>
    `${nameOf(one)} ${one.score === null ? 'could not be fitted' : one.score.toFixed(3)}`;
  return best === undefined
    ? 'no surrogate was chosen'
    : best.score === null
      ? `the surrogate is ${nameOf(best)}: there are too few labels to hold any out, or no other fits so many`
      : `the surrogate is ${nameOf(best)}, by the score of held-out labels in nats each: ${[best, ...others].map(scored).join(', ')}`;
};

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

/**
 * Fits the surrogate, with progress, until Ctrl-C; its posterior is over the pool, or over other rows. Fails as it does; what is wrong
 * with the targets names their column.
 */
export const fitPosterior = (
  problem: BatchProblem,
  surrogate: BatchSurrogate,
  { progress: onProgress, signal, remark }: Pick<Context, 'progress' | 'signal' | 'remark'>,
  rows = problem.pool.features,
): TE.TaskEither<Failure, Fitted> => {
  const started = performance.now();
  const { features: inputs, targets } = problem.labelled;
  const pool = problem.pool.features;
  return pipe(
    fitForBatch(surrogate, { inputs, targets, pool }, { control: watchedBy({ onProgress, signal }) }),
    TE.mapLeft(named(problem)),
    TE.chain(({ model, posterior, chosen, coldStart }) =>
      pipe(
        posterior(rows),
        TE.chainFirstIOK(() => () => {
          if (chosen !== undefined) remark(chosenWords(chosen));
        }),
        TE.map((over) => ({
          coldStart,
          surrogate: reportedSurrogate(model),
          posterior: over,
          fitSeconds: (performance.now() - started) / 1000,
        })),
      ),
    ),
  );
};
