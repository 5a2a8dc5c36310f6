/**
 * A Gaussian process by inducing points: the exact one where every label is one, a lower bound that rises with them, more labels
 * later, and JSON.
 */
import { pipe } from '#fp-ts/function';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { at } from '../../src/at.js';
import { entry, type Matrix, matrixFrom, rowsBetween } from '../../src/linear-algebra/matrix.js';
import { cholesky, logDeterminantOfFactor, solveLower } from '../../src/linear-algebra/cholesky.js';
import { columnVector, product, rowGram, rowsOf, transpose } from '../../src/linear-algebra/product.js';
import { dot } from '../../src/linear-algebra/vector.js';
import { keyFromSeed, normals, split } from '../../src/random/key.js';
import {
  kernelMatrix,
  logMarginalLikelihood,
  posteriorOfProcess,
  unconditioned,
  withLabelled,
} from '../../src/surrogate/gaussian-process.js';
import {
  fitGaussianProcess,
  gaussianProcessModelCodec,
  gaussianProcessOf,
  gaussianProcessPosterior,
  withLabels,
} from '../../src/surrogate/gaussian-process-fit.js';
import { kernelOf } from '../../src/surrogate/kernels.js';
import { inducingPointsOf, sparselyLabelledInSteps } from '../../src/surrogate/sparse-gaussian-process.js';
import { atOnce } from '../../src/work.js';
import { closeTo, distance, right } from '../linear-algebra/arbitrary.js';

const noiseVariance = 0.05;
const kernel = kernelOf({ kind: 'rbf', lengthScales: 'shared' }, { outputScale: 1.3, lengthScales: [0.9] });
const prior = { kernel, noiseVariance, tolerance: 1e-12 };

/** n points of two inputs, and targets of a smooth function with noise. */
const labelsOf = (n: number, seed: number) => {
  const key = keyFromSeed(seed);
  const inputs: Matrix = { rows: n, columns: 2, data: normals(split(key, 0), 2 * n) };
  const noise = normals(split(key, 1), n);
  const targets = Float64Array.from(
    { length: n },
    (_, i) => Math.sin(2 * entry(inputs, i, 0)) + entry(inputs, i, 1) ** 2 / 3 + 0.2 * at(noise, i),
  );
  return { inputs, targets };
};

const labelledOf = (n: number, seed: number) => {
  const { inputs, targets } = labelsOf(n, seed);
  return rowsOf(inputs).map((input, i) => ({ input, target: at(targets, i) }));
};

const pool = rowsOf(labelsOf(25, 99).inputs);

/** The formulas at the head of the file, from k(Z, Z) and k(X, Z), by dense matrices. */
const direct = (labelled: ReturnType<typeof labelledOf>, points: readonly Float64Array[]) => {
  const xs = labelled.map(({ input }) => input);
  const triangle = right(cholesky(kernelMatrix(kernel, points, points)));
  const w = transpose(solveLower(triangle, kernelMatrix(kernel, points, xs)));
  const covariance = rowGram(w);
  const n = xs.length;
  const y = Float64Array.from(labelled, ({ target }) => target);
  const factor = right(
    cholesky(matrixFrom(n, n, (i, j) => entry(covariance, i, j) + (i === j ? noiseVariance : 0))),
  );
  const solved = solveLower(factor, columnVector(y)).data;
  const left = xs.reduce((sum, x, i) => sum + kernel(x, x) - entry(covariance, i, i), 0);
  const bound =
    -0.5 *
    (dot(solved, solved) + logDeterminantOfFactor(factor) + n * Math.log(2 * Math.PI) + left / noiseVariance);
  const phi = transpose(solveLower(triangle, kernelMatrix(kernel, points, pool)));
  const cross = product(phi, transpose(w));
  const explained = transpose(solveLower(factor, transpose(cross)));
  const mean = Float64Array.from(rowsOf(explained).map((row) => dot(row, solved)));
  const taken = rowGram(explained);
  return {
    bound,
    mean,
    covariance: matrixFrom(25, 25, (i, j) => kernel(at(pool, i), at(pool, j)) - entry(taken, i, j)),
  };
};

const covarianceOf = (whitened: Matrix): Float64Array => rowGram(whitened).data.map((x) => noiseVariance * x);

test('mean, covariance and bound are those of the formulas, of few inducing points and of many', () => {
  for (const [n, inducing] of [
    [30, 5],
    [60, 20],
    [40, 40],
  ] as const) {
    const labelled = labelledOf(n, n);
    const sparse = right(atOnce(sparselyLabelledInSteps(prior, labelled, inducing)()));
    const expected = direct(labelled, sparse.process.inputs);
    assert.ok(sparse.process.inputs.length <= inducing);
    closeTo(sparse.logMarginalLikelihood, expected.bound, 1e-8, `bound of ${inducing}`);
    const posterior = right(posteriorOfProcess(sparse.process)(pool));
    assert.ok(distance(posterior.mean, expected.mean) < 1e-7, `mean of ${inducing}`);
    assert.ok(distance(covarianceOf(posterior.whitened), expected.covariance.data) < 1e-7);
  }
});

