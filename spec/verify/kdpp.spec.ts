/** The k-DPP oracle: log Z, inclusion, flows and the optimal policy against the reference and against enumeration. */
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import * as t from '#io-ts';
import * as TE from '#fp-ts/TaskEither';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { subsetsOf } from '../../src/gflownet/exact/subsets.js';
import { logBinomial } from '../../src/linear-algebra/binomial.js';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import { terminalDistribution } from '../../src/gflownet/exact/terminal.js';
import type { Matrix } from '../../src/linear-algebra/matrix.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import { matern52 } from '../../src/surrogate/matern.js';
import { pivotedCholesky } from '../../src/surrogate/pivoted-cholesky.js';
import {
  containing,
  inclusionProbabilities,
  kdpp,
  kdppLogFlow,
  kdppLogPolicy,
  kdppLogProbability,
  kdppLogZ,
  pairInclusionProbabilities,
} from '../../src/verify/kdpp/index.js';
import { succeed } from '../support/device.js';
import { runs } from '../support/property.js';
import { right } from '../linear-algebra/arbitrary.js';
import { randomPool } from '../support/pools.js';
import { readReference, vectorOfNumbers } from '../support/reference.js';

const { cases } = readReference(
  'k-dpp',
  t.type({
    cases: t.array(
      t.type({
        poolSize: t.number,
        batchSize: t.number,
        noiseVariance: t.number,
        lengthScale: t.number,
        poolX: t.array(t.number),
        logZ: t.number,
        inclusion: vectorOfNumbers,
      }),
    ),
  }),
);

const close = (found: number | undefined, expected: number, tolerance: number, what: string): void => {
  assert.ok(
    Math.abs((found ?? NaN) - expected) <= tolerance,
    `${what} is ${found}, should be ${expected} to ${tolerance}`,
  );
};

for (const { poolSize, batchSize, noiseVariance, lengthScale, poolX, logZ, inclusion } of cases) {
  const kernel = matern52(lengthScale);
  const { whitened } = right(
    pivotedCholesky(poolSize, (i, j) => kernel(poolX[i] ?? 0, poolX[j] ?? 0), {
      noiseVariance,
      tolerance: 1e-13,
    }),
  );
  const heldTo = (features: Matrix, tolerance: number): void => {
    const dpp = right(kdpp(features, batchSize));
    close(dpp.logZ, logZ, tolerance * logZ, 'log Z');
    const found = inclusionProbabilities(dpp);
    assert.is(found.length, inclusion.length);
    inclusion.forEach((p, n) => {
      close(found[n], p, tolerance * p, `P(${n} in B)`);
    });
  };
  const reference = `the reference's pool of ${poolSize} and batch of ${batchSize}`;

  test(`${reference}: log Z and inclusion`, () => heldTo(whitened, 1e-8));

  // Engines hold features in f32. What is asked of them is 1e-4; the rounding itself takes less than a thousandth of it.
  test(`${reference}: log Z and inclusion with features rounded to f32`, () =>
    heldTo({ ...whitened, data: Float64Array.from(Float32Array.from(whitened.data)) }, 1e-6));
}

const poolSize = 8;

/** Pools of 8 points of D = 1 … 10 features (more than points too), batches of 0 … 8, rewards over many magnitudes. */
const problems = fc
  .record({
    seed: fc.nat(1000),
    width: fc.integer({ min: 1, max: 10 }),
    batchSize: fc.integer({ min: 1, max: poolSize }),
    logScale: fc.integer({ min: -2, max: 3 }),
  })
  .map(({ seed, width, batchSize, logScale }) => ({
    whitened: randomPool(poolSize, width, seed, 10 ** logScale),
    batchSize,
  }));

/** Every batch with its probability at T = ½, by enumeration. */
const enumerated = (whitened: Matrix, batchSize: number) => {
  const { logZ, probabilities } = exactTarget({ whitened, batchSize, temperature: 0.5 });
  const batches = subsetsOf(whitened.rows, batchSize);
  const rows = Array.from(probabilities, (probability, row) => ({
    batch: Array.from(batches.subarray(row * batchSize, (row + 1) * batchSize)),
    probability,
  }));
  const containingAll = (points: readonly number[]): number =>
    rows.reduce(
      (total, { batch, probability }) =>
        points.every((n) => batch.includes(n)) ? total + probability : total,
      0,
    );
  return { logZ, rows, containingAll };
};

const points = Array.from({ length: poolSize }, (_, n) => n);
const pairs = points.flatMap((m) => points.map((n) => [m, n] as const));

test('log Z, probabilities, first and second inclusion are the sums over all batches', () => {
  fc.assert(
    fc.property(problems, ({ whitened, batchSize }) => {
      const { logZ, rows, containingAll } = enumerated(whitened, batchSize);
      const dpp = right(kdpp(whitened, batchSize));
      close(dpp.logZ, logZ, 1e-9, 'log Z');
      close(right(kdppLogZ(whitened, batchSize)), logZ, 1e-9, 'log Z');
      for (const { batch, probability } of rows)
        close(Math.exp(kdppLogProbability(dpp, batch)), probability, 1e-9, `P(${batch.join()})`);
      const first = inclusionProbabilities(dpp);
      points.forEach((n) => {
        close(first[n], containingAll([n]), 1e-9, `P(${n})`);
      });
      close(
        first.reduce((a, b) => a + b, 0),
        batchSize,
        1e-9,
        'the sum of inclusions',
      );
      const second = pairInclusionProbabilities(dpp, pairs);
      pairs.forEach(([m, n], i) => {
        close(second[i], containingAll([m, n]), 1e-9, `P(${m}, ${n})`);
      });
    }),
    runs(60),
  );
});

