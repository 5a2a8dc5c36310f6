/** JMI of class labels by enumeration: the independent reference, the definition, and the laws of mutual information. */
import * as fc from 'fast-check';
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  chooseLabel,
  enumerationLimit,
  exactLabelInformation,
  gainOfLabel,
  noLabels,
} from '../../src/reward/categorical/exact.js';
import { likelihoodsOf } from '../../src/reward/categorical/likelihoods.js';
import {
  categoricalPosterior,
  type CategoricalPosterior,
} from '../../src/surrogate/categorical-posterior.js';
import { closeTo, distance, right } from '../linear-algebra/arbitrary.js';
import { runs } from '../support/property.js';
import {
  byDefinition,
  labelsWithBatch,
  logProbability,
  randomLabels,
  referenceLabels,
} from './categorical-cases.js';

/** What 64-bit sums of probabilities may leave, nats. */
const rounding = 1e-12;

const jmi = (posterior: CategoricalPosterior, batch: readonly number[]): number =>
  exactLabelInformation(likelihoodsOf(posterior), batch).jointMutualInformation;

test('reference: joint entropy and JMI of batches', () => {
  const { posterior, batches, jointEntropy, jointMutualInformation } = referenceLabels;
  const actual = batches.map((batch) => exactLabelInformation(likelihoodsOf(posterior), batch));
  const entropies = actual.map((one) => one.jointEntropy);
  assert.ok(distance(entropies, jointEntropy) < rounding, `joint entropy ${entropies.join(', ')}`);
  const informations = actual.map((one) => one.jointMutualInformation);
  assert.ok(distance(informations, jointMutualInformation) < rounding, `JMI ${informations.join(', ')}`);
});

test('JMI and joint entropy are those of the definition, all configurations listed', () =>
  fc.assert(
    fc.property(labelsWithBatch, ({ posterior, batch }) => {
      const expected = byDefinition(posterior, batch);
      const actual = exactLabelInformation(likelihoodsOf(posterior), batch);
      closeTo(actual.jointEntropy, expected.jointEntropy, rounding, 'joint entropy');
      closeTo(actual.jointMutualInformation, expected.jointMutualInformation, rounding, 'JMI');
      assert.is(actual.standardError, 0);
    }),
    runs(150),
  ));

test('JMI of one point is BALD: the entropy of the mean less the mean of the entropies', () =>
  fc.assert(
    fc.property(labelsWithBatch, ({ posterior, batch: [point = 0] }) => {
      const { draws, classes } = posterior;
      let expected = 0;
      for (let c = 0; c < classes; c++) {
        let mean = 0;
        for (let s = 0; s < draws; s++) {
          const log = logProbability(posterior, s, point, c);
          const p = Math.exp(log);
          mean += p / draws;
          expected += p === 0 ? 0 : (p * log) / draws;
        }
        expected -= mean === 0 ? 0 : mean * Math.log(mean);
      }
      closeTo(jmi(posterior, [point]), expected, rounding);
    }),
    runs(100),
  ));

test('JMI grows by the gains, each between 0 and BALD, stays below its bounds, and does not see the order', () =>
  fc.assert(
    fc.property(labelsWithBatch, ({ posterior, batch }) => {
      const likelihoods = likelihoodsOf(posterior);
      let state = noLabels(likelihoods);
      let total = 0;
      for (const point of batch) {
        const gain = gainOfLabel(state, point);
        assert.ok(gain >= -rounding, `a gain of ${gain}`);
        assert.ok(gain <= jmi(posterior, [point]) + rounding, `a gain of ${gain} above BALD`);
        state = chooseLabel(state, point);
        total += gain;
        const whole = exactLabelInformation(likelihoods, state.chosen);
        closeTo(total, whole.jointMutualInformation, rounding, 'sum of gains');
        closeTo(state.jointEntropy, whole.jointEntropy, rounding, 'joint entropy');
      }
      const bound = Math.min(Math.log(posterior.draws), batch.length * Math.log(posterior.classes));
      assert.ok(total <= bound + rounding, `${total} above ${bound}`);
      closeTo(jmi(posterior, batch.toReversed()), total, rounding, 'another order');
      closeTo(jmi(posterior, []), 0, rounding, 'the empty batch');
    }),
    runs(150),
  ));

test('two copies of a point whose label θ decides tell what one does; of another point, more', () => {
  // Of four draws two give label 0, one label 1 and one label 2: H = ½ log 2 + ½ log 4.
  const decided = [0, 0, 1, 2].flatMap((label) => [0, 1, 2].map((c) => (c === label ? 0 : -Infinity)));
  const posterior = right(categoricalPosterior([4, 1, 3], decided));
  closeTo(jmi(posterior, [0]), 1.5 * Math.LN2, rounding);
  closeTo(jmi(posterior, [0, 0]), 1.5 * Math.LN2, rounding);
  const open = randomLabels([4, 1, 3], 1, 1);
  assert.ok(jmi(open, [0, 0]) > jmi(open, [0]) + 0.01);
});

test('probabilities far below what 64 bits hold leave the answer as it is', () => {
  // Under draw s the label of each point is surely s, up to e^-800 for the other.
  const rows = [0, 1].flatMap((s) => Array.from({ length: 12 }, () => (s === 0 ? [0, -800] : [-800, 0])));
  const posterior = right(categoricalPosterior([2, 12, 2], rows.flat()));
  closeTo(
    jmi(
      posterior,
      Array.from({ length: 12 }, (_, n) => n),
    ),
    Math.LN2,
    rounding,
  );
});

test('a posterior: rows that miss one by rounding are put right, others refused, shapes that do not fit thrown', () => {
  const half = Math.log(0.5);
  const { logProbabilities } = right(categoricalPosterior([1, 1, 2], [half + 1e-6, half + 1e-6]));
  assert.ok(distance(logProbabilities, [half, half]) < 1e-15);
  for (const row of [
    [half, half + 0.01],
    [NaN, 0],
    [-Infinity, -Infinity],
    [Infinity, 0],
  ]) {
    const refused = categoricalPosterior([1, 2, 2], [half, half, ...row]);
    assert.ok(E.isLeft(refused), `${row.join(', ')} was taken`);
    assert.match(refused.left.problem, 'point 1 under draw 0');
  }
  assert.throws(() => categoricalPosterior([2, 1, 2], [half, half]), /2 log-probabilities for \[2, 1, 2\]/);
  assert.throws(() => categoricalPosterior([0, 1, 2], []), RangeError);
});

test('indices outside the pool and batches of too many configurations are thrown', () => {
  const likelihoods = likelihoodsOf(randomLabels([2, 3, 3], 0));
  for (const batch of [[3], [0, -1], [0.5]])
    assert.throws(() => exactLabelInformation(likelihoods, batch), /is not in a pool of 3 points/);
  assert.ok(3 ** 9 <= enumerationLimit && 3 ** 10 > enumerationLimit);
  const nine = Array.from({ length: 9 }, () => 0);
  const state = nine.reduce(chooseLabel, noLabels(likelihoods));
  assert.ok(exactLabelInformation(likelihoods, nine).jointMutualInformation > 0);
  for (const attempt of [
    () => exactLabelInformation(likelihoods, [...nine, 0]),
    () => gainOfLabel(state, 0),
    () => chooseLabel(state, 0),
  ])
    assert.throws(attempt, /3\^10 configurations of labels are more than 20000/);
});

test.run();
