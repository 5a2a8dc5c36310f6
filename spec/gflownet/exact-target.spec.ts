/** Exact targets: every reward against the reward of its batch alone, and the reference's target. */
import * as fc from 'fast-check';
import * as t from '#io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { batchOrder } from '../../src/gflownet/exact/batch-order.js';
import { exactTarget, targetOf } from '../../src/gflownet/exact/target.js';
import { batchSizes, logReward, type Problem } from '../../src/gflownet/problem.js';
import { runs } from '../support/engines.js';
import { randomPool } from '../support/pools.js';
import { readReference } from '../support/reference.js';

const reference = readReference(
  'subset-gflownet',
  t.type({ logReward: t.array(t.number), logZ: t.number, targetTerminal: t.array(t.number) }),
);

test("a target of the reference's rewards is the reference's", () => {
  const { logZ, probabilities } = targetOf(Float64Array.from(reference.logReward));
  assert.ok(Math.abs(logZ - reference.logZ) < 1e-12);
  assert.is(probabilities.length, reference.targetTerminal.length);
  probabilities.forEach((p, i) => assert.ok(Math.abs(p - (reference.targetTerminal[i] ?? NaN)) < 1e-12));
});

/** Holds the rewards of a target to those of its batches, at some rows. */
const sameRewards = (problem: Problem, found: Float64Array, rows: readonly number[]): void => {
  const order = batchOrder(problem.whitened.rows, batchSizes(problem));
  assert.is(found.length, order.count);
  for (const row of rows) {
    const batch = order.batchAt(row);
    const [is, should] = [found[row] ?? NaN, logReward(problem, batch)];
    if (Number.isNaN(should)) assert.ok(Number.isNaN(is), `log R(${batch.join()}) is ${is}, should not be`);
    else
      assert.ok(
        Math.abs(is - should) <= 1e-12 * (1 + Math.abs(should)),
        `log R(${batch.join()}) is ${is}, should be ${should}`,
      );
  }
};

const problems = fc
  .record({
    seed: fc.nat(1000),
    rows: fc.integer({ min: 1, max: 9 }),
    columns: fc.integer({ min: 1, max: 12 }),
    logScale: fc.integer({ min: -2, max: 3 }),
    sizes: fc.tuple(fc.nat(8), fc.nat(8)),
    temperature: fc.constantFrom(0.001, 0.5, 3),
    pointCost: fc.option(fc.double({ min: -1, max: 2, noNaN: true }), { nil: undefined }),
    fixed: fc.boolean(),
  })
  .map(({ seed, rows, columns, logScale, sizes, temperature, pointCost, fixed }): Problem => {
    const [a, b] = sizes.map((size) => 1 + (size % rows)) as [number, number];
    return {
      whitened: randomPool(rows, columns, seed, 10 ** logScale),
      batchSize: Math.max(a, b),
      temperature,
      ...(fixed ? {} : { smallestBatch: Math.min(a, b) }),
      ...(pointCost === undefined ? {} : { pointCost }),
    };
  });

test('every batch of every size has its own reward, and the target is normalised', () =>
  fc.assert(
    fc.property(problems, (problem) => {
      const { logReward: found, probabilities, logZ } = exactTarget(problem);
      sameRewards(problem, found, [...found.keys()]);
      const largest = found.reduce((a, b) => Math.max(a, b));
      const sum = found.reduce((total, log) => total + Math.exp(log - largest), 0);
      assert.ok(Math.abs(logZ - largest - Math.log(sum)) < 1e-12 * (1 + Math.abs(logZ)));
      probabilities.forEach((p, i) =>
        assert.ok(Math.abs(p - Math.exp((found[i] ?? NaN) - largest) / sum) < 1e-12 * (1 + Math.abs(logZ))),
      );
    }),
    runs(120),
  ));

test('a pool too large to keep its inner products has the same rewards', () => {
  const problem: Problem = {
    whitened: randomPool(2100, 3, 5),
    batchSize: 2,
    smallestBatch: 1,
    temperature: 0.4,
    pointCost: 0.3,
  };
  const { logReward: found } = exactTarget(problem);
  const rows = Array.from({ length: 700 }, (_, i) => i * 3149);
  sameRewards(problem, found, [...rows, 2099, 2100, found.length - 1]);
});

test('features that are not finite spoil the batches that have them and no others', () => {
  const whitened = randomPool(6, 2, 8);
  whitened.data[4] = NaN;
  whitened.data[11] = Infinity;
  const problem: Problem = { whitened, batchSize: 3, smallestBatch: 1, temperature: 0.5 };
  const { logReward: found } = exactTarget(problem);
  assert.is(found.filter((log) => !Number.isNaN(log)).length, 4 + 6 + 4);
  sameRewards(problem, found, [...found.keys()]);
});

test('a target is flatter as the temperature rises', () =>
  fc.assert(
    fc.property(fc.nat(1000), (seed) => {
      const at = (temperature: number) =>
        exactTarget({ whitened: randomPool(7, 3, seed), batchSize: 3, temperature }).probabilities;
      assert.ok(Math.max(...at(0.2)) > Math.max(...at(2)));
    }),
    runs(30),
  ));

test('batches that a pool cannot have are refused', () =>
  assert.throws(
    () => exactTarget({ whitened: randomPool(4, 2, 1), batchSize: 5, temperature: 1 }),
    RangeError,
  ));

test.run();
