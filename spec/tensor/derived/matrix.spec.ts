// Matrices: identity, diagonals, one-hot rows, entries by index, dense layers, log-determinants, on every engine.
import * as fc from 'fast-check';
import { test } from 'uvu';
import {
  dense,
  diagonal,
  identity,
  logDeterminant,
  oneHotMask,
  takeLast,
} from '../../../src/tensor/derived/matrix.js';
import type { Shape } from '../../../src/tensor/expression.js';
import { gradient } from '../../../src/tensor/gradient.js';
import {
  add,
  constant,
  input,
  matmul,
  mul,
  reshape,
  sum,
  transpose,
} from '../../../src/tensor/operations.js';
import { program } from '../../../src/tensor/program.js';
import { answer, closeEngines, openEngines, runs, valueOf } from '../../support/engines.js';
import { each, grid } from '../../support/fills.js';
import { agree, close, sameType } from '../../support/tolerances.js';

const engines = await openEngines();

const f = (values: readonly number[], shape: Shape = [values.length]) => constant(values, 'f32', shape);
const u = (values: readonly number[], shape: Shape = [values.length]) => constant(values, 'u32', shape);

const m = f([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3]);

const examples = {
  identity: [identity(2, 'f32'), f([1, 0, 0, 1], [2, 2])],
  diagonal: [diagonal(m), f([1, 5, 9])],
  'diagonals of a stack': [diagonal(reshape(m, [9, 1, 1])), f([1, 2, 3, 4, 5, 6, 7, 8, 9], [9, 1])],
  oneHotMask: [oneHotMask(u([2, 0]), 3), u([0, 0, 1, 1, 0, 0], [2, 3])],
  'an index outside is nowhere': [oneHotMask(u([3]), 3), u([0, 0, 0], [1, 3])],
  takeLast: [takeLast(m, u([2, 0, 1])), f([3, 4, 8])],
  dense: [dense(f([1, 2], [1, 2]), f([1, 0, 1, 1], [2, 2]), f([10, 20])), f([13, 22], [1, 2])],
  'dense without a bias, on a batch': [
    dense(f([1, 2, 3, 4], [2, 1, 2]), f([1, 1], [2, 1])),
    f([3, 7], [2, 1, 1]),
  ],
} as const;

for (const [name, [expression, expected]] of Object.entries(examples))
  test(name, async () => {
    sameType(expression, expected);
    for (const engine of engines)
      agree(await valueOf(engine, expression), await valueOf(engine, expected), 'webgpu against cpu', name);
  });

test('derivatives of takeLast go to the entries taken, of dense to inputs, weights and bias', async () => {
  const x = f([1, 2], [1, 2]);
  const weights = f([1, 0, 1, 1], [2, 2]);
  const bias = f([10, 20]);
  const taken = gradient(sum(mul(takeLast(m, u([2, 0, 1])), f([1, 2, 3]))), [m]);
  const layer = gradient(sum(mul(dense(x, weights, bias), f([1, 10]))), [x, weights, bias]);
  const expected = [
    [0, 0, 1, 2, 0, 0, 0, 3, 0],
    [1, 11],
    [1, 10, 2, 20],
    [1, 10],
  ];
  for (const engine of engines)
    for (const [i, derivative] of [...taken, ...layer].entries())
      close(await valueOf(engine, derivative), expected[i] ?? [], 'webgpu against cpu', `derivative ${i}`);
});

/** Determinant and inverse of a small matrix by Gauss and Jordan, in f64. */
const inverted = (matrix: readonly (readonly number[])[]) => {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  let determinant = 1;
  for (let k = 0; k < n; k++) {
    const pivot = rows[k] ?? [];
    const scale = pivot[k] ?? NaN;
    determinant *= scale;
    rows[k] = pivot.map((x) => x / scale);
    for (let i = 0; i < n; i++)
      if (i !== k) {
        const factor = rows[i]?.[k] ?? NaN;
        rows[i] = (rows[i] ?? []).map((x, j) => x - factor * (rows[k]?.[j] ?? NaN));
      }
  }
  return { determinant, inverse: rows.map((row) => row.slice(n)) };
};

test('the log-determinant of I + X Xᵀ, and its derivative 2 (I + X Xᵀ)⁻¹ X', () =>
  fc.assert(
    fc.asyncProperty(
      fc
        .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 }))
        .chain(([n, d]) => each(grid(-2, 2))([n, d]).map((values) => ({ n, d, values }))),
      async ({ n, d, values }) => {
        const x = input('x', 'f32', [n, d]);
        const value = logDeterminant(add(identity(n, 'f32'), matmul(x, transpose(x))));
        const [derivative] = gradient(value, [x]);
        const at = (i: number, k: number): number => values[i * d + k] ?? NaN;
        const over = (count: number) => Array.from({ length: count }, (_, i) => i);
        const gram = over(n).map((i) =>
          over(n).map((j) => over(d).reduce((total, k) => total + at(i, k) * at(j, k), i === j ? 1 : 0)),
        );
        const { determinant, inverse } = inverted(gram);
        const expected = over(n).flatMap((i) =>
          over(d).map(
            (k) => 2 * over(n).reduce((total, j) => total + (inverse[i]?.[j] ?? NaN) * at(j, k), 0),
          ),
        );
        for (const engine of engines) {
          const answers = await answer(engine, program({ value, derivative }), {
            x: Float32Array.from(values),
          });
          close(answers['value'] ?? [], [Math.log(determinant)], 'webgpu against cpu', `on ${engine.kind}`);
          close(answers['derivative'] ?? [], expected, 'factorisations', `derivative on ${engine.kind}`);
        }
      },
    ),
    runs(20),
  ));

test('nothing is left on the engines', () => closeEngines(engines));

test.run();
