/** For every primitive ways to misuse it, and what the message must name. Total by type, as the generators are. */
import type { PrimitiveName, Shape, Tensor } from '../../src/tensor/expression.js';
import { logSoftmaxAt } from '../../src/tensor/derived/log-softmax-at.js';
import * as o from '../../src/tensor/operations.js';
import { squaredDistance } from './composites.js';
import { binaries, mapValues, unaries } from './pointwise.js';

/** A call that must throw, and parts of its message: the operation and the shapes. */
export interface Misuse {
  readonly call: () => Tensor;
  readonly names: readonly string[];
}

const f = (...shape: Shape): Tensor => o.input('f', 'f32', shape);
const u = (...shape: Shape): Tensor => o.input('u', 'u32', shape);

const misuse = (call: () => Tensor, ...names: readonly string[]): Misuse => ({ call, names });

const everyUnary = mapValues(unaries, (construct, name): readonly Misuse[] => [
  misuse(() => construct(u(2, 3)), `${name}(u32[2, 3])`, 'cast'),
  misuse(() => o.apply(name, [], {}), `${name}()`),
]);

const everyBinary = mapValues(binaries, (construct, name): readonly Misuse[] => [
  misuse(() => construct(f(2, 3), f(2)), `${name}(f32[2, 3], f32[2])`),
  misuse(() => construct(f(3), u(3)), `${name}(f32[3], u32[3])`, 'cast'),
  misuse(() => construct(1, 2), name),
  misuse(() => o.apply(name, [f(2, 3), f(3)], {}), `${name}(f32[2, 3], f32[3])`),
]);

