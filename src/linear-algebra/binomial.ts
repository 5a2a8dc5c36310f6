/** How many subsets there are. */

/** log C(n, k) in nats; −∞ where there is no such subset. */
export const logBinomial = (n: number, k: number): number => {
  if (k < 0 || k > n) return -Infinity;
  let total = 0;
  for (let i = 1; i <= Math.min(k, n - k); i++) total += Math.log((n - i + 1) / i);
  return total;
};
