/** JMI and gains: the independent reference, and the laws that make them a mutual information. */
import * as fc from 'fast-check';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rowGram, product } from '../../src/linear-algebra/product.js';
import { symmetricEigen } from '../../src/linear-algebra/symmetric-eigen.js';
import { keyFromSeed, permutation } from '../../src/random/key.js';
import {
  choose,
  type Conditioned,
  gainOf,
  gains,
  jointMutualInformation,
  noneChosen,
} from '../../src/reward/exact.js';
import { weightPosterior, whitenedBy } from '../../src/surrogate/weight-posterior.js';
import {
  closeTo,
  distance,
  matrices,
  normalMatrix,
  propertyOptions,
  right,
} from '../linear-algebra/arbitrary.js';
import { matrixOfRows, readReference, vectorOfNumbers } from '../support/reference.js';

const reference = readReference(
  'bayesian-linear',
  t.type({
    trainX: matrixOfRows,
    trainY: vectorOfNumbers,
    poolX: matrixOfRows,
    noiseVariance: t.number,
    priorVariance: t.number,
    batches: t.array(t.array(t.number)),
    jointMutualInformation: t.array(t.number),
  }),
);

test('reference: JMI of batches', () => {
  const whitened = pipe(weightPosterior(reference.trainX, reference.trainY, reference), right, (posterior) =>
    whitenedBy(posterior)(reference.poolX),
  );
  const actual = reference.batches.map((batch) => jointMutualInformation(whitened, batch));
  assert.ok(distance(actual, reference.jointMutualInformation) < 1e-12);
});

/** Whitened features, and some of their points in a random order. */
const whitenedWithBatch = fc
  .tuple(
    matrices(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 8 })),
    fc.nat(),
    fc.integer({ min: 0, max: 12 }),
  )
  .map(([whitened, seed, size]) => ({
    whitened,
    seed,
    batch: Array.from(permutation(keyFromSeed(seed), whitened.rows)).slice(0, size),
  }));

const chooseAll = (start: Conditioned, batch: readonly number[]): Conditioned =>
  batch.reduce((state, m) => choose(m)(state), start);

test('JMI does not know the order of a batch, and is the sum of the gains along any', () => {
  fc.assert(
    fc.property(whitenedWithBatch, ({ whitened, batch, seed }) => {
      const jmi = jointMutualInformation(whitened, batch);
      const shuffled = Array.from(permutation(keyFromSeed(seed + 1), batch.length), (i) => batch[i] ?? NaN);
      closeTo(jointMutualInformation(whitened, shuffled), jmi, 1e-11, 'permuted');
      const state = chooseAll(noneChosen(whitened), shuffled);
      closeTo(state.jointMutualInformation, jmi, 1e-9, 'sum of gains');
      assert.equal(state.chosen, shuffled);
    }),
    propertyOptions,
  );
});

test('the gain of every point is the JMI it adds', () => {
  fc.assert(
    fc.property(whitenedWithBatch, ({ whitened, batch }) => {
      const state = chooseAll(noneChosen(whitened), batch);
      const jmi = jointMutualInformation(whitened, batch);
      const added = Array.from(
        { length: whitened.rows },
        (_, n) => jointMutualInformation(whitened, [...batch, n]) - jmi,
      );
      assert.ok(distance(gains(state), added) < 1e-8);
      assert.equal(gains(state)[0], gainOf(0, state));
    }),
    propertyOptions,
  );
});

test('gains are not negative and shrink as points are chosen (submodularity)', () => {
  fc.assert(
    fc.property(whitenedWithBatch, ({ whitened, batch }) => {
      let before = noneChosen(whitened);
      for (const m of batch) {
        const after = choose(m)(before);
        gains(after).forEach((g, n) => {
          assert.ok(g >= 0 && g <= gainOf(n, before), `point ${n}`);
        });
        before = after;
      }
    }),
    propertyOptions,
  );
});

test('JMI knows only ΦΦᵀ: rotated features have the same', () => {
  fc.assert(
    fc.property(whitenedWithBatch, ({ whitened, batch, seed }) => {
      const rotation = pipe(
        rowGram(normalMatrix(whitened.columns, whitened.columns, seed)),
        symmetricEigen,
        right,
        (_) => _.vectors,
      );
      closeTo(
        jointMutualInformation(product(whitened, rotation), batch),
        jointMutualInformation(whitened, batch),
        1e-10,
      );
    }),
    propertyOptions,
  );
});

test('by hand: two twins of variance 3, one stranger of variance 1', () => {
  const root3 = Math.sqrt(3);
  const whitened = { rows: 3, columns: 2, data: Float64Array.of(root3, 0, root3, 0, 0, 1) };
  closeTo(jointMutualInformation(whitened, [0]), Math.log(2), 1e-15);
  closeTo(jointMutualInformation(whitened, [0, 1]), Math.log(7) / 2, 1e-15);
  closeTo(jointMutualInformation(whitened, [0, 2]), 1.5 * Math.log(2), 1e-15);
  closeTo(jointMutualInformation(whitened, [0, 0]), Math.log(7) / 2, 1e-15, 'measured twice');
  assert.is(jointMutualInformation(whitened, []), 0);
  assert.ok(distance(choose(0)(noneChosen(whitened)).variances, [0.75, 0.75, 1]) < 1e-15);
});

test('indices outside the pool throw; features that are not finite have no JMI', () => {
  const whitened = normalMatrix(3, 2, 0);
  for (const n of [-1, 3, 0.5]) {
    assert.throws(() => jointMutualInformation(whitened, [n]), /not in a pool of 3/);
    assert.throws(() => choose(n)(noneChosen(whitened)), /not in a pool of 3/);
  }
  const broken = { ...whitened, data: whitened.data.map(() => NaN) };
  assert.ok(Number.isNaN(jointMutualInformation(broken, [0])));
});

test.run();
