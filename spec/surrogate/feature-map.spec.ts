/**
 * Feature maps: their definitions, the kernel that Fourier features stand for, limits, and standardisation.
 */
import * as fc from 'fast-check';
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { showFailure } from '../../src/failure.js';
import { matrixFromRows } from '../../src/linear-algebra/matrix.js';
import { rowGram, rowOf } from '../../src/linear-algebra/product.js';
import {
  countFeatures,
  defaultFeatureMap,
  type FeatureMap,
  featureMapCodec,
  featuresOf,
} from '../../src/surrogate/feature-map.js';
import {
  columnScalings,
  scalingOf,
  standardised,
  standardisedColumns,
} from '../../src/surrogate/standardise.js';
import {
  closeTo,
  distance,
  entry,
  matrices,
  normalMatrix,
  propertyOptions,
  right,
} from '../linear-algebra/arbitrary.js';

const featuresAt =
  (map: FeatureMap, lengthScale = 1) =>
  (inputs: ReturnType<typeof normalMatrix>) =>
    right(featuresOf(map, inputs))(lengthScale);

test('linear features are a one and the inputs', () => {
  const inputs = matrixFromRows([
    [2, 3],
    [5, 7],
  ]);
  assert.equal(featuresAt({ kind: 'linear' })(inputs).data, Float64Array.of(1, 2, 3, 1, 5, 7));
});

test('polynomial features are all monomials up to the degree, each once', () => {
  const exponents = (d: number, degree: number): readonly (readonly number[])[] =>
    d === 0
      ? [[]]
      : Array.from({ length: degree + 1 }, (_, e) =>
          exponents(d - 1, degree - e).map((rest) => [e, ...rest]),
        ).flat();
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(),
      (d, degree, seed) => {
        const inputs = normalMatrix(2, d, seed);
        const map: FeatureMap = { kind: 'polynomial', degree };
        const features = featuresAt(map)(inputs);
        assert.is(features.columns, right(countFeatures(map, d)));
        for (const i of [0, 1]) {
          const expected = exponents(d, degree).map((e) =>
            e.reduce((p, k, j) => p * entry(inputs, i, j) ** k, 1),
          );
          assert.ok(distance(rowOf(features, i).slice().sort(), Float64Array.from(expected).sort()) < 1e-10);
        }
      },
    ),
    propertyOptions,
  );
});

test('inner products of Fourier features approach exp(−|x − x′|² / 2ℓ²)', () => {
  // 1,024 features: an inner product has a standard deviation below 1/√1024; 190 pairs within five of them fail
  // by chance once in 10⁴ seeds.
  const inputs = normalMatrix(20, 3, 5);
  for (const lengthScale of [0.7, 2]) {
    const gram = rowGram(featuresAt({ kind: 'fourier', count: 1024, seed: 3 }, lengthScale)(inputs));
    for (let i = 0; i < 20; i++)
      for (let j = 0; j < 20; j++) {
        const [x, y] = [rowOf(inputs, i), rowOf(inputs, j)];
        const squared = x.reduce((s, a, k) => s + (a - (y[k] ?? NaN)) ** 2, 0);
        const kernel = Math.exp(-squared / (2 * lengthScale ** 2));
        assert.ok(Math.abs(entry(gram, i, j) - kernel) < 5 / Math.sqrt(1024));
      }
  }
});

test('a seed names its Fourier features', () => {
  const inputs = normalMatrix(4, 2, 0);
  const at = (seed: number) => featuresAt({ kind: 'fourier', count: 9, seed })(inputs).data;
  assert.equal(at(1), at(1));
  assert.ok(distance(at(1), at(2)) > 0.1);
});

test('feature maps survive JSON', () => {
  assert.equal(
    right(featureMapCodec.decode(JSON.parse(JSON.stringify(defaultFeatureMap)))),
    defaultFeatureMap,
  );
  assert.ok(E.isLeft(featureMapCodec.decode({ kind: 'spline' })));
});

test('maps that cannot be built say what to change', () => {
  const message = (map: FeatureMap, d: number): string => {
    const outcome = countFeatures(map, d);
    return E.isLeft(outcome) ? showFailure(outcome.left) : 'none';
  };
  assert.match(message({ kind: 'polynomial', degree: 4 }, 20), /20 inputs make 10626 .* Lower the degree/);
  assert.match(message({ kind: 'polynomial', degree: 1.5 }, 2), /degree is 1\.5/);
  assert.match(message({ kind: 'fourier', count: 0, seed: 1 }, 2), /count is 0/);
  assert.match(message({ kind: 'fourier', count: 8, seed: -1 }, 2), /seed is -1/);
  assert.match(message({ kind: 'linear' }, 5000), /fewer input columns/);
});

test('standardised columns have mean 0 and deviation 1 over all parts; one value gives zeros', () => {
  const many = fc.integer({ min: 2, max: 12 });
  fc.assert(
    fc.property(matrices(many, fc.constant(3)), normalPool, (labelled, pool) => {
      const scalings = columnScalings([labelled, pool]);
      const parts = [labelled, pool].map((part) => standardisedColumns(part, scalings));
      for (let j = 0; j < 3; j++) {
        const z = parts.flatMap((part) => Array.from({ length: part.rows }, (_, i) => entry(part, i, j)));
        closeTo(z.reduce((s, x) => s + x, 0) / z.length, 0, 1e-12, 'mean');
        closeTo(z.reduce((s, x) => s + x * x, 0) / (z.length - 1), 1, 1e-12, 'variance');
      }
    }),
    propertyOptions,
  );
  assert.equal(scalingOf(Float64Array.of(7)), { centre: 7, scale: 1 });
  assert.equal(scalingOf(new Float64Array(0)), { centre: 0, scale: 1 });
  assert.is(scalingOf(Float64Array.of(0.3, 0.1 + 0.2, 0.3)).scale, 1, 'rounding is no variation');
  const far = Float64Array.of(-1e308, 1e308);
  closeTo(
    standardised(far, scalingOf(far))[1] ?? NaN,
    Math.SQRT1_2,
    1e-12,
    'values near the end of the range',
  );
  assert.throws(
    () => standardisedColumns(normalMatrix(2, 2, 0), []),
    /have 2 columns, and those of the model 0/,
  );
});

const normalPool = fc.nat().map((seed) => normalMatrix(5, 3, seed));

test.run();
