/** Strategies by other rewards than the information of whitened features: each that can be named, class labels, a user's own. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { candidateIndices, posteriorAt } from '../../src/acquisition/candidates.js';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { type AcquisitionName, proposeBatch, strategies } from '../../src/acquisition/index.js';
import type { StrategyOptions } from '../../src/acquisition/strategy.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { subsetsOf } from '../../src/gflownet/exact/subsets.js';
import { logSumExp } from '../../src/linear-algebra/log-sum.js';
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed } from '../../src/random/key.js';
import { information } from '../../src/reward/information.js';
import { rewards } from '../../src/reward/index.js';
import { reward } from '../../src/reward/programmed.js';
import type { Reward } from '../../src/reward/utility.js';
import { classPosterior } from '../../src/surrogate/class-posterior.js';
import type { Posterior } from '../../src/surrogate/posterior.js';
import { gather, sum } from '../../src/tensor/operations.js';
import { closeTo, right } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';
import { randomPool } from '../support/pools.js';
import { runs } from '../support/property.js';
import { randomLabels } from '../reward/categorical-cases.js';

const POINTS = 12;
const cpu = cpuEngine();
const names = Object.keys(strategies) as readonly AcquisitionName[];

const posteriorOf = (whitened: Matrix): Posterior => ({
  mean: new Float64Array(whitened.rows),
  whitened,
  noiseVariance: 1,
});

/** Points of large number are worth more, each for itself; the proxy knows it. */
const later = reward(
  'later',
  ({ mean: { length } }) => ({ worth: Float64Array.from({ length }, (_, n) => n / 4) }),
  ({ worth }, batches) => sum(gather(worth, batches), [1]),
  {
    proxy: ({ mean: { length } }) =>
      matrixFrom(length, length, (n, j) => (n === j ? Math.sqrt(Math.expm1(n / 2)) : 0)),
  },
);

interface Case {
  readonly posterior: (seed: number) => Posterior;
  readonly reward?: Reward;
}

/** Every reward that can be named, but for information, which strategies.spec.ts goes by. */
const ofNumbers = Object.fromEntries(
  Object.entries(rewards)
    .filter(([, named]) => named !== information)
    .map(([name, named]): readonly [string, Case] => [
      name,
      { posterior: (seed) => posteriorOf(randomPool(POINTS, 3, seed)), reward: named },
    ]),
);

const cases: Readonly<Record<string, Case>> = {
  ...ofNumbers,
  'class labels': { posterior: (seed) => right(classPosterior(randomLabels([7, POINTS, 3], seed))) },
  'one of our own': { posterior: (seed) => posteriorOf(randomPool(POINTS, 3, seed)), reward: later },
};

const proposed = (
  acquisition: AcquisitionName,
  { posterior, reward: by }: Case,
  { seed, ...options }: Omit<StrategyOptions, 'draws'> & { readonly draws?: number },
) =>
  succeed(
    proposeBatch(cpu, posterior(seed), {
      ...{ draws: 8, seed, ...options },
      ...(by === undefined ? {} : { reward: by }),
      acquisition,
      ...(strategies[acquisition].takes.includes('iterations') ? { iterations: 2, trajectories: 4 } : {}),
    }),
  );

const utilityOf = ({ posterior, reward: by = information }: Case, seed: number) =>
  by.utilityFor(posterior(seed)).value;

