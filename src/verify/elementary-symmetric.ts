/**
 * Elementary symmetric polynomials e_k(λ) = Σ_{|S| = k} Π_{i ∈ S} λ_i in log space:
 *
 *   e_k(λ_1 … λ_n) = e_k(λ_1 … λ_{n−1}) + λ_n e_{k−1}(λ_1 … λ_{n−1})
 *
 * (Kulesza and Taskar 2012, arXiv 1207.6083, algorithm 7). The plain recursion overflows f64 at n = 5,000, k = 200.
 */

/** log(e^a + e^b), either of which may be −∞. */
const logAdd = (a: number, b: number): number => {
  const high = Math.max(a, b);
  return high === -Infinity ? -Infinity : high + Math.log1p(Math.exp(Math.min(a, b) - high));
};

/** log e_0 … log e_k of values given by their logarithms (−∞ for zero). */
export const logElementarySymmetric = (logValues: ArrayLike<number>, k: number): Float64Array => {
  const logs = new Float64Array(k + 1).fill(-Infinity);
  logs[0] = 0;
  for (let i = 0; i < logValues.length; i++)
    for (let j = Math.min(k, i + 1); j >= 1; j--)
      logs[j] = logAdd(logs[j] ?? -Infinity, (logs[j - 1] ?? -Infinity) + (logValues[i] ?? -Infinity));
  return logs;
};
