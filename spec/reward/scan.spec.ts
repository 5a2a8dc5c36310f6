// Scans of large pools: what exact.ts says of them, the same bits with every number of threads, and their ends.
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { candidateIndices, candidateScans } from '../../src/acquisition/candidates.js';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { proposeBatch } from '../../src/acquisition/index.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import type { Engine } from '../../src/engine/engine.js';
import { engineFailure } from '../../src/failure.js';
import { rowsAt, type Matrix } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed } from '../../src/random/key.js';
import { choose, noneChosen } from '../../src/reward/exact.js';
import { growingVariances, isScanned, scannedAtOnce, scannedOn, type Scans } from '../../src/reward/scan.js';
import { normalMatrix } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';
import { eagerEngine, threadCounts } from '../support/shadows.js';

const posteriorOf = (whitened: Matrix) => ({
  mean: new Float64Array(whitened.rows),
  whitened,
  noiseVariance: 1,
});

/** A pool that is just large enough, the second half of which is the first once more. */
const half = normalMatrix(4096, 128, 3);
const pool = rowsAt(
  { ...half, data: half.data.map((x) => x / 4) },
  Array.from({ length: 8192 }, (_, n) => n % 4096),
);

const joining = [17, 4095, 8191, 0, 4096];

/** All variances on the way. */
function* walk(mostHeld?: number, numbers?: number): Scans<readonly Float64Array[]> {
  const { start, join } = growingVariances(pool, mostHeld, numbers);
  const seen = [start];
  for (const m of joining) seen.push(yield* join(m));
  return seen;
}

const bytesOf = (seen: readonly Float64Array[]): Buffer =>
  Buffer.concat(
    seen.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  );

const onEach = async (use: (engine: Engine, threads: number) => Promise<void>): Promise<void> => {
  for (const threads of threadCounts) {
    const engine = eagerEngine(threads);
    await use(engine, threads);
    const { buffers, bytes } = engine.counters();
    assert.equal([buffers, bytes], [0, 0]);
    await engine.close();
  }
};

test('a scan is what exact.ts says, and the same bits at once and with 1, 2, 3 and 8 threads', async () => {
  assert.ok(isScanned(pool));
  const atOnce = scannedAtOnce(walk());
  let state = noneChosen(pool);
  atOnce.forEach((variances, i) => {
    if (i > 0) state = choose(joining[i - 1] ?? NaN)(state);
    variances.forEach((v, n) => assert.ok(Math.abs(v - (state.variances[n] ?? NaN)) < 1e-11));
  });
  await onEach(async (engine, threads) => {
    const seen = await succeed(scannedOn(engine, () => walk(), {}));
    assert.ok(bytesOf(seen).equals(bytesOf(atOnce)), `${threads} threads`);
  });
});

test('scans on the host say the same but for rounding, with a turn for signals before each', async () => {
  const programmed = scannedAtOnce(walk());
  scannedAtOnce(walk(0)).forEach((variances, i) =>
    variances.forEach((v, n) => assert.ok(Math.abs(v - (programmed[i]?.[n] ?? NaN)) < 1e-11)),
  );
  // And with turns inside: after 3,000 of 8,192 rows or after all of them, the same bits.
  const whole = bytesOf(scannedAtOnce(walk(0)));
  for (const [numbers, each] of [
    [undefined, 1],
    [3000 * 128 + 5, 3],
    [8192 * 128, 1],
    [1, 8192],
  ] as const) {
    const scans = walk(0, numbers);
    let turns = 0;
    let next = scans.next({});
    for (; next.done !== true; next = scans.next({})) {
      assert.is(next.value, undefined);
      turns++;
    }
    assert.is(turns, each * joining.length);
    assert.ok(bytesOf(next.value).equals(whole));
  }
  const engine = cpuEngine();
  const controller = new AbortController();
  controller.abort();
  const ended = await scannedOn(engine, () => walk(0), { signal: controller.signal })();
  assert.equal(ended, E.left({ _tag: 'Interrupted', during: 'greedy selection' }));
  assert.equal((await succeed(scannedOn(engine, () => walk(0), {}))).length, joining.length + 1);
});

