/** The k-DPP strategy: exact answers, the same record as the GFlowNet's, what it refuses, and how it is stopped. */
import * as TE from '#fp-ts/TaskEither';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { proposeBatch, strategies, type ProposalOptions } from '../../src/acquisition/index.js';
import { unusedSettings } from '../../src/acquisition/settings.js';
import type { Progress } from '../../src/acquisition/strategy.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import type { Engine } from '../../src/engine/engine.js';
import { engineFailure } from '../../src/failure.js';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import { fail, succeed } from '../support/device.js';
import { maternPool } from '../support/pools.js';

const poolSize = 14;
const whitened = maternPool(poolSize, 3);
const posterior = { whitened, mean: new Float64Array(poolSize), noiseVariance: 0.01 };
const options = { acquisition: 'kdpp', batchSize: 4, seed: 5, draws: 100 } as const;
const cpu = cpuEngine();

/** An engine on which nothing runs. */
const broken: Engine = { ...cpu, load: () => TE.left(engineFailure('cpu', 'it is used', 'Leave it')) };
const proposed = (changes: Partial<ProposalOptions> = {}) =>
  succeed(proposeBatch(broken, posterior, { ...options, ...changes }));

test('a proposal holds what it says, exactly, and uses no engine', async () => {
  const stages: Progress[] = [];
  const proposal = await proposed({ onProgress: (progress) => stages.push(progress) });
  const { best, drawn, greedy, logPartition, seconds } = proposal;
  const { logZ } = exactTarget({ whitened, batchSize: 4, temperature: 0.5 });
  assert.ok(logPartition?.method === 'exact' && Math.abs(logPartition.estimate - logZ) < 1e-9);
  assert.equal(
    [proposal.effectiveSampleSize, proposal.temperature, proposal.iterations, seconds.train],
    [1, 0.5, 0, 0],
  );
  assert.is(new Set(best.indices).size, 4);
  assert.is(best.jointMutualInformation, jointMutualInformation(whitened, best.indices));
  assert.equal([drawn.best, drawn.count], [Math.max(...drawn.jointMutualInformation), 100]);
  assert.ok(best.jointMutualInformation >= Math.max(drawn.best, greedy.jointMutualInformation));
  assert.is(drawn.jointMutualInformation.length, 100);
  assert.equal(greedy, greedyBatch(posterior, 4));
  const drawing = stages.filter(({ stage }) => stage === 'drawing');
  assert.equal(drawing.at(-1), { stage: 'drawing', done: 100, total: 100, note: '' });
});

test('the draws have the information that the target has on average', async () => {
  const { probabilities, logReward } = exactTarget({ whitened, batchSize: 4, temperature: 0.5 });
  const moment = (power: number): number =>
    probabilities.reduce((total, p, i) => total + p * ((logReward[i] ?? NaN) / 2) ** power, 0);
  const mean = moment(1);
  const deviation = Math.sqrt(moment(2) - mean ** 2);
  const { drawn } = await proposed({ draws: 5000 });
  // Five standard errors: a right sampler with another seed is further off in 6 cases of 10 million.
  assert.ok(
    Math.abs(drawn.mean - mean) < (5 * deviation) / Math.sqrt(5000),
    `mean ${drawn.mean}, should be ${mean}`,
  );
});

test('the seed decides; random batches beside the draws are those of the GFlowNet strategy', async () => {
  const first = await proposed();
  assert.equal((await proposed()).drawn, first.drawn);
  assert.not.equal((await proposed({ seed: 6 })).drawn, first.drawn);
  const learned = await succeed(
    proposeBatch(cpu, posterior, { ...options, acquisition: 'gflownet', iterations: 2 }),
  );
  assert.equal([learned.random, learned.greedy], [first.random, first.greedy]);
});

test('settings that it has no use for are refused, its own temperature is not', async () => {
  for (const setting of [
    { temperature: 0.2 },
    { policy: 'gain' },
    { objective: 'flowMatching' },
    { iterations: 10 },
    { trajectories: 10 },
  ] as const) {
    const [name = ''] = Object.keys(setting);
    assert.throws(
      () => proposeBatch(cpu, posterior, { ...options, ...setting }),
      new RegExp(`kdpp has no use for ${name}`),
    );
    assert.equal(unusedSettings(strategies.gflownet, setting), []);
  }
  assert.equal((await proposed({ temperature: 0.5 })).drawn, (await proposed()).drawn);
  assert.throws(() => proposeBatch(cpu, posterior, { ...options, draws: 0 }), /draws is 0/);
  assert.throws(() => proposeBatch(cpu, posterior, { ...options, batchSize: 15 }), /pool of 14/);
});

test('it fails as a value where a feature is not finite, and with Interrupted between draws', async () => {
  const nothing = {
    ...posterior,
    whitened: { rows: 2, columns: 1, data: Float64Array.of(1, NaN) },
    mean: new Float64Array(2),
  };
  const failure = await fail(proposeBatch(cpu, nothing, { ...options, batchSize: 1 }));
  assert.is(failure._tag, 'InputFailure');
  const controller = new AbortController();
  const seen: number[] = [];
  const interrupted = await fail(
    proposeBatch(cpu, posterior, {
      ...options,
      signal: controller.signal,
      onProgress: ({ done }) => {
        seen.push(done);
        controller.abort();
      },
    }),
  );
  assert.equal(interrupted, { _tag: 'Interrupted', during: 'drawing' });
  assert.is(seen.length, 1);
});

test.run();
