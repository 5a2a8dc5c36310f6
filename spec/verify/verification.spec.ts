/** Verification of a policy: its numbers against each other and against the oracles. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import { modelOf, problemValues } from '../../src/gflownet/model.js';
import type { Problem } from '../../src/gflownet/problem.js';
import { keyFromSeed } from '../../src/random/key.js';
import { kdppLogZ } from '../../src/verify/kdpp/index.js';
import type { VerificationControl, VerificationOptions } from '../../src/verify/training.js';
import { verifyProblem, type VerificationTrace } from '../../src/verify/verification.js';
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
  // What is held against the target here is the policy by its own trajectories; the teacher has cases of his own.
  taught: 0,
  draws: 1000,
};

/** All nine points, batches of three, at a temperature that is not ½: 84 batches. */
const small = { whitened: maternPool(9, 2), batchSize: 3, temperature: 0.3 };

const verified = (
  problem: Problem,
  changes: Partial<VerificationOptions> = {},
  control: VerificationControl = {},
): Promise<VerificationTrace> =>
  succeed(verifyProblem(cpu, problem, { ...options, ...changes }, keyFromSeed(1), control));

const gapOf = ({ logZ }: VerificationTrace): number => (logZ.eubo ?? NaN) - logZ.elbo;

for (const engine of engines)
  test(`where all batches can be listed, everything is there and agrees, ${engine.kind}`, async () => {
    // A device in software is slow: fewer draws, and a policy that is not as near.
    const short = {
      ...options,
      ...(engine.kind === 'cpu' ? { draws: 1500 } : { iterations: 80, draws: 256 }),
    };
    const furthest = engine.kind === 'cpu' ? 0.04 : 0.08;
    const found = await succeed(verifyProblem(engine, small, short, keyFromSeed(1)));
    const { logZ, probabilities } = exactTarget(small);
    assert.is(found.logZ.exact, logZ);
    assert.ok(found.totalVariation !== null && found.totalVariation < furthest, `TV ${found.totalVariation}`);
    assert.ok(found.jensenShannon !== null && found.jensenShannon < 0.005 && found.jensenShannon >= 0);
    // Weights are even to a few percent, so means of 256 and 1,024 of them lie within 0.05 of log Z; both sides near it.
    assert.ok(found.effectiveSampleSize > 0.95);
    assert.ok(Math.abs(found.logZ.elbo - logZ) < 0.05, `ELBO ${found.logZ.elbo}, exact ${logZ}`);
    assert.ok(found.logZ.eubo !== null && Math.abs(found.logZ.eubo - logZ) < 0.05, `EUBO ${found.logZ.eubo}`);
    assert.ok(found.chiSquare !== null && found.chiSquare.degreesOfFreedom > 5);
    // The policy is that near the target; a seed that is not 1 in 10,000 has p above 1e-4. The seed is fixed.
    assert.ok(found.chiSquare.pValue > 1e-4, `p ${found.chiSquare.pValue}`);
    assert.ok(found.corrected.acceptance > 0.9, `accepted ${found.corrected.acceptance}`);
    // 256 draws are no hundred blocks of ten, so that more are drawn. False alarm 1e-4.
    assert.ok((found.corrected.inclusion?.pValue ?? 0) > 1e-4, `p ${found.corrected.inclusion?.pValue}`);
    assert.ok((found.inclusion?.pValue ?? 0) > 1e-4, `p ${found.inclusion?.pValue} as drawn`);
    assert.equal(
      [found.logZ.estimate, found.logZ.standardError, found.logZ.source, found.certificate],
      [null, 0, 'enumeration', null],
    );
    assert.ok((found.logZ.euboStandardError ?? 1) < 0.02, `± ${found.logZ.euboStandardError}`);
    assert.ok((found.rankCorrelation ?? 0) > 0.99, `ranks ${found.rankCorrelation}`);
    assert.equal(found.probabilities?.target, probabilities);
    assert.ok(Math.abs((found.probabilities?.learned.reduce((a, b) => a + b) ?? 0) - 1) < 1e-5);
    assert.is(found.heldOut, undefined);
    assert.equal(
      found.history.map(({ done }) => done),
      Array.from({ length: short.iterations / 10 }, (_, i) => 10 * (i + 1)),
    );
  });

