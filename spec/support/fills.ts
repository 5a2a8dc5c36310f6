/**
 * Values for generated operands.
 *
 * Left out everywhere, because engines are free to differ there: subnormal numbers, infinities, NaN, negative zero.
 * All floats are multiples of 1/64, so f32 and f64 see the same operands.
 */
import * as fc from 'fast-check';
import { sizeOf, type DType, type Shape } from '../../src/tensor/expression.js';
import { tabulate, type Fill } from './operands.js';

/** Every element by itself. */
export const each =
  (element: fc.Arbitrary<number>): Fill =>
  (shape) =>
    fc.array(element, { minLength: sizeOf(shape), maxLength: sizeOf(shape) });

/** Multiples of 1/64 between two bounds. */
export const grid = (low: number, high: number): fc.Arbitrary<number> =>
  fc.integer({ min: low * 64, max: high * 64 }).map((k) => k / 64);

/** Small numbers of either sign. */
export const real = each(grid(-3, 3));

/** Well inside the domain of log and sqrt: their derivatives grow without bound at zero. */
export const positive = each(grid(0.25, 8));

/** Divisors. */
export const nonzero = each(fc.tuple(grid(0.5, 3), fc.boolean()).map(([x, minus]) => (minus ? -x : x)));

/** All different, at least 1/16 apart. */
export const distinct: Fill = (shape) => {
  const size = sizeOf(shape);
  const steps = Array.from({ length: size }, (_, i) => (i - Math.floor(size / 2)) / 16);
  return fc.shuffledSubarray(steps, { minLength: size, maxLength: size });
};

/** Words: small ones, and any. */
export const word = fc.oneof(fc.nat(20), fc.integer({ min: 0, max: 2 ** 32 - 1 }));

/** Signed integers: small ones, and any. */
export const whole = fc.oneof(
  fc.integer({ min: -10, max: 10 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
);

/** Indices, some outside a table of so many rows. */
export const indexInto = (rows: number): Fill =>
  each(
    fc.oneof(
      { weight: 6, arbitrary: fc.nat(rows - 1) },
      { weight: 1, arbitrary: fc.constantFrom(rows, 2 ** 32 - 1) },
    ),
  );

/** Any values of a dtype; floats as given. */
export const fillOf = (dtype: DType, floats: Fill = real): Fill =>
  dtype === 'u32' ? each(word) : dtype === 'i32' ? each(whole) : floats;

/** The element types that every engine has. */
export const anyDtype = fc.constantFrom<DType>('f32', 'u32', 'i32');

/** Shapes of small sizes; now and then one that needs more than one workgroup of 64 threads. */
export const shapes = (minimalRank: number, maximalRank: number): fc.Arbitrary<Shape> => {
  const small = fc
    .array(fc.integer({ min: 1, max: 4 }), { minLength: minimalRank, maxLength: maximalRank })
    .map((shape): Shape => (sizeOf(shape) > 48 ? shape.map((size) => Math.min(size, 2)) : shape));
  const large = [[70], [3, 25], [2, 5, 7], [3, 1, 5, 5]].filter(
    ({ length }) => length >= minimalRank && length <= maximalRank,
  );
  return large.length === 0
    ? small
    : fc.oneof({ weight: 8, arbitrary: small }, { weight: 1, arbitrary: fc.constantFrom<Shape>(...large) });
};

/** Above the diagonal of triangular matrices: it must not be read. */
const above = 55;

/** The rows of each matrix of a stack [..., n, n], made from noise on [-1, 1]. */
const stacked =
  (entry: (noise: (row: number, column: number) => number, row: number, column: number) => number): Fill =>
  (shape) =>
    each(grid(-1, 1))(shape).map((noise) => {
      const n = shape.at(-1) ?? 1;
      return tabulate(shape, (where) => {
        const [row = 0, column = 0] = where.slice(-2);
        const start =
          shape.slice(0, -2).reduce((sum, size, axis) => sum * size + (where[axis] ?? 0), 0) * n * n;
        return column > row ? above : entry((r, c) => noise[start + r * n + c] ?? 0, row, column);
      }).values;
    });

/** Lower triangles of I + N Nᵀ / n: condition numbers below n + 1, and positive definite under small changes. */
export const positiveDefinite: Fill = (shape) => {
  const n = shape.at(-1) ?? 1;
  return stacked((noise, row, column) => {
    let dot = 0;
    for (let k = 0; k < n; k++) dot += noise(row, k) * noise(column, k);
    return (row === column ? 1 : 0) + dot / n;
  })(shape);
};

/** Lower triangles with diagonals of either sign between 3/4 and 7/4, and at most 1/2 below. */
export const triangular: Fill = stacked((noise, row, column) => {
  const x = noise(row, column);
  return row !== column ? x / 2 : x < 0 ? x - 0.75 : x + 0.75;
});
