/** Simulated active learning: what strategies share, what a record is a function of, and how a run is cut in parts. */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as O from '#fp-ts/Option';
import * as TE from '#fp-ts/TaskEither';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type AcquisitionName, proposeBatch } from '../../src/acquisition/index.js';
import { toyFunction } from '../../src/data/toy.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import type { Unit } from '../../src/learning/experiment/experiment.js';
import { mergeRecords } from '../../src/learning/experiment/merge.js';
import { lastingText } from '../../src/learning/record.js';
import { metricsOf } from '../../src/learning/experiment/score.js';
import { simulate } from '../../src/learning/experiment/simulate.js';
import { presetExperiment, tableExperiment } from '../../src/learning/experiment/sources.js';
import { strategyOf, type StrategyName } from '../../src/learning/experiment/strategy-name.js';
import { summaryOfRun } from '../../src/learning/experiment/summary.js';
import { unitsOf } from '../../src/learning/experiment/units.js';
import { runRecordCodec, type RunRecord } from '../../src/learning/record.js';
import { matrixFrom, matrixFromRows } from '../../src/linear-algebra/matrix.js';
import { categoricalPosterior } from '../../src/surrogate/categorical-posterior.js';
import { classPosterior } from '../../src/surrogate/class-posterior.js';
import { fail, succeed } from '../support/device.js';
import { runs } from '../support/property.js';

const engine = cpuEngine();
const rounds = 3;
const experiment = presetExperiment('toy-regression', {}, { pool: 40, test: 30, batchSize: 4, rounds });
const names: readonly AcquisitionName[] = ['random', 'greedy', 'bald'];
const seeds = [0, 1];

const whole: readonly (readonly [Unit, readonly RunRecord[]])[] = await Promise.all(
  unitsOf(names, seeds).map(
    async (unit) => [unit, await succeed(simulate(engine, experiment, unit))] as const,
  ),
);
const all = whole.flatMap(([, records]) => records);

const texts = (records: readonly RunRecord[]): readonly string[] => records.map(lastingText);

test('records are whole, and no row is asked for twice or was labelled or is of the test', () => {
  for (const [{ seed }, records] of whole) {
    const { pool, labelled } = experiment.split(seed);
    const asked = records.flatMap(({ batch }) => batch);
    assert.equal(
      records.map(({ round }) => round),
      [0, 1, 2, 3],
    );
    assert.is(new Set(asked).size, rounds * 4);
    assert.ok(asked.every((row) => pool.includes(row) && !labelled.includes(row)));
    assert.equal(
      records.map(({ labels }) => labels),
      [5, 9, 13, 17],
    );
    for (const record of records) {
      const turned = Object.fromEntries(Object.entries(record).reverse()) as unknown as RunRecord;
      assert.is(lastingText(turned), lastingText(record), 'the order of the names is no matter');
      assert.ok(E.isRight(runRecordCodec.decode(JSON.parse(JSON.stringify(record)))));
      assert.is(record.picture?.labelledInputs.length, record.labels);
    }
  }
});

test('records hold what a sampler says of itself, and null where a strategy has no target', async () => {
  for (const { round, sampler } of all) assert.is(sampler, round === 0 ? undefined : null);
  for (const strategy of ['kdpp', 'annealed', 'gflownet'] as const) {
    const one = { ...experiment, rounds: 1, settings: strategy === 'gflownet' ? { iterations: 20 } : {} };
    const { sampler } = (await succeed(simulate(engine, one, { strategy, seed: 0 })))[1] ?? {};
    assert.ok(sampler, strategy);
    const { elbo, eubo, logPartition } = sampler;
    assert.ok(logPartition !== null);
    assert.is(elbo !== null && eubo !== null, strategy !== 'annealed');
    // Means of hundreds of log weights, whose errors are far below a nat.
    if (elbo !== null && eubo !== null) assert.ok(elbo < logPartition + 1 && eubo > logPartition - 1);
    assert.is(sampler.totalVariation === null, strategy === 'kdpp');
    if (strategy !== 'annealed') assert.ok((sampler.effectiveSampleSize ?? 0) > 0);
  }
});

