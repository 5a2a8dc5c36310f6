/**
 * For every primitive a generator of valid operands and attributes. The table is total by type: a primitive without
 * one does not compile. What all leave out stands in fills.ts, what one leaves out beside it.
 */
import * as fc from 'fast-check';
import { sizeOf, type DType, type PrimitiveName, type Shape } from '../../src/tensor/expression.js';
import { logSoftmaxAt } from '../../src/tensor/derived/log-softmax-at.js';
import { oneHotMask } from '../../src/tensor/derived/matrix.js';
import { composite, constant, iota, select } from '../../src/tensor/operations.js';
import type { Domain } from '../../src/tensor/pointwise/record.js';
import { axesOf, caseOf, jumping, made, size, smooth, type Case, type Generator } from './cases.js';
import { squaredDistance } from './composites.js';
import {
  anyDtype,
  distinct,
  each,
  fillOf,
  grid,
  indexInto,
  nonzero,
  positive,
  positiveDefinite,
  real,
  shapes,
  triangular,
  word,
  whole,
} from './fills.js';
import { binaries, mapValues, unaries } from './pointwise.js';
import { operand, type Fill, type Operand } from './operands.js';

const fills: Readonly<Record<Domain, Fill>> = { real, positive, nonzero };

const unary = (name: keyof typeof unaries | 'stopGradient', floats: Fill): fc.Arbitrary<Case> =>
  shapes(0, 4).chain((shape) => operand('a', 'f32', shape, floats).map((a) => made(name, [a], {})));

const binary = (name: keyof typeof binaries, left: Fill, right: Fill): fc.Arbitrary<Case> =>
  fc
    .tuple(shapes(0, 4), anyDtype)
    .chain(([shape, dtype]) =>
      fc.tuple(
        operand('a', dtype, shape, fillOf(dtype, left)),
        operand('b', dtype, shape, fillOf(dtype, right)),
      ),
    )
    .map((operands) => made(name, operands, {}));

/** One operand of any dtype, and a case made from it. */
const arranged = (rank: number, make: (shape: Shape, a: Operand) => fc.Arbitrary<Case>): fc.Arbitrary<Case> =>
  fc
    .tuple(shapes(rank, 4), anyDtype)
    .chain(([shape, dtype]) => operand('a', dtype, shape, fillOf(dtype)).chain((a) => make(shape, a)));

/** A number for each axis, at most so large. */
const perAxis = (shape: Shape, max: number) =>
  fc.array(fc.nat(max), { minLength: shape.length, maxLength: shape.length });

/** Short rows, and long ones: from 256 a kernel folds a row with a whole workgroup. */
const rows = fc.oneof(
  { weight: 6, arbitrary: shapes(1, 4) },
  { weight: 1, arbitrary: fc.constantFrom<Shape>([2, 300], [300, 2], [9, 3, 31]) },
);

const reduction = (name: 'sum' | 'max', floats: Fill): fc.Arbitrary<Case> =>
  fc.tuple(rows, anyDtype).chain(([shape, dtype]) =>
    fc
      .tuple(
        // Repeats would be ties.
        operand('a', dtype, shape, fillOf(dtype, floats), name === 'max' ? [] : axesOf(shape)),
        fc.shuffledSubarray([...axesOf(shape)], { minLength: 1 }),
      )
      .map(([a, axes]) => made(name, [a], { axes })),
  );

/** Zero to two leading axes. */
const leading = fc.array(size(3), { maxLength: 2 });

/** From and to, with numbers that both can hold: floats away from the integers, where truncation jumps. */
const casts: readonly (readonly [DType, DType, Fill])[] = [
  ['f32', 'u32', each(fc.nat(10 ** 6).map((k) => k + 0.25))],
  ['f32', 'i32', each(fc.integer({ min: -(10 ** 6), max: 10 ** 6 }).map((k) => k + 0.25))],
  ['u32', 'f32', each(fc.nat(2 ** 24))],
  ['i32', 'f32', each(fc.integer({ min: -(2 ** 24), max: 2 ** 24 }))],
  ['u32', 'i32', each(word)],
  ['i32', 'u32', each(whole)],
];

