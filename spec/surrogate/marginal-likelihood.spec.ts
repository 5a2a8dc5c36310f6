/**
 * The marginal likelihood of a Gaussian process: its slopes, its maximum over hyperparameters, and how often five
 * labels are explained as noise.
 */
import * as fc from 'fast-check';
import * as E from '#fp-ts/Either';
import { flow } from '#fp-ts/function';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitTable } from '../../src/bench/fit.js';
import { toyProblem } from '../../src/data/toy.js';
import { cholesky } from '../../src/linear-algebra/cholesky.js';
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import { applyTo, rowOf } from '../../src/linear-algebra/product.js';
import { dot } from '../../src/linear-algebra/vector.js';
import { keyFromSeed, normals, split } from '../../src/random/key.js';
import { ascend, type Bounds, type Change, scaledChanges } from '../../src/surrogate/bounded-ascent.js';
import { fitGaussianProcess } from '../../src/surrogate/gaussian-process-fit.js';
import { type KernelKind, kernelOf, kernelPriors, packed, unpacked } from '../../src/surrogate/kernels.js';
import {
  likelihoodAt,
  likelihoodBounds,
  type LikelihoodProblem,
} from '../../src/surrogate/marginal-likelihood.js';
import { maximiseLikelihood } from '../../src/surrogate/likelihood-maximum.js';
import { matern52 } from '../../src/surrogate/matern.js';
import { scalingOf } from '../../src/surrogate/standardise.js';
import { closeTo, normalMatrix, propertyOptions, right } from '../linear-algebra/arbitrary.js';
import { kernels } from './kernel-kinds.js';
import { atOnce } from '../../src/work.js';

const rowsOf = (a: Matrix): readonly Float64Array[] => Array.from({ length: a.rows }, (_, i) => rowOf(a, i));

/** A problem on drawn inputs and targets, with some hyperparameters fixed. */
const problems = fc
  .record({
    n: fc.integer({ min: 1, max: 9 }),
    d: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(),
    kernel: fc.constantFrom(...kernels),
    priors: fc.constantFrom('weak', 'none' as const),
    fixedNoise: fc.constantFrom(undefined, 0.4),
    mean: fc.constantFrom(undefined, 0.3),
    quantities: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ n, d, seed, kernel, priors, fixedNoise, mean, quantities }): LikelihoodProblem => ({
    kernel,
    priors,
    mean,
    inputs: normalMatrix(n, d, seed),
    targets: Array.from({ length: quantities }, (_, c) => normals(keyFromSeed(seed + 1 + c), n)),
    fixed: [fixedNoise, ...kernelPriors(kernel, d).map(() => undefined)],
  }));

/** A point θ about the medians of the priors. */
const pointOf = ({ kernel, inputs, fixed }: LikelihoodProblem, seed: number): Float64Array => {
  const z = normals(keyFromSeed(seed), fixed.length);
  return Float64Array.from([{ median: 0.2 }, ...kernelPriors(kernel, inputs.columns)], ({ median }, i) =>
    Math.log(fixed[i] ?? median * Math.exp(0.5 * (z[i] ?? 0))),
  );
};

test('slopes agree with central differences, the mean at its maximum or given', () => {
  const h = 1e-5;
  fc.assert(
    fc.property(problems, fc.nat(), (problem, seed) => {
      const valueAt = flow(likelihoodAt(problem), atOnce);
      const point = pointOf(problem, seed);
      const { slopes, value } = right(valueAt(point));
      point.forEach((_, i) => {
        const shifted = (by: number) => right(valueAt(point.map((x, k) => (k === i ? x + by : x)))).value;
        const difference = (shifted(h) - shifted(-h)) / (2 * h);
        closeTo(slopes[i] ?? NaN, difference, 1e-7 * Math.max(1, Math.abs(value)), `slope ${i}`);
      });
    }),
    propertyOptions,
  );
});

test('of several quantities the likelihood is the product, each with its own mean', () => {
  fc.assert(
    fc.property(problems, fc.nat(), (problem, seed) => {
      const point = pointOf(problem, seed);
      const all = right(atOnce(likelihoodAt(problem)(point)));
      const each = problem.targets.map((y) =>
        right(atOnce(likelihoodAt({ ...problem, targets: [y] })(point))),
      );
      const sum = each.reduce((total, one) => total + one.logLikelihood, 0);
      closeTo(all.logLikelihood, sum, 1e-10, 'log likelihood');
      const value = each.reduce((total, one) => total + one.value / each.length, 0);
      closeTo(all.value, value, 1e-10, 'value');
      assert.equal(
        all.means,
        each.flatMap(({ means }) => means),
      );
    }),
    propertyOptions,
  );
});

