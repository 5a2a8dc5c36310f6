/** Sums of numbers given by their logarithms, and the terms of entropies, on the host. */

/** p log p, and 0 of a probability of zero. */
export const timesLog = (p: number): number => (p > 0 ? p * Math.log(p) : 0);

/** log Σ_i exp(x_i), shifted by the largest so that nothing overflows; −∞ of nothing. */
export const logSumExp = (logs: ArrayLike<number>): number => {
  let largest = -Infinity;
  for (let i = 0; i < logs.length; i++) largest = Math.max(largest, logs[i] ?? NaN);
  if (largest === -Infinity) return largest;
  let total = 0;
  for (let i = 0; i < logs.length; i++) total += Math.exp((logs[i] ?? NaN) - largest);
  return largest + Math.log(total);
};
