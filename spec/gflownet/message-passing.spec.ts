/** `messagePassing`: what it sees of a pool, where it is exact, that it stays finite, and its pretrained weights. */
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exactDistribution, logPolicyProgram } from '../../src/gflownet/exact/policy.js';
import { defaultModel } from '../../src/gflownet/defaults.js';
import { firstParameters, problemValues } from '../../src/gflownet/model.js';
import { networkOf, pretrainedPolicy, weightsOf } from '../../src/gflownet/pretrained/pretrained.js';
import { weights } from '../../src/gflownet/pretrained/weights.js';
import { gibbsTargetOf, logReward, type Problem } from '../../src/gflownet/problem.js';
import { conditionalAt } from '../../src/gibbs/update.js';
import { networkLogits, networkSpecs } from '../../src/gflownet/policies/slot-network.js';
import type { Matrix } from '../../src/linear-algebra/matrix.js';
import { logSumExp } from '../../src/linear-algebra/log-sum.js';
import { initialParameters, parameterCount, unpack } from '../../src/nn/parameters.js';
import { keyFromSeed } from '../../src/random/key.js';
import { batchOrder } from '../../src/gflownet/exact/batch-order.js';
import { maternProblem } from '../../src/surrogate/matern.js';
import { logSoftmax } from '../../src/tensor/derived/softmax.js';
import { gradient } from '../../src/tensor/gradient.js';
import { constant, filled, input, mul, sum } from '../../src/tensor/operations.js';
import { program, withPrecision } from '../../src/tensor/program.js';
import { succeed } from '../support/device.js';
import { answer, closeEngines, openEngines } from '../support/engines.js';
import { greedyCompletion } from '../support/greedy-completion.js';
import { randomPool } from '../support/pools.js';
import { answerAt, near, settingsOf } from '../support/settings.js';

const engines = await openEngines();
const settings = settingsOf(engines);
const [cpu] = engines;

const problemOf = (whitened: Matrix, changes: Partial<Problem> = {}): Problem => ({
  whitened,
  batchSize: 4,
  temperature: 0.2,
  ...changes,
});

const logPolicyAt = async (
  problem: Problem,
  subset: readonly number[],
  parameters: (size: number) => Float64Array,
  engine = cpu,
  dtype: 'f32' | 'f64' = 'f64',
): Promise<number[]> => {
  const model = defaultModel('messagePassing', problem, 8);
  const { logPolicy } = await answer(
    engine,
    withPrecision(dtype, logPolicyProgram(model, subset.length, 1)),
    {
      ...problemValues(model, problem),
      parameters: parameters(model.size),
      ...(subset.length > 0 ? { subsets: Uint32Array.from(subset) } : {}),
    },
  );
  return Array.from(logPolicy ?? []);
};

const noisy = (size: number): Float64Array => randomPool(1, size, 7, 0.3).data;

const untrained = (problem: Problem) => (): Float64Array =>
  firstParameters(defaultModel('messagePassing', problem, 8), keyFromSeed(1));

const alike = (a: readonly number[], b: readonly number[], without: readonly number[], within: number) =>
  a.forEach((x, n) => {
    if (!without.includes(n))
      assert.ok(Math.abs(x - (b[n] ?? NaN)) < within, `point ${n}: ${x}, ${b[n] ?? NaN}`);
  });

test('a rotation of the features and columns of zeros change nothing', async () => {
  const whitened = randomPool(9, 3, 4, 1.5);
  // A rotation of the first two features by an angle, and two features more.
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  const data = Float64Array.from({ length: 9 * 5 }, (_, i) => {
    const at = (j: number): number => whitened.data[Math.floor(i / 5) * 3 + j] ?? 0;
    return [c * at(0) - s * at(1), s * at(0) + c * at(1), at(2), 0, 0][i % 5] ?? 0;
  });
  for (const subset of [[], [2], [5, 0]]) {
    const own = await logPolicyAt(problemOf(whitened), subset, noisy);
    // The parameters behind those of the policy, of the flows, take no part; their number depends on b alone.
    const turned = await logPolicyAt(problemOf({ rows: 9, columns: 5, data }), subset, noisy);
    alike(own, turned, subset, 1e-9);
  }
});

