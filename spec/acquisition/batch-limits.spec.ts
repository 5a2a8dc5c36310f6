/** Greedy within a budget and within groups: the rules by hand, their guarantees against all batches there are, and misuse. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { proposeBatch } from '../../src/acquisition/index.js';
import { type Limits, proposeWithin } from '../../src/acquisition/batch-limits.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import { keyFromSeed, uniforms } from '../../src/random/key.js';
import type { Posterior } from '../../src/surrogate/posterior.js';
import { normalMatrix, right } from '../linear-algebra/arbitrary.js';

const posteriorOf = (whitened: Posterior['whitened']): Posterior => ({
  mean: new Float64Array(whitened.rows),
  whitened,
  noiseVariance: 1,
});

const propose = async (posterior: Posterior, limits: Limits, batchSize: number) =>
  right(await proposeWithin(cpuEngine(), posterior, limits, { batchSize, seed: 0, draws: 16 })());

/** All sets of points, the empty one too, that keep within limits and a size. */
const feasible = (
  { costs, budget = Infinity, groups, atMost = Infinity }: Limits,
  points: number,
  size: number,
) =>
  Array.from({ length: 2 ** points }, (_, mask) =>
    Array.from({ length: points }, (_, n) => n).filter((n) => (mask >> n) & 1),
  ).filter((batch) => {
    const counts = new Map<number, number>();
    for (const n of batch) counts.set(groups?.[n] ?? 0, (counts.get(groups?.[n] ?? 0) ?? 0) + 1);
    return (
      batch.length <= size &&
      batch.reduce((sum, n) => sum + (costs?.[n] ?? 0), 0) <= budget &&
      (groups === undefined || Math.max(0, ...counts.values()) <= atMost)
    );
  });

/** Greedy by what `worthOf` makes of a gain, as its definition has it. */
const byHand = (
  whitened: Posterior['whitened'],
  batches: readonly (readonly number[])[],
  worthOf: (gain: number, n: number) => number,
): readonly number[] => {
  const allowed = new Set(batches.map((batch) => batch.join()));
  const isAllowed = (batch: readonly number[]) => allowed.has([...batch].sort((a, b) => a - b).join());
  const chosen: number[] = [];
  for (;;) {
    const next = Array.from({ length: whitened.rows }, (_, n) => n)
      .filter((n) => !chosen.includes(n) && isAllowed([...chosen, n]))
      .map((n) => {
        const gain =
          jointMutualInformation(whitened, [...chosen, n]) - jointMutualInformation(whitened, chosen);
        return { n, worth: worthOf(gain, n) };
      })
      .sort((a, b) => b.worth - a.worth || a.n - b.n)[0];
    if (next === undefined) return chosen;
    chosen.push(next.n);
  }
};

const N = 9;
const pools = Array.from({ length: 8 }, (_, seed) => ({
  whitened: normalMatrix(N, 3, 40 + seed),
  costs: uniforms(keyFromSeed(seed), N).map((u) => 0.2 + 3 * u),
  groups: Array.from({ length: N }, (_, n) => (n * (seed + 1)) % 4),
}));

test('a budget: the better of greedy by gain per cost and by gain, and half of (1 − 1/e) of the best at least', async () => {
  const rules = new Set<string>();
  for (const { whitened, costs } of pools)
    for (const budget of [1.1, 3.7]) {
      const limits = { costs, budget };
      const { best, greedy, limits: said } = await propose(posteriorOf(whitened), limits, N);
      const batches = feasible(limits, N, N);
      const value = (batch: readonly number[]) => jointMutualInformation(whitened, batch);
      const perCost = byHand(whitened, batches, (gain, n) => gain / (costs[n] ?? NaN));
      const byGain = byHand(whitened, batches, (gain) => gain);
      assert.equal(greedy.indices, byGain);
      assert.equal(best.indices, value(perCost) > value(byGain) ? perCost : byGain);
      assert.ok(best.jointMutualInformation >= 0.5 * (1 - 1 / Math.E) * Math.max(...batches.map(value)));
      const cost = best.indices.reduce((sum, n) => sum + (costs[n] ?? NaN), 0);
      assert.ok(cost <= budget && Math.abs((said?.cost ?? NaN) - cost) < 1e-12);
      rules.add(said?.by ?? '');
    }
  assert.is(rules.size, 2);
});

test('a cheap point of little gain does not keep greedy from a dear one of much', async () => {
  const whitened = { rows: 2, columns: 2, data: Float64Array.of(0.1, 0, 0, 30) };
  const limits = { costs: Float64Array.of(1e-4, 10), budget: 10 };
  const { best, limits: said } = await propose(posteriorOf(whitened), limits, 2);
  assert.equal([best.indices, said?.by], [[1], 'gain']);
});

test('groups: greedy among points whose group is not full, half of the best at least', async () => {
  for (const { whitened, groups, costs } of pools) {
    for (const limits of [
      { groups, atMost: 1 },
      { groups, atMost: 2, costs, budget: 5 },
    ]) {
      const { best, random, limits: said } = await propose(posteriorOf(whitened), limits, 4);
      const batches = feasible(limits, N, 4);
      const most = Math.max(...batches.map((batch) => jointMutualInformation(whitened, batch)));
      assert.ok(batches.some((batch) => batch.join() === [...best.indices].sort((a, b) => a - b).join()));
      assert.ok(best.jointMutualInformation >= (limits.atMost === 1 ? 0.5 : 0.3) * most);
      assert.ok(random.mean <= most);
      assert.is(said?.atMost, limits.atMost);
      if (limits.atMost === 1)
        assert.equal(
          best.indices,
          byHand(whitened, batches, (gain) => gain),
        );
    }
  }
});

test('limits that bind nothing are greedy, on a pool that is scanned too', async () => {
  for (const [rows, columns] of [
    [40, 4],
    [4200, 256],
  ] as const) {
    const posterior = posteriorOf(normalMatrix(rows, columns, 3));
    const free = right(
      await proposeBatch(cpuEngine(), posterior, {
        acquisition: 'greedy',
        batchSize: 3,
        seed: 0,
        draws: 4,
      })(),
    );
    const groups = Array.from({ length: rows }, (_, n) => n);
    assert.equal((await propose(posterior, { groups, atMost: 1 }, 3)).best, free.best);
  }
});

test('limits that are none throw', () => {
  const posterior = posteriorOf(normalMatrix(4, 2, 1));
  const request = (limits: Limits) =>
    proposeWithin(cpuEngine(), posterior, limits, { batchSize: 2, seed: 0, draws: 4 });
  const costs = Float64Array.of(1, 1, 1, 1);
  assert.throws(() => request({ costs }), /costs with a budget/);
  assert.throws(() => request({ costs: costs.slice(1), budget: 1 }), /4 numbers above 0/);
  assert.throws(() => request({ costs: costs.with(2, 0), budget: 1 }), /4 numbers above 0/);
  assert.throws(() => request({ costs, budget: 0 }), /limits\.budget/);
  assert.throws(() => request({ groups: [0, 1], atMost: 1 }), /4 numbers, one a point/);
  assert.throws(() => request({ groups: [0, 0, 1, 1], atMost: 0 }), /atMost/);
});

test.run();
