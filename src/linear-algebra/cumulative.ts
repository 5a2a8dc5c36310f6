/** Search in cumulative sums: how a discrete distribution is drawn from. */

/** The first index at which the ascending sums, of `count` entries from `from`, pass the target; the last if none. */
export const firstAbove = (sums: Float64Array, from: number, count: number, target: number): number => {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[from + middle] ?? NaN) > target) high = middle;
    else low = middle + 1;
  }
  return low;
};
