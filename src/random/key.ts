/**
 * Keys: splittable sources of randomness. A key is two 32-bit words; every random choice of the program hangs on
 * one seed through splits, so the same seed gives the same bits on every engine.
 *
 *   bits(key, n)[i]  = word (i mod 2) of threefry(key, (floor(i / 2), 0))
 *   split(key, i)    = threefry(key, (i, 1))
 *
 * The tensor language derives its random numbers by the same two laws (src/tensor/derived/random.ts).
 */
import { threefry2x32Into } from '../tensor/threefry-block.js';

/** Two 32-bit words. Immutable. */
export interface Key {
  readonly word0: number;
  readonly word1: number;
}

/** The key of a seed: a non-negative safe integer, its low and high 32 bits. Throws a RangeError for anything else. */
export const keyFromSeed = (seed: number): Key => {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`keyFromSeed: seed is ${seed}; give a whole number from 0 up`);
  return { word0: seed >>> 0, word1: Math.floor(seed / 2 ** 32) >>> 0 };
};

/** The i-th child of a key: independent of its siblings and of the bits drawn from the parent. */
export const split = (key: Key, index: number): Key => {
  const out = new Uint32Array(2);
  threefry2x32Into(key.word0, key.word1, index >>> 0, 1, out, 0);
  return { word0: out[0] ?? NaN, word1: out[1] ?? NaN };
};

/** The key as the two words that a program takes as its input of shape [2], u32. */
export const keyWords = (key: Key): Uint32Array => Uint32Array.of(key.word0, key.word1);

/** n uniform 32-bit words. */
export const bits = (key: Key, count: number): Uint32Array => {
  const out = new Uint32Array(count + (count & 1));
  for (let block = 0; 2 * block < count; block++)
    threefry2x32Into(key.word0, key.word1, block, 0, out, 2 * block);
  return out.subarray(0, count);
};

/** n uniform numbers in (0, 1), f64, each from 53 bits: (bits + 1/2) / 2^53. */
export const uniforms = (key: Key, count: number): Float64Array => {
  const words = bits(key, 2 * count);
  return Float64Array.from(
    { length: count },
    (_, i) => ((words[2 * i] ?? NaN) * 2 ** 21 + ((words[2 * i + 1] ?? NaN) >>> 11) + 0.5) / 2 ** 53,
  );
};

/** n standard normal numbers, f64, by Box and Muller's transform of pairs of uniforms. */
export const normals = (key: Key, count: number): Float64Array => {
  const u = uniforms(key, 2 * count);
  return Float64Array.from(
    { length: count },
    (_, i) => Math.sqrt(-2 * Math.log(u[2 * i] ?? 0.5)) * Math.cos(2 * Math.PI * (u[2 * i + 1] ?? NaN)),
  );
};

/** A uniform random permutation of 0 … n-1, by sorting n uniforms. */
export const permutation = (key: Key, count: number): Uint32Array => {
  const u = uniforms(key, count);
  return Uint32Array.from(
    Array.from({ length: count }, (_, i) => i).sort((a, b) => (u[a] ?? NaN) - (u[b] ?? NaN)),
  );
};
