/**
 * Subsets of {0 … N−1} by size, one at a time in lexicographic order, and their rank in it (the combinatorial number
 * system, points counted from the end):
 *
 *   rank(c_0 < … < c_{k−1}) = C(N, k) − 1 − Σ_i C(N − 1 − c_i, k − i)
 *
 * A rank is a sum over members, so those of all subsets of one point less or more follow from partial sums.
 *
 * Source: Knuth, The Art of Computer Programming 4A, section 7.2.1.3, theorem L.
 */
import { at } from '../../at.js';

/** C(n, k), exact while below 2^53. */
export const binomial = (n: number, k: number): number => {
  if (k < 0 || k > n) return 0;
  const steps = Math.min(k, n - k);
  let result = 1;
  // result · factor / i is whole; taken apart so that no product on the way is larger than it.
  for (let i = 1; i <= steps; i++) {
    const factor = n - steps + i;
    result = Math.floor(result / i) * factor + ((result % i) * factor) / i;
  }
  return result;
};

/** The first subset of size k: {0 … k−1}. */
export const firstSubset = (k: number): Uint32Array => Uint32Array.from({ length: k }, (_, i) => i);

/** Turns an ascending subset of n points into the next of its size, in place; false where it was the last. */
export const toNextSubset = (subset: Uint32Array, n: number): boolean => {
  const k = subset.length;
  let i = k - 1;
  while (i >= 0 && subset[i] === n - k + i) i--;
  if (i < 0) return false;
  for (let member = at(subset, i) + 1; i < k; i++, member++) subset[i] = member;
  return true;
};

/** Visits all subsets of size k of n points with their rows. The subset is one array, written over for each. */
export const forEachSubset = (
  n: number,
  k: number,
  visit: (subset: Uint32Array, row: number) => void,
): void => {
  if (k < 0 || k > n) return;
  const subset = firstSubset(k);
  let row = 0;
  do visit(subset, row++);
  while (toNextSubset(subset, n));
};

/** All subsets of size k, row-major [C(n, k), k], each ascending, in lexicographic order: for lists that are short. */
export const subsetsOf = (n: number, k: number): Uint32Array => {
  const out = new Uint32Array(binomial(n, k) * k);
  forEachSubset(n, k, (subset, row) => out.set(subset, row * k));
  return out;
};

/**
 * C(n − 1 − x, j) at [j n + x] for j ≤ k, x < n: what ranks are sums of. Throws a RangeError where there are 2^53
 * subsets of size k or more, whose ranks would not be exact.
 */
const rankTable = (n: number, k: number): Float64Array => {
  if (!(binomial(n, k) <= Number.MAX_SAFE_INTEGER))
    throw new RangeError(`ranks of the subsets of ${k} of ${n} points go beyond 2^53`);
  const table = new Float64Array((k + 1) * n).fill(1, 0, n);
  for (let j = 1; j <= k; j++)
    for (let x = n - 2; x >= 0; x--)
      table[j * n + x] = (table[j * n + x + 1] ?? NaN) + (table[(j - 1) * n + x + 1] ?? NaN);
  return table;
};

/**
 * Ranks subsets of size k of n points: a function from ascending indices (k of them from `at`) to their row. Throws a
 * RangeError where there are 2^53 of them or more.
 */
export const ranker = (n: number, k: number): ((subset: ArrayLike<number>, at?: number) => number) => {
  const table = rankTable(n, k);
  const last = binomial(n, k) - 1;
  return (subset, at = 0) => {
    let rank = last;
    for (let i = 0; i < k; i++) rank -= table[(k - i) * n + (subset[at + i] ?? -1)] ?? NaN;
    return rank;
  };
};

/** The inverse of {@link ranker}: a function from a row to the subset there, ascending. Throws as it does. */
export const unranker = (n: number, k: number): ((row: number) => number[]) => {
  const table = rankTable(n, k);
  const last = binomial(n, k) - 1;
  return (row) => {
    let left = last - row;
    let from = 0;
    return Array.from({ length: k }, (_, i) => {
      // Members are the smallest points whose binomials fit into what is left; binomials fall along the points.
      let low = from;
      let high = n - k + i;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((table[(k - i) * n + middle] ?? NaN) <= left) high = middle;
        else low = middle + 1;
      }
      left -= at(table, (k - i) * n + low);
      from = low + 1;
      return low;
    });
  };
};

/**
 * Ranks the k subsets that an ascending subset of size k is without one member: a function that writes them, by position of
 * the member, into `ranks` [k]. Throws as {@link ranker} does.
 */
export const parentRanker = (n: number, k: number): ((subset: Uint32Array, ranks: Float64Array) => void) => {
  const table = rankTable(n, k);
  const last = binomial(n, k - 1) - 1;
  return (subset, ranks) => {
    // Members after the one that goes move up a position and so keep their binomials; those before it do not.
    let rank = last;
    for (let i = 0; i < k; i++) rank -= table[(k - i) * n + (subset[i] ?? -1)] ?? NaN;
    for (let i = 0; i < k; i++) {
      const member = subset[i] ?? -1;
      rank += table[(k - i) * n + member] ?? NaN;
      ranks[i] = rank;
      rank -= table[(k - i - 1) * n + member] ?? NaN;
    }
  };
};

/**
 * Ranks the subsets that an ascending subset of size k < n is with one point more: a function that writes them, by
 * point, into `ranks` [n]; −1 for members. The subset's k indices are read from `at`. Throws as {@link ranker} does.
 */
export const childRanker = (
  n: number,
  k: number,
): ((subset: Uint32Array, at: number, ranks: Float64Array) => void) => {
  const table = rankTable(n, k + 1);
  const last = binomial(n, k + 1) - 1;
  return (subset, at, ranks) => {
    let rank = last;
    for (let i = 0; i < k; i++) rank -= table[(k - i) * n + (subset[at + i] ?? -1)] ?? NaN;
    let position = 0;
    for (let point = 0; point < n; point++) {
      if (position < k && subset[at + position] === point) {
        // From here on the new point comes after this member, which keeps its place.
        rank += (table[(k - position) * n + point] ?? NaN) - (table[(k + 1 - position) * n + point] ?? NaN);
        ranks[point] = -1;
        position++;
      } else ranks[point] = rank - (table[(k + 1 - position) * n + point] ?? NaN);
    }
  };
};
