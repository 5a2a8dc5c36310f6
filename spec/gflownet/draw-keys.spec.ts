/** Draws hang on their key: the same key gives the same batches, another others, and no block of 256 is drawn twice. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultModel } from '../../src/gflownet/defaults.js';
import { firstParameters } from '../../src/gflownet/model.js';
import type { Problem } from '../../src/gflownet/problem.js';
import { draw } from '../../src/gflownet/sample.js';
import { keyFromSeed } from '../../src/random/key.js';
import { succeed } from '../support/device.js';
import { closeEngines, openEngines } from '../support/engines.js';
import { randomPool } from '../support/pools.js';

const engines = await openEngines();
const problem: Problem = { whitened: randomPool(30, 3, 1), batchSize: 4, temperature: 1 };
const model = defaultModel('gain', problem);
const parameters = firstParameters(model, keyFromSeed(7));

/** Draws of one key. Four of them are of four keys in one run on a device. */
const BLOCK = 256;
const BLOCKS = 4;

for (const engine of engines)
  test(`of a key and of each block, ${engine.kind}`, async () => {
    const of = async (seed: number) => {
      const { actions } = await succeed(
        draw(engine, model, problem, parameters, BLOCKS * BLOCK, keyFromSeed(seed)),
      );
      return Array.from({ length: BLOCKS }, (_, i) =>
        actions.subarray(i * BLOCK * problem.batchSize, (i + 1) * BLOCK * problem.batchSize).join(),
      );
    };
    const [one, again, other] = [await of(1), await of(1), await of(2)];
    assert.equal(again, one);
    // Blocks of 1,024 places that are alike by chance: less than one in 2^1000.
    assert.is(new Set([...one, ...other]).size, 2 * BLOCKS);
  });

test('nothing is left on the engines', () => closeEngines(engines));
test.run();