for (const [name, own] of Object.entries(cases)) {
  for (const acquisition of names.filter(
    (_) => strategies[_].ofClasses === undefined || name === 'class labels',
  ))
    test(`${acquisition} by ${name}: different points, the draw of largest utility, its information beside it`, () =>
      fc.assert(
        fc.asyncProperty(fc.nat(99), fc.integer({ min: 1, max: 5 }), async (seed, batchSize) => {
          const context = { batchSize, seed };
          const {
            best,
            drawn,
            greedy,
            improvement,
            reward: told,
          } = await proposed(acquisition, own, context);
          assert.is(new Set(best.indices).size, batchSize);
          assert.ok(best.indices.every((n) => n >= 0 && n < POINTS));
          const of = utilityOf(own, seed);
          const worth = best.utility ?? best.jointMutualInformation;
          closeTo(worth, of(best.indices), 1e-12);
          const ofGreedy = greedy.utility ?? greedy.jointMutualInformation;
          if (improvement === null) assert.is(drawn.best, worth);
          else assert.ok(worth >= Math.max(drawn.best, ofGreedy), `${worth} of ${drawn.best}, ${ofGreedy}`);
          assert.ok(drawn.mean <= worth + 1e-12);
          closeTo(ofGreedy, of(greedy.indices), 1e-12);
          closeTo(
            best.jointMutualInformation,
            information.utilityFor(own.posterior(seed)).value(best.indices),
            1e-12,
          );
          assert.equal(
            told,
            own.reward === undefined ? undefined : { name: own.reward.name, unit: own.reward.unit },
          );
        }),
        runs(acquisition === 'gflownet' ? 3 : 8),
      ));

  test(`greedy by ${name} takes the point of largest gain, each time`, () =>
    fc.assert(
      fc.property(fc.nat(99), (seed) => {
        const of = utilityOf(own, seed);
        const { indices } = greedyBatch(own.posterior(seed), 3, [2], own.reward);
        assert.not(indices.includes(2));
        indices.forEach((chosen, k) => {
          const before = indices.slice(0, k);
          for (let n = 0; n < POINTS; n++)
            if (n !== 2 && !before.includes(n))
              assert.ok(of([...before, chosen]) >= of([...before, n]) - 1e-12);
        });
      }),
      runs(10),
    ));

  test(`log Z by ${name}: estimates tend to the sum over all batches`, async () => {
    const seed = 3;
    const batchSize = 3;
    const of = utilityOf(own, seed);
    const subsets = subsetsOf(POINTS, batchSize);
    const logs = Array.from({ length: subsets.length / batchSize }, (_, i) =>
      of(Array.from(subsets.subarray(i * batchSize, (i + 1) * batchSize))),
    );
    for (const [acquisition, draws] of [
      ['stochasticBatchBald', 4000],
      ['gflownet', 4000],
    ] as const) {
      const { temperature, logPartition, effectiveSampleSize } = await proposed(acquisition, own, {
        batchSize,
        seed,
        draws,
        temperature: 0.4,
      });
      if (temperature === null || logPartition === null) throw new Error('no target');
      const exact = logSumExp(logs.map((u) => u / temperature));
      // By importance the standard error of log mean w is √((1/ESS − 1) / n); seven of them, and the seed is fixed.
      const error = Math.sqrt((1 / (effectiveSampleSize ?? NaN) - 1) / draws);
      const { estimate, standardError, method, elbo, eubo } = logPartition;
      if (method === 'importance') closeTo(standardError, error, 1e-12);
      assert.ok(standardError < 0.05, `too few: ${standardError}`);
      closeTo((estimate - exact) / Math.max(1, Math.abs(exact)), 0, 7 * standardError + 1e-6);
      assert.ok((elbo ?? NaN) <= exact + 0.05);
      assert.ok(eubo === null || eubo >= exact - 0.05);
    }
  });
}

test('a reward counts: later points are drawn where they are worth more', async () => {
  const { best } = await proposed('stochasticBatchBald', cases['one of our own'] as Case, {
    ...{ batchSize: 3, seed: 1, draws: 400, temperature: 0.05 },
  });
  assert.equal(
    best.indices.toSorted((a, b) => a - b),
    [9, 10, 11],
  );
});

test('class labels of candidates are those of the pool', () => {
  const posterior = right(classPosterior(randomLabels([7, POINTS, 3], 4)));
  const indices = candidateIndices(posterior.whitened, {
    ...{ count: 6, batchSize: 3 },
    key: keyFromSeed(4),
  });
  const part = information.utilityFor(posteriorAt(posterior, indices));
  closeTo(
    part.value([0, 2, 5]),
    information.utilityFor(posterior).value([indices[0] ?? -1, indices[2] ?? -1, indices[5] ?? -1]),
    1e-12,
  );
});

test('candidates serve every reward', async () => {
  for (const own of Object.values(cases)) {
    const { best, candidates } = await succeed(
      proposeBatch(cpu, own.posterior(5), {
        ...{ acquisition: 'stochasticBatchBald', batchSize: 3, seed: 5, draws: 8, candidates: 7 },
        ...(own.reward === undefined ? {} : { reward: own.reward }),
      }),
    );
    assert.is(candidates?.count, 7);
    closeTo(best.utility ?? best.jointMutualInformation, utilityOf(own, 5)(best.indices), 1e-12);
  }
});

test.run();
