/**
 * Inclusion tests where the points of a batch depend on each other and where the draws of a chain do. Seeds are fixed;
 * the false-alarm probability of each uniformity check is 1e-4 (null-distribution.ts).
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { subsetsOf } from '../../src/gflownet/exact/subsets.js';
import { inclusionTest, twoSampleInclusionTest } from '../../src/verify/inclusion-test.js';
import { chiSquareSurvival } from '../../src/verify/special-functions.js';
import { assertUniform, categorical, distanceFromUniform, stream } from './null-distribution.js';

/** Batches of 3 of 12 points that stick together: a run of neighbours is 20 times as likely as other batches. */
const poolSize = 12;
const batches: readonly (readonly number[])[] = (() => {
  const flat = subsetsOf(poolSize, 3);
  return Array.from({ length: flat.length / 3 }, (_, i) => Array.from(flat.subarray(3 * i, 3 * i + 3)));
})();
const normalised = (weights: readonly number[]): readonly number[] => {
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / total);
};
const together = normalised(batches.map(([a = 0, , c = 0]) => (c - a === 2 ? 20 : 1) * (a === 0 ? 0.05 : 1)));
const inclusionOf = (probabilities: readonly number[]): Float64Array => {
  const inclusion = new Float64Array(poolSize);
  batches.forEach((batch, i) =>
    batch.forEach((point) => (inclusion[point] = (inclusion[point] ?? 0) + (probabilities[i] ?? 0))),
  );
  return inclusion;
};
const inclusion = inclusionOf(together);

const independent = (probabilities: readonly number[], n: number, next: () => number) =>
  Array.from({ length: n }, () => batches[categorical(probabilities, next)] ?? []);

/** A chain that keeps its batch with probability 0.8. */
const sticky = (n: number, next: () => number) => {
  let current: readonly number[] = [];
  return Array.from({ length: n }, () => {
    if (current.length === 0 || next() > 0.8) current = batches[categorical(together, next)] ?? [];
    return current;
  });
};

const seeds = Array.from({ length: 400 }, (_, i) => i);

test('p-values are uniform where points of a batch attract each other; plain χ² is not', () => {
  const samples = seeds.map((i) => independent(together, 1000, stream(21, i)));
  assertUniform(
    samples.map((sample) => inclusionTest(sample, inclusion, { pairs: 20_000 }).pValue),
    'inclusion',
    0.03,
  );
  const naive = samples.map((sample) => {
    const counts = new Float64Array(poolSize);
    sample.flat().forEach((point) => (counts[point] = (counts[point] ?? 0) + 1));
    return chiSquareSurvival(
      counts.reduce(
        (sum, c, i) => sum + (c - 1000 * (inclusion[i] ?? 0)) ** 2 / (1000 * (inclusion[i] ?? 1)),
        0,
      ),
      poolSize - 1,
    );
  });
  assert.ok(distanceFromUniform(naive) > 0.15, `plain χ²: ${distanceFromUniform(naive)}`);
});

test('two samplers: p-values are uniform where they are one', () =>
  assertUniform(
    seeds.map(
      (i) =>
        twoSampleInclusionTest(
          independent(together, 1000, stream(22, i)),
          independent(together, 1000, stream(23, i)),
          poolSize,
          { pairs: 20_000 },
        ).pValue,
    ),
    'two samples',
    0.03,
  ));

test('a chain: uniform with blocks beyond its memory, far from it without', () => {
  const chains = seeds.slice(0, 200).map((i) => sticky(8000, stream(24, i)));
  assertUniform(
    chains.map((chain) => inclusionTest(chain, inclusion, { blockLength: 50, pairs: 20_000 }).pValue),
    'blocks of 50',
    0.03,
  );
  const single = chains
    .slice(0, 50)
    .map((chain) => inclusionTest(chain, inclusion, { pairs: 20_000 }).pValue);
  assert.ok(distanceFromUniform(single) > 0.5, `blocks of 1: ${distanceFromUniform(single)}`);
});

