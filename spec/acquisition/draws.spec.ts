// What is asked of a strategy: batches of at least one point, by one rule for all; and however many draws, the signal is heeded
// between them, whatever is made of each.
import * as E from 'fp-ts/lib/Either.js';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { proposeWithin } from '../../src/acquisition/batch-limits.js';
import { type AcquisitionName, proposeBatch, strategies } from '../../src/acquisition/index.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { annealed } from '../../src/gibbs/annealing.js';
import { certifiedDraws } from '../../src/gibbs/draws.js';
import { gibbsTargetOf } from '../../src/gflownet/problem.js';
import { keyFromSeed } from '../../src/random/key.js';
import { information } from '../../src/reward/information.js';
import type { Reward } from '../../src/reward/utility.js';
import { classPosterior } from '../../src/surrogate/class-posterior.js';
import type { Posterior } from '../../src/surrogate/posterior.js';
import { right } from '../linear-algebra/arbitrary.js';
import { randomLabels } from '../reward/categorical-cases.js';
import { randomPool } from '../support/pools.js';
import { runs } from '../support/property.js';

const engine = cpuEngine();
const whitened = randomPool(14, 3, 1);
const ofNumbers: Posterior = { mean: new Float64Array(14), whitened, noiseVariance: 1 };
const ofClasses = right(classPosterior(randomLabels([7, 14, 3], 1)));
const names = Object.keys(strategies) as readonly AcquisitionName[];
const posteriorFor = (name: AcquisitionName): Posterior =>
  strategies[name].ofClasses === true ? ofClasses : ofNumbers;

const sizes: readonly unknown[] = [0, -1, 0.5, NaN, Infinity, '2', undefined, null];

test('a batch of no point is refused by every strategy in the same words, however it is asked', () => {
  for (const acquisition of names)
    for (const batchSize of sizes) {
      const options = { batchSize, seed: 0, draws: 4 } as never;
      const posterior = posteriorFor(acquisition);
      const refusal = /^proposeBatch: batchSize is .*; give a whole number from 1 up$/;
      for (const candidates of [{}, { candidates: 9 }])
        assert.throws(
          () =>
            proposeBatch(engine, posterior, { ...(options as object), ...candidates, acquisition } as never),
          refusal,
          acquisition,
        );
      assert.throws(() => strategies[acquisition].propose(engine, posterior, options), refusal, acquisition);
    }
  for (const batchSize of sizes)
    assert.throws(
      () => proposeWithin(engine, ofNumbers, {}, { batchSize: batchSize as number, seed: 0, draws: 4 }),
      /^proposeWithin: batchSize is .*; give a whole number from 1 up$/,
    );
});

test('draws and annealing of batches of no point, or of more than all, are refused', () => {
  const key = keyFromSeed(0);
  for (const batchSize of [...sizes, 15]) {
    const { target } = gibbsTargetOf({ whitened, batchSize: batchSize as number, temperature: 1 });
    const refusal = /: target.batchSize is .*; give a whole number from 1 to 14$/;
    assert.throws(() => annealed(target, 1, { key }), refusal);
    assert.throws(() => certifiedDraws(target, 1, { key, count: 2 }), refusal);
  }
  const { target } = gibbsTargetOf({ whitened, batchSize: 2, temperature: 1 });
  for (const count of [0, -1, 0.5, NaN, undefined])
    assert.throws(
      () => certifiedDraws(target, 1, { key, count: count as number }),
      /^certifiedDraws: options.count is .*; give a whole number from 1 up$/,
    );
});

/** The information of batches, that tells of each batch it is asked for. */
const counting = (onBatch: () => void): Reward => ({
  ...information,
  utilityFor: (posterior) => {
    const utility = information.utilityFor(posterior);
    return {
      ...utility,
      value: (batch) => {
        onBatch();
        return utility.value(batch);
      },
    };
  },
});

const draws = 40;

/** How many batches a strategy values, and whether it was interrupted, where the signal is aborted at one of them. */
const aborted = async (acquisition: AcquisitionName, at: number) => {
  const controller = new AbortController();
  let batches = 0;
  const result = await proposeBatch(engine, posteriorFor(acquisition), {
    ...{ acquisition, batchSize: 2, seed: 0, draws, signal: controller.signal },
    ...(acquisition === 'gflownet' ? { iterations: 1, trajectories: 2 } : {}),
    reward: counting(() => {
      if (++batches === at) controller.abort();
    }),
  })();
  return { batches, interrupted: E.isLeft(result) && result.left._tag === 'Interrupted' };
};

test('a signal is heeded within 16 batches of the one at which it is aborted, by every strategy', async () => {
  for (const acquisition of names) {
    const { batches: all } = await aborted(acquisition, Infinity);
    // Random batches beside the draws, at least; of class labels each is looked at once.
    assert.ok(all > draws / 2, `${acquisition}: ${all}`);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: all - 17 }), async (at) => {
        const { batches, interrupted } = await aborted(acquisition, at);
        assert.ok(interrupted, `${acquisition}, aborted at batch ${at} of ${all}`);
        assert.ok(batches <= at + 16, `${acquisition}: ${batches} batches, aborted at ${at} of ${all}`);
      }),
      runs(8),
    );
  }
});

test.run();
