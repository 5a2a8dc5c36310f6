/** Systematic resampling: places drawn in proportion to weights by one uniform number (Kitagawa 1996). */
import { firstAbove } from './cumulative.js';
import { logSumExp } from './log-sum.js';

/** `count` places in proportion to log weights, ascending, some of them repeated; `uniform` is in (0, 1). */
export const systematicPlaces = (
  logWeights: ArrayLike<number>,
  count: number,
  uniform: number,
): readonly number[] => {
  const all = logSumExp(logWeights);
  let total = 0;
  const sums = Float64Array.from(logWeights, (log) => (total += Math.exp(log - all)));
  return Array.from({ length: count }, (_, i) =>
    firstAbove(sums, 0, sums.length, ((i + uniform) / count) * total),
  );
};
