// How many nats of the proxy is a unit of utility? Exactly so many where the utility is a multiple of the proxy's information; and 1
// where one of the two does not tell batches apart.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { proxyProblem, proxyScale } from '../../src/acquisition/proxy.js';
import { contextOf } from '../../src/acquisition/summary.js';
import { matrixFrom } from '../../src/linear-algebra/matrix.js';
import { reward } from '../../src/reward/programmed.js';
import { scannedAtOnce } from '../../src/reward/scan.js';
import { gather, sum } from '../../src/tensor/operations.js';
import { randomPool } from '../support/pools.js';
import { runs } from '../support/property.js';

const POINTS = 9;
const posterior = { mean: new Float64Array(POINTS), whitened: randomPool(POINTS, 2, 1), noiseVariance: 1 };

/** Points are worth `worth(n)` each; the proxy says that n is worth `nats(n)`. */
const scaleOf = (worth: (n: number) => number, nats = (n: number): number => n / 4) => {
  const temperature = 0.5;
  const own = reward(
    'own',
    ({ mean: { length } }) => ({ worth: Float64Array.from({ length }, (_, n) => worth(n)) }),
    ({ worth: table }, batches) => sum(gather(table, batches), [1]),
    {
      proxy: ({ mean: { length } }) =>
        matrixFrom(length, length, (n, j) => (n === j ? Math.sqrt(Math.expm1(2 * nats(n))) : 0)),
    },
  );
  // As many draws as random batches that the proxy is scaled by.
  const options = { batchSize: 3, draws: 64, seed: 4, reward: own };
  const context = scannedAtOnce(contextOf(posterior, options));
  const problem = proxyProblem(context, options, temperature);
  return { scale: proxyScale(context, options), problem, beside: context.baselines };
};

test('a utility of c nats a nat has the scale 1 / c, and its problem the temperature in nats of the proxy', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), (c) => {
      const { scale, problem } = scaleOf((n) => (c * n) / 4);
      assert.ok(Math.abs(c * scale - 1) < 1e-3, `${c}: ${scale}`);
      assert.ok(Math.abs(problem.temperature - 0.5 * scale) < 1e-12);
    }),
    runs(20),
  );
});

test('where the utility or its proxy does not tell batches apart the scale is 1', () => {
  assert.is(scaleOf(() => 0).scale, 1);
  assert.is(
    scaleOf(
      (n) => n,
      () => 0,
    ).scale,
    1,
  );
  assert.is(scaleOf(() => 0).problem.temperature, 0.5);
});

test('a reward is named beside the draws, but for information, which is what they are of anyway', () => {
  assert.equal(scaleOf((n) => n).beside.reward, { name: 'own', unit: 'units' });
  const { baselines: beside } = scannedAtOnce(contextOf(posterior, { batchSize: 2, draws: 4, seed: 1 }));
  assert.is('reward' in beside, false);
});

test.run();
