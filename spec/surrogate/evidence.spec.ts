/** The evidence against its definition, its derivatives, and the maximum over hyperparameters. */
import * as fc from 'fast-check';
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cholesky, logDeterminantOfFactor, solveLower } from '../../src/linear-algebra/cholesky.js';
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import { applyTo, columnVector, rowGram } from '../../src/linear-algebra/product.js';
import { dot } from '../../src/linear-algebra/vector.js';
import { keyFromSeed, normals, split, uniforms } from '../../src/random/key.js';
import {
  evidenceDerivatives,
  evidenceSpectrum,
  logEvidence,
  type Variances,
} from '../../src/surrogate/evidence.js';
import {
  lengthScalePrior,
  logPriorAt,
  maximiseEvidence,
  noisePrior,
  signalPrior,
} from '../../src/surrogate/evidence-maximum.js';
import { featuresOf } from '../../src/surrogate/feature-map.js';
import {
  closeTo,
  entry,
  matrices,
  normalMatrix,
  propertyOptions,
  right,
} from '../linear-algebra/arbitrary.js';
import { atOnce } from '../../src/work.js';

const sizes = fc.integer({ min: 1, max: 12 });
const variances = fc
  .tuple(fc.double({ min: -4, max: 3, noNaN: true }), fc.double({ min: -4, max: 3, noNaN: true }))
  .map(([a, b]): Variances => ({ noiseVariance: Math.exp(a), priorVariance: Math.exp(b) }));

/** log N(y; 0, σ² I + p Φ Φᵀ) as it is written. */
const bySubstitution = (
  features: Matrix,
  y: Float64Array,
  { noiseVariance, priorVariance }: Variances,
): number => {
  const gram = rowGram(features);
  const l = right(
    cholesky(
      matrixFrom(
        gram.rows,
        gram.rows,
        (i, j) => priorVariance * entry(gram, i, j) + (i === j ? noiseVariance : 0),
      ),
    ),
  );
  const z = solveLower(l, columnVector(y)).data;
  return -0.5 * (dot(z, z) + logDeterminantOfFactor(l) + y.length * Math.log(2 * Math.PI));
};

test('the evidence from the spectrum is the normal log density', () => {
  fc.assert(
    fc.property(matrices(sizes, sizes), variances, fc.nat(), (features, v, seed) => {
      const y = normals(keyFromSeed(seed), features.rows);
      const direct = bySubstitution(features, y, v);
      closeTo(logEvidence(right(evidenceSpectrum(features, y)), v), direct, 1e-9, 'log evidence');
    }),
    propertyOptions,
  );
});

test('derivatives in log σ² and log p agree with central differences', () => {
  const h = 1e-4;
  fc.assert(
    fc.property(matrices(sizes, sizes), variances, fc.nat(), (features, v, seed) => {
      const spectrum = right(evidenceSpectrum(features, normals(keyFromSeed(seed), features.rows)));
      const shifted = (a: number, b: number): Variances => ({
        noiseVariance: v.noiseVariance * Math.exp(a),
        priorVariance: v.priorVariance * Math.exp(b),
      });
      const value = (a: number, b: number) => logEvidence(spectrum, shifted(a, b));
      const slope = (a: number, b: number) => evidenceDerivatives(spectrum, shifted(a, b));
      const d = slope(0, 0);
      const near = (actual: number, expected: number, what: string) =>
        closeTo(actual, expected, 1e-6 * (1 + Math.abs(d.aa) + Math.abs(d.bb)), what);
      near(d.a, (value(h, 0) - value(-h, 0)) / (2 * h), 'a');
      near(d.b, (value(0, h) - value(0, -h)) / (2 * h), 'b');
      near(d.aa, (slope(h, 0).a - slope(-h, 0).a) / (2 * h), 'aa');
      near(d.ab, (slope(0, h).a - slope(0, -h).a) / (2 * h), 'ab');
      near(d.bb, (slope(0, h).b - slope(0, -h).b) / (2 * h), 'bb');
    }),
    propertyOptions,
  );
});

