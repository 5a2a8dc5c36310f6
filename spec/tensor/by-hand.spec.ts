// What each primitive computes, in one or two examples worked by hand, on every engine. Total by type. The law of
// spec/support/check.ts holds engines and derivatives together; this says what they are held to.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PrimitiveName, Shape, Tensor } from '../../src/tensor/expression.js';
import { logSoftmaxAt } from '../../src/tensor/derived/log-softmax-at.js';
import * as o from '../../src/tensor/operations.js';
import { primitiveNames } from '../../src/tensor/primitives/index.js';
import { squaredDistance } from '../support/composites.js';
import { closeEngines, openEngines, valueOf } from '../support/engines.js';
import { agree, sameType } from '../support/tolerances.js';

const engines = await openEngines();

const f = (values: readonly number[], shape: Shape = [values.length]) => o.constant(values, 'f32', shape);
const u = (values: readonly number[], shape: Shape = [values.length]) => o.constant(values, 'u32', shape);
const i = (values: readonly number[], shape: Shape = [values.length]) => o.constant(values, 'i32', shape);

/** [[1, 2, 3], [4, 5, 6]] */
/** 0 … 119 of four axes. */
const four = f(
  Array.from({ length: 120 }, (_, k) => k),
  [2, 3, 4, 5],
);
const m = f([1, 2, 3, 4, 5, 6], [2, 3]);

/** An expression and what it is. */
type Example = readonly [expression: Tensor, expected: Tensor];

