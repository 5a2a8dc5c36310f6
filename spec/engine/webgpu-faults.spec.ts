// What goes wrong on a real device comes back as a failure of the effect that was running, and names the kernel.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine } from '../../src/engine/engine.js';
import { closeGraphics, listAdapters, openGraphics, type Graphics } from '../../src/engine/webgpu/adapter.js';
import { watchDevice } from '../../src/engine/webgpu/faults.js';
import { engineOn } from '../../src/engine/webgpu/index.js';
import { kernelSources } from '../../src/engine/webgpu/kernel-sources.js';
import { dispatchesPerSubmit } from '../../src/engine/webgpu/loaded.js';
import { showFailure, type EngineFailure } from '../../src/failure.js';
import { add, broadcast, input, mul, sum } from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import { fail, openDevice, succeed } from '../support/device.js';

const x = input('x', 'f32', [4]);
const doubling = program({ y: sum(x) }, { x: add(x, x) });
const inputs = { x: Float32Array.of(1, 2, 3, 4) };

/** Opens a device for one test, its kernels as given, and closes it. */
const onDevice = async (
  use: (engine: Engine, graphics: Graphics) => Promise<void>,
  changed: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const graphics = await openDevice();
  const engine = engineOn(graphics, { sources: { ...kernelSources, ...changed } });
  try {
    await use(engine, graphics);
  } finally {
    await engine.close();
    const { buffers, bytes } = engine.counters();
    assert.equal([buffers, bytes], [0, 0]);
  }
};

const engineFailed = async (effect: Parameters<typeof fail>[0]): Promise<EngineFailure> => {
  const failure = await fail(effect);
  assert.is(failure._tag, 'EngineFailure');
  return failure as EngineFailure;
};

const edited = (kernel: string, text: string, replacement: string): Record<string, string> => {
  const source = kernelSources[kernel] ?? '';
  assert.ok(source.includes(text), `${kernel}.wgsl does not hold '${text}'`);
  return { [kernel]: source.replace(text, replacement) };
};

test('a kernel that does not parse fails the load, by name and line', () =>
  onDevice(
    async (engine) => {
      const failure = await engineFailed(engine.load(doubling));
      assert.is(failure.kernel, 'pointwise');
      assert.match(failure.problem, /parsing WGSL: :\d+:\d+ error/);
      // The device is none the worse for it: what needs only other kernels runs.
      const loaded = await succeed(engine.load(program({ y: sum(x) })));
      assert.ok((await succeed(loaded.run({ inputs })))['y']);
    },
    edited('pointwise', 'fn mask', '@nonsense fn mask'),
  ));

test('a kernel whose bindings are not the layout of its dispatch fails the load, by name', () =>
  onDevice(
    async (engine) => {
      const failure = await engineFailed(engine.load(doubling));
      assert.is(failure.kernel, 'reduce');
      assert.match(failure.problem, 'binding');
      assert.is(engine.counters().pipelines, 1); // the other kernel's
    },
    edited('reduce', '@binding(2)', '@binding(6)'),
  ));

test('a validation error at a dispatch fails the run, by name, and the program stays failed', () =>
  onDevice(
    async (engine) => {
      const loaded = await succeed(engine.load(doubling));
      const failure = await engineFailed(loaded.run({ inputs }));
      assert.is(failure.kernel, 'reduce');
      assert.match(failure.problem, 'uniform blocks');
      assert.equal(await fail(loaded.run({})), failure);
      assert.match(showFailure(failure), /^engine webgpu, kernel reduce: .*\.$/);
    },
    edited('reduce', '}', ', more: array<vec4<u32>, 100> }'), // the end of its first struct
  ));

