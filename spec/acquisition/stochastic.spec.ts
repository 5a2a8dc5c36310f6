/** Strategies that draw points by chance, against their laws: exact probabilities of all batches of a small pool. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { proposeBatch, type ProposalOptions } from '../../src/acquisition/index.js';
import { stochasticLogWeight } from '../../src/acquisition/stochastic-batch-bald.js';
import { contextOf } from '../../src/acquisition/summary.js';
import { gumbelTop, scaledLogits, top } from '../../src/acquisition/top.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import { subsetsOf } from '../../src/gflownet/exact/subsets.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import { scannedAtOnce } from '../../src/reward/scan.js';
import { chiSquareTest } from '../../src/verify/goodness-of-fit.js';
import { closeTo, normalMatrix } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';

const poolSize = 6;
const batchSize = 3;
const whitened = normalMatrix(poolSize, 2, 8);
const posterior = { whitened, mean: new Float64Array(poolSize), noiseVariance: 1 };
const proposed = (options: Omit<ProposalOptions, 'batchSize'>) =>
  succeed(proposeBatch(cpuEngine(), posterior, { ...options, batchSize }));

const jmi = (batch: readonly number[]): number => jointMutualInformation(whitened, batch);
/** gain(n | s), slowly. */
const gain = (n: number, s: readonly number[]): number => jmi([...s, n]) - jmi(s);

/** The weight of a point as the next one after s. */
type Weight = (n: number, s: readonly number[]) => number;

/** All orders of b of n points with their probabilities, each point drawn by its weight among those left. */
const orders = (
  n: number,
  b: number,
  weight: Weight,
): readonly { readonly order: readonly number[]; readonly probability: number }[] =>
  Array.from({ length: b }).reduce<readonly { order: readonly number[]; probability: number }[]>(
    (before) =>
      before.flatMap(({ order, probability }) => {
        const free = Array.from({ length: n }, (_, m) => m).filter((m) => !order.includes(m));
        const total = free.reduce((sum, m) => sum + weight(m, order), 0);
        return free.map((m) => ({
          order: [...order, m],
          probability: (probability * weight(m, order)) / total,
        }));
      }),
    [{ order: [], probability: 1 }],
  );

const subsets = subsetsOf(poolSize, batchSize);
const batches = Array.from({ length: subsets.length / batchSize }, (_, i) =>
  Array.from(subsets.subarray(i * batchSize, (i + 1) * batchSize)),
);
const nameOf = (batch: readonly number[]): string => [...batch].sort((a, b) => a - b).join();

/** Of each batch. */
const setProbabilities = (weight: Weight): readonly number[] => {
  const sums = new Map<string, number>(batches.map((batch) => [batch.join(), 0]));
  for (const { order, probability } of orders(poolSize, batchSize, weight))
    sums.set(nameOf(order), (sums.get(nameOf(order)) ?? NaN) + probability);
  return Array.from(sums.values());
};

/** How often each batch was drawn: a batch of this pool is known by its information. */
const countsOf = (information: readonly number[]): readonly number[] => {
  const known = batches.map(jmi);
  const counts = batches.map(() => 0);
  for (const x of information) {
    const row = known.findIndex((y) => Math.abs(x - y) < 1e-9);
    counts[row] = (counts[row] ?? NaN) + 1;
  }
  return counts;
};

const draws = 4000;
const laws: readonly (readonly [Omit<ProposalOptions, 'batchSize' | 'seed' | 'draws'>, Weight])[] = [
  [{ acquisition: 'random' }, () => 1],
  [{ acquisition: 'powerBald' }, (n) => gain(n, [])],
  [{ acquisition: 'powerBald', coldness: 3 }, (n) => gain(n, []) ** 3],
  [{ acquisition: 'softmaxBald' }, (n) => Math.exp(gain(n, []))],
  [{ acquisition: 'softmaxBald', coldness: 5 }, (n) => Math.exp(5 * gain(n, []))],
  [{ acquisition: 'stochasticBatchBald', temperature: 0.5 }, (n, s) => Math.exp(2 * gain(n, s))],
  [{ acquisition: 'stochasticBatchBald', temperature: 0.1 }, (n, s) => Math.exp(10 * gain(n, s))],
];

test('the batches of the pool differ in information, and the laws in probabilities', () => {
  const known = batches.map(jmi).sort((a, b) => a - b);
  known.forEach((x, i) => assert.ok(i === 0 || x - (known[i - 1] ?? NaN) > 1e-6));
  const all = laws.map(([, weight]) => setProbabilities(weight));
  all.forEach((p, i) => {
    closeTo(
      p.reduce((a, b) => a + b),
      1,
      1e-12,
    );
    // At 4,000 draws each would be refused as any other: noncentrality n Σ (p − q)² / q of 70 and more.
    all.forEach((q, j) => {
      const apart = draws * p.reduce((sum, x, k) => sum + (x - (q[k] ?? NaN)) ** 2 / (q[k] ?? NaN), 0);
      assert.ok(i === j || apart > 70, `laws ${i} and ${j}: ${apart}`);
    });
  });
});

for (const [options, weight] of laws)
  test(`${JSON.stringify(options)} draws batches by its law`, async () => {
    const { drawn } = await proposed({ ...options, seed: 1, draws });
    const counts = countsOf(drawn.jointMutualInformation);
    assert.is(
      counts.reduce((a, b) => a + b),
      draws,
    );
    const { statistic, pValue } = chiSquareTest(counts, setProbabilities(weight));
    // A right sampler fails with one seed of a million.
    assert.ok(pValue > 1e-6, `χ² = ${statistic}, p = ${pValue}`);
  });

