/** Policies compared on the same posteriors: what a record is a function of, and what training across problems does. */
import * as TE from '#fp-ts/TaskEither';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { defaultTraining } from '../../src/gflownet/defaults.js';
import { forPool } from '../../src/gflownet/model-file.js';
import { draw } from '../../src/gflownet/sample.js';
import { SCRATCH } from '../../src/learning/experiment/judged.js';
import { transferPolicies } from '../../src/learning/experiment/policy-transfer.js';
import type { Experiment, PolicyStudy } from '../../src/learning/experiment/experiment.js';
import { lastingText } from '../../src/learning/record.js';
import { contenderNames } from '../../src/learning/experiment/policies.js';
import { presetExperiment } from '../../src/learning/experiment/sources.js';
import { problemOn } from '../../src/learning/lookahead/train-ahead.js';
import { trainAcross } from '../../src/learning/lookahead/train-across.js';
import { alignTo } from '../../src/learning/lookahead/align.js';
import type { RunRecord } from '../../src/learning/record.js';
import { rowsAt } from '../../src/linear-algebra/matrix.js';
import { product } from '../../src/linear-algebra/product.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import { right, rotationOf } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';
import { randomPool } from '../support/pools.js';

const engine = cpuEngine();
const settings = { iterations: 3, trajectories: 2 };
const sizes = { seedLabels: 5, pool: 24, test: 2, batchSize: 2 };
const roundsOf = { lookahead: 2, meta: 1 } as const;

const studies = (['lookahead', 'meta'] as const).map((name): readonly [Experiment, PolicyStudy] => {
  const experiment = presetExperiment(name, settings, { ...sizes, rounds: roundsOf[name] });
  const { study } = experiment;
  assert.ok(study !== undefined);
  return [experiment, study.kind === 'problems' ? { ...study, problems: 2, labels: [3, 5] } : study];
});

const runsOf = (
  recorded: readonly RunRecord[],
  [experiment, study]: readonly [Experiment, PolicyStudy],
  names = contenderNames(study.kind),
) => succeed(transferPolicies(engine, experiment, study, { seeds: [1], names }, { recorded }));

const texts = (records: readonly RunRecord[]): readonly string[] => records.map(lastingText);

const whole = await Promise.all(studies.map((study) => runsOf([], study)));

test('every policy has a record in every round, and the batches labelled are those of the one from scratch', () => {
  studies.forEach(([experiment, study], i) => {
    const names = [SCRATCH, ...contenderNames(study.kind)];
    const records = whole[i] ?? [];
    for (let round = 0; round <= experiment.rounds; round++) {
      const there = records.filter((record) => record.round === round);
      assert.equal(
        there.map(({ strategy }) => strategy),
        names,
      );
      assert.ok(there.every(({ labels }) => labels === 5 + 2 * round));
      const [scratch] = there;
      assert.equal(scratch?.metrics, {
        ...{ informationRatio: 1, drawnRatio: 1 },
        ...{ elboDifference: 0, euboDifference: 0 },
      });
      // Over the same batches of the target: each policy has one.
      assert.ok(there.every(({ metrics }) => 'euboDifference' in metrics));
      // One posterior for all of them.
      assert.is(new Set(there.map(({ jointMutualInformation: jmi }) => jmi?.greedy)).size, 1);
    }
    assert.ok(records.some(({ metrics }) => 'euboDifference' in metrics && metrics.euboDifference !== 0));
    const asked = records.filter(({ strategy }) => strategy === SCRATCH).flatMap(({ batch }) => batch);
    const { pool } = experiment.split(1);
    assert.ok(new Set(asked).size === asked.length && asked.every((row) => pool.includes(row)));
  });
});

test('a study goes on from its records as if it had not been stopped', async () => {
  for (const [i, study] of studies.entries()) {
    const records = whole[i] ?? [];
    // Within the last round, and with the first record of it.
    const kept = records.slice(0, -3);
    const rest = await runsOf(kept, study);
    assert.equal(texts([...kept, ...rest]), texts(records));
    assert.equal(await runsOf(records, study), []);
    // Policies that are asked for later are of the same posteriors.
    const few = records.filter(({ strategy }) => [SCRATCH, 'fresh+0'].includes(strategy));
    if (i === 0) assert.equal(texts(await runsOf([], study, ['fresh+0'])), texts(few));
    const later = await runsOf(few, study, ['fresh+0', 'carried+0']);
    assert.equal(texts(later), texts(records.filter(({ strategy }) => strategy === 'carried+0')));
  }
});

test('a policy trained on other problems, in other bases, is closer to the target of a new one', async () => {
  const base = randomPool(26, 3, 5);
  // The same covariances in other bases: what is learned must come along.
  const problemIn = (seed: number) => {
    const turned = product(base, rotationOf(3, seed));
    const pool = rowsAt(
      turned,
      Array.from({ length: 20 }, (_, n) => n),
    );
    const anchors = rowsAt(
      turned,
      Array.from({ length: 6 }, (_, n) => 20 + n),
    );
    return { problem: problemOn(pool, 2, {}, keyFromSeed(7)).problem, anchors };
  };
  const training = { ...defaultTraining('deepSets'), iterations: 60 };
  const gapAfter = async (iterations: number): Promise<number> => {
    const learned = await succeed(
      trainAcross(engine, (index) => TE.right(problemIn(index)), {
        ...{ problems: 4, policy: 'deepSets', features: 5, key: split(keyFromSeed(1), 0) },
        training: { ...training, iterations },
      }),
    );
    const { problem, anchors } = problemIn(99);
    const { model, parameters } = forPool(right(alignTo(learned, anchors)), problem.whitened.rows);
    const { estimates } = await succeed(draw(engine, model, problem, parameters, 512, keyFromSeed(6)));
    return estimates.logZ - estimates.elbo;
  };
  const [untrained, trained] = [await gapAfter(0), await gapAfter(60)];
  assert.ok(trained < 0.3 * untrained, `${trained} nats, untrained ${untrained}`);
});

test.run();
