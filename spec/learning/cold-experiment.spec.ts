/** Simulated active learning that begins without a label: the prior until labels say something, and what is measured till then. */
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { at } from '../../src/at.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import type { LabelledRows } from '../../src/learning/experiment/experiment.js';
import { metricsOf } from '../../src/learning/experiment/score.js';
import { simulate } from '../../src/learning/experiment/simulate.js';
import { tableExperiment } from '../../src/learning/experiment/sources.js';
import type { StrategyName } from '../../src/learning/experiment/strategy-name.js';
import { lastingText, type RunRecord, runRecordCodec } from '../../src/learning/record.js';
import { matrixFrom, rowsAt } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed, normals } from '../../src/random/key.js';
import { fitColdStart, type SurrogateSpec } from '../../src/surrogate/surrogate.js';
import { closeTo } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';
import { runs } from '../support/property.js';

const engine = cpuEngine();
const ROWS = 30;
const inputs = matrixFrom(ROWS, 1, (i) => at(normals(keyFromSeed(3), ROWS), i));
const numbers: LabelledRows = { inputs, targets: inputs.data.map((x) => 40 + 9 * Math.sin(x)) };
// Most are of the first class, so that a batch may well name no other.
const classes: LabelledRows = {
  inputs,
  targets: inputs.data.map((_, i) => (i % 6 === 0 ? 1 : i % 7 === 0 ? 2 : 0)),
};

const linear: SurrogateSpec = { kind: 'bayesian-linear', featureMap: { kind: 'linear' } };
const process: SurrogateSpec = {
  ...{ kind: 'gaussian-process-classes', kernel: { kind: 'matern52', lengthScales: 'shared' } },
  ...{ draws: 16, seed: 0, classes: 3 },
};
const sizes = { name: 'cold', test: 8, seedLabels: 0, batchSize: 2, rounds: 3 };
const ofNumbers = tableExperiment({ ...sizes, table: numbers, surrogate: linear });
const ofClasses = tableExperiment({
  ...{ ...sizes, table: classes, surrogate: process },
  settings: { iterations: 2 },
});

const recordsOf = (experiment: typeof ofNumbers, strategy: StrategyName, seed = 0) =>
  succeed(simulate(engine, experiment, { strategy, seed }));

const soundlyRead = (record: RunRecord): void =>
  assert.equal(runRecordCodec.decode(JSON.parse(JSON.stringify(record))), E.right(record));

test('of numbers round 0 is the prior, by which the first batch is chosen, and nothing is expected of it', async () => {
  const { pool, test: held } = ofNumbers.split(0);
  assert.is(pool.length, ROWS - 8);
  const [start, first, second] = await recordsOf(ofNumbers, 'greedy');
  assert.ok(start !== undefined && first !== undefined && second !== undefined);
  const fitted = await succeed(fitColdStart(rowsAt(inputs, []), rowsAt(inputs, pool)));
  const prior = await succeed(fitted.posterior(held.inputs));
  assert.equal(start.metrics, metricsOf(prior, held.targets));
  const byHand = Math.sqrt(held.targets.reduce((sum, y) => sum + (y * y) / 8, 0));
  closeTo('rmse' in start.metrics ? start.metrics.rmse : NaN, byHand, 1e-12);
  assert.equal([start.labels, start.batch, start.picture?.labelledTargets], [0, [], []]);
  const greedy = greedyBatch(await succeed(fitted.posterior(rowsAt(inputs, pool))), 2);
  assert.equal(
    first.batch,
    greedy.indices.map((i) => at(pool, i)),
  );
  assert.is(first.labels, 2);
  assert.equal([first.expected, second.expected === undefined], [undefined, false]);
  for (const record of [start, first, second]) soundlyRead(record);
});

test('of several targets each begins by the prior, whose batch is the same for all', async () => {
  const outputs = [1, 1000].map((unit) => ({
    target: String(unit),
    targets: numbers.targets.map((y, i) => unit * (y + (i % 3))),
  }));
  const several = { ...numbers, targets: at(outputs, 0).targets, outputs };
  const experiment = tableExperiment({ ...sizes, table: several, surrogate: linear });
  const [start, first] = await recordsOf(experiment, 'greedy');
  assert.equal(first?.batch, (await recordsOf(ofNumbers, 'greedy'))[1]?.batch);
  assert.ok(start !== undefined && 'averageRelativeRmse' in start.metrics);
  const [small, large] = start.metrics.outputs;
  closeTo(large?.rmse ?? NaN, 1000 * (small?.rmse ?? NaN), 1e-6);
  soundlyRead(start);
});

test('labels as large as a table may hold give records that can be read', async () => {
  const table = { inputs, targets: numbers.targets.map((y) => 1e138 * y) };
  const experiment = tableExperiment({ ...sizes, rounds: 1, table, surrogate: linear });
  (await recordsOf(experiment, 'random')).forEach(soundlyRead);
});

test('of classes it is a uniform guess until two are named, by whatever strategy, and typiClust stands in', async () => {
  // By the reward that was asked for.
  const typical = await Promise.all(
    (['typiClust', 'typiClust@epig'] as const).map((strategy) => recordsOf(ofClasses, strategy)),
  );
  let guessed = 0;
  for (const strategy of [
    ...['gflownet', 'gflownet@epig', 'margin', 'powerMargin'],
    ...['greedy', 'greedy@epig', 'random'],
  ] as readonly StrategyName[]) {
    const records = await recordsOf(ofClasses, strategy);
    assert.equal(
      records.map(({ labels }) => labels),
      [0, 2, 4, 6],
    );
    const own = strategy.startsWith('greedy');
    const stand = typical[strategy.endsWith('@epig') ? 1 : 0]?.[1]?.batch;
    if (own) assert.not.equal(records[1]?.batch, stand, strategy);
    else if (strategy !== 'random') assert.equal(records[1]?.batch, stand, strategy);
    const told: number[] = [];
    for (const [round, record] of records.entries()) {
      const before = new Set(told).size;
      told.push(...record.batch.map((row) => at(classes.targets, row)));
      const cold = new Set(told).size < 2;
      assert.is(record.picture, null);
      soundlyRead(record);
      if (round > 0) assert.is(record.expected === undefined, before < 2, `${strategy} ${round}`);
      const guess = { accuracy: 1 / 3, crossEntropy: Math.log(3) };
      if (cold) assert.equal(record.metrics, guess);
      else assert.not.equal(record.metrics, guess);
      guessed += cold ? 1 : 0;
    }
  }
  assert.ok(guessed > 7, 'some batch names one class alone');
});

test('a cold run goes on from any of its records as if it had not been stopped', () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom<readonly [typeof ofNumbers, StrategyName]>(
        [ofNumbers, 'greedy'],
        [ofNumbers, 'typiClust'],
        [ofClasses, 'random'],
        [ofClasses, 'margin'],
      ),
      fc.nat(5),
      fc.nat(sizes.rounds + 1),
      async ([experiment, strategy], seed, kept) => {
        const records = await recordsOf(experiment, strategy, seed);
        const recorded = records.slice(0, kept);
        const rest = await succeed(simulate(engine, experiment, { strategy, seed }, { recorded }));
        assert.equal([...recorded, ...rest].map(lastingText), records.map(lastingText));
      },
    ),
    runs(12),
  ));

test.run();
