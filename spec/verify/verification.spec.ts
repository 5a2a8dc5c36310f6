/** Verification of a policy: its numbers against each other and against the oracles. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import { modelOf, problemValues } from '../../src/gflownet/model.js';
import { keyFromSeed } from '../../src/random/key.js';
import { kdppLogZ } from '../../src/verify/kdpp/index.js';
import { verifyProblem, type VerificationOptions } from '../../src/verify/verification.js';
import { right } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';
import { closeEngines, openEngines } from '../support/engines.js';
import { maternPool } from '../support/pools.js';

const engines = await openEngines();
const [cpu] = engines;

const options: VerificationOptions = {
  policy: 'gain',
  objective: 'logPartitionVariance',
  forwardLooking: true,
  iterations: 150,
  trajectories: 32,
  draws: 1000,
};

for (const engine of engines)
  test(`where all batches can be listed, everything is there and agrees, ${engine.kind}`, async () => {
    const problem = { whitened: maternPool(9, 2), batchSize: 3, temperature: 0.3 };
    const short = engine.kind === 'cpu' ? options : { ...options, draws: 400 };
    const found = await succeed(verifyProblem(engine, problem, short, keyFromSeed(1)));
    const { logZ } = exactTarget(problem);
    assert.is(found.logZ.exact, logZ);
    assert.ok(found.totalVariation !== null && found.totalVariation < 0.04, `TV ${found.totalVariation}`);
    assert.ok(found.jensenShannon !== null && found.jensenShannon < 0.005 && found.jensenShannon >= 0);
    // Weights are even to a few percent, so means of 400 and 1,024 of them lie within 0.05 of log Z; both sides near it.
    assert.ok(found.effectiveSampleSize > 0.95);
    assert.ok(Math.abs(found.logZ.elbo - logZ) < 0.05, `ELBO ${found.logZ.elbo}, exact ${logZ}`);
    assert.ok(found.logZ.eubo !== null && Math.abs(found.logZ.eubo - logZ) < 0.05, `EUBO ${found.logZ.eubo}`);
    assert.ok(found.chiSquare !== null && found.chiSquare.degreesOfFreedom > 5);
    // The policy is within 0.04 of the target; a seed that is not 1 in 10,000 has p above 1e-4. The seed is fixed.
    assert.ok(found.chiSquare.pValue > 1e-4, `p ${found.chiSquare.pValue}`);
  });

test('an untrained policy has its ELBO well below log Z and its EUBO well above', async () => {
  const problem = { whitened: maternPool(9, 2), batchSize: 3, temperature: 0.3 };
  const found = await succeed(
    verifyProblem(cpu, problem, { ...options, policy: 'pointer', iterations: 1 }, keyFromSeed(1)),
  );
  const { logZ } = exactTarget(problem);
  assert.ok(found.logZ.elbo < logZ - 0.5 && (found.logZ.eubo ?? 0) > logZ + 0.5);
  assert.ok((found.chiSquare?.pValue ?? 1) < 1e-6);
});

test('at T = ½ a larger pool has the k-DPP, at other temperatures nothing exact', async () => {
  const whitened = maternPool(60, 3);
  const few = { ...options, iterations: 20, draws: 300 };
  const half = await succeed(
    verifyProblem(cpu, { whitened, batchSize: 6, temperature: 0.5 }, few, keyFromSeed(1)),
  );
  const oracle = right(kdppLogZ(whitened, 6));
  assert.is(half.logZ.exact, oracle);
  assert.is(half.totalVariation, null);
  assert.is(half.chiSquare, null);
  assert.ok(half.logZ.elbo < oracle && oracle < (half.logZ.eubo ?? 0));
  const other = await succeed(
    verifyProblem(cpu, { whitened, batchSize: 6, temperature: 0.4 }, few, keyFromSeed(1)),
  );
  assert.is(other.logZ.exact, null);
  assert.is(other.logZ.eubo, null);
});

test('a temperature has its place in the range of a model: −1 and 1 at the ends, 0 in the geometric middle', () => {
  const whitened = maternPool(9, 2);
  const shape = {
    policy: 'gain',
    hidden: 8,
    poolSize: 9,
    features: whitened.columns,
    batchSize: 3,
    dtype: 'f32',
  } as const;
  const model = modelOf({ ...shape, temperatures: [0.1, 1] });
  const placeAt = (temperature: number) =>
    problemValues(model, { whitened, batchSize: 3, temperature })['place']?.[0] ?? NaN;
  assert.ok(Math.abs(placeAt(0.1) + 1) < 1e-12 && Math.abs(placeAt(1) - 1) < 1e-12);
  assert.ok(Math.abs(placeAt(Math.sqrt(0.1))) < 1e-12);
  assert.is(problemValues(modelOf(shape), { whitened, batchSize: 3, temperature: 7 })['place']?.[0], 0);
});

test('engines are left empty', () => closeEngines(engines));

test.run();