test('Gumbel top-b: orders follow Plackett and Luce, and points at −∞ come last in any order', () => {
  const places = (order: readonly number[]): string => order.join();
  for (const [logits, weight] of [
    [Float64Array.of(0, -1, -2, 0.5), (n: number) => Math.exp([0, -1, -2, 0.5][n] ?? NaN)],
    // So far below that they are drawn last.
    [Float64Array.of(-Infinity, 1, -Infinity, -Infinity), (n: number) => (n === 1 ? 1 : 1e-30)],
  ] as const) {
    const exact = orders(4, 3, weight);
    const counts = new Map(exact.map(({ order }) => [places(order), 0]));
    for (let i = 0; i < draws; i++) {
      const order = places(gumbelTop(split(keyFromSeed(3), i), 3, logits));
      counts.set(order, (counts.get(order) ?? NaN) + 1);
    }
    const { pValue } = chiSquareTest(
      Array.from(counts.values()),
      exact.map(({ probability }) => probability),
    );
    // A right sampler fails with one seed of a million.
    assert.ok(pValue > 1e-6, `p = ${pValue}`);
  }
});

test('top: the largest first, of equal ones that with the larger second value, then the first', () => {
  assert.equal(top(3, Float64Array.of(1, 5, 2, 5, -Infinity)), [1, 3, 2]);
  assert.equal(top(3, Float64Array.of(1, 1, 1, 1), Float64Array.of(0, 2, 1, 2)), [1, 3, 2]);
  assert.equal(top(2, Float64Array.of(-Infinity, -Infinity, -Infinity)), [0, 1]);
  assert.equal(top(0, Float64Array.of(1, 2)), []);
});

test('logits are scaled from the largest, so that nothing overflows', () => {
  assert.equal(scaledLogits(Float64Array.of(1, 3, -Infinity), 2), Float64Array.of(-4, 0, -Infinity));
  assert.equal(scaledLogits(Float64Array.of(1, 3), 1e308), Float64Array.of(-Infinity, 0));
  assert.equal(scaledLogits(Float64Array.of(-Infinity, -Infinity), 2), Float64Array.of(0, 0));
});

test('stochastic BatchBALD: the weight of a draw is that of its order', async () => {
  const temperature = 0.3;
  const exact = new Map(
    orders(poolSize, batchSize, (n, s) => Math.exp(gain(n, s) / temperature)).map((_) => [
      _.order.join(),
      _.probability,
    ]),
  );
  for (let seed = 0; seed < 20; seed++) {
    const { best, logPartition, effectiveSampleSize } = await proposed({
      ...{ acquisition: 'stochasticBatchBald', temperature, seed, draws: 1 },
    });
    assert.ok(logPartition !== null);
    const logP = Math.log(exact.get(best.indices.join()) ?? NaN);
    closeTo(logPartition.elbo ?? NaN, best.jointMutualInformation / temperature - Math.log(6) - logP, 1e-9);
    assert.equal(
      [logPartition.estimate, effectiveSampleSize, logPartition.eubo],
      [logPartition.elbo, 1, null],
    );
  }
});

test('stochastic BatchBALD: the weight of an order is R P_B over its probability', () => {
  const temperature = 0.3;
  const options = { batchSize, draws: 2, seed: 0 };
  const weightOf = stochasticLogWeight(scannedAtOnce(contextOf(posterior, options)), options, temperature);
  for (const { order, probability } of orders(poolSize, batchSize, (n, s) =>
    Math.exp(gain(n, s) / temperature),
  ))
    closeTo(weightOf(order), jmi(order) / temperature - Math.log(6) - Math.log(probability), 1e-9);
});

test('stochastic BatchBALD: its estimates are those of the target', async () => {
  const temperature = 0.3;
  const { logPartition, effectiveSampleSize, ...proposal } = await proposed({
    ...{ acquisition: 'stochasticBatchBald', temperature, seed: 1, draws },
  });
  assert.ok(logPartition?.method === 'importance' && effectiveSampleSize !== null);
  assert.is(proposal.temperature, temperature);
  const { logZ } = exactTarget({ whitened, batchSize, temperature });
  // Σ w² P_F / Z², over all orders: 1 + the variance of w / Z.
  const second = orders(poolSize, batchSize, (n, s) => Math.exp(gain(n, s) / temperature)).reduce(
    (sum, { order, probability }) => {
      const weight = Math.exp(jmi(order) / temperature - logZ) / 6;
      return sum + weight ** 2 / probability;
    },
    0,
  );
  // Five standard errors: false alarm 6e-7.
  const error = 5 * Math.sqrt((second - 1) / draws);
  assert.ok(error < 0.1 && Math.abs(Math.exp(logPartition.estimate - logZ) - 1) < error);
  assert.ok((logPartition.elbo ?? NaN) < logPartition.estimate);
  assert.ok(
    Math.abs(effectiveSampleSize - 1 / second) < 0.05,
    `${effectiveSampleSize}, exactly ${1 / second}`,
  );
});

test('stochastic BatchBALD is greedy BatchBALD where it is cold, and its temperature has the default', async () => {
  const cold = await proposed({ acquisition: 'stochasticBatchBald', temperature: 1e-4, seed: 0, draws: 20 });
  assert.equal(cold.best.indices, greedyBatch(posterior, batchSize).indices);
  closeTo(cold.drawn.mean, cold.greedy.jointMutualInformation, 1e-9);
  const options = { seed: 0, draws: 20 } as const;
  const left = await proposed({ ...options, acquisition: 'stochasticBatchBald' });
  const learned = await proposed({ ...options, acquisition: 'gflownet', iterations: 1 });
  assert.is(left.temperature, learned.temperature);
});

test.run();