test('two samplers: draws behind the last whole block are left out', () => {
  const [first, second] = [independent(together, 230, stream(30)), independent(together, 219, stream(31))];
  const test = (n: number, m: number) =>
    twoSampleInclusionTest(first.slice(0, n), second.slice(0, m), poolSize, {
      ...{ blockLength: 20, firstBlockLength: 25, pairs: 2000 },
    });
  // Nine blocks of 25, ten of 20.
  assert.equal(test(230, 219), test(225, 180));
  assert.equal(test(230, 170), test(200, 160));
});

test('5% too much of one point is caught', () => {
  const biased = normalised(together.map((p, i) => (batches[i]?.includes(4) === true ? 1.08 : 1) * p));
  const off = (inclusionOf(biased)[4] ?? 0) / (inclusion[4] ?? 1) - 1;
  assert.ok(off > 0.03 && off < 0.06, `${off}`);
  const drawn = independent(biased, 100_000, stream(25));
  assert.ok(inclusionTest(drawn, inclusion).pValue < 1e-6);
  assert.ok(
    twoSampleInclusionTest(drawn, independent(together, 100_000, stream(26)), poolSize).pValue < 1e-6,
  );
});

test('a large pool of rare points: 2,000 points, batches of 10, gathered where too rare', () => {
  const inclusionLarge = Float64Array.from({ length: 2000 }, (_, i) => (i < 1000 ? 0.0098 : 0.0002));
  const drawLarge = (next: () => number, heavy: number) =>
    Array.from({ length: 2000 }, () => {
      const chosen = new Set<number>();
      // Ten strata; each gives one point: of its hundred common ones with probability 0.98.
      for (let s = 0; s < 10; s++)
        chosen.add((next() < heavy ? 0 : 1000) + 100 * s + Math.floor(100 * next()));
      return [...chosen];
    });
  const pValues = Array.from(
    { length: 60 },
    (_, i) => inclusionTest(drawLarge(stream(27, i), 0.98), inclusionLarge, { pairs: 20_000 }).pValue,
  );
  assertUniform(pValues, 'large pool', 0.03);
  assert.ok(inclusionTest(drawLarge(stream(28), 0.95), inclusionLarge).pValue < 1e-6);
});

test('a chain on a large pool: that neighbouring blocks touch does not show', () => {
  const pool = 400;
  const pValues = Array.from({ length: 40 }, (_, i) => {
    const next = stream(29, i);
    let current = new Set<number>();
    const chain = Array.from({ length: 8000 }, () => {
      if (current.size === 0 || next() > 0.8) {
        current = new Set();
        while (current.size < 10) current.add(Math.floor(pool * next()));
      }
      return [...current];
    });
    return inclusionTest(chain, new Float64Array(pool).fill(10 / pool), { blockLength: 50, pairs: 5000 })
      .pValue;
  });
  assertUniform(pValues, 'chain');
});

test('certainties and nonsense', () => {
  assert.is(inclusionTest([[0], [1]], [1, 0]).pValue, 0);
  assert.is(inclusionTest([[1], [1]], [1, 1]).pValue, 0);
  assert.is(inclusionTest([[0], [0]], [1, 0]).pValue, 1);
  assert.throws(() => inclusionTest([[0], [7]], [0.5, 0.5]), /point 7 is not in a pool of 2/);
  assert.throws(() => inclusionTest([[0]], [0.5, 0.5]), /at least 2 blocks/);
  assert.throws(() => inclusionTest([[0], [1]], [1.5, 0.5]), /not 1.5/);
  assert.throws(() => inclusionTest([[0], [1]], [0.5, 0.5], { blockLength: 0 }), /whole number from 1/);
  assert.throws(() => twoSampleInclusionTest([[0], [3]], [[0], [0]], 2), /point 3/);
  for (const wrong of [0, 0.5, -1])
    for (const options of [{ blockLength: wrong }, { firstBlockLength: wrong }])
      assert.throws(
        () => twoSampleInclusionTest([[0], [1]], [[0], [1]], 2, options),
        /blockLength must be a whole number from 1/,
      );
});

test.run();
