/**
 * What a utility is on the host it is in programs, on every engine; gains add up to it; the order of a batch does not
 * matter; proxies know single points exactly. For every utility that there is.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inverse } from './inverse.js';
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed } from '../../src/random/key.js';
import { enumerable } from '../../src/reward/categorical/exact.js';
import { likelihoodsOf } from '../../src/reward/categorical/likelihoods.js';
import { labelUtility } from '../../src/reward/categorical/utility.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import { epig } from '../../src/reward/epig.js';
import { rewards } from '../../src/reward/index.js';
import { information, informationOfBatches } from '../../src/reward/information.js';
import { predictiveVariance } from '../../src/reward/predictive-variance.js';
import { reward, tableInputs, tableValues, utilityOf } from '../../src/reward/programmed.js';
import type { Utility } from '../../src/reward/utility.js';
import { classPosterior } from '../../src/surrogate/class-posterior.js';
import type { Posterior } from '../../src/surrogate/posterior.js';
import { constant, gather, sub, sum } from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import { closeTo, entry, matrices, right } from '../linear-algebra/arbitrary.js';
import { closeEngines, openEngines, runs } from '../support/engines.js';
import { randomPool } from '../support/pools.js';
import { answerAt, near, settingsOf } from '../support/settings.js';
import { randomLabels } from './categorical-cases.js';

const engines = await openEngines();
const POINTS = 9;

const posteriorOf = (whitened: Matrix): Posterior => ({
  mean: new Float64Array(whitened.rows),
  whitened,
  noiseVariance: 1,
});

/** Information less what reaching the points costs, as a user would write it. */
const travelled = (price: Float64Array) =>
  reward(
    'information less a price',
    ({ whitened }) => ({ features: whitened, price }),
    ({ features, price: prices }, batches) =>
      sub(informationOfBatches(features, batches), sum(gather(prices, batches), [1])),
  );

test('named rewards are in nats, as temperatures are', () => {
  for (const [name, { unit }] of Object.entries(rewards)) assert.is(unit, 'nats', name);
});

const sampling = { key: keyFromSeed(3), samples: 60 };

/** Every reward that can be named, but for information, of which nothing is programmed where labels are numbers. */
const ofNumbers = Object.fromEntries(
  Object.entries(rewards)
    .filter(([, named]) => named !== information)
    .map(([name, named]) => [
      name,
      (seed: number): Utility => named.utilityFor(posteriorOf(randomPool(POINTS, 3, seed))),
    ]),
);

/** Each utility on a pool of a seed; the last has so many classes that labels are sampled from two points up. */
const utilities: Readonly<Record<string, (seed: number) => Utility>> = {
  ...ofNumbers,
  'predictive variance at targets': (seed) =>
    predictiveVariance(randomPool(4, 3, seed + 1)).utilityFor(posteriorOf(randomPool(POINTS, 3, seed, 2))),
  'predictive information at targets': (seed) =>
    epig(randomPool(4, 3, seed + 1)).utilityFor(posteriorOf(randomPool(POINTS, 3, seed, 2))),
  'predictive information of class labels': (seed) =>
    epig().utilityFor(right(classPosterior(randomLabels([6, POINTS, 3], seed)))),
  'sampled predictive information of class labels': (seed) =>
    epig().utilityFor(right(classPosterior(randomLabels([6, POINTS, 17], seed)))),
  'one of our own': (seed) =>
    travelled(Float64Array.from({ length: POINTS }, (_, n) => 0.1 * n)).utilityFor(
      posteriorOf(randomPool(POINTS, 3, seed)),
    ),
  'class labels': (seed) => information.utilityFor(right(classPosterior(randomLabels([6, POINTS, 3], seed)))),
  'sampled class labels': (seed) => {
    const posterior = randomLabels([6, POINTS, 145], seed, 4);
    return labelUtility(posterior, right(classPosterior(posterior)).whitened, sampling);
  },
};

const batchesOf = (size: number) =>
  fc.array(
    fc.shuffledSubarray(
      Array.from({ length: POINTS }, (_, n) => n),
      { minLength: size, maxLength: size },
    ),
    { minLength: 1, maxLength: 3 },
  );

