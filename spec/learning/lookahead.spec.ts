/** Posteriors after hypothetical batches, policies turned to them, and training ahead. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultModel, defaultTraining } from '../../src/gflownet/defaults.js';
import { firstParameters } from '../../src/gflownet/model.js';
import { draw } from '../../src/gflownet/sample.js';
import { afterBatch } from '../../src/learning/lookahead/hypothetical.js';
import { type AnchoredPolicy, anchoredAt } from '../../src/learning/lookahead/anchored-policy.js';
import { trainAhead } from '../../src/learning/lookahead/train-ahead.js';
import { alignTo } from '../../src/learning/lookahead/align.js';
import { matrixFrom } from '../../src/linear-algebra/matrix.js';
import { closestRotation } from '../../src/linear-algebra/procrustes.js';
import { identity, product, rowGram, transpose } from '../../src/linear-algebra/product.js';
import { type Key, keyFromSeed, normals, split } from '../../src/random/key.js';
import { uniformSubset } from '../../src/random/subset.js';
import { choose, jointMutualInformation, noneChosen } from '../../src/reward/exact.js';
import { distance, matrices, propertyOptions, right, rotationOf } from '../linear-algebra/arbitrary.js';
import { closeEngines, openEngines } from '../support/engines.js';
import { randomPool } from '../support/pools.js';

const engines = await openEngines();

const small = fc.integer({ min: 1, max: 6 });

test('the closest rotation is orthogonal, whatever the rank, and finds the rotation that was applied', () => {
  fc.assert(
    fc.property(matrices(fc.integer({ min: 1, max: 12 }), small), fc.nat(1e6), (a, seed) => {
      const turn = rotationOf(a.columns, seed);
      assert.ok(distance(product(transpose(turn), turn).data, identity(a.columns).data) < 1e-10);
      const turned = product(a, turn);
      const found = right(closestRotation(a, turned));
      assert.ok(distance(product(transpose(found), found).data, identity(a.columns).data) < 1e-10);
      const size = Math.sqrt(a.data.reduce((total, x) => total + x * x, 0));
      assert.ok(distance(product(a, found).data, turned.data) <= 1e-6 * size);
    }),
    propertyOptions,
  );
  assert.throws(() => closestRotation(identity(2), identity(3)), /2×2 and 3×3/);
});

test('after a batch, covariances and information are those of the pool once the batch is known', () => {
  const pools = matrices(fc.integer({ min: 4, max: 12 }), small);
  fc.assert(
    fc.property(pools, fc.nat(1e6), fc.integer({ min: 1, max: 2 }), (whitened, seed, size) => {
      const batch = uniformSubset(keyFromSeed(seed), whitened.rows, size);
      const after = right(afterBatch(whitened, batch));
      assert.equal(
        after.indices,
        Array.from({ length: whitened.rows }, (_, n) => n).filter((n) => !batch.includes(n)),
      );
      const known = batch.reduce((state, n) => choose(n)(state), noneChosen(whitened));
      const covariances = rowGram(after.whitened);
      after.indices.forEach((n, i) => {
        const scale = 1 + (noneChosen(whitened).variances[n] ?? 0);
        const own = covariances.data[i * covariances.columns + i] ?? NaN;
        assert.ok(Math.abs(own - (known.variances[n] ?? NaN)) < 1e-9 * scale);
      });
      // The chain rule: I(B ∪ C) = I(B) + I(C | B).
      const next = uniformSubset(keyFromSeed(seed + 1), after.indices.length, 2);
      const both = [...batch, ...next.map((i) => after.indices[i] ?? NaN)];
      const sum = jointMutualInformation(whitened, batch) + jointMutualInformation(after.whitened, next);
      assert.ok(Math.abs(jointMutualInformation(whitened, both) - sum) < 1e-8 * (1 + sum));
    }),
    propertyOptions,
  );
  assert.throws(() => afterBatch(identity(3), [3]), /point 3 is not in a pool of 3/);
});

/** A policy with parameters that are nowhere zero. */
const learnedOn = (
  whitened: AnchoredPolicy['whitened'],
  policy: 'gain' | 'pointer' | 'deepSets',
  key: Key,
): AnchoredPolicy => {
  const model = defaultModel(policy, { whitened, batchSize: 2, temperature: 0.5 });
  const noise = normals(split(key, 1), model.size);
  return {
    trained: { model, parameters: firstParameters(model, key).map((x, i) => x + 0.2 * (noise[i] ?? 0)) },
    whitened,
  };
};

const problemOn = (whitened: AnchoredPolicy['whitened']) => ({ whitened, batchSize: 2, temperature: 0.5 });

