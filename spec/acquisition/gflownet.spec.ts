/** The GFlowNet strategy: what it proposes, what it says beside it, and how it is stopped. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { proposeBatch } from '../../src/acquisition/index.js';
import type { Progress } from '../../src/acquisition/strategy.js';
import { defaultTemperature } from '../../src/acquisition/temperature.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import { fail, succeed } from '../support/device.js';
import { closeEngines, openEngines, runs } from '../support/engines.js';
import { maternPool } from '../support/pools.js';

const engines = await openEngines();
const whitened = maternPool(25, 3);
const posterior = { whitened, mean: new Float64Array(25), noiseVariance: 0.01 };
const options = { batchSize: 4, seed: 5, draws: 64, iterations: 10 };

for (const engine of engines)
  test(`a proposal holds what it says, ${engine.kind}`, async () => {
    const stages: Progress[] = [];
    const proposal = await succeed(
      proposeBatch(engine, posterior, { ...options, onProgress: (p) => stages.push(p) }),
    );
    const { best, drawn, greedy, random } = proposal;
    assert.is(new Set(best.indices).size, 4);
    assert.ok(Math.abs(jointMutualInformation(whitened, best.indices) - best.jointMutualInformation) < 1e-12);
    assert.is(drawn.best, Math.max(...drawn.jointMutualInformation));
    assert.ok(best.jointMutualInformation >= drawn.best);
    assert.ok(best.jointMutualInformation >= greedy.jointMutualInformation);
    assert.is(drawn.jointMutualInformation.length, 64);
    assert.equal(greedy, greedyBatch(posterior, 4));
    assert.ok(random.mean < drawn.mean, `random ${random.mean}, drawn ${drawn.mean}`);
    assert.ok(drawn.best > 0.95 * greedy.jointMutualInformation, `best ${drawn.best}`);
    const { logPartition, certificate } = proposal;
    assert.ok(logPartition !== null && certificate !== null && certificate.totalVariation < 0.05);
    const { elbo, eubo, estimate, standardError } = logPartition;
    // ELBO and EUBO are means over 64 draws each.
    assert.ok((elbo ?? NaN) < estimate + 1 && estimate < (eubo ?? NaN) + 1, JSON.stringify(logPartition));
    assert.ok(standardError > 0 && standardError < 0.5);
    assert.is(stages.filter(({ stage }) => stage === 'training').at(-1)?.done, 10);
    assert.is(stages.at(-1)?.stage, 'improving');
    const again = await succeed(proposeBatch(engine, posterior, options));
    assert.equal(again.drawn, drawn);
  });

test('both engines draw batches of the same information', async () => {
  const [a, b] = await Promise.all(
    engines.map((engine) => succeed(proposeBatch(engine, posterior, options))),
  );
  assert.ok(Math.abs((a?.drawn.best ?? 0) / (b?.drawn.best ?? NaN) - 1) < 0.01);
});

test('an aborted proposal fails with Interrupted', async () => {
  const failure = await fail(
    proposeBatch(engines[0], posterior, { ...options, signal: AbortSignal.abort() }),
  );
  assert.is(failure._tag, 'Interrupted');
});

test('the default temperature is positive, finite, and scales with the information', () =>
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 50, noNaN: true }),
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      fc.integer({ min: 2, max: 10_000 }),
      fc.integer({ min: 1, max: 20 }),
      (greedy, share, poolSize, batchSize) => {
        const size = Math.min(batchSize, poolSize);
        const at = (scale: number) =>
          defaultTemperature({
            greedy: scale * greedy,
            random: scale * share * greedy,
            poolSize,
            batchSize: size,
          });
        assert.ok(at(1) > 0 && Number.isFinite(at(1)));
        if (size < poolSize) assert.ok(Math.abs(at(2) / at(1) - 2) < 1e-9);
      },
    ),
    runs(100),
  ));

test('engines are left empty', () => closeEngines(engines));

test.run();
