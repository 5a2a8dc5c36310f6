/** Batches of several sizes at T = ½ with a cost per point: everything is the sum over all batches of all sizes. */
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { subsetsOf } from '../../src/gflownet/exact/subsets.js';
import { targetOf } from '../../src/gflownet/exact/target.js';
import { logReward, type Problem } from '../../src/gflownet/problem.js';
import { cholesky } from '../../src/linear-algebra/cholesky.js';
import { matrixFrom } from '../../src/linear-algebra/matrix.js';
import { dotRange } from '../../src/linear-algebra/vector.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import {
  chiSquareSurvival,
  containing,
  kdpp,
  kdppBatches,
  kdppLogZ,
  ofSize,
  sizedKdpp,
  sizedKdppInclusion,
  sizedKdppLogProbability,
  sizedKdppSampler,
} from '../../src/verify/index.js';
import { closeTo, right } from '../linear-algebra/arbitrary.js';
import { randomPool } from '../support/pools.js';
import { runs } from '../support/property.js';

const poolSize = 7;

/** Pools of 7 points of D = 1 … 9 features, any range of sizes from 0 to 7, costs of both signs. */
const problems = fc
  .record({
    seed: fc.nat(1000),
    width: fc.integer({ min: 1, max: 9 }),
    sizes: fc.tuple(fc.nat(poolSize), fc.nat(poolSize)),
    logScale: fc.integer({ min: -2, max: 2 }),
    pointCost: fc.double({ min: -2, max: 4, noNaN: true }),
  })
  .map(({ seed, width, sizes, logScale, pointCost }) => ({
    whitened: randomPool(poolSize, width, seed, 10 ** logScale),
    sizes: [Math.min(...sizes), Math.max(...sizes)] as const,
    pointCost,
  }));

/** Every batch of every size, with its probability, from the problem's own reward. */
const enumerated = ({ whitened, batchSize, smallestBatch = batchSize, ...rest }: Problem) => {
  const batches = Array.from({ length: batchSize - smallestBatch + 1 }, (_, i) => {
    const size = smallestBatch + i;
    if (size === 0) return [[]];
    const flat = subsetsOf(whitened.rows, size);
    return Array.from({ length: flat.length / size }, (__, row) =>
      Array.from(flat.subarray(row * size, (row + 1) * size)),
    );
  }).flat();
  const problem = { whitened, batchSize, smallestBatch, ...rest };
  const { logZ, probabilities } = targetOf(Float64Array.from(batches, (batch) => logReward(problem, batch)));
  const probabilityOf = (holds: (batch: readonly number[]) => boolean): number =>
    batches.reduce((total, batch, i) => (holds(batch) ? total + (probabilities[i] ?? NaN) : total), 0);
  return { logZ, batches, probabilities, probabilityOf };
};

test('log Z, sizes, probabilities and inclusion are the sums over all batches', () => {
  fc.assert(
    fc.property(problems, ({ whitened, sizes, pointCost }) => {
      const [smallestBatch, batchSize] = sizes;
      const exact = enumerated({ whitened, batchSize, smallestBatch, pointCost, temperature: 0.5 });
      const dpp = right(sizedKdpp(whitened, sizes, pointCost));
      closeTo(dpp.logZ, exact.logZ, 1e-9);
      assert.is(dpp.logSizes.length, batchSize - smallestBatch + 1);
      dpp.logSizes.forEach((log, i) => {
        closeTo(
          Math.exp(log),
          exact.probabilityOf((batch) => batch.length === smallestBatch + i),
          1e-9,
        );
      });
      exact.batches.forEach((batch, i) => {
        closeTo(Math.exp(sizedKdppLogProbability(dpp, batch)), exact.probabilities[i] ?? NaN, 1e-9);
      });
      sizedKdppInclusion(dpp).forEach((p, n) => {
        closeTo(
          p,
          exact.probabilityOf((batch) => batch.includes(n)),
          1e-9,
        );
      });
    }),
    runs(60),
  );
});