test('the mean is the best one: no other has a larger objective', () => {
  fc.assert(
    fc.property(problems, fc.nat(), fc.constantFrom(-0.01, 0.01, 1), (drawn, seed, by) => {
      const problem = { ...drawn, targets: drawn.targets.slice(0, 1), mean: undefined };
      const point = pointOf(problem, seed);
      const best = right(atOnce(likelihoodAt(problem)(point)));
      const [mean = NaN] = best.means;
      const other = right(atOnce(likelihoodAt({ ...problem, mean: mean + by })(point)));
      // A given mean has no prior: that of a standard normal is added.
      const prior = (m: number) => (problem.priors === 'weak' ? -0.5 * m ** 2 : 0);
      assert.ok(other.value + prior(mean + by) < best.value);
    }),
    propertyOptions,
  );
});

test('the maximum is in the ranges, level where it is not on a bound, and no start is above it', () => {
  fc.assert(
    fc.property(problems, fc.nat(), (problem, seed) => {
      const top = right(atOnce(maximiseLikelihood(problem, { starts: 3, seed })));
      assert.ok(top.starts.length === 3 && top.starts.every((start) => start <= top.logPosterior));
      const { kernel, noiseVariance } = top;
      const point = Float64Array.from([noiseVariance, ...packed(kernel)], Math.log);
      assert.equal(unpacked(problem.kernel, packed(kernel)), kernel);
      const at = right(atOnce(likelihoodAt(problem)(point)));
      closeTo(at.value, top.logPosterior, 1e-10, 'value');
      likelihoodBounds(problem).forEach(({ low, high }, i) => {
        const [x, slope] = [point[i] ?? NaN, at.slopes[i] ?? NaN];
        assert.ok(x > low - 1e-12 && x < high + 1e-12, `${low} ≤ ${x} ≤ ${high}`);
        if (x > low + 1e-9) assert.ok(slope > -1e-3, `slope ${slope} of coordinate ${i}`);
        if (x < high - 1e-9) assert.ok(slope < 1e-3, `slope ${slope} of coordinate ${i}`);
      });
      assert.equal(
        right(atOnce(maximiseLikelihood(problem, { starts: 3, seed }))),
        top,
        'the same seed, the same bits',
      );
      const one = right(atOnce(maximiseLikelihood(problem, { starts: 1, seed })));
      assert.ok(one.logPosterior <= top.logPosterior);
    }),
    { ...propertyOptions, numRuns: 40 },
  );
});

test('ascent in a box: the maximum of a quadratic is on the face where it belongs', () => {
  // −½ Σ i (x_i − 1)² with x_0 ≤ 0.5 and x_2 fixed at 3.
  const bounds = [
    { low: -5, high: 0.5 },
    { low: -100, high: 100 },
    { low: 3, high: 3 },
    { low: -5, high: 5 },
  ];
  const { point } = right(
    atOnce(
      ascend(
        function* (x, least) {
          yield;
          const slopes = x.map((v, i) => -(10 ** i) * (v - 1));
          const value =
            dot(
              slopes,
              x.map((v) => v - 1),
            ) / 2;
          return E.right(value < least ? undefined : { value, slopes });
        },
        bounds,
        Float64Array.of(-9, 40, 0, -2),
        1e-13,
      ),
    ),
  );
  [0.5, 1, 3, 1].forEach((x, i) => {
    closeTo(point[i] ?? NaN, x, 1e-6, `coordinate ${i}`);
  });
});

/** Targets drawn from a process of long and short length-scales with little noise, whose likelihood has several maxima. */
const drawnProblem = (n: number, seed: number): LikelihoodProblem => {
  const key = keyFromSeed(seed);
  const inputs = { rows: n, columns: 3, data: normals(split(key, 0), 3 * n) };
  const rows = rowsOf(inputs);
  const kernel = kernelOf(
    { kind: 'rbf', lengthScales: 'perFeature' },
    { outputScale: 1, lengthScales: [0.5, 1.5, 30] },
  );
  const covariance = matrixFrom(n, n, (i, j) => {
    const [x, y] = [rows[i], rows[j]];
    return (x === undefined || y === undefined ? NaN : kernel(x, y)) + (i === j ? 0.003 : 0);
  });
  return {
    kernel: { kind: 'rbf', lengthScales: 'perFeature' },
    inputs,
    targets: [applyTo(right(cholesky(covariance)), normals(split(key, 1), n))],
    priors: 'none',
    fixed: new Array<undefined>(5).fill(undefined),
  };
};

