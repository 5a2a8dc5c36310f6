/** What a policy proposes in a round, held against the target there, and the record of that. */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Proposal } from '../../acquisition/strategy.js';
import { at } from '../../at.js';
import type { Failure } from '../../failure.js';
import { split } from '../../random/key.js';
import { present } from '../../present.js';
import type { RunRecord } from '../record.js';
import type { Experiment } from './experiment.js';
import { euboAgainst, targetOn } from './held-against.js';
import type { PolicyContext, RoundSnapshot } from './policies.js';
import { meanInformation } from './asked-batch.js';

/** Which child of a round's key the target's batches are drawn from. */
const heldStream = 0x6865;

/** The name of the policy that the others are compared with, and whose batches are labelled. */
export const SCRATCH = 'scratch';

/** Where a round stands: how many labels there are, how long the surrogate took to fit, and what policies see. */
export interface Situation {
  readonly labels: number;
  readonly fitSeconds: number;
  readonly moment: RoundSnapshot;
}

/** The ELBO in nats; NaN where a strategy has none. */
const elboOf = (logPartition: Proposal['logPartition']): number => logPartition?.elbo ?? NaN;

/** What a policy proposes, and its EUBO in nats; NaN where there is none. */
export interface Judged {
  readonly proposal: Proposal;
  readonly eubo: number;
}

/** The record of a policy, its metrics beside the one trained from scratch. */
export const recordOf = (
  { name: experiment, fingerprint }: Experiment,
  seed: number,
  round: number,
  { labels, fitSeconds, moment }: Situation,
  strategy: string,
  { proposal: { best, greedy, random, drawn, logPartition, seconds }, eubo }: Judged,
  { proposal: scratch, eubo: scratchEubo }: Judged,
): RunRecord => ({
  ...{ experiment, strategy, seed, round, labels },
  batch: best.indices.map((index) => at(moment.left, index)),
  jointMutualInformation: {
    batch: best.jointMutualInformation,
    greedy: greedy.jointMutualInformation,
    random: random.mean,
    drawn: meanInformation(drawn),
  },
  metrics: {
    informationRatio: best.jointMutualInformation / scratch.best.jointMutualInformation,
    drawnRatio: meanInformation(drawn) / meanInformation(scratch.drawn),
    elboDifference: elboOf(logPartition) - elboOf(scratch.logPartition),
    ...(Number.isFinite(eubo - scratchEubo) ? { euboDifference: eubo - scratchEubo } : {}),
  },
  seconds: { fit: fitSeconds, propose: seconds.train + seconds.draw },
  picture: null,
  fingerprint,
});

/** Judges proposals in a round by one sample of the target, of the temperature that the policy trained from scratch took. */
export const judgeOn = (
  { posterior }: RoundSnapshot,
  { temperature }: Proposal,
  { engine, key, batchSize, signal }: PolicyContext,
): TE.TaskEither<Failure, (proposal: Proposal) => TE.TaskEither<Failure, Judged>> => {
  const own = split(key, heldStream);
  return pipe(
    targetOn(posterior, { ...{ batchSize, temperature, key: own, engine }, ...present({ signal }) }),
    TE.map(
      (held) => (proposal) =>
        pipe(
          euboAgainst(engine, held, proposal.trained, own),
          TE.map((eubo) => ({ proposal, eubo })),
        ),
    ),
  );
};
