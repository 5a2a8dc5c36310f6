/** What holds for every strategy: batches of different points, the best of the draws, the seed, failures and refusals. */
import * as fc from 'fast-check';
import * as TE from '#fp-ts/TaskEither';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { posteriorAt } from '../../src/acquisition/candidates.js';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { type AcquisitionName, proposeBatch, strategies } from '../../src/acquisition/index.js';
import { type SettingName, settingNames, type StrategySettings } from '../../src/acquisition/settings.js';
import type { StrategyOptions } from '../../src/acquisition/strategy.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import type { Engine } from '../../src/engine/engine.js';
import { engineFailure } from '../../src/failure.js';
import type { Matrix } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed, permutation } from '../../src/random/key.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import type { Posterior } from '../../src/surrogate/posterior.js';
import { matrices, normalMatrix } from '../linear-algebra/arbitrary.js';
import { fail, succeed } from '../support/device.js';
import { runs } from '../support/property.js';

/** Those that draw from numbers; the others are met in label-uncertainty.spec.ts. */
const names = (Object.keys(strategies) as readonly AcquisitionName[]).filter(
  (name) => strategies[name].ofClasses === undefined,
);
const onHost = names.filter((name) => strategies[name].onHost);
const fixed: readonly AcquisitionName[] = ['greedy', 'bald', 'lcmd', 'kCentre', 'bait'];

const posteriorOf = (whitened: Matrix): Posterior => ({
  mean: new Float64Array(whitened.rows),
  whitened,
  noiseVariance: 1,
});

const cpu = cpuEngine();
/** An engine on which nothing runs. */
const broken: Engine = { ...cpu, load: () => TE.left(engineFailure('cpu', 'it is used', 'Leave it')) };

const proposed = (acquisition: AcquisitionName, whitened: Matrix, options: StrategyOptions) =>
  succeed(
    proposeBatch(strategies[acquisition].onHost ? broken : cpu, posteriorOf(whitened), {
      ...options,
      acquisition,
      // Training is not what is asked about.
      ...(strategies[acquisition].takes.includes('iterations') ? { iterations: 1, trajectories: 2 } : {}),
    }),
  );

/** Pools with twins, with points of no variance, and without any variance; batches up to all of the pool. */
const cases = fc
  .tuple(
    fc.oneof(
      matrices(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 })),
      fc.integer({ min: 1, max: 9 }).map((rows) => ({ rows, columns: 2, data: new Float64Array(2 * rows) })),
      fc
        .integer({ min: 1, max: 9 })
        .map((rows) => ({ rows, columns: 1, data: new Float64Array(rows).fill(5) })),
    ),
    fc.integer({ min: 1, max: 9 }),
    fc.nat(),
    fc.constantFrom(1e-6, 0.1, 3, 1e6),
  )
  .map(([whitened, size, seed, scale]) => ({
    whitened,
    batchSize: Math.min(size, whitened.rows),
    seed,
    scale,
  }));

/** A value of each setting, by a scale where it has one. */
const settingOf: { readonly [Name in SettingName]: (scale: number) => NonNullable<StrategySettings[Name]> } =
  {
    temperature: (scale) => scale,
    coldness: (scale) => scale,
    policy: () => 'gain',
    objective: () => 'trajectoryBalance',
    iterations: () => 1,
    trajectories: () => 2,
  };

/** The settings that a strategy takes, but for those of training, which are not what is asked about. */
const settingsOf = (name: AcquisitionName, scale: number): StrategySettings =>
  name === 'gflownet'
    ? {}
    : Object.fromEntries(strategies[name].takes.map((setting) => [setting, settingOf[setting](scale)]));

/** Strategies that mean to propose the best batch: never below greedy's. */
const improving: readonly AcquisitionName[] = ['gflownet', 'annealed', 'kdpp'];

