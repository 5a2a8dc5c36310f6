/** Greedy BatchBALD for class labels: against JMI by enumeration, on pools whose best batch is known, and its bound. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyCategoricalBatch } from '../../src/acquisition/greedy-categorical.js';
import { keyFromSeed } from '../../src/random/key.js';
import { enumerationLimit, exactLabelInformation } from '../../src/reward/categorical/exact.js';
import { labelInformation } from '../../src/reward/categorical/information.js';
import { likelihoodsOf } from '../../src/reward/categorical/likelihoods.js';
import { categoricalPosterior } from '../../src/surrogate/categorical-posterior.js';
import { closeTo, right } from '../linear-algebra/arbitrary.js';
import { randomLabels } from '../reward/categorical-cases.js';
import { runs } from '../support/property.js';

const sampling = { key: keyFromSeed(1), samples: 64 };
const rounding = 1e-12;

test('each point is the best one given those before it, and the batch is near the best of all', () =>
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(0.5, 2, 8), (seed, scale) => {
      const posterior = randomLabels([6, 7, 3], seed, scale);
      const likelihoods = likelihoodsOf(posterior);
      const jmi = (batch: readonly number[]) =>
        exactLabelInformation(likelihoods, batch).jointMutualInformation;
      const { indices, jointMutualInformation, standardError } = greedyCategoricalBatch(
        posterior,
        3,
        sampling,
      );
      assert.is(new Set(indices).size, 3);
      assert.is(standardError, 0);
      closeTo(jointMutualInformation, jmi(indices), rounding);
      indices.forEach((chosen, k) => {
        const before = indices.slice(0, k);
        for (let n = 0; n < 7; n++)
          if (!before.includes(n)) assert.ok(jmi([...before, chosen]) >= jmi([...before, n]) - rounding);
      });
      let best = 0;
      for (let i = 0; i < 7; i++)
        for (let j = 0; j < i; j++) for (let k = 0; k < j; k++) best = Math.max(best, jmi([i, j, k]));
      assert.ok(jointMutualInformation >= (1 - 1 / Math.E) * best);
    }),
    runs(20),
  ));

/** Three copies of each bit of the number of the draw, 64 draws, as labels 0 and 1 of 8 classes. */
const bits = right(
  categoricalPosterior(
    [64, 18, 8],
    Array.from({ length: 64 }, (_, s) =>
      Array.from({ length: 18 }, (_, n) =>
        Array.from({ length: 8 }, (_, c) => (c === ((s >> Math.floor(n / 3)) & 1) ? 0 : -Infinity)),
      ),
    ).flat(2),
  ),
);

test('beyond what can be enumerated, no bit is taken twice', () => {
  assert.ok(8 ** 6 > enumerationLimit);
  const chosen = greedyCategoricalBatch(bits, 6, sampling);
  assert.equal(new Set(chosen.indices.map((n) => Math.floor(n / 3))).size, 6);
  closeTo(chosen.jointMutualInformation, Math.log(64), rounding);
  const { indices, ...told } = chosen;
  assert.equal(told, labelInformation(bits, sampling)(indices));
});

test('points that are left out are not chosen, before and beyond enumeration', () => {
  const without = [0, 1, 5, 12, 15, 16, 17];
  const { indices, jointMutualInformation } = greedyCategoricalBatch(bits, 7, sampling, without);
  assert.is(new Set(indices).size, 7);
  assert.ok(indices.every((n) => !without.includes(n)));
  closeTo(jointMutualInformation, 5 * Math.LN2, rounding);
});

test('batch sizes that do not fit are thrown; an empty batch tells nothing', () => {
  for (const [size, without] of [
    [-1, []],
    [1.5, []],
    [19, []],
    [17, [0, 1]],
  ] as const)
    assert.throws(
      () => greedyCategoricalBatch(bits, size, sampling, without),
      /greedyCategoricalBatch: a batch of/,
    );
  const empty = greedyCategoricalBatch(bits, 0, sampling);
  assert.equal(empty.indices, []);
  closeTo(empty.jointMutualInformation, 0, rounding);
});

test.run();
