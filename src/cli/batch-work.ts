/**
 * From a posterior over a pool to the batch to label next: have one proposed on an engine, and report it. What the commands
 * select and demo have in common.
 */
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { givenSettings } from '../acquisition/settings.js';
import { strategies } from '../acquisition/index.js';
import type { Proposal } from '../acquisition/strategy.js';
import type { Engine } from '../engine/engine.js';
import { inputFailure, type Failure, type InputFailure } from '../failure.js';
import { type Beginning, standInRemarks, strategyGiven } from '../learning/cold-strategy.js';
import { informationOfOutputs, proposeForOutputs } from '../learning/outputs.js';
import { rewards } from '../reward/index.js';
import { proposeWithin, type Limits } from '../acquisition/batch-limits.js';
import type { Posterior } from '../surrogate/posterior.js';
import { batchReport, type BatchProblem, type BatchReport } from './batch-report.js';
import type { Context } from './command.js';
import type { Sampler } from './common-options.js';
import type { Fitted } from './fit-posterior.js';
import { labelsTellScale, noScale, saturationRemarks } from './expected-words.js';
import { reportedOutputs } from './several-targets.js';
import { compilingShown } from './progress.js';
import { watchedBy } from '../acquisition/certified.js';
import { inTurns, type Work } from '../work.js';
import { present } from '../present.js';

/** How many batches are drawn. */
export const DRAWS = 256;

/** What to do with a problem. */
export interface BatchSettings {
  readonly batchSize: number;
  readonly sampler: Sampler;
  /** The batch is then of at most that size. */
  readonly limits?: Limits | undefined;
  /** Whether the gains of its points will be asked for. */
  readonly gains?: boolean;
}

/** What comes of it: the report, and the posterior that the batch was drawn by. */
export interface BatchOutcome {
  readonly report: BatchReport;
  readonly posterior: Posterior;
}

/** An InputFailure where the batch is larger than the pool. */
export const checkBatchSize = (batchSize: number, poolSize: number): E.Either<InputFailure, void> =>
  batchSize <= poolSize
    ? E.right(undefined)
    : E.left(
        inputFailure({
          source: '--batch-size',
          problem: `a batch of ${batchSize} is larger than the pool of ${poolSize} unlabelled point${poolSize === 1 ? '' : 's'}`,
          remedy:
            poolSize === 0 ? 'Give points to choose from' : `Give at most ${poolSize}, or a larger pool`,
        }),
      );

const unlessAborted =
  ({ signal }: Context, during: string) =>
  <A>(value: A): E.Either<Failure, A> =>
    signal.aborted ? E.left({ _tag: 'Interrupted', during }) : E.right(value);

/** What the strategy proposes; within limits, greedy (acquisition/batch-limits.ts). */
const proposed = (
  { services, progress: onProgress, signal }: Context,
  engine: Engine,
  { posterior, outputs }: Fitted,
  batchSize: number,
  sampler: Sampler,
  limits: Limits | undefined,
  beginning: Beginning,
): TE.TaskEither<Failure, Proposal> => {
  const { acquisition, seed, reward, candidates } = sampler;
  const { acquisition: by, ...settings } = strategyGiven(acquisition, givenSettings(sampler), beginning);
  const options = {
    ...settings,
    ...(reward === undefined ? {} : { reward: rewards[reward] }),
    ...{ batchSize, seed, draws: DRAWS, onProgress, signal },
  };
  if (outputs !== undefined)
    return proposeForOutputs(
      engine,
      outputs,
      { ...options, ...present({ candidates, limits }), acquisition: by },
      services.proposeBatch,
    );
  return limits === undefined
    ? services.proposeBatch(engine, posterior, { ...options, ...present({ candidates }), acquisition: by })
    : proposeWithin(engine, posterior, limits, options);
};

/** What is reported of a proposal. */
const reported = (
  problem: BatchProblem,
  { batchSize, sampler: { acquisition, seed, reward }, limits, gains = false }: BatchSettings,
  { outputs, ...fitted }: Fitted,
  beginning: Beginning,
  engine: Engine,
  proposal: Proposal,
): Work<BatchReport> =>
  batchReport({
    problem,
    ...{
      acquisition: strategyGiven(acquisition, {}, beginning).acquisition,
      batchSize: limits === undefined ? batchSize : proposal.best.indices.length,
      seed,
    },
    ...{ ...fitted, proposal, engine, gains },
    ...(reward === undefined ? {} : { reward: rewards[reward] }),
    ...(outputs === undefined
      ? {}
      : {
          reward: informationOfOutputs(outputs),
          outputsAt: (indices) => reportedOutputs(outputs, indices),
        }),
  });

/**
 * The work on one problem. Fails as checkBatchSize, the surrogate, the engine and the strategy do, and with
 * Interrupted when the context's signal is aborted.
 */
export const batchWork =
  (problem: BatchProblem, fitted: TE.TaskEither<Failure, Fitted>, settings: BatchSettings) =>
  (context: Context): TE.TaskEither<Failure, BatchOutcome> => {
    const { batchSize, sampler, limits } = settings;
    const { engine: choice, threads, acquisition, reward } = sampler;
    const engineChoice = strategies[acquisition].onHost ? 'cpu' : choice;
    return pipe(
      TE.fromEither(checkBatchSize(batchSize, problem.pool.rows.length)),
      TE.mapLeft((failure): Failure => failure),
      TE.chain(() => fitted),
      TE.chainEitherK(unlessAborted(context, 'fitting the surrogate')),
      TE.chain((found) => {
        const beginning = {
          coldStart: found.coldStart === true,
          ofClasses: problem.classNames !== undefined,
        };
        return context.services.withEngine(
          engineChoice,
          (engine) =>
            pipe(
              proposed(context, engine, found, batchSize, sampler, limits, beginning),
              TE.chainFirstIOK(
                (proposal) => () =>
                  [
                    ...standInRemarks(acquisition, beginning),
                    ...saturationRemarks(proposal, acquisition, reward),
                    ...(found.coldStart !== false || found.outputs !== undefined || labelsTellScale(problem)
                      ? []
                      : [noScale]),
                  ].forEach(context.remark),
              ),
              TE.chain((proposal) =>
                inTurns(
                  () => reported(problem, settings, found, beginning, engine, proposal),
                  watchedBy({ ...context, onProgress: context.progress }),
                  'reporting',
                ),
              ),
              TE.map((report) => ({ posterior: found.posterior, report })),
            ),
          compilingShown(context.progress),
          present({ threads }),
        );
      }),
    );
  };
