/**
 * A mean over draws and its standard error. Independent draws: s / √n. Draws of m chains, of which neighbours resemble each
 * other: the means of the chains are independent and of one law, so it is their mean, with the standard error that their own
 * spread gives,
 *
 *   mean = (1/m) Σ_c x̄_c        standard error = √( Σ_c (x̄_c − mean)² / (m (m − 1)) )
 */

/** An estimate; in the unit of what is estimated, both. */
export interface MonteCarlo {
  readonly mean: number;
  /** 0 where the figure is exact, NaN of a single draw or chain. */
  readonly standardError: number;
}

const meanOf = (values: readonly number[]): MonteCarlo => {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x / n, 0);
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / (n * (n - 1))) };
};

/** The mean of values of which the i-th is of the chain i mod `chains`; of independent ones if that is left out. */
export const meanOverChains = (values: ArrayLike<number>, chains: number = values.length): MonteCarlo => {
  const count = Math.min(chains, values.length);
  const sums = new Float64Array(count);
  const counts = new Float64Array(count);
  for (let i = 0; i < values.length; i++) {
    const chain = i % count;
    sums[chain] = (sums[chain] ?? NaN) + (values[i] ?? NaN);
    counts[chain] = (counts[chain] ?? NaN) + 1;
  }
  return meanOf(Array.from(sums, (sum, c) => sum / (counts[c] ?? NaN)));
};
