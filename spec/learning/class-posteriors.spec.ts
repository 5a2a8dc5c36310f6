/** Generated problems of class labels: what they are whatever the key, and that policies are judged on them by their own target. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import type { Problem } from '../../src/gflownet/problem.js';
import { affordable, generatedClassProblem } from '../../src/learning/pretraining/class-posteriors.js';
import { annealedLogPartition, heldOutProblems } from '../../src/learning/pretraining/evaluation.js';
import { problemKey } from '../../src/learning/pretraining/posteriors.js';
import { split } from '../../src/random/key.js';
import { uniformSubset } from '../../src/random/subset.js';
import { runs } from '../support/property.js';

const sizes = { points: [20, 60], batch: [3, 8] } as const;

/** p(y = c | θ) of a problem, [S, N, C]. */
const probabilitiesOf = ({ utility }: Problem) => {
  const { shape = [], values = [] } = utility?.programmed.tables['logProbabilities'] ?? {};
  const [draws = NaN, points = NaN, classes = NaN] = shape;
  return { draws, points, classes, values: Float64Array.from(values, Math.exp) };
};

/** All of a problem that can be compared. */
const plainOf = (problem: Problem) => {
  const { whitened, batchSize, temperature, utility } = problem;
  return { whitened, batchSize, temperature, scale: utility?.scale, ...probabilitiesOf(problem) };
};

test('whatever the key: distributions over classes, finite proxies, sizes and utilities within their bounds, the same problem again', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.double({ min: 0.5, max: 4, noNaN: true }), (index, multiple) => {
      const key = problemKey(0, 'heldOut', index);
      const problem = generatedClassProblem(key, sizes, multiple);
      const { whitened, batchSize, temperature, utility } = problem;
      const { draws, points, classes, values } = probabilitiesOf(problem);
      assert.is(values.length, draws * whitened.rows * classes);
      for (let row = 0; row < draws * points; row++) {
        const total = values.subarray(row * classes, (row + 1) * classes).reduce((sum, p) => sum + p, 0);
        assert.ok(Math.abs(total - 1) < 1e-6, `row ${row} sums to ${total}`);
      }
      assert.ok(whitened.rows >= 20 && whitened.rows <= 60 && whitened.data.every(Number.isFinite));
      assert.ok(whitened.data.some((x) => x !== 0));
      assert.ok(batchSize >= 3 && batchSize <= 8);
      assert.ok(batchSize === 3 || points * draws * classes ** batchSize <= affordable);
      if (utility === undefined) throw new Error('the problem has no utility of its own');
      assert.ok(utility.scale > 0 && temperature > 0 && Number.isFinite(temperature));
      const worth = utility.value(Array.from(uniformSubset(split(key, 1), points, batchSize)));
      assert.ok(worth > -1e-9 && worth <= batchSize * Math.log(classes) && worth <= Math.log(draws) + 1e-9);
      assert.equal(plainOf(generatedClassProblem(key, sizes, multiple)), plainOf(problem));
      assert.not.equal(
        plainOf(generatedClassProblem(problemKey(1, 'heldOut', index), sizes, multiple)),
        plainOf(problem),
      );
    }),
    runs(12),
  );
});

test('held-out problems of classes are others than those of numbers, at the multiple of their temperatures that is asked for', () => {
  const [once, thrice] = [heldOutProblems(2, 3, 1, 'classes'), heldOutProblems(2, 3, 3, 'classes')];
  const numbers = heldOutProblems(2, 3, 1);
  once.forEach((problem, i) => {
    const { temperature, ...same } = plainOf(problem);
    const other = thrice[i];
    if (other === undefined) throw new Error('a problem is missing');
    const { temperature: hotter, ...again } = plainOf(other);
    assert.equal(again, same);
    assert.ok(Math.abs(hotter / (3 * temperature) - 1) < 1e-12);
    assert.is(numbers[i]?.utility, undefined);
  });
});

test('they are judged by log Z of the class labels, not of their proxy', () => {
  const problem = generatedClassProblem(problemKey(3, 'heldOut', 13), { points: [16, 16], batch: [4, 4] }, 1);
  const { whitened, batchSize, temperature } = problem;
  const { logZ } = exactTarget(problem);
  // Its error is some 0.1 here.
  const annealed = annealedLogPartition(problem, 0);
  assert.ok(Math.abs(annealed - logZ) < 0.6, `${annealed}, ${logZ}`);
  const proxy = exactTarget({ whitened, batchSize, temperature }).logZ;
  assert.ok(Math.abs(proxy - logZ) > 1.2, `the proxy is told apart: ${proxy}, ${logZ}`);
});

test.run();
