/** Subsets one at a time, their ranks, those of their neighbours, and the order of batches, against lists and BigInts. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { batchOrder } from '../../src/gflownet/exact/batch-order.js';
import {
  binomial,
  childRanker,
  parentRanker,
  ranker,
  subsetsOf,
  unranker,
} from '../../src/gflownet/exact/subsets.js';
import { logBinomial } from '../../src/linear-algebra/binomial.js';
import { runs } from '../support/engines.js';

/** C(n, k) without rounding. */
const exactBinomial = (n: number, k: number): bigint => {
  let result = 1n;
  for (let i = 1n; i <= BigInt(k); i++) result = (result * (BigInt(n - k) + i)) / i;
  return result;
};

test('binomials below 2^53 are exact, and their logarithms near', () => {
  for (let n = 0; n <= 200; n++)
    for (let k = 0; k <= n; k++) {
      const exact = exactBinomial(n, k);
      if (exact < 2n ** 53n) assert.is(BigInt(binomial(n, k)), exact, `C(${n}, ${k})`);
      const log = Math.log(Number(exact));
      assert.ok(Math.abs(logBinomial(n, k) - log) < 1e-12 * (1 + log), `log C(${n}, ${k})`);
    }
  for (const k of [-1, 4]) {
    assert.is(binomial(3, k), 0);
    assert.is(logBinomial(3, k), -Infinity);
  }
});

const size = fc
  .integer({ min: 1, max: 9 })
  .chain((n) => fc.record({ n: fc.constant(n), k: fc.integer({ min: 0, max: n }) }));

/** The subsets of a size in their order, by another way: all bit patterns, sorted by members. */
const listed = (n: number, k: number): number[][] =>
  Array.from({ length: 2 ** n }, (_, bits) =>
    Array.from({ length: n }, (_, point) => point).filter((point) => (bits >> point) & 1),
  )
    .filter(({ length }) => length === k)
    .sort((a, b) => {
      const place = a.findIndex((x, i) => x !== b[i]);
      return (a[place] ?? 0) - (b[place] ?? 0);
    });

test('subsets are all that there are, in lexicographic order, ranked by their row and found by it', () =>
  fc.assert(
    fc.property(size, ({ n, k }) => {
      const subsets = listed(n, k);
      assert.equal(Array.from(subsetsOf(n, k)), subsets.flat());
      const [rank, unrank] = [ranker(n, k), unranker(n, k)];
      subsets.forEach((subset, row) => {
        assert.is(rank(subset), row);
        assert.is(rank([9, ...subset], 1), row);
        assert.equal(unrank(row), subset);
      });
    }),
    runs(60),
  ));

test('subsets of one point less and one point more have their ranks', () =>
  fc.assert(
    fc.property(size, ({ n, k }) => {
      for (const subset of listed(n, k)) {
        if (k > 0) {
          const parents = new Float64Array(k);
          parentRanker(n, k)(Uint32Array.from(subset), parents);
          const rank = ranker(n, k - 1);
          assert.equal(
            Array.from(parents),
            subset.map((member) => rank(subset.filter((other) => other !== member))),
          );
        }
        if (k < n) {
          const children = new Float64Array(n);
          childRanker(n, k)(Uint32Array.of(9, ...subset), 1, children);
          const rank = ranker(n, k + 1);
          const own = Array.from(children, (_, point) =>
            subset.includes(point) ? -1 : rank([...subset, point].sort((a, b) => a - b)),
          );
          assert.equal(Array.from(children), own);
        }
      }
    }),
    runs(40),
  ));

test('rows of large pools are found and ranked exactly, up to the last below 2^53', () =>
  fc.assert(
    fc.property(
      fc.constantFrom([393, 3], [5000, 4], [2000, 5], [56, 28], [1000, 998]),
      fc.double({ min: 0, max: 1, noNaN: true }),
      ([n = 0, k = 0], part) => {
        const last = binomial(n, k) - 1;
        for (const row of [0, Math.floor(part * last), last]) {
          const subset = unranker(n, k)(row);
          assert.is(subset.length, k);
          assert.ok(subset.every((x, i) => x > (subset[i - 1] ?? -1) && x < n));
          assert.is(ranker(n, k)(subset), row);
        }
      },
    ),
    runs(60),
  ));

test('ranks that would not be exact are refused', () => {
  for (const make of [ranker, unranker]) assert.throws(() => make(60, 30), /beyond 2\^53/);
  assert.throws(() => batchOrder(1000, [1, 10]), /beyond 2\^53/);
});

test('batches are ordered by size, then by members; rows and batches are found by each other', () =>
  fc.assert(
    fc.property(size, fc.nat(8), ({ n, k }, more) => {
      const smallest = Math.max(1, k);
      const largest = Math.min(n, smallest + more);
      const order = batchOrder(n, [smallest, largest]);
      const batches = Array.from({ length: largest - smallest + 1 }, (_, i) =>
        listed(n, smallest + i),
      ).flat();
      assert.is(order.count, batches.length);
      batches.forEach((batch, row) => {
        assert.equal(order.batchAt(row), batch);
        assert.is(order.rowOf([...batch].reverse()), row);
        assert.ok(order.start(batch.length) <= row && row < order.start(batch.length + 1));
      });
      const wrong = [
        [],
        Array.from({ length: largest + 1 }, (_, i) => i),
        [...Array.from({ length: smallest - 1 }, (_, i) => i), n],
        Array.from({ length: smallest }, (_, i) => i - 0.5),
        ...(largest > 1 ? [Array.from({ length: largest }, (_, i) => Math.max(0, i - 1))] : []),
      ];
      for (const batch of wrong) assert.throws(() => order.rowOf(batch), /is no batch of/);
      for (const row of [-1, 0.5, batches.length, NaN])
        assert.throws(() => order.batchAt(row), /there is no batch/);
    }),
    runs(60),
  ));

test('sizes that no batch can have are refused', () => {
  for (const sizes of [
    [0, 2],
    [3, 2],
    [1, 6],
    [1, 1.5],
    [NaN, 2],
  ] as const)
    assert.throws(() => batchOrder(5, sizes), /sizes go from 1 to the pool's/);
});

test.run();
