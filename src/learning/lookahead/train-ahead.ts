/**
 * Training on what may come, while labels are pending: batches are drawn (by the policy itself, at random, or now one and
 * now the other), the posterior after each is taken (hypothetical.ts), and the policy trained on it, each at its own
 * default temperature unless one is given; of class labels, after labels drawn from their joint predictive distribution
 * (fantasies.ts). Once labels have come, align.ts brings the policy to the posterior that they
 * make.
 *
 * Source: Malik et al., BatchGFN (2023), arXiv 2306.15058, section 3.3, where it is called lookahead.
 */
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { candidateIndices } from '../../acquisition/candidates.js';
import { greedyBatch } from '../../acquisition/greedy.js';
import { candidatesOf, reachOf } from '../../acquisition/large-pool.js';
import { randomBatches } from '../../acquisition/random.js';
import { proxyProblem } from '../../acquisition/proxy.js';
import { nameIn } from '../../acquisition/settings.js';
import { contextOf, temperatureOf } from '../../acquisition/summary.js';
import { defaultTemperature } from '../../acquisition/temperature.js';
import type { Engine } from '../../engine/engine.js';
import type { Failure } from '../../failure.js';
import { forPool, type TrainedModel } from '../../gflownet/model-file.js';
import { objectives } from '../../gflownet/objectives/index.js';
import type { Problem } from '../../gflownet/problem.js';
import type { PolicyName } from '../../gflownet/policies/index.js';
import { batchesOf, draw } from '../../gflownet/sample.js';
import { startTraining } from '../../gflownet/start.js';
import { train, type TrainingProgress } from '../../gflownet/train.js';
import type { TrainingOptions } from '../../gflownet/training-program.js';
import { type Matrix, rowsAt } from '../../linear-algebra/matrix.js';
import {
  membersOf,
  requireEngine,
  requireFunction,
  requireKey,
  requireWhole,
  wrongArgument,
} from '../../misuse.js';
import { bits, type Key, split, uniforms } from '../../random/key.js';
import { uniformSubset } from '../../random/subset.js';
import type { CategoricalPosterior } from '../../surrogate/categorical-posterior.js';
import { classPosterior } from '../../surrogate/class-posterior.js';
import { afterBatch } from './hypothetical.js';
import { type AnchoredPolicy, anchoredAt, requireAnchored } from './anchored-policy.js';
import { afterFantasies } from './fantasies.js';
import { alignForAWhile } from './align.js';
import { present } from '../../present.js';
import { scannedAtOnce } from '../../reward/scan.js';

const batchSources = ['policy', 'random', 'mixture'] as const;

/** Where hypothetical batches come from; a mixture draws either with probability ½. */
export type BatchSource = (typeof batchSources)[number];

/** Which problem a posterior makes. */
export interface HypotheticalProblem {
  /** T; that of src/acquisition/temperature.ts, for each posterior its own, if left out. */
  readonly temperature?: number;
  /** M, as in proposing a batch (src/acquisition/candidates.ts, large-pool.ts). */
  readonly candidates?: number;
  /** Where M is left out, it goes by how far this policy reaches. */
  readonly policy?: PolicyName;
}

/** How to train on one posterior. */
export interface TrainAfterOptions extends HypotheticalProblem {
  readonly training: TrainingOptions;
  readonly key: Key;
  readonly onProgress?: (progress: TrainingProgress) => void;
  readonly signal?: AbortSignal;
}

