/** Candidates of a large pool: which points they are, and what strategies make of them. */
import * as fc from 'fast-check';
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { candidateIndices, candidateScans, posteriorAt } from '../../src/acquisition/candidates.js';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { candidatesOf } from '../../src/acquisition/large-pool.js';
import { proposeBatch, type ProposalOptions } from '../../src/acquisition/index.js';
import { proposalKeys } from '../../src/acquisition/summary.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import type { Matrix } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import { predictiveVariance } from '../../src/reward/predictive-variance.js';
import { reward } from '../../src/reward/programmed.js';
import { scannedAtOnce } from '../../src/reward/scan.js';
import type { Posterior } from '../../src/surrogate/posterior.js';
import { gather, sum } from '../../src/tensor/operations.js';
import { kdpp } from '../../src/verify/kdpp/oracle.js';
import { chiSquareSurvival } from '../../src/verify/special-functions.js';
import { matrices, normalMatrix } from '../linear-algebra/arbitrary.js';
import { fail, succeed } from '../support/device.js';
import { maternPool } from '../support/pools.js';
import { runs } from '../support/property.js';

const posteriorOf = (whitened: Matrix): Posterior => ({
  mean: Float64Array.from({ length: whitened.rows }, (_, n) => n),
  whitened,
  noiseVariance: 1,
});

/** A pool, a batch size and a number of candidates that goes with them. */
const cases = fc
  .tuple(
    matrices(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 5 })),
    fc.integer({ min: 1, max: 5 }),
    fc.nat(45),
    fc.nat(),
  )
  .map(([whitened, size, more, seed]) => {
    const batchSize = Math.min(size, whitened.rows);
    return { whitened, batchSize, count: batchSize + more, key: keyFromSeed(seed) };
  });

/** The law, slowly: gains as differences of JMI, all points sorted in every round. */
const byGainOf = (whitened: Matrix, count: number, rounds: number): readonly number[] => {
  const taken: number[] = [];
  const { indices: greedy } = greedyBatch(posteriorOf(whitened), rounds);
  for (let round = 1; round <= rounds; round++) {
    const chosen = greedy.slice(0, round - 1);
    const free = Array.from({ length: whitened.rows }, (_, n) => n).filter((n) => !taken.includes(n));
    const gain = new Map(free.map((n) => [n, jointMutualInformation(whitened, [...chosen, n])]));
    free.sort((a, b) => (gain.get(b) ?? NaN) - (gain.get(a) ?? NaN));
    taken.push(...free.slice(0, Math.round((count * round) / rounds) - taken.length));
  }
  return taken.sort((a, b) => a - b);
};

test('M different indices in ascending order, the greedy batch among them; all where M is the pool or more', () =>
  fc.assert(
    fc.property(cases, ({ whitened, ...options }) => {
      const indices = candidateIndices(whitened, options);
      assert.is(indices.length, Math.min(options.count, whitened.rows));
      indices.forEach((n, i) => {
        assert.ok(Number.isInteger(n) && n >= 0 && n < whitened.rows && n > (indices[i - 1] ?? -1));
      });
      for (const n of greedyBatch(posteriorOf(whitened), options.batchSize).indices)
        assert.ok(indices.includes(n), `${n} is missing`);
      assert.equal(candidateIndices(whitened, options), indices);
    }),
    runs(200),
  ));

test('the part by gain is that of the law, half of them where nothing is said', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 12, max: 40 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 8, max: 11 }),
      fc.nat(),
      (poolSize, batchSize, count, seed) => {
        const whitened = normalMatrix(poolSize, 3, seed);
        const options = { count, batchSize, key: keyFromSeed(seed) };
        assert.equal(
          candidateIndices(whitened, { ...options, byGain: 1 }),
          byGainOf(whitened, count, batchSize),
        );
        const half = candidateIndices(whitened, options);
        for (const n of byGainOf(whitened, Math.round(count / 2), batchSize)) assert.ok(half.includes(n));
        const alone = candidateIndices(whitened, { ...options, byGain: 1, rounds: 1 });
        assert.equal(alone, byGainOf(whitened, count, 1));
      },
    ),
    runs(100),
  ));

test('of equal points the first; one whose gain is no number is not passed over', async () => {
  const line = (...data: readonly number[]): Matrix => ({
    rows: data.length,
    columns: 1,
    data: Float64Array.from(data),
  });
  const options = { count: 4, batchSize: 1, key: keyFromSeed(0), byGain: 1 };
  assert.equal(candidateIndices(line(1, 1, 3, 1, 1, 1), options), [0, 1, 2, 3]);
  assert.equal(candidateIndices(line(0, 0, 0, 0, 0, 0), options), [0, 1, 2, 3]);
  const broken = line(5, 4, 3, 2, 1, NaN);
  assert.ok(candidateIndices(broken, options).includes(5));
  const failure = await fail(
    proposeBatch(cpuEngine(), posteriorOf(broken), { ...ofStrategy[0], batchSize: 1, candidates: 3 }),
  );
  assert.is(failure._tag, 'InputFailure');
});

