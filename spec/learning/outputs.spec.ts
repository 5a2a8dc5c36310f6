/** Batches for several outputs: their information is that of all labels together, by enumeration, and so is the best one. */
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import {
  informationOfOutputs,
  type Output,
  outputsUtility,
  proposeForOutputs,
} from '../../src/learning/outputs.js';
import { logDeterminant } from '../../src/linear-algebra/cholesky.js';
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import { programAtOnce } from '../../src/engine/cpu/index.js';
import { input } from '../../src/tensor/operations.js';
import { program, withPrecision } from '../../src/tensor/program.js';
import { tableInputs, tableValues } from '../../src/reward/programmed.js';
import { entry } from '../linear-algebra/arbitrary.js';
import { posteriorOf } from '../reward/changed-batches.js';
import { succeed } from '../support/device.js';
import { randomPool } from '../support/pools.js';

const POINTS = 7;
const features = [randomPool(POINTS, 3, 1, 1.5), randomPool(POINTS, 2, 2), randomPool(POINTS, 4, 3, 0.7)];
const outputs: readonly Output[] = features.map((whitened) => ({ posterior: posteriorOf(whitened) }));

const near = (actual: number, expected: number, what: string): void =>
  assert.ok(Math.abs(actual - expected) <= 1e-10, `${what}: ${actual} for ${expected}`);

/** ½ log det of I and the covariance of all labels of a batch, those of all outputs in one matrix: outputs do not covary. */
const ofAllLabels = (all: readonly Matrix[], batch: readonly number[]): number => {
  const labels = all.flatMap((own, output) => batch.map((n) => ({ own, output, n })));
  const covariance = matrixFrom(labels.length, labels.length, (i, j) => {
    const [a, b] = [labels[i], labels[j]];
    if (a === undefined || b === undefined || a.output !== b.output) return 0;
    const dots = Array.from({ length: a.own.columns }, (_, k) => entry(a.own, a.n, k) * entry(a.own, b.n, k));
    return dots.reduce((sum, x) => sum + x, i === j ? 1 : 0);
  });
  const found = logDeterminant(covariance);
  assert.ok(E.isRight(found));
  return found.right / 2;
};

const batches: readonly (readonly number[])[] = Array.from({ length: 2 ** POINTS }, (_, bits) =>
  Array.from({ length: POINTS }, (_, n) => n).filter((n) => ((bits >> n) & 1) === 1),
);
const ofThree = batches.filter(({ length }) => length === 3);

test('U is the joint information of all labels, of every batch, on the host and in programs', () => {
  const utility = outputsUtility(features);
  for (const batch of batches.slice(1))
    near(utility.value(batch), ofAllLabels(features, batch), batch.join());
  const programmed = utility.programmed?.(3);
  assert.ok(programmed);
  const run = programAtOnce(
    withPrecision(
      'f64',
      program({
        all: programmed.value(tableInputs(programmed), input('batches', 'u32', [ofThree.length, 3])),
      }),
    ),
  );
  const { all } = run({ ...tableValues(programmed), batches: Uint32Array.from(ofThree.flat()) });
  ofThree.forEach((batch, i) => near(all?.[i] ?? NaN, ofAllLabels(features, batch), batch.join()));
  // An output that is there k times counts k times.
  const [own = randomPool(POINTS, 1, 1)] = features;
  near(outputsUtility([own, own]).value([1, 4]), 2 * outputsUtility([own]).value([1, 4]), 'twice');
});

test('greedy takes the largest gains of all labels, and the annealed proposal is the best batch that there is', async () => {
  const greedy = Array.from({ length: 3 }).reduce<readonly number[]>((chosen) => {
    const free = Array.from({ length: POINTS }, (_, n) => n).filter((n) => !chosen.includes(n));
    const worth = free.map((n) => ofAllLabels(features, [...chosen, n]));
    return [...chosen, free[worth.indexOf(Math.max(...worth))] ?? -1];
  }, []);
  const asked = { batchSize: 3, seed: 1, draws: 64 };
  const byGreedy = await succeed(
    proposeForOutputs(cpuEngine(), outputs, { ...asked, acquisition: 'greedy' }),
  );
  assert.equal(byGreedy.best.indices, greedy);
  near(byGreedy.best.jointMutualInformation, ofAllLabels(features, greedy), 'greedy');
  assert.equal([byGreedy.reward, byGreedy.best.utility], [undefined, undefined]);

  const most = Math.max(...ofThree.map((batch) => ofAllLabels(features, batch)));
  const annealed = await succeed(
    proposeForOutputs(cpuEngine(), outputs, { ...asked, acquisition: 'annealed', temperature: 0.2 }),
  );
  near(annealed.best.jointMutualInformation, most, 'the best');
  annealed.drawn.batches.forEach((batch, i) =>
    near(annealed.drawn.jointMutualInformation[i] ?? NaN, ofAllLabels(features, batch), batch.join()),
  );
  // Σ over all batches of exp(U / T), as it is told of the draws.
  const logZ = Math.log(
    ofThree.reduce((sum, batch) => sum + Math.exp(ofAllLabels(features, batch) / 0.2), 0),
  );
  const { estimate = NaN, standardError = NaN } = annealed.logPartition ?? {};
  assert.ok(
    Math.abs(estimate - logZ) < 4 * standardError + 1e-3,
    `${estimate} ± ${standardError} for ${logZ}`,
  );
});

test('a label that is known tells nothing more, and that of another output does', () => {
  const [a = randomPool(POINTS, 1, 1), b = a] = features;
  const known = Uint8Array.of(0, 1, 0, 0, 1, 0, 0);
  const { value } = informationOfOutputs([
    { posterior: posteriorOf(a), known },
    { posterior: posteriorOf(b) },
  ]).utilityFor(posteriorOf(a));
  for (const batch of ofThree)
    near(
      value(batch),
      ofAllLabels(
        [a],
        batch.filter((n) => known[n] === 0),
      ) + ofAllLabels([b], batch),
      batch.join(),
    );
});

test('within limits it is greedy by the same information', async () => {
  const costs = Float64Array.from({ length: POINTS }, (_, n) => 1 + (n % 3));
  const proposal = await succeed(
    proposeForOutputs(cpuEngine(), outputs, {
      ...{ batchSize: POINTS, seed: 1, draws: 8, acquisition: 'greedy' },
      limits: { costs, budget: 5 },
    }),
  );
  const { indices, jointMutualInformation } = proposal.best;
  assert.ok(indices.reduce((sum, n) => sum + (costs[n] ?? NaN), 0) <= 5);
  near(jointMutualInformation, ofAllLabels(features, indices), 'within a budget');
});

test('what are no outputs of the same points is told', () => {
  const asked = { batchSize: 2, seed: 1, draws: 1 };
  for (const wrong of [
    [],
    [...outputs, { posterior: posteriorOf(randomPool(POINTS - 1, 2, 1)) }],
    [{ posterior: posteriorOf(randomPool(POINTS, 2, 1)), known: Uint8Array.of(1) }],
  ])
    assert.throws(
      () => proposeForOutputs(cpuEngine(), wrong, asked),
      /^proposeForOutputs: outputs .*the same points/,
    );
});

test.run();
