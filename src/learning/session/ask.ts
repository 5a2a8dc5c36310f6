/**
 * Which rows are to be labelled next? While a batch is pending, what is left of it: asking twice is asking once. Else the
 * surrogate is fitted on the labels that there are, and the strategy proposes a batch of the rows that are neither labelled
 * nor refused. A policy of the last batch is not trained from nothing: it is turned to the new posterior (lookahead/align.ts)
 * and its training goes on from there. The session that was told the same and asked the same answers the same, on the
 * same engine.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { at } from '../../at.js';
import { watchedBy } from '../../acquisition/certified.js';
import { proposeBatch } from '../../acquisition/index.js';
import type { Progress, Proposal } from '../../acquisition/strategy.js';
import type { Engine } from '../../engine/engine.js';
import { type Failure, inputFailure, type InputFailure } from '../../failure.js';
import type { TrainedModel } from '../../gflownet/model-file.js';
import { membersOf, requireEngine, requireFunction } from '../../misuse.js';
import { bits, keyFromSeed, split } from '../../random/key.js';
import { rewards } from '../../reward/index.js';
import type { Posterior } from '../../surrogate/posterior.js';
import type { WorkControl } from '../../work.js';
import { alignTo } from '../lookahead/align.js';
import { strategyGiven } from '../cold-strategy.js';
import { expectationOf } from '../expectation.js';
import { type FittedForBatch, isBatchSurrogateOfClasses } from '../fit-for-batch.js';
import { featuresSeen, fittedGiven, sessionPolicyOn } from './posterior.js';
import { after, poolOf, requireSession, type Session } from './session.js';
import { present } from '../../present.js';

/** What asking is given beside the session. */
export interface AskOptions {
  readonly batchSize: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  /** In place of the library's. */
  readonly propose?: typeof proposeBatch;
}

/** The rows to label, in the order of the table, and the session that awaits them. */
export interface Answer {
  readonly session: Session;
  readonly rows: readonly number[];
  /** What was proposed, its indices those of {@link poolOf}; none where the batch was pending already. */
  readonly proposal?: Proposal;
  /** Over the same points, what it was proposed by. */
  readonly posterior?: Posterior;
  /** The model that it is of: chosen, or of no label. */
  readonly fitted?: Pick<FittedForBatch, 'coldStart' | 'chosen'>;
}

/** Batches drawn, the most informative of which is asked for. */
const DRAWS = 256;

/** Which child of the seed's key batches are drawn from. */
const stream = 0x736573;

const refuse = (problem: string, remedy: string): InputFailure =>
  inputFailure({ source: 'batch size', problem, remedy });

/** The kept policy, for the posterior that there is now; undefined where there is none for batches of this size. */
const policyFor = (
  session: Session,
  batchSize: number,
  pool: readonly number[],
  posterior: Posterior,
  control: WorkControl,
): TE.TaskEither<Failure, TrainedModel | undefined> =>
  session.policy?.model.shape.batchSize === batchSize
    ? pipe(
        sessionPolicyOn(session.policy, session, pool, control),
        TE.chainEitherKW((learned) => alignTo(learned, featuresSeen(session, posterior))),
      )
    : TE.right(undefined);

const propose = (
  engine: Engine,
  session: Session,
  pool: readonly number[],
  { batchSize, onProgress, signal, propose: by = proposeBatch }: AskOptions,
): TE.TaskEither<Failure, Answer> => {
  const {
    acquisition,
    settings: { reward, ...settings },
    seed,
  } = session.start;
  const ofClasses = isBatchSurrogateOfClasses(session.start.surrogate);
  const key = split(split(keyFromSeed(seed), stream), session.rounds);
  const watched = {
    ...present({ onProgress, signal }),
  };
  const control = watchedBy(watched);
  return pipe(
    fittedGiven(session, session, pool, control),
    TE.bind('start', ({ fitted, posterior }) =>
      // The prior of a cold start is of numbers, and what stands in trains no policy.
      fitted.coldStart && ofClasses
        ? TE.right(undefined)
        : policyFor(session, batchSize, pool, posterior, control),
    ),
    TE.bind('proposal', ({ fitted: { coldStart }, posterior, start }) =>
      by(engine, posterior, {
        ...strategyGiven(acquisition, settings, { coldStart, ofClasses }),
        ...(reward === undefined ? {} : { reward: rewards[reward] }),
        ...{ batchSize, draws: DRAWS, seed: at(bits(key, 1), 0) },
        ...present({ start }),
        ...watched,
      }),
    ),
    TE.chainEitherKW(({ fitted, posterior, proposal }) => {
      const chosen = new Set(proposal.best.indices.map((index) => pool[index] ?? NaN));
      const rows = pool.filter((row) => chosen.has(row));
      const { jointMutualInformation } = proposal.best;
      const { trained: policy } = proposal;
      const expected = fitted.coldStart ? undefined : expectationOf(posterior, proposal.best.indices);
      return pipe(
        session,
        after({
          ...{ event: 'asked', rows, jointMutualInformation, trained: policy !== undefined },
          ...present({ expected }),
        }),
        E.map((asked): Answer => ({
          session: { ...asked, policy },
          rows,
          proposal,
          posterior,
          fitted: { coldStart: fitted.coldStart, ...present({ chosen: fitted.chosen }) },
        })),
      );
    }),
  );
};

/**
 * Asks for a batch. Fails as the surrogate and the strategy do, with Interrupted once `signal` is aborted, and with an
 * InputFailure where a batch of another size is pending, or the pool is smaller than the batch. Throws a
 * TypeError for what is no engine, no options or no session.
 */
export const ask =
  (engine: Engine, options: AskOptions) =>
  (session: Session): TE.TaskEither<Failure, Answer> => {
    requireEngine('ask', engine);
    requireSession('ask', session);
    const { onProgress } = membersOf('ask', 'options', options, '{ batchSize } at least');
    if (onProgress !== undefined) requireFunction('ask', 'onProgress', onProgress);
    const { batchSize } = options;
    const { batch, pending } = session;
    if (pending.length > 0)
      return batch.length === batchSize
        ? TE.right({ session, rows: pending })
        : TE.left(
            refuse(
              `a batch of ${batch.length} is pending, and one of ${batchSize} is asked for${pending.length < batch.length ? `; ${pending.length} of the ${batch.length} are still to be labelled` : ''}`,
              `Tell or skip the rows that are pending first, or ask for ${batch.length}`,
            ),
          );
    const pool = poolOf(session);
    if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > pool.length)
      return TE.left(
        refuse(
          `a batch of ${batchSize} from a pool of ${pool.length} rows`,
          pool.length === 0 ? 'The session is at its end' : `Give a whole number from 1 to ${pool.length}`,
        ),
      );
    return propose(engine, session, pool, options);
  };
