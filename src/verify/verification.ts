/**
 * Verification of a policy: train it on a problem, and hold what it then samples against the exact answer.
 *
 *  - Where all C(N, b) batches can be listed: the exact distribution of its draws by dynamic programming over subsets,
 *    its total variation and Jensen–Shannon divergence from the target, and a χ² test of drawn batches.
 *  - At T = ½ on any pool: exact log Z and exact draws from the k-DPP.
 *  - With exact draws: EUBO = mean log w over them ≥ log Z (Blessing et al. 2024, arXiv 2406.07423); the gap EUBO − ELBO
 *    is zero where the policy is exact, and unlike the ELBO it sees what the policy never visits.
 */
import { pipe } from 'fp-ts/lib/function.js';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import { defaultModel, defaultTraining } from '../gflownet/defaults.js';
import { exactDistribution } from '../gflownet/exact/policy.js';
import { logBinomial, ranker, subsetsOf } from '../gflownet/exact/subsets.js';
import { exactTarget, type Target } from '../gflownet/exact/target.js';
import type { ObjectiveName } from '../gflownet/objectives/index.js';
import type { PolicyName } from '../gflownet/policies/index.js';
import type { Problem } from '../gflownet/problem.js';
import { batchesOf, draw, logRatiosOfOrders, type Draws } from '../gflownet/sample.js';
import { startTraining } from '../gflownet/start.js';
import { train, type TrainingControl } from '../gflownet/train.js';
import { firstAbove } from '../linear-algebra/cumulative.js';
import { permutation, split, uniforms, type Key } from '../random/key.js';
import { jointMutualInformation } from '../reward/exact.js';
import { jensenShannon, totalVariation } from './divergence.js';
import { chiSquareTest, type TestResult } from './goodness-of-fit.js';
import { kdpp, kdppBatches } from './kdpp/index.js';

/** What to verify, and how hard. */
export interface VerificationOptions {
  readonly policy: PolicyName;
  readonly objective: ObjectiveName;
  readonly forwardLooking: boolean;
  readonly iterations: number;
  readonly trajectories: number;
  /** Batches drawn from the trained policy. */
  readonly draws: number;
}

/** The outcome; null where the problem has no such answer. Nats and seconds. */
export interface Verification {
  readonly policy: PolicyName;
  readonly objective: ObjectiveName;
  readonly totalVariation: number | null;
  readonly jensenShannon: number | null;
  readonly logZ: {
    readonly exact: number | null;
    readonly elbo: number;
    readonly eubo: number | null;
    readonly importance: number;
  };
  readonly effectiveSampleSize: number;
  readonly chiSquare: TestResult | null;
  readonly seconds: { readonly train: number; readonly draw: number };
}

/** Most batches that are listed. */
const listed = 200_000;

/** Exact draws for the EUBO. */
const exactDraws = 1024;

/** What is known exactly of a problem. */
interface Exact {
  readonly logZ: number;
  /** Batches drawn exactly from the target. */
  readonly sample: (key: Key, count: number) => readonly (readonly number[])[];
  readonly target: Target | undefined;
}

const byListing = (problem: Problem): Exact => {
  const { whitened, batchSize } = problem;
  const target = exactTarget(problem);
  const batches = subsetsOf(whitened.rows, batchSize);
  const cumulative = new Float64Array(target.probabilities.length);
  target.probabilities.reduce((sum, p, i) => (cumulative[i] = sum + p), 0);
  return {
    logZ: target.logZ,
    sample: (key, count) =>
      Array.from(uniforms(key, count), (u) => {
        const row = firstAbove(cumulative, 0, cumulative.length, u);
        return Array.from(batches.subarray(row * batchSize, (row + 1) * batchSize));
      }),
    target,
  };
};

const exactly = (problem: Problem): E.Either<Failure, Exact | undefined> => {
  const { whitened, batchSize, temperature } = problem;
  if (logBinomial(whitened.rows, batchSize) <= Math.log(listed)) return E.right(byListing(problem));
  if (temperature !== 0.5) return E.right(undefined);
  return pipe(
    kdpp(whitened, batchSize),
    E.map((dpp) => ({
      logZ: dpp.logZ,
      sample: (key, count) => kdppBatches(dpp, { count, key }).map(({ indices }) => indices),
      target: undefined,
    })),
  );
};

/** Counts of drawn batches by their place in the list of all. */
const countsOf = (draws: Draws, cells: number): Float64Array => {
  const rank = ranker(draws.poolSize, draws.batchSize);
  const counts = new Float64Array(cells);
  for (const batch of batchesOf(draws)) {
    const row = rank([...batch].sort((a, b) => a - b));
    counts[row] = (counts[row] ?? 0) + 1;
  }
  return counts;
};

const clock = (): number => performance.now() / 1000;

/**
 * Trains and verifies. Fails as training, drawing and the exact answers do.
 */
export const verifyProblem = (
  engine: Engine,
  problem: Problem,
  options: VerificationOptions,
  key: Key,
  control: TrainingControl = {},
): TE.TaskEither<Failure, Verification> => {
  const { whitened, batchSize, temperature } = problem;
  const { policy, objective, forwardLooking, iterations, trajectories, draws } = options;
  const model = defaultModel(policy, problem);
  const training = { ...defaultTraining(policy), objective, forwardLooking, iterations, trajectories };
  const started = clock();
  return pipe(
    TE.fromEither(exactly(problem)),
    TE.bindTo('exact'),
    TE.bind('start', () => startTraining(engine, model, problem, forwardLooking, split(key, 0))),
    TE.bind('state', ({ start }) => train(engine, model, problem, training, start, control)),
    TE.let('trained', clock),
    TE.bind('drawn', ({ state }) => draw(engine, model, problem, state.parameters, draws, split(key, 1))),
    TE.let('drew', clock),
    TE.bind('eubo', ({ exact, state }) => {
      if (exact === undefined) return TE.right(null);
      // Uniformly random orders are the backward policy.
      const batches = exact.sample(split(key, 2), exactDraws);
      const orders = batches.map((batch, i) =>
        Array.from(permutation(split(split(key, 3), i), batchSize), (place) => batch[place] ?? 0),
      );
      return pipe(
        logRatiosOfOrders(engine, model, problem, state.parameters, Uint32Array.from(orders.flat())),
        TE.map((logs): number | null =>
          batches.reduce(
            (total, batch, i) =>
              total +
              (jointMutualInformation(whitened, batch) / temperature + (logs[i] ?? 0)) / batches.length,
            0,
          ),
        ),
      );
    }),
    TE.bind('distribution', ({ exact, state }) =>
      exact?.target === undefined
        ? TE.right(undefined)
        : exactDistribution(engine, model, problem, state.parameters),
    ),
    TE.map(({ exact, trained, drawn, drew, eubo, distribution }): Verification => {
      const { elbo, logZ, effectiveSampleSize } = drawn.estimates;
      const target = exact?.target;
      return {
        policy,
        objective,
        totalVariation:
          target === undefined || distribution === undefined
            ? null
            : totalVariation(distribution, target.probabilities),
        jensenShannon:
          target === undefined || distribution === undefined
            ? null
            : jensenShannon(distribution, target.probabilities),
        logZ: { exact: exact?.logZ ?? null, elbo, eubo, importance: logZ },
        effectiveSampleSize,
        chiSquare:
          target === undefined
            ? null
            : chiSquareTest(countsOf(drawn, target.probabilities.length), target.probabilities),
        seconds: { train: trained - started, draw: drew - trained },
      };
    }),
  );
};
