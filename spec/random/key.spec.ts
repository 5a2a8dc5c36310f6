// Keys: one seed one stream, children unlike their parents and siblings, numbers of the stated distributions.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bits, keyFromSeed, keyWords, normals, permutation, split, uniforms } from '../../src/random/key.js';
import { threefry2x32Into } from '../../src/tensor/threefry-block.js';
import { runs } from '../support/property.js';

const seeds = fc.maxSafeNat();

test('bits and splits are blocks of Threefry, by the laws in the header', () =>
  fc.assert(
    fc.property(seeds, fc.nat(40), fc.nat(2 ** 32 - 1), (seed, count, index) => {
      const key = keyFromSeed(seed);
      const block = (counter0: number, counter1: number): Uint32Array => {
        const out = new Uint32Array(2);
        threefry2x32Into(key.word0, key.word1, counter0, counter1, out, 0);
        return out;
      };
      const words = Array.from({ length: count }, (_, i) => block(i >> 1, 0)[i % 2]);
      assert.equal(Array.from(bits(key, count)), words);
      assert.equal(keyWords(split(key, index)), block(index, 1));
    }),
    runs(100),
  ));

test('a seed is its two words; what is no seed is refused', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { word0, word1 } = keyFromSeed(seed);
      assert.is(word1 * 2 ** 32 + word0, seed);
    }),
    runs(100),
  );
  for (const wrong of [-1, 0.5, NaN, Infinity, 2 ** 53])
    assert.throws(
      () => keyFromSeed(wrong),
      (error: unknown) => error instanceof RangeError && error.message.includes(`${wrong}`),
    );
});

test('a longer draw begins with the shorter one', () =>
  fc.assert(
    fc.property(seeds, fc.nat(30), fc.nat(30), (seed, a, b) => {
      const key = keyFromSeed(seed);
      for (const draw of [bits, uniforms, normals]) {
        const long = draw(key, Math.max(a, b));
        assert.equal(Array.from(draw(key, Math.min(a, b))), Array.from(long.subarray(0, Math.min(a, b))));
      }
    }),
    runs(100),
  ));

test('a thousand children of a thousand seeds are all different', () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 1000; seed++)
    for (let index = 0; index < 1000; index += 1 + (seed % 7)) {
      const { word0, word1 } = split(keyFromSeed(seed), index);
      seen.add(`${word0} ${word1}`);
    }
  let count = 0;
  for (let seed = 0; seed < 1000; seed++) count += Math.ceil(1000 / (1 + (seed % 7)));
  // Two of 370,000 keys coincide by chance once in 2.7 * 10⁸ times.
  assert.is(seen.size, count);
});

test('a permutation is a permutation, and every order of three is as likely', () => {
  fc.assert(
    fc.property(seeds, fc.nat(60), (seed, count) => {
      const sorted = Array.from(permutation(keyFromSeed(seed), count)).sort((a, b) => a - b);
      assert.equal(
        sorted,
        Array.from({ length: count }, (_, i) => i),
      );
    }),
    runs(100),
  );
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 6000; seed++) {
    const order = permutation(keyFromSeed(seed), 3).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.is(counts.size, 6);
  // χ² with 5 degrees of freedom exceeds 35.9 once in 10⁶.
  const statistic = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  assert.ok(statistic < 35.9, `${statistic}`);
});

test('a uniform number is in the middle of its cell of 2⁻⁵³, which 53 bits name', () => {
  const words = bits(keyFromSeed(4), 2000);
  uniforms(keyFromSeed(4), 1000).forEach((u, i) => {
    const cell = ((BigInt(words[2 * i] ?? 0) << 32n) | BigInt(words[2 * i + 1] ?? 0)) >> 11n;
    // From ½ on a double has no bit left for the half.
    if (u < 0.5) assert.is(u * 2 ** 53, Number(cell) + 0.5);
    else assert.ok(Math.abs(u * 2 ** 53 - Number(cell)) <= 1);
  });
});

test('uniform numbers fill (0, 1) evenly, normal ones have the moments of the normal distribution', () => {
  const count = 40_000;
  const u = uniforms(keyFromSeed(1), count);
  assert.ok(u.every((x) => x > 0 && x < 1));
  const cells = new Array<number>(64).fill(0);
  for (const x of u) cells[Math.floor(64 * x)] = (cells[Math.floor(64 * x)] ?? 0) + 1;
  // χ² with 63 degrees of freedom exceeds 131.4 once in 10⁶.
  const statistic = cells.reduce((sum, cell) => sum + (cell - count / 64) ** 2 / (count / 64), 0);
  assert.ok(statistic < 131.4, `${statistic}`);

  const z = normals(keyFromSeed(2), count);
  // Standard errors of the mean of zᵏ: √(E z²ᵏ − (E zᵏ)²) / √n. Five of them are exceeded 6 times in 10⁷.
  for (const [power, expected, deviation] of [
    [1, 0, 1],
    [2, 1, Math.sqrt(2)],
    [3, 0, Math.sqrt(15)],
    [4, 3, Math.sqrt(96)],
  ] as const) {
    const mean = z.reduce((sum, x) => sum + x ** power, 0) / count;
    assert.ok(
      Math.abs(mean - expected) < (5 * deviation) / Math.sqrt(count),
      `the mean of z^${power} is ${mean}`,
    );
  }
  // Neighbours share no uniform number: their products have mean 0 and deviation 1.
  const product = z.reduce((sum, x, i) => sum + x * (z[i + 1] ?? 0), 0) / count;
  assert.ok(Math.abs(product) < 5 / Math.sqrt(count), `${product}`);
});

test.run();
