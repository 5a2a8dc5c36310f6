/** Neural surrogates: training, and the posteriors of each head, on every engine. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine } from '../../src/engine/engine.js';
import { cholesky, solveLower, solveLowerTransposed } from '../../src/linear-algebra/cholesky.js';
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import {
  applyTo,
  columnGram,
  columnVector,
  product,
  rowGram,
  transpose,
} from '../../src/linear-algebra/product.js';
import { keyFromSeed, normals } from '../../src/random/key.js';
import { fitNetwork } from '../../src/surrogate/network/fit.js';
import { networkSize, networkValues, priorDeviations } from '../../src/surrogate/network/layers.js';
import type { NetworkModel, NetworkSpec } from '../../src/surrogate/network/model.js';
import { networkPosterior, shapeOf } from '../../src/surrogate/network/posterior.js';
import { trainNetworks } from '../../src/surrogate/network/training.js';
import { standardisedColumns } from '../../src/surrogate/standardise.js';
import { closeTo, distance, entry, normalMatrix, right } from '../linear-algebra/arbitrary.js';
import { linearClasses } from '../support/classes.js';
import { closeEngines, openEngines } from '../support/engines.js';

const engines = await openEngines();
const heads = ['last-layer', 'ensemble', 'dropout'] as const;

const specOf = (own: Partial<NetworkSpec>): NetworkSpec => ({
  ...{
    kind: 'network',
    head: 'ensemble',
    task: 'regression',
    hidden: [12],
    iterations: 100,
    draws: 6,
    seed: 1,
  },
  ...own,
});

const fitted = async (engine: Engine, inputs: Matrix, targets: Float64Array, own: Partial<NetworkSpec>) => {
  const model = right(await fitNetwork(engine, inputs, targets, specOf(own))());
  return { model, over: async (rows: Matrix) => right(await networkPosterior(engine, model)(rows)()) };
};

/** y = 3 + x·(2, −1) of normal inputs. */
const teacher = ({ rows, columns, data }: Matrix): Float64Array =>
  Float64Array.from(
    { length: rows },
    (_, i) => 3 + 2 * (data[i * columns] ?? 0) - (data[i * columns + 1] ?? 0),
  );

/** Some rows of a matrix, in the order given. */
const rowsAt = (a: Matrix, some: readonly number[]): Matrix =>
  matrixFrom(some.length, a.columns, (i, j) => entry(a, some[i] ?? 0, j));

