/** Training: it nears the exact target, repeats bit for bit, resumes where it stopped, and keeps to its device. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Counters, Engine } from '../../src/engine/engine.js';
import { defaultModel, defaultTraining } from '../../src/gflownet/defaults.js';
import { exactDistribution } from '../../src/gflownet/exact/policy.js';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import { modelOf } from '../../src/gflownet/model.js';
import type { ObjectiveName } from '../../src/gflownet/objectives/index.js';
import type { PolicyName } from '../../src/gflownet/policies/index.js';
import type { Problem } from '../../src/gflownet/problem.js';
import { batchesOf, draw } from '../../src/gflownet/sample.js';
import { startTraining } from '../../src/gflownet/start.js';
import { train, type TrainingControl, type TrainingState } from '../../src/gflownet/train.js';
import { type TrainingOptions, withoutTeacher } from '../../src/gflownet/training-program.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import { totalVariation } from '../../src/verify/divergence.js';
import { fail, succeed } from '../support/device.js';
import { closeEngines, openEngines } from '../support/engines.js';
import { maternPool } from '../support/pools.js';
import { sameBits } from '../support/tolerances.js';

const engines = await openEngines();
const [cpu, webgpu] = engines;
const key = keyFromSeed(11);

const problemOf = (temperature: number, poolSize = 10, batchSize = 3): Problem => ({
  whitened: maternPool(poolSize, 1),
  batchSize,
  temperature,
});

const optionsFor = (policy: PolicyName, changes: Partial<TrainingOptions> = {}): TrainingOptions => ({
  ...defaultTraining(policy),
  trajectories: 32,
  iterations: 200,
  ...changes,
});

const trained = async (
  engine: Engine,
  policy: PolicyName,
  problem: Problem,
  options: TrainingOptions,
  control: TrainingControl = {},
  from?: TrainingState,
): Promise<TrainingState> => {
  const model = defaultModel(policy, problem);
  const start = from ?? (await succeed(startTraining(engine, model, problem, options, key)));
  return succeed(train(engine, model, problem, options, start, control));
};

const distanceToTarget = async (policy: PolicyName, problem: Problem, { parameters }: TrainingState) =>
  totalVariation(
    exactTarget(problem).probabilities,
    await succeed(exactDistribution(cpu, defaultModel(policy, problem), problem, parameters)),
  );

// Distances of exact distributions, not of samples: nothing here can fail by chance, for the seed is fixed.
const bounds: readonly (readonly [PolicyName, ObjectiveName, number, number])[] = [
  ['gain', 'logPartitionVariance', 0.5, 0.02],
  ['gain', 'trajectoryBalance', 0.5, 0.02],
  ['gain', 'logPartitionVariance', 0.2, 0.03],
  ['gain', 'detailedBalance', 0.5, 0.03],
  ['gain', 'subTrajectoryBalance', 0.5, 0.03],
  ['gain', 'flowMatching', 0.5, 0.03],
  ['pointer', 'logPartitionVariance', 0.5, 0.08],
  ['deepSets', 'logPartitionVariance', 0.5, 0.08],
];

/** The first of them, trained once for all tests. */
let ready: Promise<TrainingState> | undefined;
const gainAtHalf = (): Promise<TrainingState> =>
  (ready ??= trained(cpu, 'gain', problemOf(0.5), optionsFor('gain')));

for (const [policy, objective, temperature, bound] of bounds)
  test(`${policy} trained by ${objective} at T = ${temperature} comes within ${bound} of the target in total variation`, async () => {
    const problem = problemOf(temperature);
    const state = await trained(cpu, policy, problem, optionsFor(policy, { objective }));
    const distance = await distanceToTarget(policy, problem, state);
    assert.ok(distance <= bound, `total variation ${distance}`);
  });

