/**
 * What is said about verifications? The object that --json prints, one a policy and objective, and the problem in words.
 * Nats and seconds.
 */
import type { RewardName } from '../reward/index.js';
import type { Verification, VerificationTrace } from '../verify/verification.js';
import { reportedEngine, type BatchProblem, type ReportedEngine } from './batch-report.js';
import type { Fitted } from './fit-posterior.js';
import type { ReportedSurrogate } from './reported-surrogate.js';
import type { VerifyOptions, VerifyPlan } from './verify-plan.js';

/** The pool that batches are drawn from. */
type ReportedPool =
  | { readonly kind: 'matern' }
  | {
      readonly kind: 'file';
      readonly source: string;
      readonly target: string;
      readonly features: readonly string[];
      readonly labelled: number;
    };

/** A problem as it is told. */
export type ReportedProblem = ReportedPool & {
  readonly poolSize: number;
  /** M, where batches are drawn from a part of the pool: the target is then that part's. */
  readonly candidates?: number;
  readonly batchSize: number;
  readonly smallestBatch: number;
  readonly pointCost: number;
  readonly temperature: number;
  /** Where it is not joint mutual information. */
  readonly reward?: RewardName;
  readonly seed: number;
};

/** How the policy came about. */
export interface ReportedTraining {
  readonly iterations: number;
  readonly trajectories: number;
  /** Past trajectories an iteration. */
  readonly replayed: number;
  /** Draws from the target imitated an iteration. */
  readonly taught: number;
  readonly forwardLooking: boolean;
  readonly draws: number;
}

/** A verification with what was verified. */
export interface VerificationReport extends Verification, ReportedTraining {
  readonly problem: ReportedProblem;
  readonly engine: ReportedEngine;
  /** Of a file alone. */
  readonly surrogate?: ReportedSurrogate;
}

/** The problem: `source` is the file's, where there is one. */
export const reportedProblem = (
  { pointCost, temperature, seed, candidates, reward }: VerifyOptions,
  { batchSize, smallestBatch }: VerifyPlan,
  poolSize: number,
  source: BatchProblem | undefined,
): ReportedProblem => ({
  ...(source === undefined
    ? { kind: 'matern' as const }
    : {
        kind: 'file' as const,
        source: source.source,
        target: source.targetName,
        features: source.featureNames,
        labelled: source.labelled.targets.length,
      }),
  ...(candidates === undefined || candidates >= poolSize ? {} : { candidates }),
  ...{ poolSize, batchSize, smallestBatch, pointCost, temperature, seed },
  ...(reward === undefined || reward === 'information' ? {} : { reward }),
});

/** What the options say of training. */
export const reportedTraining = ({
  iterations,
  trajectories,
  replay,
  teacher,
  plainFlows,
  draws,
}: VerifyOptions): ReportedTraining => ({
  ...{ iterations, trajectories, draws },
  replayed: replay ?? 0,
  taught: teacher,
  forwardLooking: !plainFlows,
});

/** A verification without what only a picture needs. */
const outcomeOf = (trace: VerificationTrace): Verification => ({
  policy: trace.policy,
  objective: trace.objective,
  backward: trace.backward,
  totalVariation: trace.totalVariation,
  jensenShannon: trace.jensenShannon,
  logZ: trace.logZ,
  certificate: trace.certificate,
  effectiveSampleSize: trace.effectiveSampleSize,
  chiSquare: trace.chiSquare,
  inclusion: trace.inclusion,
  corrected: trace.corrected,
  rankCorrelation: trace.rankCorrelation,
  seconds: trace.seconds,
});

/** The report of a verification; of a file with its surrogate. */
export const verificationReport = (
  trace: VerificationTrace,
  problem: ReportedProblem,
  training: ReportedTraining,
  engine: ReportedEngine,
  fitted: Fitted | undefined,
): VerificationReport => ({
  ...outcomeOf(trace),
  problem,
  ...training,
  engine: reportedEngine(engine),
  ...(fitted === undefined ? {} : { surrogate: fitted.surrogate }),
});

const poolInWords = (problem: ReportedProblem): string => {
  const points = `${problem.poolSize} point${problem.poolSize === 1 ? '' : 's'}`;
  const among = problem.candidates === undefined ? '' : `${problem.candidates} candidates among `;
  return problem.kind === 'matern'
    ? `${among}${points} (1-D Matérn-5/2)`
    : `${among}the ${problem.poolSize} unlabelled line${problem.poolSize === 1 ? '' : 's'} of ${problem.source}`;
};

/** The problem in words: sizes, cost, pool and temperature. */
export const problemInWords = (problem: ReportedProblem): string => {
  const { batchSize, smallestBatch, pointCost, temperature, reward } = problem;
  const sizes = smallestBatch === batchSize ? String(batchSize) : `${smallestBatch} to ${batchSize}`;
  const cost = pointCost > 0 ? `, each point at ${pointCost} nats,` : '';
  const by = reward === undefined ? '' : ` by ${reward}`;
  return `Batches of ${sizes}${cost} from ${poolInWords(problem)} at T = ${temperature}${by}`;
};

/** How the policies came about, in words. */
export const trainingInWords = (
  { iterations, trajectories, replayed, taught, forwardLooking }: ReportedTraining,
  { backward }: Verification,
  { kind, description, software }: ReportedEngine,
): string =>
  [
    `${iterations} iterations of ${trajectories} trajectories`,
    ...(replayed > 0 ? [`${replayed} more replayed`] : []),
    ...(taught > 0 ? [`${taught} more taught`] : []),
    ...(backward === 'learned' ? ['backward policy learned'] : []),
    ...(forwardLooking ? [] : ['plain state flows']),
    `engine ${kind === description ? kind : `${kind}: ${description}${software ? ' (software)' : ''}`}`,
  ].join(', ');
