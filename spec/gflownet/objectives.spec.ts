/** The objectives: the reference's losses and gradients (subset-gflownet.json), and zero where flows are exact. */
import * as fc from 'fast-check';
import * as t from '#io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exactFlows, exactLogPolicy, logFlowOf } from '../../src/gflownet/exact/flows.js';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import type { Objective } from '../../src/gflownet/objective.js';
import { objectives, type ObjectiveName } from '../../src/gflownet/objectives/index.js';
import { logUniformBackward } from '../../src/gflownet/backward.js';
import { logSoftmax } from '../../src/tensor/derived/softmax.js';
import { takeLast } from '../../src/tensor/derived/matrix.js';
import type { Tensor } from '../../src/tensor/expression.js';
import { gradient } from '../../src/tensor/gradient.js';
import {
  add,
  broadcast,
  cast,
  concat,
  constant,
  equal,
  filled,
  gather,
  input,
  iota,
  mul,
  reshape,
  slice,
} from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import { keyFromSeed, permutation, split } from '../../src/random/key.js';
import { closeEngines, openEngines, runs, valueOf } from '../support/engines.js';
import { randomPool } from '../support/pools.js';
import { readReference } from '../support/reference.js';
import { answerAt, near, settingsOf } from '../support/settings.js';

const lossCodec = t.intersection([
  t.type({ loss: t.number, gradLogits: t.array(t.array(t.number)) }),
  t.partial({ gradLogZ: t.number, gradLogFlow: t.array(t.number) }),
]);

const reference = readReference(
  'subset-gflownet',
  t.type({
    states: t.array(t.array(t.number)),
    terminal: t.array(t.array(t.number)),
    logReward: t.array(t.number),
    logits: t.array(t.array(t.number)),
    trajectories: t.array(t.array(t.number)),
    logZParameter: t.number,
    logFlow: t.array(t.number),
    exactLogFlow: t.array(t.number),
    trajectoryBalance: lossCodec,
    logPartitionVariance: lossCodec,
    detailedBalance: lossCodec,
    subTrajectoryBalance: lossCodec,
  }),
);

const poolSize = 6;
const batchSize = 3;
const count = reference.trajectories.length;

const name = (points: readonly number[]): string => [...points].sort((a, b) => a - b).join();
const stateRow = new Map(reference.states.map((state, row) => [name(state), row]));
const terminalRow = new Map(reference.terminal.map((batch, row) => [name(batch), row]));

/** Rows of the states before each step, and the log rewards at the end, of the reference's trajectories. */
const visited = reference.trajectories.flatMap((order) =>
  order.map((_, step) => stateRow.get(name(order.slice(0, step))) ?? -1),
);
const rewards = reference.trajectories.map(
  (order) => reference.logReward[terminalRow.get(name(order)) ?? -1] ?? NaN,
);
const members = reference.states.flatMap((state) =>
  Array.from({ length: poolSize }, (_, point) => (state.includes(point) ? 0 : 1)),
);

/** log P_F of each step of the reference's trajectories under the tabular policy. */
const tabular = (logits: Tensor): Tensor => {
  const table = logSoftmax(logits, constant(members, 'u32', [reference.states.length, poolSize]));
  const rows = gather(table, constant(visited, 'u32', [count * batchSize]));
  return reshape(takeLast(rows, constant(reference.trajectories.flat(), 'u32', [count * batchSize])), [
    count,
    batchSize,
  ]);
};

/** The reference gives objectives with a learned log Z that, and the others flows of all states. */
const lossProgram = (objective: Objective, learnsLogZ: boolean) => {
  // Terminal states have no action left; their rows are not visited, and their all-masked softmax is never read.
  const logits = input('logits', 'f32', [reference.states.length, poolSize]);
  const logZ = input('logZ', 'f32', []);
  const table = input('logFlow', 'f32', [reference.states.length, 1]);
  const flows = reshape(gather(table, constant(visited, 'u32', [count * batchSize])), [count, batchSize]);
  const first = broadcast(reshape(logZ, [1, 1]), [count, 1]);
  const logReward = constant(rewards, 'f32', [count]);
  const loss = objective.loss({
    logForward: tabular(logits),
    logBackward: broadcast(constant(logUniformBackward(batchSize), 'f32', [batchSize]), [count, batchSize]),
    logReward,
    logFlow: concat(
      [
        learnsLogZ ? concat([first, slice(flows, [0, 1], [count, batchSize - 1])], 1) : flows,
        reshape(logReward, [count, 1]),
      ],
      1,
    ),
    reached: filled(1, 'u32', [count, batchSize + 1]),
    logInflow: () => logits,
  });
  const [gradLogits, gradLogZ, gradLogFlow] = gradient(loss, [logits, logZ, table]);
  return program({ loss, gradLogits, gradLogZ, gradLogFlow }, {}, [logZ, table]);
};

