/**
 * Operands for specs: generated values that an expression reads through a generated chain of views (transposes,
 * slices, repeats, folded transposes) of one input, so that every kernel meets strides and offsets.
 *
 * Values are made first, in the operand's own coordinates; each view is then undone on them to find the input's
 * values. So an operand's values may have any structure (positive definite, distinct) whatever the views.
 */
import * as fc from 'fast-check';
import {
  allocate,
  sizeOf,
  type DType,
  type Shape,
  type Tensor,
  type TypedArray,
} from '../../src/tensor/expression.js';
import { broadcast, input, reshape, slice, transpose } from '../../src/tensor/operations.js';

/** Row-major numbers of a shape. */
export interface Dense {
  readonly shape: Shape;
  readonly values: readonly number[];
}

/** An expression with the values of the one input that it reads. */
export interface Operand {
  readonly tensor: Tensor;
  readonly input: string;
  readonly values: TypedArray;
}

/** Makes the values of a shape. */
export type Fill = (shape: Shape) => fc.Arbitrary<readonly number[]>;

/** The coordinates of the i-th element in row-major order. */
export const coordinates = (shape: Shape, index: number): readonly number[] => {
  let rest = index;
  const at = shape.map(() => 0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    at[axis] = rest % size;
    rest = Math.floor(rest / size);
  }
  return at;
};

/** The row-major position of coordinates. */
export const position = (shape: Shape, at: readonly number[]): number =>
  shape.reduce((sum, size, axis) => sum * size + (at[axis] ?? 0), 0);

/** Values of a shape by coordinates. */
export const tabulate = (shape: Shape, f: (at: readonly number[]) => number): Dense => ({
  shape,
  values: Array.from({ length: sizeOf(shape) }, (_, i) => f(coordinates(shape, i))),
});

/** The element at coordinates. */
export const at = ({ shape, values }: Dense, where: readonly number[]): number =>
  values[position(shape, where)] ?? NaN;

/** One view: the values under it, and how they are read. */
interface Layer {
  readonly under: (over: Dense) => Dense;
  readonly read: (base: Tensor, over: Shape) => Tensor;
}

/** A number that no operand holds: reading outside a slice shows. */
const outside = 77;

const transposed = (permutation: readonly number[]): Layer => ({
  under: (over) =>
    tabulate(
      permutation.map((_, axis) => over.shape[permutation.indexOf(axis)] ?? 1),
      (where) =>
        at(
          over,
          permutation.map((axis) => where[axis] ?? 0),
        ),
    ),
  read: (base) => transpose(base, permutation),
});

const sliced = (before: readonly number[], after: readonly number[]): Layer => ({
  under: (over) =>
    tabulate(
      over.shape.map((size, axis) => (before[axis] ?? 0) + size + (after[axis] ?? 0)),
      (where) => {
        const inside = where.map((c, axis) => c - (before[axis] ?? 0));
        return inside.every((c, axis) => c >= 0 && c < (over.shape[axis] ?? 1)) ? at(over, inside) : outside;
      },
    ),
  read: (base, over) => slice(base, before.slice(0, over.length), over),
});

/** A matrix [rest, first] transposed and folded into the shape: a reshape that no strides can say. */
const folded: Layer = {
  under: (over) => {
    const last = over.shape.at(-1) ?? 1;
    const rest = over.values.length / last;
    // Read as [last, rest] in row-major order, stored as [rest, last].
    return tabulate([rest, last], ([r = 0, l = 0]) => over.values[l * rest + r] ?? NaN);
  },
  read: (base, over) => reshape(transpose(base), over),
};

const flat: Layer = {
  under: (over) => ({ shape: [over.values.length], values: over.values }),
  read: (base, over) => reshape(base, over),
};

const layerOf = (rank: number): fc.Arbitrary<Layer> => {
  const margins = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: rank, maxLength: rank });
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return fc.oneof(
    fc.shuffledSubarray(axes, { minLength: rank, maxLength: rank }).map(transposed),
    fc.tuple(margins, margins).map(([before, after]) => sliced(before, after)),
    fc.constant(rank === 0 ? flat : folded),
    fc.constant(flat),
  );
};

/** The dense values read through `depth` views of an input. */
const throughViews = (name: string, dtype: DType, over: Dense, depth: number): fc.Arbitrary<Operand> => {
  if (depth > 0)
    return layerOf(over.shape.length).chain((layer) =>
      throughViews(name, dtype, layer.under(over), depth - 1).map((base) => ({
        ...base,
        tensor: layer.read(base.tensor, over.shape),
      })),
    );
  const values = allocate(dtype, over.values.length);
  values.set(over.values);
  return fc.constant({ tensor: input(name, dtype, over.shape), input: name, values });
};

/**
 * An operand of a shape. `repeatable` are the axes along which values may repeat (a broadcast of axes of size one, or
 * of leading axes that are missing); none where the values' structure forbids it.
 */
export const operand = (
  name: string,
  dtype: DType,
  shape: Shape,
  fill: Fill,
  repeatable: readonly number[] = shape.map((_, axis) => axis),
): fc.Arbitrary<Operand> =>
  fc
    .record({
      repeats: fc.oneof(
        { weight: 2, arbitrary: fc.constant<number[]>([]) },
        { weight: 1, arbitrary: fc.subarray([...repeatable]) },
      ),
      drop: fc.boolean(),
    })
    .chain(({ repeats, drop }) => {
      const small = shape.map((size, axis) => (repeats.includes(axis) ? 1 : size));
      const lead = drop ? shape.findIndex((_, axis) => !repeats.includes(axis)) : 0;
      const own = small.slice(lead < 0 ? shape.length : lead);
      return fill(own)
        .chain((values) =>
          fc.nat(2).chain((depth) => throughViews(name, dtype, { shape: own, values }, depth)),
        )
        .map((base) => ({ ...base, tensor: broadcast(base.tensor, shape) }));
    });
