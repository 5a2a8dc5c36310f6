/** Learned probabilities beside those of the target: the axis of the picture, and what lies on its edge. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { agreementOfRun } from '../../src/report/agreement.js';
import { closeTo } from '../linear-algebra/arbitrary.js';

const run = { name: 'r', totalVariation: null, loss: [], elbo: [], logZ: null };

test('the axis goes from the least probability to the largest; those of 0 lie on its edge and do not widen it', () => {
  const of = (target: readonly number[], learned: readonly number[]) => {
    const found = agreementOfRun({ ...run, probabilities: { target, learned } }, 10);
    if (found === undefined) throw new Error('nothing to show');
    return found;
  };
  const margin = 0.03 * Math.log(5);
  for (const [target, learned, below] of [
    [[0.2, 0.3, 0.5], [0.1, 0.4, 0.5], 0],
    [[0.2, 0.3, 0.5, 0], [0.1, 0.4, 0.5, 0], 1],
    [[0.2, 0.3, 0.5, 0], [0.1, 0, 0.5, 0.4], 2],
  ] as const) {
    const found = of(target, learned);
    closeTo(found.low, Math.log(0.1) - margin, 1e-12);
    closeTo(found.high, Math.log(0.5) + margin, 1e-12);
    assert.equal([found.batches, found.below], [target.length, below]);
  }
});

test('batches at one place are one spot, and the largest is the one of most', () => {
  const [target, learned] = [Array.from({ length: 50 }, (_, i) => (i < 30 ? 0.01 : 0.035)), 0.02];
  const found = agreementOfRun({ ...run, probabilities: { target, learned: target.map(() => learned) } }, 10);
  assert.equal([found?.spots.map(({ count }) => count).sort(), found?.largest], [[20, 30], 30]);
});

test.run();
