/**
 * Exact flows of arbitrary rewards, backward policies and sizes against sums over ordered trajectories; and the law that
 * makes a GFlowNet one: the policy of the exact flows samples the target.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  exactFlows,
  exactLogPolicy,
  exactPolicy,
  logFlowOf,
  type LogBackward,
} from '../../src/gflownet/exact/flows.js';
import { targetOf } from '../../src/gflownet/exact/target.js';
import { terminalDistribution } from '../../src/gflownet/exact/terminal.js';
import { keyFromSeed, normals, split, uniforms } from '../../src/random/key.js';
import { succeed } from '../support/device.js';
import { runs } from '../support/engines.js';
import {
  close,
  endsBySummation,
  logSum,
  settings,
  sorted,
  subsetsOfSizes,
  trajectories,
  type Setting,
} from './trajectories.js';

/** How log rewards lie: over how many nats, and which part of the batches has no reward at all. */
const rewardKinds = fc.constantFrom(
  { spread: 1, none: 0 },
  { spread: 1, none: 0.3 },
  { spread: 1500, none: 0.1 },
);
type RewardKind = typeof rewardKinds extends fc.Arbitrary<infer A> ? A : never;

/** Log rewards of all batches; the first always has one. */
const rewardsOf = ({ seed, poolSize, sizes }: Setting, { spread, none }: RewardKind): Float64Array => {
  const { length } = subsetsOfSizes(poolSize, sizes);
  const logs = normals(keyFromSeed(seed), length);
  const gone = uniforms(split(keyFromSeed(seed), 1), length);
  return Float64Array.from(logs, (log, i) => (i > 0 && (gone[i] ?? 0) < none ? -Infinity : spread * log));
};

/** A random distribution over the members of every subset; about one member in six is never given up. */
const randomBackward = ({ seed, poolSize, sizes }: Setting): LogBackward => {
  const table = new Map(
    subsetsOfSizes(poolSize, [1, sizes[1]]).map((subset, row) => {
      const key = split(split(keyFromSeed(seed), 2), row);
      const never = uniforms(split(key, 1), subset.length);
      const logits = Array.from(normals(key, subset.length), (x, i) =>
        i > 0 && (never[i] ?? 0) < 1 / 6 ? -Infinity : 2 * x,
      );
      const total = logSum(logits);
      return [subset.join(), logits.map((x) => x - total)] as const;
    }),
  );
  return (subset) => {
    const logs = table.get(subset.join());
    if (logs === undefined) throw new Error(`no backward policy at {${subset.join()}}`);
    return logs;
  };
};

const uniformBackward: LogBackward = ({ length }) => Array.from({ length }, () => -Math.log(length));

/** log F of every state by the definition: the sum over all trajectories through it of R(B) Π P_B. */
const flowsBySummation = (
  { poolSize, sizes }: Setting,
  logReward: Float64Array,
  backward: LogBackward,
): ReadonlyMap<string, number> => {
  const rows = new Map(subsetsOfSizes(poolSize, sizes).map((batch, row) => [batch.join(), row]));
  const terms = new Map<string, number[]>();
  trajectories(poolSize, sizes[1], (order) => {
    const row = rows.get(sorted(order).join());
    if (row === undefined) return;
    let log = logReward[row] ?? NaN;
    order.forEach((point, step) => {
      const members = sorted(order.slice(0, step + 1));
      log += backward(Uint32Array.from(members))[members.indexOf(point)] ?? NaN;
    });
    for (let step = 0; step <= order.length; step++) {
      const state = sorted(order.slice(0, step)).join();
      const own = terms.get(state);
      if (own === undefined) terms.set(state, [log]);
      else own.push(log);
    }
  });
  return new Map(Array.from(terms, ([state, logs]) => [state, logSum(logs)]));
};

const backwards = fc.constantFrom('default', 'random' as const);

