/** Trajectories from elsewhere: replayed ones, orders of given batches, and a teacher's. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultModel, defaultTraining } from '../../src/gflownet/defaults.js';
import { batchOrder } from '../../src/gflownet/exact/batch-order.js';
import { exactDistribution } from '../../src/gflownet/exact/policy.js';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import { logWeightsOf } from '../../src/gflownet/log-weights.js';
import { modelInputs, modelOf, problemValues, samplerOf, type Model } from '../../src/gflownet/model.js';
import { drawOrders } from '../../src/gflownet/orders.js';
import type { Problem } from '../../src/gflownet/problem.js';
import { recall, remember } from '../../src/gflownet/replay.js';
import { follow, detached, rollout } from '../../src/gflownet/rollout.js';
import { logRatiosOfOrders } from '../../src/gflownet/sample.js';
import { startTraining } from '../../src/gflownet/start.js';
import { taughtBatches, taughtLevels } from '../../src/gflownet/teacher.js';
import { atOnce } from '../../src/work.js';
import { train } from '../../src/gflownet/train.js';
import { keyFromSeed, keyWords, split, uniforms } from '../../src/random/key.js';
import { concat, constant, input } from '../../src/tensor/operations.js';
import type { TypedArray } from '../../src/tensor/expression.js';
import { program } from '../../src/tensor/program.js';
import { totalVariation } from '../../src/verify/divergence.js';
import { chiSquareTest } from '../../src/verify/goodness-of-fit.js';
import { fail, succeed } from '../support/device.js';
import { closeEngines, openEngines, runs } from '../support/engines.js';
import { maternPool } from '../support/pools.js';
import { answerAt, settingsOf } from '../support/settings.js';
import { sameBits } from '../support/tolerances.js';

const engines = await openEngines();
const [cpu] = engines;
const key = keyFromSeed(21);

const problem: Problem = { whitened: maternPool(10, 1), batchSize: 3, temperature: 0.5 };

const distanceOf = async (model: Model, parameters: ArrayLike<number>, at: Problem = problem) =>
  totalVariation(
    exactTarget(at).probabilities,
    await succeed(exactDistribution(cpu, model, at, Float64Array.from(parameters))),
  );

/** EUBO − log Z in nats, over all batches in six orders of each from the backward policy. */
const upperBoundOf = async (model: Model, parameters: TypedArray, at: Problem): Promise<number> => {
  const { probabilities, logZ } = exactTarget(at);
  const order = batchOrder(10, [3, 3]);
  const rows = Array.from(probabilities, (_, row) => row);
  const batches = Array.from({ length: 6 }, () => rows.map((row) => order.batchAt(row))).flat();
  const weights = await succeed(logWeightsOf({ engine: cpu, model, problem: at, parameters }, batches, key));
  return weights.reduce((sum, w, i) => sum + ((probabilities[i % rows.length] ?? 0) * w) / 6, -logZ);
};

for (const setting of settingsOf(engines))
  test(`the memory holds the last trajectories, newest first, and recalls none that it never held, ${setting.name}`, () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(1000),
        async (fresh, more, held, seed) => {
          const capacity = fresh + more;
          const row = (first: number, count: number): number[] =>
            Array.from({ length: 2 * count }, (_, i) => first + i);
          const memory = remember(
            constant(row(100, capacity), 'u32', [capacity, 2]),
            constant(row(0, fresh), 'u32', [fresh, 2]),
          );
          const running = program({
            memory,
            recalled: recall(input('key', 'u32', [2]), memory, constant([held], 'f32', []), 50),
          });
          const answers = await answerAt(setting, running, { key: keyWords(keyFromSeed(seed)) });
          const all = [...row(0, fresh), ...row(100, more)];
          assert.equal(Array.from(answers['memory'] ?? []), all);
          const recalled = Array.from(answers['recalled'] ?? []);
          for (let i = 0; i < 50; i++) {
            const place = all.indexOf(recalled[2 * i] ?? -1) / 2;
            assert.ok(place >= 0 && place < Math.min(held, capacity), `row ${place} of ${held} held`);
            assert.is(recalled[2 * i + 1], all[2 * place + 1]);
          }
        },
      ),
      runs(15),
    ));

