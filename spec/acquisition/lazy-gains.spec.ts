// Points of large pools by what they add: those of exact.ts, lazily, the same wherever they are asked for; and the ends of scans.
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { at } from '../../src/at.js';
import { candidateIndices, candidateScans } from '../../src/acquisition/candidates.js';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { proposeBatch } from '../../src/acquisition/index.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import type { Engine } from '../../src/engine/engine.js';
import { engineFailure } from '../../src/failure.js';
import { matrixFrom, rowsAt, type Matrix } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed } from '../../src/random/key.js';
import { choose, gains, noneChosen } from '../../src/reward/exact.js';
import { lazyGains } from '../../src/acquisition/lazy-gains.js';
import { scannedAtOnce, scannedOn, type Scans } from '../../src/reward/scan.js';
import { input, mul, sum } from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import { normalMatrix } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';
import { runs } from '../support/property.js';
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

const size = 24;
const small = normalMatrix(size, 3, 5);
const costs = Array.from({ length: size }, (_, n) => 1 + ((7 * n) % 5));

test('the points that are taken have the largest scores of all that are free, by exact.ts', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(size - 1), { maxLength: 6 }),
      fc.array(fc.record({ joins: fc.nat(size - 1), count: fc.nat(size + 2) }), { maxLength: 8 }),
      fc.boolean(),
      fc.constantFrom(1, 3, 12, undefined),
      (without, steps, perCost, fewest) => {
        const score = (n: number, gain: number): number => gain / (perCost ? at(costs, n) : 1);
        const { largest, scores, join } = lazyGains(small, score, fewest);
        let state = noneChosen(small);
        for (const { joins, count } of steps) {
          const exact = gains(state).map((gain, n) => score(n, gain));
          const found = scannedAtOnce(largest(count, (n) => !without.includes(n)));
          const free = Array.from(exact.keys()).filter((n) => !without.includes(n));
          const expected = free.sort((a, b) => at(exact, b) - at(exact, a) || a - b).slice(0, count);
          // Of scores that are alike but for rounding either may come first.
          assert.is(found.length, expected.length);
          found.forEach((n, i) => {
            assert.ok(Math.abs(at(scores, n) - at(exact, n)) < 1e-12);
            assert.ok(Math.abs(at(scores, n) - at(exact, at(expected, i))) < 1e-12);
          });
          assert.is(new Set(found).size, found.length);
          join(joins);
          state = choose(joins)(state);
        }
      },
    ),
    runs(200),
  );
});

test('a greedy batch looks at few points again where few compete, and never at one twice for one that joined', () => {
  // Two far points and many near the origin: after the first of them the near ones cannot be next.
  const far = matrixFrom(1000, 2, (n, k) => (n === 400 + k ? 30 : 0.01 * Math.sin(n + k)));
  let asked = 0;
  const { largest, join } = lazyGains(far, (_, gain) => {
    asked++;
    return gain;
  });
  const taken = new Set<number>();
  for (let k = 0; k < 2; k++)
    for (const n of scannedAtOnce(largest(1, (one) => !taken.has(one)))) {
      taken.add(n);
      join(n);
    }
  assert.equal([...taken], [400, 401]);
  assert.ok(asked <= 1001, `${asked} of 1000 points`);
  scannedAtOnce(largest(1000, () => true));
  assert.ok(asked <= 1000 + 2 * 1000, `${asked} after all were asked for`);
});

const onEach = async (use: (engine: Engine, threads: number) => Promise<void>): Promise<void> => {
  for (const threads of threadCounts) {
    const engine = eagerEngine(threads);
    await use(engine, threads);
    const { buffers, bytes } = engine.counters();
    assert.equal([buffers, bytes], [0, 0]);
    await engine.close();
  }
};

test('equal points are equal wherever they stand, and greedy takes the first of them', async () => {
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

/** Rows of a pool by a program, as often as is asked for. */
function* sums(times: number, before: (k: number) => void = () => undefined): Scans<readonly number[]> {
  const scan = program({ sums: sum(mul(input('rows', 'f64', [8192, 128]), input('k', 'f64', [])), [1]) });
  const seen: number[] = [];
  for (let k = 0; k < times; k++) {
    before(k);
    const inputs = { k: Float64Array.of(k), ...(k === 0 ? { rows: pool.data } : {}) };
    const { sums: found = [] } = yield { program: scan, inputs };
    seen.push(found[17] ?? NaN);
  }
  return seen;
}

test('a program of scans says the same at once and on engines, and what stays goes with the first', async () => {
  const expected = scannedAtOnce(sums(3));
  const row = pool.data.subarray(17 * 128, 18 * 128).reduce((total, x) => total + x, 0);
  expected.forEach((total, k) => assert.ok(Math.abs(total - k * row) < 1e-10));
  await onEach(async (engine) => {
    assert.equal(await succeed(scannedOn(engine, () => sums(3), {})), expected);
  });
});

test('an engine without f64 leaves scans to one thread of the host', async () => {
  const engine = eagerEngine(3);
  const seen = await succeed(scannedOn({ ...engine, dtypes: ['f32'] }, () => sums(2), {}));
  assert.equal(seen, scannedAtOnce(sums(2)));
  assert.is(engine.threadPool.count(), 0);
  await engine.close();
});

test('where the engine fails on the way, so do scans, by name', async () => {
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
  assert.equal(await scannedOn(engine, () => sums(5), {})(), E.left(failure));
  const { buffers, bytes } = cpu.counters();
  assert.equal([buffers, bytes], [0, 0]);
  await cpu.close();
});

test('an interrupted scan ends, and leaves nothing on the engine', async () => {
  await onEach(async (engine) => {
    const stop = new AbortController();
    let asked = 0;
    const counting = (k: number): void => {
      asked++;
      if (k === 2) stop.abort();
    };
    const result = await scannedOn(engine, () => sums(1000, counting), { signal: stop.signal })();
    assert.equal(result, E.left({ _tag: 'Interrupted', during: 'greedy selection' }));
    assert.is(asked, 3);
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