test('rounds leave a corner in which the largest gains lie, and say the same thing', () => {
  const spread = normalMatrix(60, 8, 4);
  const corner = 40;
  const whitened: Matrix = {
    ...spread,
    data: spread.data.map((x, k) => (k < 8 * corner ? (k % 8 === 0 ? 9 : 0) + x / 100 : x)),
  };
  const options = { count: 12, batchSize: 6, key: keyFromSeed(0), byGain: 1 };
  const inCorner = (indices: readonly number[]): number => indices.filter((n) => n < corner).length;
  assert.is(inCorner(candidateIndices(whitened, { ...options, rounds: 1 })), 12);
  assert.is(inCorner(candidateIndices(whitened, options)), 2);
});

test('the others are drawn uniformly, by the key', () => {
  const whitened = normalMatrix(20, 3, 1);
  const options = { count: 8, batchSize: 2 };
  const draws = 4000;
  const counts = new Float64Array(20);
  for (let i = 0; i < draws; i++)
    for (const n of candidateIndices(whitened, { ...options, key: split(keyFromSeed(2), i) }))
      counts[n] = (counts[n] ?? 0) + 1;
  const others = Array.from(counts).filter((count) => count < draws);
  assert.is(others.length, 16);
  // Four of sixteen: counts of points drawn together are correlated, which takes 15/16 off the statistic.
  const expected = draws / 4;
  const statistic = others.reduce((sum, c) => sum + ((c - expected) ** 2 / (expected * 0.75)) * (15 / 16), 0);
  // False alarm 1e-6.
  assert.ok(chiSquareSurvival(statistic, 15) > 1e-6, `χ² = ${statistic}`);
});

test('a part of a posterior has its rows and means', () => {
  const posterior = posteriorOf(normalMatrix(5, 2, 0));
  const part = posteriorAt(posterior, [3, 1]);
  assert.equal(part.mean, Float64Array.of(3, 1));
  assert.equal(
    part.whitened.data,
    Float64Array.of(...[6, 7, 2, 3].map((k) => posterior.whitened.data[k] ?? NaN)),
  );
  assert.equal([part.whitened.rows, part.whitened.columns, part.noiseVariance], [2, 2, 1]);
});

test('candidates fewer than a batch, or no whole number of them, throw', () => {
  const whitened = normalMatrix(9, 2, 0);
  for (const count of [3, 0, -1, 5.5, NaN])
    assert.throws(
      () => candidateIndices(whitened, { count, batchSize: 4, key: keyFromSeed(0) }),
      /candidates for batches of 4/,
    );
  assert.throws(
    () => proposeBatch(cpuEngine(), posteriorOf(whitened), { ...sampled, candidates: 3 }),
    /3 candidates for batches of 4/,
  );
});

const pool = posteriorOf(maternPool(60, 3));
const sampled = { batchSize: 4, seed: 5, draws: 64 };
const ofStrategy = [
  { ...sampled, acquisition: 'kdpp' },
  { ...sampled, acquisition: 'annealed' },
  { ...sampled, acquisition: 'gflownet', iterations: 5 },
  { ...sampled, acquisition: 'greedy' },
  { ...sampled, acquisition: 'stochasticBatchBald' },
  { ...sampled, acquisition: 'bald' },
  { ...sampled, acquisition: 'powerBald' },
  { ...sampled, acquisition: 'softmaxBald' },
  { ...sampled, acquisition: 'random' },
] as const satisfies readonly ProposalOptions[];
/** Of points that the information of features says nothing of: the last in the pool are the best. */
const byPlace = reward(
  'places',
  ({ whitened: { rows } }) => ({
    places: { rows, columns: 1, data: Float64Array.from({ length: rows }, (_, n) => n / rows) },
  }),
  ({ places }, batches) => sum(gather(places, batches), [1, 2]),
);
const proposed = (options: ProposalOptions) => succeed(proposeBatch(cpuEngine(), pool, options));

for (const options of ofStrategy) {
  test(`${options.acquisition} on candidates: indices of the whole pool, greedy and random ones of it beside`, async () => {
    const proposal = await proposed({ ...options, candidates: 20 });
    const { best, drawn, greedy, random } = proposal;
    const key = proposalKeys(options.seed).candidates;
    const indices = candidateIndices(pool.whitened, { count: 20, batchSize: 4, key });
    assert.ok(best.indices.every((n) => indices.includes(n)));
    assert.ok(best.indices.some((n) => n >= 20));
    assert.is(best.jointMutualInformation, jointMutualInformation(pool.whitened, best.indices));
    if (proposal.improvement === null) assert.is(best.jointMutualInformation, drawn.best);
    else assert.ok(best.jointMutualInformation >= Math.max(drawn.best, greedy.jointMutualInformation));
    const whole = await proposed(options);
    assert.equal([greedy, random], [whole.greedy, whole.random]);
    // The draws are those of a pool that has nothing but the candidates.
    const alone = await succeed(proposeBatch(cpuEngine(), posteriorAt(pool, indices), options));
    const batches = alone.drawn.batches.map((batch) => batch.map((i) => indices[i] ?? NaN));
    assert.equal([drawn, proposal.temperature], [{ ...alone.drawn, batches }, alone.temperature]);
    drawn.batches.forEach((batch, i) =>
      assert.ok(
        Math.abs(jointMutualInformation(pool.whitened, batch) - (drawn.jointMutualInformation[i] ?? NaN)) <
          1e-9,
      ),
    );
    assert.equal(
      best.indices,
      alone.best.indices.map((i) => indices[i]),
    );
    assert.equal(proposal.logPartition, alone.logPartition);
    assert.is(whole.candidates, undefined);
  });

  test(`${options.acquisition} on as many candidates as points is the same as without`, async () => {
    const told = async (changes: Partial<ProposalOptions>) => ({
      ...(await proposed({ ...options, ...changes })),
      seconds: 0,
    });
    const whole = await told({});
    assert.equal(await told({ candidates: 60 }), whole);
    assert.equal(await told({ candidates: 1e9 }), whole);
  });
}

