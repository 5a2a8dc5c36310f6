/**
 * Posteriors for pretraining: sampling problems of many kinds, each from a key.
 *
 *   inputs       1 to 10 dimensions; uniform, normal, or in 2 to 8 clusters; sometimes every point twice, or few points often
 *   kernel       RBF or Matérn-5/2 with a length-scale for all features or one a feature, periodic, linear, or that of 16 to 128
 *                random Fourier features (Rahimi and Recht 2007), so that ranks go from 1 to N
 *   posterior    after 0 to 50 labelled points, noise variance 10⁻⁴ to 1 of the prior's variance
 *   batches      of 3 to 30 points
 *   temperature  half the default one (src/acquisition/temperature.ts) to six times that, at most ½
 *
 * These are the `broad` problems; half of their batches have five points or fewer. `sharp` problems are the harder ones among them,
 * as people have them: sizes of batches are uniform, temperatures 0.6 to 3 times the default one, clusters lie up to three times as far
 * apart, and a third of the pools are the candidates (src/acquisition/candidates.ts) of larger ones.
 *
 * The same key gives the same problem.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { at } from '../../at.js';
import { candidateIndices } from '../../acquisition/candidates.js';
import { defaultTemperature } from '../../acquisition/temperature.js';
import type { Problem } from '../../gflownet/problem.js';
import { type Matrix, rowsAt } from '../../linear-algebra/matrix.js';
import { keyFromSeed, normals, split, uniforms, type Key } from '../../random/key.js';
import { below, uniformStream, type UniformStream } from '../../random/stream.js';
import { uniformSubset } from '../../random/subset.js';
import { gaussianInformation } from '../../reward/gaussian-information.js';
import { conditionedOn } from '../../surrogate/gaussian-process.js';
import { kernelOf, type KernelKind, type KernelParameters } from '../../surrogate/kernels.js';

/** Which sizes a problem may have. */
export interface ProblemSizes {
  readonly points: readonly [min: number, max: number];
  readonly batch: readonly [min: number, max: number];
}

/** Kinds of problems, as told above. */
export type ProblemFamily = 'broad' | 'sharp';

/** The streams of problems: those of training, and those that training never sees. */
export const problemKey = (seed: number, stream: 'training' | 'heldOut', index: number): Key =>
  split(split(split(keyFromSeed(seed), 0x707265), stream === 'training' ? 0 : 1), index);

/** A whole number from a range, its ends included. */
export const between = (uniform: UniformStream, [min, max]: readonly [number, number]): number =>
  min + below(max - min + 1, uniform());

/** A number between two, log-uniform. */
export const scaleBetween = (uniform: UniformStream, min: number, max: number): number =>
  min * (max / min) ** uniform();

/** Points. */
export type Rows = readonly Float64Array[];

/** Points of d dimensions from one of the layouts: so many, by a child of the key. */
export const layoutOf = (
  uniform: UniformStream,
  dimension: number,
  apart: number,
  key: Key,
): ((count: number, child: number) => Rows) => {
  const kind = below(3, uniform());
  const clusters = 2 + below(7, uniform());
  const spread = scaleBetween(uniform, 0.02, 0.5);
  const centres = normals(split(key, 0), clusters * dimension);
  return (count, child) => {
    const own = split(key, child);
    const gaussian = normals(split(own, 0), count * dimension);
    const flat = uniforms(split(own, 1), count * dimension);
    const cluster = uniforms(split(own, 2), count);
    return Array.from({ length: count }, (_, i) =>
      Float64Array.from({ length: dimension }, (__, j) => {
        const normal = at(gaussian, i * dimension + j);
        if (kind === 0) return Math.sqrt(12) * ((flat[i * dimension + j] ?? 0.5) - 0.5);
        if (kind === 1) return normal;
        const centre = below(clusters, at(cluster, i));
        return apart * at(centres, centre * dimension + j) + spread * normal;
      }),
    );
  };
};

/** The points of a pool: in some of the pools there are some that are exactly alike. */
export const repeated = (uniform: UniformStream, rows: Rows): Rows => {
  const coin = uniform();
  const count =
    coin < 0.15 ? Math.ceil(rows.length / 2) : coin < 0.25 ? Math.ceil(rows.length * uniform()) : rows.length;
  return rows.map((row, i) =>
    i < count ? row : (rows[coin < 0.15 ? i - count : below(count, uniform())] ?? row),
  );
};

/** √2 cos(ω·x + φ) for F random ω and φ. */
const fourierFeatures = (uniform: UniformStream, dimension: number, key: Key): ((rows: Rows) => Rows) => {
  const count = 2 ** (4 + below(4, uniform()));
  const lengthScale = scaleBetween(uniform, 0.2, 3) * Math.sqrt(dimension);
  const frequencies = normals(split(key, 0), count * dimension);
  const phases = uniforms(split(key, 1), count);
  return (rows) =>
    rows.map((row) =>
      Float64Array.from({ length: count }, (_, f) => {
        const angle = row.reduce(
          (sum, x, j) => sum + (x * at(frequencies, f * dimension + j)) / lengthScale,
          0,
        );
        return Math.SQRT2 * Math.cos(angle + 2 * Math.PI * at(phases, f));
      }),
    );
};

