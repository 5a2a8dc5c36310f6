/** The tables of the fit bench: there is something to find in them, of every feature. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitTable } from '../../src/bench/fit.js';

/** Pearson's correlation. */
const correlation = (a: Float64Array, b: Float64Array): number => {
  const centred = (x: Float64Array): Float64Array => {
    const mean = x.reduce((sum, value) => sum + value / x.length, 0);
    return x.map((value) => value - mean);
  };
  const [p, q] = [centred(a), centred(b)];
  const inner = (x: Float64Array, y: Float64Array): number =>
    x.reduce((sum, value, i) => sum + value * (y[i] ?? NaN), 0);
  return inner(p, q) / Math.sqrt(inner(p, p) * inner(q, q));
};

test('targets have mean 0 and deviation 1, and follow every feature', () => {
  for (const features of [1, 3]) {
    const labels = 400;
    const { inputs, targets } = fitTable({ labels, features, lengthScales: 'shared' }, 1);
    assert.equal([inputs.rows, inputs.columns, targets.length], [labels, features, labels]);
    const mean = targets.reduce((sum, y) => sum + y / labels, 0);
    const square = targets.reduce((sum, y) => sum + y ** 2 / labels, 0);
    assert.ok(Math.abs(mean) < 1e-12 && Math.abs(square - 1) < 0.01, `mean ${mean}, square ${square}`);
    for (let j = 0; j < features; j++) {
      const waves = Float64Array.from({ length: labels }, (_, i) =>
        Math.sin(inputs.data[i * features + j] ?? NaN),
      );
      const own = correlation(waves, targets);
      // Of a feature that they do not follow it has a deviation of 0.05.
      assert.ok(own > 0.25, `feature ${j + 1} of ${features}: ${own}`);
    }
  }
});

test.run();
