/** Class labels by Gaussian-process regression on their contrasts. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Matrix } from '../../src/linear-algebra/matrix.js';
import type { CategoricalPosterior } from '../../src/surrogate/categorical-posterior.js';
import { classPredictions } from '../../src/surrogate/class-posterior.js';
import {
  fitGaussianProcessClasses,
  gaussianProcessClassesOf,
  type GaussianProcessClassesOptions,
} from '../../src/surrogate/gaussian-process-classes.js';
import { closeTo, distance, normalMatrix, right } from '../linear-algebra/arbitrary.js';
import { linearClasses } from '../support/classes.js';

const options: GaussianProcessClassesOptions = {
  kernel: { kind: 'matern52', lengthScales: 'shared' },
  draws: 32,
  seed: 3,
};

const problem = { d: 3, classes: 4, noise: 0.3 };

const posteriorOf = (
  inputs: Matrix,
  labels: Float64Array,
  pool: Matrix,
  own: Partial<GaussianProcessClassesOptions> = {},
) => {
  const model = right(fitGaussianProcessClasses(inputs, labels, { ...options, ...own }));
  const posterior = right(right(gaussianProcessClassesOf(model))(pool));
  if (posterior.classes === undefined) throw new Error('no classes');
  return { model, posterior, classes: posterior.classes };
};

const crossEntropy = (classes: CategoricalPosterior, labels: Float64Array): number => {
  const { probabilities } = classPredictions(classes);
  return (
    labels.reduce((sum, c, i) => sum - Math.log(probabilities[i * classes.classes + c] ?? 0), 0) /
    labels.length
  );
};

test('classes are learned, and the probabilities are no bolder than they should be', () => {
  const train = linearClasses(120, problem, 1);
  const test_ = linearClasses(500, problem, 2);
  const { posterior, classes } = posteriorOf(train.inputs, train.labels, test_.inputs);
  const right_ = test_.labels.filter((label, i) => posterior.mean[i] === label).length / 500;
  assert.ok(right_ > 0.8, `${right_} are right`);
  assert.ok(crossEntropy(classes, test_.labels) < 0.6);
  // Those that are given a probability about 0.9: 0.3 off is more than 5 standard deviations of their share.
  const { probabilities } = classPredictions(classes);
  const sure = Array.from(test_.labels.entries()).filter(([i, label]) => {
    const p = probabilities[i * 4 + (posterior.mean[i] ?? 0)] ?? 0;
    return p > 0.85 && p < 0.95 && label >= 0;
  });
  const hit = sure.filter(([i, label]) => posterior.mean[i] === label).length / sure.length;
  assert.ok(sure.length > 25 && Math.abs(hit - 0.9) < 0.3, `${hit} of ${sure.length}`);
});

test('a row has the probabilities that it has, whichever rows are asked for beside it', () => {
  const { inputs, labels } = linearClasses(30, problem, 5);
  const pool = normalMatrix(40, 3, 6);
  const { classes, model } = posteriorOf(inputs, labels, pool);
  const some = [3, 17, 39];
  const rows: Matrix = {
    rows: 3,
    columns: 3,
    data: Float64Array.from(some.flatMap((i) => Array.from(pool.data.subarray(3 * i, 3 * i + 3)))),
  };
  const again = right(right(gaussianProcessClassesOf(model))(rows)).classes;
  for (let s = 0; s < 32; s++)
    some.forEach((i, k) => {
      const own = classes.logProbabilities.slice((s * 40 + i) * 4, (s * 40 + i + 1) * 4);
      assert.equal(again?.logProbabilities.slice((s * 3 + k) * 4, (s * 3 + k + 1) * 4), own);
    });
});

test('each column may have a length-scale of its own, the shortest where the labels are told', () => {
  const { inputs } = linearClasses(40, problem, 8);
  const labels = Float64Array.from({ length: 40 }, (_, i) => ((inputs.data[3 * i + 1] ?? NaN) > 0 ? 1 : 0));
  const kernel = { kind: 'matern52', lengthScales: 'perFeature' } as const;
  const { lengthScales } = right(fitGaussianProcessClasses(inputs, labels, { ...options, kernel }));
  assert.is(lengthScales.length, 3);
  assert.is(lengthScales.indexOf(Math.min(...lengthScales)), 1);
});

test('the numbering of the classes is no matter: hyperparameters and temperature are the same', () => {
  const { inputs, labels } = linearClasses(40, problem, 7);
  const turned = labels.map((c) => [2, 0, 3, 1][c] ?? NaN);
  const [a, b] = [labels, turned].map((own) => right(fitGaussianProcessClasses(inputs, own, options)));
  closeTo(a?.logMarginalLikelihood ?? NaN, b?.logMarginalLikelihood ?? NaN, 1e-6, 'likelihood');
  // Two ascents end where the objective is level, not at the same bits; β is on a grid of 0.2 in its logarithm.
  closeTo(Math.log((a?.noiseVariance ?? NaN) / (b?.noiseVariance ?? NaN)), 0, 1e-3, 'noise');
  assert.ok(Math.abs(Math.log((a?.inverseTemperature ?? NaN) / (b?.inverseTemperature ?? NaN))) < 0.5);
});

test('labels of one class, a class without labels, a single label: probabilities all the same', () => {
  const { inputs, labels } = linearClasses(8, problem, 9);
  const pool = normalMatrix(20, 3, 10);
  for (const own of [labels.map(() => 2), labels.map((c) => (c === 1 ? 0 : c)), labels.slice(0, 1)]) {
    const known = { ...inputs, rows: own.length, data: inputs.data.slice(0, 3 * own.length) };
    const { classes } = posteriorOf(known, own, pool, { classes: 5 });
    const { probabilities } = classPredictions(classes);
    assert.ok(probabilities.every((p) => p > 0 && p <= 1));
    assert.is(classes.classes, 5);
  }
});

test('far from all labels nothing is known: classes have the shares of the labels, nearly', () => {
  const { inputs, labels } = linearClasses(60, problem, 11);
  const far = normalMatrix(1, 3, 12);
  const { classes } = posteriorOf(
    inputs,
    labels,
    { ...far, data: far.data.map((x) => 1e4 * x) },
    { draws: 500 },
  );
  const { probabilities } = classPredictions(classes);
  const shares = [0, 1, 2, 3].map((c) => labels.filter((own) => own === c).length / 60);
  // Five standard deviations of a mean over 500 draws are 0.1; that classes of 4 are unlike in size adds as much.
  assert.ok(distance(probabilities, shares) < 0.2, Array.from(probabilities).join());
});

test('the fit refuses what is no label, and throws for sizes that differ', () => {
  const inputs = normalMatrix(3, 2, 1);
  const fit = (labels: readonly number[], own = {}) =>
    fitGaussianProcessClasses(inputs, Float64Array.from(labels), { ...options, ...own });
  assert.is(fit([0, 1, 1.5])._tag, 'Left');
  assert.is(fit([0, 0, 0])._tag, 'Left');
  assert.is(fit([0, 1, 2], { classes: 2 })._tag, 'Left');
  assert.throws(() => fit([0, 1]), RangeError);
  assert.throws(() => fit([0, 1, 1], { draws: 0 }), RangeError);
});

test.run();