for (const setting of settingsOf(engines))
  test(`given trajectories that walk beside drawn ones are as those that walk alone, ${setting.name}`, async () => {
    const model = modelOf({ ...defaultModel('gain', problem).shape, smallestBatch: 2 });
    const inputs = modelInputs(model);
    const sampler = detached(samplerOf(model, inputs));
    const own = input('key', 'u32', [2]);
    const given = constant([1, 4, 8, 9, 2, 10], 'u32', [2, 3]);
    const [drawn, shown] = [rollout(sampler, 5, own), follow(sampler, given)];
    const beside = rollout(sampler, 5, own, { given });
    const parts = ['actions', 'logForward', 'gains'] as const;
    const running = program(
      Object.fromEntries(
        parts.flatMap((part) => [
          [`${part} alone`, concat([drawn[part], shown[part]], 0)],
          [`${part} beside`, beside[part]],
        ]),
      ),
      {},
      Object.values(inputs),
    );
    const values = problemValues(model, { ...problem, smallestBatch: 2 });
    // Far from the start, so that a row tells what it was computed from.
    const parameters = Float64Array.from(uniforms(split(key, 5), model.size), (u) => u - 0.5);
    const answers = await answerAt(setting, running, { ...values, parameters, key: keyWords(key) });
    for (const part of parts) {
      const alone = answers[`${part} alone`] ?? [];
      assert.is(alone.length, 21);
      Array.from(answers[`${part} beside`] ?? []).forEach((x, i) =>
        assert.ok(Math.abs(x - (alone[i] ?? NaN)) <= 1e-5, `${part} ${i}: ${x}, alone ${alone[i]}`),
      );
    }
  });

test('training with replay comes to the target, and resumes in the same bits', async () => {
  const model = defaultModel('gain', problem);
  const options = {
    ...defaultTraining('gain'),
    iterations: 120,
    trajectories: 8,
    replay: { trajectories: 24, capacity: 100 },
  };
  const start = await succeed(startTraining(cpu, model, problem, options, key));
  const whole = await succeed(train(cpu, model, problem, options, start));
  const distance = await distanceOf(model, whole.parameters);
  assert.ok(distance <= 0.02, `total variation ${distance}`);
  const stop = new AbortController();
  let saved = start;
  await fail(
    train(cpu, model, problem, options, start, {
      chunk: 35,
      signal: stop.signal,
      onProgress: () => stop.abort(),
      onCheckpoint: (state) => (saved = state),
    }),
  );
  assert.is(saved.steps[0], 35);
  assert.is(saved.replay?.length, 300);
  const resumed = await succeed(train(cpu, model, problem, options, saved));
  sameBits(resumed.parameters, whole.parameters, 'parameters');
  assert.equal(resumed.replay, whole.replay);
  assert.throws(
    () => train(cpu, model, problem, { ...options, replay: { trajectories: 2, capacity: 7 } }, start),
    /memory of 7 trajectories is smaller than the 8 of one step/,
  );
});

test("the teacher's batches follow the target, at every temperature of a model's range and with every size", () => {
  const teacher = { trajectories: 8, weight: 1, draws: 4096 };
  const ranged = { ...problem, smallestBatch: 2, pointCost: 0.3 };
  const { shape } = defaultModel('gain', ranged);
  const model = modelOf({ ...shape, temperatures: [0.2, 0.8] });
  const table = atOnce(taughtBatches(model, ranged, teacher, key));
  // It can be stopped at every sweep of every chain.
  assert.ok([...taughtBatches(model, ranged, { ...teacher, draws: 64 }, key)].length > 1000);
  const count = taughtLevels(model);
  assert.is(table.length, count * teacher.draws * 3);
  for (const level of [0, (count - 1) / 2, count - 1]) {
    const temperature = 0.2 * 4 ** (level / (count - 1));
    const at = { ...ranged, temperature };
    const order = batchOrder(10, [2, 3]);
    const counts = new Float64Array(order.count);
    for (let row = level * teacher.draws; row < (level + 1) * teacher.draws; row++) {
      const own = Array.from(table.subarray(3 * row, 3 * row + 3)).filter((n) => n < 10);
      const place = order.rowOf(own.toSorted((a, b) => a - b));
      counts[place] = (counts[place] ?? 0) + 1 / teacher.draws;
    }
    const distance = totalVariation(counts, exactTarget(at).probabilities);
    // 4,096 independent draws of 165 batches are 0.06 away in the mean, with a standard deviation of 0.005; draws of a chain
    // count for somewhat fewer. The seed is fixed.
    assert.ok(distance < 0.11, `T = ${temperature}: total variation ${distance}`);
  }
});