test('the bound rises with the inducing points, to the exact one, and so does the posterior', () => {
  const labelled = labelledOf(80, 3);
  const exact = right(withLabelled(labelled)(unconditioned(prior)));
  const truth = logMarginalLikelihood(exact);
  const sparse = [2, 5, 10, 20, 40, 80].map((inducing) =>
    right(atOnce(sparselyLabelledInSteps(prior, labelled, inducing)())),
  );
  const bounds = sparse.map((_) => _.logMarginalLikelihood);
  bounds.forEach((bound, i) => {
    assert.ok(bound <= truth + 1e-8, `bound ${bound} above ${truth}`);
    if (i > 0) assert.ok(bound >= at(bounds, i - 1) - 1e-8, `${bound} below ${at(bounds, i - 1)}`);
  });
  // Points that add less than a thousandth of the noise are left out: 80 labels lose at most half of that each.
  assert.ok(truth - at(bounds, 5) < 0.5 * 80 * 1e-3, `${truth - at(bounds, 5)} nats lost`);
  const mean = right(posteriorOfProcess(exact)(pool)).mean;
  const last = sparse.at(-1);
  assert.ok(last !== undefined && distance(right(posteriorOfProcess(last.process)(pool)).mean, mean) < 0.02);
});

test('a kernel next to nothing beside the noise needs no inducing point', () => {
  const faint = { kernel: (): number => 1e-5, noiseVariance: 1 };
  const labelled = labelledOf(4, 1);
  const { process, logMarginalLikelihood: bound } = right(
    atOnce(sparselyLabelledInSteps(faint, labelled, 4)()),
  );
  assert.is(process.inputs.length, 0);
  const squares = labelled.reduce((sum, { target }) => sum + target ** 2, 0);
  closeTo(bound, -0.5 * (4 * Math.log(2 * Math.PI) + squares + 4e-5), 1e-12, 'bound');
});

test('a fit by inducing points: near the exact one, back from JSON bit for bit, and open to more labels', () => {
  const { inputs, targets } = labelsOf(150, 7);
  const rows = matrixFrom(25, 2, (i, j) => at(at(pool, i), j));
  const kind = { kind: 'rbf', lengthScales: 'shared' } as const;
  const exact = right(fitGaussianProcess(inputs, targets, { kernel: kind, starts: 2 }));
  const sparse = right(fitGaussianProcess(inputs, targets, { kernel: kind, starts: 2, inducing: 60 }));
  assert.is(sparse.model.inducing, 60);
  assert.ok(sparse.model.logMarginalLikelihood <= exact.model.logMarginalLikelihood + 1e-6);
  assert.ok(exact.model.logMarginalLikelihood - sparse.model.logMarginalLikelihood < 1);
  const [a, b] = [exact, sparse].map((fit) => right(gaussianProcessPosterior(fit, rows)));
  assert.ok(a !== undefined && b !== undefined && distance(a.mean, b.mean) < 0.05);
  const decoded = pipe(
    JSON.parse(JSON.stringify(sparse.model)) as unknown,
    (x: unknown) => gaussianProcessModelCodec.decode(x),
    right,
  );
  const again = right(gaussianProcessOf(decoded));
  assert.equal(again.model, sparse.model);
  assert.equal(
    right(gaussianProcessPosterior(again, rows)).mean,
    right(gaussianProcessPosterior(sparse, rows)).mean,
  );
  // The chain rule of the bound: more labels add log p(new | what is known).
  const more = labelsOf(10, 8);
  const extended = right(withLabels(sparse, more.inputs, more.targets));
  const one = right(withLabels(sparse, rowsBetween(more.inputs, 0, 4), more.targets.subarray(0, 4)));
  const both = right(withLabels(one, rowsBetween(more.inputs, 4, 10), more.targets.subarray(4)));
  closeTo(extended.model.logMarginalLikelihood, both.model.logMarginalLikelihood, 1e-8, 'in two parts');
  assert.ok(
    distance(
      right(gaussianProcessPosterior(extended, rows)).mean,
      right(gaussianProcessPosterior(both, rows)).mean,
    ) < 1e-8,
  );
  assert.throws(
    () => fitGaussianProcess(inputs, targets, { kernel: kind, inducing: 0.5 }),
    /inducing points/,
  );
});

test('inducing points grow with the labels as far as n M² operations allow', () => {
  assert.is(inducingPointsOf(500), 500);
  assert.is(inducingPointsOf(10_000), 655);
});

test.run();
