/** A population's way from β = 0, where log Z is known exactly, to the last β. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { logBatchCount, populationOf } from '../../src/gibbs/population.js';
import { keyFromSeed } from '../../src/random/key.js';
import { closeTo } from '../linear-algebra/arbitrary.js';
import { cases } from './cases.js';

for (const { name, target, beta, exact } of cases)
  test(`few steps lead from β = 0 to the last: ${name}`, () => {
    closeTo(logBatchCount(target), Math.log(exact.probabilities.length), 1e-12);
    const population = populationOf(target, 16, 40, keyFromSeed(1));
    assert.is(population.logPartition(), logBatchCount(target));
    const betas = [population.beta()];
    while (population.beta() < beta) {
      for (const step = population.advance(beta); step.next().done !== true;);
      betas.push(population.beta());
      assert.ok(betas.length < 20, `β is ${population.beta()} after ${betas.length} steps`);
    }
    assert.equal(
      betas,
      betas.toSorted((p, q) => p - q),
    );
    assert.is(betas[0], 0);
    assert.is(betas.at(-1), beta);
  });

test('a chain goes on changing its size', () => {
  const [, , sizes] = cases;
  if (sizes === undefined) throw new Error('no case');
  const population = populationOf(sizes.target, 1, 40, keyFromSeed(2));
  const seen = Array.from({ length: 20 }, () => {
    for (const step = population.advance(sizes.beta); step.next().done !== true;);
    return population.batches[0]?.members.length;
  });
  // In the last ten too; a single chain has no other to take a size from.
  assert.ok(new Set(seen.slice(10)).size > 1, seen.join());
});

test.run();
