// The floor of an iteration: its formulas against the products of the program that is really run, and what it is made of.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { floorOf, stageCosts, type TrainingSizes } from '../../src/bench/floor.js';
import { plan } from '../../src/engine/plan.js';
import { defaultTraining } from '../../src/gflownet/defaults.js';
import { modelOf } from '../../src/gflownet/model.js';
import { trainingProgram } from '../../src/gflownet/training-program.js';
import { sizeOf } from '../../src/tensor/expression.js';
import { runs } from '../support/property.js';

/** Operations of all products in one iteration: 2 · batch · m · n · k over the steps of the body. */
const planned = (sizes: TrainingSizes): number => {
  const model = modelOf({ policy: 'gain', dtype: 'f32', ...sizes });
  const { teacher, ...preset } = defaultTraining('gain');
  assert.ok(teacher !== undefined, 'the floor is that of training without a teacher');
  return plan(trainingProgram(model, { ...preset, trajectories: sizes.trajectories }))
    .body.filter(({ primitive }) => primitive === 'matmul')
    .map(({ output, operands: [left] }) => 2 * sizeOf(output.shape) * (left?.view.shape.at(-1) ?? NaN))
    .reduce((sum, operations) => sum + operations, 0);
};

const formula = (sizes: TrainingSizes): number =>
  stageCosts(sizes).reduce((sum, { operations }) => sum + operations, 0);

/** At least the floor, and not far above: all large products are in it. */
const holds = (sizes: TrainingSizes, most = 1.1): void => {
  const [floor, real] = [formula(sizes), planned(sizes)];
  assert.ok(
    floor <= real * (1 + 1e-12),
    `${floor} is above the ${real} of the plan: ${JSON.stringify(sizes)}`,
  );
  assert.ok(real <= most * floor, `${floor} is far below the ${real} of the plan: ${JSON.stringify(sizes)}`);
};

test('the formulas count the products of the planned program', () =>
  fc.assert(
    fc.property(
      fc.record({
        // Few points, and many.
        poolSize: fc.oneof(fc.integer({ min: 12, max: 2048 }), fc.integer({ min: 2049, max: 5000 })),
        batchSize: fc.integer({ min: 2, max: 12 }),
        features: fc.integer({ min: 2, max: 48 }),
        hidden: fc.integer({ min: 2, max: 80 }),
        trajectories: fc.integer({ min: 2, max: 64 }),
      }),
      (sizes) => {
        holds(sizes);
      },
    ),
    runs(25),
  ));

test('and where steps are walked again', () => {
  const sizes = { poolSize: 200_000, batchSize: 6, features: 32, hidden: 64, trajectories: 16 };
  assert.ok(sizes.poolSize * sizes.batchSize * sizes.trajectories > 2 ** 24);
  holds(sizes);
  // Of many features and a large batch the rewards are all but 0.1% of it, and 0.4% the parts of points before a point.
  holds({ poolSize: 2049, batchSize: 17, features: 1024, hidden: 2, trajectories: 512 }, 1.001);
});

const sizes = { poolSize: 1000, batchSize: 10, features: 32, hidden: 64, trajectories: 16 };

test('a stage takes the longer of its operations and its bytes, and the floor is their sum', () => {
  const rates = { operations: 2e10, bytes: 5e9 };
  const floor = floorOf(sizes, rates);
  let total = 0;
  for (const { operations, bytes, seconds, stage } of floor.stages) {
    assert.ok(bytes > 0, stage);
    assert.is(seconds, Math.max(operations / 2e10, bytes / 5e9), stage);
    total += seconds;
  }
  assert.ok(Math.abs(floor.seconds - total) <= 1e-12 * total);
  assert.is(floor.operations, formula(sizes));
  const slower = floorOf(sizes, { operations: 1e10, bytes: 2.5e9 });
  assert.ok(Math.abs(slower.seconds - 2 * floor.seconds) <= 1e-12 * slower.seconds);
});

test('bytes by hand: what a rollout and its reward read and write', () => {
  const bytesOf = (name: string, poolSize: number): number | undefined =>
    stageCosts({ poolSize, batchSize: 3, features: 2, hidden: 4, trajectories: 5 }).find(
      ({ stage }) => stage === name,
    )?.bytes;
  // In each of three steps ten keys of 4 numbers, and ten logits of five trajectories, written and read; after the first
  // two ten numbers of K and a share of five trajectories, and as many variances, read and written; and after the second
  // the shares of the first.
  assert.is(bytesOf('rollout', 10), 4 * 3 * (10 * 4 + 2 * 5 * 10));
  assert.is(bytesOf('reward', 10), 4 * (2 * (2 * 5 * 10 + 2 * 5 * 10) + 5 * 10));
  // Of many points their 2 numbers in place of K and shares.
  assert.is(bytesOf('reward', 3000), 4 * 2 * (3000 * 2 + 2 * 5 * 3000));
});

test('costs grow with every size, and nearly in proportion to a large pool', () => {
  for (const name of Object.keys(sizes) as (keyof TrainingSizes)[]) {
    const larger = floorOf({ ...sizes, [name]: 2 * sizes[name] }, { operations: 1, bytes: 1 });
    const floor = floorOf(sizes, { operations: 1, bytes: 1 });
    assert.ok(larger.operations > floor.operations && larger.bytes > floor.bytes, name);
  }
  const at = (poolSize: number) => formula({ ...sizes, poolSize });
  // Both beyond 2^24, where steps are walked again.
  assert.ok(Math.abs(at(2_000_000) / at(1_000_000) - 2) < 1e-3);
});

test.run();
