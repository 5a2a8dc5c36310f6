/** Losses and gradients of the objectives against the reference values of a tabular policy (subset-gflownet.json). */
import * as t from 'io-ts';
import { test } from 'uvu';
import type { Objective } from '../../src/gflownet/objective.js';
import { objectives, type ObjectiveName } from '../../src/gflownet/objectives/index.js';
import { logUniformBackward } from '../../src/gflownet/environment.js';
import { logSoftmax } from '../../src/tensor/derived/softmax.js';
import { takeLast } from '../../src/tensor/derived/matrix.js';
import type { Tensor } from '../../src/tensor/expression.js';
import { gradient } from '../../src/tensor/gradient.js';
import { broadcast, constant, gather, input, reshape } from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import { closeEngines, openEngines } from '../support/engines.js';
import { readReference } from '../support/reference.js';
import { answerAt, near, settingsOf } from '../support/settings.js';

const lossCodec = t.intersection([
  t.type({ loss: t.number, gradLogits: t.array(t.array(t.number)) }),
  t.partial({ gradLogZ: t.number }),
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
    trajectoryBalance: lossCodec,
    logPartitionVariance: lossCodec,
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

const lossProgram = (objective: Objective) => {
  // Terminal states have no action left; their rows are not visited, and their all-masked softmax is never read.
  const logits = input('logits', 'f32', [reference.states.length, poolSize]);
  const logZ = input('logZ', 'f32', []);
  const loss = objective.loss({
    logForward: tabular(logits),
    logBackward: broadcast(constant(logUniformBackward(batchSize), 'f32', [batchSize]), [count, batchSize]),
    logReward: constant(rewards, 'f32', [count]),
    logZ,
  });
  const [gradLogits = loss, gradLogZ = loss] = gradient(loss, [logits, logZ]);
  return program({ loss, gradLogits, gradLogZ }, {}, [logZ]);
};

const engines = await openEngines();

for (const setting of settingsOf(engines))
  for (const objective of ['trajectoryBalance', 'logPartitionVariance'] as const satisfies ObjectiveName[])
    test(`${objective} is the reference's in loss and gradients, ${setting.name}`, async () => {
      const expected = reference[objective];
      const { loss, gradLogits, gradLogZ } = await answerAt(setting, lossProgram(objectives[objective]), {
        logits: Float64Array.from(reference.logits.flat()),
        logZ: Float64Array.of(reference.logZParameter),
      });
      near(setting, loss, [expected.loss], 'loss');
      near(setting, gradLogits, expected.gradLogits.flat(), 'gradient of the logits');
      near(setting, gradLogZ, [expected.gradLogZ ?? 0], 'gradient of log Z');
    });

test('engines are left empty', () => closeEngines(engines));

test.run();