test('a fast wave is not taken for noise: two starts find what twelve do', () => {
  const n = 30;
  const short = Array.from({ length: 40 }, (_, seed) => {
    const key = keyFromSeed(seed);
    const x = normals(split(key, 0), n);
    const y = normals(split(key, 1), n).map((e, i) => Math.SQRT2 * Math.sin(9 * (x[i] ?? NaN)) + 0.05 * e);
    const problem: LikelihoodProblem = {
      kernel: { kind: 'rbf', lengthScales: 'shared' },
      inputs: { rows: n, columns: 1, data: x },
      targets: [y],
      priors: 'none',
      fixed: [undefined, undefined, undefined],
    };
    const [one, two, twelve] = [1, 2, 12].map(
      (starts) => right(atOnce(maximiseLikelihood(problem, { starts, seed: 0 }))).logPosterior,
    );
    return { medians: (twelve ?? NaN) - (one ?? NaN), both: (twelve ?? NaN) - (two ?? NaN) };
  });
  assert.ok(short.filter(({ medians }) => medians > 10).length > 5, 'from the medians alone it is');
  assert.ok(short.filter(({ both }) => !(both < 0.01)).length <= 2, 'of 40');
});

test('an ascent that knows the curvature asks for fewer slopes and comes to the same point', () => {
  const bounds: readonly Bounds[] = Array.from({ length: 5 }, () => ({ low: -50, high: 50 }));
  /** Of −Σ_i c 4^i (x²/2 + x⁴/4) at x_i − 1, from a start: how often it was asked, and its last steps. */
  const ascended = (c: number, start: number, known?: readonly Change[]) => {
    let asked = 0;
    const { point, changes } = right(
      atOnce(
        ascend(
          function* (x, least) {
            yield;
            asked++;
            const from = x.map((v) => v - 1);
            const slopes = from.map((v, i) => -c * 4 ** i * (v + v ** 3));
            const value = -from.reduce((sum, v, i) => sum + c * 4 ** i * (v ** 2 / 2 + v ** 4 / 4), 0);
            return E.right(value < least ? undefined : { value, slopes });
          },
          bounds,
          new Float64Array(5).fill(start),
          1e-12,
          known,
        ),
      ),
    );
    for (const x of point) closeTo(x, 1, 1e-5);
    return { asked, changes };
  };
  const { changes } = ascended(1, 1.5);
  const [alone, knowing] = [ascended(7, 1.2), ascended(7, 1.2, scaledChanges(changes, 7))];
  assert.ok(knowing.asked < 0.8 * alone.asked, `${knowing.asked} for ${alone.asked}`);
});

test('ends along a ridge are one maximum, from which one ascent on all labels leads to that of any start', () => {
  for (const seed of [1, 5]) {
    const { inputs, targets } = fitTable({ labels: 140, features: 8, lengthScales: 'shared' }, seed);
    const problem: LikelihoodProblem = {
      ...{ kernel: { kind: 'matern52', lengthScales: 'shared' }, inputs, targets: [targets] },
      ...{ priors: 'none', fixed: [undefined, undefined, undefined] },
    };
    const top = right(atOnce(maximiseLikelihood(problem, { starts: 4, seed: 0 })));
    assert.is(top.starts.length, 1);
    const valueAt = likelihoodAt(problem);
    for (const from of [
      [0.001, 1, 2],
      [0.5, 100, 30],
    ]) {
      const end = right(
        atOnce(
          ascend(
            function* (x, least) {
              const found = yield* valueAt(x);
              return E.isRight(found) && found.right.value < least ? E.right(undefined) : found;
            },
            likelihoodBounds(problem),
            Float64Array.from(from, Math.log),
            1e-9,
          ),
        ),
      );
      assert.ok(top.logPosterior > end.at.value - 1e-5, `${top.logPosterior}, ${end.at.value}`);
    }
  }
});

test('of more labels than starts are tried out on, ascents end where the objective of all is level', () => {
  const problem = drawnProblem(150, 3);
  const top = right(atOnce(maximiseLikelihood(problem, { starts: 4, seed: 0 })));
  assert.ok(top.starts.length <= 2);
  const alone = right(atOnce(maximiseLikelihood(problem, { starts: 1, seed: 0 })));
  assert.ok(top.logPosterior > alone.logPosterior - 1e-6);
  const { slopes } = right(
    atOnce(likelihoodAt(problem)(Float64Array.from([top.noiseVariance, ...packed(top.kernel)], Math.log))),
  );
  likelihoodBounds(problem).forEach(({ low, high }, i) => {
    const x = Math.log([top.noiseVariance, ...packed(top.kernel)][i] ?? NaN);
    if (x > low + 1e-9 && x < high - 1e-9) assert.ok(Math.abs(slopes[i] ?? NaN) < 1e-2, `slope ${i}`);
  });
});

