/** Posteriors of class labels for specs, and JMI by its definition. */
import * as fc from 'fast-check';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { logSumExp } from '../../src/linear-algebra/log-sum.js';
import { keyFromSeed, normals } from '../../src/random/key.js';
import {
  categoricalPosterior,
  type CategoricalPosterior,
} from '../../src/surrogate/categorical-posterior.js';
import { right } from '../linear-algebra/arbitrary.js';
import { readReference, vectorOfNumbers } from '../support/reference.js';

/** Log-probabilities [S, N, C] of logits: each row its log-softmax. */
const ofLogits = (shape: readonly [number, number, number], logits: Float64Array): CategoricalPosterior => {
  const classes = shape[2];
  const logs = logits.slice();
  for (let row = 0; row < logs.length; row += classes) {
    const total = logSumExp(logits.subarray(row, row + classes));
    for (let c = row; c < row + classes; c++) logs[c] = (logits[c] ?? NaN) - total;
  }
  return right(categoricalPosterior(shape, logs));
};

/**
 * Softmaxes of `scale` times normal numbers: each logit half the point's own, and half the draw's and the point's. Those
 * below `floor` are impossible labels, but for the last class.
 */
export const randomLabels = (
  shape: readonly [draws: number, points: number, classes: number],
  seed: number,
  scale = 2,
  floor = -Infinity,
): CategoricalPosterior => {
  const [draws, points, classes] = shape;
  const own = normals(keyFromSeed(seed), points * classes);
  const all = normals(keyFromSeed(seed + 1), draws * points * classes);
  const mixed = all.map((x, i) => (x + (own[i % own.length] ?? 0)) / Math.SQRT2);
  return ofLogits(
    shape,
    mixed.map((x, i) => (x < floor && (i + 1) % classes !== 0 ? -Infinity : scale * x)),
  );
};

/** Small posteriors, some with impossible labels, and a batch of different points in a random order. */
export const labelsWithBatch = fc
  .record({
    draws: fc.integer({ min: 1, max: 7 }),
    points: fc.integer({ min: 1, max: 6 }),
    classes: fc.integer({ min: 1, max: 4 }),
    seed: fc.nat(),
    scale: fc.constantFrom(0.1, 1, 5, 40),
    floor: fc.constantFrom(-Infinity, -0.5, 0.3),
  })
  .chain(({ draws, points, classes, seed, scale, floor }) =>
    fc
      .shuffledSubarray(
        Array.from({ length: points }, (_, n) => n),
        { minLength: 1, maxLength: Math.min(points, 4) },
      )
      .map((batch) => ({
        posterior: randomLabels([draws, points, classes], seed, scale, floor),
        batch,
      })),
  );

/** log p(y_n = c | θ_s). */
export const logProbability = (
  { points, classes, logProbabilities }: CategoricalPosterior,
  s: number,
  n: number,
  c: number,
): number => logProbabilities[(s * points + n) * classes + c] ?? NaN;

/** −Σ p log p. */
const entropy = (ps: readonly number[]): number =>
  ps.reduce((total, p) => total - (p === 0 ? 0 : p * Math.log(p)), 0);

/** JMI and joint entropy by their definition: all configurations of labels, one list each, under every draw. */
export const byDefinition = (
  posterior: CategoricalPosterior,
  batch: readonly number[],
): { readonly jointEntropy: number; readonly jointMutualInformation: number } => {
  const classes = Array.from({ length: posterior.classes }, (_, c) => c);
  const draws = Array.from({ length: posterior.draws }, (_, s) => s);
  const configurations = batch.reduce<readonly (readonly number[])[]>(
    (all) => all.flatMap((labels) => classes.map((c) => [...labels, c])),
    [[]],
  );
  const given = (labels: readonly number[], s: number): number =>
    Math.exp(labels.reduce((total, c, i) => total + logProbability(posterior, s, batch[i] ?? NaN, c), 0));
  const jointEntropy = entropy(
    configurations.map((labels) => draws.reduce((total, s) => total + given(labels, s), 0) / draws.length),
  );
  const left = draws.map((s) => entropy(configurations.map((labels) => given(labels, s))));
  return {
    jointEntropy,
    jointMutualInformation: jointEntropy - left.reduce((total, h) => total + h, 0) / draws.length,
  };
};

/** The independent reference: a posterior, batches, and what their labels tell. */
export const referenceLabels = pipe(
  readReference(
    'categorical-mutual-information',
    t.type({
      logProbabilities: t.array(t.array(vectorOfNumbers)),
      batches: t.array(t.array(t.number)),
      jointEntropy: vectorOfNumbers,
      jointMutualInformation: vectorOfNumbers,
    }),
  ),
  (reference) => {
    const all = reference.logProbabilities;
    const shape = [all.length, all[0]?.length ?? 0, all[0]?.[0]?.length ?? 0] as const;
    const posterior = categoricalPosterior(
      shape,
      all.flat().flatMap((row) => Array.from(row)),
    );
    if (E.isLeft(posterior)) throw new Error(posterior.left.problem);
    return { ...reference, posterior: posterior.right };
  },
);
