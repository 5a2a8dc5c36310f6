/**
 * Verification of a policy: train it on a problem, and hold what it then samples against what is known of the target
 * (src/verify/target-answer.ts).
 *
 *  - Where all batches can be listed: the exact distribution of its draws by dynamic programming over subsets, its total
 *    variation and Jensen–Shannon divergence from the target, and a χ² test of drawn batches.
 *  - At any temperature: EUBO = mean log w over draws from the target ≥ log Z (src/verify/eubo.ts); the gap EUBO − ELBO is
 *    zero where the policy is exact, and unlike the ELBO it sees what the policy never visits.
 *  - A test of how often points are in the drawn batches corrected by independence Metropolis–Hastings, whose chain follows
 *    the target whether or not training is finished (src/verify/corrected.ts).
 *  - How log P_T of batches ranks beside their log R, by Spearman's correlation (src/verify/compared.ts).
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import type { BackwardName } from '../gflownet/backward.js';
import { defaultModel } from '../gflownet/defaults.js';
import { modelOf } from '../gflownet/model.js';
import type { ObjectiveName } from '../gflownet/objectives/index.js';
import type { PolicyName } from '../gflownet/policies/index.js';
import type { Problem } from '../gflownet/problem.js';
import { batchesOf, draw, type Draws } from '../gflownet/sample.js';
import type { TrainingProgress } from '../gflownet/train.js';
import type { Certificate } from '../gibbs/certificate.js';
import { split, type Key } from '../random/key.js';
import { comparedBatches, rankCorrelationOf, type Compared } from './compared.js';
import { correctedDraws, drawsForTest, inclusionAgainst, type CorrectedDraws } from './corrected.js';
import { jensenShannon, totalVariation } from './divergence.js';
import { chiSquareTest, type TestResult } from './goodness-of-fit.js';
import type { AnswerKind, TargetAnswer, Uncertified } from './target-answer.js';
import { euboOf } from './eubo.js';
import type { Trained } from './trained.js';
import {
  answerFor,
  streams,
  timed,
  trainedOn,
  type Training,
  type VerificationControl,
  type VerificationOptions,
} from './training.js';
import { present } from '../present.js';

/** log Z of the target, and what the policy's trajectories say of it; nats. */
export interface LogZ {
  /** Where it is exact; null otherwise. */
  readonly exact: number | null;
  /** Where it is estimated, by annealed Gibbs chains; null otherwise. */
  readonly estimate: number | null;
  /** Of that: 0 where it is exact; null where there is no answer. */
  readonly standardError: number | null;
  /** Where it is from; null where pairs of chains did not meet, so that there is no answer. */
  readonly source: AnswerKind | null;
  /** Mean log weight of the policy's trajectories. */
  readonly elbo: number;
  /** Mean log weight of batches of the target, in orders from the backward policy; null where there is no answer. */
  readonly eubo: number | null;
  readonly euboStandardError: number | null;
  /** log mean weight of the policy's trajectories: below log Z in expectation, and far below where it leaves some out. */
  readonly importance: number;
}

/** The outcome; null where the problem has no such answer. Nats and seconds. */
export interface Verification {
  readonly policy: PolicyName;
  readonly objective: ObjectiveName;
  readonly backward: BackwardName;
  readonly totalVariation: number | null;
  readonly jensenShannon: number | null;
  readonly logZ: LogZ;
  /** Of the Gibbs draws that stand for the target; null where it is known exactly. */
  readonly certificate: Certificate | null;
  /** Over trajectories, which are batches with an order. */
  readonly effectiveSampleSize: number;
  /** Of drawn batches against the target. */
  readonly chiSquare: TestResult | null;
  /** Of how often each point is in the drawn batches, against the target. */
  readonly inclusion: TestResult | null;
  /** Metropolis–Hastings over draws, of more than those above where its test wants them: at most sixteen times as many. */
  readonly corrected: CorrectedDraws;
  /** Spearman's correlation of log P_T with log R; null where all of a side are equal. */
  readonly rankCorrelation: number | null;
  /** Of training (what its teacher draws included), and of drawing. */
  readonly seconds: { readonly train: number; readonly draw: number };
}

/** A verification with what a picture of it needs (src/report). */
export interface VerificationTrace extends Verification, Compared {
  /** What training reported. */
  readonly history: readonly TrainingProgress[];
}

/** Most draws for the test of corrected ones, as a multiple of those asked for. */
const maxMore = 16;

/** Counts of drawn batches by their place in the list of all. */
const countsOf = (draws: Draws, { order }: NonNullable<TargetAnswer['listed']>): Float64Array => {
  const counts = new Float64Array(order.count);
  for (const batch of batchesOf(draws)) {
    const row = order.rowOf(batch);
    counts[row] = (counts[row] ?? NaN) + 1;
  }
  return counts;
};

