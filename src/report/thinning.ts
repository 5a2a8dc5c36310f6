/**
 * How do 200,000 dots and long curves fit a file that people mail each other? Without chance, so that a picture is the
 * same each time:
 *
 *  - Dots on the unit square. Beyond `most`, those that fall into one cell of a square grid become one dot in the
 *    cell's middle, with their count. The grid is the finest of 128, 96, 64, 48, … cells a side that leaves at most `most`
 *    dots. What lies on the lower or left edge stays on it.
 *  - Curves. Beyond `most` points, equal stretches each keep their least and greatest point, in order: peaks survive,
 *    as they do not where every k-th point is kept.
 */
import { at } from '../at.js';

/** A dot on the unit square that stands for `count` points. */
export interface Spot {
  readonly u: number;
  readonly v: number;
  readonly count: number;
}

/** Spots, and the cells a side of the grid in which they were gathered: null where every point is drawn as it is. */
export interface Spots {
  readonly spots: readonly Spot[];
  readonly side: number | null;
}

/** 0 for the edge, then 1 … side. */
const cellOf = (u: number, side: number): number => (u <= 0 ? 0 : Math.min(side, Math.floor(u * side) + 1));

const middleOf = (cell: number, side: number): number => (cell === 0 ? 0 : (cell - 0.5) / side);

const gathered = (us: ArrayLike<number>, vs: ArrayLike<number>, side: number): readonly Spot[] => {
  const counts = new Uint32Array((side + 1) ** 2);
  for (let i = 0; i < us.length; i++) {
    const cell = cellOf(us[i] ?? NaN, side) * (side + 1) + cellOf(vs[i] ?? NaN, side);
    counts[cell] = (counts[cell] ?? NaN) + 1;
  }
  const spots: Spot[] = [];
  counts.forEach((count, cell) => {
    if (count > 0)
      spots.push({
        u: middleOf(Math.floor(cell / (side + 1)), side),
        v: middleOf(cell % (side + 1), side),
        count,
      });
  });
  return spots;
};

/** Cells a side of the grids, the last of which has 9 cells with its edges. */
const sides = [128, 96, 64, 48, 32, 24, 16, 12, 8, 4, 2] as const;

/**
 * At most `most` spots for points (u, v) of the unit square, by the rule in the header. Throws a RangeError where
 * `most` is below 9: a grid of two cells a side may need as many.
 */
export const thinnedSpots = (us: ArrayLike<number>, vs: ArrayLike<number>, most: number): Spots => {
  if (!(most >= 9)) throw new RangeError(`thinnedSpots: at most ${most} spots; allow 9 or more`);
  if (us.length <= most)
    return { spots: Array.from(us, (u, i) => ({ u, v: at(vs, i), count: 1 })), side: null };
  for (const side of sides) {
    const spots = gathered(us, vs, side);
    if (spots.length <= most) return { spots, side };
  }
  throw new Error('thinnedSpots: the coarsest grid has 9 cells');
};

/**
 * At most `most` (an even number) of a curve's points, by the rule in the header. The first and the last point need
 * not be among them.
 */
export const thinnedCurve = <P>(
  points: readonly P[],
  valueOf: (point: P) => number,
  most: number,
): readonly P[] => {
  if (points.length <= most) return points;
  const stretches = most / 2;
  return Array.from({ length: stretches }, (_, k) => {
    const stretch = points.slice(
      Math.floor((k * points.length) / stretches),
      Math.floor(((k + 1) * points.length) / stretches),
    );
    const values = stretch.map(valueOf);
    const low = values.indexOf(values.reduce((a, b) => Math.min(a, b)));
    const high = values.indexOf(values.reduce((a, b) => Math.max(a, b)));
    return stretch.filter((_, i) => i === low || i === high);
  }).flat();
};
