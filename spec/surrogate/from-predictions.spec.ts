/** Posteriors of models elsewhere: their information by the definitions, and predictions that are none refused by their entry. */
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { showFailure, type Failure } from '../../src/failure.js';
import { entry, type Matrix, matrixFrom, matrixFromRows } from '../../src/linear-algebra/matrix.js';
import { columnGram, identity } from '../../src/linear-algebra/product.js';
import { keyFromSeed, split, uniforms } from '../../src/random/key.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import {
  posteriorOfCovariance,
  posteriorOfDraws,
  posteriorOfProbabilities,
} from '../../src/surrogate/from-predictions.js';
import type { Posterior } from '../../src/surrogate/posterior.js';
import {
  closeTo,
  distance,
  matrices,
  normalMatrix,
  propertyOptions,
  right,
} from '../linear-algebra/arbitrary.js';

/** ½ log det(I + K_BB / σ²), by elimination. */
const informationOf = (covariance: Matrix, noiseVariance: number, batch: readonly number[]): number => {
  const a = batch.map((n, i) =>
    batch.map((m, j) => entry(covariance, n, m) / noiseVariance + (i === j ? 1 : 0)),
  );
  let sum = 0;
  for (let k = 0; k < a.length; k++) {
    const pivot = a[k]?.[k] ?? NaN;
    sum += Math.log(pivot) / 2;
    for (let i = k + 1; i < a.length; i++) {
      const factor = (a[i]?.[k] ?? NaN) / pivot;
      for (let j = k; j < a.length; j++) (a[i] ?? [])[j] = (a[i]?.[j] ?? NaN) - factor * (a[k]?.[j] ?? NaN);
    }
  }
  return sum;
};

const sampleCovariance = (draws: Matrix): Matrix => {
  const { rows, columns } = draws;
  const mean = Array.from({ length: columns }, (_, n) => {
    let sum = 0;
    for (let s = 0; s < rows; s++) sum += entry(draws, s, n) / rows;
    return sum;
  });
  const centred = matrixFrom(rows, columns, (s, n) => entry(draws, s, n) - (mean[n] ?? NaN));
  const gram = columnGram(centred);
  return { ...gram, data: gram.data.map((x) => x / (rows - 1)) };
};

const refusal = (made: E.Either<Failure, Posterior>): string =>
  E.isLeft(made) ? showFailure(made.left) : 'it was taken';

test('draws, and their covariance, give the information of the covariance to 1e-10', () => {
  const count = fc.integer({ min: 2, max: 12 });
  fc.assert(
    fc.property(
      matrices(count, fc.integer({ min: 1, max: 8 })),
      fc.double({ min: 0.01, max: 10, noNaN: true }),
      fc.nat(),
      (draws, noiseVariance, seed) => {
        const covariance = sampleCovariance(draws);
        fc.pre(covariance.data.some((x) => x > 0));
        const batch = Array.from({ length: draws.columns }, (_, n) => n).filter((n) => (seed >> n) % 2 === 0);
        const exact = informationOf(covariance, noiseVariance, batch);
        const byDraws = right(posteriorOfDraws(draws, { noiseVariance }));
        const scale = Math.max(1, exact);
        closeTo(jointMutualInformation(byDraws.whitened, batch), exact, 1e-10 * scale);
        const found = posteriorOfCovariance(covariance, { noiseVariance, mean: byDraws.mean });
        // The factor leaves a point at most 1e-6 of the noise, or what rounding leaves of its variance: of less there is none.
        if (E.isLeft(found)) {
          assert.match(refusal(found), /certain of every point/u);
          closeTo(exact, 0, 1e-6 * batch.length);
          return;
        }
        const byCovariance = found.right;
        closeTo(jointMutualInformation(byCovariance.whitened, batch), exact, 1e-6 * batch.length * scale);
        assert.equal(byCovariance.mean, byDraws.mean);
      },
    ),
    propertyOptions,
  );
});