for (const engine of engines)
  test(`${engine.kind}: a policy turned to turned features, with more of them or fewer, draws the same`, async () => {
    // Turning is the host's work: one policy shows that other engines read what it makes.
    for (const policy of engine === engines[0]
      ? (['gain', 'pointer', 'deepSets'] as const)
      : (['gain'] as const)) {
      const learned = learnedOn(randomPool(12, 3, 5), policy, keyFromSeed(8));
      const drawn = async ({ trained: { model, parameters }, whitened }: AnchoredPolicy) =>
        right(
          await draw(engine, model, problemOn(whitened), Float64Array.from(parameters), 16, keyFromSeed(3))(),
        );
      // Turned, and a column of zeros turned in; then back to as many columns as there were.
      const wide = matrixFrom(12, 4, (i, j) => (j < 3 ? (learned.whitened.data[i * 3 + j] ?? 0) : 0));
      const turned = product(wide, rotationOf(4, 11));
      const there = { trained: right(alignTo(learned, turned)), whitened: turned };
      const back = { trained: right(alignTo(there, learned.whitened)), whitened: learned.whitened };
      assert.equal([there.trained.model.shape.features, back.trained.model.shape.features], [4, 3]);
      const before = await drawn(learned);
      for (const own of [there, back]) {
        const after = await drawn(own);
        assert.equal(after.actions, before.actions, policy);
        assert.ok(distance(after.logForward, before.logForward) < 1e-4, policy);
      }
      // Not turned, it draws by other probabilities.
      const astray = await drawn({ ...learned, whitened: product(learned.whitened, rotationOf(3, 11)) });
      assert.ok(distance(astray.logForward, before.logForward) > 1e-2, policy);
    }
  });

const learned = learnedOn(randomPool(14, 3, 5), 'deepSets', keyFromSeed(8));

const aheadBy = (rounds: number, iterations: number) => ({
  rounds,
  training: { ...defaultTraining('deepSets'), iterations, trajectories: 16 },
  key: keyFromSeed(5),
});

test('training ahead brings a policy closer to what comes, whatever batches it supposes', async () => {
  const [engine] = engines;
  const after = right(afterBatch(learned.whitened, [1, 7]));
  // KL from the draws to the target, nats.
  const divergence = async (of: AnchoredPolicy) => {
    const { model, parameters } = anchoredAt(of, after.indices).trained;
    const problem = { whitened: after.whitened, batchSize: 2, temperature: 0.3 };
    const { estimates } = right(await draw(engine, model, problem, parameters, 512, keyFromSeed(6))());
    return estimates.logZ - estimates.elbo;
  };
  const untrained = await divergence(learned);
  const trained = [];
  for (const source of ['policy', 'random', 'mixture'] as const) {
    const ahead = right(await trainAhead(engine, learned, { ...aheadBy(6, 60), source, temperature: 0.3 })());
    const gap = await divergence(ahead);
    assert.ok(gap < 0.5 * untrained, `${source}: ${gap} nats, untrained ${untrained}`);
    trained.push(ahead.trained.parameters);
  }
  const [policy = [], random = [], mixture = []] = trained;
  assert.ok(distance(mixture, random) > 0 && distance(mixture, policy) > 0);
});

for (const engine of engines)
  test(`${engine.kind}: training ahead is a function of its key, and the same on every engine`, async () => {
    const ahead = async (on: typeof engine) =>
      right(await trainAhead(on, learned, { ...aheadBy(2, 2), source: 'policy' })()).trained.parameters;
    const once = await ahead(engine);
    assert.equal(await ahead(engine), once);
    // Adam's first steps are as long for a gradient that is rounding alone as for any other: few parameters may differ.
    const elsewhere = await ahead(engines[0]);
    const apart = (a: ArrayLike<number>) => once.filter((x, i) => Math.abs(x - (a[i] ?? NaN)) > 1e-3).length;
    assert.ok(apart(elsewhere) < 0.05 * once.length, `${apart(elsewhere)} of ${once.length}`);
    assert.ok(apart(learned.trained.parameters) > 0.3 * once.length, `${apart(learned.trained.parameters)}`);
    // Candidates that are all there are change nothing; fewer do.
    const [all = [], some = []] = await Promise.all(
      [14, 6].map(async (candidates) => {
        const options = { ...aheadBy(2, 2), source: 'policy' as const, candidates };
        return right(await trainAhead(engine, learned, options)()).trained.parameters;
      }),
    );
    assert.equal(all, once);
    assert.ok(distance(some, once) > 0);
    const few = anchoredAt(learned, [0, 1, 2]);
    assert.throws(() => trainAhead(engine, few, { ...aheadBy(1, 1), source: 'random' }), /no two batches/);
  });

test('engines close', () => closeEngines(engines));

test.run();
