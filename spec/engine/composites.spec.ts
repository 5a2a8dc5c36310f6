// Composites: an engine computes the kernel or the meaning and none can tell; derivatives, merging, precision and printing
// go by the meaning, the name and the settings.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expanded, keepsWithin } from '../../src/engine/expanded.js';
import { plan } from '../../src/engine/plan.js';
import type { Composite } from '../../src/tensor/composite.js';
import { logSoftmaxAt } from '../../src/tensor/derived/log-softmax-at.js';
import { oneHotMask, takeLast } from '../../src/tensor/derived/matrix.js';
import { logSoftmax } from '../../src/tensor/derived/softmax.js';
import type { Tensor } from '../../src/tensor/expression.js';
import { gradient } from '../../src/tensor/gradient.js';
import * as o from '../../src/tensor/operations.js';
import { program, withPrecision } from '../../src/tensor/program.js';
import { show } from '../../src/tensor/show.js';
import { squaredDistance } from '../support/composites.js';
import { answer, closeEngines, openEngines, runs, valueOf, withLoaded } from '../support/engines.js';
import { agree, close } from '../support/tolerances.js';

const engines = await openEngines();
const [cpu, webgpu] = engines;

/** Σ of the operand, times a factor; the kernel, a reduction, knows the factor 1 alone and wants some memory. */
const scaledSum = (factor: number): Composite => ({
  name: 'scaledSum',
  settings: { factor },
  meaning: ([a]) => o.mul(factor, o.sum(a as Tensor)),
  kernel: ({ operands: [a] }) =>
    factor !== 1 || a === undefined
      ? undefined
      : {
          dispatches: [
            {
              kernel: 'reduce',
              constants: { OP: 0, TYPE: 0, SLICES: 1, FLAT: 1 },
              uniforms: [1, 1, 1, 1, 0, 0, 0, 0, a.view.offset, 1, a.shape[0] ?? 1, 1, 0, 0, 0, 0],
              operands: [0],
              threads: 1,
              workgroupSize: 64,
            },
          ],
          scratch: 1000,
        },
});

const x = o.input('x', 'f32', [8]);
const values = { x: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) };

test('an engine with a kernel that takes the types runs it, with its memory; others compute the meaning', async () => {
  const pairs = [1, 2].flatMap((factor) => engines.map((engine) => [factor, engine] as const));
  for (const [factor, engine] of pairs) {
    const running = program({ y: o.composite(scaledSum(factor), [o.slice(x, [2], [6])]) });
    await withLoaded(engine, running, async (run) => {
      const before = engine.counters();
      const { y } = await run({ inputs: values });
      assert.is(y?.[0], 33 * factor);
      const { dispatches, bytes } = engine.counters();
      const kernel = engine.kind === 'webgpu' && factor === 1;
      // The sum and the product are two.
      assert.is(dispatches - before.dispatches, kernel ? 1 : 2, `${engine.kind}, factor ${factor}`);
      assert.is(bytes > 4000, kernel);
    });
  }
});

test('a composite that needs more memory than a buffer may have is computed by its meaning', () => {
  const running = program({ y: o.composite(scaledSum(1), [x]) });
  const names = (elements: number) =>
    plan(running, keepsWithin(elements)).body.map(({ primitive }) => primitive);
  assert.equal(names(1001), ['composite']);
  assert.equal(names(1000), ['sum', 'mul']);
});

test('a name, settings and operands are one value; other settings or operands are another', () => {
  const composites = (ys: readonly Tensor[]) =>
    plan(program(Object.fromEntries(ys.map((y, i) => [`y${i}`, y]))), () => true).body.length;
  const once = (factor: number, a: Tensor = x) => o.composite(scaledSum(factor), [a]);
  assert.is(composites([once(1), once(1)]), 1);
  assert.is(composites([once(1), once(2)]), 2);
  assert.is(composites([once(1), once(1, o.input('y', 'f32', [8]))]), 2);
});