/** Draws of a policy; more of them where the test of corrected ones wants more and sixteen times as many suffice. */
const drawsToCorrect = (
  { engine, model, problem, parameters }: Trained,
  draws: Draws,
  answer: TargetAnswer | undefined,
  key: Key,
): TE.TaskEither<Failure, Draws> => {
  if (answer === undefined) return TE.right(draws);
  const wanted = drawsForTest(draws, answer, split(key, streams.correct));
  return wanted <= draws.count || wanted > maxMore * draws.count
    ? TE.right(draws)
    : draw(engine, model, problem, parameters, wanted, split(key, streams.more));
};

/** log Z of an answer, as far as it goes. */
const known = (
  answer: TargetAnswer | undefined,
): Pick<LogZ, 'exact' | 'estimate' | 'standardError' | 'source'> =>
  answer === undefined
    ? { exact: null, estimate: null, standardError: null, source: null }
    : {
        exact: answer.kind === 'gibbs' ? null : answer.logZ,
        estimate: answer.kind === 'gibbs' ? answer.logZ : null,
        standardError: answer.standardError,
        source: answer.kind,
      };

/** What a policy that has been trained comes to beside an answer. */
const judged = (
  training: Training,
  found: TargetAnswer | Uncertified,
  options: VerificationOptions,
  key: Key,
): TE.TaskEither<Failure, Omit<VerificationTrace, 'seconds'> & { readonly drawing: number }> => {
  const { trained, history } = training;
  const { engine, model, problem, parameters } = trained;
  const answer = found.kind === 'uncertified' ? undefined : found;
  const { policy, objective, backward = 'uniform' } = options;
  return pipe(
    timed(draw(engine, model, problem, parameters, options.draws, split(key, streams.draw))),
    TE.bindTo('drawn'),
    TE.bind('eubo', () =>
      answer === undefined ? TE.right(undefined) : euboOf(trained, answer, split(key, streams.eubo)),
    ),
    TE.bind('compared', ({ drawn }) =>
      comparedBatches(trained, answer, drawn.value, split(key, streams.compare)),
    ),
    TE.bind('toCorrect', ({ drawn }) => drawsToCorrect(trained, drawn.value, answer, key)),
    TE.map(({ drawn, eubo, compared, toCorrect }) => {
      const draws = drawn.value;
      const { elbo, logZ: importance, effectiveSampleSize } = draws.estimates;
      const { learned, target } = compared.probabilities ?? {};
      const both = learned !== undefined && target !== undefined;
      const listed = answer?.listed;
      return {
        ...{ policy, objective, backward, effectiveSampleSize },
        totalVariation: both ? totalVariation(learned, target) : null,
        jensenShannon: both ? jensenShannon(learned, target) : null,
        logZ: {
          ...{ ...known(answer), elbo, importance },
          ...{ eubo: eubo?.mean ?? null, euboStandardError: eubo?.standardError ?? null },
        },
        certificate: found.certificate,
        chiSquare:
          listed === undefined ? null : chiSquareTest(countsOf(draws, listed), listed.target.probabilities),
        inclusion:
          answer === undefined ? null : inclusionAgainst(answer, batchesOf(draws), 1, draws.poolSize),
        corrected: {
          ...correctedDraws(toCorrect, answer, split(key, streams.correct)),
          acceptance: correctedDraws(draws, undefined, split(key, streams.correct)).acceptance,
        },
        rankCorrelation: rankCorrelationOf(compared),
        ...{ ...compared, history, drawing: drawn.seconds },
      };
    }),
  );
};

/** Trains and verifies. Fails as the answer, training and drawing do. */
export const verifyProblem = (
  engine: Engine,
  problem: Problem,
  options: VerificationOptions,
  key: Key,
  control: VerificationControl = {},
): TE.TaskEither<Failure, VerificationTrace> => {
  const { policy, backward = 'uniform' } = options;
  const { answer, onAnswering, signal } = control;
  const model = modelOf({ ...defaultModel(policy, problem).shape, backward });
  const untrained: Trained = { engine, model, problem, parameters: new Float64Array(model.size) };
  const answering =
    answer === undefined
      ? answerFor(problem, key, present({ onProgress: onAnswering, signal }), { engine })
      : TE.right(answer);
  return pipe(
    answering,
    TE.bindTo('found'),
    TE.bind('training', () => trainedOn(untrained, options, key, control)),
    TE.bind('judged', ({ training, found }) => judged(training, found, options, key)),
    TE.map(({ training, judged: { drawing, ...trace } }): VerificationTrace => ({
      ...trace,
      seconds: { train: training.seconds, draw: drawing },
    })),
  );
};
