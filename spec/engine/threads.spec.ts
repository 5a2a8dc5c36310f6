// Threads of the CPU engine: the same bits however many there are, started when there is work for them, asleep when there is
// none, gone with the engine, and a failure where one of them fails. (All programs of the other specs: spec/support/shadows.ts.)
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { soak } from '../../src/bench/soak.js';
import { cpuEngine, tunedEngine } from '../../src/engine/cpu/index.js';
import { patience } from '../../src/engine/cpu/threads/crew.js';
import { startWorker, type Order, type Thread } from '../../src/engine/cpu/threads/worker.js';
import { kernelBytes } from '../../src/engine/cpu/wasm/bytes.js';
import { createSharedMemory, moduleBytes, sharing } from '../../src/engine/cpu/wasm/module.js';
import type { Engine } from '../../src/engine/engine.js';
import { defaultModel, defaultTraining } from '../../src/gflownet/defaults.js';
import { firstParameters } from '../../src/gflownet/model.js';
import { draw } from '../../src/gflownet/sample.js';
import { firstState, trainingValues } from '../../src/gflownet/train.js';
import { trainingProgram, withoutTeacher } from '../../src/gflownet/training-program.js';
import { keyFromSeed, normals } from '../../src/random/key.js';
import { maternProblem } from '../../src/surrogate/matern.js';
import { sum, argmax, exp, gather, input, matmul, max, tanh } from '../../src/tensor/operations.js';
import { program, type Program } from '../../src/tensor/program.js';
import { succeed } from '../support/device.js';
import { answer, runs, withLoaded, type Answers } from '../support/engines.js';
import { sessions, valuesFor } from '../support/random-program.js';
import { eager, eagerEngine, requireSameBits, threadCounts } from '../support/shadows.js';

const engines = threadCounts.map(eagerEngine);

/** Compares what each engine gives with what one thread does. */
const alike = async (what: string, of: (engine: Engine) => Promise<Answers>): Promise<void> => {
  const [first, ...others] = engines;
  if (first === undefined) return;
  const should = await of(first);
  for (const [i, engine] of others.entries())
    requireSameBits(await of(engine), should, `${what}, ${threadCounts[i + 1] ?? ''} threads`);
};

const numbers = (count: number, seed: number): Float32Array =>
  Float32Array.from(normals(keyFromSeed(seed), count));

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

/** Products of shapes that are cut by rows, by columns, both ways and not at all, and steps around them. */
const products = (m: number, k: number, n: number): Program => {
  const a = input('a', 'f32', [m, k]);
  const b = input('b', 'f32', [k, n]);
  const product = matmul(a, b);
  return program({
    product,
    rows: sum(exp(tanh(product)), [1]),
    columns: sum(product, [0]),
    largest: max(product, [1]),
    which: argmax(product, 1),
    picked: gather(product, argmax(product, 1)),
  });
};

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
      return engine.crew.done();
    });
    if (i > 0) assert.ok(done > 0, `none of ${engine.crew.count()} workers did anything`);
  }
});

test('engines are left empty, and their threads end with them', async () => {
  for (const [i, engine] of engines.entries()) {
    assert.is(engine.counters().buffers, 0);
    assert.is(engine.counters().bytes, 0);
    assert.is(engine.crew.count(), (threadCounts[i] ?? 1) - 1);
    await engine.close();
    assert.is(engine.crew.count(), 0);
  }
});

/** Workers that are counted, and told what `change` makes of their orders. */
const counted = (change: (order: Order) => Order = (order) => order) => {
  const count = { started: 0, ended: 0 };
  return {
    count,
    start: (): Thread | undefined => {
      const worker = startWorker();
      if (worker === undefined) return undefined;
      count.started++;
      return {
        send: (order) => worker.send(change(order)),
        end: () => {
          count.ended++;
          return worker.end();
        },
      };
    },
  };
};

const large = products(300, 100, 300);
const valuesOfLarge = { a: numbers(30_000, 1), b: numbers(30_000, 2) };

test('an engine that is not used, or for little, starts no thread', async () => {
  const { count, start } = counted();
  const engine = tunedEngine({ threads: 3 }, { ...patience, from: 20_000 }, start);
  await withLoaded(engine, large, async (run) => {
    assert.is(count.started, 0);
    await run({ inputs: valuesOfLarge });
    assert.is(count.started, 0, 'after some milliseconds of work');
    for (let call = 0; call < 100; call++) await run({ read: ['which'] });
    assert.is(count.started, 2, 'after more');
  });
  await engine.close();
  assert.is(count.ended, 2);
});

test('where no worker can be had, one thread does all', async () => {
  const engine = tunedEngine({ threads: 3 }, { ...eager, together: false }, () => undefined);
  const found = await answer(engine, large, valuesOfLarge);
  requireSameBits(found, await answer(cpuEngine({ threads: 1 }), large, valuesOfLarge), 'no worker');
  await engine.close();
});

test('numbers of threads that are none are refused', () => {
  for (const threads of [0, -1, 1.5, NaN, 65])
    assert.throws(() => cpuEngine({ threads }), /cpuEngine: threads is .*; give a whole number from 1 to 64/);
});

test('where a thread fails, the run fails, and all later ones', async () => {
  // A room outside of memory: the first product there traps.
  const { count, start } = counted((order) => ('room' in order ? { ...order, room: 0xfffffff0 } : order));
  const engine = tunedEngine({ threads: 3 }, eager, start);
  const loaded = await succeed(engine.load(large));
  let result = await loaded.run({ inputs: valuesOfLarge })();
  // They may come too late for one run, not for hundreds.
  for (let call = 0; call < 500 && E.isRight(result); call++)
    result = await loaded.run({ read: ['which'] })();
  assert.ok(E.isLeft(result));
  if (E.isLeft(result)) {
    assert.is(result.left._tag, 'EngineFailure');
    assert.match(JSON.stringify(result.left), /a thread of the engine failed/);
  }
  assert.ok(E.isLeft(await loaded.run({ read: ['which'] })()));
  loaded.close();
  await engine.close();
  assert.is(count.ended, 2);
});

