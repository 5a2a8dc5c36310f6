/** JMI of class labels from configurations drawn once: near the exact one, without bias, and a fixed function of a batch. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { matrixFrom } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed } from '../../src/random/key.js';
import { enumerationLimit, exactLabelInformation } from '../../src/reward/categorical/exact.js';
import { labelInformation } from '../../src/reward/categorical/information.js';
import { likelihoodsOf } from '../../src/reward/categorical/likelihoods.js';
import {
  chooseSampledLabel,
  labelAt,
  noSampledLabels,
  sampledGain,
  sampledLabelInformation,
} from '../../src/reward/categorical/sampled.js';
import { labelUtility } from '../../src/reward/categorical/utility.js';
import { categoricalPosterior } from '../../src/surrogate/categorical-posterior.js';
import { closeTo, right } from '../linear-algebra/arbitrary.js';
import { runs } from '../support/property.js';
import { labelsWithBatch, randomLabels, referenceLabels } from './categorical-cases.js';

const rounding = 1e-12;

test('batches of 4: the joint entropy is within 1% of the exact one', () => {
  const problems = [
    { posterior: referenceLabels.posterior, batch: [0, 2, 3, 4] },
    // Vague labels, and ones that the parameters all but decide. Of these the error is largest: 0.24% rms of all keys.
    ...[0.5, 2, 6].map((scale) => ({
      posterior: randomLabels([50, 20, 10], 7, scale),
      batch: [3, 1, 12, 7],
    })),
  ];
  for (const { posterior, batch } of problems)
    for (const seed of [0, 1, 2]) {
      const likelihoods = likelihoodsOf(posterior);
      const exact = exactLabelInformation(likelihoods, batch).jointEntropy;
      const { jointEntropy } = sampledLabelInformation(likelihoods, { key: keyFromSeed(seed) }, batch);
      closeTo(jointEntropy / exact, 1, 0.01, 'joint entropy over the exact one');
      assert.not.equal(jointEntropy, exact);
    }
});

test('the estimate has no bias, and its standard error is that of its spread or somewhat more', () => {
  const likelihoods = likelihoodsOf(randomLabels([5, 6, 4], 11, 3));
  const keys = 100;
  // The last measures one point three times, each time with another label.
  for (const batch of [
    [4, 0, 3],
    [5, 1, 2, 0, 3],
    [2, 2, 2],
  ]) {
    const exact = exactLabelInformation(likelihoods, batch);
    let [bias, squares, errors] = [0, 0, 0];
    for (let seed = 0; seed < keys; seed++) {
      const one = sampledLabelInformation(likelihoods, { key: keyFromSeed(seed), samples: 200 }, batch);
      const error = one.jointMutualInformation - exact.jointMutualInformation;
      closeTo(one.jointEntropy - exact.jointEntropy, error, rounding, 'error of the joint entropy');
      bias += error / keys;
      squares += error ** 2 / keys;
      errors += one.standardError / keys;
    }
    const spread = Math.sqrt(squares);
    // A normal number is outside 4.4 deviations with probability 1e-5.
    assert.ok(Math.abs(bias) < (4.4 * spread) / Math.sqrt(keys), `a bias of ${bias}, spread ${spread}`);
    // The root mean square of 100 normal numbers has a deviation of 7%: 1.35 is 5 of them (3e-7) above 1.
    assert.ok(spread < 1.35 * errors && spread > 0.2 * errors, `spread ${spread}, standard error ${errors}`);
  }
});

test('what the gains of a batch cost: every configuration of the others while they are enumerated, then samples', () => {
  const posterior = randomLabels([10, 30, 3], 5, 2);
  const { gainOperations } = labelUtility(
    posterior,
    matrixFrom(30, 1, () => 1),
  );
  for (const size of [1, 2, 5]) assert.is(gainOperations(size), 10 * 3 * 3 ** (size - 1));
  // 3^20 configurations are beyond the limit: a sample has a label a point.
  assert.ok(3 ** 20 > enumerationLimit);
  assert.is(gainOperations(40), 2 * gainOperations(20));
});

test('a fixed function of the batch: the same key, the same bits, in any order; one point is exact', () =>
  fc.assert(
    fc.property(labelsWithBatch, fc.nat(), ({ posterior, batch }, seed) => {
      const likelihoods = likelihoodsOf(posterior);
      const sampling = { key: keyFromSeed(seed), samples: 20 };
      const once = sampledLabelInformation(likelihoods, sampling, batch);
      for (const order of [batch, batch.toReversed(), batch.toSorted((p, q) => p - q)]) {
        const again = sampledLabelInformation(likelihoods, sampling, order).jointMutualInformation;
        assert.is(again, once.jointMutualInformation);
      }
      const [point = 0] = batch;
      const alone = sampledLabelInformation(likelihoods, sampling, [point]);
      closeTo(
        alone.jointMutualInformation,
        exactLabelInformation(likelihoods, [point]).jointMutualInformation,
        rounding,
      );
      if (posterior.draws > 1) assert.ok(alone.standardError < rounding);
    }),
    runs(100),
  ));

test('gains are between 0 and log C, add up to JMI, and see labels that depend on the key and the point alone', () =>
  fc.assert(
    fc.property(labelsWithBatch, fc.nat(), ({ posterior, batch }, seed) => {
      const likelihoods = likelihoodsOf(posterior);
      const sampling = { key: keyFromSeed(seed), samples: 20 };
      let state = noSampledLabels(likelihoods, sampling);
      let total = 0;
      for (const point of batch.toSorted((p, q) => p - q)) {
        const gain = sampledGain(state, point);
        assert.ok(gain >= -rounding && gain <= Math.log(posterior.classes) + rounding, `a gain of ${gain}`);
        total += gain;
        state = chooseSampledLabel(state, point);
        // Weights are a distribution over draws in every configuration.
        const sums = Array.from({ length: state.gained.length }, (_, m) =>
          state.weights
            .subarray(m * posterior.draws, (m + 1) * posterior.draws)
            .reduce((sum, w) => sum + w, 0),
        );
        for (const sum of sums) closeTo(sum, 1, rounding, 'sum of weights');
      }
      closeTo(
        sampledLabelInformation(likelihoods, sampling, batch).jointMutualInformation,
        total,
        rounding,
        'sum of gains',
      );
      // After the same two points in another order the weights are the same: labels do not hang on the order.
      const [first = 0, second = first] = batch;
      const start = noSampledLabels(likelihoods, sampling);
      const [ahead, behind] = [
        [first, second],
        [second, first],
      ].map((order) => order.reduce(chooseSampledLabel, start).weights);
      ahead?.forEach((w, i) => closeTo(w, behind?.[i] ?? NaN, 1e-9, 'weight'));
    }),
    runs(60),
  ));

test('of labels that θ decides, a large batch tells which draw it is, and copies tell nothing more', () => {
  // The label of point n is bit n mod 2 of the draw: 2^16 configurations, 4 of them possible.
  const rows = [0, 1, 2, 3].flatMap((s) =>
    Array.from({ length: 16 }, (_, n) => (((s >> (n % 2)) & 1) === 1 ? [-Infinity, 0] : [0, -Infinity])),
  );
  const posterior = right(categoricalPosterior([4, 16, 2], rows.flat()));
  const information = labelInformation(posterior, { key: keyFromSeed(5), samples: 8 });
  const all = Array.from({ length: 16 }, (_, n) => n);
  assert.ok(2 ** all.length > enumerationLimit);
  closeTo(information(all).jointMutualInformation, 2 * Math.LN2, rounding);
  closeTo(information(all).jointEntropy, 2 * Math.LN2, rounding);
  closeTo(
    information(all.filter((n) => n % 2 === 0).flatMap((n) => [n, n])).jointMutualInformation,
    Math.LN2,
    rounding,
  );
});

test('a point that is measured again has a label of its own', () => {
  const rows = [0.6, 0.4].map((p) => [Math.log(p), Math.log(1 - p)]);
  const likelihoods = likelihoodsOf(right(categoricalPosterior([2, 1, 2], rows.flat())));
  const start = noSampledLabels(likelihoods, { key: keyFromSeed(3), samples: 1000 });
  const { weights } = [0, 0].reduce(chooseSampledLabel, start);
  // Two labels that differ cancel out: the draws are as likely as before. Of 1000 this many do in the mean: 2 · 0.6 · 0.4.
  const cancelled = weights.filter((w) => Math.abs(w - 0.5) < rounding).length / 2;
  // Five deviations of 16: 6e-7.
  assert.ok(Math.abs(cancelled - 480) < 80, `${cancelled} of 1000 configurations`);
});

test('the label of a uniform number is never an impossible one', () => {
  // Of two draws, [C, S] = [4, 2]; the second has the labels 1 and 2.
  const labels = Float64Array.of(0.25, 0, 0.25, 0.5, 0.25, 0.5, 0.25, 0);
  const at = (s: number) => [0, 0.3, 0.5, 0.8, 1].map((u) => labelAt(labels, 2, s, u));
  assert.equal(at(0), [0, 1, 2, 3, 3]);
  assert.equal(at(1), [1, 1, 2, 2, 2]);
});

test('the reward enumerates what it can and samples what it cannot', () => {
  const posterior = randomLabels([4, 12, 3], 2, 2);
  const likelihoods = likelihoodsOf(posterior);
  const sampling = { key: keyFromSeed(9), samples: 100 };
  const information = labelInformation(posterior, sampling);
  const all = Array.from({ length: 12 }, (_, n) => n);
  assert.equal(information(all.slice(0, 9)), exactLabelInformation(likelihoods, all.slice(0, 9)));
  assert.is(information(all.slice(0, 9)).standardError, 0);
  assert.equal(
    information(all.slice(0, 10)),
    sampledLabelInformation(likelihoods, sampling, all.slice(0, 10)),
  );
  assert.ok(information(all).standardError > 0);
});

test('indices outside the pool and numbers of samples that are none are thrown', () => {
  const likelihoods = likelihoodsOf(randomLabels([2, 3, 3], 0));
  const key = keyFromSeed(0);
  for (const batch of [[3], [0, -1], [0.5, 1]])
    assert.throws(() => sampledLabelInformation(likelihoods, { key }, batch), /is not in a pool of 3 points/);
  for (const samples of [0, -1, 1.5, NaN])
    assert.throws(
      () => noSampledLabels(likelihoods, { key, samples }),
      /^labelInformation: samples is .*; give a whole number from 1 up/,
    );
  // Every draw has equally many configurations.
  assert.is(noSampledLabels(likelihoods, { key, samples: 5 }).gained.length, 6);
});

test.run();