for (const objective of ['logPartitionVariance', 'subTrajectoryBalance'] as const)
  test(`one model for a range of temperatures comes to the target at its ends and in its middle, ${objective}`, async () => {
    const problem = problemOf(0.5);
    const model = modelOf({ ...defaultModel('gain', problem).shape, temperatures: [0.25, 1] });
    const options = optionsFor('gain', { objective, iterations: 400, learningRate: 0.01 });
    const start = await succeed(startTraining(cpu, model, problem, options, key));
    const { parameters } = await succeed(train(cpu, model, problem, options, start));
    for (const temperature of [0.25, 0.5, 1]) {
      const at = { ...problem, temperature };
      const { probabilities } = exactTarget(at);
      const distance = totalVariation(
        probabilities,
        await succeed(exactDistribution(cpu, model, at, parameters)),
      );
      assert.ok(distance <= 0.04, `T = ${temperature}: total variation ${distance}`);
    }
    assert.throws(
      () => draw(cpu, model, { ...problem, temperature: 2 }, parameters, 8, key),
      /serves temperatures from 0\.25 to 1/,
    );
  });

test('a learned backward policy is uniform at start, and training with it comes to the target', async () => {
  const problem = problemOf(0.5);
  const { shape } = defaultModel('gain', problem);
  const model = modelOf({ ...shape, backward: 'learned' });
  const options = optionsFor('gain');
  const start = await succeed(startTraining(cpu, model, problem, options, key));
  const before = await succeed(draw(cpu, model, problem, start.parameters, 16, key));
  before.steps.logBackward.forEach((log, at) => assert.ok(Math.abs(log + Math.log((at % 3) + 1)) < 1e-6));
  const { parameters } = await succeed(train(cpu, model, problem, options, start));
  const distance = totalVariation(
    exactTarget(problem).probabilities,
    await succeed(exactDistribution(cpu, model, problem, parameters)),
  );
  assert.ok(distance <= 0.02, `total variation ${distance}`);
  // The weights are made with the learned policy: they are even although it is no longer uniform.
  const after = await succeed(draw(cpu, model, problem, parameters, 600, key));
  assert.ok(after.estimates.effectiveSampleSize > 0.97, `ESS ${after.estimates.effectiveSampleSize}`);
  assert.ok(after.steps.logBackward.some((log, at) => Math.abs(log + Math.log((at % 3) + 1)) > 1e-3));
});

test('training on the device comes to the target too', async () => {
  const problem = problemOf(0.5);
  const state = await trained(
    webgpu,
    'gain',
    problem,
    optionsFor('gain', { iterations: 60, trajectories: 16 }),
  );
  const distance = await distanceToTarget('gain', problem, state);
  assert.ok(distance <= 0.03, `total variation ${distance}`);
});

for (const engine of engines)
  test(`the same seed gives the same bits, in one piece or resumed, ${engine.kind}`, async () => {
    const problem = problemOf(0.5, 8, 2);
    const options = optionsFor('gain', { iterations: 12, trajectories: 8, exploration: 0.2 });
    const whole = await trained(engine, 'gain', problem, options, { chunk: 4 });
    const again = await trained(engine, 'gain', problem, options, { chunk: 3 });
    // Stopped after 5 of 12 steps: the checkpoint on the way out is where the next run begins.
    const stop = new AbortController();
    const saved: TrainingState[] = [];
    const model = defaultModel('gain', problem);
    const start = await succeed(startTraining(engine, model, problem, options, key));
    const failure = await fail(
      train(engine, model, problem, options, start, {
        chunk: 5,
        signal: stop.signal,
        onProgress: () => stop.abort(),
        onCheckpoint: (state) => saved.push(state),
      }),
    );
    assert.is(failure._tag, 'Interrupted');
    assert.is(saved.length, 1);
    assert.is(saved[0]?.steps[0], 5);
    const resumed = await trained(engine, 'gain', problem, options, {}, saved[0]);
    for (const name of ['parameters', 'first', 'second', 'key'] as const) {
      sameBits(again[name], whole[name], `${name} again`);
      sameBits(resumed[name], whole[name], `${name} resumed`);
    }
  });

