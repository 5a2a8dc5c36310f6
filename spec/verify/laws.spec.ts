/**
 * The laws hold for right samplers and are broken by wrong ones, each by the fault that it is meant for. Seeds are fixed;
 * the false-alarm probability of every law is 1e-6 unless the test says otherwise.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  asProperty,
  assertLaw,
  frequenciesMatch,
  logPartitionConsistent,
  logProbabilitiesNormalised,
  logWeightsOf,
  permutationPermutes,
  rewardedBatches,
  seedDecides,
  showReport,
  validBatches,
  type Batch,
  type BatchSampler,
  type LawReport,
} from '../../src/verify/index.js';
import { die, mulberry, successive } from './loaded-die.js';
import { assertUniform } from './null-distribution.js';

const weights = [1, 2, 3, 4, 5, 6];
const right = successive(weights, 3);
const logProbabilityOf = (batch: Batch): number => Number(Array.from(syncLogs([batch]))[0]);
const syncLogs = (batches: readonly Batch[]): ArrayLike<number> => {
  const logs = right.logProbability?.(batches) ?? [];
  if (logs instanceof Promise) throw new Error('it answers at once');
  return logs;
};
const target = rewardedBatches(6, 3, logProbabilityOf);
const outcomes = target.map(({ outcome }) => outcome);

/** A sampler with some of it replaced. */
const but = (changes: Partial<BatchSampler>): BatchSampler => ({ ...right, ...changes });
const changed = (change: (batch: Batch, i: number) => Batch): BatchSampler =>
  but({ sample: async (seed, count) => (await right.sample(seed, count)).map(change) });

const holds = (report: LawReport): void => assertLaw(report);
const broken = (report: LawReport, words: RegExp): void => {
  assert.not(report.holds, showReport(report));
  assert.match(report.detail, words);
  assert.throws(() => assertLaw(report), words);
};

test('every law holds for a right sampler', async () => {
  holds(await validBatches(right));
  holds(await seedDecides(right));
  holds(
    await permutationPermutes(
      (order) =>
        successive(
          order.map((i) => weights[i] ?? 0),
          3,
        ),
      6,
    ),
  );
  holds(await frequenciesMatch(right, target, { draws: 50_000 }));
  holds(await frequenciesMatch(right, target, { draws: 50_000, test: 'G' }));
  holds(await logProbabilitiesNormalised(right, outcomes));
  holds(
    await logPartitionConsistent(
      logWeightsOf(right, () => 0),
      { logZ: Math.log(20) },
    ),
  );
  holds(
    await logPartitionConsistent(
      logWeightsOf(right, (b) => 3 + logProbabilityOf(b)),
      { logZ: 3 },
    ),
  );
});

test('invalid batches are caught, each with its fault', async () => {
  broken(
    await validBatches(changed((b, i) => (i === 7 ? [b[0] ?? 0, b[1] ?? 0, b[0] ?? 0] : b))),
    /draw 7, .* has \d twice/,
  );
  broken(await validBatches(changed((b) => b.map((x) => x + 1))), /has 6, which is no point of a pool of 6/);
  broken(await validBatches(changed((b) => b.map((x) => x / 2))), /which is no point/);
  broken(await validBatches(changed((b) => b.slice(1))), /has 2 points, not 3/);
  broken(await validBatches(but({ batchSize: [4, 5] })), /has 3 points, not 4 to 5/);
  broken(
    await validBatches(but({ sample: (seed) => right.sample(seed, 3) })),
    /1000 draws were asked for, 3 came/,
  );
  holds(await validBatches(but({ batchSize: [1, 3] })));
});

test('a seed that does not decide, or does nothing, is caught', async () => {
  let calls = 0;
  broken(await seedDecides(but({ sample: (seed, n) => right.sample(seed + calls++, n) })), /first .*, then /);
  broken(await seedDecides(but({ sample: (_, n) => right.sample(1, n) })), /seeds 0 and 1 gave the same/);
  const constant = await seedDecides({ sample: (_, n) => Array.from({ length: n }, () => 1) });
  holds(constant);
  assert.match(constant.detail, /not judged/);
});

test('a sampler that ignores the permutation, or half of it, is caught', async () => {
  const blind = { poolSize: 6, batchSize: 3, sample: right.sample };
  broken(await permutationPermutes(() => blind, 6), /of points p = /);
  broken(await permutationPermutes(() => right, 6), /has log-probability/);
  const large = Array.from({ length: 400 }, (_, i) => 1 + (i % 7));
  const largeBlind = { ...successive(large, 4), logProbability: () => [] };
  broken(
    await permutationPermutes(() => ({ poolSize: 400, batchSize: 4, sample: largeBlind.sample }), 400, {
      draws: 3000,
    }),
    /of points p = /,
  );
  holds(
    await permutationPermutes(
      (order) =>
        successive(
          order.map((i) => large[i] ?? 0),
          4,
        ),
      400,
      { draws: 1000 },
    ),
  );
});

test('an order that shows in batches alone, or in points alone, is caught, without log-probabilities too', async () => {
  // One of the pairs of neighbours, or of half a pool of singles: the points of the pairs come equally often in any order.
  const pairs = (): BatchSampler => ({
    poolSize: 6,
    batchSize: 2,
    sample: (seed, count) => {
      const next = mulberry(seed);
      return Array.from({ length: count }, () => {
        const first = 2 * Math.floor(3 * next());
        return [first, first + 1];
      });
    },
  });
  broken(
    await permutationPermutes(pairs, 6, { draws: 1000 }),
    /of batches p = 0[^,]*, of points p = 0\.[1-9]/,
  );
});

