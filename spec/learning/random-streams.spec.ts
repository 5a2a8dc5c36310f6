/**
 * Which random stream, and how much of it, belongs to what? Batches that are fantasised are drawn from a child of the round's key
 * that training does not draw from; the random batches beside a proposal are 64; a policy trained while labels are pending
 * takes half of the usual iterations.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { proposeBatch } from '../../src/acquisition/index.js';
import { randomBatches } from '../../src/acquisition/random.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import type { Engine } from '../../src/engine/engine.js';
import { defaultModel } from '../../src/gflownet/defaults.js';
import { euboAgainst, targetOn } from '../../src/learning/experiment/held-against.js';
import { transferPolicies } from '../../src/learning/experiment/policy-transfer.js';
import { simulate } from '../../src/learning/experiment/simulate.js';
import { presetExperiment } from '../../src/learning/experiment/sources.js';
import { trainAheadOfLabels } from '../../src/learning/session/ahead.js';
import { ask } from '../../src/learning/session/ask.js';
import { poolOf, sessionFrom } from '../../src/learning/session/session.js';
import { bits, keyFromSeed, normals, split } from '../../src/random/key.js';
import { uniformSubset } from '../../src/random/subset.js';
import type { Posterior } from '../../src/surrogate/posterior.js';
import { right } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';
import { randomPool } from '../support/pools.js';
import { watchedEngine } from '../support/watched-engine.js';

const engine = cpuEngine();

test('the batch that is fantasised in a round ahead is from child 0 of its key; training draws from child 1', async () => {
  const ROWS = 16;
  const seed = 7;
  const session = right(
    sessionFrom({
      version: 1,
      ...{ featureNames: ['a', 'b'], targetName: 'y', acquisition: 'gflownet', seed },
      rows: Array.from({ length: ROWS }, (_, i) => i),
      features: Array.from({ length: ROWS }, (_, i) => [Math.sin(3 * i), i / 7]),
      labels: [
        [0, 1],
        [5, -1],
        [9, 0.5],
      ],
      surrogate: { kind: 'bayesian-linear', featureMap: { kind: 'polynomial', degree: 2 } },
      settings: { iterations: 2, trajectories: 2, temperature: 0.5 },
    }),
  );
  const { session: asked } = await succeed(ask(engine, { batchSize: 3 })(session));
  const ahead = await succeed(trainAheadOfLabels(engine, { rounds: 3, source: 'random' })(asked));
  const events = ahead.events.flatMap((event) => (event.event === 'ahead' ? [event.rows] : []));
  // The letters ahd.
  const key = split(split(keyFromSeed(seed), 0x616864), asked.rounds);
  const free = poolOf(session).filter((row) => !asked.batch.includes(row));
  for (const round of [2, 3]) {
    const own = split(split(split(key, round), 0), 1);
    const fantasised = uniformSubset(own, free.length, 3).map((i) => free[i]);
    assert.equal(events[round - 1]?.slice(3), fantasised, `round ${round}`);
  }
});

test('beside a proposal stands the mean of 64 random batches of its posterior, from a child that it is not from', async () => {
  const experiment = presetExperiment('toy-regression', {}, { pool: 30, test: 5, batchSize: 4, rounds: 2 });
  const given: { readonly posterior: Posterior; readonly seed: number }[] = [];
  const propose: typeof proposeBatch = (on, posterior, options) => {
    given.push({ posterior, seed: options.seed });
    return proposeBatch(on, posterior, options);
  };
  const seed = 3;
  const records = await succeed(simulate(engine, experiment, { strategy: 'greedy', seed }, { propose }));
  for (const { round, jointMutualInformation } of records.slice(1)) {
    // The letters sim.
    const key = split(split(keyFromSeed(seed), 0x73696d), round);
    const at = given.find((one) => one.seed === bits(key, 1)[0]);
    assert.ok(at !== undefined && jointMutualInformation !== null);
    const batches = randomBatches(at.posterior, { batchSize: 4, count: 64, key: split(key, 1) });
    const mean = batches.reduce((sum, batch) => sum + batch.jointMutualInformation, 0) / 64;
    assert.ok(Math.abs(jointMutualInformation.random - mean) < 1e-9, `round ${round}`);
  }
});

test('the EUBO of a policy is over orders from its key: the same again, and others of another', async () => {
  const whitened = randomPool(7, 3, 2, 1.5);
  const posterior = { whitened, mean: new Float64Array(7), noiseVariance: 1 };
  const held = await succeed(
    targetOn(posterior, { batchSize: 3, temperature: 0.5, key: split(keyFromSeed(2), 0) }),
  );
  assert.ok(held !== undefined);
  const model = defaultModel('deepSets', held.problem);
  const trained = { model, parameters: normals(keyFromSeed(3), model.size) };
  const [one, again, other] = await Promise.all(
    [4, 4, 5].map((seed) => succeed(euboAgainst(engine, held, trained, keyFromSeed(seed)))),
  );
  assert.ok(Number.isFinite(one));
  assert.is(again, one);
  assert.is.not(other, one);
});

/** How many iterations of training were run on an engine. */
const counting = (): { readonly on: Engine; readonly iterations: () => number } => {
  let iterations = 0;
  return {
    iterations: () => iterations,
    on: watchedEngine(engine, ({ outputs }, { steps = 1 }) => {
      if ('loss' in outputs) iterations += steps;
    }),
  };
};

test('a policy that is trained while labels are pending takes half of the usual iterations, in each round but the first', async () => {
  const ITERATIONS = 7;
  const sizes = { seedLabels: 5, pool: 24, test: 2, batchSize: 2, rounds: 2 };
  const experiment = presetExperiment('lookahead', { iterations: ITERATIONS, trajectories: 2 }, sizes);
  const { study } = experiment;
  assert.ok(study !== undefined);
  const [alone = 0, beside = 0] = await Promise.all(
    [['once+0'], ['once+0', 'pending+0']].map(async (names) => {
      const { on, iterations } = counting();
      await succeed(transferPolicies(on, experiment, study, { seeds: [1], names }, { recorded: [] }));
      return iterations();
    }),
  );
  assert.ok(alone > 0 && alone % ITERATIONS === 0, `${alone}`);
  assert.is((beside - alone) % Math.ceil(ITERATIONS / 2), 0, `${beside - alone} iterations more`);
  assert.ok(beside - alone >= Math.ceil(ITERATIONS / 2) && beside - alone < ITERATIONS * 2);
});

test.run();
