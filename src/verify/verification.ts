/**
 * Verification of a policy: train it on a problem, and hold what it then samples against the exact answer.
 *
 *  - Where all batches can be listed: the exact distribution of its draws by dynamic programming over subsets, its total
 *    variation and Jensen–Shannon divergence from the target, and a χ² test of drawn batches.
 *  - With exact draws: EUBO = mean log w over them ≥ log Z (src/verify/eubo.ts); the gap EUBO − ELBO is zero where the
 *    policy is exact, and unlike the ELBO it sees what the policy never visits.
 *  - With exact inclusion probabilities: a test of the drawn batches corrected by independence Metropolis–Hastings, whose
 *    chain follows the target whether or not training is finished (src/verify/corrected.ts).
 *  - Always: how log P_T of batches ranks beside their log R, by Spearman's correlation (src/verify/compared.ts).
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import type { BackwardName } from '../gflownet/backward.js';
import { defaultModel, defaultTeacher, defaultTraining } from '../gflownet/defaults.js';
import { modelOf } from '../gflownet/model.js';
import type { ObjectiveName } from '../gflownet/objectives/index.js';
import type { PolicyName } from '../gflownet/policies/index.js';
import type { Problem } from '../gflownet/problem.js';
import { batchesOf, draw, type Draws } from '../gflownet/sample.js';
import { startTraining } from '../gflownet/start.js';
import { train, type TrainingControl, type TrainingProgress } from '../gflownet/train.js';
import type { TrainingOptions } from '../gflownet/training-program.js';
import { split, type Key } from '../random/key.js';
import { comparedBatches, rankCorrelationOf, type Compared } from './compared.js';
import { correctedDraws, type CorrectedDraws } from './corrected.js';
import { jensenShannon, totalVariation } from './divergence.js';
import { exactAnswer, type ExactAnswer } from './exact-answer.js';
import { chiSquareTest, type TestResult } from './goodness-of-fit.js';
import { euboOf } from './eubo.js';
import type { Trained } from './trained.js';

/** What to verify, and how hard. */
export interface VerificationOptions {
  readonly policy: PolicyName;
  readonly objective: ObjectiveName;
  /** Uniform if left out. */
  readonly backward?: BackwardName;
  readonly forwardLooking: boolean;
  readonly iterations: number;
  readonly trajectories: number;
  /** Past trajectories replayed an iteration, from the last 64 iterations; 0 if left out. */
  readonly replayed?: number;
  /** Draws from the target imitated an iteration; as the policy's default training has it if left out, 0 for none. */
  readonly taught?: number;
  /** Batches drawn from the trained policy. */
  readonly draws: number;
}

