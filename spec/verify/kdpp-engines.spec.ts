/**
 * Batches drawn exactly, scored by the tensor programs of the reward: on every engine and element type the gains add up
 * to log det(L_B) / 2 of the oracle, and so does the determinant.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keyFromSeed } from '../../src/random/key.js';
import { conditionOn, priorOf, unconditioned } from '../../src/reward/conditional-variance.js';
import { informationOfBatches } from '../../src/reward/information.js';
import type { Tensor } from '../../src/tensor/expression.js';
import { concat, constant, input, reshape, sum } from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import { kdpp, kdppBatches, kdppLogProbability } from '../../src/verify/kdpp/index.js';
import { right } from '../linear-algebra/arbitrary.js';
import { closeEngines, openEngines } from '../support/engines.js';
import { maternPool, randomPool } from '../support/pools.js';
import { answerAt, near, settingsOf } from '../support/settings.js';

const engines = await openEngines();
const count = 40;

/** JMI of batches by gains, point by point, and by the determinant. */
const scores = (poolSize: number, width: number, batches: readonly (readonly number[])[]) => {
  const features = input('features', 'f32', [poolSize, width]);
  const size = batches[0]?.length ?? 0;
  const gains: Tensor[] = [];
  const prior = priorOf(features);
  let state = unconditioned(prior, batches.length);
  for (let step = 0; step < size; step++) {
    const chosen = constant(
      batches.map((batch) => batch[step] ?? 0),
      'u32',
      [batches.length],
    );
    const { next, gain } = conditionOn(prior, state, chosen);
    gains.push(reshape(gain, [batches.length, 1]));
    state = next;
  }
  return program({
    byGains: sum(concat(gains, 1), [1]),
    direct: informationOfBatches(features, constant(batches.flat(), 'u32', [batches.length, size])),
  });
};

for (const [name, whitened, batchSize] of [
  ['a Matérn pool', maternPool(120, 4), 8],
  ['fewer features than points in a batch', randomPool(60, 3, 7, 2), 10],
  ['more features than points', randomPool(12, 20, 8, 0.5), 4],
] as const) {
  const dpp = right(kdpp(whitened, batchSize));
  const batches = kdppBatches(dpp, { count, key: keyFromSeed(31) }).map(({ indices }) => indices);
  const expected = batches.map((batch) => (kdppLogProbability(dpp, batch) + dpp.logZ) / 2);

  for (const setting of settingsOf(engines))
    test(`${name}: exact draws have the oracle's information on ${setting.name}`, async () => {
      assert.ok(new Set(batches.map((batch) => batch.join())).size > count / 2, 'batches differ');
      const answers = await answerAt(setting, scores(whitened.rows, whitened.columns, batches), {
        features: whitened.data,
      });
      near(setting, answers['byGains'], expected, 'sum of gains');
      near(setting, answers['direct'], expected, 'determinant');
    });
}

test('engines are left empty', () => closeEngines(engines));

test.run();