test('an untrained policy: ELBO well below log Z, EUBO well above, and ranks apart', async () => {
  const found = await verified(small, { policy: 'pointer', iterations: 1 });
  const { logZ } = exactTarget(small);
  assert.ok(found.logZ.elbo < logZ - 0.5 && (found.logZ.eubo ?? 0) > logZ + 0.5);
  assert.ok((found.chiSquare?.pValue ?? 1) < 1e-6);
  // Near points have near logits under any network, so ranks are not of no relation: 0.73 to 0.83 over four seeds.
  assert.ok((found.rankCorrelation ?? 1) < 0.9, `ranks ${found.rankCorrelation}`);
});

test('at T = ½ a larger pool has the k-DPP, also for corrected draws; at other temperatures Gibbs draws', async () => {
  const whitened = maternPool(60, 3);
  const few = { iterations: 20, draws: 1500 };
  const half = await verified({ whitened, batchSize: 5, temperature: 0.5 }, few);
  const oracle = right(kdppLogZ(whitened, 5));
  assert.equal([half.logZ.exact, half.logZ.source, half.certificate], [oracle, 'kdpp', null]);
  assert.equal([half.totalVariation, half.chiSquare, half.probabilities], [null, null, undefined]);
  assert.ok(half.logZ.elbo < oracle && oracle < (half.logZ.eubo ?? 0));
  // The policy is not exact, its corrected draws are: false alarm 1e-4.
  assert.ok(half.corrected.acceptance < 0.95, `accepted ${half.corrected.acceptance}`);
  assert.ok((half.corrected.inclusion?.pValue ?? 0) > 1e-4, `p ${half.corrected.inclusion?.pValue}`);
  assert.ok((half.rankCorrelation ?? 0) > 0.95, `ranks ${half.rankCorrelation}`);
  assert.is(half.heldOut?.logReward.length, half.heldOut?.logLearned.length);
  const other = await verified({ whitened, batchSize: 5, temperature: 0.4 }, { ...few, draws: 300 });
  const { exact, estimate, standardError, source, elbo, eubo, euboStandardError } = other.logZ;
  assert.equal([exact, source], [null, 'gibbs']);
  assert.ok(other.certificate !== null && other.certificate.totalVariation < 0.05);
  assert.ok(standardError !== null && standardError > 0 && standardError < 0.1, `± ${standardError}`);
  assert.ok(euboStandardError !== null && euboStandardError > 0 && euboStandardError < 0.1);
  // The policy is not exact. log Z lies between, by five of its standard errors: false alarm 2e-3, the seed is fixed.
  const slack = 5 * standardError;
  assert.ok(elbo < (eubo ?? 0), JSON.stringify(other.logZ));
  assert.ok(
    estimate !== null && elbo - slack < estimate && estimate < (eubo ?? 0) + slack,
    JSON.stringify(other.logZ),
  );
  // False alarm 1e-4.
  assert.ok((other.corrected.inclusion?.pValue ?? 0) > 1e-4, `p ${other.corrected.inclusion?.pValue}`);
  assert.ok((other.rankCorrelation ?? 0) > 0.95, `ranks ${other.rankCorrelation}`);
});

test('on a pool too large to list an untrained policy ranks held-out batches otherwise than the target does', async () => {
  const problem = { whitened: maternPool(60, 3), batchSize: 5, temperature: 0.5 };
  const found = await verified(problem, { policy: 'deepSets', iterations: 1, draws: 100 });
  // 0.998 after 20 iterations of the gain policy (above).
  assert.ok((found.rankCorrelation ?? 1) < 0.5, `ranks ${found.rankCorrelation}`);
});

test('batches of several sizes at a cost: the exact target over all sizes', async () => {
  const problem = { ...small, smallestBatch: 1, pointCost: 0.8 };
  const found = await verified(problem, { iterations: 250 });
  assert.is(found.probabilities?.target.length, 9 + 36 + 84);
  assert.is(found.logZ.exact, exactTarget(problem).logZ);
  assert.ok((found.totalVariation ?? 1) < 0.05, `TV ${found.totalVariation}`);
  // False alarm 1e-4, if the policy were exact.
  assert.ok((found.chiSquare?.pValue ?? 0) > 1e-4, `p ${found.chiSquare?.pValue}`);
});

test('a learned backward policy: a small gap between EUBO and ELBO after training, with log Z in it', async () => {
  const learned = { policy: 'pointer', backward: 'learned' } as const;
  const first = await verified(small, { ...learned, iterations: 1 });
  const found = await verified(small, { ...learned, iterations: 300 });
  const { logZ } = exactTarget(small);
  assert.is(found.backward, 'learned');
  const uniform = await verified(small, { policy: 'pointer', iterations: 20, draws: 1 });
  const short = await verified(small, { ...learned, iterations: 20, draws: 1 });
  assert.is.not(short.history[1]?.loss, uniform.history[1]?.loss);
  assert.ok(gapOf(first) > 1, `gap ${gapOf(first)} at first`);
  assert.ok(gapOf(found) < 0.1, `gap ${gapOf(found)}`);
  // Log weights have a standard deviation of about the root of the gap, their means of 1,024 a 32nd of it; three of these.
  const slack = (3 * Math.sqrt(Math.abs(gapOf(found)))) / 32;
  assert.ok((found.logZ.eubo ?? 0) > logZ - slack, `EUBO ${found.logZ.eubo}, log Z ${logZ}`);
});