for (const engine of engines) {
  for (const head of heads)
    test(`${engine.kind}, ${head}: a linear teacher is learned`, async () => {
      const inputs = normalMatrix(40, 2, 1);
      const rows = normalMatrix(100, 2, 2);
      // Masks at every step make for slower training.
      const own = head === 'dropout' ? { head, hidden: [32], iterations: 200 } : { head };
      const { over, model } = await fitted(engine, inputs, teacher(inputs), own);
      const { mean, noiseVariance } = await over(rows);
      const squares = teacher(rows).reduce((sum, y, i) => sum + (y - (mean[i] ?? NaN)) ** 2, 0) / 100;
      // The teacher's variance is 5.
      assert.ok(squares < 0.5, `mean squared error ${squares}`);
      assert.ok(noiseVariance > 1e-3 && noiseVariance < 2, `noise variance ${noiseVariance}`);
      assert.is(model.head, head);
    });

  test(`${engine.kind}: a batch of networks is as many networks trained alone, in batches of rows or of all`, async () => {
    const shape = { inputs: 2, hidden: [4, 3], outputs: 2 };
    const size = networkSize(shape);
    const deviations = priorDeviations(shape);
    for (const rows of [20, 300]) {
      const x = normalMatrix(rows, 2, 3);
      const y = matrixFrom(rows, 2, (i, c) => ((entry(x, i, 0) > 0 ? 1 : 0) === c ? 1 : 0));
      const start = normals(keyFromSeed(4), 3 * size);
      const train = async (members: readonly number[]) =>
        right(
          await trainNetworks(
            engine,
            {
              ...{ shape, members: members.length, rows, iterations: 12, learningRate: 0.05 },
              ...{ loss: 'crossEntropy', dropout: 0 },
            },
            { x, y, learns: matrixFrom(rows, members.length, (i, m) => (i % 3 === members[m] ? 0 : 1)) },
            {
              centres: Float64Array.from(
                members.flatMap((m) => Array.from(start.subarray(m * size, (m + 1) * size))),
              ),
              deviations,
              weight: 1,
            },
            Float64Array.from(members.flatMap((m) => Array.from(start.subarray(m * size, (m + 1) * size)))),
            keyFromSeed(5),
          )(),
        );
      const together = await train([0, 1, 2]);
      for (const m of [0, 1, 2])
        assert.ok(distance(await train([m]), together.subarray(m * size, (m + 1) * size)) < 1e-4);
      assert.ok(distance(together, start) > 0.1, 'something was learned');
    }
  });

  for (const head of heads)
    for (const task of ['regression', 'classes'] as const)
      test(`${engine.kind}, ${head}, ${task}: a fixed function of a row, and the same bits out of JSON`, async () => {
        const { inputs, labels } = linearClasses(12, { d: 2, classes: 3, noise: 0.1 }, 6);
        const { model, over } = await fitted(engine, inputs, labels, {
          head,
          task,
          iterations: 5,
          classes: 3,
        });
        const pool = normalMatrix(300, 2, 7);
        const some = [0, 299, 123, 7];
        const [all, few] = [await over(pool), await over(rowsAt(pool, some))];
        if (task === 'classes') {
          const { draws } = model;
          some.forEach((i, k) => {
            for (let s = 0; s < draws; s++)
              assert.equal(
                few.classes?.logProbabilities.slice((s * 4 + k) * 3, (s * 4 + k + 1) * 3),
                all.classes?.logProbabilities.slice((s * 300 + i) * 3, (s * 300 + i + 1) * 3),
              );
          });
        } else {
          assert.equal(
            Array.from(few.mean),
            some.map((i) => all.mean[i] ?? NaN),
          );
          // Features may be turned; what they say of pairs may not.
          assert.ok(distance(rowGram(few.whitened).data, rowGram(rowsAt(all.whitened, some)).data) < 1e-4);
        }
        const again = right(
          await networkPosterior(engine, JSON.parse(JSON.stringify(model)) as NetworkModel)(pool)(),
        );
        assert.equal([again.mean, again.whitened, again.classes], [all.mean, all.whitened, all.classes]);
      });

  test(`${engine.kind}: on the last layer the posterior is that of Bayesian linear regression on its features`, async () => {
    const inputs = normalMatrix(15, 2, 8);
    const targets = teacher(inputs).map((y, i) => y + 0.3 * Math.sin(5 * i));
    const { model, over } = await fitted(engine, inputs, targets, { head: 'last-layer', iterations: 20 });
    if (model.task !== 'regression' || model.head !== 'last-layer') throw new Error('another model');
    const features = async (rows: Matrix): Promise<Matrix> => {
      const x = standardisedColumns(rows, model.inputs);
      const values = right(await networkValues(engine, shapeOf(model), model.parameters, x, 'features')());
      return matrixFrom(rows.rows, 13, (i, j) => (j < 12 ? (values[i * 12 + j] ?? NaN) : 1));
    };
    const rows = normalMatrix(9, 2, 9);
    const [phi, known] = [await features(rows), await features(inputs)];
    // Σ = (ΦᵀΦ/σ² + I/p)⁻¹, mean = ΣΦᵀy/σ².
    const { noiseVariance, priorVariance, target } = model;
    const precision = columnGram(known);
    const factor = right(
      cholesky(
        matrixFrom(
          13,
          13,
          (j, k) => entry(precision, j, k) / noiseVariance + (j === k ? 1 / priorVariance : 0),
        ),
      ),
    );
    const solve = (b: Matrix): Matrix => solveLowerTransposed(factor, solveLower(factor, b));
    const left = targets.map((y) => (y - target.centre) / noiseVariance);
    const weights = solve(columnVector(applyTo(transpose(known), left))).data;
    const posterior = await over(rows);
    assert.ok(
      distance(
        posterior.mean,
        applyTo(phi, weights).map((f) => f + target.centre),
      ) < 1e-6,
    );
    const covariance = product(phi, solve(transpose(phi))).data.map((c) => c / noiseVariance);
    assert.ok(distance(rowGram(posterior.whitened).data, covariance) < 1e-4);
  });

  for (const head of heads)
    test(`${engine.kind}, ${head}: classes are learned`, async () => {
      const problem = { d: 2, classes: 3, noise: 0.1 };
      const { inputs, labels } = linearClasses(60, problem, 10);
      const { inputs: rows, labels: truth } = linearClasses(200, problem, 11);
      const { over } = await fitted(engine, inputs, labels, { head, task: 'classes', iterations: 80 });
      const { mean } = await over(rows);
      const hits = truth.filter((label, i) => mean[i] === label).length / 200;
      assert.ok(hits > 0.85, `${hits} are right`);
    });
}

const [cpu] = engines;

