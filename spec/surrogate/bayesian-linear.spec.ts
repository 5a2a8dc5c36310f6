/**
 * Bayesian linear regression: the independent reference, its definition, and the laws of the fitted model.
 */
import * as fc from 'fast-check';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Failure, showFailure } from '../../src/failure.js';
import { type Matrix, matrixFrom, matrixFromRows } from '../../src/linear-algebra/matrix.js';
import { applyTo, columnGram, identity, product, rowGram } from '../../src/linear-algebra/product.js';
import { keyFromSeed, normals } from '../../src/random/key.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import {
  type BayesianLinearModel,
  bayesianLinearModelCodec,
  type BayesianLinearOptions,
  fitBayesianLinear,
  posteriorOver,
} from '../../src/surrogate/bayesian-linear.js';
import { evidenceSpectrum, logEvidence } from '../../src/surrogate/evidence.js';
import type { FeatureMap } from '../../src/surrogate/feature-map.js';
import { onPrincipalAxes } from '../../src/surrogate/principal-axes.js';
import { columnScalings } from '../../src/surrogate/standardise.js';
import { weightCovariance, weightPosterior, whitenedBy } from '../../src/surrogate/weight-posterior.js';
import { atOnce } from '../../src/work.js';
import {
  closeTo,
  distance,
  entry,
  matrices,
  normalMatrix,
  propertyOptions,
  right,
} from '../linear-algebra/arbitrary.js';
import { rowSource } from './row-source.js';
import { matrixOfRows, readReference, vectorOfNumbers } from '../support/reference.js';

const reference = readReference(
  'bayesian-linear',
  t.type({
    trainX: matrixOfRows,
    trainY: vectorOfNumbers,
    poolX: matrixOfRows,
    noiseVariance: t.number,
    priorVariance: t.number,
    posteriorMean: vectorOfNumbers,
    posteriorCovariance: matrixOfRows,
    logEvidence: t.number,
    poolMean: vectorOfNumbers,
    poolCovariance: matrixOfRows,
  }),
);

const times = (a: Matrix, factor: number): Float64Array => a.data.map((x) => factor * x);

test('reference: posterior of the weights and log evidence', () => {
  const posterior = right(weightPosterior(reference.trainX, reference.trainY, reference));
  assert.ok(distance(posterior.mean, reference.posteriorMean) < 1e-12);
  assert.ok(distance(weightCovariance(posterior).data, reference.posteriorCovariance.data) < 1e-12);
  const spectrum = right(evidenceSpectrum(reference.trainX, reference.trainY));
  closeTo(logEvidence(spectrum, reference), reference.logEvidence, 1e-12);
});

test('reference: mean and covariance of the pool, from whitened features', () => {
  const posterior = right(weightPosterior(reference.trainX, reference.trainY, reference));
  assert.ok(distance(applyTo(reference.poolX, posterior.mean), reference.poolMean) < 1e-12);
  const whitened = pipe(reference.poolX, whitenedBy(posterior));
  const covariance = times(rowGram(whitened), reference.noiseVariance);
  assert.ok(distance(covariance, reference.poolCovariance.data) < 1e-12);
  const rotated = pipe(rowSource(whitened), onPrincipalAxes(0), atOnce, right);
  assert.ok(
    distance(times(rowGram(rotated), reference.noiseVariance), reference.poolCovariance.data) < 1e-12,
  );
});

test('Σ (I/p + ΦᵀΦ/σ²) = I and (I/p + ΦᵀΦ/σ²) E w = Φᵀy/σ², rows more or fewer than features', () => {
  const sizes = fc.integer({ min: 1, max: 14 });
  fc.assert(
    fc.property(matrices(sizes, sizes), fc.nat(), (features, seed) => {
      const [noiseVariance, priorVariance] = [0.3, 1.7];
      const y = normals(keyFromSeed(seed), features.rows);
      const posterior = right(weightPosterior(features, y, { noiseVariance, priorVariance }));
      const d = features.columns;
      const gram = columnGram(features);
      const precision = matrixFrom(
        d,
        d,
        (i, j) => entry(gram, i, j) / noiseVariance + (i === j ? 1 / priorVariance : 0),
      );
      const scale = 1 + Math.max(...precision.data.map(Math.abs));
      assert.ok(
        distance(product(weightCovariance(posterior), precision).data, identity(d).data) < 1e-12 * scale,
      );
      const linear = Float64Array.from({ length: d }, (_, j) =>
        y.reduce((s, yi, i) => s + (yi * entry(features, i, j)) / noiseVariance, 0),
      );
      assert.ok(distance(applyTo(precision, posterior.mean), linear) < 1e-11 * scale);
    }),
    propertyOptions,
  );
});

