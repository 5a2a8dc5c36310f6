/**
 * Elementary symmetric polynomials e_k(λ) = Σ_{|S| = k} Π_{i ∈ S} λ_i in log space:
 *
 *   e_k(λ_1 … λ_n) = e_k(λ_1 … λ_{n−1}) + λ_n e_{k−1}(λ_1 … λ_{n−1})
 *
 * (Kulesza and Taskar 2012, arXiv 1207.6083, algorithm 7). The plain recursion overflows f64 at n = 5,000, k = 200.
 * Leaving a value out by running the recursion backwards cancels; here every sum is of terms of one sign.
 */

/** log(e^a + e^b), either of which may be −∞. */
const logAdd = (a: number, b: number): number => {
  const high = Math.max(a, b);
  return high === -Infinity ? -Infinity : high + Math.log1p(Math.exp(Math.min(a, b) - high));
};

/** Multiplies the polynomial Σ_k e^logs[k] t^k by 1 + e^logValue t, dropping powers beyond its length. */
const includeInto = (logs: Float64Array, logValue: number): void => {
  for (let k = logs.length - 1; k >= 1; k--)
    logs[k] = logAdd(logs[k] ?? -Infinity, (logs[k - 1] ?? -Infinity) + logValue);
};

const logOne = (k: number): Float64Array => {
  const logs = new Float64Array(k + 1).fill(-Infinity);
  logs[0] = 0;
  return logs;
};

/** log e_0 … log e_k of values given by their logarithms (−∞ for zero). O(n k). */
export const logElementarySymmetric = (logValues: ArrayLike<number>, k: number): Float64Array => {
  const logs = logOne(k);
  for (let i = 0; i < logValues.length; i++) includeInto(logs, logValues[i] ?? -Infinity);
  return logs;
};

/** log e_0 … log e_k of the first n values, for n = 0 … all: entry n of the result has k + 1 logs. O(n k). */
export const logElementaryPrefixes = (logValues: ArrayLike<number>, k: number): readonly Float64Array[] => {
  const prefixes = [logOne(k)];
  for (let i = 0; i < logValues.length; i++) {
    const logs = Float64Array.from(prefixes[i] ?? []);
    includeInto(logs, logValues[i] ?? -Infinity);
    prefixes.push(logs);
  }
  return prefixes;
};

/**
 * log e_0 … log e_k of all values but the i-th, for every i: entry i of the result has k + 1 logs. The polynomial of
 * what is outside a range is carried down while the range is halved: O(n log n k).
 */
export const logElementaryLeaveOneOut = (
  logValues: ArrayLike<number>,
  k: number,
): readonly Float64Array[] => {
  const halve = (low: number, high: number, outside: Float64Array): readonly Float64Array[] => {
    if (high - low <= 1) return high > low ? [outside] : [];
    const middle = (low + high) >> 1;
    const outsideLeft = outside.slice();
    const outsideRight = outside.slice();
    for (let i = middle; i < high; i++) includeInto(outsideLeft, logValues[i] ?? -Infinity);
    for (let i = low; i < middle; i++) includeInto(outsideRight, logValues[i] ?? -Infinity);
    return [...halve(low, middle, outsideLeft), ...halve(middle, high, outsideRight)];
  };
  return halve(0, logValues.length, logOne(k));
};
