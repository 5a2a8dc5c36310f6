/** The reward as expressions: joint mutual information and gains on every engine against the host's exact values. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import { priorOf } from '../../src/reward/conditional-variance.js';
import { addPoint, allowedActions, emptySubsets } from '../../src/gflownet/environment.js';
import { gainOf } from '../../src/reward/conditional-variance.js';
import {
  jointMutualInformation as exactInformation,
  choose,
  gains,
  noneChosen,
} from '../../src/reward/exact.js';
import { informationOfBatches } from '../../src/reward/information.js';
import { constant, concat, filled, input, reshape, sum } from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import { closeEngines, openEngines, runs } from '../support/engines.js';
import { randomPool } from '../support/pools.js';
import { answerAt, near, settingsOf } from '../support/settings.js';

const engines = await openEngines();
const poolSize = 9;
const width = 4;
const batchSize = 4;
const count = 3;

const batchesOf = (orders: readonly (readonly number[])[]) =>
  constant(orders.flat(), 'u32', [count, batchSize]);

/** JMI of batches directly, and what adding their points one by one gives. */
const bothWays = (orders: readonly (readonly number[])[], few: boolean) => {
  const features = input('features', 'f32', [poolSize, width]);
  const prior = priorOf(features, few);
  let subsets = emptySubsets(prior, 1, count);
  const steps = Array.from({ length: batchSize }, (_, step) => {
    const { next, gain } = addPoint(
      prior,
      subsets,
      constant(
        orders.map((order) => order[step] ?? 0),
        'u32',
        [count],
      ),
      filled(0, 'f32', [count, 1]),
    );
    subsets = next;
    return reshape(gain, [count, 1]);
  });
  return program({
    direct: informationOfBatches(features, batchesOf(orders)),
    byGains: sum(concat(steps, 1), [1]),
    left: gainOf(subsets.conditioned.variances),
    allowed: allowedActions(subsets),
  });
};

const order = fc.shuffledSubarray(
  Array.from({ length: poolSize }, (_, i) => i),
  { minLength: batchSize, maxLength: batchSize },
);

for (const setting of settingsOf(engines))
  test(`JMI, sums of gains along any order, and the gains that are left are the exact ones, ${setting.name}`, () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(1000),
        fc.array(order, { minLength: count, maxLength: count }),
        // By K, and by the features.
        fc.boolean(),
        async (seed, orders, few) => {
          const whitened = randomPool(poolSize, width, seed, 2);
          const answers = await answerAt(setting, bothWays(orders, few), { features: whitened.data });
          const expected = orders.map((batch) => exactInformation(whitened, batch));
          near(setting, answers['direct'], expected, 'JMI');
          near(setting, answers['byGains'], expected, 'sum of gains');
          const states = orders.map((batch) =>
            batch.reduce((state, point) => choose(point)(state), noneChosen(whitened)),
          );
          near(
            setting,
            answers['left'],
            states.flatMap((state) => Array.from(gains(state))),
            'gains left',
          );
          near(
            setting,
            answers['allowed'],
            orders.flatMap((batch) =>
              Array.from({ length: poolSize }, (_, n) => (batch.includes(n) ? 0 : 1)),
            ),
            'mask',
          );
        },
      ),
      runs(20),
    ));

test('engines are left empty', () => closeEngines(engines));

test.run();
