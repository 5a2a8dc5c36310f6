// The gradient taken a step at a time, and for large pools with states walked again, is the gradient; memory of training
// grows with the pool alone, by a bounded number of bytes a point.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addressesOf } from '../../src/engine/cpu/addresses.js';
import { inPlace } from '../../src/engine/cpu/in-place.js';
import { groupsOf, tileSlots } from '../../src/engine/cpu/runs.js';
import { plan, usedSlots } from '../../src/engine/plan.js';
import { scheduled } from '../../src/engine/webgpu/chains.js';
import { defaultTraining } from '../../src/gflownet/defaults.js';
import { firstParameters, modelInputs, modelOf, problemValues, samplerOf } from '../../src/gflownet/model.js';
import { policies, type PolicyName } from '../../src/gflownet/policies/index.js';
import { isLarge, policyGradient } from '../../src/gflownet/policy-gradient.js';
import { detached, rollout } from '../../src/gflownet/rollout.js';
import { trainingProgram, withoutTeacher } from '../../src/gflownet/training-program.js';
import { keyFromSeed, keyWords, normals, split } from '../../src/random/key.js';
import { bytesOf } from '../../src/tensor/expression.js';
import { gradient } from '../../src/tensor/gradient.js';
import { constant, input, mul, sum } from '../../src/tensor/operations.js';
import { program, withPrecision } from '../../src/tensor/program.js';
import { closeEngines, openEngines, withLoaded } from '../support/engines.js';
import { randomPool } from '../support/pools.js';

const engines = await openEngines();
const [cpu] = engines;
const [poolSize, batchSize, trajectories] = [20, 4, 8];

for (const policy of Object.keys(policies) as PolicyName[])
  test(`${policy}: the gradient a step at a time is that of all at once, with states kept or walked again`, async () => {
    for (const smallestBatch of [batchSize, 2]) {
      const whitened = randomPool(poolSize, 3, 5);
      const model = modelOf({
        policy,
        hidden: 8,
        poolSize,
        features: 3,
        batchSize,
        smallestBatch,
        dtype: 'f32',
      });
      const inputs = modelInputs(model);
      const live = samplerOf(model, inputs);
      const weights = constant(normals(keyFromSeed(4), trajectories * batchSize), 'f32', [
        trajectories,
        batchSize,
      ]);
      const slope = (large: boolean) => {
        const sampler = detached(live, large);
        const drawn = rollout(sampler, trajectories, input('key', 'u32', [2]));
        return policyGradient(live, sampler, drawn, weights, inputs.parameters, large);
      };
      // The derivative of Σ w log P_F as it stands, through everything at once.
      const { logForward } = rollout(live, trajectories, input('key', 'u32', [2]));
      const [direct] = gradient(sum(mul(weights, logForward)), [inputs.parameters]);
      const all = program({ direct, kept: slope(false), again: slope(true) }, {}, Object.values(inputs));
      const problem = { whitened, batchSize, smallestBatch, temperature: 0.5 };
      // Zero last layers would hide what goes through them.
      const first = firstParameters(model, keyFromSeed(1));
      const noise = normals(keyFromSeed(2), first.length);
      const parameters = first.map((x, i) => x + 0.2 * (noise[i] ?? 0));
      const values = {
        ...problemValues(model, problem),
        parameters,
        key: keyWords(split(keyFromSeed(3), 1)),
      };
      const slopes = await withLoaded(cpu, withPrecision('f64', all), (run) => run({ inputs: values }));
      const should = Array.from(slopes['direct'] ?? []);
      const scale = should.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      assert.ok(scale > 1e-3, 'a gradient of zeros says nothing');
      for (const name of ['kept', 'again'])
        should.forEach((x, i) => {
          const is = slopes[name]?.[i] ?? NaN;
          assert.ok(Math.abs(x - is) <= 1e-12 * scale, `${name} ${i}: ${is}, should be ${x}`);
        });
    }
  });

