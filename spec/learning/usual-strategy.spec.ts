/** Which strategy draws where none is named: by what labels are, and by what else is asked for. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Asked, type AskedOf, withStrategy } from '../../src/learning/usual-strategy.js';

const numbers: AskedOf = { ofClasses: false, several: false, limits: false, points: 500, wide: false };

const chosen = (asked: Asked, of: AskedOf): readonly unknown[] => {
  const { acquisition, reward } = withStrategy(asked, of);
  return [acquisition, reward];
};

test('nothing is named: numbers by predictive variance, classes by information or margin', () => {
  assert.equal(chosen({}, numbers), ['greedy', 'predictiveVariance']);
  assert.equal(chosen({}, { ...numbers, ofClasses: true }), ['greedyOrMargin', undefined]);
});

test('within limits, of several targets, and of a large pool, greedy by information', () => {
  assert.equal(chosen({}, { ...numbers, several: true }), ['greedy', undefined]);
  for (const ofClasses of [true, false])
    assert.equal(chosen({}, { ...numbers, ofClasses, limits: true }), ['greedy', undefined]);
  for (const [wide, most] of [
    [false, 5000],
    [true, 500],
  ] as const) {
    assert.equal(chosen({}, { ...numbers, wide, points: most }), ['greedy', 'predictiveVariance']);
    assert.equal(chosen({}, { ...numbers, wide, points: most + 1 }), ['greedy', undefined]);
  }
});

test('a reward is taken by greedy, and what a sampler alone takes by the GFlowNet', () => {
  for (const ofClasses of [true, false]) {
    const of = { ...numbers, ofClasses };
    assert.equal(chosen({ reward: 'epig' }, of), ['greedy', 'epig']);
    for (const asked of [
      { temperature: 0.1 },
      { iterations: 5 },
      { policy: 'gain' },
      { candidates: 100 },
      { engine: 'webgpu' },
    ] as const) {
      assert.equal(chosen(asked, of), ['gflownet', undefined], JSON.stringify(asked));
      assert.equal(chosen({ ...asked, reward: 'epig' }, of), ['gflownet', 'epig']);
    }
    assert.equal(chosen({ engine: 'auto' }, of), chosen({}, of));
  }
});

test('what is named stands, with the reward that was asked for and no other', () => {
  assert.equal(chosen({ acquisition: 'greedy' }, numbers), ['greedy', undefined]);
  assert.equal(chosen({ acquisition: 'kdpp', reward: 'epig', temperature: 0.5 }, numbers), ['kdpp', 'epig']);
});

test.run();