test('given that a batch contains s, everything is that of the batches that contain s', () => {
  fc.assert(
    fc.property(
      problems,
      fc.uniqueArray(fc.nat(poolSize - 1), { maxLength: poolSize }),
      ({ whitened, batchSize }, wanted) => {
        const chosen = wanted.slice(0, batchSize);
        const { logZ, containingAll } = enumerated(whitened, batchSize);
        const all = right(kdpp(whitened, batchSize));
        // In two steps: what is given adds up.
        const dpp = right(E.chain(containing(chosen.slice(1)))(containing(chosen.slice(0, 1))(all)));
        const mass = containingAll(chosen);
        close(dpp.logZ, logZ + Math.log(mass), 1e-8, 'log Z given s');
        const first = inclusionProbabilities(dpp);
        points.forEach((n) => {
          close(first[n], containingAll([...chosen, n]) / mass, 1e-8, `P(${n} | s)`);
        });
        const second = pairInclusionProbabilities(dpp, pairs);
        pairs.forEach(([m, n], i) => {
          close(second[i], containingAll([...chosen, m, n]) / mass, 1e-8, `P(${m}, ${n} | s)`);
        });
      },
    ),
    runs(60),
  );
});

test('flows match at every state, from Z at the start to the rewards at the end', () => {
  fc.assert(
    fc.property(problems, ({ whitened, batchSize }) => {
      const { logZ, containingAll } = enumerated(whitened, batchSize);
      const dpp = right(kdpp(whitened, batchSize));
      const logFlow = (state: readonly number[]) => right(kdppLogFlow(dpp, state));
      close(logFlow([]), logZ, 1e-9, 'log F(∅)');
      for (let size = 0; size <= batchSize; size++) {
        const states = subsetsOf(poolSize, size);
        // A few of each size, spread over the order.
        const count = Math.round(Math.exp(logBinomial(poolSize, size)));
        for (let row = 0; row < count; row += Math.ceil(count / 4)) {
          const state = Array.from(states.subarray(row * size, (row + 1) * size));
          const log = logFlow(state);
          const what = `log F(${state.join()})`;
          close(log, logZ + Math.log(containingAll(state)) - logBinomial(batchSize, size), 1e-8, what);
          if (size === batchSize) close(log, 2 * jointMutualInformation(whitened, state), 1e-9, what);
          else {
            // F(s) = Σ_n F(s + n) / (|s| + 1), the share of each that goes back to s.
            const children = points.filter((n) => !state.includes(n));
            const out = children.reduce((a, n) => a + Math.exp(logFlow([...state, n]) - log), 0);
            close(out / (size + 1), 1, 1e-8, `out of ${what}`);
            const policy = right(kdppLogPolicy(dpp, state));
            for (const n of children)
              close(
                policy[n],
                logFlow([...state, n]) - Math.log(size + 1) - log,
                1e-8,
                `log π(${n} | ${state.join()})`,
              );
            for (const n of state) assert.is(policy[n], -Infinity);
          }
        }
      }
    }),
    runs(30),
  );
});

test('the optimal policy ends in every batch as often as the target has it', async () => {
  for (const [width, batchSize] of [
    [2, 3],
    [10, 4],
  ] as const) {
    const whitened = randomPool(poolSize, width, 11, 2);
    const dpp = right(kdpp(whitened, batchSize));
    const distribution = await succeed(
      terminalDistribution(poolSize, [batchSize, batchSize], (subsets, size, count) =>
        TE.right(
          Array.from({ length: count }, (_, row) =>
            Array.from(right(kdppLogPolicy(dpp, Array.from(subsets.subarray(row * size, (row + 1) * size))))),
          ).flat(),
        ),
      ),
    );
    enumerated(whitened, batchSize).rows.forEach(({ probability }, row) => {
      close(distribution[row], probability, 1e-10, `P of batch ${row}`);
    });
  }
});

test('a pool of 5,000 and batches of 200: everything is finite and adds up', () => {
  const batchSize = 200;
  const dpp = right(kdpp(randomPool(5000, 24, 3, 30), batchSize));
  assert.ok(Number.isFinite(dpp.logZ) && dpp.logZ > logBinomial(5000, batchSize));
  const first = inclusionProbabilities(dpp);
  close(
    first.reduce((a, b) => a + b, 0),
    batchSize,
    1e-8,
    'the sum of inclusions',
  );
  // Σ_n P(m, n) over n ≠ m is (b − 1) P(m).
  const m = 17;
  const others = Array.from({ length: 5000 }, (_, n) => n).filter((n) => n !== m);
  const second = pairInclusionProbabilities(
    dpp,
    others.map((n) => [m, n]),
  );
  close(
    second.reduce((a, b) => a + b, 0),
    (batchSize - 1) * (first[m] ?? NaN),
    1e-8,
    'the sum of pairs',
  );
});

test('what cannot be is refused', () => {
  const dpp = right(kdpp(randomPool(5, 2, 1), 2));
  assert.throws(() => kdpp(randomPool(5, 2, 1), 6), /a batch of 6 from a pool of 5/);
  assert.throws(() => containing([5])(dpp), /point 5 is not in a pool of 5/);
  assert.throws(() => containing([1, 1])(dpp), /twice/);
  assert.throws(() => containing([0, 1, 2])(dpp), /3 points in a batch of 2/);
  assert.throws(() => kdppLogPolicy(dpp, [0, 1]), /whole/);
  assert.throws(() => kdppLogProbability(dpp, [0, 0]), /not a batch of 2/);
  assert.throws(() => pairInclusionProbabilities(dpp, [[0, 7]]), /point 7 is not in a pool/);
  assert.ok(E.isLeft(kdpp({ rows: 2, columns: 1, data: Float64Array.of(1, NaN) }, 1)));
});

test.run();
