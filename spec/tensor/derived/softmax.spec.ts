// Activations and the softmax family against their formulas in f64, with and without masks, on every engine.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  logSoftmax,
  logSumExp,
  mean,
  relu,
  sigmoid,
  softmax,
  softplus,
} from '../../../src/tensor/derived/softmax.js';
import type { Shape, Tensor } from '../../../src/tensor/expression.js';
import { gradient } from '../../../src/tensor/gradient.js';
import { constant, input, mul, sum } from '../../../src/tensor/operations.js';
import { program } from '../../../src/tensor/program.js';
import { answer, closeEngines, openEngines, runs, valueOf } from '../../support/engines.js';
import { each, grid } from '../../support/fills.js';
import { close } from '../../support/tolerances.js';

const engines = await openEngines();

/** Logits of rows [m, n], and which entries are allowed: one a row at least. */
const rows = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 9 })).chain(([m, n]) =>
  fc.record({
    m: fc.constant(m),
    n: fc.constant(n),
    logits: each(grid(-30, 30))([m, n]),
    allowed: fc
      .tuple(each(fc.constantFrom(0, 1))([m, n]), fc.array(fc.nat(n - 1), { minLength: m, maxLength: m }))
      .map(([mask, one]) => mask.map((bit, i) => (i % n === one[Math.floor(i / n)] ? 1 : bit))),
  }),
);

/** log Σ e^a over the allowed entries of each row, in f64. */
const logSums = (logits: readonly number[], allowed: readonly number[], n: number): readonly number[] =>
  Array.from({ length: logits.length / n }, (_, row) => {
    const own = logits.slice(row * n, row * n + n).filter((_, i) => allowed[row * n + i] !== 0);
    const top = Math.max(...own);
    return top + Math.log(own.reduce((total, a) => total + Math.exp(a - top), 0));
  });

const f = (values: readonly number[], shape: Shape): Tensor => constant(values, 'f32', shape);

test('log-sum-exp, log-softmax and softmax', () =>
  fc.assert(
    fc.asyncProperty(rows, async ({ m, n, logits }) => {
      const sums = logSums(
        logits,
        logits.map(() => 1),
        n,
      );
      const logs = logits.map((a, i) => a - (sums[Math.floor(i / n)] ?? NaN));
      const a = f(logits, [m, n]);
      for (const engine of engines) {
        close(await valueOf(engine, logSumExp(a)), sums, 'webgpu against cpu', 'log-sum-exp');
        close(await valueOf(engine, logSoftmax(a)), logs, 'webgpu against cpu', 'log-softmax');
        close(await valueOf(engine, softmax(a)), logs.map(Math.exp), 'webgpu against cpu', 'softmax');
      }
    }),
    runs(20),
  ));

test('under a mask, entries that are not allowed do not count whatever they hold, nor in derivatives', () =>
  fc.assert(
    fc.asyncProperty(
      rows,
      fc.array(fc.constantFrom(0, 1e30, -1e30, 3e38, -3e38), { minLength: 36, maxLength: 36 }),
      async ({ m, n, logits, allowed }, forbidden) => {
        const a = input('a', 'f32', [m, n]);
        const mask = constant(allowed, 'u32', [m, n]);
        const weights = f(
          logits.map((_, i) => 1 + (i % 3)),
          [m, n],
        );
        const [once] = gradient(sum(logSumExp(a, mask)), [a]);
        const [twice] = gradient(sum(mul(once, weights)), [a]);
        const running = program({ value: logSumExp(a, mask), once, twice, softmax: softmax(a, mask) });
        const sums = logSums(logits, allowed, n);
        const p = logits.map((x, i) =>
          allowed[i] === 0 ? 0 : Math.exp(x - (sums[Math.floor(i / n)] ?? NaN)),
        );
        // The second derivative is diag p − p pᵀ, along the weights.
        const second = p.map((x, i) => {
          const start = i - (i % n);
          const average = p
            .slice(start, start + n)
            .reduce((total, q, j) => total + q * (1 + ((start + j) % 3)), 0);
          return x * (1 + (i % 3) - average);
        });
        const values = {
          a: Float32Array.from(logits, (x, i) => (allowed[i] === 0 ? (forbidden[i] ?? 0) : x)),
        };
        for (const engine of engines) {
          const answers = await answer(engine, running, values);
          const check = (name: string, expected: readonly number[]) =>
            close(answers[name] ?? [], expected, 'webgpu against cpu', `${name} on ${engine.kind}`);
          check('value', sums);
          check('once', p);
          check('twice', second);
          check('softmax', p);
        }
      },
    ),
    runs(20),
  ));

test('activations, also where they have saturated', async () => {
  const x = [-500, -100, -20, -1.5, 0.25, 1.5, 20, 100, 500];
  const a = f(x, [9]);
  const formulas: readonly (readonly [string, Tensor, (x: number) => number])[] = [
    ['relu', relu(a), (x) => Math.max(x, 0)],
    ['sigmoid', sigmoid(a), (x) => 1 / (1 + Math.exp(-x))],
    ['softplus', softplus(a), (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))],
  ];
  for (const engine of engines)
    for (const [name, expression, formula] of formulas)
      close(
        await valueOf(engine, expression),
        x.map(formula),
        'webgpu against cpu',
        `${name} on ${engine.kind}`,
      );
});

test('their derivatives, also where they have saturated', async () => {
  const x = [-500, -20, -1.5, 0.25, 1.5, 20, 500];
  const a = f(x, [7]);
  const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
  const formulas: readonly (readonly [string, Tensor, (x: number) => number])[] = [
    ['relu', relu(a), (x) => (x > 0 ? 1 : 0)],
    ['sigmoid', sigmoid(a), (x) => logistic(x) * (1 - logistic(x))],
    ['softplus', softplus(a), logistic],
  ];
  for (const engine of engines)
    for (const [name, expression, formula] of formulas) {
      const [derivative] = gradient(sum(expression), [a]);
      close(
        await valueOf(engine, derivative),
        x.map(formula),
        'webgpu against cpu',
        `${name} on ${engine.kind}`,
      );
    }
});

test('the mean, over all axes or some', async () => {
  const a = f([1, 2, 3, 4, 5, 9], [2, 3]);
  for (const engine of engines) {
    close(await valueOf(engine, mean(a)), [4], 'webgpu against cpu', 'mean');
    close(await valueOf(engine, mean(a, [1])), [2, 6], 'webgpu against cpu', 'mean of rows');
  }
  assert.equal(mean(a, [0]).shape, [3]);
});

test('nothing is left on the engines', () => closeEngines(engines));

test.run();
