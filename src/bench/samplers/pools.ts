/**
 * Which pools are samplers held against? Those that a caller brings, and generated ones: points of a Matérn process, clusters,
 * points that are there twice, normal features, the kinds of learning/pretraining, large pools on candidates, class labels, and
 * a reward that is known by its evaluations alone. Each is a function of a seed.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { at } from '../../at.js';
import { type Failure, numericalFailure } from '../../failure.js';
import { twoBells } from '../../data/two-bells.js';
import { generatedProblem, problemKey } from '../../learning/pretraining/posteriors.js';
import type { Matrix } from '../../linear-algebra/matrix.js';
import { rowsAt } from '../../linear-algebra/matrix.js';
import { keyFromSeed, normals, split, uniforms } from '../../random/key.js';
import { below } from '../../random/stream.js';
import { information } from '../../reward/information.js';
import { reward as ownReward } from '../../reward/programmed.js';
import type { Reward } from '../../reward/utility.js';
import { conditionedOn } from '../../surrogate/gaussian-process.js';
import { type KernelKind, kernelOf } from '../../surrogate/kernels.js';
import { maternProblem } from '../../surrogate/matern.js';
import type { Posterior } from '../../surrogate/posterior.js';
import { fitSurrogate } from '../../surrogate/surrogate.js';
import { add, gather, log, mul, sum } from '../../tensor/operations.js';
import type { WorkControl } from '../../work.js';
import { randomFeatures } from '../pools.js';

/** A pool, its batches, and what they are to be good for. */
export interface SamplerPool {
  readonly name: string;
  readonly batchSize: number;
  readonly reward: Reward;
  /** Draws, as a fraction of those asked for: fewer where they take long. */
  readonly drawFraction: number;
  /** Draw from so many points alone (acquisition/candidates.ts); from all if left out. */
  readonly candidates?: number;
  /** The posterior over its points, of a seed; fits are watched and stopped by `control`. */
  readonly posterior: (seed: number, control: WorkControl) => TE.TaskEither<Failure, Posterior>;
}

/** A posterior of features alone, for which nothing else is looked at. */
export const ofFeatures = (whitened: Matrix): Posterior => ({
  whitened,
  mean: new Float64Array(whitened.rows),
  noiseVariance: 1,
});

const byInformation = (
  name: string,
  batchSize: number,
  posterior: (seed: number) => E.Either<Failure, Posterior>,
): SamplerPool => ({
  ...{ name, batchSize, reward: information, drawFraction: 1 },
  posterior: (seed) => TE.fromEither(posterior(seed)),
});

/** Which child of the seed's key generates pools. */
const stream = 0x73616d70;

/** N points of d dimensions in as many clusters, or in none, with 5 labelled points and a noise variance of 0.01. */
const processPool = (
  kind: KernelKind,
  {
    points,
    dimension,
    clusters,
    lengthScale,
  }: Readonly<Record<'points' | 'dimension' | 'clusters' | 'lengthScale', number>>,
  seed: number,
): E.Either<Failure, Posterior> => {
  const key = split(keyFromSeed(seed), stream);
  const labelled = 5;
  const count = points + labelled;
  const centres = normals(split(key, 0), Math.max(1, clusters) * dimension);
  const deviates = normals(split(key, 1), count * dimension);
  const chosen = uniforms(split(key, 2), count);
  const rows = Array.from({ length: count }, (_, i) =>
    Float64Array.from({ length: dimension }, (__, j) => {
      const own = at(deviates, i * dimension + j);
      return clusters === 0
        ? own
        : 2 * at(centres, below(clusters, at(chosen, i)) * dimension + j) + 0.1 * own;
    }),
  );
  return pipe(
    rows.slice(labelled),
    conditionedOn(rows.slice(0, labelled).map((input) => ({ input, target: 0 })))({
      kernel: kernelOf(kind, { outputScale: 1, lengthScales: [lengthScale] }),
      noiseVariance: 0.01,
      tolerance: 1e-3,
    }),
  );
};

/** Every point twice. */
const twice = ({ whitened }: Posterior): Posterior => {
  const { rows } = whitened;
  return ofFeatures(
    rowsAt(
      whitened,
      Array.from({ length: 2 * rows }, (_, i) => i % rows),
    ),
  );
};