const featureMaps: fc.Arbitrary<FeatureMap> = fc.constantFrom<FeatureMap>(
  { kind: 'linear' },
  { kind: 'polynomial', degree: 2 },
  { kind: 'fourier', count: 20, seed: 7 },
);

/** Labelled rows with targets and a pool, in units far from 1. */
const problems = fc
  .record({
    n: fc.integer({ min: 2, max: 25 }),
    d: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(),
    featureMap: featureMaps,
  })
  .map(({ n, d, seed, featureMap }) => {
    const all = normalMatrix(n + 15, d, seed);
    const inputs = { rows: n, columns: d, data: all.data.slice(0, n * d) };
    const pool = { rows: 15, columns: d, data: all.data.slice(n * d) };
    const noise = normals(keyFromSeed(seed + 1), n);
    const targets = noise.map((e, i) => 40 * Math.sin(2 * entry(inputs, i, 0)) + 5 * e + 300);
    return { inputs, targets, pool, featureMap };
  });

const outcome = (inputs: Matrix, targets: Float64Array, pool: Matrix, options: BayesianLinearOptions) => {
  const model = right(fitBayesianLinear(inputs, targets, { pool, ...options }));
  const posterior = right(posteriorOver(model, pool));
  return { model, posterior, correlations: rowGram(posterior.whitened).data };
};

const few = { ...propertyOptions, numRuns: 40 };

test('predictions follow a change of the unit and origin of targets and inputs', () => {
  fc.assert(
    fc.property(problems, fc.constantFrom(-3, 0.01, 1e6), ({ inputs, targets, pool, featureMap }, a) => {
      const before = outcome(inputs, targets, pool, { featureMap });
      const moved = (m: Matrix): Matrix => ({ ...m, data: m.data.map((x) => 250 * x - 3) });
      const after = outcome(
        moved(inputs),
        targets.map((y) => a * y + 5),
        moved(pool),
        { featureMap },
      );
      const back = after.posterior.mean.map((m) => (m - 5) / a);
      assert.ok(distance(back, before.posterior.mean) < 1e-5);
      closeTo(after.posterior.noiseVariance / a ** 2, before.posterior.noiseVariance, 1e-6, 'noise variance');
      const size = 1 + Math.max(...before.correlations);
      assert.ok(distance(after.correlations, before.correlations) < 1e-6 * size);
      closeTo(
        after.model.logEvidence + targets.length * Math.log(Math.abs(a)),
        before.model.logEvidence,
        1e-6,
        'log evidence',
      );
    }),
    few,
  );
});

test('the model survives JSON, and a decoded one gives the same posterior', () => {
  fc.assert(
    fc.property(problems, ({ inputs, targets, pool, featureMap }) => {
      const { model, posterior } = outcome(inputs, targets, pool, { featureMap });
      const decoded = bayesianLinearModelCodec.decode(JSON.parse(JSON.stringify(model)));
      assert.equal(right(decoded), model);
      assert.equal(right(posteriorOver(right(decoded), pool)), posterior);
    }),
    few,
  );
});