const classesOf = (draws: number, points: number, classes: number, seed: number): Float64Array => {
  const weights = uniforms(split(keyFromSeed(seed), 0), draws * points * classes).map((u) => u ** 3 + 1e-3);
  for (let row = 0; row < draws * points; row++) {
    const own = weights.subarray(row * classes, (row + 1) * classes);
    const sum = own.reduce((total, w) => total + w, 0);
    for (let c = 0; c < classes; c++) own[c] = (own[c] ?? NaN) / sum;
  }
  return weights;
};

/** H of the joint labels less their mean entropy under each draw, by going through all C^b label vectors. */
const batchBald = (
  [draws, points, classes]: readonly [number, number, number],
  p: Float64Array,
  batch: readonly number[],
): number => {
  const at = (s: number, n: number, c: number): number => p[(s * points + n) * classes + c] ?? NaN;
  let joint = 0;
  for (let code = 0; code < classes ** batch.length; code++) {
    let total = 0;
    for (let s = 0; s < draws; s++)
      total +=
        batch.reduce((product, n, i) => product * at(s, n, Math.floor(code / classes ** i) % classes), 1) /
        draws;
    joint -= total * Math.log(total);
  }
  let conditional = 0;
  for (let s = 0; s < draws; s++)
    for (const n of batch)
      for (let c = 0; c < classes; c++) conditional -= (at(s, n, c) * Math.log(at(s, n, c))) / draws;
  return joint - conditional;
};

test('given probabilities: greedy BatchBALD is that of the same numbers, by enumeration', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 2, max: 4 }),
      fc.nat(),
      (draws, classes, seed) => {
        const shape = [draws, 7, classes] as const;
        const p = classesOf(...shape, seed);
        const posterior = right(posteriorOfProbabilities(shape, p));
        const chosen: number[] = [];
        for (let k = 0; k < 3; k++) {
          const values = Array.from({ length: 7 }, (_, n) =>
            chosen.includes(n) ? -Infinity : batchBald(shape, p, [...chosen, n]),
          );
          chosen.push(values.indexOf(Math.max(...values)));
        }
        const greedy = greedyBatch(posterior, 3);
        closeTo(greedy.jointMutualInformation, batchBald(shape, p, greedy.indices), 1e-10);
        closeTo(greedy.jointMutualInformation, batchBald(shape, p, chosen), 1e-10);
      },
    ),
    { ...propertyOptions, numRuns: 40 },
  );
});

test('predictions that are none are refused, each by its entry', () => {
  const noise = { noiseVariance: 1 };
  const draws = normalMatrix(3, 4, 1);
  draws.data[6] = NaN;
  assert.match(refusal(posteriorOfDraws(draws, noise)), /draws/u);
  assert.match(refusal(posteriorOfDraws(normalMatrix(1, 4, 1), noise)), /one draw/u);
  for (const noiseVariance of [0, -1, NaN, Infinity])
    assert.match(refusal(posteriorOfDraws(normalMatrix(2, 2, 1), { noiseVariance })), /noise variance/u);
  assert.match(refusal(posteriorOfDraws(normalMatrix(2, 2, 1), {} as never)), /noise variance/u);

  const p = classesOf(2, 3, 2, 1);
  p[4] = (p[4] ?? NaN) + 0.01;
  assert.match(refusal(posteriorOfProbabilities([2, 3, 2], p)), /point 2 under draw 0 sum to 1\.01/u);
  const negative = classesOf(2, 3, 2, 1);
  negative.set([-0.2, 1.2], 8);
  assert.match(refusal(posteriorOfProbabilities([2, 3, 2], negative)), /point 1 under draw 1 have -0\.2/u);
  const rounded = Float32Array.from(classesOf(2, 3, 2, 1));
  assert.ok(E.isRight(posteriorOfProbabilities([2, 3, 2], rounded)));
  assert.throws(() => posteriorOfProbabilities([2, 3, 0], []), /probabilities/u);
  assert.throws(() => posteriorOfProbabilities([2, 3, 2], [1]), /\[2, 3, 2\]/u);

  const covariance = (rows: readonly (readonly number[])[]): string =>
    refusal(posteriorOfCovariance(matrixFromRows(rows), noise));
  assert.match(
    covariance([
      [1, 0.5],
      [0.4, 1],
    ]),
    /entry \[0, 1\] is 0\.5 and entry \[1, 0\] is 0\.4/u,
  );
  assert.match(
    covariance([
      [1, 0],
      [0, -1],
    ]),
    /variance of point 1 is -1/u,
  );
  assert.match(
    covariance([
      [1, 2],
      [2, 1],
    ]),
    /points 0 and 1 is larger than their variances allow/u,
  );
  // Each pair is possible, and all three together are not.
  assert.match(
    covariance(
      [
        [1, 0.9, 0.9],
        [0.9, 1, -0.9],
        [0.9, -0.9, 1],
      ].map((row) => row),
    ),
    /not positive semidefinite/u,
  );
  assert.match(
    covariance([
      [1, NaN],
      [NaN, 1],
    ]),
    /covariance/u,
  );
  assert.throws(() => posteriorOfCovariance(normalMatrix(2, 3, 1), noise), /2×3/u);
});