test('untrained, it is the mean conditional of a greedy completion while two picks or more come after', async () => {
  const problem = problemOf(randomPool(9, 3, 5, 1.5), { batchSize: 5 });
  const { rows } = problem.whitened;
  const { target, beta } = gibbsTargetOf(problem);
  for (const subset of [[], [3], [3, 7]]) {
    const batch = target.utility.batchFrom(greedyCompletion(problem.whitened, subset, 5));
    const weights = new Float64Array(rows);
    const mean = new Float64Array(rows);
    for (let place = subset.length; place < 5; place++) {
      const { total } = conditionalAt(batch, place, beta, weights);
      for (let n = 0; n < rows; n++)
        mean[n] = (mean[n] ?? 0) + (weights[n] ?? 0) / (total * (5 - subset.length));
    }
    const floored = mean.map((q) => q + 1e-6 / rows);
    const total = floored.reduce((sum, q, n) => sum + (subset.includes(n) ? 0 : q), 0);
    alike(
      await logPolicyAt(problem, subset, untrained(problem)),
      Array.from(floored, (q) => Math.log(q / total)),
      subset,
      1e-9,
    );
  }
});

test('untrained, its last two picks are the exact ones', async () => {
  const problem = problemOf(randomPool(9, 3, 6, 1.5));
  const { rows } = problem.whitened;
  const last = (subset: readonly number[]): number[] =>
    Array.from({ length: rows }, (_, n) =>
      subset.includes(n) ? -Infinity : logReward(problem, [...subset, n]),
    );
  const normalised = (logs: readonly number[]) => logs.map((log) => log - logSumExp(logs));
  const two = [1, 6];
  const ofTwo = Array.from({ length: rows }, (_, n) =>
    two.includes(n) ? -Infinity : logSumExp(last([...two, n])),
  );
  alike(await logPolicyAt(problem, two, untrained(problem)), normalised(ofTwo), two, 1e-9);
  const three = [1, 6, 2];
  alike(await logPolicyAt(problem, three, untrained(problem)), normalised(last(three)), three, 1e-9);
});

test('it is finite in f32 where points are alike, dominate, or lie on a line, on every engine', async () => {
  const twice = randomPool(6, 2, 8, 1);
  const pools: readonly Matrix[] = [
    { rows: 12, columns: 2, data: Float64Array.from([...twice.data, ...twice.data]) },
    { rows: 6, columns: 2, data: twice.data.with(0, 1e6) },
    { rows: 7, columns: 1, data: Float64Array.from([0, 1e-9, 1, 1, 1e3, 1e6, -1e6]) },
  ];
  for (const engine of engines)
    for (const whitened of pools)
      for (const subset of [[], [0], [0, 5]]) {
        const logs = await logPolicyAt(
          problemOf(whitened, { temperature: 0.01 }),
          subset,
          noisy,
          engine,
          'f32',
        );
        assert.ok(
          logs.every((log, n) => subset.includes(n) || Number.isFinite(log)),
          `${engine.description}, ${whitened.rows} points: ${logs.join(' ')}`,
        );
      }
});

/** A weighted sum of log-probabilities at two states of five points, with four and three picks to come, and its gradient. */
const slopeProgram = () => {
  const specs = networkSpecs(4);
  const parameters = input('parameters', 'f32', [parameterCount(specs)]);
  const points = randomPool(5, 3, 9, 1).data;
  const inner = (n: number, m: number): number =>
    [0, 1, 2].reduce((dot, j) => dot + (points[3 * n + j] ?? 0) * (points[3 * m + j] ?? 0), 0);
  const at = (i: number): readonly [number, number] => [Math.floor(i / 5), i % 5];
  const member = 1;
  const share = (n: number): number => inner(member, n) / Math.sqrt(1 + inner(member, member));
  const fives = (of: (n: number) => number): number[] => [0, 1, 2, 3, 4].map(of);
  const allowed = constant([1, 1, 1, 1, 1, 1, 0, 1, 1, 1], 'u32', [2, 5]);
  const logits = networkLogits(unpack(specs, parameters), {
    gram: constant(
      Array.from({ length: 25 }, (_, i) => inner(...at(i))),
      'f32',
      [5, 5],
    ),
    shares: constant([...fives(() => 0), ...fives(share)], 'f32', [2, 1, 5]),
    variances: constant(
      [...fives((n) => inner(n, n)), ...fives((n) => inner(n, n) - share(n) ** 2)],
      'f32',
      [2, 5],
    ),
    allowed,
    remaining: constant([3, 2], 'f32', [2, 1]),
    ...{ picks: 4, mixed: true },
    inverseTemperature: filled(4, 'f32', []),
  });
  const weight = constant([0.5, -1, 2, 0.25, 1, 1, 0, 0.5, -0.75, 1], 'f32', [2, 5]);
  const value = sum(mul(logSoftmax(logits, allowed), weight));
  return {
    size: parameterCount(specs),
    running: program({ value, slope: gradient(value, [parameters])[0] }),
  };
};

