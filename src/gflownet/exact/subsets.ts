/**
 * Subsets of {0 … N−1} by size, in lexicographic order, and their rank in it (the combinatorial number system):
 *
 *   rank(c_1 < … < c_k) = Σ_i Σ_{c_{i−1} < x < c_i} C(N − 1 − x, k − i)
 */

/** C(n, k), exact while below 2^53. */
export const binomial = (n: number, k: number): number => {
  if (k < 0 || k > n) return 0;
  let result = 1;
  for (let i = 1; i <= Math.min(k, n - k); i++)
    result = Math.round((result * (n - Math.min(k, n - k) + i)) / i);
  return result;
};

/** log C(n, k) in nats; −∞ where there is no such subset. */
export const logBinomial = (n: number, k: number): number => {
  if (k < 0 || k > n) return -Infinity;
  let total = 0;
  for (let i = 1; i <= Math.min(k, n - k); i++) total += Math.log((n - i + 1) / i);
  return total;
};

/** All subsets of size k, row-major [C(n, k), k], each ascending, in lexicographic order. */
export const subsetsOf = (n: number, k: number): Uint32Array => {
  const count = binomial(n, k);
  const out = new Uint32Array(count * k);
  const current = Array.from({ length: k }, (_, i) => i);
  for (let row = 0; row < count; row++) {
    out.set(current, row * k);
    let i = k - 1;
    while (i >= 0 && current[i] === n - k + i) i--;
    if (i < 0) break;
    current[i] = (current[i] ?? 0) + 1;
    for (let j = i + 1; j < k; j++) current[j] = (current[j - 1] ?? 0) + 1;
  }
  return out;
};

/** Ranks subsets of size k of n points: a function from ascending indices (k of them from `at`) to their row. */
export const ranker = (n: number, k: number): ((subset: ArrayLike<number>, at?: number) => number) => {
  // before[i][x]: how many subsets have their i-th element below x, the first i − 1 being fixed below it.
  const before = Array.from({ length: k }, (_, i) => {
    const sums = new Float64Array(n + 1);
    for (let x = 0; x < n; x++) sums[x + 1] = (sums[x] ?? 0) + binomial(n - 1 - x, k - 1 - i);
    return sums;
  });
  return (subset, at = 0) => {
    let rank = 0;
    let previous = -1;
    for (let i = 0; i < k; i++) {
      const element = subset[at + i] ?? 0;
      const sums = before[i];
      rank += (sums?.[element] ?? 0) - (sums?.[previous + 1] ?? 0);
      previous = element;
    }
    return rank;
  };
};