test('an error that no effect caused is told by the next one, not logged; its program stays failed', () =>
  onDevice(async (engine, { device }) => {
    const loaded = await succeed(engine.load(doubling));
    device.createBuffer({ size: 16, usage: 0x1 | 0x80, label: 'impossible' });
    const failure = await engineFailed(loaded.run({ inputs }));
    assert.match(failure.problem, 'usage');
    assert.equal(await fail(loaded.run({})), failure);
    const again = await succeed(engine.load(doubling));
    assert.ok((await succeed(again.run({ inputs })))['y']);
  }));

test('an error in one of several submits is the failure of the whole run', () =>
  onDevice(async (engine, { device }) => {
    const loaded = await succeed(engine.load(doubling));
    await succeed(loaded.run({ inputs }));
    const { submits } = engine.counters();
    const running = loaded.run({ steps: 3 * dispatchesPerSubmit })();
    // The first submit is made when the run's turn has come, before the timer's.
    await new Promise((resolve) => setTimeout(resolve, 0));
    device.createBuffer({ size: 16, usage: 0x1 | 0x80, label: 'impossible' });
    assert.match((await engineFailed(() => running)).problem, 'usage');
    assert.ok(engine.counters().submits - submits < 6, 'it went on after the failure');
  }));

test('a lost device fails what is running and all that comes later', () =>
  onDevice(async (engine, { device }) => {
    const loaded = await succeed(engine.load(doubling));
    await succeed(loaded.run({ inputs }));
    const running = loaded.run({ steps: 50_000 })();
    await new Promise((resolve) => setTimeout(resolve, 20));
    device.destroy();
    const failure = await engineFailed(() => running);
    assert.match(failure.problem, 'device was lost');
    assert.match(failure.remedy, 'new engine');
    assert.equal(await fail(loaded.run({})), failure);
    assert.equal(await fail(engine.load(doubling)), failure);
  }));

test('what work on a device rejects with is told in its own words, after what was being done', () =>
  onDevice(async (_, { device }) => {
    const { guard } = watchDevice(device);
    for (const [thrown, words] of [
      [new Error('no such queue'), 'no such queue'],
      ['plain words', 'plain words'],
    ] as const) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what Dawn rejects with may be anything
      const failure = await engineFailed(guard('reading', () => Promise.reject(thrown)));
      assert.is(failure.problem, `reading: ${words}`);
    }
  }));

test('what is too large for one binding fails before any memory is taken, and says how large', () =>
  onDevice(async (engine, { description }) => {
    const rows = Math.ceil(description.largestBinding / 4 / 1024) + 1;
    const [tall, wide] = [input('v', 'f32', [rows, 1]), input('w', 'f32', [1, 1024])];
    const given = await engineFailed(engine.load(program({ y: sum(input('big', 'f32', [rows, 1024])) })));
    assert.match(given.problem, `'big' f32[${rows}, 1024] takes ${rows * 4096} bytes`);
    const made = await engineFailed(
      engine.load(program({ y: sum(mul(broadcast(tall, [rows, 1024]), broadcast(wide, [rows, 1024]))) })),
    );
    assert.is(made.kernel, 'pointwise');
    assert.match(made.problem, String(description.largestBinding));
    assert.is(engine.counters().buffers, 0);
  }));

test('where there is no adapter it says what to install', async () => {
  const none = { requestAdapter: () => Promise.resolve(null) } as unknown as GPU;
  for (const effect of [listAdapters(none), openGraphics(none)])
    assert.match(showFailure(await fail(effect)), /no adapter.*driver.*cpu engine/);
  const gpu = (await openDevice().then((graphics) => closeGraphics(graphics).then(() => graphics))).gpu;
  assert.match(showFailure(await fail(openGraphics(gpu, () => false))), /only adapter is/);
});

test('the GPU object is held while its device lives, under forced garbage collection', async () => {
  // In a process of its own, for what it guards against is a crash of the process.
  const script = fileURLToPath(new URL('../support/dropped-engine.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script], {
    timeout: 60_000,
  });
  assert.is(stdout, 'alive\n');
});

test.run();
