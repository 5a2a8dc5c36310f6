/**
 * Our own exact samplers under the laws that are there for anyone's: the k-DPP, batches of several sizes, and uniform
 * random batches. Laws that chance decides fail a right sampler with another seed once in a million (log Z: once in 1.7
 * million).
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { randomBatches } from '../../src/acquisition/random.js';
import { logBinomial } from '../../src/linear-algebra/binomial.js';
import { logReward } from '../../src/gflownet/problem.js';
import type { Matrix } from '../../src/linear-algebra/matrix.js';
import { matrixFrom } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed } from '../../src/random/key.js';
import {
  assertLaw,
  frequenciesMatch,
  kdpp,
  kdppBatchSampler,
  logPartitionConsistent,
  logProbabilitiesNormalised,
  logWeightsOf,
  permutationPermutes,
  rewardedBatches,
  seedDecides,
  sizedKdpp,
  sizedKdppBatchSampler,
  validBatches,
  type Batch,
  type BatchSampler,
} from '../../src/verify/index.js';
import { right } from '../linear-algebra/arbitrary.js';
import { maternPool, randomPool } from '../support/pools.js';

const poolSize = 8;
const batchSize = 3;
const sizes = [1, 3] as const;
const pointCost = 2;

/** A strategy's sampler with what it should follow. */
interface Case {
  readonly name: string;
  readonly build: (whitened: Matrix) => Required<BatchSampler>;
  readonly sizes: readonly number[];
  readonly logReward: (whitened: Matrix, batch: Batch) => number;
  readonly logZ: (whitened: Matrix) => number;
}

const uniformSampler = (whitened: Matrix): Required<BatchSampler> => {
  const posterior = { whitened, mean: new Float64Array(whitened.rows), noiseVariance: 1 };
  return {
    poolSize: whitened.rows,
    batchSize,
    sample: (seed, count) =>
      randomBatches(posterior, { batchSize, count, key: keyFromSeed(seed) }).map(({ indices }) => indices),
    logProbability: (batches) => batches.map(() => -logBinomial(whitened.rows, batchSize)),
  };
};

const cases: readonly Case[] = [
  {
    name: 'k-DPP',
    build: (whitened) => kdppBatchSampler(right(kdpp(whitened, batchSize))),
    sizes: [batchSize],
    logReward: (whitened, batch) => logReward({ whitened, batchSize, temperature: 0.5 }, batch),
    logZ: (whitened) => right(kdpp(whitened, batchSize)).logZ,
  },
  {
    name: 'several sizes',
    build: (whitened) => sizedKdppBatchSampler(right(sizedKdpp(whitened, sizes, pointCost))),
    sizes: [1, 2, 3],
    logReward: (whitened, batch) => logReward({ whitened, batchSize, temperature: 0.5, pointCost }, batch),
    logZ: (whitened) => right(sizedKdpp(whitened, sizes, pointCost)).logZ,
  },
  {
    name: 'random batches',
    build: uniformSampler,
    sizes: [batchSize],
    logReward: () => 0,
    logZ: ({ rows }) => logBinomial(rows, batchSize),
  },
];

const permuted = ({ columns, data }: Matrix, order: readonly number[]): Matrix =>
  matrixFrom(order.length, columns, (i, l) => data[(order[i] ?? 0) * columns + l] ?? NaN);

for (const { name, build, sizes: drawn, logReward: reward, logZ } of cases)
  for (const [pool, whitened] of [
    ['random pool', randomPool(poolSize, 3, 5, 3)],
    ['Matérn pool', maternPool(poolSize, 2)],
  ] as const) {
    const sampler = build(whitened);
    const outcomes = drawn.flatMap((size) =>
      rewardedBatches(poolSize, size, (batch) => reward(whitened, batch)),
    );

    test(`${name}, ${pool}: valid batches that the seed decides and a permutation permutes`, async () => {
      assertLaw(await validBatches(sampler));
      assertLaw(await seedDecides(sampler));
      assertLaw(
        await permutationPermutes((order) => build(permuted(whitened, order)), poolSize, { draws: 3000 }),
      );
    });

    test(`${name}, ${pool}: frequencies, log-probabilities and log Z are those of the rewards`, async () => {
      assertLaw(await frequenciesMatch(sampler, outcomes, { draws: 20_000 }));
      assertLaw(await frequenciesMatch(sampler, outcomes, { draws: 10_000, seed: 1, test: 'G' }));
      assertLaw(
        await logProbabilitiesNormalised(
          sampler,
          outcomes.map(({ outcome }) => outcome),
        ),
      );
      const weights = logWeightsOf(sampler, (batch) => reward(whitened, batch));
      assertLaw(await logPartitionConsistent(weights, { logZ: logZ(whitened), draws: 1000 }));
    });
  }

test('log Z of the k-DPP is what uniform random batches estimate, beyond what can be listed', async () => {
  const whitened = randomPool(200, 4, 6, 0.4);
  const problem = { whitened, batchSize, temperature: 0.5 };
  const report = await logPartitionConsistent(
    logWeightsOf(uniformSampler(whitened), (batch) => logReward(problem, batch)),
    { logZ: right(kdpp(whitened, batchSize)).logZ, draws: 20_000 },
  );
  assertLaw(report);
  // Otherwise the law says nothing.
  const [, size = '0'] = /effective sample size (\d+)/.exec(report.detail) ?? [];
  assert.ok(Number(size) > 10_000, report.detail);
});

test('a neighbouring temperature is told apart', async () => {
  const whitened = randomPool(poolSize, 3, 5, 1);
  const nearby = rewardedBatches(poolSize, batchSize, (batch) =>
    logReward({ whitened, batchSize, temperature: 0.45 }, batch),
  );
  const report = await frequenciesMatch(kdppBatchSampler(right(kdpp(whitened, batchSize))), nearby, {
    draws: 30_000,
  });
  assert.not(report.holds, report.detail);
});

test.run();