const engines = await openEngines();

const inReference = [
  'trajectoryBalance',
  'logPartitionVariance',
  'detailedBalance',
  'subTrajectoryBalance',
] as const satisfies ObjectiveName[];

for (const setting of settingsOf(engines))
  for (const objective of inReference)
    test(`${objective} is the reference's in loss and gradients, ${setting.name}`, async () => {
      const expected = reference[objective];
      const running = lossProgram(objectives[objective], objective === 'trajectoryBalance');
      const { loss, gradLogits, gradLogZ, gradLogFlow } = await answerAt(setting, running, {
        logits: Float64Array.from(reference.logits.flat()),
        logZ: Float64Array.of(reference.logZParameter),
        logFlow: Float64Array.from(reference.logFlow),
      });
      near(setting, loss, [expected.loss], 'loss');
      near(setting, gradLogits, expected.gradLogits.flat(), 'gradient of the logits');
      near(setting, gradLogZ, [expected.gradLogZ ?? 0], 'gradient of log Z');
      if (expected.gradLogFlow !== undefined)
        near(setting, gradLogFlow, expected.gradLogFlow, 'gradient of log F');
    });

test("exact flows are the reference's", () => {
  const flows = exactFlows(poolSize, [batchSize, batchSize], Float64Array.from(reference.logReward));
  reference.states.forEach((state, row) => {
    const [is, should] = [logFlowOf(flows, state), reference.exactLogFlow[row] ?? NaN];
    assert.ok(Math.abs(is - should) < 1e-10, `${name(state)}: ${is}, should be ${should}`);
  });
});

/** Everything that an objective sees of random trajectories under exact flows and the exact policy. */
const exactlyScored = (size: number, length: number, seed: number) => {
  const whitened = randomPool(size, 3, seed, 2);
  const { logReward } = exactTarget({ whitened, batchSize: length, temperature: 0.3 });
  const flows = exactFlows(size, [length, length], logReward);
  const orders = Array.from({ length: 6 }, (_, i) =>
    Array.from(permutation(split(keyFromSeed(seed), i), size)).slice(0, length),
  );
  const table = (columns: number, value: (order: readonly number[], step: number) => number) =>
    constant(
      orders.flatMap((order) => Array.from({ length: columns }, (_, step) => value(order, step))),
      'f64',
      [orders.length, columns],
    );
  const logFlow = table(length + 1, (order, step) => logFlowOf(flows, order.slice(0, step)));
  return {
    logForward: table(
      length,
      (order, step) => exactLogPolicy(flows, order.slice(0, step))[order[step] ?? 0] ?? NaN,
    ),
    logBackward: table(length, (_, step) => -Math.log(step + 1)),
    logReward: reshape(slice(logFlow, [0, length], [orders.length, 1]), [orders.length]),
    logFlow,
    reached: filled(1, 'u32', [orders.length, length + 1]),
    logInflow: () =>
      table(length, (order, step) => {
        const members = order.slice(0, step + 1);
        const parents = members.map((point) => {
          const rest = members.filter((other) => other !== point);
          return Math.exp(logFlowOf(flows, rest) + (exactLogPolicy(flows, rest)[point] ?? NaN));
        });
        return Math.log(parents.reduce((a, b) => a + b));
      }),
  };
};

for (const objective of Object.keys(objectives) as ObjectiveName[])
  test(`${objective}: exact flows give a loss of zero, and one wrong flow does not`, () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(1000),
        fc.integer({ min: 3, max: 7 }),
        fc.integer({ min: 2, max: 3 }),
        async (seed, size, length) => {
          const scored = exactlyScored(size, length, seed);
          const [loss = NaN] = await valueOf(engines[0], objectives[objective].loss(scored));
          assert.ok(Math.abs(loss) < 1e-10, `loss ${loss}`);
          // One trajectory's first choice is made likelier, its last state and what flows into it richer.
          const [count = 1] = scored.logReward.shape;
          const wrong = (shape: readonly number[]) => mul(0.5, cast(equal(iota('u32', shape, 0), 0), 'f64'));
          const spoilt = {
            ...scored,
            logForward: add(scored.logForward, wrong([count, length])),
            logInflow: () => add(scored.logInflow(), wrong([count, length])),
          };
          const [higher = 0] = await valueOf(engines[0], objectives[objective].loss(spoilt));
          assert.ok(higher > 1e-3, `loss ${higher}`);
        },
      ),
      runs(15),
    ));

test('engines are left empty', () => closeEngines(engines));

test.run();
