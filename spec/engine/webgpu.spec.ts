// Programs on a real WebGPU device: what they give, what they hold, and how often they talk to the device.
import * as TE from '#fp-ts/TaskEither';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine, LoadedProgram } from '../../src/engine/engine.js';
import { withEngine } from '../../src/engine/index.js';
import { listAdapters } from '../../src/engine/webgpu/adapter.js';
import { dispatchesPerSubmit } from '../../src/engine/webgpu/loaded.js';
import type { TypedArray } from '../../src/tensor/expression.js';
import {
  add,
  constant,
  exp,
  input,
  mul,
  neg,
  slice,
  sub,
  sum,
  threefry,
} from '../../src/tensor/operations.js';
import { program, type Program } from '../../src/tensor/program.js';
import { closeDeviceEngine, deviceEngine, succeed } from '../support/device.js';
import { provideDriver } from '../support/swiftshader.js';

const engine: Engine = await deviceEngine();
console.log(`# ${engine.description}${engine.software ? ', in software' : ''}`);

const using = async <A>(loading: Program, use: (loaded: LoadedProgram) => Promise<A>): Promise<A> => {
  const loaded = await succeed(engine.load(loading));
  try {
    return await use(loaded);
  } finally {
    loaded.close();
  }
};

const words = (values: TypedArray | undefined): readonly string[] =>
  Array.from(values ?? [], (word) => word.toString(16).padStart(8, '0'));

/** x ← 2 − x and total ← total + x, from x and total; the output is x before the step. */
const oscillator = (): Program => {
  const x = input('x', 'f32', [3]);
  const total = input('total', 'f32', [3]);
  return program({ before: x, sum: sum(x) }, { x: sub(2, x), total: add(total, x) });
};

test('Threefry-2x32 gives its known answers', () =>
  // Salmon, Moraes, Dror and Shaw, 2011, the authors' kat_vectors.
  using(
    program({ y: threefry(input('key', 'u32', [2]), input('counters', 'u32', [1, 2])) }),
    async ({ run }) => {
      const block = async (key: readonly number[], counters: readonly number[]) => {
        const inputs = { key: Uint32Array.from(key), counters: Uint32Array.from(counters) };
        return words((await succeed(run({ inputs })))['y']);
      };
      assert.equal(await block([0, 0], [0, 0]), ['6b200159', '99ba4efe']);
      assert.equal(await block([~0, ~0], [~0, ~0]), ['1cb996fc', 'bb002be7']);
      assert.equal(await block([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3]), ['c4923a9c', '483df7a0']);
    },
  ));

test('a carry of 2,000 steps stays on the device: nothing is made, nothing is read, one submit at most a step', () =>
  using(oscillator(), async ({ run }) => {
    const inputs = { x: Float32Array.of(0, 1, 5), total: new Float32Array(3) };
    await succeed(run({ inputs, steps: 1, read: [] }));
    const start = engine.counters();
    for (let step = 1; step < 1_000; step++) {
      await succeed(run({ read: [] }));
      const { buffers, bytes, pipelines, readbacks } = engine.counters();
      assert.equal(
        { buffers, bytes, pipelines, readbacks },
        {
          buffers: start.buffers,
          bytes: start.bytes,
          pipelines: start.pipelines,
          readbacks: start.readbacks,
        },
      );
    }
    assert.is(engine.counters().submits - start.submits, 999);
    const answer = await succeed(run({ steps: 1_000, read: ['x', 'total', 'before', 'sum'] }));
    const end = engine.counters();
    console.log(
      `# steps 2 to 2,000: ${end.submits - start.submits} submits, ${end.pipelines - start.pipelines} pipelines, ${end.buffers - start.buffers} buffers, ${end.readbacks - start.readbacks} readbacks`,
    );
    // x goes to and fro between its start and 2 − its start; each pair of steps adds 2.
    assert.equal(answer['x'], Float32Array.of(0, 1, 5));
    assert.equal(answer['total'], Float32Array.of(2_000, 2_000, 2_000));
    assert.equal(answer['before'], Float32Array.of(2, 1, -3));
    assert.equal(answer['sum'], Float32Array.of(0));
    assert.is(end.submits - start.submits, 1_000);
    assert.is(end.readbacks - start.readbacks, 4);
    assert.is(end.dispatches - start.dispatches, 1_999 * 3);
    assert.equal([end.buffers, end.bytes, end.pipelines], [start.buffers, start.bytes, start.pipelines]);
  }));

test('a step is an odd or an even one across runs, and inputs are set where the next step reads them', () =>
  using(oscillator(), async ({ run }) => {
    const start = { x: Float32Array.of(1, 2, 3), total: new Float32Array(3) };
    const total = async (inputs: Record<string, TypedArray>, steps: number) =>
      (await succeed(run({ inputs, steps, read: ['total'] })))['total'];
    assert.equal(await total(start, 3), Float32Array.of(3, 4, 5));
    assert.equal(await total({}, 1), Float32Array.of(4, 4, 4));
    assert.equal(await total({}, 1), Float32Array.of(5, 6, 7));
    // Parity is odd here; only x is set anew, and total goes on.
    assert.equal(await total({ x: Float64Array.of(10, 10, 10) }, 2), Float32Array.of(7, 8, 9));
    assert.equal(await total(start, 1), Float32Array.of(1, 2, 3));
    // No step at all: what was carried is as it was, or as it was set, at either parity.
    for (const steps of [0, 1, 0]) assert.ok(await total({}, steps));
    const set = { x: Float32Array.of(7, 8, 9) };
    assert.equal(await succeed(run({ inputs: set, steps: 0, read: ['x', 'total'] })), {
      x: set.x,
      total: Float32Array.of(2, 2, 2),
    });
  }));