/** n rows in one dimension of a smooth curve under noise, or of noise alone, standardised well enough. */
const curve = (n: number, seed: number, signal: boolean) => {
  const inputs = normalMatrix(n, 1, seed);
  const noise = normals(split(keyFromSeed(seed), 1), n);
  const targets = noise.map((e, i) => (signal ? 1.3 * Math.sin(2 * (inputs.data[i] ?? 0)) + 0.3 * e : e));
  return { inputs, targets };
};

const fourierProblem = ({ inputs, targets }: ReturnType<typeof curve>) => ({
  features: right(featuresOf({ kind: 'fourier', count: 24, seed: 1 }, inputs)),
  targets,
  lengthScalePrior: lengthScalePrior(inputs.columns),
});

const between = (low: number, high: number, u: number): number =>
  Math.exp(Math.log(low) + u * (Math.log(high) - Math.log(low)));

test('the maximum is not below random hyperparameters within the floors and ceilings', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.boolean(), (n, seed, signal) => {
      const problem = fourierProblem(curve(n, seed, signal));
      const best = right(atOnce(maximiseEvidence(problem)));
      const u = uniforms(keyFromSeed(seed + 1), 60);
      const scale = problem.lengthScalePrior;
      for (let i = 0; i < 20; i++) {
        const lengthScale = between(scale.floor, scale.ceiling, u[3 * i] ?? NaN);
        const features = problem.features(lengthScale);
        const meanSquare = dot(features.data, features.data) / n;
        const v = {
          noiseVariance: between(noisePrior.floor, noisePrior.ceiling, u[3 * i + 1] ?? NaN),
          priorVariance: between(signalPrior.floor, signalPrior.ceiling, u[3 * i + 2] ?? NaN) / meanSquare,
        };
        const value =
          bySubstitution(features, problem.targets, v) +
          logPriorAt(noisePrior, v.noiseVariance) +
          logPriorAt(signalPrior, v.priorVariance * meanSquare) +
          logPriorAt(scale, lengthScale);
        assert.ok(value <= best.logPosterior + 1e-6, `${value} > ${best.logPosterior}`);
      }
    }),
    { ...propertyOptions, numRuns: 40 },
  );
});

test('at a fixed length-scale the maximum is a point of rest, or lies on a bound', () => {
  const rows = fc.oneof(sizes, fc.integer({ min: 1, max: 60 }));
  fc.assert(
    fc.property(matrices(rows, sizes), fc.nat(), fc.boolean(), (features, seed, noiseless) => {
      // Targets that the features explain exactly drive the noise to its floor.
      const targets = noiseless
        ? applyTo(features, normals(keyFromSeed(seed), features.columns))
        : normals(keyFromSeed(seed), features.rows);
      const best = right(
        atOnce(maximiseEvidence({ features: () => features, targets, lengthScalePrior: 'none' })),
      );
      const meanSquare = dot(features.data, features.data) / features.rows || 1;
      const at = (a: number, b: number): number => {
        const v = {
          noiseVariance: best.noiseVariance * Math.exp(a),
          priorVariance: best.priorVariance * Math.exp(b),
        };
        const signal = v.priorVariance * meanSquare;
        const outside =
          v.noiseVariance < noisePrior.floor * (1 - 1e-12) ||
          v.noiseVariance > noisePrior.ceiling * (1 + 1e-12) ||
          signal < signalPrior.floor * (1 - 1e-12) ||
          signal > signalPrior.ceiling * (1 + 1e-12);
        return outside
          ? -Infinity
          : bySubstitution(features, targets, v) +
              logPriorAt(noisePrior, v.noiseVariance) +
              logPriorAt(signalPrior, signal);
      };
      closeTo(best.logPosterior, at(0, 0), 1e-8);
      for (const [a, b] of [
        [1, 0],
        [0, 1],
        [1, 1],
        [1, -1],
      ] as const)
        for (const h of [-0.1, -1e-3, 1e-3, 0.1]) assert.ok(at(h * a, h * b) <= at(0, 0) + 1e-9);
    }),
    { ...propertyOptions, numRuns: 200 },
  );
});

