/** Terminal distributions of any policies against sums over ordered trajectories, and the reference's. */
import * as fc from 'fast-check';
import * as E from '#fp-ts/Either';
import * as t from '#io-ts';
import * as TE from '#fp-ts/TaskEither';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { numericalFailure } from '../../src/failure.js';
import { terminalDistribution, type LogPolicy } from '../../src/gflownet/exact/terminal.js';
import { keyFromSeed, normals, split, uniforms } from '../../src/random/key.js';
import { totalVariation } from '../../src/verify/divergence.js';
import { fail, succeed } from '../support/device.js';
import { runs } from '../support/engines.js';
import { readReference } from '../support/reference.js';
import {
  close,
  endsBySummation,
  logSum,
  settings,
  sorted,
  subsetsOfSizes,
  type Subset,
} from './trajectories.js';

test('the ends of any policy are the sums over its trajectories, whatever the blocks', () =>
  fc.assert(
    fc.asyncProperty(settings, fc.integer({ min: 1, max: 9 }), async (setting, block) => {
      const { seed, poolSize, sizes } = setting;
      const [smallest, largest] = sizes;
      const columns = poolSize + (smallest < largest ? 1 : 0);
      // Every fourth choice is never made, so that some states are never come by; entries that must not count are NaN.
      const table = new Map(
        subsetsOfSizes(poolSize, [0, largest - 1]).map((state, row) => {
          const key = split(split(keyFromSeed(seed), 3), row);
          const never = uniforms(split(key, 1), columns);
          const counts = (n: number) => (n < poolSize ? !state.includes(n) : state.length >= smallest);
          const first = Array.from({ length: columns }, (_, n) => n).find(counts);
          const logits = Array.from(normals(key, columns), (x, n) =>
            n !== first && (never[n] ?? 0) < 0.25 ? -Infinity : x,
          );
          const total = logSum(logits.filter((_, n) => counts(n)));
          return [state.join(), logits.map((x, n) => (counts(n) ? x - total : NaN))] as const;
        }),
      );
      let largestBlock = 0;
      const asked: string[] = [];
      const logPolicy: LogPolicy = (subsets, size, count) => {
        largestBlock = Math.max(largestBlock, count);
        assert.is(subsets.length, count * size);
        const states = Array.from({ length: count }, (_, s) =>
          subsets.subarray(s * size, (s + 1) * size).join(),
        );
        asked.push(...states);
        return TE.right(states.flatMap((state) => table.get(state) ?? []));
      };
      const ends = await succeed(terminalDistribution(poolSize, sizes, logPolicy, block));
      close(
        ends,
        endsBySummation(setting, (state) => table.get(state.join()) ?? []),
      );
      close([ends.reduce((a, b) => a + b)], [1]);
      assert.ok(largestBlock <= block);
      const reached = new Set<string>();
      const walk = (state: Subset): void => {
        const logs = state.length < largest ? (table.get(state.join()) ?? []) : [];
        if (logs.length > 0) reached.add(state.join());
        for (let n = 0; n < poolSize; n++) if ((logs[n] ?? NaN) > -Infinity) walk(sorted([...state, n]));
      };
      walk([]);
      assert.equal(asked.sort(), [...reached].sort(), 'each state that is come by is asked for, once');
    }),
    runs(100),
  ));

const reference = readReference(
  'subset-gflownet',
  t.type({
    states: t.array(t.array(t.number)),
    logits: t.array(t.array(t.number)),
    policyTerminal: t.array(t.number),
    targetTerminal: t.array(t.number),
    totalVariation: t.number,
  }),
);

test("the reference's policy has the reference's terminal distribution and total variation", async () => {
  const row = new Map(reference.states.map((state, i) => [state.join(), i]));
  const distribution = await succeed(
    terminalDistribution(6, [3, 3], (subsets, size, count) =>
      TE.right(
        Array.from({ length: count }, (_, s) => {
          const members = Array.from(subsets.subarray(s * size, (s + 1) * size));
          const logits = reference.logits[row.get(members.join()) ?? -1] ?? [];
          const total = logSum(logits.filter((_, n) => !members.includes(n)));
          return logits.map((x) => x - total);
        }).flat(),
      ),
    ),
  );
  close(distribution, reference.policyTerminal);
  close([totalVariation(distribution, reference.targetTerminal)], [reference.totalVariation]);
});

test('a policy that fails ends the work, and answers of the wrong length are refused', async () => {
  const failure = numericalFailure('the policy', 'no more', 'ask less');
  let asked = 0;
  const failing: LogPolicy = (_, __, count) =>
    ++asked === 3 ? TE.left(failure) : TE.right(new Float64Array(count * 4).fill(-Math.log(4)));
  assert.is(await fail(terminalDistribution(4, [3, 3], failing, 2)), failure);
  assert.is(asked, 3);
  const short = terminalDistribution(4, [1, 2], (_, __, count) => TE.right(new Float64Array(count * 4)));
  const rejected = await short().then(E.right, (error: unknown) => E.left(error));
  assert.ok(E.isLeft(rejected) && rejected.left instanceof RangeError);
});

test.run();
