/**
 * The taught default policy on pools that are hard on a sampler (spec/support/harsh.ts): by enumeration, how far what they draw is
 * from the target; and no policy that is far from it says of itself that it is near.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultModel, defaultTeacher, defaultTraining } from '../../src/gflownet/defaults.js';
import { exactDistribution } from '../../src/gflownet/exact/policy.js';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import type { Problem } from '../../src/gflownet/problem.js';
import { draw } from '../../src/gflownet/sample.js';
import { startTraining } from '../../src/gflownet/start.js';
import { train } from '../../src/gflownet/train.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import { totalVariation } from '../../src/verify/divergence.js';
import { succeed } from '../support/device.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { harshCases } from '../support/harsh.js';

const cpu = cpuEngine();
const key = keyFromSeed(31);

/** Steps of 64 own and 64 taught trajectories: at most 10 s of CPU. Some need more than others; another seed came as near. */
const steps = 500;
const more: Readonly<Record<string, number>> = {
  'one point × 1000, b = 3, T = 0.5': 1000,
  'each point four times, b = 5, T = 0.1': 1000,
  'clusters, b = 4, T = 0.05': 2000,
  'one feature, b = 3, T = 0.05': 1000,
  'nearly all points, b = 8, T = 0.013': 1000,
};

const found = async (problem: Problem, iterations: number) => {
  const model = defaultModel('gain', problem);
  const options = {
    ...defaultTraining('gain'),
    ...{ iterations, trajectories: 64, learningRate: 0.005 },
    teacher: { ...defaultTeacher, trajectories: 64 },
  };
  const start = await succeed(startTraining(cpu, model, problem, options, key));
  const { parameters } = await succeed(train(cpu, model, problem, options, start, { chunk: 100 }));
  const exact = exactTarget(problem);
  const distribution = await succeed(exactDistribution(cpu, model, problem, parameters));
  const { estimates } = await succeed(draw(cpu, model, problem, parameters, 512, split(key, 7)));
  return { distance: totalVariation(exact.probabilities, distribution), estimates };
};

for (const { name, problem } of harshCases)
  test(`gain, ${name}`, async () => {
    const { distance, estimates } = await found(problem, more[name] ?? steps);
    assert.ok(distance <= 0.02, `total variation ${distance}`);
    assert.not(distance > 0.1 && estimates.effectiveSampleSize > 0.5, `far, and looks near: ${distance}`);
  });

test.run();
