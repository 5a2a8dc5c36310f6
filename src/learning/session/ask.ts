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
import { membersOf, requireEngine, requireFunction, requireNumber, requirePosterior } from '../../misuse.js';
import { bits, keyFromSeed, split } from '../../random/key.js';
import { rewards } from '../../reward/index.js';
import type { Posterior } from '../../surrogate/posterior.js';
import type { WorkControl } from '../../work.js';
import { alignTo } from '../lookahead/align.js';
import type { PredictionsFile, SessionEvent } from './events.js';
import { strategyGiven } from '../cold-strategy.js';
import { type Expectation, expectationOf } from '../expectation.js';
import type { FittedForBatch } from '../fit-for-batch.js';
import { proposeForOutputs } from '../outputs.js';
import { isOfClassLabels } from './class-labels.js';
import { type CandidateRows, joinedBy, withCandidates } from './joining.js';
import { expectedOutputs, outputsOver, type SessionOutput } from './outputs.js';
import { featuresSeen, fittedGiven, type FittedOver, sessionPolicyOn } from './posterior.js';
import { after, poolOf, requireSession, type Session } from './session.js';
import { oneTargetOnly } from './targets.js';
import { present } from '../../present.js';

/** What asking is given beside the session. */
export interface AskOptions {
  readonly batchSize: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  /** In place of the library's. */
  readonly propose?: typeof proposeBatch;
  /**
   * Of a session whose surrogate is `predictions`: the posterior over the rows of {@link poolOf}, in their order, by a model elsewhere
   * that knows the labels so far; and the file that it came from, for the journal.
   */
  readonly posterior?: Posterior;
  readonly predictions?: PredictionsFile;
  /**
   * Rows of other tables that may be asked for beside those of the session: their features in its units and names of their own. Those
   * that are asked for join it.
   */
  readonly candidates?: CandidateRows;
}

