// Threefry-2x32, 20 rounds, of four counters at once: src/tensor/threefry-block.ts, bit for bit.

@inline
function rotated(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}

export function threefry(blocks: i32, out: usize, counters: usize, k0: i32, k1: i32): void {
  const k2 = 0x1bd11bda ^ k0 ^ k1;
  for (let i = 0; i < blocks; i += 4, counters += 32, out += 32) {
    const left = blocks - i;
    let p = v128.load64_splat(counters), q = p;
    if (left >= 4) {
      p = v128.load(counters);
      q = v128.load(counters, 16);
    } else {
      if (left > 1) p = v128.load64_lane(counters, p, 1, 8);
      if (left > 2) q = v128.load64_lane(counters, q, 0, 16);
    }
    let x = i32x4.add(v128.shuffle<i32>(p, q, 0, 2, 4, 6), i32x4.splat(k0));
    let y = i32x4.add(v128.shuffle<i32>(p, q, 1, 3, 5, 7), i32x4.splat(k1));
    let ka = k1, kb = k2, kc = k0;
    for (let group = 1; group <= 5; group++) {
      const odd = (group & 1) != 0;
      x = i32x4.add(x, y);
      y = v128.xor(odd ? rotated(y, 13) : rotated(y, 17), x);
      x = i32x4.add(x, y);
      y = v128.xor(odd ? rotated(y, 15) : rotated(y, 29), x);
      x = i32x4.add(x, y);
      y = v128.xor(odd ? rotated(y, 26) : rotated(y, 16), x);
      x = i32x4.add(x, y);
      y = v128.xor(odd ? rotated(y, 6) : rotated(y, 24), x);
      x = i32x4.add(x, i32x4.splat(ka));
      y = i32x4.add(y, i32x4.splat(kb + group));
      const first = ka;
      ka = kb;
      kb = kc;
      kc = first;
    }
    p = v128.shuffle<i32>(x, y, 0, 4, 1, 5);
    q = v128.shuffle<i32>(x, y, 2, 6, 3, 7);
    if (left >= 4) {
      v128.store(out, p);
      v128.store(out, q, 16);
    } else {
      v128.store64_lane(out, p, 0);
      if (left > 1) v128.store64_lane(out, p, 1, 8);
      if (left > 2) v128.store64_lane(out, q, 0, 16);
    }
  }
}
