// A training step's trajectories as one composite, and their gradient as another: the kernel against the meaning, all steps
// together against a step at a time, on every engine; and how many dispatches an iteration of training takes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expanded, keepsWithin } from '../../src/engine/expanded.js';
import type { Engine } from '../../src/engine/engine.js';
import { plan } from '../../src/engine/plan.js';
import { scheduled } from '../../src/engine/webgpu/chains.js';
import { randomProblem } from '../../src/bench/pools.js';
import { defaultTraining } from '../../src/gflownet/defaults.js';
import { tracedRollout } from '../../src/gflownet/fused/traced-rollout.js';
import { modelInputs, modelOf, problemValues, samplerOf } from '../../src/gflownet/model.js';
import { policyGradient } from '../../src/gflownet/policy-gradient.js';
import { detached, rollout } from '../../src/gflownet/rollout.js';
import {
  trainingProgram,
  withoutTeacher,
  type TrainingOptions,
} from '../../src/gflownet/training-program.js';
import { keyFromSeed, keyWords } from '../../src/random/key.js';
import { splitKey } from '../../src/tensor/derived/random.js';
import { input } from '../../src/tensor/operations.js';
import { program, type Program } from '../../src/tensor/program.js';
import { answer, closeEngines, openEngines, type Answers } from '../support/engines.js';
import { randomPool } from '../support/pools.js';
import { close, sameBits } from '../support/tolerances.js';

const engines = await openEngines();
const [cpu, webgpu] = engines;

interface Setting {
  readonly policy: 'gain' | 'pointer';
  readonly poolSize: number;
  readonly batchSize: number;
  readonly exploration: number;
  /** Trajectories drawn, and given. */
  readonly count: number;
  readonly given: number;
  readonly seed: number;
}

// More points than eight times the lanes, and numbers of points that no vector of four divides.
const settings: readonly Setting[] = [
  { policy: 'gain', poolSize: 23, batchSize: 4, exploration: 0, count: 6, given: 0, seed: 1 },
  { policy: 'gain', poolSize: 24, batchSize: 3, exploration: 0.4, count: 5, given: 2, seed: 2 },
  { policy: 'pointer', poolSize: 9, batchSize: 3, exploration: 0.3, count: 3, given: 4, seed: 3 },
  { policy: 'gain', poolSize: 600, batchSize: 2, exploration: 0.2, count: 4, given: 3, seed: 4 },
];

const hidden = 8;
const features = 5;

const made = (setting: Setting) => {
  const { policy, poolSize, batchSize, count, given, seed } = setting;
  const temperatures = [0.3, 1.2] as const;
  const model = modelOf({ policy, hidden, poolSize, features, batchSize, temperatures, dtype: 'f32' });
  const whitened = randomPool(poolSize, features, seed, 1.2 / Math.sqrt(features));
  const rows = count + given;
  const values = {
    ...problemValues(model, { whitened, batchSize, temperature: 0.7 }),
    parameters: randomPool(1, model.size, seed + 1, 1.2 / Math.sqrt(hidden)).data,
    key: keyWords(keyFromSeed(seed)),
    exploration: Float64Array.of(setting.exploration),
    given: Uint32Array.from({ length: given * batchSize }, (_, i) => (7 * i + (i % batchSize)) % poolSize),
    weights: randomPool(rows, batchSize, seed + 2, 1).data,
  };
  return { model, values, rows };
};