for (const setting of settings)
  test(`its gradient is that of differences, ${setting.name}`, async () => {
    const { size, running } = slopeProgram();
    const parameters = initialParameters(networkSpecs(4), keyFromSeed(2)).map(
      (x, i) => x + (randomPool(1, size, 11, 0.2).data[i] ?? 0),
    );
    const inF64 = withPrecision('f64', running);
    const direction = randomPool(1, size, 10, 1).data;
    const valueAt = async (step: number): Promise<number> =>
      (await answer(cpu, inF64, { parameters: parameters.map((x, i) => x + step * (direction[i] ?? 0)) }))[
        'value'
      ]?.[0] ?? NaN;
    const difference = ((await valueAt(1e-5)) - (await valueAt(-1e-5))) / 2e-5;
    const { slope = [] } = await answer(cpu, inF64, { parameters });
    const along = Array.from(slope).reduce((dot, x, i) => dot + x * (direction[i] ?? 0), 0);
    assert.ok(Math.abs(along - difference) < 1e-6 * (1 + Math.abs(along)), `${along}, ${difference}`);
    near(setting, (await answerAt(setting, running, { parameters }))['slope'], Array.from(slope), 'gradient');
  });

test('the pretrained policy on a pool that it has never seen is near the target, and nearer than untrained', async () => {
  const generated = maternProblem({ poolSize: 20, seed: 1 });
  if (E.isLeft(generated)) throw new Error('no problem');
  const problem = problemOf(generated.right.posterior.whitened, { temperature: 0.1 });
  const order = batchOrder(20, [4, 4]);
  const batches = Array.from({ length: order.count }, (_, row) => order.batchAt(row));
  const logs = batches.map((batch) => logReward(problem, batch));
  const total = logSumExp(logs);
  const distance = async (model: ReturnType<typeof defaultModel>, parameters: ArrayLike<number>) => {
    const own = await succeed(exactDistribution(cpu, model, problem, Float64Array.from(parameters)));
    return logs.reduce((gap, log, i) => gap + Math.abs(Math.exp(log - total) - (own[i] ?? 0)) / 2, 0);
  };
  const { model, parameters } = await succeed(pretrainedPolicy(problem));
  const before = await distance(model, firstParameters(model, keyFromSeed(0)));
  const after = await distance(model, parameters);
  console.log(`# total variation ${before.toFixed(4)} untrained, ${after.toFixed(4)} pretrained`);
  assert.ok(after < 0.1 && after < before, `${before}, ${after}`);
});

test('weights of another version, policy or shape are refused, with what to do', () => {
  const read = networkOf(weights);
  assert.ok(E.isRight(read));
  if (E.isRight(read))
    assert.equal(networkOf(weightsOf(read.right, weights)), read, 'weights come back as they were');
  for (const wrong of [
    { ...weights, version: weights.version + 1 },
    { ...weights, policy: 'gain' },
    { ...weights, hidden: weights.hidden + 1 },
    { ...weights, parameters: weights.parameters.slice(0, -8) },
    { ...weights, parameters: '!' },
  ]) {
    const refused = networkOf(wrong);
    assert.ok(E.isLeft(refused) && /batchgfn pretrain/.test(refused.left.faults[0].remedy));
  }
});

test('engines are left empty', () => closeEngines(engines));

test.run();
