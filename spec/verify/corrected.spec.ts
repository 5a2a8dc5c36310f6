/** Draws corrected by Metropolis–Hastings: they follow the target, wrong weights are caught, and too few draws are no test. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gibbsTargetOf, logReward } from '../../src/gflownet/problem.js';
import { estimatesOf } from '../../src/gflownet/estimates.js';
import type { Draws } from '../../src/gflownet/sample.js';
import { certifiedDraws } from '../../src/gibbs/draws.js';
import { atOnce } from '../../src/work.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import { correctedDraws, drawsForTest, forgettingTime, type Reference } from '../../src/verify/corrected.js';
import { inclusionProbabilities, kdpp, kdppLogProbability, kdppSampler } from '../../src/verify/index.js';
import { right } from '../linear-algebra/arbitrary.js';
import { maternPool } from '../support/pools.js';

const poolSize = 40;
const batchSize = 3;
const whitened = maternPool(poolSize, 1);
const problem = { whitened, batchSize, temperature: 0.5 };
const target = right(kdpp(whitened, batchSize));
const inclusion: Reference = {
  batches: [],
  certificate: null,
  inclusion: () => Array.from(inclusionProbabilities(target), (mean) => ({ mean, standardError: 0 })),
};

/** Draws from the k-DPP of features that are too small, with the weights that `logWeight` makes of log R and log P. */
const biased = right(kdpp({ ...whitened, data: whitened.data.map((x) => 0.6 * x) }, batchSize));
const sampler = kdppSampler(biased);
const drawsOf = (count: number, logWeight: (logReward: number, logProbability: number) => number): Draws => {
  const batches = Array.from({ length: count }, (_, i) => sampler(split(keyFromSeed(3), i)));
  const none = new Float64Array(count);
  const logWeights = Float64Array.from(batches, (batch) =>
    logWeight(logReward(problem, batch), kdppLogProbability(biased, batch)),
  );
  return {
    ...{ count, batchSize, poolSize, logWeights },
    actions: Uint32Array.from(batches.flat()),
    logForward: none,
    steps: { logForward: none, logBackward: none, gains: none },
    jointMutualInformation: none,
    estimates: estimatesOf(logWeights),
  };
};

const exactWeight = (reward: number, probability: number): number => reward - probability;

test('the time in which a chain forgets: 1 where all moves, the length of the run where nothing does', () => {
  assert.is(forgettingTime([0, 1, 2, 3]), 1);
  assert.is(forgettingTime([0, 0, 0, 0, 0]), 5);
  // Runs of 1, 2 and 3 places.
  assert.is(forgettingTime([0, 1, 1, 3, 3, 3]), (1 + 4 + 9) / 6);
  // Moves with probability a: runs are geometric, and the time is (2 − a) / a.
  const moves = Array.from({ length: 30_000 }, (_, i) => (split(keyFromSeed(1), i).word0 % 4 === 0 ? i : -1));
  const chain = moves.reduce<number[]>((places, move) => {
    places.push(move < 0 ? (places.at(-1) ?? 0) : move);
    return places;
  }, []);
  // a = ¼; four standard errors of a mean over 7,500 runs are below 0.5: false alarm 1e-4.
  assert.ok(Math.abs(forgettingTime(chain) - 7) < 0.5, `${forgettingTime(chain)}`);
});

test('draws that are far from the target follow it once corrected; without weights, or with wrong ones, they do not', () => {
  const draws = drawsOf(12_000, exactWeight);
  const found = correctedDraws(draws, inclusion, keyFromSeed(1));
  assert.ok(found.acceptance > 0.5 && found.acceptance < 0.95, `accepted ${found.acceptance}`);
  // False alarm 1e-4.
  assert.ok((found.inclusion?.pValue ?? 0) > 1e-4, `p ${found.inclusion?.pValue}`);
  for (const wrong of [() => 0, (reward: number, probability: number) => reward / 2 - probability]) {
    const { pValue = 1 } = correctedDraws(drawsOf(12_000, wrong), inclusion, keyFromSeed(1)).inclusion ?? {};
    assert.ok(pValue < 1e-6, `p ${pValue}`);
  }
});

test('beside Gibbs chains, whose draws resemble each other, the same', () => {
  const gibbs = gibbsTargetOf(problem);
  const { batches, certificate } = atOnce(
    certifiedDraws(gibbs.target, gibbs.beta, { count: 1024, key: keyFromSeed(4) }),
  );
  const beside: Reference = { ...inclusion, batches, certificate };
  const draws = drawsOf(12_000, exactWeight);
  const { pValue = 0 } = correctedDraws(draws, beside, keyFromSeed(1)).inclusion ?? {};
  // False alarm 1e-4.
  assert.ok(pValue > 1e-4, `p ${pValue}`);
  for (const wrong of [() => 0, (reward: number, probability: number) => reward / 2 - probability]) {
    const found = correctedDraws(drawsOf(12_000, wrong), beside, keyFromSeed(1)).inclusion;
    assert.ok((found?.pValue ?? 1) < 1e-4, `p ${found?.pValue}`);
  }
  // Fewer chains than are a test.
  const few = { ...beside, certificate: { ...certificate, pairs: 8 } };
  assert.is(correctedDraws(draws, few, keyFromSeed(1)).inclusion, null);
  const wanted = drawsForTest(drawsOf(200, exactWeight), beside, keyFromSeed(1));
  assert.ok(correctedDraws(drawsOf(wanted, exactWeight), beside, keyFromSeed(1)).inclusion !== null);
});

test('nothing exact, too few draws, or a chain that is stuck: no test, but an acceptance', () => {
  const none = correctedDraws(drawsOf(3000, exactWeight), undefined, keyFromSeed(1));
  assert.ok(none.inclusion === null && none.acceptance > 0.5);
  assert.is(correctedDraws(drawsOf(900, exactWeight), inclusion, keyFromSeed(1)).inclusion, null);
  const draws = drawsOf(3000, exactWeight);
  const stuck = { ...draws, logWeights: draws.logWeights.map((log, i) => (i === 10 ? 1000 : log)) };
  assert.is(correctedDraws(stuck, inclusion, keyFromSeed(1)).inclusion, null);
});

test.run();