test('what is no number in a proposal is null in its record', async () => {
  const propose: typeof proposeBatch = (...asked) =>
    pipe(
      proposeBatch(...asked),
      TE.map((proposal) => ({
        ...proposal,
        logPartition: proposal.logPartition && { ...proposal.logPartition, elbo: NaN, eubo: Infinity },
      })),
    );
  const unit = { strategy: 'kdpp', seed: 0 } as const;
  const records = await succeed(simulate(engine, { ...experiment, rounds: 1 }, unit, { propose }));
  assert.equal([records[1]?.sampler?.elbo, records[1]?.sampler?.eubo], [null, null]);
  assert.ok(Number.isFinite(records[1]?.sampler?.logPartition));
});

test('one seed is the same data, start and test rows to every strategy; another seed is other data', () => {
  for (const seed of seeds) {
    const starts = all.filter((record) => record.seed === seed && record.round === 0);
    assert.is(starts.length, names.length);
    assert.is(new Set(starts.map(({ metrics }) => JSON.stringify(metrics))).size, 1);
    assert.equal(experiment.split(seed), experiment.split(seed));
  }
  const [a, b] = seeds.map((seed) => experiment.split(seed));
  assert.not.equal(a?.table.targets, b?.table.targets);
  const first = all.filter(({ round, seed }) => round === 1 && seed === 0);
  // Of the same posterior, so the same greedy and random batches.
  assert.is(
    new Set(
      first.map(
        ({ jointMutualInformation: jmi }) =>
          `${jmi?.greedy.toString() ?? ''} ${jmi?.random.toString() ?? ''}`,
      ),
    ).size,
    1,
  );
});

test('noise of the labels is that of the function, σ = 0.1', () => {
  const { table } = presetExperiment('toy-regression').split(3);
  const squares = table.targets.map((y, i) => (y - toyFunction(table.inputs.data[i] ?? 0)) ** 2);
  const mean = squares.reduce((a, b) => a + b, 0) / squares.length;
  // 2,005 squares: relative deviation √(2/2005) = 0.032; five of them, false alarm 6e-7.
  assert.ok(Math.abs(mean / 0.01 - 1) < 0.16, `${mean}`);
});

test('a run goes on from any of its records as if it had not been stopped', () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...whole),
      fc.integer({ min: 0, max: rounds + 1 }),
      async ([unit, records], kept) => {
        const recorded = records.slice(0, kept);
        const rest = await succeed(simulate(engine, experiment, unit, { recorded: recorded.toReversed() }));
        assert.equal(texts([...recorded, ...rest]), texts(records));
      },
    ),
    runs(12),
  ));

test('records that cannot be of the experiment are refused, and an aborted run is Interrupted', async () => {
  const [first] = whole;
  assert.ok(first !== undefined);
  const [unit, records] = first;
  const gap = await fail(simulate(engine, experiment, unit, { recorded: records.slice(1) }));
  assert.is(gap._tag, 'InputFailure');
  const twice = records.slice(0, 2).map((record) => ({ ...record, batch: record.batch.map(() => 7) }));
  assert.is((await fail(simulate(engine, experiment, unit, { recorded: twice })))._tag, 'InputFailure');
  const kept: RunRecord[] = [];
  // Ctrl-C while the first record is kept.
  const controller = new AbortController();
  const stop = await fail(
    simulate(engine, experiment, unit, {
      signal: controller.signal,
      onRecord: (record) => {
        kept.push(record);
        controller.abort();
        return TE.right(undefined);
      },
    }),
  );
  assert.is(stop._tag, 'Interrupted');
  assert.equal(texts(kept), texts(records.slice(0, 1)));
});

test('shards share the units out: each belongs to one', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.uniqueArray(fc.nat(99), { minLength: 1, maxLength: 9 }),
      (count, of) => {
        const parts = Array.from({ length: count }, (_, i) => unitsOf(names, of, { index: i + 1, count }));
        const text = ({ strategy, seed }: Unit): string => `${strategy} ${seed}`;
        assert.equal(parts.flat().map(text).sort(), unitsOf(names, of).map(text).sort());
        const sizes = parts.map(({ length }) => length);
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      },
    ),
    runs(50),
  ));