/** Calls that must throw. */
export const misuses: { readonly [K in PrimitiveName]: readonly Misuse[] } = {
  input: [
    misuse(() => o.input('x', 'f32', [2, 0]), 'input', 'f32[2, 0]'),
    misuse(() => o.input('x', 'f32', [1.5]), 'input', 'f32[1.5]'),
    misuse(() => o.input('x', 'f32', [1, 2, 3, 4, 5]), 'input', 'f32[1, 2, 3, 4, 5]', '4 axes'),
  ],
  constant: [
    misuse(() => o.constant([1, 2], 'f32', [3]), 'constant(f32[3])', '2'),
    misuse(() => o.constant([], 'f32', [0]), 'constant', 'f32[0]'),
  ],
  iota: [
    misuse(() => o.iota('u32', [2, 3], 2), 'iota(u32[2, 3])', 'axis 2'),
    misuse(() => o.iota('u32', [2, -3], 1), 'iota', 'u32[2, -3]'),
  ],
  ...everyUnary,
  ...everyBinary,
  cast: [misuse(() => o.apply('cast', [f(2)], {}), 'cast(f32[2])')],
  select: [
    misuse(() => o.select(f(3), f(3), f(3)), 'select(f32[3], f32[3], f32[3])', 'u32'),
    misuse(() => o.select(u(3), f(2), f(3)), 'select(f32[2], f32[3])'),
    misuse(() => o.select(u(3), f(2), f(2)), 'select(u32[3], f32[2], f32[2])'),
    misuse(() => o.select(u(3), f(3), u(3)), 'select', 'f32[3]', 'u32[3]', 'cast'),
  ],
  stopGradient: [misuse(() => o.apply('stopGradient', [], {}), 'stopGradient()')],
  reshape: [
    misuse(() => o.reshape(f(2, 3), [4]), 'reshape(f32[2, 3])', '[4]', '6'),
    misuse(() => o.reshape(f(4), [1, 1, 1, 2, 2]), 'reshape(f32[4])', '[1, 1, 1, 2, 2]', '4 axes'),
  ],
  transpose: [misuse(() => o.transpose(f(2, 3), [0, 0]), 'transpose(f32[2, 3])', '[0, 0]')],
  broadcast: [
    misuse(() => o.broadcast(f(2, 3), [3, 3]), 'broadcast(f32[2, 3])', '[3, 3]'),
    misuse(() => o.broadcast(f(2, 3), [3]), 'broadcast(f32[2, 3])', '[3]'),
  ],
  slice: [
    misuse(() => o.slice(f(2, 3), [0, 2], [2, 2]), 'slice(f32[2, 3])', '[2, 2]', '[0, 2]'),
    misuse(() => o.slice(f(2, 3), [0, 0], [2]), 'slice(f32[2, 3])', '[2]'),
    misuse(() => o.slice(f(3), [-1], [2]), 'slice(f32[3])', '[-1]'),
    misuse(() => o.slice(f(3), [0.5], [2]), 'slice(f32[3])', '[0.5]'),
  ],
  pad: [
    misuse(() => o.pad(f(2, 3), [0, 2], [2, 4]), 'pad(f32[2, 3])', '[2, 4]', '[0, 2]'),
    misuse(() => o.pad(f(3), [0.5], [5]), 'pad(f32[3])', '[0.5]'),
    misuse(() => o.pad(f(3), [-1], [5]), 'pad(f32[3])', '[-1]'),
  ],
  concat: [
    misuse(() => o.concat([f(2, 3), f(2, 2)], 0), 'concat(f32[2, 3], f32[2, 2])', 'axis 0'),
    misuse(() => o.concat([f(2), u(2)], 0), 'concat(f32[2], u32[2])'),
    misuse(() => o.concat([f(2), f(2)], 1), 'concat(f32[2], f32[2])', 'axis 1'),
    misuse(() => o.concat([], 0), 'concat()'),
  ],
  sum: [
    misuse(() => o.sum(f(2, 3), [2]), 'sum(f32[2, 3])', '[2]'),
    misuse(() => o.sum(f(2, 3), [1, 1]), 'sum(f32[2, 3])', '[1, 1]'),
    misuse(() => o.sum(f(2, 3), [0.5]), 'sum(f32[2, 3])', '[0.5]'),
  ],
  max: [misuse(() => o.max(f(2, 3), [-1]), 'max(f32[2, 3])', '[-1]')],
  argmax: [
    misuse(() => o.argmax(f(2, 3), 2), 'argmax(f32[2, 3])', '[2]'),
    misuse(() => o.apply('argmax', [f(2, 3)], { axes: [0, 1] }), 'argmax(f32[2, 3])', 'reshape'),
  ],
  matmul: [
    misuse(() => o.matmul(f(2, 3), f(2, 3)), 'matmul(', '2, 3', 'transpose'),
    misuse(() => o.matmul(f(3), f(3, 2)), 'matmul(f32[3], f32[3, 2])'),
    misuse(() => o.matmul(f(2, 2, 3), f(3, 3, 2)), 'matmul(f32[2, 2, 3], f32[3, 3, 2])'),
    // As many matrices on both sides, but in another arrangement.
    misuse(() => o.matmul(f(2, 3, 1, 1), f(3, 2, 1, 1)), 'matmul(f32[2, 3, 1, 1], f32[3, 2, 1, 1])'),
    misuse(() => o.matmul(f(6, 1, 1), f(2, 3, 1, 1)), 'matmul(f32[6, 1, 1], f32[2, 3, 1, 1])'),
    misuse(() => o.matmul(u(2, 2), u(2, 2)), 'matmul(', 'u32', 'cast'),
  ],
  gather: [
    misuse(() => o.gather(f(3, 2), f(2)), 'gather(f32[3, 2], f32[2])', 'cast'),
    misuse(() => o.gather(f(), u(2)), 'gather(f32[], u32[2])'),
    misuse(() => o.gather(f(3, 2, 2), u(2, 2, 2)), 'gather(f32[3, 2, 2], u32[2, 2, 2])', '4 axes'),
  ],
  scatterAdd: [
    misuse(() => o.scatterAdd(f(2, 3), f(2), 4), 'scatterAdd(f32[2, 3], f32[2])', 'cast'),
    misuse(() => o.scatterAdd(f(2, 3), u(3), 4), 'scatterAdd(f32[2, 3], u32[3])'),
    misuse(() => o.scatterAdd(f(2, 3), u(2), 0), 'scatterAdd(f32[2, 3], u32[2])', '0'),
    misuse(() => o.scatterAdd(f(2, 3, 1, 1), u(), 2), 'scatterAdd(f32[2, 3, 1, 1], u32[])', '4 axes'),
  ],
  cholesky: [
    misuse(() => o.cholesky(f(2, 3)), 'cholesky(f32[2, 3])', 'square'),
    misuse(() => o.cholesky(f(3)), 'cholesky(f32[3])'),
    misuse(() => o.cholesky(u(2, 2)), 'cholesky(u32[2, 2])'),
  ],
  triangularSolve: [
    misuse(() => o.triangularSolve(f(2, 3), f(3, 2)), 'triangularSolve(f32[2, 3], f32[3, 2])'),
    misuse(() => o.triangularSolve(f(2, 2), f(3, 2)), 'triangularSolve(f32[2, 2], f32[3, 2])'),
    misuse(() => o.triangularSolve(f(2, 2, 2), f(3, 2, 2)), 'triangularSolve(f32[2, 2, 2], f32[3, 2, 2])'),
    misuse(() => o.triangularSolve(u(2, 2), u(2, 2)), 'triangularSolve(u32[2, 2], u32[2, 2])'),
  ],
  threefry: [
    misuse(() => o.threefry(u(3), u(2, 2)), 'threefry(u32[3], u32[2, 2])'),
    misuse(() => o.threefry(u(2), u(4)), 'threefry(u32[2], u32[4])'),
    misuse(() => o.threefry(u(2), f(2, 2)), 'threefry(u32[2], f32[2, 2])'),
  ],
  composite: [
    misuse(() => o.apply('composite', [f(2)], squaredDistance), 'composite(f32[2])', 'meaning'),
    // What a meaning refuses, its composite refuses.
    misuse(() => o.composite(squaredDistance, [f(2), f(3)]), 'sub(f32[2], f32[3])'),
    misuse(() => logSoftmaxAt(f(2, 3), u(2, 3), u(3)), 'logSoftmaxAt(f32[2, 3], u32[2, 3], u32[3])'),
  ],
};
