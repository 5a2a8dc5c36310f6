/**
 * Which points of a pool add most to a batch s that grows, point by point? Lazily: a gain never grows with s, so what it was before
 * bounds it, and only points are brought up to date whose bounds are not below what is surely reached,
 *
 *   v_n(s + m) = max(0, v_n(s) − (φ_n·d)²),   d = A_s⁻¹ φ_m / √(1 + v_m(s)),   A_s⁻¹ = I − Σ_j d_j d_jᵀ
 *   gain(n|s)  = ½ log(1 + v_n(s)), nats
 *
 * over the directions d_j of the points before (Sherman and Morrison 1950, as in reward/conditional-variance.ts). No point meets
 * a direction twice: O(N D) a point that joins at worst, and a pass over some thousand points where few compete. The points are
 * those that reward/exact.ts finds but for rounding; equal points have the same bits.
 *
 * Source: Minoux, Accelerated greedy algorithms for maximizing submodular set functions (1978).
 */
import { at } from '../at.js';
import { type Matrix, rowsAt, squareOfRow } from '../linear-algebra/matrix.js';
import { addScaledInto, dot, dotRange, heldIn } from '../linear-algebra/vector.js';
import type { Scans } from '../reward/scan.js';
import { turnCounter } from '../work.js';
import { top } from './top.js';

/** The points of a pool by their scores given s, which is empty at first. Mutable. */
export interface LazyGains {
  /** The `count` free points of largest score, the largest first, of equal ones the first; fewer where fewer are free. */
  readonly largest: (count: number, isFree: (n: number) => boolean) => Scans<readonly number[]>;
  /** The scores of points that were found last, and bounds of the others'. */
  readonly scores: Float64Array;
  /** s + m; m is a point of the pool. */
  readonly join: (m: number) => void;
}

/** v_n(s) of points of whitened features as they are asked for. Mutable. */
const lazyVariances = (whitened: Matrix) => {
  const { rows, columns } = whitened;
  const data = heldIn(whitened);
  const directions: Float64Array[] = [];
  const variances = new Float64Array(rows);
  /** One more than the directions that each variance knows of; 0 before it is known. */
  const met = new Uint32Array(rows);
  return {
    isKnown: (n: number): boolean => at(met, n) > directions.length,
    of: (n: number): number => {
      const from = n * columns;
      let v = at(met, n) === 0 ? squareOfRow(whitened, n) : at(variances, n);
      for (let j = Math.max(0, at(met, n) - 1); j < directions.length; j++)
        v = Math.max(0, v - dotRange(data, from, at(directions, j), 0, columns) ** 2);
      variances[n] = v;
      met[n] = directions.length + 1;
      return v;
    },
    join: (m: number): void => {
      const point = rowsAt(whitened, [m]).data;
      const remaining = point.slice();
      for (const other of directions) addScaledInto(remaining, 0, -dot(other, point), other, 0, columns);
      const root = Math.sqrt(1 + Math.max(0, dot(point, remaining)));
      directions.push(remaining.map((x) => x / root));
    },
  };
};

/** A pass over so many scores costs little beside one point that joins. */
const manyScores = 4096;

/**
 * The points of whitened features, N×D, none chosen. `score` of a point and its gain in nats never grows where the gain falls; the
 * gain itself if left out. A score that is no number is the largest. Of a pool of more than `fewest` points only so many of the
 * largest scores are gone through where these decide.
 */
export const lazyGains = (
  whitened: Matrix,
  score: (n: number, gain: number) => number = (_, gain) => gain,
  fewest = manyScores,
): LazyGains => {
  const variances = lazyVariances(whitened);
  const scores = new Float64Array(whitened.rows).fill(Infinity);
  const all = Uint32Array.from(scores, (_, n) => n);
  /** The points whose scores are above a level. */
  let [competing, level] = [all, -Infinity];
  const compete = (above: number): void => {
    level = above;
    competing = above === -Infinity ? all : all.filter((n) => at(scores, n) > above);
  };
  const meet = (n: number): void => {
    const own = score(n, 0.5 * Math.log1p(variances.of(n)));
    scores[n] = Number.isNaN(own) ? Infinity : own;
  };
  const first = (count: number, isFree: (n: number) => boolean): readonly number[] => {
    const free = competing.filter(isFree);
    return top(
      count,
      Float64Array.from(free, (n) => at(scores, n)),
    ).map((place) => at(free, place));
  };
  return {
    scores,
    largest: function* (count, isFree) {
      yield undefined;
      const turnOver = turnCounter();
      if (competing === all) {
        // None before the first points were met.
        const known = scores.filter((own) => own < Infinity).sort();
        compete(known[known.length - 1 - Math.max(fewest, 4 * count)] ?? -Infinity);
      }
      // Of so many points the least is surely reached; nothing is by fewer.
      const reachedBy = (some: readonly number[]): number => {
        some.forEach(meet);
        return some.length < count
          ? -Infinity
          : some.reduce((least, n) => Math.min(least, at(scores, n)), Infinity);
      };
      let reached = reachedBy(first(count, isFree));
      if (reached <= level && competing !== all) {
        compete(-Infinity);
        reached = reachedBy(first(count, isFree));
      }
      for (const n of competing) {
        if (at(scores, n) < reached || variances.isKnown(n) || !isFree(n)) continue;
        meet(n);
        if (turnOver(2 * whitened.columns + 64)) yield undefined;
      }
      return first(count, isFree);
    },
    join: variances.join,
  };
};