test('parts in any order, some twice, merge to the whole; what is missing is named', () => {
  const merged = mergeRecords([...all.toReversed(), ...all.slice(3, 9)]);
  assert.ok(E.isRight(merged));
  assert.equal(merged.right.missing, []);
  const order = [...names]
    .sort()
    .flatMap((strategy) =>
      seeds.flatMap((seed) => [0, 1, 2, 3].map((round) => `${strategy} ${seed} ${round}`)),
    );
  assert.equal(
    merged.right.records.map(({ strategy, seed, round }) => `${strategy} ${seed} ${round}`),
    order,
  );
  const [first, ...others] = merged.right.records;
  assert.ok(first !== undefined);
  const torn = mergeRecords(others);
  assert.ok(E.isRight(torn));
  assert.equal(torn.right.missing, [{ strategy: 'bald', seed: 0, round: 0 }]);
  const slower = { ...first, seconds: { fit: 9, propose: 9 } };
  assert.ok(E.isRight(mergeRecords([first, slower])));
  assert.ok(E.isLeft(mergeRecords([first, { ...first, labels: 6 }])));
  assert.ok(E.isLeft(mergeRecords([first, { ...others[0], ...first, seed: 5, fingerprint: 'other' }])));
});

test('another setting has another fingerprint, more rounds have not', () => {
  const print = (...args: Parameters<typeof presetExperiment>): string =>
    presetExperiment(...args).fingerprint;
  const plain = print('toy-regression');
  assert.is(plain, print('toy-regression', {}, { rounds: 3 }));
  assert.is.not(plain, print('toy-regression', { temperature: 0.5 }));
  assert.is.not(plain, print('toy-regression', {}, { batchSize: 9 }));
});

test('a table is split without overlap, and is refused where it is too small', () => {
  const inputs = matrixFrom(20, 2, (i, j) => i + 100 * j);
  const table = { inputs, targets: Float64Array.from({ length: 20 }, (_, i) => i) };
  const { surrogate } = experiment;
  const of = (rounds: number) =>
    tableExperiment({ name: 't', table, test: 4, seedLabels: 3, surrogate, batchSize: 2, rounds });
  const { labelled, pool, test: held } = of(6).split(1);
  assert.equal(
    [...labelled, ...pool, ...held.targets].sort((a, b) => a - b),
    Array.from(table.targets),
  );
  assert.equal([labelled.length, pool.length, held.inputs.rows], [3, 13, 4]);
  assert.throws(() => of(7), RangeError);
});

test('metrics by hand', () => {
  const posterior = {
    mean: Float64Array.of(1, 2),
    whitened: matrixFromRows([[0], [1]]),
    noiseVariance: 0.5,
  };
  const metrics = metricsOf(posterior, Float64Array.of(1, 4));
  assert.ok('rmse' in metrics);
  const { rmse, logScore } = metrics;
  assert.ok(Math.abs(rmse - Math.sqrt(2)) < 1e-15);
  // Variances 0.5 and 1: −½ log π, and −½ (log 2π + 4).
  const byHand = (-0.5 * Math.log(Math.PI) - 0.5 * (Math.log(2 * Math.PI) + 4)) / 2;
  assert.ok(Math.abs(logScore - byHand) < 1e-14);
});

test('class metrics by hand, with a label that no draw allows', () => {
  // p̄ = (0.7, 0.3) and (0.5, 0.5), of which the first class comes first.
  const logs = [0.8, 0.2, 0.5, 0.5, 0.6, 0.4, 0.5, 0.5].map(Math.log);
  const posterior = pipe(categoricalPosterior([2, 2, 2], logs), E.chain(classPosterior));
  assert.ok(E.isRight(posterior));
  const metrics = metricsOf(posterior.right, Float64Array.of(0, 1));
  assert.ok('accuracy' in metrics);
  assert.is(metrics.accuracy, 0.5);
  assert.ok(Math.abs(metrics.crossEntropy + (Math.log(0.7) + Math.log(0.5)) / 2) < 1e-12);
  const unheard = metricsOf(posterior.right, Float64Array.of(0, 2));
  assert.ok('accuracy' in unheard && Number.isFinite(unheard.crossEntropy) && unheard.crossEntropy > 10);
});