/** The rows to label, in the order of the table, and the session that awaits them. */
export interface Answer {
  readonly session: Session;
  readonly rows: readonly number[];
  /** The rows that it was chosen from: those of {@link poolOf}, and candidates by numbers that they have if they are asked for. */
  readonly pool: readonly number[];
  /** What was proposed, its indices those of `pool`; none where the batch was pending already. */
  readonly proposal?: Proposal;
  /** Over the same points, what it was proposed by; of several targets by each. */
  readonly posterior?: Posterior;
  readonly outputs?: readonly SessionOutput[];
  /** The model that the posterior is of: chosen, or of no label. */
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

/** The session that awaits a proposed batch of a pool, and its rows in the order of the table. */
const asked = (
  session: Session,
  within: Session,
  pool: readonly number[],
  { best: { indices, jointMutualInformation }, trained: policy }: Pick<Proposal, 'best' | 'trained'>,
  by: Pick<Extract<SessionEvent, { readonly event: 'asked' }>, 'predictions' | 'expected' | 'outputs'>,
): E.Either<InputFailure, Pick<Answer, 'session' | 'rows'>> => {
  const chosen = new Set(indices.map((index) => pool[index] ?? NaN));
  const rows = pool.filter((row) => chosen.has(row));
  const trained = policy !== undefined;
  return pipe(
    joinedBy(session, within, rows),
    E.chain(after({ event: 'asked', rows, jointMutualInformation, trained, ...by })),
    E.map((awaiting) => ({ session: { ...awaiting, policy }, rows })),
  );
};

/** What an answer tells of a surrogate. */
const toldOf = (fitted: FittedForBatch | undefined): Pick<Answer, 'fitted'> =>
  fitted === undefined
    ? {}
    : { fitted: { coldStart: fitted.coldStart, ...present({ chosen: fitted.chosen }) } };

/** What all proposals of a session are asked for, where labels say something or nothing. */
const optionsOf = (
  { start, rounds }: Session,
  coldStart: boolean,
  { batchSize, onProgress, signal }: AskOptions,
) => {
  const { reward, ...settings } = start.settings;
  const key = split(split(keyFromSeed(start.seed), stream), rounds);
  return {
    ...strategyGiven(start.acquisition, settings, { coldStart, ofClasses: isOfClassLabels(start) }),
    ...{ batchSize, draws: DRAWS, seed: at(bits(key, 1), 0) },
    ...present({ onProgress, signal, reward: reward && rewards[reward] }),
  };
};

/** A proposal, and what it was chosen by. */
type Chosen = Pick<Answer, 'posterior' | 'fitted' | 'outputs'> & {
  readonly proposal: Proposal;
  /** Whether its policy can be gone on from. */
  readonly kept: boolean;
  readonly expected?: Expectation;
};

const proposedForOne = (
  engine: Engine,
  session: Session,
  within: Session,
  pool: readonly number[],
  options: AskOptions,
): TE.TaskEither<Failure, Chosen> => {
  const { batchSize, propose: by = proposeBatch, posterior: given, candidates } = options;
  const control = watchedBy(options);
  // A policy knows points of a pool that is there again: neither predictions from elsewhere nor candidates are.
  const passing = given !== undefined || candidates !== undefined;
  return pipe(
    given === undefined
      ? fittedGiven(session, session, pool, control, within)
      : TE.right<Failure, Partial<FittedOver> & Pick<FittedOver, 'posterior'>>({ posterior: given }),
    TE.bind('start', ({ fitted, posterior }) =>
      // The prior of a cold start is of numbers, and what stands in trains no policy.
      passing || (fitted?.coldStart === true && isOfClassLabels(session.start))
        ? TE.right(undefined)
        : policyFor(session, batchSize, pool, posterior, control),
    ),
    TE.bind('proposal', ({ fitted, posterior, start }) =>
      by(engine, posterior, {
        ...optionsOf(session, fitted?.coldStart === true, options),
        ...present({ start }),
      }),
    ),
    TE.map(({ fitted, posterior, proposal }) => ({
      ...{ proposal, posterior, kept: !passing },
      ...toldOf(fitted),
      ...present({
        expected:
          fitted === undefined || fitted.coldStart
            ? undefined
            : expectationOf(posterior, proposal.best.indices),
      }),
    })),
  );
};

const proposedForSeveral = (
  engine: Engine,
  session: Session,
  pool: readonly number[],
  options: AskOptions,
): TE.TaskEither<Failure, Chosen> =>
  options.candidates === undefined
    ? pipe(
        outputsOver(session, pool, watchedBy(options)),
        TE.bindTo('outputs'),
        TE.bind('proposal', ({ outputs }) =>
          proposeForOutputs(
            engine,
            outputs,
            optionsOf(
              session,
              outputs.every(({ fitted }) => fitted.coldStart),
              options,
            ),
            options.propose,
          ),
        ),
        TE.map(({ outputs, proposal }) => ({ proposal, outputs, kept: false })),
      )
    : TE.left(inputFailure(oneTargetOnly('candidates', 'parts are scanned for one')));

const propose = (
  engine: Engine,
  session: Session,
  within: Session,
  pool: readonly number[],
  options: AskOptions,
): TE.TaskEither<Failure, Answer> =>
  pipe(
    session.start.furtherTargets === undefined
      ? proposedForOne(engine, session, within, pool, options)
      : proposedForSeveral(engine, session, pool, options),
    TE.chainEitherKW(({ kept, expected, ...chosen }) => {
      const { best, trained } = chosen.proposal;
      return pipe(
        asked(
          ...([session, within, pool] as const),
          { best, ...present({ trained: kept ? trained : undefined }) },
          present({
            ...{ predictions: options.predictions, expected },
            outputs: chosen.outputs && expectedOutputs(chosen.outputs, best.indices),
          }),
        ),
        E.map((answered): Answer => ({ ...answered, ...chosen, pool })),
      );
    }),
  );

/** Throws where a posterior is given that is none of the pool, or that the session has no use for. */
const checkPosterior = ({ start }: Session, points: number, posterior: Posterior | undefined): void => {
  if (posterior === undefined) return;
  requirePosterior('ask', posterior);
  if (start.surrogate.kind !== 'predictions')
    throw new TypeError('ask: a posterior is given, and the session fits a surrogate; leave one of them out');
  if (posterior.mean.length !== points)
    throw new RangeError(
      `ask: a posterior over ${posterior.mean.length} points, and ${points} rows may be asked for; give one over those of poolOf`,
    );
};

/**
 * Asks for a batch. Fails as the surrogate and the strategy do, with Interrupted once `signal` is aborted, and with an
 * InputFailure where a batch of another size is pending, or the pool is smaller than the batch. Throws a
 * TypeError for what is no engine, no options or no session, and for a posterior where the session fits a surrogate; a RangeError for
 * one of other rows than those that may be asked for.
 */
export const ask =
  (engine: Engine, options: AskOptions) =>
  (session: Session): TE.TaskEither<Failure, Answer> => {
    requireEngine('ask', engine);
    requireSession('ask', session);
    const { onProgress } = membersOf('ask', 'options', options, '{ batchSize } at least');
    if (onProgress !== undefined) requireFunction('ask', 'onProgress', onProgress);
    const { batchSize } = options;
    requireNumber('ask', 'batchSize', batchSize);
    const { batch, pending } = session;
    if (pending.length > 0)
      return batch.length === batchSize
        ? TE.right({ session, rows: pending, pool: poolOf(session) })
        : TE.left(
            refuse(
              `a batch of ${batch.length} is pending, and one of ${batchSize} is asked for${pending.length < batch.length ? `; ${pending.length} of the ${batch.length} are still to be labelled` : ''}`,
              `Tell or skip the rows that are pending first, or ask for ${batch.length}`,
            ),
          );
    checkPosterior(session, poolOf(session).length, options.posterior);
    return pipe(
      TE.fromEither(withCandidates(session, options.candidates)),
      TE.mapLeft((failure): Failure => failure),
      TE.chain((within) => {
        const pool = poolOf(within);
        if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > pool.length)
          return TE.left(
            refuse(
              `a batch of ${batchSize} from a pool of ${pool.length} rows`,
              pool.length === 0
                ? 'The session is at its end'
                : `Give a whole number from 1 to ${pool.length}`,
            ),
          );
        return propose(engine, session, within, pool, options);
      }),
    );
  };
