/** Log-probabilities of batches: exact ones against the distribution over all batches, estimates against exact ones. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultModel } from '../../src/gflownet/defaults.js';
import { exactDistribution } from '../../src/gflownet/exact/policy.js';
import { subsetsOf } from '../../src/gflownet/exact/subsets.js';
import { modelOf } from '../../src/gflownet/model.js';
import type { Problem } from '../../src/gflownet/problem.js';
import { estimatedLogProbabilities, exactLogProbabilities } from '../../src/gflownet/set-probability.js';
import { keyFromSeed, split, uniforms } from '../../src/random/key.js';
import { succeed } from '../support/device.js';
import { closeEngines, openEngines } from '../support/engines.js';
import { randomPool } from '../support/pools.js';

const engines = await openEngines();
const [cpu] = engines;
const key = keyFromSeed(3);
const poolSize = 7;
const fixed: Problem = { whitened: randomPool(poolSize, 3, 1), batchSize: 3, temperature: 0.5 };

const batchesOfSize = (size: number): readonly (readonly number[])[] => {
  const list = subsetsOf(poolSize, size);
  return Array.from({ length: list.length / size }, (_, i) =>
    Array.from(list.subarray(i * size, (i + 1) * size)),
  );
};

/** Parameters away from the start, where every part of the model counts. */
const parametersOf = (size: number): Float64Array => uniforms(split(key, 1), size).map((u) => u - 0.5);

for (const engine of engines)
  test(`exact log-probabilities are the distribution over all batches, ${engine.kind}`, async () => {
    const model = defaultModel('gain', fixed);
    const parameters = parametersOf(model.size);
    const batches = batchesOfSize(3);
    // The order in which a batch is written is no matter.
    const written = batches.map((batch, i) => (i % 2 === 0 ? batch : [...batch].reverse()));
    const logs = await succeed(exactLogProbabilities(engine, model, fixed, parameters, written));
    const exact = await succeed(exactDistribution(cpu, model, fixed, parameters));
    logs.forEach((log, i) => {
      const expected = Math.log(exact[i] ?? NaN);
      assert.ok(Math.abs(log - expected) < 1e-4, `batch ${i}: ${log}, should be ${expected}`);
    });
  });

test('over all batches of all sizes the probabilities add to one', async () => {
  const problem: Problem = { ...fixed, smallestBatch: 1 };
  const model = defaultModel('pointer', problem);
  const batches = [1, 2, 3].flatMap(batchesOfSize);
  const logs = await succeed(exactLogProbabilities(cpu, model, problem, parametersOf(model.size), batches));
  const total = logs.reduce((sum, log) => sum + Math.exp(log), 0);
  assert.ok(Math.abs(total - 1) < 1e-5, `${total}`);
});

for (const backward of ['uniform', 'learned'] as const)
  test(`estimates from 400 orders are near the exact ones, ${backward} backward policy`, async () => {
    const model = modelOf({ ...defaultModel('gain', fixed).shape, backward });
    const parameters = parametersOf(model.size);
    const batches = batchesOfSize(3).slice(0, 12);
    const exact = await succeed(exactLogProbabilities(cpu, model, fixed, parameters, batches));
    const estimated = await succeed(
      estimatedLogProbabilities(cpu, model, fixed, parameters, batches, 400, key),
    );
    // Six orders, each seen some 66 times: the seed is fixed, and errors are a few per cent.
    estimated.forEach((log, i) => {
      assert.ok(Math.abs(log - (exact[i] ?? NaN)) < 0.2, `batch ${i}: ${log}, exact ${exact[i]}`);
    });
  });

test('engines are left empty', () => closeEngines(engines));

test.run();
