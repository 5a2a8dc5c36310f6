/**
 * Our own GFlowNet samplers under the laws that are there for anyone's: a walk along exact flows, and trained models. Laws
 * that chance decides fail a right sampler with another seed once in a million (log Z: once in 1.7 million).
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultModel, defaultTraining } from '../../src/gflownet/defaults.js';
import { batchOrder } from '../../src/gflownet/exact/batch-order.js';
import { exactFlows } from '../../src/gflownet/exact/flows.js';
import { exactDistribution } from '../../src/gflownet/exact/policy.js';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import { walkAlongFlows } from '../../src/gflownet/exact/walk.js';
import { batchSizes, logReward, type Problem } from '../../src/gflownet/problem.js';
import { startTraining } from '../../src/gflownet/start.js';
import { train } from '../../src/gflownet/train.js';
import type { Matrix } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import {
  assertLaw,
  frequenciesMatch,
  logPartitionConsistent,
  logProbabilitiesNormalised,
  logWeightsOf,
  permutationPermutes,
  seedDecides,
  trainedBatchSampler,
  validBatches,
  type BatchSampler,
  type Rewarded,
} from '../../src/verify/index.js';
import { succeed } from '../support/device.js';
import { closeEngines, openEngines } from '../support/engines.js';
import { randomPool } from '../support/pools.js';

const engines = await openEngines();
const [cpu] = engines;
const key = keyFromSeed(2);

const problems: readonly (Problem & { readonly name: string })[] = [
  { name: 'batches of 3', whitened: randomPool(7, 3, 4), batchSize: 3, temperature: 0.4 },
  {
    name: 'batches of 1 to 3',
    whitened: randomPool(7, 3, 4),
    batchSize: 3,
    smallestBatch: 1,
    pointCost: 0.5,
    temperature: 0.4,
  },
];

/** All batches of a problem as outcomes, each with a log reward. */
const outcomesOf = (
  problem: Problem,
  value: (row: number, batch: readonly number[]) => number,
): readonly Rewarded<readonly number[]>[] => {
  const order = batchOrder(problem.whitened.rows, batchSizes(problem));
  return Array.from({ length: order.count }, (_, row) => {
    const outcome = order.batchAt(row);
    return { outcome, logReward: value(row, outcome) };
  });
};

const name = (batch: readonly number[]): string => [...batch].sort((a, b) => a - b).join();

const flowSampler = (problem: Problem): BatchSampler => {
  const flows = exactFlows(problem.whitened.rows, batchSizes(problem), exactTarget(problem).logReward);
  const [smallest, largest] = batchSizes(problem);
  return {
    poolSize: problem.whitened.rows,
    batchSize: smallest === largest ? largest : [smallest, largest],
    sample: (seed, count) =>
      Array.from({ length: count }, (_, i) => walkAlongFlows(flows, split(keyFromSeed(seed), i))),
  };
};

for (const problem of problems)
  test(`a walk along exact flows: the laws of batches, and frequencies in proportion to reward, ${problem.name}`, async () => {
    const sampler = flowSampler(problem);
    assertLaw(await validBatches(sampler));
    assertLaw(await seedDecides(sampler));
    const rewarded = outcomesOf(problem, (_, batch) => logReward(problem, batch));
    assertLaw(await frequenciesMatch(sampler, rewarded, { draws: 20_000, key: name }));
    // The law is sharp enough to tell a temperature of 0.44 from one of 0.4.
    const warmer = outcomesOf(problem, (_, batch) => logReward({ ...problem, temperature: 0.44 }, batch));
    assert.not((await frequenciesMatch(sampler, warmer, { draws: 20_000, key: name })).holds);
  });

/** A model after a few iterations: no longer at its start, and not at the target. */
const trainOn = async (problem: Problem) => {
  const model = defaultModel('gain', problem);
  const options = { ...defaultTraining('gain'), iterations: 10, trajectories: 8, learningRate: 0.01 };
  const start = await succeed(startTraining(cpu, model, problem, options, key));
  const { parameters } = await succeed(train(cpu, model, problem, options, start));
  return { model, problem, parameters };
};

const models = new Map<Problem, ReturnType<typeof trainOn>>();

/** The same on an engine, trained once for all of them. */
const trainedOn = async (engine: (typeof engines)[number], problem: Problem) => {
  const model = models.get(problem) ?? trainOn(problem);
  models.set(problem, model);
  return { engine, ...(await model) };
};

for (const engine of engines)
  for (const problem of problems)
    test(`a trained model's draws obey the laws and follow the model's own distribution, ${problem.name}, ${engine.kind}`, async () => {
      const trained = await trainedOn(engine, problem);
      const sampler = trainedBatchSampler(trained);
      const draws = engine.kind === 'cpu' ? 10_000 : 2048;
      assertLaw(await validBatches(sampler, { draws: 500 }));
      assertLaw(await seedDecides(sampler, { draws: 50 }));
      const exact = await succeed(exactDistribution(cpu, trained.model, problem, trained.parameters));
      const own = outcomesOf(problem, (row) => Math.log(exact[row] ?? NaN));
      assertLaw(await frequenciesMatch(sampler, own, { draws, key: name }));
      const all = own.map(({ outcome }) => outcome);
      assertLaw(await logProbabilitiesNormalised(sampler, all, { tolerance: 1e-4 }));
      const weights = logWeightsOf(sampler, (batch) => logReward(problem, batch));
      const { logZ } = exactTarget(problem);
      assertLaw(await logPartitionConsistent(weights, { logZ, draws: 1000 }));
    });

test('the order of the pool is no matter to a trained model', async () => {
  const [problem] = problems;
  if (problem === undefined) return;
  const trained = await trainedOn(cpu, problem);
  const { rows, columns, data } = problem.whitened;
  const inOrder = (order: readonly number[]): Matrix => ({
    rows,
    columns,
    data: Float64Array.from(order.flatMap((n) => Array.from(data.subarray(n * columns, (n + 1) * columns)))),
  });
  assertLaw(
    await permutationPermutes(
      (order) => trainedBatchSampler({ ...trained, problem: { ...problem, whitened: inOrder(order) } }),
      rows,
      { draws: 2000, tolerance: 1e-4 },
    ),
  );
});

test('engines are left empty', () => closeEngines(engines));

test.run();
