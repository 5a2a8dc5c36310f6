/** The fitted Gaussian process on odd data, and what it says of data and options that cannot be used. */
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Failure, showFailure } from '../../src/failure.js';
import { matrixFromRows } from '../../src/linear-algebra/matrix.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import {
  fitGaussianProcess,
  type GaussianProcessOptions,
  gaussianProcessPosterior,
  withLabels,
} from '../../src/surrogate/gaussian-process-fit.js';
import type { KernelKind } from '../../src/surrogate/kernels.js';
import { closeTo, normalMatrix, right } from '../linear-algebra/arbitrary.js';

const kernels: readonly KernelKind[] = [
  { kind: 'rbf', lengthScales: 'shared' },
  { kind: 'rbf', lengthScales: 'perFeature' },
  { kind: 'matern52', lengthScales: 'shared' },
  { kind: 'matern52', lengthScales: 'perFeature' },
  { kind: 'periodic' },
  { kind: 'linear' },
];

test('one labelled row, constant targets, repeated rows and far outliers give finite answers', () => {
  const pool = normalMatrix(6, 2, 1);
  for (const kernel of kernels) {
    const fit = (rows: readonly number[][], y: readonly number[]) => {
      const fitted = right(fitGaussianProcess(matrixFromRows(rows), Float64Array.from(y), { kernel, pool }));
      const { mean, whitened, noiseVariance } = right(gaussianProcessPosterior(fitted, pool));
      assert.ok(mean.every(Number.isFinite) && whitened.data.every(Number.isFinite) && noiseVariance > 0);
      assert.ok(jointMutualInformation(whitened, [0, 1, 2]) > 0.05, 'something is left to learn');
      return mean;
    };
    closeTo(fit([[0, 1]], [12])[0] ?? NaN, 12, 1e-9, 'mean from one row');
    const rows = [
      [0, 1],
      [2, 3],
      [1, 1],
    ];
    closeTo(fit(rows, [4, 4, 4])[3] ?? NaN, 4, 1e-9, 'mean from equal targets');
    fit(
      rows.map(([x = 0]) => [x, 5]),
      [1, 2, 4],
    );
    fit(
      rows.map(() => [0, 1]),
      [1, 2, 4],
    );
    fit([...rows, [1e9, 2]], [1, 2, 4, 1e12]);
  }
});

test('what cannot be fitted says where and why', () => {
  const message = (either: E.Either<Failure, unknown>): string =>
    E.isLeft(either) ? showFailure(either.left) : 'none';
  const kernel: KernelKind = { kind: 'matern52', lengthScales: 'shared' };
  const bad = matrixFromRows([
    [1, 2],
    [3, NaN],
  ]);
  const y = Float64Array.of(1, 2);
  const good = normalMatrix(2, 2, 0);
  const fit = (options: Partial<GaussianProcessOptions>) =>
    fitGaussianProcess(good, y, { kernel, ...options });
  assert.match(message(fitGaussianProcess(bad, y, { kernel })), /row 2, column 2: the value is NaN/);
  assert.match(
    message(fitGaussianProcess(matrixFromRows([]), new Float64Array(0), { kernel })),
    /Label at least one/,
  );
  assert.match(message(fitGaussianProcess(good, Float64Array.of(1, Infinity), { kernel })), /targets, row 2/);
  assert.match(message(fit({ pool: bad })), /pool, row 2, column 2/);
  assert.match(message(fit({ noiseVariance: 0 })), /noise variance: it is 0/);
  assert.match(message(fit({ outputScale: -1 })), /output scale: it is -1/);
  assert.match(message(fit({ lengthScales: [NaN] })), /length-scale 1: it is NaN/);
  assert.match(message(fit({ kernel: { kind: 'periodic' }, period: 0 })), /period: it is 0/);
  assert.match(message(fit({ mean: NaN })), /mean: it is NaN/);
  const twins = matrixFromRows([[1], [1]]);
  assert.match(
    message(fitGaussianProcess(twins, y, { kernel, noiseVariance: 1e-30 })),
    /not positive definite/,
  );
  const model = right(fit({}));
  assert.match(message(gaussianProcessPosterior(model, bad)), /pool, row 2, column 2/);
  assert.match(message(withLabels(model, bad, y)), /row 2, column 2/);
  assert.throws(
    () => fitGaussianProcess(good, Float64Array.of(1), { kernel }),
    /2 rows of inputs and 1 target/,
  );
  assert.throws(() => withLabels(model, good, Float64Array.of(1)), /2 rows of inputs and 1 target/);
  assert.throws(() => fit({ pool: normalMatrix(2, 3, 0) }), /2 input columns and 3/);
  assert.throws(() => fit({ lengthScales: [1, 2] }), /2 length-scales for a kernel that has 1/);
  assert.throws(() => fit({ period: 1 }), /has no period/);
  assert.throws(() => fit({ starts: 0 }), /0 starts/);
  assert.throws(
    () => gaussianProcessPosterior(model, normalMatrix(2, 3, 0)),
    /have 3 columns, and those of the model 2/,
  );
});

test.run();
