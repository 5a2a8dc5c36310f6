/**
 * The CPU engine on its WebAssembly kernels against itself in plain TypeScript, at sizes where rows are long enough for
 * them: runs of elementwise steps walked tile by tile, broadcast operands, reductions, products, copies, and memory that is
 * handed on within a run.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { keyFromSeed, uniforms } from '../../src/random/key.js';
import { logSoftmax } from '../../src/tensor/derived/softmax.js';
import type { Tensor } from '../../src/tensor/expression.js';
import { gradient } from '../../src/tensor/gradient.js';
import {
  add,
  argmax,
  broadcast,
  concat,
  div,
  exp,
  input,
  less,
  log,
  matmul,
  max,
  maximum,
  mul,
  neg,
  pad,
  reciprocal,
  reshape,
  select,
  slice,
  sqrt,
  sub,
  sum,
  tanh,
  transpose,
} from '../../src/tensor/operations.js';
import { program, withPrecision, type Program } from '../../src/tensor/program.js';
import { closeEngines, withLoaded, type Answers } from '../support/engines.js';
import { runs } from '../support/property.js';

const accelerated = cpuEngine();
const plain = cpuEngine({ accelerated: false });

const valuesOf = (seed: number, count: number): Float64Array =>
  uniforms(keyFromSeed(seed), count).map((u) => 2 * u - 1);

/** Steps from a matrix [m, n], a row [n] and a column [m, 1] to a matrix of the same shape, each its own hazard. */
const steps: readonly ((x: Tensor, row: Tensor, column: Tensor) => Tensor)[] = [
  (x, row) => add(x, row),
  (x, _, column) => mul(x, column),
  (x, row, column) => sub(mul(row, column), x),
  (x) => tanh(x),
  (x) => exp(neg(maximum(x, -3))),
  (x) => log(add(1, mul(x, x))),
  (x) => div(x, sqrt(add(2, mul(x, x)))),
  (x) => reciprocal(add(3, mul(x, x))),
  // The mask is of inputs, which are alike to the bit: rounding cannot turn it.
  (x, row, column) => select(less(mul(1, row), column), x, mul(0.5, row)),
  (x) => logSoftmax(x),
  (x) => sub(x, reshape(max(x, [1]), [x.shape[0] ?? 1, 1])),
  (x) => sub(x, mul(0.1, sum(x, [0]))),
  (x) => {
    const [m = 1, n = 1] = x.shape;
    return add(x, mul(0.1 / (m * n), matmul(matmul(x, transpose(x)), reshape(x, [m, n]))));
  },
  (x) => {
    const [m = 1, n = 1] = x.shape;
    if (n < 2) return x;
    return concat([slice(x, [0, 1], [m, n - 1]), slice(x, [0, 0], [m, 1])], 1);
  },
  (x) => {
    const [m = 1, n = 1] = x.shape;
    return m < 2 ? x : pad(slice(x, [1, 0], [m - 1, n]), [1, 0], [m, n]);
  },
  (x) => transpose(tanh(transpose(x))),
  // A product that is added to something, and read by something else as well.
  (x) => {
    const [m = 1, n = 1] = x.shape;
    const product = mul(1 / (m * n), x);
    const square = matmul(matmul(product, transpose(x)), x);
    return add(mul(0.5, add(square, x)), mul(0.5, square));
  },
  // Three axes: one operand repeats along the middle one, the other along the first.
  (x, row) => {
    const [m = 1, n = 1] = x.shape;
    const rows = concat(
      [1, 2, 3].map((k) => reshape(mul(k, row), [1, n])),
      0,
    );
    return sum(tanh(add(reshape(x, [m, 1, n]), rows)), [1]);
  },
  // The same with the last axis alike for all: [m, 3, n] of [m, 1, 1].
  (x, _, column) => {
    const [m = 1, n = 1] = x.shape;
    const thrice = broadcast(reshape(x, [m, 1, n]), [m, 3, n]);
    return sum(sub(mul(thrice, 0.5), reshape(column, [m, 1, 1])), [1]);
  },
  // Every row reads the last, which the step before has not reached when it begins.
  (x) => add(x, slice(x, [(x.shape[0] ?? 1) - 1, 0], [1, x.shape[1] ?? 1])),
  // Every row reads the first of a product, whose memory the steps after may take over.
  (x, row) => {
    const [m = 1, n = 1] = x.shape;
    const product = mul(1 / (m * n), matmul(matmul(x, transpose(x)), x));
    const copied = matmul(product, reshape(row, [n, 1]));
    return add(
      matmul(copied, reshape(row, [1, n])),
      slice(matmul(copied, reshape(row, [1, n])), [0, 0], [1, n]),
    );
  },
];

