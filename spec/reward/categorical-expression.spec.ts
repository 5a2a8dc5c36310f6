/** JMI of class labels as an expression, on every engine against the host's exact values. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keyFromSeed } from '../../src/random/key.js';
import { exactLabelInformation } from '../../src/reward/categorical/exact.js';
import { finiteLogProbabilities, labelInformationOf } from '../../src/reward/categorical/expression.js';
import { likelihoodsOf } from '../../src/reward/categorical/likelihoods.js';
import { sampledLabelInformation } from '../../src/reward/categorical/sampled.js';
import { sampledInformationOf, samplingTables } from '../../src/reward/categorical/sampled-expression.js';
import type { CategoricalPosterior } from '../../src/surrogate/categorical-posterior.js';
import { constant, input } from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import { closeEngines, openEngines, runs } from '../support/engines.js';
import { answerAt, near, settingsOf, type Setting } from '../support/settings.js';
import { randomLabels, referenceLabels } from './categorical-cases.js';

const engines = await openEngines();

const valuesOf = async (
  setting: Setting,
  posterior: CategoricalPosterior,
  batches: readonly (readonly number[])[],
) => {
  const { draws, points, classes } = posterior;
  const table = input('logProbabilities', 'f32', [draws, points, classes]);
  const chosen = constant(batches.flat(), 'u32', [batches.length, batches[0]?.length ?? 0]);
  const { value } = await answerAt(setting, program({ value: labelInformationOf(table, chosen) }), {
    logProbabilities: finiteLogProbabilities(posterior),
  });
  return value;
};

for (const setting of settingsOf(engines)) {
  test(`reference: JMI of batches, ${setting.name}`, async () => {
    const { posterior, batches, jointMutualInformation } = referenceLabels;
    for (const [i, batch] of batches.entries())
      near(setting, await valuesOf(setting, posterior, [batch]), [jointMutualInformation[i] ?? NaN], 'JMI');
  });

  test(`JMI of many batches are the exact ones, ${setting.name}`, () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({
          draws: fc.integer({ min: 1, max: 9 }),
          classes: fc.integer({ min: 1, max: 4 }),
          seed: fc.nat(),
          scale: fc.constantFrom(1, 5, 40),
          floor: fc.constantFrom(-Infinity, 0),
        }),
        fc.integer({ min: 1, max: 5 }).chain((size) =>
          fc.array(fc.array(fc.nat(6), { minLength: size, maxLength: size }), {
            minLength: 1,
            maxLength: 4,
          }),
        ),
        async ({ draws, classes, seed, scale, floor }, batches) => {
          const posterior = randomLabels([draws, 7, classes], seed, scale, floor);
          const likelihoods = likelihoodsOf(posterior);
          const actual = await valuesOf(setting, posterior, batches);
          const expected = batches.map(
            (batch) => exactLabelInformation(likelihoods, batch).jointMutualInformation,
          );
          near(setting, actual, expected, 'JMI');
        },
      ),
      runs(15),
    ));

  test(`JMI from configurations drawn once is the host's, of more batches than are looked at together, ${setting.name}`, async () => {
    const likelihoods = likelihoodsOf(randomLabels([4, 7, 3], 5));
    const sampling = { key: keyFromSeed(2), samples: 12 };
    const tables = samplingTables(likelihoods, sampling);
    const batches = Array.from({ length: 35 }, (_, i) => [i % 7, (i + 1 + (i % 3)) % 7, (i + 4) % 7]);
    const { value } = await answerAt(
      setting,
      program({
        value: sampledInformationOf(
          {
            probabilities: input('probabilities', 'f32', tables.probabilities.shape),
            drawEntropies: input('drawEntropies', 'f32', tables.drawEntropies.shape),
            labels: input('labels', 'u32', tables.labels.shape),
          },
          constant(batches.flat(), 'u32', [batches.length, 3]),
        ),
      }),
      Object.fromEntries(Object.entries(tables).map(([name, { values }]) => [name, values])),
    );
    const expected = batches.map(
      (batch) => sampledLabelInformation(likelihoods, sampling, batch).jointMutualInformation,
    );
    near(setting, value, expected, 'JMI');
  });
}

test('what cannot be is finite, and of no probability', () => {
  const posterior = randomLabels([2, 2, 3], 4, 2, 0);
  const finite = finiteLogProbabilities(posterior);
  assert.ok(posterior.logProbabilities.includes(-Infinity));
  finite.forEach((logp, i) => assert.is(Math.exp(logp), Math.exp(posterior.logProbabilities[i] ?? NaN)));
  assert.ok(finite.every(Number.isFinite));
});

test('engines are left empty', () => closeEngines(engines));

test.run();