test('a closed program is let go of, and closing while others wait behaves as with one thread', async () => {
  const engine = tunedEngine({ threads: 3 }, eager);
  const [first, second] = [await succeed(engine.load(large)), await succeed(engine.load(large))];
  const once = await succeed(first.run({ inputs: valuesOfLarge }));
  requireSameBits(await succeed(second.run({ inputs: valuesOfLarge })), once, 'the other program');
  first.close();
  requireSameBits(await succeed(second.run({})), once, 'after the first was closed');
  try {
    await first.run({})();
    assert.unreachable();
  } catch (error) {
    assert.instance(error, TypeError);
  }
  await engine.close();
  assert.ok(E.isLeft(await second.run({})()));
});

test('threads that have nothing to do cost nothing', async () => {
  const engine = tunedEngine({ threads: 3 }, eager);
  await withLoaded(engine, large, async (run) => {
    await run({ inputs: valuesOfLarge });
    assert.is(engine.crew.count(), 2);
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { user, system } = process.cpuUsage(before);
    // Two that spun would take a second on two cores.
    assert.ok(user + system < 100_000, `${(user + system) / 1000} ms of 500`);
  });
  await engine.close();
});

test('a long training holds the same memory at its end, and gives the same bits again', async () => {
  const iterations = Number(process.env['BATCHGFN_SOAK'] ?? 200);
  const engine = tunedEngine({ threads: 3 }, { ...eager, together: false });
  const control = { progress: () => undefined, signal: new AbortController().signal };
  const options = { policy: 'gain', poolSize: 40, batchSize: 3, trajectories: 16, iterations } as const;
  const result = await succeed(soak(engine, { ...options, every: iterations / 10 }, 0, control));
  assert.ok(result.sameBits);
  assert.equal(result.flat, { buffers: true, bytes: true, residentBytes: true });
  assert.equal(result.left, { buffers: 0, bytes: 0 });
  await engine.close();
});

const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-threads-'));

/** A module that uses the engine, bundled, as text. */
const bundle = async (): Promise<string> => {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { tunedEngine } from './.build/src/engine/cpu/index.js';
export { matmul, input } from './.build/src/tensor/operations.js';
export { program } from './.build/src/tensor/program.js';`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    minify: true,
    write: false,
  });
  return outputFiles[0]?.text ?? '';
};

/** A script in a process of its own, on the bundle: an engine of three threads that has worked. */
const script = async (name: string, rest: string): Promise<string> => {
  const bundled = path.join(folder, 'bundle.mjs');
  writeFileSync(bundled, await bundle());
  const file = path.join(folder, `${name}.mjs`);
  writeFileSync(
    file,
    `import { tunedEngine, matmul, input, program } from ${JSON.stringify(pathToFileURL(bundled).href)};
const large = program({ y: matmul(input('x', 'f32', [300, 300]), input('x', 'f32', [300, 300])) });
const open = async () => {
  const engine = tunedEngine({ threads: 3 }, ${JSON.stringify(eager)});
  const { right: loaded } = await engine.load(large)();
  await loaded.run({ inputs: { x: new Float32Array(90000).fill(1) } })();
  return { engine, loaded };
};
${rest}`,
  );
  return file;
};

test('threads work in a bundle, and an open engine does not keep the process alive', async () => {
  const file = await script('open', `const { engine } = await open(); console.log(engine.crew.count());`);
  const { stdout, status, signal } = spawnSync(process.execPath, [file], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.is(signal, null, 'it had to be stopped');
  assert.is(status, 0);
  assert.is(stdout.trim(), '2');
});

const ended = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? String(code))));

test('a signal ends a process whose threads are at work', async () => {
  const file = await script(
    'endless',
    `const { loaded } = await open(); console.log('ready');
for (;;) { await loaded.run({ steps: 5 })(); await new Promise((resolve) => setImmediate(resolve)); }`,
  );
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const end = ended(child);
    child.kill(signal);
    assert.is(await end, signal);
    clearTimeout(late);
  }
});

// Threads are counted where Linux shows them.
const tasks = '/proc/self/task';
const shown = ((): boolean => {
  try {
    return readdirSync(tasks).length > 0;
  } catch {
    return false;
  }
})();

test('threads of a closed engine, and of one that was dropped, are gone', async () => {
  if (!shown) return;
  const file = await script(
    'gone',
    `import { readdirSync } from 'node:fs';
const threads = () => readdirSync('${tasks}').length;
const before = threads();
const until = async (count) => {
  for (let turn = 0; turn < 500 && threads() > count; turn++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return threads() - count;
};
const { engine } = await open();
const most = threads() - before;
await engine.close();
const closed = await until(before);
await (async () => { for (let i = 0; i < 3; i++) await open(); })();
console.log(most, closed, await until(before));`,
  );
  const { stdout, status } = spawnSync(process.execPath, ['--expose-gc', file], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.is(status, 0);
  const [most = 0, closed = NaN, dropped = NaN] = stdout.trim().split(' ').map(Number);
  assert.ok(most >= 2, stdout);
  assert.is(closed, 0);
  assert.is(dropped, 0);
});

test('the folder is removed', () => rmSync(folder, { recursive: true }));

test.run();