/** Bytes that training takes for each point of a large pool, with D = 32 and H = 64. */
const bytesAPoint = (size: number, memory: 'linear' | 'buffers'): number => {
  const model = modelOf({
    policy: 'gain',
    hidden: 64,
    poolSize: size,
    features: 32,
    batchSize: 10,
    dtype: 'f32',
  });
  const running = trainingProgram(model, withoutTeacher({ ...defaultTraining('gain'), trajectories: 16 }));
  const planned = memory === 'linear' ? inPlace(plan(running)) : plan(running);
  if (memory === 'linear') {
    const grouped = { prologue: groupsOf(planned.prologue), body: groupsOf(planned.body) };
    const tiles = tileSlots(planned, [...grouped.prologue, ...grouped.body]);
    const own = usedSlots(planned).filter((slot) => !tiles.offsets.has(slot));
    return addressesOf(planned, own, grouped).end / size;
  }
  const { prologue, body } = scheduled(planned);
  const touched = new Set([
    ...usedSlots({ ...planned, prologue: [], body: [] }),
    ...[...prologue, ...body].flatMap(({ reads, writes }) => [...reads, ...writes.map(({ slot }) => slot)]),
  ]);
  return (
    [...touched].reduce((sum, slot) => {
      const { dtype, size: elements } = planned.slots[slot] ?? { dtype: 'f32', size: 0 };
      return sum + elements * bytesOf(dtype);
    }, 0) / size
  );
};

test('a million points take no more bytes each than two hundred thousand, and less than 1.9 kB', () => {
  assert.ok(isLarge(200_000, 10, 16));
  const [some, many] = [bytesAPoint(200_000, 'linear'), bytesAPoint(1_000_000, 'linear')];
  assert.ok(many <= some, `${some} and ${many}`);
  assert.ok(many < 1900, `${many} bytes a point`);
});

test('in buffers of a device as well, in proportion', () => {
  const [some, many] = [bytesAPoint(200_000, 'buffers'), bytesAPoint(1_000_000, 'buffers')];
  assert.ok(many <= some, `${some} and ${many}`);
  console.log(`# bytes a point in buffers: ${many.toFixed(0)}`);
});

test('a few trajectories make no matrix of all pairs of points, many make one, and both are one batch for one key', async () => {
  const points = 600;
  const model = modelOf({
    policy: 'gain',
    hidden: 8,
    poolSize: points,
    features: 3,
    batchSize,
    dtype: 'f32',
  });
  const whitened = randomPool(points, 3, 5);
  const parameters = firstParameters(model, keyFromSeed(1));
  const values = { ...problemValues(model, { whitened, batchSize, temperature: 0.5 }), parameters };
  const inputs = modelInputs(model);
  const ofStates = (states: number | undefined) => {
    const sampler = samplerOf(model, inputs, states);
    const { actions, gains, logForward } = rollout(sampler, 2, input('key', 'u32', [2]));
    return program({ actions, gains, logForward }, {}, Object.values(inputs));
  };
  const pairs = (states: number | undefined): boolean =>
    plan(ofStates(states)).slots.some(({ size }) => size >= points * points);
  assert.is(pairs(2), false);
  assert.is(pairs(undefined), true);
  const drawnBy = (states: number | undefined) =>
    withLoaded(cpu, withPrecision('f64', ofStates(states)), (run) =>
      run({ inputs: { ...values, key: keyWords(keyFromSeed(8)) } }),
    );
  const [few, many] = [await drawnBy(2), await drawnBy(undefined)];
  assert.equal(few['actions'], many['actions']);
  for (const name of ['gains', 'logForward'])
    few[name]?.forEach((x, i) =>
      assert.ok(Math.abs(x - (many[name]?.[i] ?? NaN)) < 1e-9, `${name} ${i}: ${x} and ${many[name]?.[i]}`),
    );
});

test('engines are left empty', () => closeEngines(engines));

test.run();