test('a teacher brings a policy to the target, whatever its orders, and training resumes in the same bits', async () => {
  const cold = { ...problem, temperature: 0.1 };
  const { shape } = defaultModel('pointer', cold);
  const options = {
    ...defaultTraining('pointer'),
    ...{ learningRate: 0.005, iterations: 200, trajectories: 8 },
    teacher: { trajectories: 24, weight: 1, draws: 1024 },
  };
  for (const backward of ['uniform', 'learned'] as const) {
    const model = modelOf({ ...shape, backward });
    const start = await succeed(startTraining(cpu, model, cold, options, key));
    const whole = await succeed(train(cpu, model, cold, options, start));
    const { teacher, ...own } = options;
    const alone = await succeed(
      train(cpu, model, cold, { ...own, trajectories: 8 + teacher.trajectories }, start),
    );
    const [taught, untaught] = [
      await distanceOf(model, whole.parameters, cold),
      await distanceOf(model, alone.parameters, cold),
    ];
    assert.ok(taught < 0.05 && taught < untaught, `${backward}: ${taught}, ${untaught} without the teacher`);
    // A teacher that shows each batch in one order leaves the others out, and no distance of sets can tell.
    const gap = await upperBoundOf(model, whole.parameters, cold);
    assert.ok(gap < 0.1, `${backward}: EUBO − log Z ${gap}`);
    const stop = new AbortController();
    let saved = start;
    await fail(
      train(cpu, model, cold, options, start, {
        chunk: 35,
        signal: stop.signal,
        onProgress: () => stop.abort(),
        onCheckpoint: (state) => (saved = state),
      }),
    );
    assert.is(saved.taught?.length, 3 * 1024);
    const resumed = await succeed(train(cpu, model, cold, options, saved));
    sameBits(resumed.parameters, whole.parameters, 'parameters');
  }
});

test('a teacher serves a range of temperatures, and batches of several sizes', async () => {
  const ranged = { ...problem, smallestBatch: 2, pointCost: 0.3 };
  const model = modelOf({ ...defaultModel('gain', ranged).shape, temperatures: [0.2, 0.8] });
  const options = { ...defaultTraining('gain'), learningRate: 0.01, iterations: 200, trajectories: 16 };
  const start = await succeed(startTraining(cpu, model, ranged, options, key));
  const { parameters } = await succeed(train(cpu, model, ranged, options, start));
  for (const temperature of [0.2, 0.4, 0.8]) {
    const at = { ...ranged, temperature };
    const distance = totalVariation(
      exactTarget(at).probabilities,
      await succeed(exactDistribution(cpu, model, at, parameters)),
    );
    assert.ok(distance <= 0.05, `T = ${temperature}: total variation ${distance}`);
  }
});

for (const engine of engines)
  test(`orders follow the backward policy, learned or uniform, ${engine.kind}`, async () => {
    const { shape } = defaultModel('gain', problem);
    const draws = 3000;
    const batch = [1, 4, 8];
    for (const backward of ['uniform', 'learned'] as const) {
      const model = modelOf({ ...shape, backward });
      // Far from the start, where a learned backward policy is uniform too.
      const parameters = Float64Array.from(uniforms(split(key, 2), model.size), (u) => 2 * u - 1);
      const orders = await succeed(
        drawOrders(
          engine,
          model,
          problem,
          parameters,
          Array.from({ length: draws }, () => batch),
          split(key, 4),
        ),
      );
      const names = new Map(
        [
          [1, 4, 8],
          [1, 8, 4],
          [4, 1, 8],
          [4, 8, 1],
          [8, 1, 4],
          [8, 4, 1],
        ].map((o, i) => [o.join(), i]),
      );
      const each = Uint32Array.from([...names.keys()].flatMap((name) => name.split(',').map(Number)));
      // log P_B − log P_F of an order, less the same of the uniform backward policy, is log P_B + log 3!.
      const own = await succeed(logRatiosOfOrders(engine, model, problem, parameters, each));
      const plain = await succeed(
        logRatiosOfOrders(
          engine,
          modelOf({ ...shape, backward: 'uniform' }),
          problem,
          uniformPart(model, parameters),
          each,
        ),
      );
      const expected = Array.from(own, (log, i) => Math.exp(log - (plain[i] ?? 0)) / 6);
      assert.ok(Math.abs(expected.reduce((a, b) => a + b) - 1) < 1e-4);
      if (backward === 'learned') assert.ok(Math.max(...expected) > 0.2, expected.join());
      const counts = new Float64Array(6);
      for (let i = 0; i < draws; i++) {
        const at = names.get(Array.from(orders.subarray(3 * i, 3 * i + 3)).join()) ?? -1;
        counts[at] = (counts[at] ?? 0) + 1;
      }
      assert.is(
        counts.reduce((a, b) => a + b),
        draws,
      );
      // The seed is fixed; for another seed this fails with a probability of 1e-6.
      const sum = expected.reduce((a, b) => a + b);
      const { pValue } = chiSquareTest(
        counts,
        expected.map((p) => p / sum),
      );
      assert.ok(pValue > 1e-6, `${backward}: p = ${pValue}, ${counts.join()} for ${expected.join()}`);
    }
  });

/** The parameters of a model without those of its backward policy. */
const uniformPart = (model: Model, parameters: Float64Array): Float64Array => {
  let offset = 0;
  return Float64Array.from(
    Object.entries(model.specs).flatMap(([name, { shape }]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      offset += size;
      return name.startsWith('backward') ? [] : Array.from(parameters.subarray(offset - size, offset));
    }),
  );
};

test('engines are left empty', () => closeEngines(engines));

test.run();
