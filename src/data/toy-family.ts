/**
 * A family of functions to learn across: that of data/toy.ts with parameters drawn from
 *
 *   a ~ U(½, 1), b ~ U(−1, 1), c ~ U(0.3, 0.7), d ~ U(−1, 1), 3 to 6 weights w ~ U(−1, 1), noise σ ~ U(0.0005, 0.005)
 *
 * Source: the code of BatchGFN (Malik et al. 2023, arXiv 2306.15058), its meta experiment; the number of weights is uniform
 * there too, and inputs are N(0, 1).
 */
import { type Key, split, uniforms } from '../random/key.js';
import type { ToyParameters } from './toy.js';

/** A function of the family, and the standard deviation of its labels' noise. */
export interface FamilyMember extends ToyParameters {
  readonly noise: number;
}

const LEAST_WEIGHTS = 3;
const MOST_WEIGHTS = 6;

/** A member drawn with a key: the same for the same. */
export const toyFamilyMember = (key: Key): FamilyMember => {
  const [first, second, third, fourth, fifth, sixth] = uniforms(split(key, 0), 6);
  const between = (low: number, high: number, at: number | undefined): number =>
    low + (high - low) * (at ?? NaN);
  const count = LEAST_WEIGHTS + Math.floor((sixth ?? NaN) * (MOST_WEIGHTS - LEAST_WEIGHTS + 1));
  return {
    a: between(0.5, 1, first),
    b: between(-1, 1, second),
    c: between(0.3, 0.7, third),
    d: between(-1, 1, fourth),
    noise: between(0.0005, 0.005, fifth),
    weights: Array.from(uniforms(split(key, 1), count), (at) => between(-1, 1, at)),
  };
};