/** A kernel for inputs of some dimension: a tenth are linear and a tenth periodic, two fifths each RBF and Matérn-5/2. */
export const kernelOfKind = (
  uniform: UniformStream,
  dimension: number,
  key: Key,
): readonly [KernelKind, KernelParameters] => {
  const kind = uniform();
  if (kind < 0.1) return [{ kind: 'linear' }, { outputScale: 1, lengthScales: [] }];
  if (kind < 0.2)
    return [
      { kind: 'periodic' },
      {
        ...{ outputScale: 1, lengthScales: [scaleBetween(uniform, 0.3, 2) * Math.sqrt(dimension)] },
        period: scaleBetween(uniform, 0.5, 5),
      },
    ];
  const shared = uniform() < 0.5;
  const lengthScale = scaleBetween(uniform, 0.2, 3) * Math.sqrt(dimension);
  const own = Array.from(normals(key, dimension), (z) => lengthScale * Math.exp(z));
  return [
    { kind: kind < 0.6 ? 'rbf' : 'matern52', lengthScales: shared ? 'shared' : 'perFeature' },
    { outputScale: 1, lengthScales: shared ? [lengthScale] : own },
  ];
};

/** Whitened features of a pool of N points. */
const generatedPool = (
  uniform: UniformStream,
  count: number,
  apart: number,
  key: Key,
): E.Either<unknown, Matrix> => {
  const dimension = 1 + Math.floor(10 * uniform() ** 2);
  const layout = layoutOf(uniform, dimension, apart, split(key, 1));
  const pool = repeated(uniform, layout(count, 1));
  const labelled = layout(uniform() < 0.2 ? 0 : below(51, uniform()), 2);
  const fourier = uniform() < 0.4 ? fourierFeatures(uniform, dimension, split(key, 2)) : undefined;
  const [kind, parameters] =
    fourier === undefined
      ? kernelOfKind(uniform, dimension, split(key, 3))
      : ([{ kind: 'linear' }, { outputScale: 1, lengthScales: [] }] as const);
  const seen = fourier ?? ((rows: Rows): Rows => rows);
  return pipe(
    seen(pool),
    conditionedOn(seen(labelled).map((input) => ({ input, target: 0 })))({
      kernel: kernelOf(kind, parameters),
      noiseVariance: scaleBetween(uniform, 1e-4, 1),
      tolerance: 1e-3,
    }),
    E.map(({ whitened }) => whitened),
  );
};

/** Random batches whose mean utility the default temperature is told by. */
export const randomBatches = 16;

/** The temperature that `proposeBatch` would take, from f64 on the host. */
export const defaultTemperatureOf = (whitened: Matrix, batchSize: number, key: Key): number => {
  const batch = gaussianInformation(whitened).batchFrom([]);
  const gains = new Float64Array(whitened.rows);
  while (batch.members.length < batchSize) {
    batch.gains(-1, gains);
    batch.add(gains.reduce((best, gain, n) => (gain > (gains[best] ?? -Infinity) ? n : best), 0));
  }
  const greedy = batch.utility();
  let random = 0;
  for (let i = 0; i < randomBatches; i++) {
    batch.set(uniformSubset(split(key, i), whitened.rows, batchSize));
    random += batch.utility() / randomBatches;
  }
  return defaultTemperature({ greedy, random, poolSize: whitened.rows, batchSize });
};

/** What sets sharp problems apart, from a stream of their own; of broad ones all are at rest. */
const sharpness = (family: ProblemFamily, key: Key) => {
  const uniform = uniformStream(split(key, 6));
  const [isPart, times, apart, position] = [uniform() < 1 / 3, 2 + 3 * uniform(), uniform(), uniform()];
  return family === 'broad'
    ? { larger: 1, apart: 1, position: undefined, heat: [0.5, 6] as const }
    : { larger: isPart ? times : 1, apart: 3 ** apart, position, heat: [0.6, 3] as const };
};

/** The problem of a key. */
export const generatedProblem = (
  key: Key,
  { points, batch }: ProblemSizes,
  family: ProblemFamily = 'broad',
): Problem => {
  const { larger, apart, position, heat } = sharpness(family, key);
  const uniform = uniformStream(split(key, 0));
  const count = between(uniform, points);
  const maxBatch = Math.min(batch[1], Math.floor(count / 2));
  const scaled = Math.max(batch[0], Math.round(scaleBetween(uniform, batch[0], maxBatch)));
  const batchSize =
    position === undefined ? scaled : batch[0] + Math.floor(position * Math.max(1, maxBatch - batch[0] + 1));
  const pool = generatedPool(uniform, Math.round(larger * count), apart, key);
  // Now and then a covariance is singular to rounding: another problem in its place.
  if (E.isLeft(pool) || pool.right.columns === 0)
    return generatedProblem(split(key, 9), { points, batch }, family);
  const whitened =
    larger === 1
      ? pool.right
      : rowsAt(pool.right, candidateIndices(pool.right, { count, batchSize, key: split(key, 7) }));
  const usual = defaultTemperatureOf(whitened, batchSize, split(key, 4));
  return {
    whitened,
    batchSize,
    temperature: Math.min(0.5, usual * scaleBetween(uniform, heat[0], heat[1])),
  };
};