/** Many short rows, or a few about as long as a tile. */
const sizes = fc.oneof(
  fc.record({ m: fc.integer({ min: 1, max: 40 }), n: fc.integer({ min: 1, max: 70 }) }),
  fc.record({ m: fc.integer({ min: 1, max: 12 }), n: fc.constantFrom(2047, 2048, 2100) }),
);

const chains = fc.record({
  size: sizes,
  chosen: fc.array(fc.nat(steps.length - 1), { minLength: 1, maxLength: 8 }),
  seed: fc.nat(1000),
});

const chainOf = (m: number, n: number, chosen: readonly number[]): Program => {
  const state = input('state', 'f32', [m, n]);
  const row = input('row', 'f32', [n]);
  const column = input('column', 'f32', [m, 1]);
  // Held in [−1, 1] after each step, so that rounding does not grow.
  const end = chosen.reduce((x, i) => tanh(steps[i]?.(x, row, column) ?? x), state);
  const [slope] = gradient(sum(mul(end, end)), [state]);
  const next = tanh(sub(state, mul(1e-3, slope)));
  return program({ end, best: argmax(end, 1), slope }, { state: next }, [row, column]);
};

const answersOf = (engine: typeof plain, running: Program, seed: number): Promise<Answers> =>
  withLoaded(engine, running, (run) => {
    const size = (name: string) => (running.inputs[name]?.shape ?? []).reduce((a, b) => a * b, 1);
    const inputs = Object.fromEntries(
      Object.keys(running.inputs).map((name, i) => [name, valuesOf(seed + i, size(name))]),
    );
    return run({ inputs, steps: 3, read: ['end', 'slope', 'state'] });
  });

test('chains of steps and their gradients, over three steps, are those of plain TypeScript', () =>
  fc.assert(
    fc.asyncProperty(chains, async ({ size: { m, n }, chosen, seed }) => {
      const running = chainOf(m, n, chosen);
      const expected = await answersOf(plain, running, seed);
      const exact = await answersOf(plain, withPrecision('f64', running), seed);
      const found = await answersOf(accelerated, running, seed);
      for (const [name, values] of Object.entries(expected)) {
        const actual = found[name] ?? [];
        assert.is(actual.length, values.length);
        // The scale, and how far rounding alone leads astray: some chains are ill-conditioned.
        let [scale, astray] = [1e-3, 0];
        for (let i = 0; i < values.length; i++) {
          const should = values[i] ?? NaN;
          scale = Math.max(scale, Math.abs(should));
          astray = Math.max(astray, Math.abs(should - (exact[name]?.[i] ?? should)));
        }
        // Three steps through the chain and back: rounding of f32 grows with them, faults of memory do not stay small.
        const allowed = 2e-3 * scale + 4 * astray;
        for (let i = 0; i < values.length; i++) {
          const [is, should] = [actual[i] ?? NaN, values[i] ?? NaN];
          if (!(Math.abs(is - should) <= allowed))
            assert.unreachable(`${name}[${i}] is ${is}, should be ${should}, of scale ${scale}`);
        }
      }
    }),
    runs(150),
  ));

test('engines are left empty', () => closeEngines([accelerated, plain]));

test.run();