/** The outcome; null where the problem has no such answer. Nats and seconds. */
export interface Verification {
  readonly policy: PolicyName;
  readonly objective: ObjectiveName;
  readonly backward: BackwardName;
  readonly totalVariation: number | null;
  readonly jensenShannon: number | null;
  readonly logZ: {
    readonly exact: number | null;
    readonly elbo: number;
    readonly eubo: number | null;
    readonly importance: number;
  };
  readonly effectiveSampleSize: number;
  /** Of drawn batches against the target. */
  readonly chiSquare: TestResult | null;
  /** Metropolis–Hastings over the draws: the part of proposals accepted, and the test of its inclusion frequencies. */
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

/** Steps between reports, and so between points of the history, where the control does not say. */
const chunk = 10;

/** Trajectories kept for replay, in iterations. */
const remembered = 64;

/** The children of a verification's key, one for each use. */
const streams = { train: 0, draw: 1, eubo: 2, compare: 3, correct: 4 } as const;

const clock = (): number => performance.now() / 1000;

interface Timed<A> {
  readonly value: A;
  readonly seconds: number;
}

/** An effect with the seconds that it took. */
const timed = <A>(effect: TE.TaskEither<Failure, A>): TE.TaskEither<Failure, Timed<A>> =>
  pipe(
    TE.fromIO<number, Failure>(clock),
    TE.chain((started) =>
      pipe(
        effect,
        TE.map((value) => ({ value, seconds: clock() - started })),
      ),
    ),
  );

/** Counts of drawn batches by their place in the list of all. */
const countsOf = (draws: Draws, { order }: NonNullable<ExactAnswer['listed']>): Float64Array => {
  const counts = new Float64Array(order.count);
  for (const batch of batchesOf(draws)) {
    const row = order.rowOf(batch);
    counts[row] = (counts[row] ?? 0) + 1;
  }
  return counts;
};

const trainingOf = ({
  policy,
  objective,
  forwardLooking,
  iterations,
  trajectories,
  replayed = 0,
  taught,
}: VerificationOptions): TrainingOptions => {
  const { teacher, ...preset } = defaultTraining(policy);
  const count = taught ?? teacher?.trajectories ?? 0;
  return {
    ...preset,
    ...{ objective, forwardLooking, iterations, trajectories },
    ...(count > 0 ? { teacher: { ...defaultTeacher, ...teacher, trajectories: count } } : {}),
    ...(replayed > 0 ? { replay: { trajectories: replayed, capacity: remembered * trajectories } } : {}),
  };
};

/** What training makes, and what it reported on the way. */
interface Training {
  readonly trained: Trained;
  readonly history: readonly TrainingProgress[];
}

const trainedOn = (
  untrained: Trained,
  options: VerificationOptions,
  key: Key,
  control: TrainingControl,
): TE.TaskEither<Failure, Training> => {
  const { engine, model, problem } = untrained;
  const history: TrainingProgress[] = [];
  return pipe(
    startTraining(engine, model, problem, options.forwardLooking, split(key, streams.train)),
    TE.chain((start) =>
      train(engine, model, problem, trainingOf(options), start, {
        chunk,
        ...control,
        onProgress: (progress) => {
          history.push(progress);
          control.onProgress?.(progress);
        },
      }),
    ),
    TE.map(({ parameters }) => ({ trained: { ...untrained, parameters }, history })),
  );
};

/** Trains and verifies. Fails as training, drawing and the exact answers do. */
export const verifyProblem = (
  engine: Engine,
  problem: Problem,
  options: VerificationOptions,
  key: Key,
  control: TrainingControl = {},
): TE.TaskEither<Failure, VerificationTrace> => {
  const { policy, objective, backward = 'uniform' } = options;
  const model = modelOf({ ...defaultModel(policy, problem).shape, backward });
  const untrained: Trained = { engine, model, problem, parameters: new Float64Array(model.size) };
  return pipe(
    TE.fromIOEither(() => exactAnswer(problem)),
    TE.bindTo('exact'),
    TE.bind('training', () => timed(trainedOn(untrained, options, key, control))),
    TE.bind(
      'drawn',
      ({
        training: {
          value: { trained },
        },
      }) => timed(draw(engine, model, problem, trained.parameters, options.draws, split(key, streams.draw))),
    ),
    TE.bind(
      'eubo',
      ({
        exact,
        training: {
          value: { trained },
        },
      }) => (exact === undefined ? TE.right(null) : euboOf(trained, exact, split(key, streams.eubo))),
    ),
    TE.bind(
      'compared',
      ({
        exact,
        training: {
          value: { trained },
        },
        drawn,
      }) => comparedBatches(trained, exact, drawn.value, split(key, streams.compare)),
    ),
    TE.map(({ exact, training, drawn, eubo, compared }): VerificationTrace => {
      const draws = drawn.value;
      const { elbo, logZ, effectiveSampleSize } = draws.estimates;
      const { learned, target } = compared.probabilities ?? {};
      const known = learned !== undefined && target !== undefined;
      const listed = exact?.listed;
      return {
        policy,
        objective,
        backward,
        totalVariation: known ? totalVariation(learned, target) : null,
        jensenShannon: known ? jensenShannon(learned, target) : null,
        logZ: { exact: exact?.logZ ?? null, elbo, eubo, importance: logZ },
        effectiveSampleSize,
        chiSquare:
          listed === undefined ? null : chiSquareTest(countsOf(draws, listed), listed.target.probabilities),
        corrected: correctedDraws(draws, exact?.inclusion, split(key, streams.correct)),
        rankCorrelation: rankCorrelationOf(compared),
        seconds: { train: training.seconds, draw: drawn.seconds },
        ...compared,
        history: training.value.history,
      };
    }),
  );
};
