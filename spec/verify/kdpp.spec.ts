/** The k-DPP oracle: log Z against the reference values and against enumeration. */
import * as E from 'fp-ts/lib/Either.js';
import * as fc from 'fast-check';
import * as t from 'io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { showFailure } from '../../src/failure.js';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import type { Matrix } from '../../src/linear-algebra/matrix.js';
import { matern52 } from '../../src/surrogate/matern.js';
import { pivotedCholesky } from '../../src/surrogate/pivoted-cholesky.js';
import { logElementarySymmetric } from '../../src/verify/elementary-symmetric.js';
import { kdppLogZ } from '../../src/verify/kdpp.js';
import { runs } from '../support/engines.js';
import { randomPool } from '../support/pools.js';
import { readReference } from '../support/reference.js';

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
      }),
    ),
  }),
);

const logZOf = (whitened: Matrix, batchSize: number): number => {
  const logZ = kdppLogZ(whitened, batchSize);
  if (E.isLeft(logZ)) throw new Error(showFailure(logZ.left));
  return logZ.right;
};

for (const { poolSize, batchSize, noiseVariance, lengthScale, poolX, logZ } of cases)
  test(`log Z of the reference's pool of ${poolSize} and batch of ${batchSize}`, () => {
    const kernel = matern52(lengthScale);
    const factor = pivotedCholesky(poolSize, (i, j) => kernel(poolX[i] ?? 0, poolX[j] ?? 0), {
      noiseVariance,
      tolerance: 1e-12,
    });
    if (E.isLeft(factor)) throw new Error(factor.left.problem);
    const found = logZOf(factor.right.whitened, batchSize);
    assert.ok(Math.abs(found - logZ) < 1e-8, `${found}, should be ${logZ}`);
  });

test('log Z is the log of the sum of all rewards', () =>
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      (seed, batchSize, width) => {
        const whitened = randomPool(8, width, seed, 2);
        const { logZ } = exactTarget({ whitened, batchSize, temperature: 0.5 });
        assert.ok(Math.abs(logZOf(whitened, batchSize) - logZ) < 1e-9);
      },
    ),
    runs(40),
  ));

test('elementary symmetric polynomials stay finite where the plain recursion overflows', () => {
  // e_k of n equal values λ is C(n, k) λ^k.
  const [n, k, log] = [5000, 200, 3];
  const logs = logElementarySymmetric(new Float64Array(n).fill(log), k);
  let expected = k * log;
  for (let i = 1; i <= k; i++) expected += Math.log((n - i + 1) / i);
  assert.ok(Math.abs((logs[k] ?? NaN) - expected) < 1e-8 * expected, `${logs[k]}, should be ${expected}`);
});

test.run();
