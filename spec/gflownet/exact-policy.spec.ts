/** The exact distribution of a model's draws: the model's own answers, one program a size, nothing left behind. */
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine } from '../../src/engine/engine.js';
import { engineFailure } from '../../src/failure.js';
import { exactDistribution, logPolicyProgram } from '../../src/gflownet/exact/policy.js';
import { terminalDistribution } from '../../src/gflownet/exact/terminal.js';
import { firstParameters, modelOf, problemValues } from '../../src/gflownet/model.js';
import { keyFromSeed } from '../../src/random/key.js';
import { totalVariation } from '../../src/verify/divergence.js';
import { fail, succeed } from '../support/device.js';
import { answer, closeEngines, openEngines } from '../support/engines.js';
import { randomPool } from '../support/pools.js';

const engines = await openEngines();
const [cpu] = engines;

// 1,225 subsets of two points: a whole block and one that is filled up.
const problem = { whitened: randomPool(50, 3, 4, 2), batchSize: 3, temperature: 0.4 };
const model = modelOf({
  policy: 'pointer',
  hidden: 4,
  poolSize: 50,
  features: 3,
  batchSize: 3,
  dtype: 'f32',
});
// Far from the first ones, so that the policy differs from state to state.
const parameters = firstParameters(model, keyFromSeed(6)).map((x, i) => x + 0.7 * Math.sin(i));

/** The same by programs of any width, one a block. */
const blockByBlock = (engine: Engine, block: number) =>
  succeed(
    terminalDistribution(
      50,
      [3, 3],
      (subsets, size, count) => async () => {
        const values = { ...problemValues(model, problem), parameters, ...(size > 0 ? { subsets } : {}) };
        const { logPolicy = [] } = await answer(engine, logPolicyProgram(model, size, count), values);
        return TE.right(logPolicy)();
      },
      block,
    ),
  );

for (const engine of engines)
  test(`it is what the model answers, whatever the blocks, ${engine.kind}`, async () => {
    const distribution = await succeed(exactDistribution(engine, model, problem, parameters));
    assert.is(distribution.length, 19600);
    // Sums of three f32 logarithms of at most some ten nats: each probability is sure to 1e-5 of itself.
    assert.ok(Math.abs(distribution.reduce((a, b) => a + b) - 1) < 1e-5);
    const distance = totalVariation(distribution, await blockByBlock(cpu, 490));
    assert.ok(distance < 1e-5, `total variation ${distance}`);
    // Uniform batches would be far from it.
    assert.ok(totalVariation(distribution, new Float64Array(19600).fill(1 / 19600)) > 0.2);
  });

/** An engine that counts, and that fails at a run. */
const watched = (engine: Engine, failAt = Infinity) => {
  const counts = { loads: 0, runs: 0, closes: 0 };
  const watching: Engine = {
    ...engine,
    load: (program) =>
      pipe(
        engine.load(program),
        TE.map((loaded) => {
          counts.loads++;
          return {
            run: (request) => () =>
              ++counts.runs === failAt
                ? TE.left(engineFailure('cpu', 'it broke', 'mend it'))()
                : loaded.run(request)(),
            close: () => {
              counts.closes++;
              loaded.close();
            },
          };
        }),
      ),
  };
  return { counts, watching };
};

test('one program is loaded a size, run once a block, and closed', async () => {
  const { counts, watching } = watched(cpu);
  await succeed(exactDistribution(watching, model, problem, parameters));
  assert.equal(counts, { loads: 3, runs: 4, closes: 3 });
});

test('where a run fails it fails, and the program is closed', async () => {
  for (const [failAt, loads] of [
    [1, 1],
    [2, 2],
    [4, 3],
  ] as const) {
    const { counts, watching } = watched(cpu, failAt);
    const failure = await fail(exactDistribution(watching, model, problem, parameters));
    assert.is(failure._tag, 'EngineFailure');
    assert.equal(counts, { loads, runs: failAt, closes: loads });
  }
});

test('engines are left empty', () => closeEngines(engines));

test.run();
