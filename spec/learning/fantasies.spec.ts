/** Class labels that are not known yet: drawn together, they leave the posterior on average as it was; training on them. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { defaultModel, defaultTraining } from '../../src/gflownet/defaults.js';
import { firstParameters } from '../../src/gflownet/model.js';
import type { AnchoredPolicy } from '../../src/learning/lookahead/anchored-policy.js';
import { afterFantasies, drawsAfter, fantasyLabels } from '../../src/learning/lookahead/fantasies.js';
import { trainAhead, trainAfter } from '../../src/learning/lookahead/train-ahead.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import { chiSquareTest } from '../../src/verify/goodness-of-fit.js';
import { classPosterior, classPredictions } from '../../src/surrogate/class-posterior.js';
import { closeTo, distance, right } from '../linear-algebra/arbitrary.js';
import { logProbability, randomLabels } from '../reward/categorical-cases.js';
import { succeed } from '../support/device.js';
import { runs } from '../support/property.js';

const cpu = cpuEngine();

test('labels are drawn from their joint predictive distribution', () => {
  const posterior = randomLabels([4, 5, 2], 3);
  const batch = [4, 1, 2];
  const configurations = Array.from({ length: 8 }, (_, i) => [(i >> 2) & 1, (i >> 1) & 1, i & 1]);
  const expected = configurations.map((labels) =>
    [0, 1, 2, 3].reduce(
      (sum, s) =>
        sum +
        Math.exp(labels.reduce((log, c, i) => log + logProbability(posterior, s, batch[i] ?? -1, c), 0)) / 4,
      0,
    ),
  );
  const counts = new Float64Array(8);
  for (let i = 0; i < 4000; i++) {
    const [a = 0, b = 0, c = 0] = fantasyLabels(posterior, batch, split(keyFromSeed(7), i));
    const at = 4 * a + 2 * b + c;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  // False alarms in one of 10⁴ seeds; this one is fixed.
  assert.ok(chiSquareTest(counts, expected).pValue > 1e-4);
});

test('given labels, parameter draws come as often as Bayes has it, up to one', () =>
  fc.assert(
    fc.property(fc.nat(999), fc.nat(999), (seed, own) => {
      const posterior = randomLabels([9, 6, 3], seed);
      const batch = [5, 0];
      const labels = fantasyLabels(posterior, batch, keyFromSeed(own));
      const kept = drawsAfter(posterior, batch, labels, split(keyFromSeed(own), 1));
      assert.is(kept.length, 9);
      assert.equal(
        kept,
        kept.toSorted((a, b) => a - b),
      );
      const weights = Array.from({ length: 9 }, (_, s) =>
        Math.exp(batch.reduce((log, n, i) => log + logProbability(posterior, s, n, labels[i] ?? -1), 0)),
      );
      const total = weights.reduce((a, b) => a + b);
      weights.forEach((w, s) => {
        const count = kept.filter((other) => other === s).length;
        assert.ok(Math.abs(count - (9 * w) / total) < 1 + 1e-9, `${count} of ${(9 * w) / total}`);
      });
    }),
    runs(60),
  ));

test('on average over labels nothing is learned: the mean of what is predicted after is what is predicted now', () => {
  const posterior = randomLabels([8, 5, 3], 11);
  const { probabilities } = classPredictions(posterior);
  const count = 3000;
  const mean = new Float64Array(3 * 3);
  for (let i = 0; i < count; i++) {
    const { classes, indices } = afterFantasies(posterior, [3, 0], split(keyFromSeed(5), i));
    assert.equal(indices, [1, 2, 4]);
    classPredictions(classes).probabilities.forEach((p, at) => (mean[at] = (mean[at] ?? 0) + p / count));
  }
  [1, 2, 4].forEach((n, i) => {
    for (let c = 0; c < 3; c++)
      // A standard deviation of ½ at most, so five standard errors of the mean: below 10⁻⁵ for all nine, and the seed is fixed.
      closeTo(mean[3 * i + c] ?? NaN, probabilities[3 * n + c] ?? NaN, (5 * 0.5) / Math.sqrt(count));
  });
  assert.throws(() => afterFantasies(posterior, [5], keyFromSeed(1)), /point 5 is not in a pool of 5/);
});

const learnedOf = (seed: number): AnchoredPolicy => {
  const classes = randomLabels([12, 14, 3], seed);
  const { whitened } = right(classPosterior(classes));
  const model = defaultModel('gain', { whitened, batchSize: 3, temperature: 0.1 });
  return { trained: { model, parameters: firstParameters(model, keyFromSeed(seed)) }, whitened, classes };
};

const training = (iterations: number) => ({ ...defaultTraining('gain'), iterations, trajectories: 4 });

test('a policy is turned to the posterior after fantasies and back: without training it is as it was', async () => {
  const learned = learnedOf(2);
  const { trained } = await succeed(
    trainAfter(cpu, learned, [1, 8, 9], { training: training(0), key: keyFromSeed(3) }),
  );
  const { specs } = trained.model;
  // The levels of the flows are estimated anew; they are the last.
  const levels =
    Object.values(specs)
      .at(-1)
      ?.shape.reduce((a, b) => a * b, 1) ?? 0;
  const end = trained.parameters.length - levels;
  assert.ok(
    distance(
      Array.from(trained.parameters).slice(0, end),
      Array.from(learned.trained.parameters).slice(0, end),
    ) < 1e-6,
  );
});

test('training ahead of class labels repeats to the bit, and does something', async () => {
  const learned = learnedOf(4);
  const ahead = (seed: number) =>
    succeed(
      trainAhead(cpu, learned, {
        ...{ rounds: 2, source: 'mixture', training: training(3), key: keyFromSeed(seed) },
      }),
    );
  const [first, again, other] = [await ahead(1), await ahead(1), await ahead(2)];
  assert.equal(first.trained.parameters, again.trained.parameters);
  assert.not.equal(first.trained.parameters, other.trained.parameters);
  assert.is(first.whitened, learned.whitened);
  assert.ok(distance(first.trained.parameters, learned.trained.parameters) > 1e-4);
});

test.run();
