/**
 * Verification of a policy: train it on a problem, and hold what it then samples against the exact answer.
 *
 *  - Where all batches can be listed: the exact distribution of its draws by dynamic programming over subsets, its total
 *    variation and Jensen–Shannon divergence from the target, and a χ² test of drawn batches.
 *  - With exact draws: EUBO = mean log w over them ≥ log Z (Blessing et al. 2024, arXiv 2406.07423); the gap EUBO − ELBO
 *    is zero where the policy is exact, and unlike the ELBO it sees what the policy never visits.
 *  - With exact inclusion probabilities: a test of the drawn batches corrected by independence Metropolis–Hastings, whose
 *    chain follows the target whether or not training is finished.
 *  - Always: how log P_T of batches that were not trained on ranks beside their log R (Spearman).
 */
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import type { BackwardName } from '../gflownet/backward.js';
import { metropolisHastings } from '../gflownet/correction.js';
import { defaultModel, defaultTraining } from '../gflownet/defaults.js';
import { exactDistribution } from '../gflownet/exact/policy.js';
import { modelOf } from '../gflownet/model.js';
import type { ObjectiveName } from '../gflownet/objectives/index.js';
import { drawOrders } from '../gflownet/orders.js';
import type { PolicyName } from '../gflownet/policies/index.js';
import { batchSizes, logReward, type Problem } from '../gflownet/problem.js';
import { batchesOf, draw, logRatiosOfOrders, type Draws } from '../gflownet/sample.js';
import { startTraining } from '../gflownet/start.js';
import { imitate, train, type TrainingControl, type TrainingProgress } from '../gflownet/train.js';
import { split, uniforms, type Key } from '../random/key.js';
import { uniformSubset } from '../random/subset.js';
import { jensenShannon, totalVariation } from './divergence.js';
import { exactAnswer, type ExactAnswer } from './exact-answer.js';
import { chiSquareTest, type TestResult } from './goodness-of-fit.js';
import { inclusionTest } from './inclusion-test.js';
import { logProbabilitiesOf, type Trained } from './trained.js';
import { spearman } from './rank-correlation.js';

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
  /** Iterations of imitation of exact draws before training, where there are exact draws; 0 if left out. */
  readonly teacher?: number;
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
  readonly corrected: { readonly acceptance: number; readonly inclusion: TestResult | null };
  /** Spearman's correlation of log P_T with log R. */
  readonly rankCorrelation: number;
  readonly seconds: { readonly train: number; readonly draw: number };
}

/** A verification with what a picture of it needs (src/report). */
export interface VerificationTrace extends Verification {
  /** Of all batches, in one order. */
  readonly probabilities: { readonly target: Float64Array; readonly learned: Float64Array } | undefined;
  /** Of batches that were not trained on, where not all can be listed; nats. */
  readonly heldOut: { readonly logReward: Float64Array; readonly logLearned: Float64Array } | undefined;
  /** What training reported. */
  readonly history: readonly TrainingProgress[];
}

/** Exact draws for the EUBO, and for a teacher. */
const exactDraws = 1024;
const taught = 16_384;

/** Batches whose ranks are compared where not all can be listed: half of them uniform, half exact or drawn. */
const heldOutBatches = 64;

/** Steps between reports, and so points of the history. */
const chunk = 10;

/** Draws in a block of the chain that the inclusion test takes as independent; the chain forgets in about 1 / acceptance. */
const blockLength = (acceptance: number): number => Math.max(10, Math.ceil(10 / Math.max(acceptance, 1e-3)));

const clock = (): number => performance.now() / 1000;

/** Counts of drawn batches by their place in the list of all. */
const countsOf = (draws: Draws, { order }: NonNullable<ExactAnswer['listed']>): Float64Array => {
  const counts = new Float64Array(order.count);
  for (const batch of batchesOf(draws)) {
    const row = order.rowOf(batch);
    counts[row] = (counts[row] ?? 0) + 1;
  }
  return counts;
};