for (const name of names)
  test(`${name}: different points of the pool, no worse than the draws`, () =>
    fc.assert(
      fc.asyncProperty(cases, async ({ whitened, batchSize, seed, scale }) => {
        const { best, drawn, greedy, improvement } = await proposed(name, whitened, {
          ...{ batchSize, seed, draws: 9 },
          ...settingsOf(name, scale),
        });
        assert.is(best.indices.length, batchSize);
        assert.is(new Set(best.indices).size, batchSize);
        assert.ok(best.indices.every((n) => Number.isInteger(n) && n >= 0 && n < whitened.rows));
        assert.is(best.jointMutualInformation, jointMutualInformation(whitened, best.indices));
        assert.equal(Object.keys(best), ['indices', 'jointMutualInformation']);
        assert.equal([drawn.best, drawn.count], [Math.max(...drawn.jointMutualInformation), 9]);
        assert.is(improvement !== null, improving.includes(name));
        if (improvement === null) assert.is(best.jointMutualInformation, drawn.best);
        else
          assert.ok(
            best.jointMutualInformation >= Math.max(drawn.best, greedy.jointMutualInformation),
            `best ${best.jointMutualInformation}, drawn ${drawn.best}, greedy ${greedy.jointMutualInformation}`,
          );
        assert.is(drawn.jointMutualInformation.length, 9);
      }),
      runs(name === 'gflownet' ? 8 : 60),
    ));

test('greedy is greedyBatch, and bald sorts the points by their gain', () =>
  fc.assert(
    fc.asyncProperty(cases, async ({ whitened, batchSize, seed }) => {
      const options = { batchSize, seed, draws: 3 };
      const greedy = await proposed('greedy', whitened, options);
      assert.equal(greedy.best.indices, greedyBatch(posteriorOf(whitened), batchSize).indices);
      assert.equal(greedy.drawn.jointMutualInformation, Array(3).fill(greedy.drawn.best));
      const bald = await proposed('bald', whitened, options);
      const norm = (n: number): number =>
        whitened.data
          .subarray(n * whitened.columns, (n + 1) * whitened.columns)
          .reduce((sum, x) => sum + x * x, 0);
      const left = Array.from({ length: whitened.rows }, (_, n) => n).filter(
        (n) => !bald.best.indices.includes(n),
      );
      bald.best.indices.forEach((n, i) => {
        const later = [...bald.best.indices.slice(i + 1), ...left];
        // A later point is worse, or stands further back in the pool.
        for (const m of later) {
          const less = norm(n) - norm(m);
          assert.ok(less >= -1e-12 * norm(n), `${m} is better than ${n}`);
          if (norm(n) === norm(m) && norm(n) === 0) assert.ok(n < m);
        }
      });
      assert.equal(bald.drawn.jointMutualInformation, Array(3).fill(bald.drawn.best));
    }),
    runs(60),
  ));

test('bald takes what says the same thing twice, greedy does not', async () => {
  const whitened = { rows: 3, columns: 2, data: Float64Array.of(3, 0, 3, 0, 0, 2) };
  const options = { batchSize: 2, seed: 0, draws: 1 };
  assert.equal((await proposed('bald', whitened, options)).best.indices, [0, 1]);
  assert.equal((await proposed('greedy', whitened, options)).best.indices, [0, 2]);
});

test('where nothing is random the batch goes with the points, in whatever order they stand', () =>
  fc.assert(
    fc.asyncProperty(fc.integer({ min: 4, max: 12 }), fc.nat(), async (rows, seed) => {
      const whitened = normalMatrix(rows, 3, seed);
      const order = Array.from(permutation(keyFromSeed(seed), rows));
      const { whitened: moved } = posteriorAt(posteriorOf(whitened), order);
      for (const name of fixed) {
        const options = { batchSize: 4, seed, draws: 1 };
        const { best } = await proposed(name, moved, options);
        assert.equal(
          best.indices.map((i) => order[i]),
          (await proposed(name, whitened, options)).best.indices,
        );
      }
    }),
    runs(30),
  ));

test('the seed decides where something is random, and nothing else', async () => {
  const whitened = normalMatrix(20, 3, 2);
  for (const name of onHost) {
    const told = async (seed: number) =>
      (await proposed(name, whitened, { batchSize: 4, seed, draws: 40 })).drawn;
    const first = await told(1);
    assert.equal(await told(1), first, name);
    if (fixed.includes(name)) assert.equal(await told(2), first, name);
    else
      assert.not.equal(await told(2), first, `${name}: if nothing in it is random, it is one of \`fixed\``);
  }
});

