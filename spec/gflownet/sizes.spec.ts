/** Batches of several sizes: what rollouts obey, balance in every objective, and training to the exact target. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultModel, defaultTraining } from '../../src/gflownet/defaults.js';
import { exactDistribution } from '../../src/gflownet/exact/policy.js';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import { modelInputs, modelOf, problemValues, samplerOf } from '../../src/gflownet/model.js';
import { logReward, type Problem } from '../../src/gflownet/problem.js';
import { follow, logRewardSteps } from '../../src/gflownet/rollout.js';
import { batchesOf, draw, logRatiosOfOrders } from '../../src/gflownet/sample.js';
import { scoreTrajectories } from '../../src/gflownet/score.js';
import { startTraining } from '../../src/gflownet/start.js';
import { train } from '../../src/gflownet/train.js';
import type { ObjectiveName } from '../../src/gflownet/objectives/index.js';
import type { PolicyName } from '../../src/gflownet/policies/index.js';
import { keyFromSeed } from '../../src/random/key.js';
import { constant } from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import { totalVariation } from '../../src/verify/divergence.js';
import { succeed } from '../support/device.js';
import { closeEngines, openEngines, runs } from '../support/engines.js';
import { maternPool, randomPool } from '../support/pools.js';
import { answerAt, near, settingsOf } from '../support/settings.js';

const engines = await openEngines();
const [cpu] = engines;
const key = keyFromSeed(5);
const poolSize = 8;
const stop = poolSize;

const problemOf = (changes: Partial<Problem> = {}): Problem => ({
  whitened: maternPool(poolSize, 1),
  batchSize: 4,
  smallestBatch: 2,
  temperature: 0.5,
  pointCost: 0.8,
  ...changes,
});

for (const engine of engines)
  test(`drawn batches have every allowed size and no other, and weights of their own rewards, ${engine.kind}`, async () => {
    const problem = problemOf();
    const model = defaultModel('gain', problem);
    const { parameters } = await succeed(startTraining(engine, model, problem, defaultTraining('gain'), key));
    const draws = await succeed(draw(engine, model, problem, parameters, 256, key));
    const batches = batchesOf(draws);
    assert.equal([...new Set(batches.map(({ length }) => length))].sort(), [2, 3, 4]);
    const again = await succeed(logRatiosOfOrders(engine, model, problem, parameters, draws.actions));
    batches.forEach((batch, i) => {
      assert.is(new Set(batch).size, batch.length);
      assert.ok(batch.every((point) => point < poolSize));
      // Once stopped, nothing joins any more.
      const row = Array.from(draws.actions.subarray(4 * i, 4 * i + 4));
      assert.equal(
        row.slice(batch.length),
        Array.from({ length: 4 - batch.length }, () => stop),
      );
      const expected = logReward(problem, batch) + (again[i] ?? NaN);
      assert.ok(Math.abs((draws.logWeights[i] ?? NaN) - expected) < 1e-3, `weight ${draws.logWeights[i]}`);
    });
  });

/** Trajectories of 2, 3 and 4 points, and what is known of each without any program. */
const orders = [
  [3, 1, stop, stop],
  [0, 5, 2, stop],
  [7, 6, 5, 4],
];

for (const setting of settingsOf(engines))
  test(`rewards, ends and places after them, ${setting.name}`, () =>
    fc.assert(
      fc.asyncProperty(fc.nat(1000), async (seed) => {
        const problem = problemOf({ whitened: randomPool(poolSize, 3, seed) });
        const model = defaultModel('gain', problem);
        const inputs = modelInputs(model);
        const sampler = samplerOf(model, inputs);
        const trajectories = follow(sampler, constant(orders.flat(), 'u32', [3, 4]));
        const scored = scoreTrajectories(sampler, trajectories, true);
        const running = program(
          {
            steps: logRewardSteps(sampler, trajectories),
            reward: scored.logReward,
            forward: scored.logForward,
            backward: scored.logBackward,
            flow: scored.logFlow,
            reached: scored.reached,
          },
          {},
          Object.values(inputs),
        );
        const answers = await answerAt(setting, running, {
          ...problemValues(model, problem),
          parameters: new Float64Array(model.size).map((_, i) => Math.sin(i + seed) / 4),
        });
        const rewards = orders.map((order) =>
          logReward(
            problem,
            order.filter((point) => point !== stop),
          ),
        );
        near(setting, answers['reward'], rewards, 'log R');
        near(setting, answers['reached'], [1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 'reached');
        const thirds = [0, -Math.log(2), -Math.log(3), -Math.log(4)];
        const backward = orders.flatMap((order) =>
          order.map((point, step) => (point === stop ? 0 : thirds[step])),
        );
        near(setting, answers['backward'], backward as number[], 'log P_B');
        const flow = Array.from(answers['flow'] ?? []);
        const ends = [flow[3], flow[4], flow[9], flow[14]];
        near(
          setting,
          ends as number[],
          [rewards[0], rewards[0], rewards[1], rewards[2]] as number[],
          'flow of ends',
        );
        const forward = Array.from(answers['forward'] ?? []);
        // What is left to do after a stop is certain; a stop itself is a choice.
        assert.is(Math.abs(forward[3] ?? NaN), 0);
        assert.ok((forward[2] ?? 0) < -1e-3 && (forward[7] ?? 0) < -1e-3);
        near(setting, answers['steps']?.slice(2, 4), [0, 0], 'reward of stops');
      }),
      runs(8),
    ));

// Distances of exact distributions, not of samples: nothing here can fail by chance, for the seed is fixed.
const goals: readonly (readonly [PolicyName, ObjectiveName, number])[] = [
  ['gain', 'logPartitionVariance', 0.03],
  ['gain', 'trajectoryBalance', 0.03],
  ['gain', 'detailedBalance', 0.04],
  ['gain', 'subTrajectoryBalance', 0.04],
  ['gain', 'flowMatching', 0.04],
  ['pointer', 'logPartitionVariance', 0.1],
];

for (const [policy, objective, goal] of goals)
  test(`${policy} by ${objective} learns when to stop: within ${goal} of the target in total variation`, async () => {
    const problem = problemOf();
    const model = defaultModel(policy, problem);
    const options = { ...defaultTraining(policy), objective, iterations: 150, trajectories: 24 };
    const start = await succeed(startTraining(cpu, model, problem, options, key));
    const { parameters } = await succeed(train(cpu, model, problem, options, start));
    const distance = totalVariation(
      exactTarget(problem).probabilities,
      await succeed(exactDistribution(cpu, model, problem, parameters)),
    );
    assert.ok(distance <= goal, `total variation ${distance}`);
  });

test('a model refuses a problem of other sizes', () => {
  const model = modelOf({ ...defaultModel('gain', problemOf()).shape, smallestBatch: 1 });
  assert.throws(
    () => problemValues(model, problemOf()),
    /draws batches of 1 to 4 points, the problem asks for 2 to 4/,
  );
});

test('engines are left empty', () => closeEngines(engines));

test.run();