test('equal points have equal variances wherever they stand, and greedy takes the first of them', async () => {
  for (const variances of scannedAtOnce(walk()))
    assert.ok(variances.slice(0, 4096).every((v, n) => v === variances[4096 + n]));
  const { indices } = greedyBatch(posteriorOf(pool), 6);
  let state = noneChosen(half);
  for (const n of indices) {
    assert.ok(n < 4096);
    state = choose(n)(state);
  }
  const options = { acquisition: 'greedy', batchSize: 6, draws: 1, seed: 0 } as const;
  await onEach(async (engine, threads) => {
    const { best, greedy } = await succeed(proposeBatch(engine, posteriorOf(pool), options));
    assert.equal([best.indices, greedy.indices], [indices, indices], `${threads} threads`);
  });
});

test('candidates are the same on every engine, the greedy batch among them', async () => {
  const options = { count: 40, batchSize: 5, key: keyFromSeed(1) };
  const indices = candidateIndices(pool, options);
  for (const n of greedyBatch(posteriorOf(pool), 5).indices) assert.ok(indices.includes(n));
  await onEach(async (engine) => {
    assert.equal(await succeed(scannedOn(engine, () => candidateScans(pool, options), {})), indices);
  });
});

test('an engine without f64 leaves scans to one thread of the host', async () => {
  const engine = eagerEngine(3);
  const seen = await succeed(scannedOn({ ...engine, dtypes: ['f32'] }, walk, {}));
  assert.ok(bytesOf(seen).equals(bytesOf(scannedAtOnce(walk()))));
  assert.is(engine.threadPool.count(), 0);
  await engine.close();
});

test('where the engine fails on the way, so do scans and proposals, by name', async () => {
  const failure = engineFailure('cpu', 'a thread of the engine failed', 'Open another engine');
  const cpu = cpuEngine({ threads: 2 });
  let runs = 0;
  const engine: Engine = {
    ...cpu,
    load: (program) =>
      pipe(
        cpu.load(program),
        TE.map((loaded) => ({
          ...loaded,
          run: (request) => (++runs % 3 === 0 ? TE.left(failure) : loaded.run(request)),
        })),
      ),
  };
  assert.equal(await scannedOn(engine, walk, {})(), E.left(failure));
  const options = { acquisition: 'greedy', batchSize: 6, draws: 1, seed: 0 } as const;
  assert.equal(await proposeBatch(engine, posteriorOf(pool), options)(), E.left(failure));
  const { buffers, bytes } = cpu.counters();
  assert.equal([buffers, bytes], [0, 0]);
  await cpu.close();
});

test('an interrupted scan ends, and leaves nothing on the engine', async () => {
  await onEach(async (engine) => {
    const stop = new AbortController();
    let joined = 0;
    const endless = function* (): Scans<never> {
      const { join } = growingVariances(pool);
      for (;;) {
        if (++joined === 3) stop.abort();
        yield* join(joined);
      }
    };
    const result = await scannedOn(engine, endless, { signal: stop.signal })();
    assert.equal(result, E.left({ _tag: 'Interrupted', during: 'greedy selection' }));
    assert.is(joined, 3);
  });
  const stop = new AbortController();
  stop.abort();
  const engine = eagerEngine(2);
  const options = { batchSize: 5, draws: 1, seed: 0, signal: stop.signal };
  for (const acquisition of ['greedy', 'gflownet', 'annealed'] as const)
    assert.equal(
      await proposeBatch(engine, posteriorOf(pool), { ...options, acquisition })(),
      E.left({ _tag: 'Interrupted', during: 'greedy selection' }),
    );
  await engine.close();
});

test.run();
