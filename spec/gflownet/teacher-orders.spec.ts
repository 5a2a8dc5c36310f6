/**
 * In which orders does a teacher show a batch? In new ones of the backward policy at every step: a policy that is taught a single
 * batch comes to draw it in all of them, not in the one that the teacher drew it in.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { defaultModel, defaultTraining } from '../../src/gflownet/defaults.js';
import { logRatiosOfOrders } from '../../src/gflownet/sample.js';
import { startTraining } from '../../src/gflownet/start.js';
import { train } from '../../src/gflownet/train.js';
import { keyFromSeed } from '../../src/random/key.js';
import { succeed } from '../support/device.js';
import { randomPool } from '../support/pools.js';

const cpu = cpuEngine();

test('a single batch is shown in all its orders', async () => {
  const problem = { whitened: randomPool(10, 3, 2), batchSize: 3, temperature: 1 };
  const model = defaultModel('pointer', problem);
  const options = {
    ...defaultTraining('pointer'),
    ...{ iterations: 80, trajectories: 8 },
    teacher: { trajectories: 24, weight: 100, draws: 1 },
  };
  const key = keyFromSeed(7);
  const start = await succeed(startTraining(cpu, model, problem, options, key));
  const { parameters, taught = [] } = await succeed(train(cpu, model, problem, options, start));
  const [a = NaN, b = NaN, c = NaN] = taught;
  const orders = [a, b, c, a, c, b, b, a, c, b, c, a, c, a, b, c, b, a];
  const ratios = await succeed(logRatiosOfOrders(cpu, model, problem, parameters, Uint32Array.from(orders)));
  // log P_F, as the backward policy is uniform.
  const logs = Array.from(ratios, (ratio) => -Math.log(6) - ratio);
  const total = logs.reduce((sum, log) => sum + Math.exp(log), 0);
  assert.ok(total > 0.5, `it is not taught: the batch has probability ${total}`);
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  assert.ok(most - least < 1, `log P_F of its orders from ${least} to ${most}`);
});

test.run();