test('the draws of an ensemble are its posterior: their covariance, and their spread far from all rows', async () => {
  const inputs = normalMatrix(30, 2, 12);
  const targets = teacher(inputs);
  const { model, over } = await fitted(cpu, inputs, targets, { draws: 10 });
  if (model.task !== 'regression') throw new Error('another model');
  const far = { ...inputs, data: inputs.data.map((x) => 20 * x) };
  const [near, away] = [await over(inputs), await over(far)];
  const variance = ({ whitened }: { readonly whitened: Matrix }): number =>
    rowGram(whitened).data.reduce((sum, x, k) => sum + (k % 31 === 0 ? x : 0), 0) / 30;
  assert.ok(variance(away) > 4 * variance(near), `${variance(away)} far, ${variance(near)} near`);
  const values = right(
    await networkValues(
      cpu,
      shapeOf(model),
      model.parameters,
      standardisedColumns(inputs, model.inputs),
      'outputs',
    )(),
  );
  const draw = (s: number, i: number): number => (values[s * 30 + i] ?? NaN) * model.target.scale;
  const mean = (i: number): number =>
    Array.from({ length: 10 }, (_, s) => draw(s, i)).reduce((sum, x) => sum + x, 0) / 10;
  const covariance = matrixFrom(30, 30, (i, j) => {
    let sum = 0;
    for (let s = 0; s < 10; s++) sum += (draw(s, i) - mean(i)) * (draw(s, j) - mean(j));
    return sum / 9 / model.noiseVariance;
  });
  assert.ok(distance(rowGram(near.whitened).data, covariance.data) < 1e-9);
  closeTo(near.mean[3] ?? NaN, mean(3) + model.target.centre, 1e-9);
});

test('networks start as draws from their prior, each its own', async () => {
  const inputs = normalMatrix(8, 3, 16);
  const { model } = await fitted(cpu, inputs, teacher(inputs), { hidden: [20], draws: 8, iterations: 1 });
  const deviations = priorDeviations(shapeOf(model));
  const size = deviations.length;
  // One step moves a parameter by the learning rate, 0.05, at most.
  const groups = new Map<number, number[]>();
  model.parameters.forEach((x, k) => {
    const deviation = deviations[k % size] ?? NaN;
    groups.set(deviation, [...(groups.get(deviation) ?? []), x / deviation]);
  });
  assert.ok(groups.size >= 3);
  for (const [deviation, ratios] of groups) {
    const rms = Math.sqrt(ratios.reduce((sum, x) => sum + x * x, 0) / ratios.length);
    // Five standard deviations of a root mean square of normal numbers, 3e-7, and what the step has done.
    const bound = 5 / Math.sqrt(2 * ratios.length) + 0.05 / deviation;
    assert.ok(Math.abs(rms - 1) < bound, `deviation ${deviation}: ${rms} ± ${bound}`);
  }
});

test('few rows, one row, labels of one class: a posterior all the same', async () => {
  const rows = normalMatrix(3, 2, 13);
  for (const head of heads)
    for (const n of [1, 3, 5]) {
      const inputs = normalMatrix(n, 2, 14);
      const regression = await fitted(cpu, inputs, teacher(inputs), { head, iterations: 10 });
      const { mean, whitened } = await regression.over(rows);
      assert.ok([...mean, ...whitened.data].every(Number.isFinite));
      const labels = new Float64Array(n).fill(1);
      const classes = await fitted(cpu, inputs, labels, {
        head,
        task: 'classes',
        classes: 3,
        iterations: 10,
      });
      // categoricalPosterior has seen to it that they are probabilities.
      assert.is((await classes.over(rows)).classes?.classes, 3);
    }
});

test('what cannot be fitted is refused: labels that are none, sizes that differ, no hidden layer', async () => {
  const inputs = normalMatrix(4, 2, 15);
  const tried = async (targets: readonly number[], own: Partial<NetworkSpec>) =>
    (await fitNetwork(cpu, inputs, Float64Array.from(targets), specOf(own))())._tag;
  assert.is(await tried([0, 1, 0.5, 1], { task: 'classes' }), 'Left');
  assert.is(await tried([0, 1, NaN, 1], {}), 'Left');
  for (const [targets, own] of [
    [[1, 2], {}],
    [[1, 2, 3, 4], { hidden: [] }],
    [[1, 2, 3, 4], { draws: 1 }],
    [[1, 2, 3, 4], { iterations: 0 }],
  ] as const)
    assert.throws(() => fitNetwork(cpu, inputs, Float64Array.from(targets), specOf(own)), RangeError);
});

test('nothing is left on any engine', () => closeEngines(engines));

test.run();