test('one size without a cost is the k-DPP; over all sizes Z is det(I + e^{−2c} L)', () => {
  const whitened = randomPool(40, 5, 4, 2);
  closeTo(right(sizedKdpp(whitened, [6, 6])).logZ, right(kdppLogZ(whitened, 6)), 1e-12);
  const pointCost = 0.8;
  const factor = right(
    cholesky(
      matrixFrom(40, 40, (i, j) => {
        const l = dotRange(whitened.data, 5 * i, whitened.data, 5 * j, 5) + (i === j ? 1 : 0);
        return (i === j ? 1 : 0) + Math.exp(-2 * pointCost) * l;
      }),
    ),
  );
  const logDet = Array.from({ length: 40 }, (_, i) => 2 * Math.log(factor.data[41 * i] ?? NaN));
  closeTo(
    right(sizedKdpp(whitened, [0, 40], pointCost)).logZ,
    logDet.reduce((a, b) => a + b, 0),
    1e-9,
  );
});

test('batches of 1 to 3 of 7 points, 63 of them, come as often as they should', () => {
  const whitened = randomPool(poolSize, 3, 11, 1.2);
  // At this cost the sizes come with probabilities 0.59, 0.33 and 0.08.
  const pointCost = 1.5;
  const exact = enumerated({ whitened, batchSize: 3, smallestBatch: 1, pointCost, temperature: 0.5 });
  const draw = sizedKdppSampler(right(sizedKdpp(whitened, [1, 3], pointCost)));
  const draws = 30_000;
  const counts = new Map<string, number>();
  for (let i = 0; i < draws; i++) {
    const name = draw(split(keyFromSeed(17), i)).join();
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  let statistic = 0;
  exact.batches.forEach((batch, i) => {
    const expected = draws * (exact.probabilities[i] ?? NaN);
    assert.ok(expected >= 5, `batch ${batch.join()} expects ${expected} draws`);
    statistic += ((counts.get(batch.join()) ?? 0) - expected) ** 2 / expected;
    counts.delete(batch.join());
  });
  assert.is(counts.size, 0, 'batches that are none');
  // A right sampler with another seed fails once in 10,000.
  const p = chiSquareSurvival(statistic, exact.batches.length - 1);
  assert.ok(p > 1e-4, `χ² ${statistic}, p = ${p}`);
});

test('a size that shares the spectrum of a larger one is the k-DPP of that size, points given or not', () => {
  const whitened = randomPool(30, 4, 2, 3);
  for (const chosen of [[], [7, 2]]) {
    const large = right(containing(chosen)(right(kdpp(whitened, 9))));
    for (const size of [2, 3, 8, 9]) {
      const own = right(containing(chosen)(right(kdpp(whitened, size))));
      const shared = ofSize(size)(large);
      closeTo(shared.logZ, own.logZ, 1e-10);
      assert.equal(
        kdppBatches(shared, { count: 20, key: keyFromSeed(3) }),
        kdppBatches(own, { count: 20, key: keyFromSeed(3) }),
      );
    }
    assert.throws(() => ofSize(10)(large), /10 is no size from/);
    assert.throws(() => ofSize(chosen.length - 1)(large), /is no size from/);
  }
});

test('what cannot be is refused', () => {
  const whitened = randomPool(5, 2, 1);
  for (const sizes of [
    [3, 2],
    [-1, 2],
    [0.5, 2],
  ] as const)
    assert.throws(() => sizedKdpp(whitened, sizes), /batches of /);
  assert.throws(() => sizedKdpp(whitened, [1, 6]), /a batch of 6 from a pool of 5/);
  assert.throws(() => sizedKdpp(whitened, [1, 2], NaN), /a cost of NaN/);
  const dpp = right(sizedKdpp(whitened, [1, 2]));
  for (const batch of [[], [0, 1, 2]])
    assert.throws(() => sizedKdppLogProbability(dpp, batch), /a size that is not drawn/);
  assert.throws(() => sizedKdppLogProbability(dpp, [1, 1]), /not a batch of 2/);
  assert.ok(E.isLeft(sizedKdpp({ rows: 2, columns: 1, data: Float64Array.of(1, NaN) }, [1, 2])));
});

test.run();
