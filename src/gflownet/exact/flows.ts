/**
 * Exact state flows under the uniform backward policy, by dynamic programming over subsets from the batches down:
 *
 *   F(B) = R(B)        F(s) = Σ_{n ∉ s} F(s ∪ n) / (|s| + 1)        F(∅) = Z
 *
 * and the exact policy π(n | s) = F(s ∪ n) / ((|s| + 1) F(s)). All in logarithms, nats.
 */
import { logSumExp } from '../../linear-algebra/log-sum.js';
import { ranker, subsetsOf } from './subsets.js';

/** log F of all subsets by size: `logFlow[k]` over the subsets of size k in lexicographic order, k = 0 … b. */
export interface ExactFlows {
  readonly poolSize: number;
  readonly logFlow: readonly Float64Array[];
}

const insert = (members: Uint32Array, point: number): number[] => [...members, point].sort((a, b) => a - b);

/** Flows from the log rewards (nats) of all batches of size b in lexicographic order. Memory: all subsets up to b. */
export const exactFlows = (poolSize: number, batchSize: number, logReward: Float64Array): ExactFlows => {
  const logFlow: Float64Array[] = [];
  logFlow[batchSize] = logReward;
  for (let size = batchSize - 1; size >= 0; size--) {
    const subsets = subsetsOf(poolSize, size);
    const rank = ranker(poolSize, size + 1);
    const above = logFlow[size + 1] ?? new Float64Array(0);
    const count = size === 0 ? 1 : subsets.length / size;
    logFlow[size] = Float64Array.from({ length: count }, (_, row) => {
      const members = subsets.subarray(row * size, (row + 1) * size);
      const children: number[] = [];
      for (let point = 0; point < poolSize; point++)
        if (!members.includes(point)) children.push(above[rank(insert(members, point))] ?? -Infinity);
      return logSumExp(children) - Math.log(size + 1);
    });
  }
  return { poolSize, logFlow };
};

/** log F of one subset, given in any order. */
export const logFlowOf = ({ poolSize, logFlow }: ExactFlows, subset: readonly number[]): number => {
  const ascending = [...subset].sort((a, b) => a - b);
  return logFlow[subset.length]?.[ranker(poolSize, subset.length)(ascending)] ?? NaN;
};

/** log π(n | s) of the exact policy for all N points; −∞ for members. */
export const exactLogPolicy = (flows: ExactFlows, subset: readonly number[]): Float64Array => {
  const own = logFlowOf(flows, subset) + Math.log(subset.length + 1);
  return Float64Array.from({ length: flows.poolSize }, (_, point) =>
    subset.includes(point) ? -Infinity : logFlowOf(flows, [...subset, point]) - own,
  );
};
