/**
 * Taught policies on pools that are hard on a sampler (spec/support/harsh.ts): by enumeration, how far what they draw is
 * from the target; and no policy that is far from it says of itself that it is near.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultModel, defaultTraining } from '../../src/gflownet/defaults.js';
import { exactDistribution } from '../../src/gflownet/exact/policy.js';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import type { PolicyName } from '../../src/gflownet/policies/index.js';
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

const found = async (policy: PolicyName, problem: Problem) => {
  const model = defaultModel(policy, problem);
  const options = {
    ...defaultTraining(policy),
    iterations: Number(process.env['IT'] ?? 300),
    ...(process.env['LR'] ? { learningRate: Number(process.env['LR']) } : {}),
  };
  const start = await succeed(startTraining(cpu, model, problem, true, key));
  const { parameters } = await succeed(train(cpu, model, problem, options, start, { chunk: 100 }));
  const exact = exactTarget(problem);
  const distribution = await succeed(exactDistribution(cpu, model, problem, parameters));
  const { estimates } = await succeed(draw(cpu, model, problem, parameters, 512, split(key, 7)));
  return { distance: totalVariation(exact.probabilities, distribution), estimates, logZ: exact.logZ };
};

for (const policy of (process.env['POL'] ?? 'gain pointer').split(' ') as PolicyName[])
  for (const { name, problem } of harshCases)
    test(`${policy}: ${name}`, async () => {
      const { distance, estimates, logZ } = await found(policy, problem);
      console.log(
        `# ${policy}: ${name}: TV ${distance.toFixed(4)} ESS ${estimates.effectiveSampleSize.toFixed(3)} log Z ${estimates.logZ.toFixed(3)} of ${logZ.toFixed(3)}`,
      );
      assert.ok(distance <= 0.02, `total variation ${distance}`);
      assert.not(distance > 0.1 && estimates.effectiveSampleSize > 0.5, 'far, and looks near');
    });

test.run();
