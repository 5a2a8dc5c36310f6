/**
 * Exact state flows of any rewards under any backward policy P_B, by dynamic programming over subsets from the batches
 * down, and the policy that samples the target:
 *
 *   F(s) = [s is a batch] R(s) + Σ_{n ∉ s} F(s ∪ n) P_B(s | s ∪ n)        F(∅) = Z
 *   π(n | s) = F(s ∪ n) P_B(s | s ∪ n) / F(s)        π(stop | s) = R(s) / F(s)
 *
 * P_B is uniform, 1 / |s|, where it is not given. All in logarithms (nats): rewards may lie thousands of nats apart.
 *
 * Source: Bengio et al., GFlowNet Foundations (2023), the flow that a reward and a backward policy determine.
 */
import * as TE from '#fp-ts/TaskEither';
import { batchOrder, type BatchOrder, type BatchSizes } from './batch-order.js';
import { binomial, childRanker, forEachSubset, parentRanker, ranker } from './subsets.js';
import type { LogPolicy } from './terminal.js';

/**
 * log P_B (nats) of giving up each member of a subset of one point or more: [k], in the order of its ascending members.
 * The subset is written over after the call, and what is returned may be too.
 */
export type LogBackward = (subset: Uint32Array) => ArrayLike<number>;

/** log F of all subsets up to the largest batches. */
export interface ExactFlows {
  /** The order of the batches. */
  readonly order: BatchOrder;
  /** log R of all batches in that order, nats. */
  readonly logReward: Float64Array;
  /** log F in nats by size: `logFlow[k]` over the subsets of size k in lexicographic order, k = 0 … b. */
  readonly logFlow: readonly Float64Array[];
  readonly logBackward: LogBackward;
}

/** −log k for each of k members, in memory of its own for each k up to the largest. */
const uniformBackward = (largest: number): LogBackward => {
  const bySize = Array.from({ length: largest + 1 }, (_, k) => new Float64Array(k).fill(-Math.log(k)));
  return ({ length }) => bySize[length] ?? [];
};

/**
 * Adds flows to log F, held as a running largest term (`logFlow`) and the sum of all terms in units of it: one pass, and
 * nothing overflows.
 */
const addFlow = (logFlow: Float64Array, sums: Float64Array, at: number, term: number): void => {
  if (term === -Infinity) return;
  const largest = logFlow[at] ?? NaN;
  const sum = sums[at] ?? NaN;
  // Written so that a term that is not a number is never lost.
  if (!(term <= largest)) {
    logFlow[at] = term;
    sums[at] = sum * Math.exp(largest - term) + 1;
  } else sums[at] = sum + Math.exp(term - largest);
};

/**
 * Flows from the log rewards (nats) of all batches of the given sizes in the order of {@link batchOrder}. Memory: 8
 * bytes for every subset up to b, and as much again for the largest level below b. Throws a RangeError where the
 * rewards are not as many as the batches, and as {@link batchOrder} does.
 */
export const exactFlows = (
  poolSize: number,
  sizes: BatchSizes,
  logReward: Float64Array,
  logBackward: LogBackward = uniformBackward(sizes[1]),
): ExactFlows => {
  const order = batchOrder(poolSize, sizes);
  const [smallest, largest] = sizes;
  if (logReward.length !== order.count)
    throw new RangeError(`exactFlows: ${logReward.length} rewards for ${order.count} batches`);
  const rewards = (size: number): Float64Array =>
    logReward.subarray(order.start(size), order.start(size + 1));
  const logFlow: Float64Array[] = [];
  logFlow[largest] = rewards(largest);
  for (let size = largest - 1; size >= 0; size--) {
    const stops = size >= smallest;
    const own = stops ? rewards(size).slice() : new Float64Array(binomial(poolSize, size)).fill(-Infinity);
    const sums = own.map((log) => (log === -Infinity ? 0 : 1));
    const above = logFlow[size + 1] ?? own;
    const rankParents = parentRanker(poolSize, size + 1);
    const ranks = new Float64Array(size + 1);
    forEachSubset(poolSize, size + 1, (subset, row) => {
      const flow = above[row] ?? NaN;
      const backward = logBackward(subset);
      rankParents(subset, ranks);
      for (let i = 0; i <= size; i++) addFlow(own, sums, ranks[i] ?? -1, flow + (backward[i] ?? NaN));
    });
    for (let i = 0; i < own.length; i++)
      if (own[i] !== -Infinity) own[i] = (own[i] ?? NaN) + Math.log(sums[i] ?? NaN);
    logFlow[size] = own;
  }
  return { order, logReward, logFlow, logBackward };
};

