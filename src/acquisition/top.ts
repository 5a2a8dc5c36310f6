/**
 * Which b points come first? By value, or by value and chance. With independent standard Gumbel numbers G_n the b largest
 * of ℓ_n + G_n, in descending order, are b draws without replacement with probability ∝ exp(ℓ_n) of those left: the
 * Plackett–Luce distribution,
 *
 *   P(n_1, …, n_b) = Π_i exp(ℓ_{n_i}) / Σ_{m not in n_1 … n_{i−1}} exp(ℓ_m)
 *
 * Sources: Yellott, J. Math. Psychology 15 (1977); Kool, van Hoof and Welling, Stochastic beams and where to find them
 * (2019, arXiv 1903.06059).
 */
import { type Key, uniforms } from '../random/key.js';

/**
 * The places of the b largest values, the largest first; of equal ones that with the larger `second`, then the first.
 * O(N) for b ≪ N, O(N b) at worst. No value may be NaN.
 */
export const top = (
  count: number,
  values: Float64Array,
  second: Float64Array = values,
): readonly number[] => {
  const first: number[] = [];
  const before = (n: number, m: number): boolean => {
    const [a, b] = [values[n] ?? -Infinity, values[m] ?? -Infinity];
    return a > b || (a === b && (second[n] ?? NaN) > (second[m] ?? NaN));
  };
  for (let n = 0; n < values.length; n++) {
    if (first.length === count && !before(n, first[count - 1] ?? -1)) continue;
    let low = 0;
    let high = first.length;
    // Behind all that are not behind it.
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(n, first[middle] ?? -1)) high = middle;
      else low = middle + 1;
    }
    first.splice(low, 0, n);
    if (first.length > count) first.pop();
  }
  return first;
};

/** The least −log u that is let in, so that no Gumbel number is infinite: u may round to 1. */
const minExponential = 2 ** -54;

/** n standard Gumbel numbers, −log(−log u). */
const gumbels = (key: Key, count: number): Float64Array =>
  uniforms(key, count).map((u) => -Math.log(Math.max(minExponential, -Math.log(u))));

/**
 * β (ℓ_n − max ℓ): logits of which none is above 0, as only differences matter. −∞ stays, and all are 0 where all are −∞.
 */
export const scaledLogits = (logits: Float64Array, coldness: number): Float64Array => {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  return logits.map((logit) => (logit === largest ? 0 : coldness * (logit - largest)));
};

/**
 * b different places in Plackett–Luce order of logits (nats, −∞ allowed). Those at −∞ come after all others, each order
 * of them equally likely: the limit of equal logits that fall.
 */
export const gumbelTop = (key: Key, count: number, logits: Float64Array): readonly number[] => {
  const noise = gumbels(key, logits.length);
  return top(
    count,
    logits.map((logit, n) => logit + (noise[n] ?? NaN)),
    noise,
  );
};