test('toy-classification starts with both classes, and its records have class metrics and no picture', async () => {
  const small = { pool: 40, test: 30, batchSize: 2, rounds: 1, seedLabels: 4 };
  const ofClasses = presetExperiment('toy-classification', {}, small);
  for (const seed of [0, 1, 2, 3, 4]) {
    const { table, labelled, pool } = ofClasses.split(seed);
    assert.equal(new Set(labelled.map((row) => table.targets[row])), new Set([0, 1]));
    assert.equal(
      [...labelled, ...pool].toSorted((a, b) => a - b),
      Array.from({ length: 44 }, (_, row) => row),
    );
  }
  const records = await succeed(simulate(engine, ofClasses, { strategy: 'greedy', seed: 0 }));
  for (const record of records) {
    assert.ok('accuracy' in record.metrics && record.metrics.accuracy >= 0 && record.metrics.accuracy <= 1);
    assert.ok(record.metrics.crossEntropy > 0);
    assert.is(record.picture, null);
    assert.ok(E.isRight(runRecordCodec.decode(JSON.parse(JSON.stringify(record)))));
  }
  assert.is(summaryOfRun(records).measure, 'accuracy');
});

test('the best of n draws is no worse than the one draw, and the name says which it is', async () => {
  const greedy = all.find(({ round, seed }) => round === 1 && seed === 0)?.jointMutualInformation?.greedy;
  const jmiOf = async (strategy: StrategyName): Promise<number> => {
    const [, record] = await succeed(simulate(engine, { ...experiment, rounds: 1 }, { strategy, seed: 0 }));
    assert.is(record?.strategy, strategy);
    // Beside every batch stands that of greedy BatchBALD, whatever the reward.
    assert.is(record?.jointMutualInformation?.greedy, greedy);
    return record?.jointMutualInformation?.batch ?? Number.NaN;
  };
  const [one, sixteen, many] = [await jmiOf('random'), await jmiOf('random:16'), await jmiOf('random:256')];
  assert.ok(one <= sixteen && sixteen < many, `${one} ${sixteen} ${many}`);
  const others = ['random:0', 'random:-1', 'random:1.5', 'randoms', 'random:', ':3', 'random:9999999'];
  const ofRewards = ['greedy@', 'greedy@information', 'greedy@best', 'greedy:2@predictiveVariance'];
  for (const word of [...others, ...ofRewards]) assert.ok(O.isNone(strategyOf(word)), word);
  const name = 'random@predictiveVariance:16';
  assert.equal(
    strategyOf(name),
    O.some({ name, acquisition: 'random', reward: 'predictiveVariance', draws: 16 }),
  );
  // By another reward another batch is the best of the same draws.
  assert.ok((await jmiOf(name)) < sixteen);
  assert.equal(strategyOf('gflownet'), O.some({ name: 'gflownet', acquisition: 'gflownet', draws: 256 }));
});

test('the summary by hand: means, standard errors, differences in pairs', () => {
  const [model] = all;
  assert.ok(model !== undefined);
  const record = (strategy: string, seed: number, round: number, mse: number): RunRecord => ({
    ...model,
    ...{ strategy, seed, round, labels: round },
    metrics: { rmse: Math.sqrt(mse), logScore: 0 },
  });
  const { measure, reference, columns, strategies } = summaryOfRun([
    ...[record('greedy', 0, 2, 4), record('greedy', 1, 2, 9)],
    ...[record('bald', 0, 2, 5), record('bald', 1, 2, 12), record('bald', 2, 2, 1)],
  ]);
  assert.is(reference, 'greedy');
  assert.is(measure, 'meanSquaredError');
  assert.equal(
    columns,
    [0, 1, 2].map((at) => ({ from: at, to: at, labels: at === 2 ? 2 : 0 })),
  );
  const [greedy, bald] = strategies;
  assert.equal(greedy?.difference, null);
  assert.equal(greedy?.values.slice(0, 2), [null, null]);
  const [at, difference] = [greedy?.values[2], bald?.difference];
  assert.ok(Math.abs((at?.mean ?? 0) - 6.5) < 1e-12 && Math.abs((at?.standardError ?? 0) - 2.5) < 1e-12);
  assert.ok(Math.abs((difference?.mean ?? 0) - 2) < 1e-12);
  assert.ok(Math.abs((difference?.standardError ?? 0) - 1) < 1e-12);
  assert.is(difference?.seeds, 2);
});

test.run();
