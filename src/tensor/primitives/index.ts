/** The closed set of primitives: a table total by type, so that a name without a value does not compile. */
import type { PrimitiveName } from '../expression.js';
import type { Primitive } from '../primitive.js';
import { composite } from './composite.js';
import * as elementwise from './elementwise.js';
import { cholesky, triangularSolve } from './factorisation.js';
import { gather, scatterAdd } from './gather.js';
import { matmul } from './matmul.js';
import { broadcast, concat, pad, reshape, slice, transpose } from './movement.js';
import { argmax, max, sum } from './reduction.js';
import { constant, input, iota } from './source.js';
import { threefry } from './threefry.js';

/** Every primitive by its name. */
export const primitives: { readonly [K in PrimitiveName]: Primitive<K> } = {
  input,
  constant,
  iota,
  neg: elementwise.neg,
  exp: elementwise.exp,
  log: elementwise.log,
  tanh: elementwise.tanh,
  sqrt: elementwise.sqrt,
  reciprocal: elementwise.reciprocal,
  sin: elementwise.sin,
  cast: elementwise.cast,
  add: elementwise.add,
  sub: elementwise.sub,
  mul: elementwise.mul,
  div: elementwise.div,
  maximum: elementwise.maximum,
  less: elementwise.less,
  equal: elementwise.equal,
  select: elementwise.select,
  stopGradient: elementwise.stopGradient,
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
