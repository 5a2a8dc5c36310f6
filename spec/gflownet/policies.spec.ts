/** The policies: the deep-sets reference values, the start of `gain`, and what every policy must obey. */
import * as fc from 'fast-check';
import * as t from '#io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { firstParameters, modelOf, problemValues } from '../../src/gflownet/model.js';
import { logPolicyProgram } from '../../src/gflownet/exact/policy.js';
import { policies, type PolicyName } from '../../src/gflownet/policies/index.js';
import { deepSets } from '../../src/gflownet/policies/deep-sets.js';
import type { Problem } from '../../src/gflownet/problem.js';
import { logSumExp } from '../../src/linear-algebra/log-sum.js';
import { parameterCount, parameterOffset, type Parameters, unpack } from '../../src/nn/parameters.js';
import { keyFromSeed } from '../../src/random/key.js';
import { gains, choose, noneChosen } from '../../src/reward/exact.js';
import { logSoftmax } from '../../src/tensor/derived/softmax.js';
import { takeLast } from '../../src/tensor/derived/matrix.js';
import { gradient } from '../../src/tensor/gradient.js';
import { constant, filled, input, matmul, neg, sum, equal } from '../../src/tensor/operations.js';
import { program, withPrecision } from '../../src/tensor/program.js';
import { answer, closeEngines, openEngines, runs } from '../support/engines.js';
import { randomPool } from '../support/pools.js';
import { matrixOfRows, readReference, vectorOfNumbers } from '../support/reference.js';
import { answerAt, near, settingsOf } from '../support/settings.js';

const names = ['e1', 'e2', 'p1', 'p2', 'c1', 'c2'] as const;
const layers = <A>(codec: t.Type<A, unknown>) =>
  t.type({ e1: codec, e2: codec, p1: codec, p2: codec, c1: codec, c2: codec });

const reference = readReference(
  'set-policy',
  t.type({
    pool: matrixOfRows,
    weights: layers(matrixOfRows),
    biases: layers(vectorOfNumbers),
    mask: t.array(t.array(t.number)),
    logits: matrixOfRows,
    /** null stands for minus infinity: a chosen element. */
    logPolicy: t.array(t.array(t.union([t.number, t.null]))),
    actions: t.array(t.number),
    loss: t.number,
    gradients: layers(matrixOfRows),
  }),
);

const engines = await openEngines();
const settings = settingsOf(engines);
const [cpu] = engines;

/** The deep-sets policy on the reference's pool and states. */
const referenceProgram = () => {
  const { rows, columns, data } = reference.pool;
  const weights = Object.fromEntries(
    names.map((name) => [
      name,
      input(name, 'f32', [reference.weights[name].rows, reference.weights[name].columns]),
    ]),
  );
  const biases = Object.fromEntries(
    names.map((name) => [
      `${name}Bias`,
      constant(reference.biases[name], 'f32', [reference.biases[name].length]),
    ]),
  );
  const points = constant(data, 'f32', [rows, columns]);
  const one = filled(1, 'f32', []);
  const described = { rows: points, scale: one };
  const pool = {
    points: described,
    whitened: points,
    inverseTemperature: one,
    temperatureCode: filled(0, 'f32', []),
  };
  const none = filled(0, 'f32', [reference.weights.e2.columns]);
  const parameters = { ...weights, ...biases, temperature1: none, temperature2: none } as Parameters<
    ReturnType<typeof deepSets.parameters>
  >;
  const embedded = deepSets.embed(parameters, described);
  const candidates = deepSets.candidates(parameters, embedded, pool);
  const count = reference.mask.length;
  const mask = constant(reference.mask.flat(), 'f32', [count, rows]);
  const unused = filled(0, 'f32', [count, 1]);
  const states = {
    aggregate: matmul(mask, deepSets.members(parameters, embedded)),
    variances: mask,
    allowed: equal(mask, 0),
    shares: undefined,
    filled: unused,
    remaining: unused,
    picks: 1,
  };
  const logits = deepSets.logits(parameters, candidates, states, pool);
  const logPolicy = logSoftmax(logits, equal(mask, 0));
  const loss = neg(sum(takeLast(logPolicy, constant(reference.actions, 'u32', [count]))));
  const slopes = gradient(
    loss,
    names.map((name) => weights[name] ?? loss),
  );
  return program({
    logits,
    logPolicy,
    loss,
    ...Object.fromEntries(names.map((name, i) => [name, slopes[i] ?? loss])),
  });
};

for (const setting of settings)
  test(`deepSets gives the reference's logits, log policy, loss and gradients, ${setting.name}`, async () => {
    const values = Object.fromEntries(names.map((name) => [name, reference.weights[name].data]));
    const answers = await answerAt(setting, referenceProgram(), values);
    near(setting, answers['logits'], reference.logits.data, 'logits');
    reference.mask.forEach((row, s) =>
      row.forEach((member, n) => {
        if (member === 0)
          near(
            setting,
            answers['logPolicy']?.slice(s * row.length + n, s * row.length + n + 1),
            [reference.logPolicy[s]?.[n] ?? NaN],
            `log policy ${s}, ${n}`,
          );
      }),
    );
    near(setting, answers['loss'], [reference.loss], 'loss');
    for (const name of names)
      near(setting, answers[name], reference.gradients[name].data, `gradient of ${name}`);
  });

const problemOf = (poolSize: number, seed: number): Problem => ({
  whitened: randomPool(poolSize, 3, seed, 1.5),
  batchSize: 4,
  temperature: 0.4,
});

