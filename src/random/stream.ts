/** A stream of random numbers from a key, for host code that does not know beforehand how many it will take. */
import { type Key, split, uniforms } from './key.js';

/** Numbers drawn at a time. */
const block = 256;

/** Uniform numbers in (0, 1), one a call, f64. The same key gives the same numbers. Mutable. */
export type UniformStream = () => number;

/** The stream of a key: the uniforms of its children 0, 1, … one block after the other. */
export const uniformStream = (key: Key): UniformStream => {
  let numbers: Float64Array = new Float64Array(0);
  let taken = 0;
  let blocks = 0;
  return () => {
    if (taken >= numbers.length) {
      numbers = uniforms(split(key, blocks++), block);
      taken = 0;
    }
    return numbers[taken++] ?? 0.5;
  };
};

/** A whole number below n, each equally likely, from a uniform number. */
export const below = (n: number, uniform: number): number => Math.min(n - 1, Math.floor(uniform * n));
