/**
 * The GFlowNet strategy: train a policy on a posterior, draw many batches from it, and propose the most informative
 * one drawn; with greedy BatchBALD and random batches on the same posterior beside it.
 */
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import { defaultModel, defaultTraining } from '../gflownet/defaults.js';
import type { ObjectiveName } from '../gflownet/objectives/index.js';
import type { PolicyName } from '../gflownet/policies/index.js';
import type { Problem } from '../gflownet/problem.js';
import { batchesOf, draw, type Draws } from '../gflownet/sample.js';
import { startTraining } from '../gflownet/start.js';
import { train } from '../gflownet/train.js';
import type { TrainingOptions } from '../gflownet/training-program.js';
import { keyFromSeed, split } from '../random/key.js';
import { jointMutualInformation, type ScoredBatch } from '../reward/exact.js';
import type { Posterior } from '../surrogate/posterior.js';
import { greedyBatch } from './greedy.js';
import { randomBatches } from './random.js';
import { defaultTemperature } from './temperature.js';

/** How far a stage has come. */
export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly note: string;
}

/** Settings of a proposal; what is left out is decided here. */
export interface ProposalOptions {
  readonly batchSize: number;
  /** T > 0; by default {@link defaultTemperature} of the posterior. */
  readonly temperature?: number;
  readonly policy?: PolicyName;
  readonly objective?: ObjectiveName;
  readonly iterations?: number;
  readonly trajectories?: number;
  readonly seed: number;
  /** Batches to draw from the trained sampler. */
  readonly draws: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** What was proposed, and what it is measured by. Information in nats, time in seconds. */
export interface Proposal {
  /** The most informative of the drawn batches. */
  readonly best: ScoredBatch;
  /** Greedy BatchBALD on the same posterior. */
  readonly greedy: ScoredBatch;
  /** The mean over uniform random batches. */
  readonly random: { readonly mean: number };
  readonly drawn: {
    readonly mean: number;
    readonly best: number;
    readonly count: number;
    readonly jointMutualInformation: readonly number[];
  };
  /** Of the drawn trajectories, as a part of them, in (0, 1]. */
  readonly effectiveSampleSize: number;
  readonly temperature: number;
  /** ELBO and importance estimate of log Z, nats. */
  readonly logPartition: { readonly elbo: number; readonly importance: number };
  readonly iterations: number;
  readonly seconds: { readonly train: number; readonly draw: number };
}

/** Which child of the seed's key this strategy draws from. */
const stream = 0x67666e;

const clock = (): number => performance.now() / 1000;

const mean = (values: readonly number[]): number => values.reduce((total, x) => total + x / values.length, 0);

const bestOf = (posterior: Posterior, draws: Draws): readonly ScoredBatch[] =>
  batchesOf(draws).map((indices) => ({
    indices,
    // Drawn in f32; reported in f64.
    jointMutualInformation: jointMutualInformation(posterior.whitened, indices),
  }));

/**
 * Proposes the batch to label next. Fails as the engine and the training do; with Interrupted once `signal` is aborted.
 * Throws a RangeError where the batch is larger than the pool.
 */
export const proposeBatch = (
  engine: Engine,
  posterior: Posterior,
  options: ProposalOptions,
): TE.TaskEither<Failure, Proposal> => {
  const { batchSize, seed, draws, policy = 'gain', onProgress, signal } = options;
  // A child of its own: data and feature maps hang on the same seed.
  const key = split(keyFromSeed(seed), stream);
  const greedy = greedyBatch(posterior, batchSize);
  const random = randomBatches(posterior, { batchSize, count: draws, key: split(key, 3) });
  const randomMean = mean(random.map((batch) => batch.jointMutualInformation));
  const { whitened } = posterior;
  const temperature =
    options.temperature ??
    defaultTemperature({
      greedy: greedy.jointMutualInformation,
      random: randomMean,
      poolSize: whitened.rows,
      batchSize,
    });
  const problem: Problem = { whitened, batchSize, temperature };
  const model = defaultModel(policy, problem);
  const preset = defaultTraining(policy);
  const training: TrainingOptions = {
    ...preset,
    objective: options.objective ?? preset.objective,
    iterations: options.iterations ?? preset.iterations,
    trajectories: options.trajectories ?? preset.trajectories,
  };
  const started = clock();
  return pipe(
    startTraining(engine, model, problem, training.forwardLooking, key),
    TE.chain((state) =>
      train(engine, model, problem, training, state, {
        ...(signal === undefined ? {} : { signal }),
        onProgress: ({ done, total, elbo }) =>
          onProgress?.({ stage: 'training', done, total, note: `ELBO ${elbo.toFixed(2)} nats` }),
      }),
    ),
    TE.bindTo('state'),
    TE.let('trained', clock),
    TE.bind('drawn', ({ state }) => draw(engine, model, problem, state.parameters, draws, split(key, 4))),
    TE.map(({ trained, drawn }): Proposal => {
      const scored = bestOf(posterior, drawn);
      const information = scored.map((batch) => batch.jointMutualInformation);
      const best = scored.reduce((a, b) => (b.jointMutualInformation > a.jointMutualInformation ? b : a));
      const { effectiveSampleSize, elbo, logZ } = drawn.estimates;
      return {
        best,
        greedy,
        random: { mean: randomMean },
        drawn: {
          mean: mean(information),
          best: best.jointMutualInformation,
          count: draws,
          jointMutualInformation: information,
        },
        effectiveSampleSize,
        temperature,
        logPartition: { elbo, importance: logZ },
        iterations: training.iterations,
        seconds: { train: trained - started, draw: clock() - trained },
      };
    }),
  );
};