/** log F (nats) of one subset, given in any order. */
export const logFlowOf = ({ order, logFlow }: ExactFlows, subset: readonly number[]): number => {
  const ascending = [...subset].sort((a, b) => a - b);
  return logFlow[subset.length]?.[ranker(order.poolSize, subset.length)(ascending)] ?? NaN;
};

/** Writes the log-probabilities of the policy at an ascending subset of a size into `out` from `at`. */
const policyWriter = (
  { order, logReward, logFlow, logBackward }: ExactFlows,
  size: number,
): ((subset: Uint32Array, out: Float64Array, at: number) => void) => {
  const { poolSize, sizes } = order;
  const [smallest, largest] = sizes;
  const columns = columnsOf(order);
  const rank = ranker(poolSize, size);
  const rankChildren = size < largest ? childRanker(poolSize, size) : undefined;
  const [own, above] = [logFlow[size], logFlow[size + 1]];
  const ranks = new Float64Array(poolSize).fill(-1);
  const child = new Uint32Array(size + 1);
  return (subset, out, at) => {
    const row = rank(subset);
    const flow = own?.[row] ?? NaN;
    out.fill(-Infinity, at, at + columns);
    if (flow === -Infinity) return;
    rankChildren?.(subset, 0, ranks);
    child.set(subset, 1);
    let position = 0;
    for (let point = 0; point < poolSize; point++) {
      // The child's members before `position` are the subset's, then the new point, then the subset's others.
      child[position] = point;
      const childRank = ranks[point] ?? -1;
      if (childRank >= 0)
        out[at + point] = (above?.[childRank] ?? NaN) + (logBackward(child)[position] ?? NaN) - flow;
      else if (subset[position] === point) position++;
    }
    if (columns > poolSize && size >= smallest)
      out[at + poolSize] = (logReward[order.start(size) + row] ?? NaN) - flow;
  };
};

const columnsOf = ({ poolSize, sizes: [smallest, largest] }: BatchOrder): number =>
  smallest < largest ? poolSize + 1 : poolSize;

/**
 * log π(n | s) (nats) of the exact policy at a subset, given in any order, for all N points, −∞ for members; where sizes
 * vary log π(stop | s) is the entry after them, −∞ below the smallest size. −∞ everywhere at a state that nothing flows
 * through. Throws a RangeError for a whole batch where sizes do not vary, for nothing follows it.
 */
export const exactLogPolicy = (flows: ExactFlows, subset: readonly number[]): Float64Array => {
  const { order } = flows;
  const [smallest, largest] = order.sizes;
  if (subset.length >= largest + (smallest < largest ? 1 : 0))
    throw new RangeError(
      `exactLogPolicy: nothing follows a subset of ${subset.length} of batches of ${largest}`,
    );
  const out = new Float64Array(columnsOf(order));
  policyWriter(flows, subset.length)(Uint32Array.from(subset).sort(), out, 0);
  return out;
};

/** The exact policy as {@link terminalDistribution} asks for it. Never fails. */
export const exactPolicy =
  (flows: ExactFlows): LogPolicy =>
  (subsets, size, count) =>
    TE.fromIO(() => {
      const columns = columnsOf(flows.order);
      const out = new Float64Array(count * columns);
      const write = policyWriter(flows, size);
      for (let s = 0; s < count; s++) write(subsets.subarray(s * size, (s + 1) * size), out, s * columns);
      return out;
    });