/** The chain through the draws, and how its points agree with the exact inclusion probabilities. */
const correctedBy = (draws: Draws, exact: ExactAnswer | undefined, key: Key): Verification['corrected'] => {
  const { positions, acceptance } = metropolisHastings(draws.logWeights, key);
  const batches = batchesOf(draws);
  const length = blockLength(acceptance);
  const enough = draws.count >= 20 * length;
  return {
    acceptance,
    inclusion:
      exact === undefined || !enough
        ? null
        : inclusionTest(
            Array.from(positions, (at) => batches[at] ?? []),
            exact.inclusion(),
            { blockLength: length },
          ),
  };
};

/** Uniform batches of uniform sizes. */
const uniformBatches = (problem: Problem, key: Key, count: number): readonly (readonly number[])[] => {
  const [smallest, largest] = batchSizes(problem);
  return Array.from(uniforms(split(key, 0), count), (u, i) =>
    uniformSubset(
      split(split(key, 1), i),
      problem.whitened.rows,
      smallest + Math.floor(u * (largest - smallest + 1)),
    ),
  );
};

/** Exact draws in orders from the backward policy: trajectories of the target. */
const exactOrders = (
  { engine, model, problem, parameters }: Trained,
  exact: ExactAnswer,
  count: number,
  key: Key,
): TE.TaskEither<
  Failure,
  { readonly batches: readonly (readonly number[])[]; readonly orders: Uint32Array }
> => {
  const batches = exact.sample(split(key, 0), count);
  return pipe(
    drawOrders(engine, model, problem, parameters, batches, split(key, 1)),
    TE.map((orders) => ({ batches, orders })),
  );
};

const euboOf = (
  trained: Trained,
  exact: ExactAnswer | undefined,
  key: Key,
): TE.TaskEither<Failure, number | null> => {
  if (exact === undefined) return TE.right(null);
  const { engine, model, problem, parameters } = trained;
  return pipe(
    exactOrders(trained, exact, exactDraws, key),
    TE.chain(({ batches, orders }) =>
      pipe(
        logRatiosOfOrders(engine, model, problem, parameters, orders),
        TE.map((logs) =>
          batches.reduce(
            (total, batch, i) => total + (logReward(problem, batch) + (logs[i] ?? 0)) / batches.length,
            0,
          ),
        ),
      ),
    ),
  );
};

/** log R and log P_T of batches, all or some held out. */
const comparedBatches = (
  trained: Trained,
  exact: ExactAnswer | undefined,
  draws: Draws,
  key: Key,
): TE.TaskEither<Failure, Pick<VerificationTrace, 'probabilities' | 'heldOut'>> => {
  const { engine, model, problem, parameters } = trained;
  if (exact?.listed !== undefined) {
    const target = exact.listed.target.probabilities;
    return pipe(
      exactDistribution(engine, model, problem, parameters),
      TE.map((learned) => ({ probabilities: { target, learned }, heldOut: undefined })),
    );
  }
  const half = heldOutBatches / 2;
  const batches = [
    ...uniformBatches(problem, split(key, 0), half),
    ...(exact?.sample(split(key, 1), half) ?? batchesOf(draws).slice(0, half)),
  ];
  return pipe(
    logProbabilitiesOf(trained, batches, split(key, 2)),
    TE.map((logLearned) => ({
      probabilities: undefined,
      heldOut: { logReward: Float64Array.from(batches, (batch) => logReward(problem, batch)), logLearned },
    })),
  );
};

