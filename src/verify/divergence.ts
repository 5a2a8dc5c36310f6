/**
 * Distances between discrete distributions given as vectors of probabilities over the same outcomes:
 *
 *   L1  = Σ |p − q|                      TV = ½ L1
 *   KL(p ‖ q) = Σ p log (p / q)          JS = ½ KL(p ‖ m) + ½ KL(q ‖ m),  m = ½ (p + q)
 *
 * with natural logarithms, 0 log 0 = 0. JS is the divergence (Lin, IEEE Trans. Inf. Theory 37, 1991), not its square
 * root. The vectors are taken as they are: nothing is normalised.
 */

import { at } from '../at.js';
import { requireNumbers } from '../misuse.js';

const sameLength = (name: string, p: ArrayLike<number>, q: ArrayLike<number>): void => {
  for (const [of, value] of Object.entries({ p, q })) {
    requireNumbers(name, of, value);
    const wrong = Array.from(value).findIndex((x) => !(x >= 0 && x < Infinity));
    if (wrong >= 0)
      throw new RangeError(
        `${name}: ${of}[${wrong}] is ${value[wrong] ?? NaN}; give probabilities, numbers from 0 up`,
      );
  }
  if (p.length !== q.length)
    throw new RangeError(`${name}: ${p.length} and ${q.length} outcomes; give both over the same ones`);
};

const distance = (p: ArrayLike<number>, q: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < p.length; i++) total += Math.abs((p[i] ?? NaN) - (q[i] ?? NaN));
  return total;
};

/** Σ |p − q|, in [0, 2]. Throws a RangeError where the lengths differ or an entry is no number from 0 up. */
export const l1Distance = (p: ArrayLike<number>, q: ArrayLike<number>): number => {
  sameLength('l1Distance', p, q);
  return distance(p, q);
};

/** Total variation: ½ Σ |p − q|, in [0, 1]. Throws a RangeError where the lengths differ or an entry is no number from 0 up. */
export const totalVariation = (p: ArrayLike<number>, q: ArrayLike<number>): number => {
  sameLength('totalVariation', p, q);
  return distance(p, q) / 2;
};

/**
 * Kullback and Leibler's divergence of q from p, KL(p ‖ q) = Σ p log (p / q), in nats; +∞ where p has an outcome that
 * q has not. Throws a RangeError where the lengths differ or an entry is no number from 0 up.
 */
export const kullbackLeibler = (p: ArrayLike<number>, q: ArrayLike<number>): number => {
  sameLength('kullbackLeibler', p, q);
  let total = 0;
  for (let i = 0; i < p.length; i++) {
    const mass = p[i] ?? NaN;
    // A quotient would overflow for subnormal q.
    if (mass !== 0) total += mass * (Math.log(mass) - Math.log(q[i] ?? NaN));
  }
  return total;
};

/**
 * Jensen and Shannon's divergence ½ KL(p ‖ m) + ½ KL(q ‖ m), m = ½ (p + q), in nats: in [0, log 2], symmetric. Throws
 * a RangeError where the lengths differ.
 */
export const jensenShannon = (p: ArrayLike<number>, q: ArrayLike<number>): number => {
  sameLength('jensenShannon', p, q);
  const middle = Float64Array.from({ length: p.length }, (_, i) => (at(p, i) + at(q, i)) / 2);
  return (kullbackLeibler(p, middle) + kullbackLeibler(q, middle)) / 2;
};
