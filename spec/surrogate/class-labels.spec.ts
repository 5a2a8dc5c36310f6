/** Class labels as contrasts, what is no label, and the temperature of class probabilities. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applyTo, columnGram, identity, product, transpose } from '../../src/linear-algebra/product.js';
import { keyFromSeed, normals, split, uniforms } from '../../src/random/key.js';
import { classCountOf, contrasts, logSoftmaxInto } from '../../src/surrogate/class-labels.js';
import { inverseTemperatureOf } from '../../src/surrogate/class-temperature.js';
import { closeTo, distance, propertyOptions, right } from '../linear-algebra/arbitrary.js';
import { atOnce } from '../../src/work.js';

test('contrasts are orthonormal, sum to zero, and hold all that a softmax sees', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 12 }), fc.nat(), (classes, seed) => {
      const q = contrasts(classes);
      assert.ok(distance(columnGram(q).data, identity(classes - 1).data) < 1e-12);
      const f = normals(keyFromSeed(seed), classes);
      assert.ok(
        Math.abs(applyTo(transpose(q), new Float64Array(classes).fill(1)).reduce((s, x) => s + x)) < 1e-12,
      );
      const [own, back] = [new Float64Array(classes), new Float64Array(classes)];
      logSoftmaxInto(f, 0, 3, classes, own, 0);
      logSoftmaxInto(applyTo(product(q, transpose(q)), f), 0, 3, classes, back, 0);
      assert.ok(distance(own, back) < 1e-12);
      closeTo(
        own.reduce((sum, x) => sum + Math.exp(x), 0),
        1,
        1e-12,
        'sum',
      );
    }),
    propertyOptions,
  );
});

test('labels are whole numbers from 0 below C, C is 2 at least', () => {
  const count = (labels: readonly number[], given?: number) => classCountOf(Float64Array.from(labels), given);
  assert.is(right(count([0, 3, 1])), 4);
  assert.is(right(count([0, 0], 2)), 2);
  for (const [labels, given] of [
    [[0, 1.5], undefined],
    [[0, -1], undefined],
    [[0, NaN], undefined],
    [[0, 3], 3],
    [[0, 0], undefined],
    [[0, 0], 1],
    [[0, 1], 2.5],
    [[0, 1000], undefined],
  ] as const)
    assert.is(count(labels, given)._tag, 'Left', `${labels.join()} of ${given ?? 'any'}`);
});

test('the temperature that labels were drawn at is found again', () => {
  // The estimate has a standard deviation of about 0.1 in log β for 600 labels, and a grid of 0.2: 5 of them and a step.
  for (const [truth, classes] of [
    [0.3, 3],
    [1, 2],
    [4, 5],
  ] as const) {
    const n = 600;
    const key = keyFromSeed(classes);
    const values = normals(split(key, 0), n * classes);
    const u = uniforms(split(key, 1), n);
    const logp = new Float64Array(classes);
    const labels = u.map((x, i) => {
      logSoftmaxInto(values, i * classes, truth, classes, logp, 0);
      let below = 0;
      return logp.findIndex((l) => (below += Math.exp(l)) >= x);
    });
    const beta = atOnce(inverseTemperatureOf({ draws: 1, classes, values, labels }, 1));
    assert.ok(Math.abs(Math.log(beta / truth)) < 0.7, `${beta} for ${truth}`);
  }
  // Without labels the prior's median; with few, all right, not at the end of the range.
  const none = { draws: 1, classes: 2, values: new Float64Array(0), labels: new Float64Array(0) };
  closeTo(atOnce(inverseTemperatureOf(none, 3)), 3, 1e-12);
  const sure = { draws: 1, classes: 2, values: Float64Array.of(1, -1, -1, 1), labels: Float64Array.of(0, 1) };
  assert.ok(atOnce(inverseTemperatureOf(sure, 1)) < 5);
});

test.run();
