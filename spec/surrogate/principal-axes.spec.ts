/** Whitened features on their principal axes: what is lost, and that large pools are never held whole. */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { candidateIndices } from '../../src/acquisition/candidates.js';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { at } from '../../src/at.js';
import { standardDeviations } from '../../src/cli/row-predictions.js';
import {
  entry,
  inSinglePrecision,
  type Matrix,
  matrixFrom,
  rowsAt,
} from '../../src/linear-algebra/matrix.js';
import { product } from '../../src/linear-algebra/product.js';
import { present } from '../../src/present.js';
import { keyFromSeed, normals } from '../../src/random/key.js';
import { jointMutualInformation, type ScoredBatch } from '../../src/reward/exact.js';
import type { Posterior } from '../../src/surrogate/posterior.js';
import { onPrincipalAxes } from '../../src/surrogate/principal-axes.js';
import { atOnce } from '../../src/work.js';
import { matrices, propertyOptions, right } from '../linear-algebra/arbitrary.js';
import { rowSource } from './row-source.js';

/** Columns that fade away, as those of smooth posteriors do. */
const fadingBy = (a: Matrix, factor: number): Matrix =>
  matrixFrom(a.rows, a.columns, (i, j) => entry(a, i, j) * factor ** j);

const squares = (a: Matrix, i: number): number =>
  a.data.subarray(i * a.columns, (i + 1) * a.columns).reduce((sum, x) => sum + x * x, 0);

test('principal axes lose at most half the tolerance a point of JMI, and keep at most min(N, D) columns', () => {
  const sizes = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(matrices(sizes, sizes), fc.constantFrom(0, 1e-6, 0.1, 3), fc.nat(), (a, tolerance, seed) => {
      const fading = fadingBy(a, 0.5);
      const kept = pipe(rowSource(fading, 3), onPrincipalAxes(tolerance), atOnce, right);
      assert.ok(kept.columns <= Math.min(a.rows, a.columns) && kept.rows === a.rows);
      const batch = Array.from({ length: a.rows }, (_, i) => i).filter((i) => (seed >> (i % 30)) % 2 === 0);
      const lost = jointMutualInformation(fading, batch) - jointMutualInformation(kept, batch);
      assert.ok(lost > -1e-8 && lost <= (batch.length * tolerance) / 2 + 1e-8, `lost ${lost} nats`);
    }),
    propertyOptions,
  );
});

const rows = 20_011;

/**
 * 20,011 rows of 12 columns that fade away, and one that lies far out along the last: the seventieth, behind the first run of
 * the sample.
 */
const large = (outlier?: number): Matrix => {
  const columns = 12;
  const plain = { rows, columns, data: normals(keyFromSeed(3), rows * columns) };
  const faded = fadingBy(plain, 0.1);
  if (outlier !== undefined) faded.data[70 * columns + columns - 1] = outlier;
  return faded;
};

test('of a large pool no row loses more than the tolerance, rows come in blocks, and few columns stay', () => {
  const tolerance = 1e-6;
  const columnsOf = (a: Matrix): number => {
    const kept = pipe(
      rowSource(a, 1000, (from, to) => assert.ok(to - from <= 1000, 'more rows than fit together')),
      onPrincipalAxes(tolerance),
      atOnce,
      right,
    );
    for (let i = 0; i < rows; i++) {
      const lost = squares(a, i) - squares(kept, i);
      assert.ok(Math.abs(lost) <= tolerance * (1 + 1e-6), `row ${i} lost ${lost}`);
    }
    return kept.columns;
  };
  const usual = columnsOf(large());
  assert.ok(usual >= 3 && usual <= 5, `${usual} columns`);
  // One row outside the sample that needs the last column: more are taken, and again from the first row.
  assert.is(columnsOf(large(5)), 12);
});

test('rows that are whitened on the way are those that were whitened before, by either order of the products', () => {
  const a = large();
  const tilt = normals(keyFromSeed(5), 144);
  const whitening = matrixFrom(12, 12, (i, j) => (i === j ? 1 : 0) + 0.1 * at(tilt, 12 * i + j));
  const whiten = (some: Matrix): Matrix => product(some, whitening);
  const before = pipe(rowSource(whiten(a), 1000), onPrincipalAxes(), atOnce, right);
  assert.ok(before.columns < 12, 'nothing was left out');
  // All axes at once, and whitened first.
  for (const products of [12, 0]) {
    const source = { ...rowSource(a, 1000), whitening: { whiten, products } };
    const kept = pipe(source, onPrincipalAxes(), atOnce, right);
    assert.is(kept.columns, before.columns);
    const furthest = kept.data.reduce((most, x, i) => Math.max(most, Math.abs(x - at(before.data, i))), 0);
    assert.ok(furthest < 1e-12, `off by ${furthest}`);
    const one = { ...rowSource(large(5), 1000), whitening: { whiten, products } };
    assert.is(pipe(one, onPrincipalAxes(), atOnce, right).columns, 12);
    const bad = { ...rowSource(large(NaN), 1000), whitening: { whiten, products } };
    assert.ok(E.isLeft(pipe(bad, onPrincipalAxes(), atOnce)));
  }
});

