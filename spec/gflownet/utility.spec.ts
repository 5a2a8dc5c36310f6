/**
 * Policies trained for other utilities than the joint mutual information of what they look at: their exact distribution
 * against the exact target, by every kind of objective; what they say of their draws.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultModel, defaultTraining } from '../../src/gflownet/defaults.js';
import { exactDistribution } from '../../src/gflownet/exact/policy.js';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import { problemValues } from '../../src/gflownet/model.js';
import type { ObjectiveName } from '../../src/gflownet/objectives/index.js';
import { logReward, type Problem } from '../../src/gflownet/problem.js';
import { batchesOf, draw } from '../../src/gflownet/sample.js';
import { startTraining } from '../../src/gflownet/start.js';
import { train } from '../../src/gflownet/train.js';
import { keyFromSeed } from '../../src/random/key.js';
import { information } from '../../src/reward/information.js';
import { labelUtility } from '../../src/reward/categorical/utility.js';
import { epig } from '../../src/reward/epig.js';
import { predictiveVariance } from '../../src/reward/predictive-variance.js';
import type { Utility } from '../../src/reward/utility.js';
import { classPosterior } from '../../src/surrogate/class-posterior.js';
import { totalVariation } from '../../src/verify/divergence.js';
import { answerKind } from '../../src/verify/target-answer.js';
import { closeTo, right } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';
import { closeEngines, openEngines } from '../support/engines.js';
import { maternPool } from '../support/pools.js';
import { randomLabels } from '../reward/categorical-cases.js';

const engines = await openEngines();
const [cpu] = engines;
const key = keyFromSeed(11);
const POINTS = 10;

const problemOf = (
  { proxyFeatures: proxy, value: of, batchFrom, programmed }: Utility,
  temperature: number,
  batchSize = 3,
): Problem => {
  const own = programmed?.(batchSize);
  if (own === undefined) throw new Error('the utility is the information of its proxy');
  return {
    whitened: proxy,
    batchSize,
    temperature,
    utility: { value: of, batchFrom, programmed: own, scale: 1 },
  };
};

// 12⁴ are more than are enumerated.
const many = randomLabels([6, POINTS, 12], 5, 4);
const problems: Readonly<Record<string, Problem>> = {
  'predictive variance': problemOf(
    predictiveVariance().utilityFor({
      ...{ mean: new Float64Array(POINTS), noiseVariance: 1 },
      whitened: maternPool(POINTS, 1),
    }),
    0.3,
  ),
  'predictive information': problemOf(
    epig().utilityFor({
      ...{ mean: new Float64Array(POINTS), noiseVariance: 1 },
      whitened: maternPool(POINTS, 1),
    }),
    0.1,
  ),
  'class labels': problemOf(
    information.utilityFor(right(classPosterior(randomLabels([8, POINTS, 3], 2)))),
    0.1,
  ),
  'sampled class labels': problemOf(
    labelUtility(many, right(classPosterior(many)).whitened, { key: keyFromSeed(1), samples: 48 }),
    0.3,
    4,
  ),
};

// Distances of exact distributions, not of samples: nothing here can fail by chance, for the seed is fixed.
const cases: readonly (readonly [keyof typeof problems, ObjectiveName, number])[] = [
  ['predictive variance', 'logPartitionVariance', 0.03],
  ['predictive variance', 'flowMatching', 0.05],
  ['predictive information', 'logPartitionVariance', 0.03],
  ['class labels', 'logPartitionVariance', 0.03],
  ['class labels', 'subTrajectoryBalance', 0.05],
  ['class labels', 'detailedBalance', 0.05],
  ['sampled class labels', 'trajectoryBalance', 0.05],
];

for (const [name, objective, bound] of cases)
  test(`${name} by ${objective}: within ${bound} of the target in total variation`, async () => {
    const problem = problems[name] as Problem;
    const model = defaultModel('gain', problem);
    const options = { ...defaultTraining('gain'), objective, trajectories: 32, iterations: 300 };
    const start = await succeed(startTraining(cpu, model, problem, options, key));
    const { parameters } = await succeed(train(cpu, model, problem, options, start));
    const target = exactTarget(problem);
    const learned = await succeed(exactDistribution(cpu, model, problem, parameters));
    const distance = totalVariation(target.probabilities, learned);
    assert.ok(distance <= bound, `total variation ${distance}`);
    const untrained = await succeed(exactDistribution(cpu, model, problem, start.parameters));
    assert.ok(distance < totalVariation(target.probabilities, untrained) / 2, 'the proxy alone is as good');
  });

for (const engine of engines)
  test(`log weights of draws are of the utility, and a training step is made, ${engine.kind}`, async () => {
    for (const problem of Object.values(problems)) {
      const model = defaultModel('gain', problem);
      const options = { ...defaultTraining('gain'), trajectories: 4, iterations: 1 };
      const start = await succeed(startTraining(engine, model, problem, options, key));
      const { parameters } = await succeed(train(engine, model, problem, options, start));
      const draws = await succeed(draw(engine, model, problem, parameters, 5, key));
      batchesOf(draws).forEach((batch, i) => {
        const own = draws.steps.logBackward
          .subarray(i * problem.batchSize, (i + 1) * problem.batchSize)
          .reduce((sum, x) => sum + x, 0);
        closeTo(
          draws.logWeights[i] ?? NaN,
          logReward(problem, batch) + own - (draws.logForward[i] ?? NaN),
          1e-9,
        );
      });
    }
  });

test('several sizes of batches are refused, and half is no k-DPP', () => {
  const problem = { ...(problems['class labels'] as Problem), temperature: 0.5 };
  const sized = { ...problem, smallestBatch: 2 };
  assert.throws(() => problemValues(defaultModel('gain', sized), sized), /give one size of batches/);
  const large = { ...problem, whitened: { ...problem.whitened, rows: 1000 }, batchSize: 4 };
  assert.is(answerKind(large), 'gibbs');
  const { whitened, batchSize, temperature } = large;
  assert.is(answerKind({ whitened, batchSize, temperature }), 'kdpp');
});

test('engines are left empty', () => closeEngines(engines));

test.run();
