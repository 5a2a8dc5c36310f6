/** Targets small enough to be listed, with what is exactly known of them. */
import { batchOrder, type BatchOrder } from '../../src/gflownet/exact/batch-order.js';
import { exactTarget, type Target } from '../../src/gflownet/exact/target.js';
import { gibbsTargetOf, batchSizes, type Problem } from '../../src/gflownet/problem.js';
import type { BatchTarget } from '../../src/gibbs/target.js';
import { firstAbove } from '../../src/linear-algebra/cumulative.js';
import { type Key, uniforms } from '../../src/random/key.js';
import { randomPool } from '../support/pools.js';

/** A listed target. */
export interface Listed {
  readonly name: string;
  readonly target: BatchTarget;
  readonly beta: number;
  readonly order: BatchOrder;
  readonly exact: Target;
}

/** A problem, listed. */
export const listed = (name: string, problem: Problem): Listed => ({
  name,
  ...gibbsTargetOf(problem),
  order: batchOrder(problem.whitened.rows, batchSizes(problem)),
  exact: exactTarget(problem),
});

/** Batches of one size and of several, sharp and flat. */
export const cases: readonly Listed[] = [
  listed('batches of 3, T = 0.1', { whitened: randomPool(9, 3, 4), batchSize: 3, temperature: 0.1 }),
  listed('batches of 3, T = 1', { whitened: randomPool(9, 3, 5), batchSize: 3, temperature: 1 }),
  listed('batches of 1 to 3 at a cost', {
    ...{ whitened: randomPool(8, 3, 6), batchSize: 3, smallestBatch: 1 },
    ...{ pointCost: 0.6, temperature: 0.4 },
  }),
];

/** Exact independent draws. */
export const exactDraws = (
  { exact, order }: Listed,
  key: Key,
  count: number,
): readonly (readonly number[])[] => {
  let total = 0;
  const sums = exact.probabilities.map((p) => (total += p));
  return Array.from(uniforms(key, count), (u) => order.batchAt(firstAbove(sums, 0, order.count, u * total)));
};

/** How often each batch is there, by its row. */
export const countsOf = ({ order }: Listed, batches: readonly (readonly number[])[]): Float64Array => {
  const counts = new Float64Array(order.count);
  for (const batch of batches) {
    const row = order.rowOf(batch.toSorted((a, b) => a - b));
    counts[row] = (counts[row] ?? 0) + 1;
  }
  return counts;
};
