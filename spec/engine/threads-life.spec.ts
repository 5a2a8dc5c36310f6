// The life of the CPU engine's threads: started when there is work for them, asleep when there is none, gone with the engine, and a
// failure where one of them fails. What they compute: threads.spec.ts.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import * as E from 'fp-ts/lib/Either.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { soak } from '../../src/bench/soak.js';
import { cpuEngine, tunedEngine } from '../../src/engine/cpu/index.js';
import { patience } from '../../src/engine/cpu/threads/thread-pool.js';
import { startWorker, type Order, type Thread } from '../../src/engine/cpu/threads/worker.js';
import { succeed } from '../support/device.js';
import { answer, withLoaded } from '../support/engines.js';
import { numbers, products } from '../support/products.js';
import { eager, requireSameBits } from '../support/shadows.js';

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
    assert.is(engine.threadPool.count(), 2);
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
  const file = await script(
    'open',
    `const { engine } = await open(); console.log(engine.threadPool.count());`,
  );
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
