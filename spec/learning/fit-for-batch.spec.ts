/** What a batch is chosen by: the prior while labels say nothing, and of several surrogates the one that predicts held-out labels. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { at } from '../../src/at.js';
import { type BatchSurrogate, fitChosen, fitForBatch } from '../../src/learning/fit-for-batch.js';
import { type Matrix, matrixFrom, rowsAt } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed, normals, permutation, uniforms } from '../../src/random/key.js';
import { fitSurrogate, type SurrogateSpec } from '../../src/surrogate/surrogate.js';
import { closeTo } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';

const linear: SurrogateSpec = { kind: 'bayesian-linear', featureMap: { kind: 'linear' } };
const curved: SurrogateSpec = {
  kind: 'gaussian-process',
  kernel: { kind: 'matern52', lengthScales: 'shared' },
};
const ofClasses: SurrogateSpec = {
  ...{ kind: 'gaussian-process-classes', kernel: { kind: 'matern52', lengthScales: 'shared' } },
  ...{ draws: 16, seed: 0 },
};
const auto = (...of: readonly SurrogateSpec[]): BatchSurrogate => ({
  kind: 'auto',
  of: of.map((spec) => ({ spec, most: 100 })),
});

const line = (count: number): Matrix => {
  const u = uniforms(keyFromSeed(1), count);
  return matrixFrom(count, 1, (i) => 6 * at(u, i) - 3);
};
const noise = normals(keyFromSeed(2), 40);

test('of a line the linear model is chosen, of a curve the process, and the scores stand beside them', async () => {
  const inputs = line(40);
  const pool = line(60);
  const chosenFor = async (f: (x: number) => number) => {
    const targets = inputs.data.map((x, i) => f(x) + 0.3 * at(noise, i));
    const {
      chosen = [],
      model,
      coldStart,
    } = await succeed(fitForBatch(auto(linear, curved), { inputs, targets, pool }));
    assert.not.ok(coldStart);
    assert.is(model.kind, chosen[0]?.surrogate.kind);
    const [best = NaN, other = NaN] = chosen.map(({ score }) => score ?? NaN);
    assert.ok(best >= other && best < 0.5, `${best}, ${other}`);
    return { kind: model.kind, ahead: best - other };
  };
  assert.is((await chosenFor((x) => 2 * x)).kind, 'bayesian-linear');
  const curve = await chosenFor((x) => 3 * Math.sin(2 * x));
  assert.is(curve.kind, 'gaussian-process');
  // A line through two periods misses by 2, the process by the noise: about log(2 / 0.3) nats.
  assert.ok(curve.ahead > 1);
});

test('the score is that of each fifth by the others', async () => {
  const inputs = line(40);
  const targets = inputs.data.map((x, i) => 2 * x + at(noise, i));
  const pool = line(60);
  const order = Array.from(permutation(keyFromSeed(0), 40));
  const of = (rows: readonly number[]) => Float64Array.from(rows, (i) => at(targets, i));
  let score = 0;
  for (let fold = 0; fold < 5; fold++) {
    const held = order.filter((_, i) => i % 5 === fold);
    const rest = order.filter((_, i) => i % 5 !== fold);
    const { posterior } = await succeed(fitSurrogate(linear, rowsAt(inputs, rest), of(rest), pool));
    const { mean, whitened, noiseVariance } = await succeed(posterior(rowsAt(inputs, held)));
    held.forEach((i, n) => {
      const row = whitened.data.subarray(n * whitened.columns, (n + 1) * whitened.columns);
      const variance = noiseVariance * (1 + row.reduce((sum, x) => sum + x * x, 0));
      const miss = at(targets, i) - at(mean, n);
      score -= (Math.log(2 * Math.PI * variance) + miss ** 2 / variance) / 80;
    });
  }
  const { chosen = [] } = await succeed(fitForBatch(auto(linear, curved), { inputs, targets, pool }));
  closeTo(chosen.find(({ surrogate }) => surrogate === linear)?.score ?? NaN, score, 1e-12);
});

test('too few labels, and too many for all others, leave the first', async () => {
  const inputs = line(4);
  const few = await succeed(
    fitForBatch(auto(linear, curved), { inputs, targets: inputs.data, pool: line(9) }),
  );
  assert.equal([few.model.kind, few.chosen], ['bayesian-linear', [{ surrogate: linear, score: null }]]);
  const many = line(101);
  const first = await succeed(
    fitChosen(auto(linear, curved), { inputs: many, targets: many.data, pool: line(9) }),
  );
  assert.equal([first.model.kind, first.chosen?.length], ['bayesian-linear', 1]);
});

test('labels of one class, and none, say nothing: the prior given where they were taken', async () => {
  const pool = line(30);
  const none: Matrix = { rows: 0, columns: 1, data: new Float64Array(0) };
  const variances = async (inputs: Matrix, targets: Float64Array) => {
    const fitted = await succeed(fitForBatch(ofClasses, { inputs, targets, pool }));
    const { whitened, classes } = await succeed(fitted.posterior(pool));
    assert.ok(fitted.coldStart);
    assert.is(classes, undefined);
    return Float64Array.from({ length: 30 }, (_, n) =>
      whitened.data
        .subarray(n * whitened.columns, (n + 1) * whitened.columns)
        .reduce((sum, x) => sum + x * x, 0),
    );
  };
  const before = await variances(none, new Float64Array(0));
  const taken = { rows: 2, columns: 1, data: pool.data.slice(0, 2) };
  const after = await variances(taken, Float64Array.of(1, 1));
  assert.equal(await variances(taken, Float64Array.of(0, 0)), after);
  assert.ok(at(after, 0) < 0.5 * at(before, 0) && at(after, 1) < 0.5 * at(before, 1));
  // Two classes are fitted.
  const fitted = await succeed(
    fitForBatch(ofClasses, { inputs: taken, targets: Float64Array.of(0, 1), pool }),
  );
  assert.equal([fitted.coldStart, fitted.model.kind], [false, 'gaussian-process-classes']);
  // Where it is measured and not chosen by, one class is fitted too.
  const one = await succeed(
    fitChosen({ ...ofClasses, classes: 2 }, { inputs: taken, targets: Float64Array.of(1, 1), pool }),
  );
  assert.is(one.model.kind, 'gaussian-process-classes');
});

test.run();
