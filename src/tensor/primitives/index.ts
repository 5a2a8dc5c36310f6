/** The closed set of primitives: a table total by type, so that a name without a value does not compile. */
import type { PrimitiveName } from '../expression.js';
import { pointwise, type PointwiseName } from '../pointwise/index.js';
import type { Primitive } from '../primitive.js';
import { composite } from './composite.js';
import { cholesky, triangularSolve } from './factorisation.js';
import { gather, scatterAdd } from './gather.js';
import { matmul } from './matmul.js';
import { broadcast, concat, pad, reshape, slice, stopGradient, transpose } from './movement.js';
import { argmax, max, sum } from './reduction.js';
import { constant, input, iota } from './source.js';
import { threefry } from './threefry.js';

// By construction of the table each has its own name.
const elementwise = Object.fromEntries(
  Object.entries(pointwise).map(([name, { primitive }]) => [name, primitive]),
) as unknown as { readonly [K in PointwiseName]: Primitive<K> };

/** Every primitive by its name. */
export const primitives: { readonly [K in PrimitiveName]: Primitive<K> } = {
  input,
  constant,
  iota,
  ...elementwise,
  stopGradient,
  reshape,
  transpose,
  broadcast,
  slice,
  pad,
  concat,
  sum,
  max,
  argmax,
  matmul,
  gather,
  scatterAdd,
  cholesky,
  triangularSolve,
  threefry,
  composite,
};

/** All names, in the table's order. */
export const primitiveNames = Object.keys(primitives) as readonly PrimitiveName[];