test('draws at random are others than the random batches beside them', async () => {
  const { drawn, random } = await proposed('random', normalMatrix(20, 3, 2), {
    batchSize: 4,
    seed: 1,
    draws: 40,
  });
  assert.is.not(drawn.mean, random.mean);
});

test('what is not a target is null; what is one has its temperature and log Z', async () => {
  for (const name of names) {
    const { temperature, effectiveSampleSize, logPartition } = await proposed(name, normalMatrix(12, 3, 2), {
      ...{ batchSize: 3, seed: 1, draws: 40 },
    });
    const told = [temperature, effectiveSampleSize, logPartition].map((x) => x !== null);
    const targeted = ['gflownet', 'annealed', 'kdpp', 'stochasticBatchBald'].includes(name);
    // Annealing has no trajectories to take weights of.
    assert.equal(told, [targeted, targeted && name !== 'annealed', targeted], name);
  }
});

test('a feature that is not finite is a failure, an aborted signal ends the draws, a batch beyond the pool throws', async () => {
  for (const acquisition of onHost) {
    const nothing = posteriorOf({ rows: 2, columns: 1, data: Float64Array.of(1, NaN) });
    const options = { acquisition, batchSize: 1, seed: 0, draws: 100 };
    assert.is((await fail(proposeBatch(broken, nothing, options)))._tag, 'InputFailure', acquisition);
    const controller = new AbortController();
    const seen: string[] = [];
    const interrupted = await fail(
      proposeBatch(broken, posteriorOf(normalMatrix(9, 2, 0)), {
        ...options,
        signal: controller.signal,
        onProgress: ({ stage }) => {
          seen.push(stage);
          controller.abort();
        },
      }),
    );
    const [during = ''] = seen;
    assert.match(during, /^(certifying|choosing points|clustering|drawing|random batches)$/);
    assert.equal(interrupted, { _tag: 'Interrupted', during });
    assert.is(seen.length, 1);
    assert.throws(
      () => proposeBatch(broken, posteriorOf(normalMatrix(3, 2, 0)), { ...options, batchSize: 4 }),
      /pool of 3/,
    );
  }
});

test('progress goes on from stage to stage, each to its total', async () => {
  for (const acquisition of onHost) {
    const seen: { readonly stage: string; readonly done: number; readonly total: number }[] = [];
    await proposed(acquisition, normalMatrix(9, 2, 0), {
      ...{ batchSize: 3, seed: 0, draws: 20 },
      onProgress: (progress) => seen.push(progress),
    });
    seen.forEach(({ stage, done, total }, i) => {
      assert.ok(done >= 0 && done <= total, `${acquisition}, ${stage}: ${done} of ${total}`);
      const before = seen[i - 1];
      assert.ok(before?.stage !== stage || done >= before.done, `${acquisition}, ${stage}: ${done}`);
    });
  }
});

test('settings without a use, or out of range, throw', () => {
  const posterior = posteriorOf(normalMatrix(9, 2, 0));
  const options = { batchSize: 2, seed: 0, draws: 3 };
  for (const acquisition of names)
    for (const setting of settingNames)
      if (!strategies[acquisition].takes.includes(setting))
        assert.throws(
          () =>
            proposeBatch(broken, posterior, { ...options, acquisition, [setting]: settingOf[setting](2) }),
          new RegExp(`${acquisition} has no use for ${setting} = ${settingOf[setting](2)}`),
        );
  for (const wrong of [0, -1, NaN, Infinity]) {
    const powers = { ...options, acquisition: 'powerBald', coldness: wrong } as const;
    assert.throws(() => proposeBatch(broken, posterior, powers), /coldness is .*above 0/);
    const steps = { ...options, acquisition: 'stochasticBatchBald', temperature: wrong } as const;
    assert.throws(() => proposeBatch(broken, posterior, steps), /temperature is .*from 1e-30 up/);
  }
});

test.run();
