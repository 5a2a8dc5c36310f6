/**
 * Updates leave their target as it is, alone and in pairs: exact draws, updated once, are still draws from it. Statistical
 * thresholds are p > 10⁻⁶: the probability that a right sampler fails one of the 9 tests with another seed is 10⁻⁵.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { samePoints, updateTogether } from '../../src/gibbs/coupling.js';
import { annealedBeta, update } from '../../src/gibbs/update.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import { uniformStream } from '../../src/random/stream.js';
import { chiSquareTest } from '../../src/verify/goodness-of-fit.js';
import { cases, countsOf, exactDraws, type Listed } from './cases.js';

const key = keyFromSeed(17);
const DRAWS = 8000;
const LEAST_P = 1e-6;

const scratches = ({ target: { utility } }: Listed) =>
  [new Float64Array(utility.points), new Float64Array(utility.points)] as const;

test('a chain is annealed from β = 0 along a parabola, and stays at β', () => {
  const betas = [0, 1, 2, 4, 8, 9].map((done) => annealedBeta(3, done, 8));
  assert.equal(betas, [0, 3 / 64, 3 / 16, 3 / 4, 3, 3]);
});

for (const listed of cases) {
  const { name, target, beta, exact } = listed;

  test(`${name}: updates leave the target as it is`, () => {
    const [scratch] = scratches(listed);
    const uniform = uniformStream(split(key, 0));
    const batch = target.utility.batchFrom([]);
    const after = exactDraws(listed, split(key, 1), DRAWS).map((start, i) => {
      batch.set(start);
      for (let step = i % 2; step < 2; step++) update(target, batch, beta, step, uniform, scratch);
      return [...batch.members];
    });
    const { pValue } = chiSquareTest(countsOf(listed, after), exact.probabilities);
    assert.ok(pValue > LEAST_P, `p = ${pValue}`);
  });

  test(`${name}: so does each of a pair, whatever the other holds`, () => {
    const both = scratches(listed);
    const uniform = uniformStream(split(key, 2));
    const [x, y] = [target.utility.batchFrom([]), target.utility.batchFrom([])];
    const [first, second] = [3, 4].map((child) => exactDraws(listed, split(key, child), DRAWS));
    const after = (first ?? []).map((start, i) => {
      x.set(start);
      y.set(second?.[i] ?? []);
      for (let step = i % 2; step < 2; step++) updateTogether(target, [x, y], beta, step, uniform, both);
      return [[...x.members], [...y.members]] as const;
    });
    for (const side of [0, 1] as const) {
      const counts = countsOf(
        listed,
        after.map((pair) => pair[side]),
      );
      const { pValue } = chiSquareTest(counts, exact.probabilities);
      assert.ok(pValue > LEAST_P, `p = ${pValue} of ${side === 0 ? 'X' : 'Y'}`);
    }
  });

  test(`${name}: what has met stays together, in whatever order its points stand`, () => {
    const both = scratches(listed);
    const uniform = uniformStream(split(key, 5));
    const starts = exactDraws(listed, split(key, 6), 200);
    for (const start of starts) {
      const [x, y] = [target.utility.batchFrom(start), target.utility.batchFrom(start.toReversed())];
      for (let step = 0; step < 6; step++) {
        updateTogether(target, [x, y], beta, step, uniform, both);
        assert.ok(samePoints(x.members, y.members), `${x.members.join()} and ${y.members.join()}`);
      }
    }
  });

  test(`${name}: pairs meet`, () => {
    const both = scratches(listed);
    const uniform = uniformStream(split(key, 7));
    const [first, second] = [8, 9].map((child) => exactDraws(listed, split(key, child), 100));
    for (const [i, start] of (first ?? []).entries()) {
      const [x, y] = [target.utility.batchFrom(start), target.utility.batchFrom(second?.[i] ?? [])];
      let step = 0;
      while (!samePoints(x.members, y.members) && step < 2000)
        updateTogether(target, [x, y], beta, step++, uniform, both);
      // The slowest of a hundred takes some dozens.
      assert.ok(step < 2000, 'apart after 2000 updates');
    }
  });
}

test.run();