test('what lies inside a meaning is replaced or kept as well', () => {
  const outer: Composite = {
    name: 'outer',
    settings: {},
    meaning: ([a]) => o.exp(o.composite(scaledSum(1), [o.neg(a as Tensor)])),
  };
  const names = (keeps: (name: string) => boolean) => {
    const { outputs } = expanded(program({ y: o.composite(outer, [x]) }), ({ attributes }) =>
      keeps(attributes.name),
    );
    return show(outputs['y'] as Tensor);
  };
  assert.match(
    names(() => false),
    /exp/,
  );
  assert.not.match(
    names(() => false),
    /composite/,
  );
  assert.match(
    names((name) => name === 'scaledSum'),
    /neg[^]*composite %1 'scaledSum' factor=1[^]*exp/,
  );
  assert.is(
    names(() => true),
    "%0 = input 'x' : f32[8]\n%1 = composite %0 'outer' : f32[]",
  );
});

test('the derivative counts every way from an operand once, also where operands are made of each other', async () => {
  // (a − a²)², whose derivative is 2 (a − a²) (1 − 2a).
  const y = o.composite(squaredDistance, [x, o.mul(x, x)]);
  const [slope] = gradient(o.sum(y), [x]);
  const expected = values.x.map((a) => 2 * (a - a * a) * (1 - 2 * a));
  for (const engine of engines)
    close(await valueOf(engine, slope, values), expected, 'webgpu against cpu', engine.kind);
});

test('what the derivative computes anew of a meaning is merged with the meaning itself', () => {
  const whole = (distance: Tensor) => program({ y: distance, slope: gradient(o.sum(distance), [x])[0] });
  const composed = plan(whole(o.composite(squaredDistance, [x, o.exp(x)])));
  const direct = plan(whole(squaredDistance.meaning([x, o.exp(x)])));
  assert.is(composed.body.length, direct.body.length);
});

test('a derivative of its own is the one through the meaning', () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(1, 7, 90),
      fc.nat(),
      async (rows, n, seed) => {
        const noise = (i: number): number =>
          Math.sin(12.9 * i + seed) * 43758.5 - Math.floor(Math.sin(12.9 * i + seed) * 43758.5);
        const L = o.input('l', 'f32', [rows, n]);
        const at = o.constant(
          Array.from({ length: rows }, (_, r) => Math.floor(n * noise(r))),
          'u32',
          [rows],
        );
        const mask = o.constant(
          Array.from({ length: rows * n }, (_, i) => (noise(i + 7) < 0.5 ? 1 : 0)),
          'u32',
          [rows, n],
        );
        const allowed = o.maximum(mask, oneHotMask(at, n));
        const weighed = (logs: Tensor) => {
          const weights = o.add(o.cast(o.iota('u32', [rows], 0), 'f32'), 1);
          const [slope] = gradient(o.sum(o.mul(logs, weights)), [L]);
          const [curvature] = gradient(o.sum(o.mul(slope, slope)), [L]);
          return program({ logs, slope, curvature });
        };
        const inputs = { l: Float32Array.from({ length: rows * n }, (_, i) => 6 * noise(i + 31) - 3) };
        const own = weighed(logSoftmaxAt(L, allowed, at));
        const meant = await answer(cpu, weighed(takeLast(logSoftmax(L, allowed), at)), inputs);
        for (const name of Object.keys(meant)) {
          const wanted = meant[name] as Float32Array;
          for (const engine of engines)
            close(
              (await answer(engine, own, inputs))[name] ?? [],
              wanted,
              'webgpu against cpu',
              `${name}, ${engine.kind}`,
            );
          agree(
            (await answer(cpu, withPrecision('f64', own), inputs))[name] as Float64Array,
            wanted,
            'f32 against f64',
            name,
          );
        }
      },
    ),
    runs(20),
  ));

test('a log-softmax at an index is one dispatch, and its derivative another', async () => {
  const L = o.input('l', 'f32', [4, 9]);
  const [allowed, at] = [o.input('m', 'u32', [4, 9]), o.input('i', 'u32', [4])];
  const y = logSoftmaxAt(L, allowed, at);
  const weights = o.input('w', 'f32', [4]);
  const [slope] = gradient(o.sum(o.mul(y, weights)), [L]);
  const given = {
    l: new Float32Array(36),
    m: new Uint32Array(36).fill(1),
    i: new Uint32Array(4),
    w: new Float32Array(4),
  };
  await withLoaded(webgpu, program({ y, slope }), async (run) => {
    const before = webgpu.counters().dispatches;
    await run({ inputs: given });
    // Two, and what the cotangent w · 1 of the sum takes: a scalar spread over its row, and a product.
    assert.ok(webgpu.counters().dispatches - before <= 4);
  });
});

test('nothing is left on the engines', () => closeEngines(engines));

test.run();