/** The parts of a program: trajectories, and the gradient for given weights. */
const programs = (setting: Setting): { readonly traced: Program; readonly plain: Program } => {
  const { model, rows } = made(setting);
  const { batchSize, count, given } = setting;
  const inputs = modelInputs(model);
  const attached = samplerOf(model, inputs);
  const sampler = detached(attached);
  const key = input('key', 'u32', [2]);
  const weights = input('weights', 'f32', [rows, batchSize]);
  const beside = {
    exploration: input('exploration', 'f32', []),
    ...(given === 0 ? {} : { given: input('given', 'u32', [given, batchSize]) }),
  };
  const { trajectories, gradient } = tracedRollout(model, inputs, sampler, count, key, beside);
  const walked = rollout(sampler, count, splitKey(key, 0), beside);
  const outputs = ({ actions, gains, logForward }: typeof walked) => ({ actions, gains, logForward });
  return {
    traced: program({ ...outputs(trajectories), gradient: gradient(weights) }),
    plain: program({
      ...outputs(walked),
      gradient: policyGradient(attached, sampler, walked, weights, inputs.parameters, false),
    }),
  };
};

const hold = (actual: Answers, expected: Answers, what: string): void => {
  sameBits(
    Uint32Array.from(actual['actions'] ?? []),
    Uint32Array.from(expected['actions'] ?? []),
    `${what}: actions`,
  );
  for (const name of ['gains', 'logForward', 'gradient'])
    close(actual[name] ?? [], expected[name] ?? [], 'rollouts', `${what}: ${name}`);
};

for (const setting of settings) {
  const { policy, poolSize, given } = setting;
  test(`${policy}, ${poolSize} points, ${given} trajectories given: kernel, meaning and all steps together`, async () => {
    const { values } = made(setting);
    const { traced, plain } = programs(setting);
    const of = (engine: Engine, running: Program): Promise<Answers> => answer(engine, running, values);
    const expected = await of(cpu, plain);
    const byMeaning = await of(cpu, traced);
    for (const name of Object.keys(expected))
      sameBits(
        Float32Array.from(byMeaning[name] ?? []),
        Float32Array.from(expected[name] ?? []),
        `the meaning on the cpu is the walk: ${name}`,
      );
    const wide = expanded(traced, () => false, true);
    hold(await of(cpu, wide), expected, 'cpu, together');
    hold(await of(webgpu, wide), expected, 'webgpu, together, without the kernel');
    hold(await of(webgpu, traced), expected, 'webgpu, by the kernel');
    // What was given was followed.
    const shown = (values.given as Uint32Array).length;
    if (shown > 0)
      assert.equal(Array.from(expected['actions'] ?? []).slice(-shown), Array.from(values.given));
  });
}

test('every step is uniform where exploration is certain', async () => {
  const [first] = settings;
  if (first === undefined) throw new Error('no setting');
  const setting = { ...first, exploration: 1, count: 8 };
  const { values } = made(setting);
  const { traced } = programs(setting);
  const other = { ...values, parameters: randomPool(1, values.parameters.length, 99, 1).data };
  const [one, two] = [await answer(webgpu, traced, values), await answer(webgpu, traced, other)];
  // The policies differ and their draws do not.
  assert.equal(Array.from(one['actions'] ?? []), Array.from(two['actions'] ?? []));
  assert.not.equal(Array.from(one['logForward'] ?? []), Array.from(two['logForward'] ?? []));
});

test('an iteration at N = 2,000 is at most 120 dispatches on WebGPU, and few more with a teacher', () => {
  const sizes = { poolSize: 2000, batchSize: 10, features: 32, hidden: 64 };
  const dispatches = (policy: 'gain' | 'pointer', options: TrainingOptions): number => {
    const { model } = randomProblem({ policy, ...sizes }, 0);
    return scheduled(plan(trainingProgram(model, options), keepsWithin(2 ** 25), true)).body.length;
  };
  const training = { ...defaultTraining('gain'), trajectories: 16 };
  const counts = {
    gain: dispatches('gain', withoutTeacher(training)),
    pointer: dispatches('pointer', withoutTeacher(training)),
    taught: dispatches('gain', training),
  };
  console.log(`# dispatches an iteration: ${JSON.stringify(counts)}`);
  assert.ok(counts.gain <= 120);
  assert.ok(counts.pointer <= 120);
  assert.ok(counts.taught <= 140);
});

test('nothing is left', () => closeEngines(engines));

test.run();