const examples: { readonly [K in PrimitiveName]: readonly Example[] } = {
  input: [[o.input('given', 'f32', [2]), f([7, 8])]],
  constant: [[f([1.5, -2]), f([1.5, -2])]],
  iota: [
    [o.iota('u32', [2, 3], 0), u([0, 0, 0, 1, 1, 1], [2, 3])],
    [o.iota('f32', [2, 3], 1), f([0, 1, 2, 0, 1, 2], [2, 3])],
  ],
  neg: [[o.neg(f([1, -2])), f([-1, 2])]],
  exp: [[o.exp(f([0, 1, -1])), f([1, Math.E, 1 / Math.E])]],
  log: [[o.log(f([1, Math.E, 8])), f([0, 1, 3 * Math.LN2])]],
  tanh: [[o.tanh(f([0, Math.log(2), -100])), f([0, 0.6, -1])]],
  sqrt: [[o.sqrt(f([0, 2.25, 49])), f([0, 1.5, 7])]],
  reciprocal: [[o.reciprocal(f([4, -0.5])), f([0.25, -2])]],
  sin: [[o.sin(f([0, Math.PI / 6, -Math.PI / 2, 20])), f([0, 0.5, -1, Math.sin(20)])]],
  cast: [
    [o.cast(f([2.75, -2.75, 0]), 'i32'), i([2, -2, 0])],
    [o.cast(f([2.75, 4294967040]), 'u32'), u([2, 4294967040])],
    [o.cast(i([-1, 5]), 'u32'), u([4294967295, 5])],
    [o.cast(u([4294967295, 5]), 'i32'), i([-1, 5])],
    [o.cast(i([-3]), 'f32'), f([-3])],
  ],
  add: [
    [o.add(m, f([10, 20, 30])), f([11, 22, 33, 14, 25, 36], [2, 3])],
    [o.add(u([4294967295]), 2), u([1])],
  ],
  sub: [
    [o.sub(1, f([3, -3])), f([-2, 4])],
    [o.sub(u([1]), u([2])), u([4294967295])],
  ],
  mul: [
    [o.mul(f([2, 3]), f([10, 20], [2, 1])), f([20, 30, 40, 60], [2, 2])],
    [o.mul(u([65536, 2147483649]), u([65536, 2])), u([0, 2])],
    [o.mul(i([-3, 1073741824]), i([5, 4])), i([-15, 0])],
  ],
  div: [
    [o.div(f([1, -9]), f([4, 3])), f([0.25, -3])],
    [o.div(u([7, 4294967295, 9]), u([2, 2, 0])), u([3, 2147483647, 9])],
    [o.div(i([-7, 7, -9, -2147483648]), i([2, -2, 0, -1])), i([-3, -3, -9, -2147483648])],
  ],
  maximum: [
    [o.maximum(f([1, -2]), f([-1, 3])), f([1, 3])],
    [o.maximum(u([4294967295]), u([1])), u([4294967295])],
    [o.maximum(i([-1]), i([1])), i([1])],
  ],
  less: [
    [o.less(f([1, 2, 3]), f([2, 2, 2])), u([1, 0, 0])],
    [o.less(u([1]), u([4294967295])), u([1])],
    [o.less(i([1]), i([-1])), u([0])],
  ],
  equal: [[o.equal(f([1, 2, 3]), 2), u([0, 1, 0])]],
  select: [[o.select(u([1, 0, 5]), f([1, 2, 3]), -1), f([1, -1, 3])]],
  stopGradient: [[o.stopGradient(m), m]],
  reshape: [[o.reshape(o.transpose(m), [6]), f([1, 4, 2, 5, 3, 6])]],
  transpose: [
    [o.transpose(m), f([1, 4, 2, 5, 3, 6], [3, 2])],
    // Axis 0 of the result is axis 2 of the operand, and so on.
    [o.transpose(f([1, 2, 3, 4, 5, 6], [1, 2, 3]), [2, 0, 1]), f([1, 4, 2, 5, 3, 6], [3, 1, 2])],
  ],
  broadcast: [
    [o.broadcast(f([1, 2], [2, 1]), [2, 2, 3]), f([1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2], [2, 2, 3])],
  ],
  slice: [[o.slice(m, [0, 1], [2, 2]), f([2, 3, 5, 6], [2, 2])]],
  pad: [[o.pad(f([1, 2], [1, 2]), [1, 0], [2, 3]), f([0, 0, 0, 1, 2, 0], [2, 3])]],
  concat: [
    [o.concat([m, f([9, 8], [2, 1])], 1), f([1, 2, 3, 9, 4, 5, 6, 8], [2, 4])],
    [o.concat([f([1]), f([2, 3])], 0), f([1, 2, 3])],
    // Four axes of which no two can be walked as one.
    [
      o.concat([o.transpose(four, [3, 1, 0, 2]), o.transpose(four, [3, 1, 0, 2])], 1),
      f(
        Array.from({ length: 240 }, (_, k) => {
          const [a, b, c, d] = [Math.floor(k / 48), Math.floor(k / 8) % 6, Math.floor(k / 4) % 2, k % 4];
          return 60 * c + 20 * (b % 3) + 5 * d + a;
        }),
        [5, 6, 2, 4],
      ),
    ],
  ],
  sum: [
    [o.sum(m, [0]), f([5, 7, 9])],
    [o.sum(m, [1]), f([6, 15])],
    [o.sum(m), f([21], [])],
    // Of a part of an input.
    [o.sum(o.slice(o.input('given', 'f32', [2]), [1], [1])), f([8], [])],
    [o.sum(u([4294967295, 2])), u([1], [])],
  ],
  max: [
    [o.max(m, [0]), f([4, 5, 6])],
    [o.max(i([-5, -3])), i([-3], [])],
    [o.max(u([5, 4294967295])), u([4294967295], [])],
  ],
  argmax: [
    [o.argmax(f([1, 9, 9, 2, 7, 3], [2, 3]), 1), u([1, 1])],
    [o.argmax(f([1, 9, 9, 2, 7, 3], [2, 3]), 0), u([1, 0, 0])],
    // A long row, folded by many threads: minus zero and zero are a tie, and the first wins.
    [o.argmax(f(Array.from({ length: 300 }, (_, n) => (n === 6 ? -0 : n === 70 ? 0 : -1))), 0), u([6], [])],
  ],
  matmul: [
    [o.matmul(m, f([1, 0, 0, 1, 1, 1], [3, 2])), f([4, 5, 10, 11], [2, 2])],
    // A batch of rows with one shared matrix, and a shared row with a batch of matrices.
    [o.matmul(f([1, 2, 3, 4], [2, 1, 2]), f([1, 10], [2, 1])), f([21, 43], [2, 1, 1])],
    [o.matmul(f([1, 2], [1, 2]), f([1, 2, 3, 4], [2, 2, 1])), f([5, 11], [2, 1, 1])],
  ],
  gather: [[o.gather(m, u([1, 0, 7])), f([4, 5, 6, 1, 2, 3, 0, 0, 0], [3, 3])]],
  scatterAdd: [[o.scatterAdd(f([1, 2, 3, 4], [4, 1]), u([1, 0, 1, 9]), 3), f([2, 4, 0], [3, 1])]],
  // [[4, ·], [2, 5]] = [[2, 0], [1, 2]] [[2, 1], [0, 2]]; what stands above the diagonal is not read.
  cholesky: [[o.cholesky(f([4, 99, 2, 5], [2, 2])), f([2, 0, 1, 2], [2, 2])]],
  triangularSolve: [
    [o.triangularSolve(f([2, 99, 1, 4], [2, 2]), f([2, 9], [2, 1])), f([1, 2], [2, 1])],
    [o.triangularSolve(f([2, 99, 1, 4], [2, 2]), f([4, 8], [2, 1]), true), f([1, 2], [2, 1])],
  ],
  threefry: [[o.threefry(u([0, 0]), u([0, 0], [1, 2])), u([0x6b200159, 0x99ba4efe], [1, 2])]],
  composite: [
    [o.composite(squaredDistance, [f([1, 5]), f([3, 4])]), f([4, 1])],
    // e^0 = 1 of 1 + 3 + 4, the 3 and then the 4 left out; the second row at another index.
    [
      logSoftmaxAt(
        f([0, Math.log(3), Math.log(4), 0, Math.log(3), Math.log(4)], [2, 3]),
        u([1, 0, 7, 1, 1, 0], [2, 3]),
        u([0, 1]),
      ),
      f([Math.log(1 / 5), Math.log(3 / 4)]),
    ],
    // Without a mask all of them count.
    [
      logSoftmaxAt(
        f([0, Math.log(3), Math.log(4), 0, Math.log(3), Math.log(4)], [2, 3]),
        undefined,
        u([2, 1]),
      ),
      f([Math.log(4 / 8), Math.log(3 / 8)]),
    ],
  ],
};

for (const name of primitiveNames)
  test(name, async () => {
    for (const [expression, expected] of examples[name])
      for (const engine of engines) {
        sameType(expression, expected);
        const [actual, wanted] = [
          await valueOf(engine, expression, { given: Float32Array.of(7, 8) }),
          await valueOf(engine, expected),
        ];
        agree(actual, wanted, 'webgpu against cpu', `${name} on ${engine.kind}`);
      }
  });

test('argmax is over one axis', () => {
  assert.throws(() => o.apply('argmax', [m], { axes: [0, 1] }), /argmax.*takes exactly one axis; reshape/s);
});

test('nothing is left on the engines', () => closeEngines(engines));

test.run();