/** Generators of cases. */
export const generators: { readonly [K in PrimitiveName]: Generator } = {
  input: smooth(
    fc
      .tuple(shapes(0, 4), anyDtype)
      .chain(([shape, dtype]) => operand('a', dtype, shape, fillOf(dtype), []))
      .map((a) => caseOf(a.tensor, [a])),
  ),
  constant: smooth(
    fc
      .tuple(shapes(0, 4), anyDtype)
      .chain(([shape, dtype]) =>
        fillOf(dtype)(shape).map((values) => caseOf(constant(values, dtype, shape), [])),
      ),
  ),
  iota: smooth(
    fc
      .tuple(shapes(1, 4), anyDtype)
      .chain(([shape, dtype]) =>
        fc.nat(shape.length - 1).map((axis) => caseOf(iota(dtype, shape, axis), [])),
      ),
  ),
  ...mapValues(unaries, ({ domains: [a] }, name) => smooth(unary(name, fills[a]))),
  // Integers are divided by zero too: the dividend, as in WGSL.
  ...mapValues(binaries, ({ domains: [a, b] }, name) => smooth(binary(name, fills[a], fills[b]))),
  tanh: smooth(
    // Saturated as well: some drivers give NaN beyond 88.
    unary(
      'tanh',
      each(fc.oneof({ weight: 6, arbitrary: grid(-3, 3) }, { weight: 1, arbitrary: grid(-100, 100) })),
    ),
  ),
  cast: jumping(
    fc
      .tuple(shapes(0, 4), fc.constantFrom(...casts))
      .chain(([shape, [from, to, fill]]) =>
        operand('a', from, shape, fill).map((a) => made('cast', [a], {}, { shape, dtype: to })),
      ),
  ),
  // No ties: at one the derivative is not the limit of differences.
  maximum: smooth(
    binary(
      'maximum',
      each(fc.integer({ min: -20, max: 20 }).map((k) => k / 8)),
      each(fc.integer({ min: -20, max: 20 }).map((k) => k / 8 + 1 / 16)),
    ),
  ),
  less: jumping(binary('less', each(grid(-1, 1)), each(grid(-1, 1)))),
  // Few values, so that many are equal.
  equal: jumping(binary('equal', each(fc.nat(3)), each(fc.nat(3)))),
  select: smooth(
    fc
      .tuple(shapes(0, 4), anyDtype)
      .chain(([shape, dtype]) =>
        fc.tuple(
          operand('mask', 'u32', shape, each(fc.constantFrom(0, 0, 1, 2 ** 31))),
          operand('a', dtype, shape, fillOf(dtype)),
          operand('b', dtype, shape, fillOf(dtype)),
        ),
      )
      .map((operands) => made('select', operands, {})),
  ),
  stopGradient: jumping(unary('stopGradient', real)),
  reshape: smooth(
    arranged(0, (shape, a) => {
      const total = sizeOf(shape);
      const divisors = [...Array(total).keys()].map((i) => i + 1).filter((n) => total % n === 0);
      const forms = divisors.flatMap((n) => [
        [n, total / n],
        [n, 1, total / n],
      ]);
      return fc
        .constantFrom<Shape>([total], [...shape].reverse(), ...forms)
        .map((wanted) => made('reshape', [a], {}, { shape: wanted, dtype: a.tensor.dtype }));
    }),
  ),
  transpose: smooth(
    arranged(0, (shape, a) =>
      fc
        .shuffledSubarray([...axesOf(shape)], { minLength: shape.length })
        .map((permutation) => made('transpose', [a], { permutation })),
    ),
  ),
  broadcast: smooth(
    arranged(0, (shape, a) =>
      fc
        .tuple(fc.array(size(3), { maxLength: 4 - shape.length }), size(4))
        .map(([lead, repeats]) => [...lead, ...shape.map((n) => (n === 1 ? repeats : n))])
        .map((wanted) => made('broadcast', [a], {}, { shape: wanted, dtype: a.tensor.dtype })),
    ),
  ),
  slice: smooth(
    arranged(0, (shape, a) =>
      fc.tuple(perAxis(shape, 99), perAxis(shape, 99)).map(([from, length]) => {
        const starts = shape.map((n, axis) => (from[axis] ?? 0) % n);
        const wanted = shape.map((n, axis) => 1 + ((length[axis] ?? 0) % (n - (starts[axis] ?? 0))));
        return made('slice', [a], { starts }, { shape: wanted, dtype: a.tensor.dtype });
      }),
    ),
  ),
  pad: smooth(
    arranged(0, (shape, a) =>
      fc.tuple(perAxis(shape, 2), perAxis(shape, 2)).map(([before, after]) => {
        const wanted = shape.map((n, axis) => (before[axis] ?? 0) + n + (after[axis] ?? 0));
        return made('pad', [a], { before }, { shape: wanted, dtype: a.tensor.dtype });
      }),
    ),
  ),
  concat: smooth(
    fc
      .tuple(shapes(1, 4), anyDtype, fc.nat(3), fc.array(size(3), { minLength: 1, maxLength: 4 }))
      .chain(([shape, dtype, choice, sizes]) => {
        const axis = choice % shape.length;
        const parts = sizes.map((own, i) =>
          operand(
            `part ${i}`,
            dtype,
            shape.map((n, at) => (at === axis ? own : n)),
            fillOf(dtype),
          ),
        );
        return fc.tuple(...parts).map((operands) => made('concat', operands, { axis }));
      }),
  ),
  sum: smooth(reduction('sum', real)),
  // No ties, as for maximum.
  max: smooth(reduction('max', distinct)),
  // Ties: the first position wins.
  argmax: jumping(
    fc
      .tuple(rows, anyDtype)
      .chain(([shape, dtype]) =>
        fc
          .tuple(
            operand('a', dtype, shape, each(fc.integer({ min: dtype === 'u32' ? 0 : -5, max: 5 }))),
            fc.nat(shape.length - 1),
          )
          .map(([a, axis]) => made('argmax', [a], { axes: [axis] })),
      ),
  ),
  matmul: smooth(
    fc
      // Beyond the tiles of 64 of the CPU and the blocks of 4 of the kernel.
      .tuple(
        size(3),
        fc.oneof(
          { weight: 5, arbitrary: fc.tuple(size(6), size(6), size(6)) },
          { weight: 1, arbitrary: fc.constantFrom([5, 3, 70] as const, [19, 17, 9] as const) },
        ),
      )
      .chain(([batch, [m, k, n]]) =>
        fc.tuple(operand('a', 'f32', [batch, m, k], real), operand('b', 'f32', [batch, k, n], real)),
      )
      .map((operands) => made('matmul', operands, {})),
  ),
  gather: smooth(
    fc
      .tuple(size(5), leading, leading, anyDtype)
      .chain(([count, row, indices, dtype]) =>
        fc.tuple(
          operand('table', dtype, [count, ...row], fillOf(dtype)),
          operand('indices', 'u32', indices, indexInto(count)),
        ),
      )
      .map((operands) => made('gather', operands, {})),
  ),
  scatterAdd: smooth(
    fc
      .tuple(size(5), leading, leading, anyDtype)
      .chain(([count, row, indices, dtype]) =>
        fc
          .tuple(
            operand('updates', dtype, [...indices, ...row], fillOf(dtype)),
            operand('indices', 'u32', indices, indexInto(count)),
          )
          .map((operands) => made('scatterAdd', operands, {}, { shape: [count], dtype })),
      ),
  ),
  cholesky: smooth(
    fc
      .tuple(leading, fc.oneof({ weight: 5, arbitrary: size(5) }, { weight: 1, arbitrary: fc.constant(9) }))
      .chain(([lead, n]) => operand('a', 'f32', [...lead, n, n], positiveDefinite, axesOf(lead)))
      .map((a) => made('cholesky', [a], {})),
  ),
  triangularSolve: smooth(
    fc
      .tuple(leading, size(6), size(5), fc.boolean())
      .chain(([lead, n, m, transpose]) =>
        fc
          .tuple(
            operand('l', 'f32', [...lead, n, n], triangular, axesOf(lead)),
            operand('b', 'f32', [...lead, n, m], real),
          )
          .map((operands) => made('triangularSolve', operands, { transpose })),
      ),
  ),
  threefry: smooth(
    fc
      .tuple(fc.oneof(size(5), fc.constant(70)))
      .chain(([n]) =>
        fc.tuple(operand('key', 'u32', [2], each(word)), operand('counters', 'u32', [n, 2], each(word))),
      )
      .map((operands) => made('threefry', operands, {})),
  ),
  composite: smooth(
    fc.oneof(
      shapes(0, 3).chain((shape) =>
        fc.tuple(operand('a', 'f32', shape, real), operand('b', 'f32', shape, real)).map((operands) =>
          caseOf(
            composite(
              squaredDistance,
              operands.map(({ tensor }) => tensor),
            ),
            operands,
          ),
        ),
      ),
      fc
        .tuple(
          size(4),
          fc.oneof({ weight: 5, arbitrary: size(6) }, { weight: 1, arbitrary: fc.constantFrom(70, 200) }),
        )
        .chain(([rows, n]) =>
          fc
            .tuple(
              operand('a', 'f32', [rows, n], each(grid(-2, 2))),
              operand('mask', 'u32', [rows, n], each(fc.constantFrom(0, 1, 2 ** 31))),
              operand('at', 'u32', [rows], each(fc.nat(n - 1))),
            )
            .map(([a, mask, at]) => {
              const allowed = select(oneHotMask(at.tensor, n), 1, mask.tensor);
              return caseOf(logSoftmaxAt(a.tensor, allowed, at.tensor), [a, mask, at]);
            }),
        ),
    ),
  ),
};