test("another reward's greedy batch is among the candidates too, and no proposal is below it", async () => {
  for (const reward of [predictiveVariance(), byPlace])
    for (let seed = 0; seed < 8; seed++) {
      const wide = posteriorOf(normalMatrix(90, 6, 40 + seed));
      const { greedy, best } = await succeed(
        proposeBatch(cpuEngine(), wide, {
          ...{ acquisition: 'annealed', batchSize: 4, seed, draws: 8, candidates: 12, reward },
        }),
      );
      const [own, least] = [best.utility, greedy.utility].map(Number) as [number, number];
      assert.ok(
        own >= least - 1e-12 * Math.abs(least),
        `${reward.name}, seed ${seed}: ${own} below ${least}`,
      );
    }
  // However few there is room for.
  const few = scannedAtOnce(
    candidateScans(normalMatrix(30, 3, 0), { count: 4, batchSize: 4, key: keyFromSeed(1) }, [9, 2, 7, 4]),
  );
  assert.equal(few, [2, 4, 7, 9]);
});

test('the seed draws the candidates: log Z, which is exact, differs', async () => {
  const logZ = async (seed: number): Promise<number> => {
    const { logPartition } = await proposed({ ...ofStrategy[0], seed, candidates: 20 });
    return logPartition?.method === 'exact' ? logPartition.estimate : NaN;
  };
  assert.is(await logZ(1), await logZ(1));
  assert.is.not(await logZ(1), await logZ(2));
  const oracle = kdpp(pool.whitened, 4);
  assert.ok(E.isRight(oracle) && oracle.right.logZ > (await logZ(1)));
});

test('a policy trains on candidates where the pool is large and nobody says how many, other strategies on all of it', async () => {
  assert.equal(
    [100, 10_000].map((poolSize) => candidatesOf(undefined, poolSize, 10)),
    [100, 10_000],
  );
  assert.equal(
    [1, 100, 200].map((batchSize) => candidatesOf(undefined, 10_001, batchSize)),
    [1000, 1000, 2000],
  );
  assert.equal(
    [300, 10_001, 1e9].map((given) => candidatesOf(given, 10_001, 10)),
    [300, 10_001, 10_001],
  );
  const large = { whitened: normalMatrix(10_001, 1, 3), mean: new Float64Array(10_001), noiseVariance: 1 };
  const options = { batchSize: 2, seed: 1, draws: 2 };
  const counts = [];
  for (const settings of [
    { acquisition: 'gflownet', iterations: 1, trajectories: 2 },
    { acquisition: 'gflownet', iterations: 1, trajectories: 2, candidates: 10_001 },
    { acquisition: 'random' },
  ] as const)
    counts.push(
      (await succeed(proposeBatch(cpuEngine(), large, { ...options, ...settings }))).candidates?.count,
    );
  assert.equal(counts, [1000, undefined, undefined]);
});

test('what candidates cost is what greedy loses without the points of its batch', async () => {
  const costOf = async (candidates: number) =>
    (await proposed({ ...ofStrategy[0], candidates })).candidates?.cost ?? NaN;
  const { greedy } = await proposed(ofStrategy[0]);
  const others = Array.from({ length: 60 }, (_, n) => n).filter((n) => !greedy.indices.includes(n));
  const second = greedyBatch(posteriorAt(pool, others), 4).jointMutualInformation;
  const key = proposalKeys(5).candidates;
  const kept = candidateIndices(pool.whitened, { count: 10, batchSize: 4, key });
  const left = kept.filter((n) => others.includes(n));
  assert.is(left.length, 6);
  const among = greedyBatch(posteriorAt(pool, left), 4).jointMutualInformation;
  assert.ok(second - among > 0.01, `${second} and ${among}`);
  assert.ok(Math.abs((await costOf(10)) - (second - among)) < 1e-12);
  // No candidate is left for a second batch, and the only one that can be drawn is the greedy batch.
  assert.ok(Math.abs((await costOf(4)) - second) < 1e-12);
  const only = await proposed({ ...ofStrategy[0], candidates: 4 });
  assert.equal([...only.best.indices].sort(), [...greedy.indices].sort());
});

test.run();
