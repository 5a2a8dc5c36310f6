/**
 * Threefry-2x32, 20 rounds: a counter-based random function. Salmon, Moraes, Dror and Shaw,
 * "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
 *
 *   threefry(key0, key1, counter0, counter1) = two words, uniform on 2^64 for a fixed key
 *
 * Known answers (the paper's own test vectors) stand in spec/tensor. The same function is the kernel
 * kernels/threefry.wgsl, so every engine sees the same bits.
 */

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const parity = 0x1bd11bda;

/** Writes the two output words of one block to `out[offset]` and `out[offset + 1]`. Never fails. */
export const threefry2x32Into = (
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
  out: Uint32Array,
  offset: number,
): void => {
  const key2 = parity ^ key0 ^ key1;
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let group = 0; group < 5; group++) {
    const base = (group & 1) * 4;
    for (let round = 0; round < 4; round++) {
      const r = rotations[(base + round) as 0];
      x0 = (x0 + x1) | 0;
      x1 = (x1 << r) | (x1 >>> (32 - r));
      x1 ^= x0;
    }
    const injection = group % 3;
    const a = injection === 0 ? key1 : injection === 1 ? key2 : key0;
    const b = injection === 0 ? key2 : injection === 1 ? key0 : key1;
    x0 = (x0 + a) | 0;
    x1 = (x1 + b + group + 1) | 0;
  }
  out[offset] = x0;
  out[offset + 1] = x1;
};
