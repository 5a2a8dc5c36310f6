/**
 * Gaussian-process posteriors by pivoted Cholesky: the references, the chain rule of information, error
 * bounds.
 */
import * as fc from 'fast-check';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { matrixFrom } from '../../src/linear-algebra/matrix.js';
import { rowGram, rowOf } from '../../src/linear-algebra/product.js';
import { symmetricEigenvalues } from '../../src/linear-algebra/symmetric-eigen.js';
import { dot } from '../../src/linear-algebra/vector.js';
import { keyFromSeed, normals, permutation } from '../../src/random/key.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import { conditionedOn } from '../../src/surrogate/gaussian-process.js';
import { matern52, maternProblem } from '../../src/surrogate/matern.js';
import { affordableRank, pivotedCholesky } from '../../src/surrogate/pivoted-cholesky.js';
import { closeTo, distance, entry, matrices, propertyOptions, right } from '../linear-algebra/arbitrary.js';
import { matrixOfRows, readReference, vectorOfNumbers } from '../support/reference.js';

const linear = readReference(
  'bayesian-linear',
  t.type({
    trainX: matrixOfRows,
    trainY: vectorOfNumbers,
    poolX: matrixOfRows,
    noiseVariance: t.number,
    priorVariance: t.number,
    poolMean: vectorOfNumbers,
    poolCovariance: matrixOfRows,
  }),
);

const { cases } = readReference(
  'k-dpp',
  t.type({
    cases: t.array(
      t.type({
        poolX: t.array(t.number),
        batchSize: t.number,
        lengthScale: t.number,
        noiseVariance: t.number,
        logZ: t.number,
      }),
    ),
  }),
);

test('reference: with the kernel p x·x′ it is Bayesian linear regression', () => {
  const { trainX, trainY, poolX, noiseVariance, priorVariance } = linear;
  const labelled = Array.from(trainY, (target, i) => ({ input: rowOf(trainX, i), target }));
  const pool = Array.from({ length: poolX.rows }, (_, i) => rowOf(poolX, i));
  const kernel = (x: Float64Array, y: Float64Array) => priorVariance * dot(x, y);
  const posterior = right(conditionedOn(labelled)({ kernel, noiseVariance, tolerance: 1e-13 })(pool));
  assert.is(posterior.whitened.columns, trainX.columns);
  assert.ok(distance(posterior.mean, linear.poolMean) < 1e-11);
  const covariance = rowGram(posterior.whitened).data.map((x) => noiseVariance * x);
  assert.ok(distance(covariance, linear.poolCovariance.data) < 1e-11);
});

/** log e_k(x) of positive numbers: e_k over a growing prefix, in the logarithm. */
const logElementarySymmetric = (x: Float64Array, k: number): number => {
  const logE = [0, ...Array.from({ length: k }, () => -Infinity)];
  for (const value of x)
    for (let j = k; j > 0; j--) {
      const [p, q] = [logE[j] ?? NaN, (logE[j - 1] ?? NaN) + Math.log(value)];
      const top = Math.max(p, q);
      logE[j] = top === -Infinity ? top : top + Math.log(Math.exp(p - top) + Math.exp(q - top));
    }
  return logE[k] ?? NaN;
};

test('reference: log Z of the k-DPP of a Matérn prior, N = 12, 60, 200', () => {
  for (const { poolX, batchSize, lengthScale, noiseVariance, logZ } of cases) {
    const kernel = matern52(lengthScale);
    const prior = right(conditionedOn<number>([])({ kernel, noiseVariance, tolerance: 1e-12 })(poolX));
    const gram = rowGram(prior.whitened);
    const l = matrixFrom(gram.rows, gram.rows, (i, j) => entry(gram, i, j) + (i === j ? 1 : 0));
    closeTo(logElementarySymmetric(right(symmetricEigenvalues(l)), batchSize), logZ, 1e-10, 'log Z');
    assert.ok(prior.mean.every((m) => m === 0));
  }
});

test('JMI given the labelled points = JMI of both less that of the labelled', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 8 }), fc.nat(), (n, b, seed) => {
      const x = Array.from(normals(keyFromSeed(seed), n + b));
      const process = { kernel: matern52(0.7), noiseVariance: 0.01, tolerance: 0 };
      const labelled = x.slice(0, n).map((input) => ({ input, target: Math.sin(input) }));
      const posterior = right(conditionedOn(labelled)(process)(x.slice(n)));
      const prior = right(conditionedOn<number>([])(process)(x));
      const first = (k: number) => Array.from({ length: k }, (_, i) => i);
      closeTo(
        jointMutualInformation(posterior.whitened, first(b)),
        jointMutualInformation(prior.whitened, first(n + b)) -
          jointMutualInformation(prior.whitened, first(n)),
        1e-9,
      );
    }),
    propertyOptions,
  );
});

test('the mean runs through targets without much noise', () => {
  const labelled = [-1, 0.2, 1.5].map((input) => ({ input, target: 3 * input ** 2 }));
  const posterior = right(
    conditionedOn(labelled)({ kernel: matern52(0.7), noiseVariance: 1e-8 })(labelled.map((_) => _.input)),
  );
  assert.ok(
    distance(
      posterior.mean,
      labelled.map((_) => _.target),
    ) < 1e-5,
  );
});