test('fixed hyperparameters: the fit is the low-level posterior on standardised data', () => {
  const { trainX, trainY, poolX } = reference;
  const { model, posterior } = outcome(trainX, trainY, poolX, {
    featureMap: { kind: 'linear' },
    noiseVariance: 0.3,
    priorVariance: 1.7,
  });
  assert.equal([model.noiseVariance, model.priorVariance], [0.3, 1.7]);
  assert.equal(model.inputs, columnScalings([trainX, poolX]), 'the pool takes part in the standardisation');
  const phi = (a: Matrix): Matrix =>
    matrixFrom(a.rows, a.columns + 1, (i, j) => {
      const scaling = model.inputs[j - 1];
      return scaling === undefined ? 1 : (entry(a, i, j - 1) - scaling.centre) / scaling.scale;
    });
  const centred = trainY.map((y) => y - model.target.centre);
  const direct = right(weightPosterior(phi(trainX), centred, model));
  const mean = applyTo(phi(poolX), direct.mean).map((m) => m + model.target.centre);
  assert.ok(distance(posterior.mean, mean) < 1e-12);
  const exact = right(posteriorOver(model, poolX, 0));
  assert.ok(distance(rowGram(exact.whitened).data, rowGram(whitenedBy(direct)(phi(poolX))).data) < 1e-11);
  closeTo(model.logEvidence, logEvidence(right(evidenceSpectrum(phi(trainX), centred)), model), 1e-10);
});

test('one labelled row, constant targets, constant columns and far outliers give finite answers', () => {
  const pool = normalMatrix(6, 2, 1);
  const fine = (model: BayesianLinearModel) => {
    const { mean, whitened, noiseVariance } = right(posteriorOver(model, pool));
    assert.ok(mean.every(Number.isFinite) && whitened.data.every(Number.isFinite) && noiseVariance > 0);
    assert.ok(jointMutualInformation(whitened, [0, 1, 2]) > 0.05, 'something is left to learn');
    return mean;
  };
  for (const featureMap of [{ kind: 'linear' }, { kind: 'fourier', count: 32, seed: 0 }] as const) {
    const fit = (rows: readonly number[][], y: readonly number[]) =>
      fine(right(fitBayesianLinear(matrixFromRows(rows), Float64Array.from(y), { featureMap, pool })));
    closeTo(fit([[0, 1]], [12])[0] ?? NaN, 12, 1e-9, 'mean from one row');
    closeTo(
      fit(
        [
          [0, 1],
          [2, 3],
          [1, 1],
        ],
        [4, 4, 4],
      )[3] ?? NaN,
      4,
      1e-9,
      'mean from equal targets',
    );
    fit(
      [
        [0, 5],
        [1, 5],
        [2, 5],
      ],
      [1, 2, 4],
    );
    fit(
      [
        [0, 1],
        [0, 1],
        [0, 1],
      ],
      [1, 2, 4],
    );
    fit(
      [
        [0, 1],
        [1e9, 2],
        [1, 3],
      ],
      [1, 2, 1e12],
    );
  }
});

test('what cannot be fitted says where and why', () => {
  const message = (either: E.Either<Failure, unknown>): string =>
    E.isLeft(either) ? showFailure(either.left) : 'none';
  const featureMap: FeatureMap = { kind: 'linear' };
  const inputs = matrixFromRows([
    [1, 2],
    [3, NaN],
  ]);
  const y = Float64Array.of(1, 2);
  assert.match(message(fitBayesianLinear(inputs, y, { featureMap })), /row 2, column 2: the value is NaN/);
  assert.match(
    message(fitBayesianLinear(matrixFromRows([]), new Float64Array(0), { featureMap })),
    /Label at least one/,
  );
  const good = normalMatrix(2, 2, 0);
  assert.match(
    message(fitBayesianLinear(good, y, { featureMap, noiseVariance: 0 })),
    /noise variance: it is 0/,
  );
  assert.match(
    message(fitBayesianLinear(good, y, { featureMap: { kind: 'fourier', count: -1, seed: 0 } })),
    /count is -1/,
  );
  const model = right(fitBayesianLinear(good, y, { featureMap }));
  assert.match(message(posteriorOver(model, inputs)), /pool, row 2, column 2/);
  assert.throws(
    () => fitBayesianLinear(good, Float64Array.of(1), { featureMap }),
    /2 rows of inputs and 1 target/,
  );
  assert.throws(
    () => posteriorOver(model, normalMatrix(2, 3, 0)),
    /have 3 columns, and those of the model 2/,
  );
});

test.run();