test('a teacher brings a policy nearer the target than its own trajectories alone', async () => {
  const few = { policy: 'pointer', iterations: 60, trajectories: 16 } as const;
  // The sharper the target, the less of it a policy finds by itself.
  const sharp = { ...small, temperature: 0.02 };
  const alone = await verified(sharp, { ...few, taught: 0 });
  const taught = await verified(sharp, { ...few, taught: 16 });
  const [own, shown] = [alone.totalVariation ?? 0, taught.totalVariation ?? 1];
  assert.ok(shown < 0.7 * own, `TV ${shown}, and ${own} alone`);
});

test('a teacher shows Gibbs draws where no exact ones are there', async () => {
  const problem = { whitened: maternPool(60, 3), batchSize: 5, temperature: 0.1 };
  const few = { policy: 'pointer', iterations: 60, trajectories: 16, draws: 200 } as const;
  const alone = await verified(problem, { ...few, taught: 0 });
  const taught = await verified(problem, { ...few, taught: 16 });
  assert.is(taught.logZ.source, 'gibbs');
  assert.ok(gapOf(taught) < gapOf(alone) / 2, `gaps ${gapOf(taught)} and ${gapOf(alone)}`);
});

test('where pairs of chains did not meet nothing is known of the target', async () => {
  const certificate = { totalVariation: 1, updates: 4000, pairs: 2 };
  const answer = { kind: 'uncertified', certificate } as const;
  const problem = { whitened: maternPool(60, 3), batchSize: 5, temperature: 0.4 };
  const few = { iterations: 1, draws: 50 };
  const found = await verified(problem, few, { answer });
  const { exact, estimate, standardError, source, eubo, euboStandardError } = found.logZ;
  assert.equal(
    [exact, estimate, standardError, source, eubo, euboStandardError],
    [null, null, null, null, null, null],
  );
  assert.equal([found.inclusion, found.corrected.inclusion, found.certificate], [null, null, certificate]);
});

test('with replay training reaches the target on other trajectories', async () => {
  const found = await verified(small, { replayed: 16 });
  assert.ok((found.totalVariation ?? 1) < 0.05, `TV ${found.totalVariation}`);
  const short = { iterations: 10, draws: 1 };
  const [again, plain] = [await verified(small, { ...short, replayed: 16 }), await verified(small, short)];
  assert.is.not(again.history[0]?.loss, plain.history[0]?.loss);
});

test('a pool that is one batch has nothing to rank', async () => {
  const found = await verified({ ...small, batchSize: 9 }, { iterations: 1, draws: 20 });
  assert.ok((found.totalVariation ?? 1) < 1e-6);
  assert.is(found.rankCorrelation, null);
});

test('a verification can be run again and is the same; another key gives another', async () => {
  const quick = { ...options, iterations: 20, draws: 50 };
  const effect = verifyProblem(cpu, small, quick, keyFromSeed(1));
  const unclocked = (trace: VerificationTrace) => ({ ...trace, seconds: 0 });
  const first = unclocked(await succeed(effect));
  assert.equal(unclocked(await succeed(effect)), first);
  const other = await succeed(verifyProblem(cpu, small, quick, keyFromSeed(2)));
  assert.is.not(other.logZ.elbo, first.logZ.elbo);
});

test('a temperature has its code in the range of a model: −1 and 1 at the ends, 0 in the geometric middle', () => {
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
  const codeAt = (temperature: number) =>
    problemValues(model, { whitened, batchSize: 3, temperature })['temperatureCode']?.[0] ?? NaN;
  assert.ok(Math.abs(codeAt(0.1) + 1) < 1e-12 && Math.abs(codeAt(1) - 1) < 1e-12);
  assert.ok(Math.abs(codeAt(Math.sqrt(0.1))) < 1e-12);
  assert.is(
    problemValues(modelOf(shape), { whitened, batchSize: 3, temperature: 7 })['temperatureCode']?.[0],
    0,
  );
});

test('engines are left empty', () => closeEngines(engines));

test.run();