/** Pools of 100 points, batches of 10. */
const small: readonly SamplerPool[] = [
  byInformation('matern', 10, (seed) =>
    pipe(
      maternProblem({ poolSize: 100, seed }),
      E.map(({ posterior }): Posterior => posterior),
    ),
  ),
  byInformation('clustered', 10, (seed) =>
    processPool(
      { kind: 'rbf', lengthScales: 'shared' },
      { points: 100, dimension: 2, clusters: 6, lengthScale: 0.5 },
      seed,
    ),
  ),
  byInformation('twice', 10, (seed) =>
    pipe(
      processPool(
        { kind: 'matern52', lengthScales: 'shared' },
        { points: 50, dimension: 3, clusters: 0, lengthScale: 1.5 },
        seed,
      ),
      E.map(twice),
    ),
  ),
  byInformation('normal', 10, (seed) => E.right(ofFeatures(randomFeatures(100, 32, seed)))),
];

/** Pools of the kinds that the pretrained policy was trained on, from the stream that training never sees. */
const heldOut: readonly SamplerPool[] = Array.from({ length: 4 }, (_, i) =>
  byInformation(`held-out-${i}`, 10, (seed) =>
    E.right(
      ofFeatures(
        generatedProblem(problemKey(seed, 'heldOut', i), { points: [100, 100], batch: [10, 10] }).whitened,
      ),
    ),
  ),
);

/** Large pools, on candidates. */
const large: readonly SamplerPool[] = [
  {
    ...byInformation('clustered-10000', 10, (seed) =>
      processPool(
        { kind: 'rbf', lengthScales: 'shared' },
        { points: 10_000, dimension: 2, clusters: 8, lengthScale: 0.5 },
        seed,
      ),
    ),
    candidates: 1000,
  },
  {
    ...byInformation('normal-100000', 10, (seed) => E.right(ofFeatures(randomFeatures(100_000, 32, seed)))),
    candidates: 1000,
  },
];

/** Two classes, 60 draws of the latent function, batches of 5: the 32 configurations of labels are enumerated. */
const bells: SamplerPool = {
  ...{ name: 'classes', batchSize: 5, reward: information, drawFraction: 0.25 },
  posterior: (seed, control) => {
    const key = split(keyFromSeed(seed), stream);
    const { inputs, targets } = twoBells(key, 110);
    const at = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
    return pipe(
      fitSurrogate(
        {
          kind: 'gaussian-process-classes',
          kernel: { kind: 'matern52', lengthScales: 'shared' },
          ...{ classes: 2, draws: 60, seed },
        },
        rowsAt(inputs, at(0, 10)),
        targets.slice(0, 10),
        ...([undefined, undefined, control] as const),
      ),
      TE.chain(({ posterior }) => posterior(rowsAt(inputs, at(10, 110)))),
    );
  },
};

/** How many of a pool's points are to be covered. */
const targets = 16;

/**
 * A reward that is known by its evaluations alone: how well a batch covers 16 points of the pool,
 * U(B) = mean over t of log(1 + Σ_{n ∈ B} (φ_t · φ_n)² / |φ_t|²).
 */
export const coverage: Reward = ownReward(
  'coverage',
  ({ whitened: { rows, columns, data } }) => {
    const count = Math.min(targets, rows);
    const similarity = new Float64Array(rows * count);
    const inner = (n: number, m: number): number => {
      let total = 0;
      for (let j = 0; j < columns; j++)
        total += (data[n * columns + j] ?? NaN) * (data[m * columns + j] ?? NaN);
      return total;
    };
    for (let n = 0; n < rows; n++)
      for (let i = 0; i < count; i++) {
        const at = Math.floor((i * rows) / count);
        similarity[n * count + i] = inner(n, at) ** 2 / Math.max(1e-12, inner(at, at));
      }
    return { similarity: { rows, columns: count, data: similarity } };
  },
  ({ similarity }, batches) => {
    const [, count = 1] = similarity.shape;
    return mul(1 / count, sum(log(add(1, sum(gather(similarity, batches), [1]))), [1]));
  },
);

/** A pool whose reward has no cheap gains. */
const covered: SamplerPool = {
  ...{ name: 'coverage', batchSize: 4, reward: coverage, drawFraction: 0.25 },
  posterior: (seed) =>
    pipe(
      TE.fromEither(maternProblem({ poolSize: 60, seed })),
      TE.mapLeft((failure): Failure => failure),
      TE.map(({ posterior }): Posterior => posterior),
    ),
};

/** Pools that need no file. */
export const generatedPools: readonly SamplerPool[] = [...small, ...heldOut, ...large, bells, covered];

/**
 * The posterior of a pool of a seed; a NumericalFailure where it has no point with a variance, and Interrupted where a fit is
 * stopped.
 */
export const posteriorOf = (
  { name, posterior }: SamplerPool,
  seed: number,
  control: WorkControl = {},
): TE.TaskEither<Failure, Posterior> =>
  pipe(
    posterior(seed, control),
    TE.filterOrElse(
      ({ whitened: { columns } }) => columns > 0,
      (): Failure => numericalFailure('bench', `the pool ${name} has no variance`, 'Give another seed'),
    ),
  );
