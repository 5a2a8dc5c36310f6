// The toy problem: the paper's function, the stated distribution, one seed one problem.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TOY_NOISE, toyFunction, toyProblem } from '../../src/data/toy.js';

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: Float64Array): number => {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
};

test('the function has the values that its formula gives elsewhere', () => {
  // Evaluated in Python from the formula of the paper, term by term.
  const known: readonly (readonly [number, number])[] = [
    [-1.7, 0.8519876481392527],
    [-0.3, 0.11887050225929481],
    [0, 0],
    [0.5, -0.30649983893519983],
    [2.2, 0.15692662097178844],
  ];
  for (const [x, f] of known) assert.ok(Math.abs(toyFunction(x) - f) < 1e-14, `f(${x})`);
});

test('inputs are standard normal, the noise has the stated deviation', () => {
  const { labelled, pool } = toyProblem({ seed: 1, labelled: 10_000, pool: 10_000 });
  const noise = labelled.targets.map((y, i) => y - toyFunction(labelled.features.data[i] ?? 0));
  // Six standard errors of a mean (1 / √n) and of a deviation (1 / √(2n)): a false alarm once in 5 * 10^8.
  const [ofMean, ofDeviation] = [6 / Math.sqrt(10_000), 6 / Math.sqrt(20_000)];
  for (const x of [labelled.features.data, pool.features.data]) {
    assert.ok(Math.abs(mean(x)) < ofMean);
    assert.ok(Math.abs(deviation(x) - 1) < ofDeviation);
  }
  assert.ok(Math.abs(mean(noise)) < TOY_NOISE * ofMean);
  assert.ok(Math.abs(deviation(noise) - TOY_NOISE) < TOY_NOISE * ofDeviation);
});

test('same seed, same bits; another seed, another problem; shapes as asked for', () => {
  const size = fc.record({
    seed: fc.maxSafeNat(),
    labelled: fc.integer({ min: 1, max: 20 }),
    pool: fc.integer({ min: 1, max: 20 }),
  });
  fc.assert(
    fc.property(size, (asked) => {
      const problem = toyProblem(asked);
      assert.equal(problem, toyProblem(asked));
      assert.not.equal(problem, toyProblem({ ...asked, seed: asked.seed === 0 ? 1 : asked.seed - 1 }));
      assert.is(problem.labelled.targets.length, asked.labelled);
      assert.is(problem.labelled.features.rows, asked.labelled);
      assert.is(problem.pool.features.rows, asked.pool);
      assert.is(problem.pool.features.columns, 1);
    }),
    { seed: 20230615, numRuns: 100 },
  );
});

test.run();
