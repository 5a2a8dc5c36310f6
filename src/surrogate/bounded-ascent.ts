/**
 * A local maximum of a smooth function in a box, by L-BFGS with projection: the two-loop recursion on the
 * coordinates that are free, a step along the direction that is clipped to the box and halved until it
 * gains at least 10⁻⁴ of what the slope promises. A coordinate on its bound whose slope points outwards is
 * held for the step.
 *
 * Source: Nocedal and Wright, Numerical Optimization (2nd ed., 2006), algorithms 3.1, 7.4 and 7.5; Bertsekas,
 * Projected Newton methods for optimization problems with simple constraints (1982).
 */
import * as E from '#fp-ts/Either';
import { at } from '../at.js';
import type { NumericalFailure } from '../failure.js';
import { dot } from '../linear-algebra/vector.js';
import type { Work } from '../work.js';

/** The range of one coordinate. One value where it is fixed. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** A function's value and slopes at a point, with whatever else it has to say there. */
export interface Sloped {
  readonly value: number;
  readonly slopes: Float64Array;
}

/** A point that was visited, and what the function is there. */
export interface Visited<V extends Sloped> {
  readonly point: Float64Array;
  readonly at: V;
}

/** Where an ascent ends, and the last of its steps, which tell of the curvature there. */
export interface Ascended<V extends Sloped> extends Visited<V> {
  readonly changes: readonly Change[];
}

/** A step taken and the change of the slopes over it (of the function's negative). */
export interface Change {
  readonly step: Float64Array;
  readonly bend: Float64Array;
  readonly product: number;
}

const memory = 8;
const maxIterations = 200;
const maxHalvings = 30;

/** The nearest point of the box. */
export const clipped = (bounds: readonly Bounds[], x: Float64Array): Float64Array =>
  x.map((value, i) => {
    const { low, high } = bounds[i] ?? { low: -Infinity, high: Infinity };
    return Math.min(high, Math.max(low, value));
  });

const isFree = ({ low, high }: Bounds, x: number, slope: number): boolean =>
  low < high && !(slope >= 0 && x >= high) && !(slope <= 0 && x <= low);

/** The inverse Hessian of the negated function, as far as the changes tell, times the slopes. */
const newtonLike = (changes: readonly Change[], slopes: Float64Array): Float64Array => {
  const direction = slopes.slice();
  const subtract = (factor: number, x: Float64Array): void => {
    for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] ?? NaN) - factor * (x[i] ?? NaN);
  };
  const factors = changes.toReversed().map(({ step, bend, product }) => {
    const factor = dot(step, direction) / product;
    subtract(factor, bend);
    return factor;
  });
  const last = changes.at(-1);
  // Before anything is known of the curvature, a step no longer than 1.
  const scale =
    last === undefined
      ? 1 / Math.max(1, Math.sqrt(dot(slopes, slopes)))
      : last.product / dot(last.bend, last.bend);
  for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] ?? NaN) * scale;
  changes.forEach(({ step, bend, product }, k) => {
    subtract(dot(bend, direction) / product - at(factors, changes.length - 1 - k), step);
  });
  return direction;
};

/** The function at a point, or undefined where it is below `least`: slopes of such a point are not asked for. */
export type Climbed<V extends Sloped> = (
  point: Float64Array,
  least: number,
) => Work<E.Either<NumericalFailure, V | undefined>>;

/** The same steps of a function that bends so many times as much. */
export const scaledChanges = (changes: readonly Change[], factor: number): readonly Change[] =>
  changes.map(({ step, bend, product }) => ({
    step,
    bend: bend.map((x) => factor * x),
    product: factor * product,
  }));

/**
 * The best point found from a start (clipped to the box), never below the start: where the slopes promise a gain of less than
 * `leastGain`, or a step gains less. `known` are steps of a function that bends alike. A point where the function fails counts as
 * worse than all others; a NumericalFailure where it fails at the start.
 */
export function* ascend<V extends Sloped>(
  valueAt: Climbed<V>,
  bounds: readonly Bounds[],
  start: Float64Array,
  leastGain: number,
  known: readonly Change[] = [],
): Work<E.Either<NumericalFailure, Ascended<V>>> {
  const from = clipped(bounds, start);
  const first = yield* valueAt(from, -Infinity);
  if (E.isLeft(first)) return first;
  if (first.right === undefined) throw new RangeError('ascend: no value at the start');
  let best: Visited<V> = { point: from, at: first.right };
  let changes = known;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const { point, at: here } = best;
    const free = (x: Float64Array): Float64Array =>
      x.map((value, i) => {
        const bound = bounds[i];
        return bound !== undefined && isFree(bound, at(point, i), at(here.slopes, i)) ? value : 0;
      });
    const slopes = free(here.slopes);
    const among = changes
      .map(({ step, bend }): Change => {
        const [s, b] = [free(step), free(bend)];
        return { step: s, bend: b, product: dot(s, b) };
      })
      .filter(({ product, bend }) => product > 1e-12 * dot(bend, bend));
    const tried = free(newtonLike(among, slopes));
    const direction = dot(tried, slopes) > 0 ? tried : newtonLike([], slopes);
    if (dot(direction, slopes) < leastGain) break;
    const next = yield* alongClipped(valueAt, bounds, best, slopes, direction);
    if (next === undefined) {
      if (changes.length === 0) break;
      changes = [];
      continue;
    }
    const step = next.point.map((x, i) => x - at(point, i));
    const bend = here.slopes.map((slope, i) => slope - at(next.at.slopes, i));
    changes = [...changes, { step, bend, product: dot(step, bend) }].slice(-memory);
    const gain = next.at.value - here.value;
    best = next;
    if (gain < leastGain) break;
  }
  return E.right({ ...best, changes });
}

/** The first of the halved steps that gains enough, if any does. */
function* alongClipped<V extends Sloped>(
  valueAt: Climbed<V>,
  bounds: readonly Bounds[],
  { point, at: here }: Visited<V>,
  slopes: Float64Array,
  direction: Float64Array,
): Work<Visited<V> | undefined> {
  let length = 1;
  for (let i = 0; i < maxHalvings; i++, length /= 2) {
    const ahead = clipped(
      bounds,
      point.map((x, k) => x + length * at(direction, k)),
    );
    const promised = dot(
      slopes,
      ahead.map((x, k) => x - at(point, k)),
    );
    if (!(promised > 0)) continue;
    const there = yield* valueAt(ahead, here.value + 1e-4 * promised);
    if (E.isRight(there) && there.right !== undefined) return { point: ahead, at: there.right };
  }
  return undefined;
}
