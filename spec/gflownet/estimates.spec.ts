/** ELBO, importance estimate and effective sample size of log weights. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { estimatesOf } from '../../src/gflownet/estimates.js';
import { runs } from '../support/engines.js';

const logs = fc.array(fc.double({ min: -500, max: 500, noNaN: true }), { minLength: 1, maxLength: 40 });

test('the ELBO lies below the estimate of log Z, and ESS between 1/n and 1', () =>
  fc.assert(
    fc.property(logs, (weights) => {
      const { elbo, logZ, effectiveSampleSize } = estimatesOf(weights);
      assert.ok(elbo <= logZ + 1e-9 * (1 + Math.abs(logZ)));
      assert.ok(effectiveSampleSize >= (1 - 1e-12) / weights.length && effectiveSampleSize <= 1 + 1e-12);
    }),
    runs(200),
  ));

test('a constant moves both estimates and leaves ESS', () =>
  fc.assert(
    fc.property(logs, fc.double({ min: -100, max: 100, noNaN: true }), (weights, shift) => {
      const [a, b] = [estimatesOf(weights), estimatesOf(weights.map((log) => log + shift))];
      assert.ok(Math.abs(b.elbo - a.elbo - shift) < 1e-8 && Math.abs(b.logZ - a.logZ - shift) < 1e-8);
      assert.ok(Math.abs(b.effectiveSampleSize - a.effectiveSampleSize) < 1e-8);
    }),
    runs(200),
  ));

test('equal weights are exact', () => {
  assert.equal(estimatesOf([2, 2, 2]), { elbo: 2, logZ: 2, effectiveSampleSize: 1 });
  assert.throws(() => estimatesOf([]), /at least one/);
});

test.run();
