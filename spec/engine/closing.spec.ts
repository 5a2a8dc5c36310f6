// An engine that is closed while something runs on it: all that is still asked of it is a failure that says so, and nothing is
// thrown, whenever the end comes, however often it is closed; and nothing is left on it.
import { isLeft, type Either } from '#fp-ts/Either';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { proposeBatch } from '../../src/acquisition/index.js';
import { cpuEngine, tunedEngine } from '../../src/engine/cpu/index.js';
import type { Engine } from '../../src/engine/engine.js';
import { engineOn } from '../../src/engine/webgpu/index.js';
import { showFailure, type Failure } from '../../src/failure.js';
import { add, input } from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import { slowDawnsTurns } from '../support/dawn-turns.js';
import { openDevice, succeed } from '../support/device.js';
import { runs } from '../support/property.js';
import { maternPool } from '../support/pools.js';

slowDawnsTurns();

interface Opening {
  readonly name: string;
  readonly open: () => Promise<Engine>;
  /** How many ends of a training are tried. */
  readonly tries: number;
}

const openings: readonly Opening[] = [
  { name: 'cpu', open: () => Promise.resolve(cpuEngine({ threads: 1 })), tries: 4 },
  // Its runs wait for their threads: it may be closed meanwhile.
  {
    name: 'cpu, threads that gather',
    open: () =>
      Promise.resolve(tunedEngine({ threads: 3 }, { from: 0, start: 0, change: 0, together: true })),
    tries: 3,
  },
  { name: 'webgpu', open: async () => engineOn(await openDevice()), tries: 1 },
];

const counting = program({}, { x: add(input('x', 'f32', [3]), 1) });
const inputs = { x: Float32Array.of(0, 1, 2) };

const requireClosed = (result: Either<Failure, unknown>): void => {
  assert.ok(isLeft(result), 'it went on');
  assert.match(showFailure(result.left), /the engine was closed while it was in use/);
};

const requireEmpty = (engine: Engine): void => {
  const { buffers, bytes } = engine.counters();
  assert.equal({ buffers, bytes }, { buffers: 0, bytes: 0 });
};

for (const { name, open, tries } of openings) {
  test(`${name}: runs and loads after the end are failures, and closing again changes nothing`, async () => {
    const engine = await open();
    const [loaded, other] = [await succeed(engine.load(counting)), await succeed(engine.load(counting))];
    assert.equal(await succeed(loaded.run({ inputs, read: ['x'] })), { x: Float32Array.of(1, 2, 3) });
    other.close();
    for (let times = 0; times < 2; times++) {
      await engine.close();
      requireClosed(await loaded.run({ read: ['x'] })());
      requireClosed(await engine.load(counting)());
      loaded.close();
      other.close();
    }
    requireEmpty(engine);
  });

  test(`${name}: what is loaded while the engine is closed is not left on it`, async () => {
    const engine = await open();
    const loading = engine.load(counting)();
    await engine.close();
    const result = await loading;
    // It may have been there before the end came.
    if (isLeft(result)) requireClosed(result);
    else requireClosed(await result.right.run({ inputs })());
    requireEmpty(engine);
  });

  test(`${name}: a batch whose engine is closed at any report is a failure, or whole`, async () => {
    const posterior = { mean: new Float64Array(8), whitened: maternPool(8, 1), noiseVariance: 1 };
    const options = { batchSize: 3, seed: 0, draws: 8, iterations: 20, acquisition: 'gflownet' } as const;
    let ends = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 5 }), fc.boolean(), async (at, twice) => {
        const engine = await open();
        const closings: Promise<void>[] = [];
        let reports = 0;
        const onProgress = (): void => {
          if (reports++ !== at) return;
          closings.push(engine.close());
          if (twice) closings.push(engine.close());
        };
        const result = await proposeBatch(engine, posterior, { ...options, onProgress })();
        if (isLeft(result)) {
          requireClosed(result);
          ends += 1;
        }
        await Promise.all([...closings, engine.close()]);
        requireEmpty(engine);
      }),
      runs(tries),
    );
    assert.ok(ends > 0, 'no end came in time');
  });
}

test.run();
