/** Greedy BatchBALD and random batches: the reference, their definitions, and what they promise. */
import * as fc from 'fast-check';
import * as t from '#io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { randomBatches } from '../../src/acquisition/random.js';
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import { uniformSubset } from '../../src/random/subset.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import type { Posterior } from '../../src/surrogate/posterior.js';
import { weightPosterior, whitenedBy } from '../../src/surrogate/weight-posterior.js';
import { closeTo, matrices, normalMatrix, propertyOptions, right } from '../linear-algebra/arbitrary.js';
import { matrixOfRows, readReference, vectorOfNumbers } from '../support/reference.js';

const reference = readReference(
  'bayesian-linear',
  t.type({
    trainX: matrixOfRows,
    trainY: vectorOfNumbers,
    poolX: matrixOfRows,
    noiseVariance: t.number,
    priorVariance: t.number,
    greedyBatchBald: t.type({ indices: t.array(t.number), jointMutualInformation: t.number }),
  }),
);

const posteriorOf = (whitened: Matrix): Posterior => ({
  mean: new Float64Array(whitened.rows),
  whitened,
  noiseVariance: 1,
});

/** All subsets of size b of 0 … n−1. */
const subsets = (n: number, b: number): readonly (readonly number[])[] =>
  b === 0
    ? [[]]
    : Array.from({ length: n }, (_, last) => subsets(last, b - 1).map((rest) => [...rest, last])).flat();

test('reference: indices and JMI of greedy BatchBALD', () => {
  const posterior = right(weightPosterior(reference.trainX, reference.trainY, reference));
  const batch = greedyBatch(posteriorOf(whitenedBy(posterior)(reference.poolX)), 5);
  assert.equal(batch.indices, reference.greedyBatchBald.indices);
  closeTo(batch.jointMutualInformation, reference.greedyBatchBald.jointMutualInformation, 1e-12);
});

test('greedy: every point is the best to add, none twice, at least 1 − 1/e of the best batch', () => {
  fc.assert(
    fc.property(
      matrices(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 5 })),
      fc.integer({ min: 0, max: 4 }),
      (whitened, size) => {
        const b = Math.min(size, whitened.rows);
        const batch = greedyBatch(posteriorOf(whitened), b);
        assert.is(new Set(batch.indices).size, b);
        closeTo(batch.jointMutualInformation, jointMutualInformation(whitened, batch.indices), 1e-9);
        batch.indices.forEach((n, i) => {
          const before = batch.indices.slice(0, i);
          const jmi = (m: number) => jointMutualInformation(whitened, [...before, m]);
          for (let m = 0; m < whitened.rows; m++)
            if (!before.includes(m)) assert.ok(jmi(m) <= jmi(n) + 1e-9, `${m} is better than ${n}`);
        });
        const best = Math.max(...subsets(whitened.rows, b).map((s) => jointMutualInformation(whitened, s)));
        assert.ok(batch.jointMutualInformation >= (1 - 1 / Math.E) * best - 1e-9);
      },
    ),
    propertyOptions,
  );
});

test('greedy without some points is greedy on a pool that does not have them', () => {
  const whitened = normalMatrix(12, 3, 6);
  const without = [2, 3, 11];
  const others = Array.from({ length: 12 }, (_, n) => n).filter((n) => !without.includes(n));
  const rest = matrixFrom(9, 3, (i, j) => whitened.data[3 * (others[i] ?? NaN) + j] ?? NaN);
  const { indices, jointMutualInformation: jmi } = greedyBatch(posteriorOf(rest), 9);
  const batch = greedyBatch(posteriorOf(whitened), 9, without);
  assert.equal(
    batch.indices,
    indices.map((i) => others[i]),
  );
  closeTo(batch.jointMutualInformation, jmi, 1e-12);
  assert.throws(() => greedyBatch(posteriorOf(whitened), 10, without), /from a pool of 9/);
});

test('greedy: of equal points the first, and the whole pool where asked', () => {
  const equal = { rows: 4, columns: 1, data: new Float64Array(4).fill(2) };
  assert.equal(greedyBatch(posteriorOf(equal), 4).indices, [0, 1, 2, 3]);
  const zero = { rows: 3, columns: 1, data: new Float64Array(3) };
  assert.equal(greedyBatch(posteriorOf(zero), 2), { indices: [0, 1], jointMutualInformation: 0 });
});

test('random: every subset equally likely', () => {
  // χ² with 19 degrees of freedom: above 50.8 once in 10⁴ seeds.
  const all = subsets(6, 3);
  const draws = 4000;
  const counts = new Map<string, number>(all.map((s) => [s.join(), 0]));
  for (let i = 0; i < draws; i++) {
    const name = uniformSubset(split(keyFromSeed(5), i), 6, 3).join();
    counts.set(name, (counts.get(name) ?? NaN) + 1);
  }
  assert.is(counts.size, 20);
  const expected = draws / all.length;
  const statistic = Array.from(counts.values()).reduce((s, c) => s + (c - expected) ** 2 / expected, 0);
  assert.ok(statistic < 50.8, `χ² = ${statistic}`);
});

test('random: batches of different indices with their JMI, the same for the same key', () => {
  const posterior = posteriorOf(normalMatrix(9, 3, 1));
  const draw = (seed: number) =>
    randomBatches(posterior, { batchSize: 4, count: 20, key: keyFromSeed(seed) });
  assert.equal(draw(1), draw(1));
  assert.not.equal(draw(1), draw(2));
  assert.ok(new Set(draw(1).map((_) => _.indices.join())).size > 10, 'draws differ');
  for (const { indices, jointMutualInformation: jmi } of draw(1)) {
    assert.is(new Set(indices).size, 4);
    assert.is(jmi, jointMutualInformation(posterior.whitened, indices));
  }
  assert.equal(uniformSubset(keyFromSeed(0), 5, 5), [0, 1, 2, 3, 4]);
  assert.equal(uniformSubset(keyFromSeed(0), 5, 0), []);
});

test('batches that the pool cannot fill throw', () => {
  const posterior = posteriorOf(normalMatrix(3, 2, 0));
  for (const b of [-1, 4, 1.5]) {
    assert.throws(() => greedyBatch(posterior, b), /from a pool of 3/);
    assert.throws(() => uniformSubset(keyFromSeed(0), 3, b), /from a pool of 3/);
  }
});

test.run();