test('many coordinates are held in single precision: what reads them finds the batch and the nats of double', () => {
  const source = rowSource(large(), 1000);
  const [double, made] = [Infinity, 1].map((many) =>
    pipe(source, onPrincipalAxes(1e-6, many), atOnce, right),
  ) as [Matrix, Matrix];
  assert.is(double.single, undefined);
  assert.is(made.single?.length, rows * double.columns);
  const single: Matrix = {
    ...{ rows, columns: double.columns },
    ...present({ single: made.single }),
    get data(): never {
      throw new Error('all of a large pool was made in double precision');
    },
  };
  const posteriors = [double, single].map((whitened) => ({
    ...{ whitened, mean: new Float64Array(rows), noiseVariance: 1 },
  })) as [Posterior, Posterior];
  const [inDouble, inSingle] = posteriors.map((posterior) => greedyBatch(posterior, 10)) as [
    ScoredBatch,
    ScoredBatch,
  ];
  assert.equal(inSingle.indices, inDouble.indices);
  const information = inDouble.jointMutualInformation;
  assert.ok(Math.abs(inSingle.jointMutualInformation - information) < 1e-6);
  assert.ok(Math.abs(jointMutualInformation(single, inDouble.indices) - information) < 1e-6);
  const options = { count: 200, batchSize: 10, key: keyFromSeed(1) };
  assert.equal(candidateIndices(single, options), candidateIndices(double, options));
  const some = [70, 3, 20_000];
  const deviations = (posterior: Posterior): Float64Array =>
    Float64Array.from(standardDeviations(posterior, some));
  deviations(posteriors[1]).forEach((own, i) =>
    assert.ok(Math.abs(own - at(deviations(posteriors[0]), i)) < 1e-6),
  );
  assert.equal(
    rowsAt(single, some).data,
    rowsAt({ rows, columns: double.columns, data: made.data }, some).data,
  );
  assert.is(made.data, made.data);
});

test('a matrix in single precision is one in double as soon as its data are asked for: changes and copies of it count', () => {
  const single = () => inSinglePrecision(3, 2, Float32Array.of(1, 2, 3, 4, 5, 6));
  const batch = [0, 2];
  const tenfold = matrixFrom(3, 2, (i, j) => 10 * (2 * i + j + 1));
  const expected = jointMutualInformation(tenfold, batch);
  const copied = { ...single(), data: single().data.map((x) => 10 * x) };
  assert.is(jointMutualInformation(copied, batch), expected);
  const changed = single();
  assert.ok(changed.single instanceof Float32Array);
  changed.data.forEach((x, i) => (changed.data[i] = 10 * x));
  assert.is(changed.single, undefined);
  assert.is(jointMutualInformation(changed, batch), expected);
  assert.equal(structuredClone(single()).data, Float64Array.of(1, 2, 3, 4, 5, 6));
  // The data themselves are in double precision, or not at all.
  const halved = { rows: 3, columns: 2, data: new Float32Array(6) };
  const without = { rows: 3, columns: 2, single: new Float32Array(6) };
  assert.throws(
    () => jointMutualInformation(halved as unknown as Matrix, batch),
    /whitened is an object; give a matrix/u,
  );
  assert.throws(
    () => jointMutualInformation(without as unknown as Matrix, batch),
    /whitened is an object; give a matrix/u,
  );
});

test('coordinates beyond single precision are held in double, and so are all where nothing may be lost', () => {
  const far = large();
  far.data[70 * 12] = 1e150;
  const kept = pipe(rowSource(far, 1000), onPrincipalAxes(1e-6, 1), atOnce, right);
  assert.is(kept.single, undefined);
  assert.ok(Math.abs(squares(kept, 70) / squares(far, 70) - 1) < 1e-9);
  assert.is(pipe(rowSource(large(), 1000), onPrincipalAxes(0, 1), atOnce, right).single, undefined);
});

test('an entry of a large pool that is not finite is a failure, within the sample and outside of it', () => {
  for (const bad of [NaN, Infinity])
    assert.ok(E.isLeft(pipe(rowSource(large(bad), 1000), onPrincipalAxes(), atOnce)));
  const first = large();
  first.data[5] = NaN;
  assert.ok(E.isLeft(pipe(rowSource(first, 1000), onPrincipalAxes(), atOnce)));
});

test.run();
