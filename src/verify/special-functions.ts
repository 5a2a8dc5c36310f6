/**
 * Tail probabilities from the regularised incomplete gamma functions
 *
 *   P(a, x) = 1/Γ(a) ∫₀ˣ t^(a−1) e^(−t) dt        Q = 1 − P
 *
 *   P = D Σ_k x^k / ((a+1) … (a+k))                                        where x < a + 1 (DLMF 8.11.4)
 *   Q = D a / (x + 1 − a − 1(1−a)/(x + 3 − a − 2(2−a)/(x + 5 − a − …)))    elsewhere (DLMF 8.9.2)
 *
 * with D = x^a e^(−x) / Γ(a+1). For large a, D is taken as exp(a (log(1+m) − m) − δ(a)) / √(2πa), m = (x−a)/a and δ
 * Stirling's series (DLMF 5.11.1), which does not subtract numbers of the size of a log a. Chi-square and normal
 * tails follow.
 *
 * Accuracy against 50-digit values (spec/verify/special-functions.spec.ts): relative 1e-12 for a ≤ 10⁵, in the tails
 * too down to 1e-284. Time grows as √a.
 */

import { requireNumber } from '../misuse.js';

/** Lanczos' coefficients for g = 7, n = 9 (Godfrey 2001). */
const lanczos = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406,
  12.507343278686905, -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

/**
 * log Γ(x) for x > 0, in nats; absolute error below 1e-13 where x ≤ 100. Throws a RangeError for x ≤ 0, a TypeError for what is
 * no number.
 */
export const logGamma = (x: number): number => {
  requireNumber('logGamma', 'x', x);
  if (!(x > 0)) throw new RangeError(`logGamma: x must be above 0, not ${x}`);
  if (x === Infinity) return Infinity;
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  if (x > 20) return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + stirling(x);
  const sum = lanczos.reduce((total, c, i) => (i === 0 ? c : total + c / (x - 1 + i)), 0);
  const t = x + 6.5;
  return Math.log(2 * Math.PI) / 2 + (x - 0.5) * Math.log(t) - t + Math.log(sum);
};

/** What log Γ(x) has beyond Stirling's formula; error below 1e-15 for x ≥ 20. */
const stirling = (x: number): number => {
  const y = 1 / (x * x);
  return (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y / 1188)))) / x;
};

/** log(1 + m) − m for m > −1, without cancellation near 0. */
const logRemainder = (m: number): number => {
  if (Math.abs(m) > 0.1) return Math.log1p(m) - m;
  let total = 0;
  let power = -m * m;
  for (let k = 2; Math.abs(power) > 1e-18 * Math.abs(total) && k < 40; k++) {
    total += power / k;
    power *= -m;
  }
  return total;
};

/** x^a e^(−x) / Γ(a + 1). */
const density = (a: number, x: number): number =>
  a > 20
    ? Math.exp(a * logRemainder((x - a) / a) - stirling(a)) / Math.sqrt(2 * Math.PI * a)
    : Math.exp(a * Math.log(x) - x - logGamma(a + 1));

const lowerSeries = (a: number, x: number): number => {
  let term = 1;
  let total = 1;
  for (let k = 1; term > 1e-17 * total; k++) {
    term *= x / (a + k);
    total += term;
  }
  return density(a, x) * total;
};

/** Lentz's evaluation of the continued fraction, as modified by Thompson and Barnett (1986). */
const upperFraction = (a: number, x: number): number => {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / (b === 0 ? tiny : b);
  let fraction = d;
  for (let k = 1; k < 1e6; k++) {
    const numerator = -k * (k - a);
    b += 2;
    d = numerator * d + b;
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    c = b + numerator / c;
    if (Math.abs(c) < tiny) c = tiny;
    const factor = d * c;
    fraction *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return density(a, x) * a * fraction;
};

/** The shape beyond which sums take seconds. */
const largestShape = 1e10;

const requireGamma = (where: string, a: number, x: number): void => {
  requireNumber(where, 'a', a);
  requireNumber(where, 'x', x);
  if (!(a > 0 && a <= largestShape) || !(x >= 0))
    throw new RangeError(`${where}: a > 0 up to ${largestShape} and x >= 0 are needed, not ${a} and ${x}`);
};

/**
 * The upper regularised incomplete gamma function Q(a, x), in [0, 1]. Throws a RangeError unless 0 < a ≤ 10¹⁰ and x ≥ 0, a
 * TypeError for what is no number.
 */
export const upperGamma = (a: number, x: number): number => {
  requireGamma('upperGamma', a, x);
  if (x === 0) return 1;
  if (x === Infinity) return 0;
  return x < a + 1 ? Math.max(0, 1 - lowerSeries(a, x)) : Math.min(1, upperFraction(a, x));
};

/** The lower regularised incomplete gamma function P(a, x), in [0, 1]. Throws as {@link upperGamma} does. */
export const lowerGamma = (a: number, x: number): number => {
  requireGamma('lowerGamma', a, x);
  if (x === 0) return 0;
  if (x === Infinity) return 1;
  return x < a + 1 ? Math.min(1, lowerSeries(a, x)) : Math.max(0, 1 - upperFraction(a, x));
};

/**
 * P(X ≥ statistic) for a chi-square X, Q(ν/2, x/2); `degreesOfFreedom` may be any number above 0 up to 2·10¹⁰. Throws a
 * RangeError where it is not, or where the statistic is negative or NaN, a TypeError for what is no number.
 */
export const chiSquareSurvival = (statistic: number, degreesOfFreedom: number): number => {
  const where = 'chiSquareSurvival';
  requireNumber(where, 'statistic', statistic);
  requireNumber(where, 'degreesOfFreedom', degreesOfFreedom);
  if (!(statistic >= 0))
    throw new RangeError(`${where}: the statistic is ${statistic}; give a number from 0 up`);
  if (!(degreesOfFreedom > 0 && degreesOfFreedom <= 2 * largestShape))
    throw new RangeError(
      `${where}: ${degreesOfFreedom} degrees of freedom; give a number above 0 up to ${2 * largestShape}`,
    );
  return upperGamma(degreesOfFreedom / 2, statistic / 2);
};

/** P(Z ≥ z) for a standard normal Z: Q(½, z²/2) / 2 for z ≥ 0. Throws a RangeError for NaN, a TypeError for what is no number. */
export const normalSurvival = (z: number): number => {
  requireNumber('normalSurvival', 'z', z);
  if (Number.isNaN(z)) throw new RangeError('normalSurvival: z is NaN; give a number');
  const tail = upperGamma(0.5, (z * z) / 2) / 2;
  return z >= 0 ? tail : 1 - tail;
};