/** A start that has imitated exact draws, where it is asked for and there are any. */
const taughtStart = (
  trained: Trained,
  exact: ExactAnswer | undefined,
  { teacher = 0, policy, trajectories }: VerificationOptions,
  key: Key,
  control: TrainingControl,
): TE.TaskEither<Failure, Trained['parameters'] | undefined> => {
  if (exact === undefined || teacher === 0) return TE.right(undefined);
  const { engine, model, problem } = trained;
  return pipe(
    TE.Do,
    TE.bind('start', () => startTraining(engine, model, problem, true, key)),
    TE.bind('given', ({ start }) =>
      exactOrders({ ...trained, parameters: start.parameters }, exact, taught, key),
    ),
    TE.chain(({ start, given }) =>
      imitate(
        engine,
        model,
        problem,
        given.orders,
        { iterations: teacher, trajectories, learningRate: defaultTraining(policy).learningRate },
        start,
        control.signal === undefined ? {} : { signal: control.signal },
      ),
    ),
    TE.map(({ parameters }) => parameters),
  );
};

/**
 * Trains and verifies. Fails as training, drawing and the exact answers do.
 */
export const verifyProblem = (
  engine: Engine,
  problem: Problem,
  options: VerificationOptions,
  key: Key,
  control: TrainingControl = {},
): TE.TaskEither<Failure, VerificationTrace> => {
  const {
    policy,
    objective,
    backward = 'uniform',
    forwardLooking,
    iterations,
    trajectories,
    draws,
  } = options;
  const { replayed = 0 } = options;
  const model = modelOf({ ...defaultModel(policy, problem).shape, backward });
  const training = {
    ...defaultTraining(policy),
    ...{ objective, forwardLooking, iterations, trajectories },
    ...(replayed > 0 ? { replay: { trajectories: replayed, capacity: 64 * trajectories } } : {}),
  };
  const untrained: Trained = { engine, model, problem, parameters: new Float64Array(model.size) };
  const started = clock();
  const history: TrainingProgress[] = [];
  const watched: TrainingControl = {
    chunk,
    ...control,
    onProgress: (progress) => {
      history.push(progress);
      control.onProgress?.(progress);
    },
  };
  return pipe(
    TE.fromEither(exactAnswer(problem)),
    TE.bindTo('exact'),
    TE.bind('warm', ({ exact }) => taughtStart(untrained, exact, options, split(key, 5), control)),
    TE.bind('start', ({ warm }) =>
      startTraining(engine, model, problem, forwardLooking, split(key, 0), warm),
    ),
    TE.bind('state', ({ start }) => train(engine, model, problem, training, start, watched)),
    TE.let('trained', ({ state }): Trained => ({ ...untrained, parameters: state.parameters })),
    TE.let('ready', clock),
    TE.bind('drawn', ({ state }) => draw(engine, model, problem, state.parameters, draws, split(key, 1))),
    TE.let('drew', clock),
    TE.bind('eubo', ({ exact, trained }) => euboOf(trained, exact, split(key, 2))),
    TE.bind('compared', ({ exact, trained, drawn }) => comparedBatches(trained, exact, drawn, split(key, 3))),
    TE.map(({ exact, ready, drawn, drew, eubo, compared }): VerificationTrace => {
      const { elbo, logZ, effectiveSampleSize } = drawn.estimates;
      const { probabilities, heldOut } = compared;
      const listed = exact?.listed;
      return {
        policy,
        objective,
        backward,
        totalVariation:
          probabilities === undefined ? null : totalVariation(probabilities.learned, probabilities.target),
        jensenShannon:
          probabilities === undefined ? null : jensenShannon(probabilities.learned, probabilities.target),
        logZ: { exact: exact?.logZ ?? null, elbo, eubo, importance: logZ },
        effectiveSampleSize,
        chiSquare:
          listed === undefined ? null : chiSquareTest(countsOf(drawn, listed), listed.target.probabilities),
        corrected: correctedBy(drawn, exact, split(key, 4)),
        rankCorrelation: spearman(
          probabilities?.target ?? heldOut?.logReward ?? [],
          probabilities?.learned ?? heldOut?.logLearned ?? [],
        ),
        seconds: { train: ready - started, draw: drew - ready },
        ...compared,
        history,
      };
    }),
  );
};