test('predictions that are certain of every point are refused: of these no label tells anything', () => {
  const alike = matrixFrom(4, 5, (_, n) => n / 3);
  const certain = /certain of every point.*Give draws that differ/u;
  assert.match(refusal(posteriorOfDraws(alike, { noiseVariance: 1 })), certain);
  for (const variance of [0, 1e-300])
    assert.match(
      refusal(
        posteriorOfCovariance(
          matrixFrom(4, 4, (n, m) => (n === m ? variance : 0)),
          { noiseVariance: 0.1 },
        ),
      ),
      certain,
    );
  const one = classesOf(1, 4, 3, 2);
  assert.match(refusal(posteriorOfProbabilities([3, 4, 3], [...one, ...one, ...one])), certain);
  // One model alone is for margin and entropy.
  assert.ok(E.isRight(posteriorOfProbabilities([1, 4, 3], one)));
});

test('covariances of any rank are taken, those of float32 too, and a wrong sign anywhere is seen', () => {
  fc.assert(
    fc.property(
      matrices(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 3, max: 10 })),
      fc.nat(),
      (draws, seed) => {
        const covariance = columnGram(draws);
        const rounded = { ...covariance, data: Float64Array.from(Float32Array.from(covariance.data)) };
        const made = right(posteriorOfCovariance(rounded, { noiseVariance: 1e-3 }));
        const again = columnGram({
          rows: made.whitened.columns,
          columns: made.whitened.rows,
          data: Float64Array.from({ length: made.whitened.data.length }, (_, k) =>
            entry(made.whitened, k % made.whitened.rows, Math.floor(k / made.whitened.rows)),
          ),
        });
        const largest = covariance.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
        const off = distance(
          again.data.map((x) => 1e-3 * x),
          covariance.data,
        );
        assert.ok(off <= 1e-4 * largest + 1e-8, `${off} of ${largest}`);
        // Less than nothing is known along one axis.
        const axis = normalMatrix(covariance.rows, 1, seed).data;
        const norm = axis.reduce((sum, x) => sum + x * x, 0);
        const wrong = matrixFrom(covariance.rows, covariance.rows, (i, j) => {
          const unit = entry(identity(covariance.rows), i, j);
          return unit - (1.05 * (axis[i] ?? NaN) * (axis[j] ?? NaN)) / norm;
        });
        assert.ok(E.isLeft(posteriorOfCovariance(wrong, { noiseVariance: 1 })));
      },
    ),
    propertyOptions,
  );
});

test.run();
