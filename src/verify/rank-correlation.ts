/**
 * Spearman's rank correlation: Pearson's correlation of the ranks, tied values sharing the mean of their ranks
 * (Kendall, Biometrika 33, 1945). It measures whether a policy orders the batches as their rewards do; it says
 * nothing of how far the probabilities are off.
 */

import { requireNumbers } from '../misuse.js';

/** Ranks from 1, ascending; tied values get the mean of their ranks; −∞ is the least. Throws a RangeError for NaN. */
export const averageRanks = (values: ArrayLike<number>): Float64Array => {
  requireNumbers('averageRanks', 'values', values);
  const at = (i: number): number => values[i] ?? NaN;
  const order = Array.from({ length: values.length }, (_, i) => i);
  if (order.some((i) => Number.isNaN(at(i)))) throw new RangeError('averageRanks: a value is NaN');
  order.sort((i, j) => (at(i) < at(j) ? -1 : at(i) > at(j) ? 1 : 0));
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && at(order[end] ?? -1) === at(order[start] ?? -1)) end++;
    for (const i of order.slice(start, end)) ranks[i] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
};

/**
 * Spearman's ρ in [−1, 1] of n pairs, ties by average ranks; NaN where one side is constant. Throws a RangeError
 * where the lengths differ, where there are fewer than two pairs, or for NaN.
 */
export const spearman = (x: ArrayLike<number>, y: ArrayLike<number>): number => {
  requireNumbers('spearman', 'x', x);
  requireNumbers('spearman', 'y', y);
  if (x.length !== y.length)
    throw new RangeError(`spearman: ${x.length} and ${y.length} values; give them in pairs`);
  if (x.length < 2) throw new RangeError(`spearman: at least two pairs are needed, not ${x.length}`);
  const [first, second] = [averageRanks(x), averageRanks(y)];
  const mean = (x.length + 1) / 2;
  let [cross, left, right] = [0, 0, 0];
  for (let i = 0; i < first.length; i++) {
    const [a, b] = [(first[i] ?? NaN) - mean, (second[i] ?? NaN) - mean];
    cross += a * b;
    left += a * a;
    right += b * b;
  }
  return cross / Math.sqrt(left * right);
};
