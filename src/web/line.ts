/** The world of the scenes: a function on a line that the reader's model does not know, and pools of points on it. */

/** The ends of the line. */
export const ends: readonly [number, number] = [-3, 3];

/** The function that labels are taken from: known to the page, not to the model. */
export const truth = (x: number): number => Math.sin(2 * x) + 0.35 * x * Math.cos(x);

/** Numbers in [0, 1) from a seed, for pools and noise of labels alone (mulberry32). */
export const numbersFrom = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};

const rounded = (x: number): number => Math.round(100 * x) / 100;

/** A pool: one point in each of N equal parts of the line, somewhere in it. */
export const poolFrom = (count: number, seed: number): readonly number[] => {
  const next = numbersFrom(seed);
  const [low, high] = ends;
  return Array.from({ length: count }, (_, i) => rounded(low + ((high - low) * (i + next())) / count));
};

/** A label: the function with noise, the same for the same place and seed. */
export const labelAt = (x: number, noise: number, seed: number): number => {
  const next = numbersFrom(Math.round(1000 * x) * 7919 + seed);
  const [u, v] = [1 - next(), next()];
  return rounded(truth(x) + noise * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v));
};