test('one submit a training iteration at most, no readback inside a chunk, nothing grows from iteration 2 to 300', async () => {
  const problem = problemOf(0.5, 6, 2);
  const model = defaultModel('gain', problem);
  const options = withoutTeacher(optionsFor('gain', { iterations: 300, trajectories: 4 }));
  const start = await succeed(startTraining(webgpu, model, problem, options, key));
  const seen: (Counters & { readonly done: number })[] = [];
  const onProgress = ({ done }: { readonly done: number }) => {
    seen.push({ done, ...webgpu.counters() });
  };
  // From iteration 2 on: a first run of two steps has made every pipeline there is to make.
  await succeed(
    train(webgpu, model, problem, { ...options, iterations: 2 }, start, { chunk: 2, onProgress }),
  );
  const second = seen.pop();
  await succeed(train(webgpu, model, problem, options, start, { chunk: 50, onProgress }));
  const [first, last] = [seen[0], seen.at(-1)];
  assert.ok(first !== undefined && last !== undefined && last.done === 300);
  assert.is(last.pipelines, second?.pipelines);
  assert.is(last.buffers, second?.buffers);
  const iterations = last.done - first.done;
  const submits = last.submits - first.submits;
  const readbacks = last.readbacks - first.readbacks;
  const chunks = iterations / 50;
  console.log(
    `# submits an iteration ${submits / iterations}, readbacks a chunk of 50 ${readbacks / chunks}, pipelines ${first.pipelines} → ${last.pipelines}, live buffers ${first.buffers} → ${last.buffers}, dispatches an iteration ${(last.dispatches - first.dispatches) / iterations}`,
  );
  assert.ok(submits <= iterations);
  // The loss and the ELBO at the end of each chunk, and nothing else.
  assert.is(readbacks, 2 * chunks);
  for (const at of seen) {
    assert.is(at.pipelines, first.pipelines);
    assert.is(at.buffers, first.buffers);
    assert.is(at.bytes, first.bytes);
  }
});

test('drawn batches are valid, repeat with the key, and their estimates agree with the exact log Z', async () => {
  const problem = problemOf(0.5);
  const model = defaultModel('gain', problem);
  const { parameters } = await gainAtHalf();
  const { logZ } = exactTarget(problem);
  for (const engine of engines) {
    const draws = await succeed(draw(engine, model, problem, parameters, 600, split(key, 1)));
    assert.is(draws.actions.length, 600 * 3);
    for (const batch of batchesOf(draws)) {
      assert.is(new Set(batch).size, 3);
      assert.ok(batch.every((point) => point < 10));
    }
    const again = await succeed(draw(engine, model, problem, parameters, 600, split(key, 1)));
    sameBits(again.actions, draws.actions, 'batches');
    const { elbo, logZ: estimate, effectiveSampleSize } = draws.estimates;
    // ESS 0.97 and more means weights with a spread of at most 0.18, so that the mean of 600 is off by 0.0073 and five
    // times that is missed with a probability below 1e-6 (normal approximation).
    assert.ok(effectiveSampleSize > 0.97, `ESS ${effectiveSampleSize}`);
    assert.ok(Math.abs(estimate - logZ) < 0.037, `importance estimate ${estimate}, exact ${logZ}`);
    assert.ok(elbo <= logZ + 0.037 && elbo > logZ - 0.05, `ELBO ${elbo}, exact ${logZ}`);
  }
});

test('a loss that is not finite is a failure that says what to do', async () => {
  const problem = problemOf(0.5);
  const model = defaultModel('gain', problem);
  const options = optionsFor('gain', { learningRate: NaN });
  const start = await succeed(startTraining(cpu, model, problem, options, key));
  const failure = await fail(train(cpu, model, problem, options, start));
  assert.is(failure._tag, 'NumericalFailure');
});

test('engines are left empty', () => closeEngines(engines));

test.run();