test('no other length-scale nearby has a larger maximum', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.boolean(), (n, seed, signal) => {
      const problem = fourierProblem(curve(n, seed, signal));
      const best = right(atOnce(maximiseEvidence(problem)));
      const scale = problem.lengthScalePrior;
      for (const h of [-0.4, -0.1, -0.03, 0.03, 0.1, 0.4]) {
        const lengthScale = (best.lengthScale ?? NaN) * Math.exp(h);
        const other = right(atOnce(maximiseEvidence({ ...problem, lengthScale })));
        assert.ok(other.logPosterior + logPriorAt(scale, lengthScale) <= best.logPosterior + 1e-9);
      }
      // Of a length-scale that was fitted the prior counts, of one that was given it does not.
      const given = right(atOnce(maximiseEvidence({ ...problem, lengthScale: best.lengthScale })));
      const prior = logPriorAt(scale, best.lengthScale ?? NaN);
      closeTo(best.logPosterior, given.logPosterior + prior, 1e-9, 'log posterior');
    }),
    { ...propertyOptions, numRuns: 25 },
  );
});

test('noise, signal and length-scale are recovered where the data say enough', () => {
  const n = 400;
  const inputs = normalMatrix(n, 1, 11);
  const features = right(featuresOf({ kind: 'fourier', count: 128, seed: 4 }, inputs));
  const phi = features(0.5);
  const weights = normals(keyFromSeed(12), phi.columns);
  const noise = normals(keyFromSeed(13), n);
  const targets = noise.map(
    (e, i) => dot(phi.data.subarray(i * phi.columns, (i + 1) * phi.columns), weights) + Math.sqrt(0.1) * e,
  );
  const best = right(atOnce(maximiseEvidence({ features, targets, lengthScalePrior: lengthScalePrior(1) })));
  assert.ok(Math.abs(best.noiseVariance - 0.1) < 0.02, `noise variance ${best.noiseVariance}`);
  assert.ok(
    Math.abs(Math.log((best.lengthScale ?? NaN) / 0.5)) < 0.3,
    `length-scale ${best.lengthScale ?? NaN}`,
  );
});

test('few points never explain everything as noise, nor nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(), fc.boolean(), (n, seed, signal) => {
      const best = right(atOnce(maximiseEvidence(fourierProblem(curve(n, seed, signal)))));
      // Fourier features have a mean square near 1, so p is about the signal variance.
      const ratio = best.priorVariance / best.noiseVariance;
      assert.ok(ratio > 0.2 && ratio < 500, `signal to noise ${ratio}`);
      assert.ok(best.noiseVariance >= noisePrior.floor * (1 - 1e-12));
    }),
    propertyOptions,
  );
});

test('what the caller fixes is kept, below the floor too', () => {
  const problem = fourierProblem(curve(10, 1, true));
  const fixed = right(
    atOnce(maximiseEvidence({ ...problem, noiseVariance: 1e-6, priorVariance: 2, lengthScale: 0.3 })),
  );
  assert.equal([fixed.noiseVariance, fixed.priorVariance, fixed.lengthScale], [1e-6, 2, 0.3]);
  const half = right(atOnce(maximiseEvidence({ ...problem, noiseVariance: 0.5 })));
  assert.is(half.noiseVariance, 0.5);
  assert.equal(
    right(atOnce(maximiseEvidence(problem))),
    right(atOnce(maximiseEvidence(problem))),
    'deterministic',
  );
});

test('features that are not finite are refused', () => {
  const features = matrixFrom(3, 2, () => Infinity);
  assert.ok(E.isLeft(evidenceSpectrum(features, new Float64Array(3))));
});

test.run();