/** How to train ahead. */
export interface LookaheadOptions extends Omit<TrainAfterOptions, 'onProgress'> {
  /** Hypothetical batches, one after the other, each from the posterior of the labels that there are. */
  readonly rounds: number;
  readonly source: BatchSource;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/** Batches that the default temperature's random mean is taken over. */
const sample = 32;

/** The problem of drawing batches from a pool, or from its candidates; `indices` says which points these are. */
export const problemOn = (
  pool: Matrix,
  batchSize: number,
  { temperature, candidates, policy }: HypotheticalProblem,
  key: Key,
): { readonly problem: Problem; readonly indices: readonly number[] } => {
  const count = candidatesOf(candidates, pool.rows, batchSize, reachOf(policy));
  const indices = candidateIndices(pool, { count, batchSize, key: split(key, 1) });
  const whitened = indices.length === pool.rows ? pool : rowsAt(pool, indices);
  if (temperature !== undefined) return { problem: { whitened, batchSize, temperature }, indices };
  const posterior = { whitened, mean: new Float64Array(whitened.rows), noiseVariance: 1 };
  const random = randomBatches(posterior, { batchSize, count: sample, key: split(key, 0) });
  const balanced = defaultTemperature({
    greedy: greedyBatch(posterior, batchSize).jointMutualInformation,
    random: random.reduce((total, batch) => total + batch.jointMutualInformation / sample, 0),
    poolSize: whitened.rows,
    batchSize,
  });
  return { problem: { whitened, batchSize, temperature: balanced }, indices };
};

/**
 * A batch that may be asked for, as indices of the pool, ascending. The same key gives the same batch on the same engine.
 * Fails as drawing does. Throws a RangeError where the pool is smaller than a batch.
 */
export const hypotheticalBatch = (
  engine: Engine,
  { trained, whitened }: AnchoredPolicy,
  source: BatchSource,
  of: HypotheticalProblem,
  key: Key,
): TE.TaskEither<Failure, readonly number[]> => {
  const { batchSize, policy } = trained.model.shape;
  const [coin = 0] = uniforms(split(key, 0), 1);
  if (source === 'random' || (source === 'mixture' && coin < 0.5))
    return TE.right(uniformSubset(split(key, 1), whitened.rows, batchSize));
  const { problem, indices } = problemOn(whitened, batchSize, { policy, ...of }, split(key, 2));
  const { model, parameters } = forPool(trained, indices.length);
  return pipe(
    draw(engine, model, problem, parameters, 1, split(key, 3)),
    TE.map((draws) => (batchesOf(draws)[0] ?? []).map((i) => indices[i] ?? NaN).toSorted((a, b) => a - b)),
  );
};

/**
 * The policy trained on the posterior of class labels after fantasised ones, and turned back to the features that it is known
 * by: the Gaussian approximation of the new posterior has axes of its own.
 */
const trainedAfterLabels = (
  { trained, whitened: before }: AnchoredPolicy,
  classes: CategoricalPosterior,
  fantasised: readonly number[],
  { temperature }: HypotheticalProblem,
  key: Key,
  trainedOn: (problem: Problem, from: TrainedModel) => TE.TaskEither<Failure, TrainedModel>,
): TE.TaskEither<Failure, TrainedModel> => {
  const { batchSize } = trained.model.shape;
  const after = afterFantasies(classes, fantasised, split(key, 0));
  const known = anchoredAt({ trained, whitened: before }, after.indices);
  const [seed = 0] = bits(split(key, 1), 1);
  return pipe(
    TE.fromEither(classPosterior(after.classes)),
    TE.mapLeft((failure): Failure => failure),
    TE.map((posterior) => {
      const asked = scannedAtOnce(contextOf(posterior, { batchSize, draws: sample, seed }));
      const by = temperatureOf(asked, { batchSize, ...present({ temperature }) });
      return proxyProblem(asked, { batchSize, seed }, by);
    }),
    TE.bindTo('problem'),
    TE.bindW('turned', ({ problem }) => TE.fromEither(alignForAWhile(known, problem.whitened))),
    TE.chain(({ problem, turned: { whitened, there, back } }) =>
      pipe(trainedOn({ ...problem, whitened }, there), TE.map(back)),
    ),
  );
};

/**
 * The policy trained on the posterior after the labels of some points of its pool, which is told in the features that it
 * reads: what was learned is of the same pool as before. The same key gives the same bits on the same engine. Fails as
 * training does, with Interrupted once `signal` is aborted. Throws a RangeError where fewer points than a batch are left.
 */
export const trainAfter = (
  engine: Engine,
  learned: AnchoredPolicy,
  fantasised: readonly number[],
  { training, key, onProgress, signal, ...of }: TrainAfterOptions,
): TE.TaskEither<Failure, AnchoredPolicy> => {
  const { batchSize, policy } = learned.trained.model.shape;
  const left = learned.whitened.rows - fantasised.length;
  if (left < batchSize)
    throw new RangeError(`trainAfter: a pool of ${left} points has no batch of ${batchSize}`);
  const trainedOn = (problem: Problem, from: TrainedModel): TE.TaskEither<Failure, TrainedModel> => {
    const { model, parameters } = forPool(from, problem.whitened.rows);
    return pipe(
      startTraining(engine, model, problem, training, split(key, 1), parameters),
      TE.chain((state) =>
        train(engine, model, problem, training, state, {
          ...present({ signal, onProgress }),
        }),
      ),
      TE.map((state) => ({ model, parameters: state.parameters })),
    );
  };
  const { classes } = learned;
  return pipe(
    classes === undefined
      ? pipe(
          TE.fromEither(afterBatch(learned.whitened, fantasised)),
          TE.mapLeft((failure): Failure => failure),
          TE.chain(({ whitened }) =>
            trainedOn(
              problemOn(whitened, batchSize, { policy, ...of }, split(key, 0)).problem,
              learned.trained,
            ),
          ),
        )
      : trainedAfterLabels(learned, classes, fantasised, of, split(key, 0), trainedOn),
    TE.map(({ parameters }) => ({ ...learned, trained: { ...learned.trained, parameters } })),
  );
};

/** Throws a TypeError that names the argument of {@link trainAhead} that is none of what it may be. */
const checkAhead = (engine: unknown, learned: unknown, options: unknown): void => {
  const where = 'trainAhead';
  requireEngine(where, engine);
  requireAnchored(where, learned);
  const given = membersOf(where, 'options', options, '{ rounds, source, training, key }');
  const { rounds, source, training, key, temperature, candidates, onProgress } = given;
  requireWhole(where, 'rounds', rounds);
  if (!batchSources.some((name) => name === source))
    throw wrongArgument(where, 'source', source, `one of ${batchSources.join(', ')}`);
  const { iterations, trajectories, objective } = membersOf(
    where,
    'training',
    training,
    'what defaultTraining gives',
  );
  const { holds, expected } = nameIn(objectives);
  if (!holds(objective)) throw wrongArgument(where, 'training.objective', objective, expected);
  requireWhole(where, 'training.iterations', iterations);
  requireWhole(where, 'training.trajectories', trajectories, 1);
  requireKey(where, 'key', key);
  if (temperature !== undefined && !(typeof temperature === 'number' && temperature > 0))
    throw wrongArgument(where, 'temperature', temperature, 'a number above 0');
  if (candidates !== undefined) requireWhole(where, 'candidates', candidates, 1);
  if (onProgress !== undefined) requireFunction(where, 'onProgress', onProgress);
};

/**
 * The policy after training ahead, on the same pool. The same key gives the same bits on the same engine. Fails as
 * training does, with Interrupted once `signal` is aborted. Throws a RangeError where fewer than two batches fit the pool,
 * a TypeError where an argument is none of what it may be.
 */
export const trainAhead = (
  engine: Engine,
  learned: AnchoredPolicy,
  options: LookaheadOptions,
): TE.TaskEither<Failure, AnchoredPolicy> => {
  checkAhead(engine, learned, options);
  const { rounds, source, key, onProgress, ...each } = options;
  const { batchSize } = learned.trained.model.shape;
  const { rows } = learned.whitened;
  if (rows < 2 * batchSize)
    throw new RangeError(
      `trainAhead: a pool of ${rows} points has no two batches of ${batchSize}; give a policy of smaller ones`,
    );
  const ahead = (before: AnchoredPolicy, round: number): TE.TaskEither<Failure, AnchoredPolicy> => {
    const ofRound = split(key, round);
    return pipe(
      hypotheticalBatch(engine, before, source, each, split(ofRound, 0)),
      TE.chain((batch) => trainAfter(engine, before, batch, { ...each, key: split(ofRound, 1) })),
      TE.map((after) => {
        onProgress?.({ done: round + 1, total: rounds });
        return after;
      }),
    );
  };
  return Array.from({ length: rounds }, (_, round) => round).reduce<TE.TaskEither<Failure, AnchoredPolicy>>(
    (before, round) =>
      pipe(
        before,
        TE.chain((state) => ahead(state, round)),
      ),
    TE.right(learned),
  );
};