test('a bias of 5% in one probability is caught; frequencies that are right are not', async () => {
  const faces = [0.25, 0.15, 0.15, 0.15, 0.15, 0.15];
  const listed = faces.map((p, face) => ({ outcome: face, logReward: Math.log(40 * p) }));
  const biased = faces.map((p, i) => (i === 0 ? 1.05 * p : (p * (1 - 1.05 * 0.25)) / 0.75));
  const report = await frequenciesMatch(die(faces), listed);
  holds(report);
  assert.is(report.degreesOfFreedom, 5);
  assert.is(report.falseAlarm, 1e-6);
  broken(await frequenciesMatch(die(biased), listed), /farthest off: 0 with 26\d\d\d draws for 25000/);
  broken(await frequenciesMatch(die(biased), listed, { test: 'G' }), /G /);
});

test('its p-values are uniform for a right sampler (false alarm of this check: 1e-4)', async () => {
  const pValues: number[] = [];
  for (let seed = 0; seed < 300; seed++)
    pValues.push((await frequenciesMatch(right, target, { seed: 1000 * seed, draws: 2000 })).pValue);
  assertUniform(pValues, 'frequency law', 0.01);
});

test('p-values of the permutation law never fall below uniform ones (Bonferroni)', async () => {
  let small = 0;
  for (let seed = 0; seed < 100; seed++) {
    const build = (order: readonly number[]) =>
      successive(
        order.map((i) => weights[i] ?? 0),
        3,
      );
    const { pValue } = await permutationPermutes(build, 6, { seed: 1000 * seed, draws: 500 });
    if ((pValue ?? 1) < 0.05) small++;
  }
  // Binomial(100, 0.05) exceeds 16 with probability 1e-5.
  assert.ok(small <= 16, `${small} of 100 below 0.05`);
});

test('an outcome that is not listed is caught, and lists that make no sense are refused', async () => {
  broken(await frequenciesMatch(right, target.slice(1)), /0,1,2 was drawn and is not among the outcomes/);
  const never = target.map((row, i) => (i === 3 ? { ...row, logReward: -Infinity } : row));
  broken(await frequenciesMatch(right, never), /p = 0 /);
  const refused = async (rows: typeof target, words: RegExp): Promise<void> => {
    try {
      await frequenciesMatch(right, rows, { draws: 10 });
    } catch (error) {
      assert.instance(error, RangeError);
      assert.match(String(error), words);
      return;
    }
    assert.unreachable('it was accepted');
  };
  await refused([...target, { outcome: [2, 1, 0], logReward: 0 }], /same key/);
  await refused(
    target.map((row) => ({ ...row, logReward: NaN })),
    /finite log rewards/,
  );
});

test('log-probabilities that are not normalised, or are of something else, are caught', async () => {
  const logs = (change: (log: number) => number) =>
    but({ logProbability: (batches) => Array.from(syncLogs(batches), change) });
  broken(
    await logProbabilitiesNormalised(
      logs((x) => x + 0.001),
      outcomes,
    ),
    /is 0\.001 nats/,
  );
  broken(
    await logProbabilitiesNormalised(
      logs(() => NaN),
      outcomes,
    ),
    /has log-probability NaN/,
  );
  // log 3! forgotten: the probability of one order for that of the set.
  const ordered = but({ logProbability: (batches) => Array.from(syncLogs(batches), (x) => x - Math.log(6)) });
  broken(await logProbabilitiesNormalised(ordered, outcomes), /is -1\.79 nats/);
  broken(
    await logPartitionConsistent(
      logWeightsOf(ordered, () => 0),
      { logZ: Math.log(20) },
    ),
    /standard errors/,
  );
});

test('log Z off by 0.05 nats is caught by 40,000 draws; the p-value is uniform (false alarm 1e-4)', async () => {
  const weighted = logWeightsOf(right, () => 0);
  broken(
    await logPartitionConsistent(weighted, { logZ: Math.log(20) + 0.05, draws: 40_000 }),
    /exact 3\.0457/,
  );
  broken(await logPartitionConsistent(() => [0, NaN], { logZ: 0 }), /NaN/);
  const pValues: number[] = [];
  for (let seed = 0; seed < 300; seed++) {
    const report = await logPartitionConsistent(weighted, {
      logZ: Math.log(20),
      seed: 1000 * seed,
      draws: 2000,
    });
    pValues.push(report.pValue ?? NaN);
  }
  assertUniform(pValues, 'log Z', 0.01);
});

test('laws are properties of fast-check', async () => {
  await fc.assert(
    asProperty(fc, (seed) => validBatches(right, { seed, draws: 20 })),
    { numRuns: 20 },
  );
  const wrong = changed((b, i) => (i === 3 ? [0, 0, 0] : b));
  const details = await fc.check(
    asProperty(fc, (seed) => validBatches(wrong, { seed, draws: 20 })),
    { numRuns: 5 },
  );
  assert.ok(details.failed);
  assert.match(
    String(details.errorInstance),
    /BROKEN {2}only valid batches: draw 3, \[0, 0, 0\], has 0 twice/,
  );
});

test('the generator of these samplers is fair enough', () => {
  const next = mulberry(5);
  assertUniform(Array.from({ length: 20_000 }, next), 'mulberry32');
});

test.run();