test('what is fixed has no prior: all fixed, the objective is the likelihood', () => {
  const problem: LikelihoodProblem = {
    kernel: { kind: 'periodic' },
    priors: 'weak',
    inputs: normalMatrix(5, 2, 1),
    targets: [normals(keyFromSeed(2), 5)],
    fixed: [0.4, 7, 3, 0.3],
    mean: 2,
  };
  const top = right(atOnce(maximiseLikelihood(problem, { starts: 3, seed: 0 })));
  assert.is(top.logPosterior, top.logLikelihood);
  assert.equal(top.kernel, { outputScale: 7, lengthScales: [3], period: 0.3 });
  assert.is(top.starts.length, 1, 'one point is all there is to try');
});

test('the periodic kernel repeats after its period, and the linear one is s on average', () => {
  const [x, y] = [Float64Array.of(0.2, -1), Float64Array.of(1.3, 0.4)];
  const periodic = kernelOf({ kind: 'periodic' }, { outputScale: 2, lengthScales: [0.9], period: 0.7 });
  closeTo(
    periodic(
      x,
      y.map((v) => v + 1.4),
    ),
    periodic(x, y),
    1e-14,
  );
  closeTo(periodic(x, Float64Array.of(0.55, -1)), 2 * Math.exp(-2 / 0.81), 1e-14, 'half a period away');
  const linear = kernelOf({ kind: 'linear' }, { outputScale: 3, lengthScales: [] });
  closeTo(linear(x, y), (3 * (0.26 - 0.4)) / 2, 1e-15);
});

test('on a line the Matérn kernel is that of the synthetic problem', () => {
  const kernel = kernelOf(
    { kind: 'matern52', lengthScales: 'perFeature' },
    { outputScale: 2, lengthScales: [0.7] },
  );
  for (const x of [0, 0.1, 3])
    closeTo(kernel(Float64Array.of(x), Float64Array.of(-0.4)), matern52(0.7, 2)(x, -0.4), 1e-15);
});

test('length-scales of generated data are found within a factor of 2 on average, long ones apart from short', () => {
  const generated = (kind: KernelKind, lengthScales: readonly number[], seed: number) => {
    const key = keyFromSeed(seed);
    const inputs = { rows: 40, columns: 2, data: normals(split(key, 0), 80) };
    const rows = rowsOf(inputs);
    const kernel = kernelOf(kind, { outputScale: 1, lengthScales });
    const covariance = matrixFrom(40, 40, (i, j) => {
      const [x, y] = [rows[i], rows[j]];
      return (x === undefined || y === undefined ? NaN : kernel(x, y)) + (i === j ? 0.02 : 0);
    });
    return { inputs, targets: applyTo(right(cholesky(covariance)), normals(split(key, 1), 40)) };
  };
  for (const kind of ['rbf', 'matern52'] as const) {
    const truth = [0.8, 4];
    const kernel: KernelKind = { kind, lengthScales: 'perFeature' };
    const errors = Array.from({ length: 12 }, (_, seed) => {
      const { inputs, targets } = generated(kernel, truth, seed);
      const { model } = right(fitGaussianProcess(inputs, targets, { kernel, starts: 2 }));
      return truth.map((ell, j) =>
        Math.abs(Math.log(((model.lengthScales[j] ?? NaN) * (model.inputs[j]?.scale ?? NaN)) / ell)),
      );
    });
    const average = (j: number) => errors.reduce((sum, e) => sum + (e[j] ?? NaN), 0) / errors.length;
    assert.ok(average(0) < Math.log(2) && average(1) < Math.log(2), `${kind}: ${average(0)}, ${average(1)}`);
  }
});

test('five labels of the toy problem: of 24 seeds none is explained as noise', () => {
  const collapsed = (kernel: KernelKind, priors: 'weak' | 'none') =>
    Array.from({ length: 24 }, (_, seed) => {
      const { labelled, pool } = toyProblem({ seed, labelled: 5, pool: 100 });
      const { model } = right(
        fitGaussianProcess(labelled.features, labelled.targets, { kernel, priors, pool: pool.features }),
      );
      return model.noiseVariance / scalingOf(labelled.targets).scale ** 2;
    }).filter((part) => part > 0.5).length;
  for (const kind of ['rbf', 'matern52'] as const) {
    const kernel: KernelKind = { kind, lengthScales: 'shared' };
    assert.is(collapsed(kernel, 'weak'), 0, kind);
    assert.ok(collapsed(kernel, 'none') > 0, `${kind}: priors make the difference`);
  }
});

test.run();
