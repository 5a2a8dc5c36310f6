/** Exact answers: subsets and their ranks, targets, and terminal distributions against the reference values. */
import * as fc from 'fast-check';
import * as t from 'io-ts';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { binomial, logBinomial, ranker, subsetsOf } from '../../src/gflownet/exact/subsets.js';
import { exactTarget, targetOf } from '../../src/gflownet/exact/target.js';
import { terminalDistribution } from '../../src/gflownet/exact/terminal.js';
import { totalVariation } from '../../src/verify/divergence.js';
import { succeed } from '../support/device.js';
import { runs } from '../support/engines.js';
import { randomPool } from '../support/pools.js';
import { readReference } from '../support/reference.js';

const reference = readReference(
  'subset-gflownet',
  t.type({
    states: t.array(t.array(t.number)),
    terminal: t.array(t.array(t.number)),
    logReward: t.array(t.number),
    logZ: t.number,
    logits: t.array(t.array(t.number)),
    policyTerminal: t.array(t.number),
    targetTerminal: t.array(t.number),
    totalVariation: t.number,
  }),
);

const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) => {
  assert.is(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++)
    assert.ok(
      Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN)) <= tolerance,
      `${i}: ${actual[i]}, should be ${expected[i]}`,
    );
};

const size = fc
  .integer({ min: 1, max: 9 })
  .chain((n) => fc.record({ n: fc.constant(n), k: fc.integer({ min: 0, max: n }) }));

test('subsets are all different, ascending, in lexicographic order, and ranked by their row', () =>
  fc.assert(
    fc.property(size, ({ n, k }) => {
      const subsets = subsetsOf(n, k);
      const rank = ranker(n, k);
      const count = binomial(n, k);
      assert.is(subsets.length, count * k);
      assert.ok(Math.abs(Math.exp(logBinomial(n, k)) - count) < 1e-6 * count);
      let before = '';
      for (let row = 0; row < count; row++) {
        const own = Array.from(subsets.subarray(row * k, (row + 1) * k));
        assert.is(rank(own), row);
        assert.ok(own.every((x, i) => i === 0 || x > (own[i - 1] ?? 0)));
        const name = own.join();
        assert.ok(row === 0 || name > before);
        before = name;
      }
    }),
    runs(60),
  ));

test('the reference policy has the reference terminal distribution, target and total variation', async () => {
  const row = new Map(reference.states.map((state, i) => [state.join(), i]));
  const poolSize = 6;
  const distribution = await succeed(
    terminalDistribution(
      poolSize,
      3,
      (subsets, k, count) =>
        TE.right(
          Array.from({ length: count }, (_, s) => {
            const members = Array.from(subsets.subarray(s * k, (s + 1) * k));
            const logits = reference.logits[row.get(members.join()) ?? -1] ?? [];
            const open = logits.map((logit, n) => (members.includes(n) ? 0 : Math.exp(logit)));
            const total = open.reduce((a, b) => a + b);
            return open.map((x) => Math.log(x / total));
          }).flat(),
        ),
      4,
    ),
  );
  close(distribution, reference.policyTerminal, 1e-12);
  const target = targetOf(Float64Array.from(reference.logReward));
  assert.ok(Math.abs(target.logZ - reference.logZ) < 1e-12);
  close(target.probabilities, reference.targetTerminal, 1e-12);
  assert.ok(Math.abs(totalVariation(distribution, target.probabilities) - reference.totalVariation) < 1e-12);
});

test('a target is a distribution, flatter as the temperature rises', () =>
  fc.assert(
    fc.property(fc.nat(1000), (seed) => {
      const at = (temperature: number) =>
        exactTarget({ whitened: randomPool(7, 3, seed), batchSize: 3, temperature });
      const [cold, warm] = [at(0.2), at(2)];
      for (const { probabilities } of [cold, warm])
        assert.ok(Math.abs(probabilities.reduce((a, b) => a + b) - 1) < 1e-12);
      assert.ok(Math.max(...cold.probabilities) > Math.max(...warm.probabilities));
    }),
    runs(30),
  ));

test.run();
