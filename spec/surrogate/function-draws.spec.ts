/** Random features against their kernels; draws of functions, and leave-one-out predictions, against the exact posterior. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import { columnVector, rowGram, rowsOf } from '../../src/linear-algebra/product.js';
import { keyFromSeed, normals, split } from '../../src/random/key.js';
import { functionDraws } from '../../src/surrogate/gaussian-process-draws.js';
import {
  conditionedOn,
  leaveOneOut,
  posteriorOfProcess,
  unconditioned,
  withLabelled,
} from '../../src/surrogate/gaussian-process.js';
import { kernelFeatures } from '../../src/surrogate/kernel-features.js';
import { type KernelKind, kernelOf, kernelSize, type KernelParameters } from '../../src/surrogate/kernels.js';
import {
  closeTo,
  distance,
  entry,
  normalMatrix,
  propertyOptions,
  right,
} from '../linear-algebra/arbitrary.js';
import { kernels } from './kernel-kinds.js';
import { atOnce } from '../../src/work.js';

const parametersOf = (kind: KernelKind, d: number): KernelParameters => {
  const size = kernelSize(kind, d);
  return {
    outputScale: 1.7,
    lengthScales: Array.from({ length: size.lengthScales }, (_, j) => 0.8 + 0.5 * j),
    ...(size.period ? { period: 1.9 } : {}),
  };
};

for (const kind of kernels) {
  const name = `${kind.kind} ${'lengthScales' in kind ? kind.lengthScales : ''}`;
  const parameters = parametersOf(kind, 2);
  const kernel = kernelOf(kind, parameters);

  test(`${name}: random features stand for the kernel`, () => {
    const rows = normalMatrix(12, 2, 5);
    const pairs = 4000;
    const gram = rowGram(kernelFeatures(kind, parameters, 2, pairs, keyFromSeed(1))(rows));
    const points = rowsOf(rows);
    const exact = matrixFrom(12, 12, (i, j) =>
      kernel(points[i] ?? new Float64Array(2), points[j] ?? new Float64Array(2)),
    );
    // An entry is a mean of `pairs` cosines: 6 standard deviations, at 66 entries a false alarm in 10⁷.
    assert.ok(distance(gram.data, exact.data) < (6 * parameters.outputScale) / Math.sqrt(2 * pairs));
    if (kind.kind !== 'linear') points.forEach((_, i) => closeTo(entry(gram, i, i), 1.7, 1e-12, 'variance'));
  });

  test(`${name}: draws of functions have the posterior's mean and covariance, and are fixed functions of a row`, () => {
    const [n, draws] = [6, 400];
    const inputs = normalMatrix(n, 2, 3);
    const y = normals(keyFromSeed(4), n);
    const known = right(
      withLabelled(rowsOf(inputs).map((input, i) => ({ input, target: y[i] ?? NaN })))(
        unconditioned({ kernel, noiseVariance: 0.1 }),
      ),
    );
    const over = atOnce(
      functionDraws({
        kind,
        parameters,
        process: known,
        // The second quantity is the first, turned round.
        targets: matrixFrom(n, 2, (i, q) => (q === 0 ? 1 : -1) * (y[i] ?? NaN)),
        draws,
        key: keyFromSeed(8),
      }),
    );
    // Five rows, then those that are labelled.
    const rows: Matrix = {
      rows: 5 + n,
      columns: 2,
      data: Float64Array.from([...normalMatrix(5, 2, 6).data, ...inputs.data]),
    };
    const drawn = atOnce(over(rows));
    const exact = right(posteriorOfProcess(known)(rowsOf(rows)));
    const covariance = rowGram(exact.whitened);
    const cov = (i: number, j: number): number => 0.1 * entry(covariance, i, j);
    for (const [q, sign] of [1, -1].entries()) {
      const value = (i: number, s: number): number => sign * entry(drawn, i, 2 * s + q);
      const average = (of: (s: number) => number): number =>
        Array.from({ length: draws }, (_, s) => of(s)).reduce((sum, x) => sum + x, 0) / draws;
      const mean = Float64Array.from({ length: rows.rows }, (_, i) => average((s) => value(i, s)));
      // Six standard deviations of a mean of 400, and what 512 pairs of features miss a prior by, which cancels where the
      // function is known: at some 150 comparisons a false alarm in 10⁶.
      const missed = (i: number): number => (6 * 1.7 * Math.min(1, cov(i, i)) ** 2) / Math.sqrt(1024);
      for (let i = 0; i < rows.rows; i++) {
        const expected = exact.mean[i] ?? NaN;
        assert.ok(
          Math.abs((mean[i] ?? NaN) - expected) < 6 * Math.sqrt((cov(i, i) + missed(i)) / draws),
          'mean',
        );
        for (let j = 0; j <= i; j++) {
          const own = average((s) => (value(i, s) - (mean[i] ?? 0)) * (value(j, s) - (mean[j] ?? 0)));
          const error = Math.sqrt((cov(i, i) * cov(j, j) + cov(i, j) ** 2) / draws);
          const bound = 6 * error + Math.sqrt(missed(i) * missed(j));
          assert.ok(
            Math.abs(own - cov(i, j)) < bound,
            `covariance of ${i}, ${j}: ${own} for ${cov(i, j)} ± ${bound}`,
          );
        }
      }
    }
    // A row alone, and in other company, is what it was.
    const alone: Matrix = { rows: 1, columns: 2, data: rows.data.slice(4, 6) };
    assert.equal(atOnce(over(alone)).data, drawn.data.slice(2 * 2 * draws, 3 * 2 * draws));
  });
}

test('draws at inputs that are known but for a little are their targets, however many columns are solved at once', () => {
  // 2^26 operations a turn: 256 columns of 512 inputs.
  const [n, draws] = [512, 260];
  const kind = { kind: 'rbf', lengthScales: 'shared' } as const;
  const parameters = { outputScale: 1, lengthScales: [0.01] };
  const inputs = normalMatrix(n, 2, 7);
  const y = normals(keyFromSeed(9), n);
  const labelled = rowsOf(inputs).map((input, i) => ({ input, target: y[i] ?? NaN }));
  const process = { kernel: kernelOf(kind, parameters), noiseVariance: 1e-6, tolerance: 0 };
  const known = right(withLabelled(labelled)(unconditioned(process)));
  const over = atOnce(
    functionDraws({
      ...{ kind, parameters, process: known, draws, key: keyFromSeed(3) },
      targets: columnVector(y),
    }),
  );
  const some: Matrix = { rows: 2, columns: 2, data: inputs.data.slice(0, 4) };
  const { data } = atOnce(over(some));
  // The length-scale is so short that hardly an input knows of another, and the deviation of the noise is 0.001.
  data.forEach((value, k) => closeTo(value, y[Math.floor(k / draws)] ?? NaN, 0.02, `draw ${k}`));
});

test('leave-one-out predictions are those of the process without the row', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 7 }), fc.constantFrom(...kernels), fc.nat(), (n, kind, seed) => {
      const process = { kernel: kernelOf(kind, parametersOf(kind, 2)), noiseVariance: 0.3, tolerance: 0 };
      const y = normals(split(keyFromSeed(seed), 1), n);
      const labelled = rowsOf(normalMatrix(n, 2, seed)).map((input, i) => ({ input, target: y[i] ?? NaN }));
      const all = right(withLabelled(labelled)(unconditioned(process)));
      const { mean, variance } = atOnce(leaveOneOut(all, columnVector(y)));
      labelled.forEach(({ input }, i) => {
        const without = right(conditionedOn(labelled.filter((_, j) => j !== i))(process)([input]));
        closeTo(mean.data[i] ?? NaN, without.mean[0] ?? NaN, 1e-8, 'mean');
        const own = without.whitened.data.reduce((sum, x) => sum + x * x, 0) * process.noiseVariance;
        closeTo(variance[i] ?? NaN, own, 1e-8, 'variance');
      });
    }),
    propertyOptions,
  );
});

test.run();