test('exact flows are the sums over all trajectories of reward times backward probabilities', () =>
  fc.assert(
    fc.property(settings, rewardKinds, backwards, (setting, kind, backward) => {
      const { poolSize, sizes } = setting;
      const logReward = rewardsOf(setting, kind);
      const own = backward === 'random' ? randomBackward(setting) : undefined;
      const flows = exactFlows(poolSize, sizes, logReward, own);
      for (const [name, should] of flowsBySummation(setting, logReward, own ?? uniformBackward)) {
        const state = name === '' ? [] : name.split(',').map(Number);
        const is = logFlowOf(flows, state.reverse());
        assert.ok(
          is === should || Math.abs(is - should) <= 1e-12 * (1 + Math.abs(should)),
          `log F(${name}) is ${is}, should be ${should}`,
        );
      }
      const { logZ } = targetOf(logReward);
      assert.ok(Math.abs(logFlowOf(flows, []) - logZ) <= 1e-12 * (1 + Math.abs(logZ)));
    }),
    runs(150),
  ));

test('walks by the policy of the exact flows end in every batch exactly as often as the target has it', () =>
  fc.assert(
    fc.asyncProperty(
      settings,
      rewardKinds,
      backwards,
      fc.integer({ min: 1, max: 9 }),
      async (setting, kind, backward, block) => {
        const { poolSize, sizes } = setting;
        const logReward = rewardsOf(setting, kind);
        const flows = exactFlows(
          poolSize,
          sizes,
          logReward,
          backward === 'random' ? randomBackward(setting) : undefined,
        );
        const { probabilities } = targetOf(logReward);
        // Differences of logarithms of thousands of nats are sure to 1e-16 of those.
        const tolerance = 1e-12 * Math.max(1, kind.spread / 100);
        for (const state of subsetsOfSizes(poolSize, [0, sizes[1] - 1])) {
          const logs = exactLogPolicy(flows, state);
          assert.is(logs.length, poolSize + (sizes[0] < sizes[1] ? 1 : 0));
          state.forEach((member) => assert.is(logs[member], -Infinity));
          if (state.length < sizes[0]) assert.ok((logs[poolSize] ?? -Infinity) === -Infinity);
          const through = logFlowOf(flows, state) > -Infinity;
          close([logs.reduce((sum, log) => sum + Math.exp(log), 0)], [through ? 1 : 0], tolerance);
        }
        close(
          endsBySummation(setting, (state) => exactLogPolicy(flows, state)),
          probabilities,
          tolerance,
        );
        const ends = await succeed(terminalDistribution(poolSize, sizes, exactPolicy(flows), block));
        close(ends, probabilities, tolerance);
      },
    ),
    runs(100),
  ));

test('a reward that is not a number is never lost', () => {
  for (const sizes of [
    [2, 2],
    [1, 2],
  ] as const)
    for (const place of [0, 1, 2]) {
      const logReward = new Float64Array(sizes[0] === 1 ? 6 : 3).fill(-Infinity);
      logReward[place] = NaN;
      assert.ok(Number.isNaN(logFlowOf(exactFlows(3, sizes, logReward), [])));
    }
});

test('a whole batch has only to stop; where sizes do not vary nothing is to be asked of it', () => {
  const varying = exactFlows(3, [1, 2], Float64Array.of(1, 2, 3, 4, 5, 6));
  assert.equal(Array.from(exactLogPolicy(varying, [2, 0])), [-Infinity, -Infinity, -Infinity, 0]);
  const fixed = exactFlows(3, [2, 2], Float64Array.of(4, 5, 6));
  assert.throws(() => exactLogPolicy(fixed, [2, 0]), /nothing follows/);
  assert.throws(() => exactLogPolicy(varying, [2, 0, 1]), /nothing follows/);
  assert.throws(() => exactFlows(3, [1, 2], Float64Array.of(4, 5, 6)), /3 rewards for 6 batches/);
});

test.run();