test('what does not depend on the carry is computed when its own inputs change, and not again', () => {
  const [x, rate, shift] = [input('x', 'f32', [2]), input('rate', 'f32', [2]), input('shift', 'f32', [2])];
  return using(program({}, { x: add(mul(x, exp(rate)), neg(shift)) }), async ({ run }) => {
    const cost = async (inputs: Record<string, TypedArray>) => {
      const { dispatches } = engine.counters();
      await succeed(run({ inputs, steps: 10, read: [] }));
      return engine.counters().dispatches - dispatches;
    };
    const zero = new Float32Array(2);
    assert.is(await cost({ x: zero, rate: zero, shift: zero }), 22);
    assert.is(await cost({}), 20);
    assert.is(await cost({ rate: zero }), 22);
    assert.is(await cost({ x: zero }), 20);
  });
});

test('a long request is cut into few submits, the values are those of short ones', () =>
  using(oscillator(), async ({ run }) => {
    const inputs = { x: Float32Array.of(0, 1, 5), total: new Float32Array(3) };
    const { submits } = engine.counters();
    const steps = dispatchesPerSubmit;
    const long = await succeed(run({ inputs, steps, read: ['x', 'total'] }));
    assert.is(engine.counters().submits - submits, Math.ceil(steps / Math.floor(dispatchesPerSubmit / 3)));
    assert.equal(long['x'], inputs.x);
    assert.equal(long['total'], new Float32Array(3).fill(steps));
  }));

test('a view of an input or a constant is read without a dispatch', () => {
  const held = constant([1, 2, 3, 4, 5, 6], 'f32', [3, 2]);
  const outputs = {
    rows: slice(input('x', 'i32', [4, 2]), [1, 0], [2, 2]),
    last: slice(held, [2, 0], [1, 2]),
  };
  return using(program(outputs), async ({ run }) => {
    const { dispatches } = engine.counters();
    const answer = await succeed(run({ inputs: { x: Int32Array.of(0, 1, 2, 3, -4, 5, 6, 7) } }));
    assert.equal(answer, { rows: Int32Array.of(2, 3, -4, 5), last: Float32Array.of(5, 6) });
    assert.is(engine.counters().dispatches, dispatches);
  });
});

test('programs of other shapes share the pipelines', async () => {
  const squared = (size: number) =>
    program({ y: sum(mul(input('x', 'f32', [size]), input('x', 'f32', [size]))) });
  const compiled = async (size: number) => {
    await using(squared(size), () => Promise.resolve());
    return engine.counters().pipelines;
  };
  const first = await compiled(3);
  for (const size of [3, 5, 17, 255]) assert.is(await compiled(size), first);
});

test('runs that overlap take turns, and closing waits for them', async () => {
  const { buffers } = engine.counters();
  const loaded = await succeed(engine.load(oscillator()));
  const inputs = { x: Float32Array.of(0, 1, 5), total: new Float32Array(3) };
  const all = [
    loaded.run({ inputs, steps: 3_000 })(),
    loaded.run({ steps: 3_000, read: ['total'] })(),
  ] as const;
  const second = succeed(() => all[1]);
  await all[0];
  loaded.close();
  assert.equal(await second, { total: new Float32Array(3).fill(6_000) });
  assert.is(engine.counters().buffers, buffers);
  await loaded
    .run({})()
    .then(
      () => assert.unreachable('a closed program ran'),
      (error: unknown) => assert.match(String(error), /TypeError.*was closed/),
    );
});

test('a program in f64 throws, and says what to do', async () => {
  await engine
    .load(program({ y: neg(input('x', 'f64', [2])) }))()
    .then(
      () => assert.unreachable('an f64 program was loaded'),
      (error: unknown) => assert.match(String(error), /TypeError.*f64\[2\].*cpu engine/),
    );
});

test('engines are chosen by name; the bracket closes them also where the use throws', async () => {
  await provideDriver();
  const [adapter] = await succeed(listAdapters());
  assert.is(adapter?.name, engine.description);
  assert.is(adapter?.software, engine.software);
  const kindOf = (choice: 'auto' | 'cpu' | 'webgpu') =>
    succeed(withEngine(choice, (one) => TE.right(`${one.kind} ${one.description}`)));
  assert.is(await kindOf('cpu'), 'cpu cpu');
  assert.is(await kindOf('webgpu'), `webgpu ${engine.description}`);
  // Whoever wants an imitated GPU has to ask for it.
  assert.is(await kindOf('auto'), engine.software ? 'cpu cpu' : `webgpu ${engine.description}`);

  const seen: Engine[] = [];
  const used = withEngine('webgpu', (one) => {
    seen.push(one);
    return async () => {
      await succeed(one.load(oscillator()));
      throw new RangeError('thrown by the use');
    };
  });
  await used().then(
    () => assert.unreachable('the error was swallowed'),
    (error: unknown) => assert.match(String(error), 'thrown by the use'),
  );
  assert.is(seen[0]?.counters().buffers, 0);
});

test('after everything is closed no buffer and no byte is left', async () => {
  const { buffers, bytes } = engine.counters();
  assert.equal([buffers, bytes], [0, 0]);
  await succeed(engine.load(oscillator()));
  assert.ok(engine.counters().buffers > 0);
  await closeDeviceEngine();
  assert.equal([engine.counters().buffers, engine.counters().bytes], [0, 0]);
});

test.run();