test('K/σ² − L Lᵀ is positive semidefinite, at most the residual, and the residual at most the tolerance', () => {
  const sizes = fc.integer({ min: 1, max: 15 });
  fc.assert(
    fc.property(
      matrices(sizes, sizes),
      fc.constantFrom(0, 1e-6, 0.5),
      fc.nat({ max: 15 }),
      (a, tolerance, rank) => {
        const k = rowGram(a);
        const noiseVariance = 0.3;
        const options = { noiseVariance, tolerance, ...(rank === 0 ? {} : { maximalRank: rank }) };
        const { whitened, pivots, residual } = right(
          pivotedCholesky(k.rows, (i, j) => entry(k, i, j), options),
        );
        const gram = rowGram(whitened);
        const left = matrixFrom(k.rows, k.rows, (i, j) => entry(k, i, j) / noiseVariance - entry(gram, i, j));
        const size = Math.max(1, ...k.data.map(Math.abs)) / noiseVariance;
        assert.ok(distance(left.data, new Float64Array(left.data.length)) <= residual + 1e-13 * size);
        assert.ok(Math.min(...right(symmetricEigenvalues(left))) > -1e-12 * size);
        assert.is(new Set(pivots).size, whitened.columns);
        assert.ok(whitened.columns <= Math.min(a.rows, a.columns, rank || Infinity));
        // The points that were cleared are told exactly, at any rank.
        for (const p of pivots)
          for (let j = 0; j < k.rows; j++) assert.ok(Math.abs(entry(left, p, j)) <= 1e-12 * size);
        if (rank === 0) assert.ok(residual <= Math.max(tolerance, 1e-13 * size));
      },
    ),
    propertyOptions,
  );
});

test('the rank of a large pool is bounded by its work, that of a pool of 1,600 points is not', () => {
  for (const count of [1, 1600, 1626, 45_730, 1e6]) {
    const rank = affordableRank(count);
    assert.ok(count * rank ** 2 <= 2 ** 32 && count * (rank + 1) ** 2 > 2 ** 32, `${rank} of ${count}`);
  }
  assert.ok(affordableRank(1600) >= 1600);
  assert.is(affordableRank(1e12), 1);
});

test('a smooth kernel needs few columns, and a batch loses no more JMI than the bound', () => {
  const { posterior } = right(maternProblem({ poolSize: 500, seed: 3, tolerance: 1e-3 }));
  const { posterior: exact } = right(maternProblem({ poolSize: 500, seed: 3, tolerance: 0 }));
  assert.ok(posterior.whitened.columns < 100 && posterior.residual <= 1e-3);
  for (const i of [0, 1, 2]) {
    const batch = permutation(keyFromSeed(i), 500).subarray(0, 10);
    const lost =
      jointMutualInformation(exact.whitened, batch) - jointMutualInformation(posterior.whitened, batch);
    assert.ok(lost >= -1e-9 && lost <= 5 * posterior.residual, `lost ${lost} nats`);
  }
});

test('the synthetic problem: all from the seed, five labels, the prior where there are none', () => {
  const problem = right(maternProblem({ poolSize: 30, seed: 1 }));
  assert.equal(problem, right(maternProblem({ poolSize: 30, seed: 1 })));
  assert.not.equal(problem.pool, right(maternProblem({ poolSize: 30, seed: 2 })).pool);
  assert.is(problem.labelled.length, 5);
  assert.is(problem.posterior.noiseVariance, 0.01);
  const direct = conditionedOn(problem.labelled)({ kernel: matern52(0.7), noiseVariance: 0.01 })(
    problem.pool,
  );
  assert.equal(problem.posterior, right(direct));
  const { posterior, pool } = right(maternProblem({ poolSize: 30, seed: 1, labelledCount: 0, tolerance: 0 }));
  assert.equal(pool, problem.pool);
  const variances = pool.map((_, i) => dot(rowOf(posterior.whitened, i), rowOf(posterior.whitened, i)));
  assert.ok(distance(variances, new Float64Array(30).fill(100)) < 1e-9, 'prior variance 1 over noise 0.01');
});

test('targets of the synthetic problem have the variance of the prior and its noise', () => {
  // 2,000 problems of one label each: the mean square is 1.01 with standard deviation 1.01 √(2/2000); four of them.
  const squares = Array.from({ length: 2000 }, (_, seed) =>
    pipe(
      right(maternProblem({ poolSize: 1, seed, labelledCount: 1 })).labelled,
      ([p]) => (p?.target ?? NaN) ** 2,
    ),
  );
  closeTo(squares.reduce((s, x) => s + x, 0) / 2000, 1.01, 4 * 1.01 * Math.sqrt(2 / 2000));
});

test('two targets of the synthetic problem go together as the prior says, and no closer', () => {
  // E y y' is k(x, x') without the noise: over 3,000 problems of two labels the mean of y y' − k is 0 with a deviation of at most
  // √(2 · 1.01²) each; five of them.
  const products = Array.from({ length: 3000 }, (_, seed) => {
    const [p, q] = right(maternProblem({ poolSize: 1, seed, labelledCount: 2, noiseVariance: 1 })).labelled;
    if (p === undefined || q === undefined) throw new Error('two labels were asked for');
    return p.target * q.target - matern52(0.7)(p.input, q.input);
  });
  // Of noise 1 variances are 2.
  closeTo(products.reduce((s, x) => s + x, 0) / 3000, 0, (5 * 2 * Math.SQRT2) / Math.sqrt(3000));
});

test('a covariance that is none is refused', () => {
  for (const variance of [-1, NaN, Infinity])
    assert.ok(E.isLeft(pivotedCholesky(2, () => variance, { noiseVariance: 1 })));
  const twins = [1, 1].map((input) => ({ input, target: 0 }));
  assert.ok(E.isLeft(conditionedOn(twins)({ kernel: matern52(1), noiseVariance: 0 })([2])));
});

test.run();