for (const [name, utilityAt] of Object.entries(utilities)) {
  for (const setting of settingsOf(engines))
    test(`${name}: the host's values, ${setting.name}`, () =>
      fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 99 }),
          fc.integer({ min: 1, max: name.startsWith('sampled') ? 3 : 4 }).chain(batchesOf),
          async (seed, batches) => {
            const { value: of, programmed } = utilityAt(seed);
            const size = batches[0]?.length ?? 0;
            const own = programmed?.(size);
            if (own === undefined) throw new Error('nothing for programs');
            const chosen = constant(batches.flat(), 'u32', [batches.length, size]);
            const values = own.value(tableInputs(own), chosen);
            const { value } = await answerAt(setting, program({ value: values }), tableValues(own));
            near(setting, value, batches.map(of), name);
          },
        ),
        runs(6),
      ));

  test(`${name}: gains add up, whatever the order, and the empty batch is worth nothing`, () =>
    fc.assert(
      fc.property(fc.nat(99), batchesOf(3), (seed, [batch = []]) => {
        const { value: of, empty } = utilityAt(seed);
        let state = empty;
        let total = 0;
        for (const n of batch) {
          total += state.gains()[n] ?? NaN;
          state = state.with(n);
        }
        assert.equal(state.chosen, batch);
        // Sampled gains follow another order of the points, with an error of their own: five times the largest seen.
        closeTo(total, of(batch), name.startsWith('sampled') ? 0.1 : 1e-9, 'sum of gains');
        closeTo(of(batch.toReversed()), of(batch), 1e-12, 'order');
        assert.is(of([]), 0);
        assert.throws(() => of([POINTS]), /not in a pool of 9/);
      }),
      runs(20),
    ));

  if (name !== 'one of our own')
    test(`${name}: the proxy tells single points as they are`, () =>
      fc.assert(
        fc.property(fc.nat(99), (seed) => {
          const { value: of, proxyFeatures: proxy } = utilityAt(seed);
          for (let n = 0; n < POINTS; n++)
            closeTo(jointMutualInformation(proxy, [n]), of([n]), 1e-9, `point ${n}`);
        }),
        runs(10),
      ));
}

test('class labels are sampled where they cannot be enumerated', () => {
  const likelihoods = likelihoodsOf(randomLabels([6, POINTS, 145], 0));
  assert.ok(enumerable(likelihoods, 1));
  assert.not(enumerable(likelihoods, 2));
});

test('predictive variance is what its definition says', () =>
  fc.assert(
    fc.property(
      matrices(fc.integer({ min: 2, max: 7 }), fc.integer({ min: 1, max: 4 })),
      fc.nat(),
      (whitened, seed) => {
        const targets = randomPool(5, whitened.columns, seed);
        const left = (batch: readonly number[]): number => {
          const precision = matrixFrom(whitened.columns, whitened.columns, (i, j) =>
            batch.reduce((sum, n) => sum + entry(whitened, n, i) * entry(whitened, n, j), i === j ? 1 : 0),
          );
          const covariance = inverse(precision);
          let total = 0;
          for (let t = 0; t < targets.rows; t++)
            for (let i = 0; i < whitened.columns; i++)
              for (let j = 0; j < whitened.columns; j++)
                total += entry(targets, t, i) * entry(covariance, i, j) * entry(targets, t, j);
          return total;
        };
        const batch = [0, whitened.rows - 1];
        const { value: of } = predictiveVariance(targets).utilityFor(posteriorOf(whitened));
        const expected = 0.5 * Math.log(left([]) / left(batch));
        closeTo(of(batch), expected, 1e-6);
      },
    ),
    runs(40),
  ));

test('at one target it is the information about that target', () => {
  const whitened = randomPool(POINTS, 3, 5);
  const target = randomPool(1, 3, 6);
  const { value: of } = predictiveVariance(target).utilityFor(posteriorOf(whitened));
  // I(f_t ; y_B) = ½ log( v_t(∅) / v_t(B) ), v_t(B) from two determinants: |I + Φ Φᵀ| with and without t, at large weight.
  const weight = 1e6;
  const both = matrixFrom(POINTS + 1, 3, (i, j) =>
    i < POINTS ? entry(whitened, i, j) : weight * entry(target, 0, j),
  );
  const batch = [1, 4, 7];
  const gained =
    jointMutualInformation(both, [POINTS]) +
    jointMutualInformation(both, batch) -
    jointMutualInformation(both, [...batch, POINTS]);
  closeTo(of(batch), gained, 1e-6);
});

test('tables that do not fit are thrown, and so are targets of other features', () => {
  const whitened = randomPool(POINTS, 3, 1);
  assert.throws(
    () =>
      utilityOf(whitened, {
        tables: { price: { shape: [4], dtype: 'f32', values: new Float64Array(3) } },
        value: (_, batches) => batches,
      }),
    /the table price has 3 values for \[4\]; give 4/,
  );
  assert.throws(
    () => predictiveVariance(randomPool(2, 4, 1)).utilityFor(posteriorOf(whitened)),
    /targets of 4 features for a pool of 3/,
  );
});

test('engines are left empty', () => closeEngines(engines));

test.run();