const modelFor = (policy: PolicyName, { whitened, batchSize }: Problem) =>
  modelOf({
    policy,
    hidden: 8,
    poolSize: whitened.rows,
    features: whitened.columns,
    batchSize,
    dtype: 'f32',
  });

/** log π(· | subset) in f64. */
const logPolicyAt = async (
  policy: PolicyName,
  problem: Problem,
  parameters: Float64Array,
  subset: readonly number[],
): Promise<number[]> => {
  const running = withPrecision('f64', logPolicyProgram(modelFor(policy, problem), subset.length, 1));
  const subsets = subset.length > 0 ? { subsets: Uint32Array.from(subset) } : {};
  const { logPolicy } = await answer(cpu, running, {
    ...problemValues(modelFor(policy, problem), problem),
    parameters,
    ...subsets,
  });
  return Array.from(logPolicy ?? []);
};

test('an untrained gain policy at its last point is the softmax of gain / T', async () => {
  // At the last point nothing remains to be chosen, so a point keeps all of its gain.
  const problem = problemOf(7, 5);
  const parameters = firstParameters(modelFor('gain', problem), keyFromSeed(3));
  const subset = [5, 0, 3];
  const state = subset.reduce(
    (conditioned, point) => choose(point)(conditioned),
    noneChosen(problem.whitened),
  );
  const weights = Array.from(gains(state), (gain, n) =>
    subset.includes(n) ? 0 : Math.exp(gain / problem.temperature),
  );
  const total = weights.reduce((a, b) => a + b);
  const logs = await logPolicyAt('gain', problem, parameters, subset);
  weights.forEach((weight, n) => {
    if (!subset.includes(n)) assert.ok(Math.abs(Math.exp(logs[n] ?? NaN) - weight / total) < 1e-12);
  });
});

test('what a gain policy learns of share, gain and shrinkage is weighed by itself', async () => {
  const problem = problemOf(7, 5);
  const model = modelFor('gain', problem);
  const learned = [0.7, -0.4, 1.3] as const;
  const parameters = firstParameters(model, keyFromSeed(3));
  parameters.set(learned, parameterOffset(model.specs, 'query3Bias') + model.shape.hidden);
  const beta = 1 / problem.temperature;
  const logits = gains(choose(4)(noneChosen(problem.whitened))).map((gain) => {
    // Two points are still to come after the next.
    const [own, variance] = [beta * gain, Math.expm1(2 * gain)];
    const share = own / (1 + (2 * own) / (20 + own));
    return share * (1 + learned[0]) + own * learned[1] + ((beta * variance) / (1 + variance)) * learned[2];
  });
  const logZ = logSumExp(logits.filter((_, n) => n !== 4));
  const logs = await logPolicyAt('gain', problem, parameters, [4]);
  logits.forEach((logit, n) => {
    if (n !== 4) assert.ok(Math.abs((logs[n] ?? NaN) - (logit - logZ)) < 1e-12, `point ${n}`);
  });
});

for (const policy of Object.keys(policies) as PolicyName[]) {
  // Noise on all parameters, so that last layers that begin as zero count too.
  const noisy = (problem: Problem, seed: number) => {
    const { size } = modelFor(policy, problem);
    return randomPool(1, size, seed, 0.3).data;
  };

  test(`${policy}: members are as wide as the networks of states read them`, () => {
    const { specs, policy: own, shape } = modelFor(policy, problemOf(6, 0));
    const parameters = unpack(specs, input('parameters', 'f32', [parameterCount(specs)]));
    const points = { rows: input('rows', 'f32', [6, shape.features]), scale: input('scale', 'f32', []) };
    assert.equal(own.members(parameters, own.embed(parameters, points)).shape, [6, shape.hidden]);
  });

  test(`${policy}: probabilities add up to one and do not depend on the order in which points joined`, () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(1000),
        fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 0, maxLength: 3 }),
        async (seed, subset) => {
          const problem = problemOf(6, seed);
          const parameters = noisy(problem, seed);
          const logs = await logPolicyAt(policy, problem, parameters, subset);
          const total = logs.reduce((sum, log, n) => sum + (subset.includes(n) ? 0 : Math.exp(log)), 0);
          assert.ok(Math.abs(total - 1) < 1e-10, `total ${total}`);
          const again = await logPolicyAt(policy, problem, parameters, [...subset].reverse());
          logs.forEach((log, n) => {
            if (!subset.includes(n)) assert.ok(Math.abs(log - (again[n] ?? NaN)) < 1e-9);
          });
        },
      ),
      runs(15),
    ));

  test(`${policy}: a permutation of the pool permutes the policy, and the same weights serve a pool of another size`, () =>
    fc.assert(
      fc.asyncProperty(fc.nat(1000), fc.integer({ min: 5, max: 9 }), async (seed, size) => {
        const problem = problemOf(size, seed);
        const parameters = noisy(problemOf(6, 0), seed);
        const { rows, columns, data } = problem.whitened;
        // Rotates the points by one: point n of the rotated pool is point n + 1 of the pool.
        const rotated = Float64Array.from(data, (_, i) => data[(i + columns) % data.length] ?? NaN);
        const logs = await logPolicyAt(policy, problem, parameters, [2, 4]);
        const moved = await logPolicyAt(
          policy,
          { ...problem, whitened: { rows, columns, data: rotated } },
          parameters,
          [1, 3],
        );
        for (let n = 0; n < rows; n++)
          if (n !== 2 && n !== 4)
            assert.ok(
              Math.abs((logs[n] ?? NaN) - (moved[(n + rows - 1) % rows] ?? NaN)) < 1e-9,
              `point ${n}`,
            );
      }),
      runs(10),
    ));
}

test('engines are left empty', () => closeEngines(engines));

test.run();
