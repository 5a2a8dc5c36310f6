/**
 * Within which bounds does a mean of n numbers lie? Student's t interval: mean ± t s / √n, s² the sample variance, t the
 * quantile with P(|T| ≤ t) = level for ν = n − 1 degrees of freedom.
 *
 * For whole ν the probability is a finite sum (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4), with θ = atan(t / √ν):
 *
 *   ν odd    2/π (θ + sin θ cos θ (1 + 2/3 cos² θ + 2·4/(3·5) cos⁴ θ + … ))     (ν − 1)/2 terms
 *   ν even   sin θ (1 + 1/2 cos² θ + 1·3/(2·4) cos⁴ θ + … )                      ν/2 terms
 *
 * It grows with θ, which is bisected over (0, π/2).
 */
import { relativeDeviation } from '../linear-algebra/deviation.js';

const checkDegrees = (degrees: number): void => {
  if (!Number.isInteger(degrees) || degrees < 1)
    throw new RangeError(`student: ${degrees} degrees of freedom; give a whole number from 1 up`);
};

const withinAngle = (angle: number, degrees: number): number => {
  const odd = degrees % 2 === 1;
  const square = Math.cos(angle) ** 2;
  const terms = Math.floor(degrees / 2);
  let term = 1;
  let total = 0;
  for (let k = 1; k <= terms; k++) {
    total += term;
    term *= (square * (odd ? 2 * k : 2 * k - 1)) / (odd ? 2 * k + 1 : 2 * k);
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * Math.cos(angle) * total) : Math.sin(angle) * total;
};

/** P(|T| ≤ t) for Student's T. Throws a RangeError unless t ≥ 0 and `degrees` is a whole number from 1 up. */
export const studentWithin = (t: number, degrees: number): number => {
  checkDegrees(degrees);
  if (!(t >= 0)) throw new RangeError(`studentWithin: t must be 0 or more, not ${t}`);
  return withinAngle(Math.atan(t / Math.sqrt(degrees)), degrees);
};

/** The t with P(|T| ≤ t) = `level`. Throws a RangeError unless 0 < level < 1 and `degrees` is a whole number from 1 up. */
export const studentQuantile = (level: number, degrees: number): number => {
  checkDegrees(degrees);
  if (!(level > 0 && level < 1))
    throw new RangeError(`studentQuantile: the level must lie between 0 and 1, not ${level}`);
  let [low, high] = [0, Math.PI / 2];
  for (let k = 0; k < 60; k++) {
    const middle = (low + high) / 2;
    if (withinAngle(middle, degrees) < level) low = middle;
    else high = middle;
  }
  return Math.tan((low + high) / 2) * Math.sqrt(degrees);
};

/** A mean, and half the width of its 95% interval: null where there is one number only. */
export interface Interval {
  readonly mean: number;
  readonly halfWidth: number | null;
}

/** The level of every interval of the report. */
export const level = 0.95;

/** The arithmetic mean. Throws a RangeError where there is nothing. */
export const meanOf = (values: readonly number[]): number => {
  if (values.length === 0) throw new RangeError('meanOf: there are no values');
  const { largest, centre } = relativeDeviation(Float64Array.from(values));
  return centre * largest;
};

/**
 * The t interval of the mean of independent numbers, the half width times `factor` (1 if left out). Throws a RangeError
 * where there is none.
 */
export const studentInterval = (values: readonly number[], factor = 1): Interval => {
  if (values.length === 0) throw new RangeError('studentInterval: there are no values');
  const { largest, centre, deviation } = relativeDeviation(Float64Array.from(values));
  const mean = centre * largest;
  const degrees = values.length - 1;
  if (degrees === 0) return { mean, halfWidth: null };
  const quantile = factor * studentQuantile(level, degrees);
  return { mean, halfWidth: ((quantile * deviation) / Math.sqrt(values.length)) * largest };
};
