// Threads of the CPU engine compute the same bits however many there are. Programs of other specs: spec/support/shadows.ts; the
// threads themselves: threads-life.spec.ts.
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { kernelBytes } from '../../src/engine/cpu/wasm/bytes.js';
import { createSharedMemory, moduleBytes, sharing } from '../../src/web-assembly.js';
import type { Engine } from '../../src/engine/engine.js';
import { defaultModel, defaultTraining } from '../../src/gflownet/defaults.js';
import { firstParameters } from '../../src/gflownet/model.js';
import { draw } from '../../src/gflownet/sample.js';
import { firstState, trainingValues } from '../../src/gflownet/train.js';
import { trainingProgram, withoutTeacher } from '../../src/gflownet/training-program.js';
import { keyFromSeed } from '../../src/random/key.js';
import { maternProblem } from '../../src/surrogate/matern.js';
import { succeed } from '../support/device.js';
import { answer, runs, withLoaded, type Answers } from '../support/engines.js';
import { numbers, products } from '../support/products.js';
import { sessions, valuesFor } from '../support/random-program.js';
import { eagerEngine, requireSameBits, threadCounts } from '../support/shadows.js';

const engines = threadCounts.map(eagerEngine);

/** Compares what each engine gives with what one thread does. */
const alike = async (what: string, of: (engine: Engine) => Promise<Answers>): Promise<void> => {
  const [first, ...others] = engines;
  if (first === undefined) return;
  const should = await of(first);
  for (const [i, engine] of others.entries())
    requireSameBits(await of(engine), should, `${what}, ${threadCounts[i + 1] ?? ''} threads`);
};

test('the module imports a shared memory where that is asked for, and is the same otherwise', () => {
  const plain = moduleBytes(kernelBytes);
  const shared = sharing(plain);
  assert.is(shared.length, plain.length + 3);
  const { WebAssembly: wasm } = globalThis as unknown as {
    readonly WebAssembly: {
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (module: object, imports: object) => object;
    };
  };
  const memory = createSharedMemory(1);
  assert.ok(new wasm.Instance(new wasm.Module(shared), { env: { memory } }));
  assert.throws(() => new wasm.Instance(new wasm.Module(plain), { env: { memory } }));
});

test('random programs have the same bits with 1, 2, 3 and 8 threads', () =>
  fc.assert(
    fc.asyncProperty(sessions, ({ program: running, calls }) =>
      alike('a random program', (engine) =>
        withLoaded(engine, running, async (run) => {
          const seen: Record<string, Answers[string]> = {};
          for (const [i, { steps, seed }] of calls.entries()) {
            const found = await run({ inputs: valuesFor(running, seed), steps });
            for (const [name, values] of Object.entries(found)) seen[`${i} ${name}`] = values;
          }
          return seen;
        }),
      ),
    ),
    runs(60),
  ));

test('products, reductions and rows of tables of many shapes have the same bits', async () => {
  for (const [m, k, n] of [
    [1, 300, 700],
    [300, 64, 1],
    [2000, 16, 3],
    [16, 2000, 64],
    [64, 700, 64],
    [130, 257, 530],
    [5, 3, 2],
  ] as const) {
    const values = { a: numbers(m * k, 1), b: numbers(k * n, 2) };
    await alike(`${m}×${k}×${n}`, (engine) => answer(engine, products(m, k, n), values));
  }
});

const problemOf = (poolSize: number) => {
  const made = maternProblem({ poolSize, seed: 1 });
  if (E.isLeft(made)) throw new Error('no pool');
  return { whitened: made.right.posterior.whitened, batchSize: 3, temperature: 0.5 };
};

test('training and drawing have the same bits, and workers take part', async () => {
  const problem = problemOf(150);
  for (const policy of ['gain', 'pointer', 'deepSets'] as const) {
    const model = defaultModel(policy, problem);
    const options = withoutTeacher({ ...defaultTraining(policy), trajectories: 8, iterations: 10 });
    const parameters = firstParameters(model, keyFromSeed(1));
    const state = firstState(parameters, keyFromSeed(2));
    await alike(`training ${policy}`, (engine) =>
      withLoaded(engine, trainingProgram(model, options), (run) =>
        run({ inputs: trainingValues(model, problem, options, state), steps: 6 }),
      ),
    );
    await alike(`drawing from ${policy}`, async (engine) => {
      const drawn = await succeed(draw(engine, model, problem, parameters, 40, keyFromSeed(3)));
      return Object.fromEntries(
        Object.entries(drawn).flatMap(([name, value]) =>
          ArrayBuffer.isView(value) ? [[name, value as Float32Array]] : [],
        ),
      );
    });
  }
  for (const [i, engine] of engines.entries()) {
    const product = products(200, 100, 200);
    const values = { a: numbers(20_000, 1), b: numbers(20_000, 2) };
    const done = await withLoaded(engine, product, async (run) => {
      for (let call = 0; call < 200; call++) await run({ inputs: values, read: ['which'] });
      return engine.threadPool.done();
    });
    if (i > 0) assert.ok(done > 0, `none of ${engine.threadPool.count()} workers did anything`);
  }
});

test('engines are left empty, and their threads end with them', async () => {
  for (const [i, engine] of engines.entries()) {
    assert.is(engine.counters().buffers, 0);
    assert.is(engine.counters().bytes, 0);
    assert.is(engine.threadPool.count(), (threadCounts[i] ?? 1) - 1);
    await engine.close();
    assert.is(engine.threadPool.count(), 0);
  }
});

test.run();
