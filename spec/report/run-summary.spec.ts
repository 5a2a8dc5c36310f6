/** Final figures of simulated runs: known shifts are found, incomplete seeds are left out, bad lines are named. */
import { isLeft } from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { showFailure } from '../../src/failure.js';
import { renderRun } from '../../src/cli/run-text.js';
import { summaryOfRun } from '../../src/learning/experiment/summary.js';
import { measures } from '../../src/learning/measures.js';
import { readRunRecords } from '../../src/learning/run-records.js';
import { summaryOfRuns } from '../../src/report/run-summary.js';
import { summaryScope, summaryTable, tableLegend } from '../../src/report/run-table.js';
import { asLines, imaginedRecords } from '../support/run-records.js';

const strategies = ['gflownet', 'greedy', 'random'];
const records = imaginedRecords({ strategies, seeds: 6, rounds: 4, shift: (j) => 0.25 * j });

const near = (actual: number | null | undefined, expected: number): void => {
  assert.ok(typeof actual === 'number' && Math.abs(actual - expected) < 1e-12, String(actual));
};

test('a shift common to all seeds is found, without the spread of the seeds', () => {
  const [summary, ...others] = summaryOfRuns(records);
  assert.ok(summary);
  assert.is(others.length, 0);
  assert.equal([summary.rounds, summary.seeds, summary.leftOut], [4, [0, 1, 2, 3, 4, 5], []]);
  const [gflownet, greedy, random] = summary.strategies;
  near(gflownet?.lessGreedy?.mean, -0.25);
  near(gflownet?.lessGreedy?.halfWidth, 0);
  near(gflownet?.lessRandom?.mean, -0.5);
  near(random?.lessGreedy?.mean, 0.25);
  assert.equal([greedy?.lessGreedy, random?.lessRandom], [null, null]);
  // The seeds themselves differ by much more.
  assert.ok((gflownet?.metrics.rmse?.halfWidth ?? 0) > 0.05);
  near(gflownet?.labels, 17);
  near(greedy?.informationRatio, 0.5);
  // Round 0 proposes nothing and does not count.
  near(greedy?.seconds.propose, 0.1);
  near(greedy?.seconds.fit, 0.5);
  const last = records.filter(({ strategy, round }) => strategy === 'greedy' && round === 4);
  near(
    greedy?.metrics.meanSquaredError?.mean,
    last.reduce((sum, { metrics }) => sum + measures.meanSquaredError.of(metrics), 0) / last.length,
  );
});

test('what samplers say of themselves is a mean over what is known, and no column where nothing is', () => {
  const told = records.map((record) =>
    record.round === 0 || record.strategy !== 'gflownet'
      ? record
      : {
          ...record,
          sampler: {
            effectiveSampleSize: record.round === 1 ? null : 0.1 * record.round,
            elbo: 10 - record.round,
            eubo: record.round === 4 ? null : 10 + record.round,
            ...{ logPartition: 10, totalVariation: 0.02 },
          },
        },
  );
  const [summary] = summaryOfRuns(told);
  assert.ok(summary);
  const [gflownet, greedy] = summary.strategies;
  near(gflownet?.effectiveSampleSize, 0.3);
  near(gflownet?.evidenceGap, 4);
  assert.equal([greedy?.effectiveSampleSize, greedy?.evidenceGap], [null, null]);
  const [header = [], row = []] = summaryTable(summary);
  assert.equal([row[header.indexOf('ESS')], row[header.indexOf('EUBO − ELBO')]], ['0.300', '4.000']);
  const [silent] = summaryOfRuns(records);
  assert.ok(silent && summaryTable(silent)[0]?.includes('ESS') === false);
});

test('stopping before the first batch that is not worth its labels is scored where it would have been', () => {
  const told = records.map((record) =>
    record.round === 0 || record.strategy === 'random'
      ? record
      : {
          ...record,
          expected: {
            ...{ error: 1, after: 0.9, share: 0.1 },
            // Of greedy half of the seeds stop before the batch of round 3, whatever comes then.
            worthwhile: !(record.strategy === 'greedy' && record.seed < 3 && record.round === 3),
          },
        },
  );
  const [gflownet, greedy, random] = summaryOfRun(told).strategies;
  const at = (seed: number, round: number) =>
    told.find((one) => one.strategy === 'greedy' && one.seed === seed && one.round === round);
  const stops = [0, 1, 2, 3, 4, 5].map((seed) => at(seed, seed < 3 ? 2 : 4));
  near(greedy?.stopped?.labels.mean, stops.reduce((sum, one) => sum + (one?.labels ?? NaN), 0) / 6);
  near(
    greedy?.stopped?.value.mean,
    stops.reduce((sum, one) => sum + (one ? measures.meanSquaredError.of(one.metrics) : NaN), 0) / 6,
  );
  assert.equal([greedy?.stopped?.early, gflownet?.stopped?.early, random?.stopped], [0.5, 0, undefined]);
  assert.match(renderRun(summaryOfRun(told)), /Stopped before the first batch[^]*\n {2}greedy .* 50%\n$/);
  assert.not.match(renderRun(summaryOfRun(records)), /Stopped/);
});

test('a seed that lacks a round of one strategy is left out for all, and said to be', () => {
  const lacking = records.filter(
    ({ strategy, seed, round }) => !(strategy === 'random' && seed === 2 && round === 3),
  );
  const [summary] = summaryOfRuns(lacking);
  assert.ok(summary);
  assert.equal([summary.seeds, summary.leftOut], [[0, 1, 3, 4, 5], [2]]);
  assert.equal(
    summary.strategies.map(({ seeds }) => seeds),
    [5, 5, 5],
  );
  assert.match(summaryScope(summary), /Left out because a strategy lacks rounds of them: 1 seed \(2\)\./);
  const many = Array.from({ length: 11 }, (_, seed) => seed);
  assert.match(summaryScope({ ...summary, leftOut: many }), / 11 seeds \(0, 1, .*, 9, …\)\./);
  assert.match(summaryScope({ ...summary, leftOut: many.slice(1) }), / 10 seeds \(1, 2, .*, 10\)\./);
  // Without any complete seed there are no figures, rather than figures of nothing.
  const [none] = summaryOfRuns(records.filter(({ strategy, round }) => strategy !== 'random' || round < 4));
  assert.equal([none?.seeds, none?.strategies], [[], []]);
});

test('experiments stand for themselves, and a round recorded again counts once, as the last time', () => {
  const other = imaginedRecords({
    ...{ experiment: 'other', strategies: ['greedy'], seeds: 1, rounds: 1 },
    shift: () => 0,
  });
  const again = other.map((record) => ({ ...record, metrics: { rmse: 3, logScore: -2 } }));
  const summaries = summaryOfRuns([...records, ...other, ...again]);
  assert.equal(
    summaries.map(({ experiment }) => experiment),
    ['imagined', 'other'],
  );
  const [greedy] = summaries[1]?.strategies ?? [];
  assert.equal(greedy?.metrics.rmse, { mean: 3, halfWidth: null });
  assert.is(greedy?.lessRandom, null);
});

test('the table has a row a strategy, and dashes where nothing is known', () => {
  const [summary] = summaryOfRuns(records);
  assert.ok(summary);
  const [header, ...rows] = summaryTable(summary);
  assert.is(header?.[0], 'strategy');
  assert.equal(
    rows.map(([name]) => name),
    strategies,
  );
  for (const row of rows) assert.is(row.length, header?.length);
  assert.is(rows[1]?.[header?.indexOf('RMSE − greedy') ?? 0], '–');
  assert.match(rows[0]?.[header?.indexOf('RMSE − random') ?? 0] ?? '', /^−0\.500 ± /);
});

test('means have the decimals that their half-widths say something of, and there is no column of which nothing is known', () => {
  const alone = imaginedRecords({ strategies: ['gflownet'], seeds: 3, rounds: 2, shift: () => 0 });
  const [summary] = summaryOfRuns(alone);
  assert.ok(summary);
  const [header = [], row = []] = summaryTable(summary);
  assert.not.ok(header.some((name) => name.includes(' − ')));
  const { mean = NaN, halfWidth = NaN } = summary.strategies[0]?.metrics.rmse ?? {};
  const shown = /^(\d+\.(\d+)) ± (\d+\.(\d+))$/.exec(row[header.indexOf('test RMSE')] ?? '');
  assert.ok(shown && halfWidth !== null);
  const [, ofMean, decimals = '', ofHalf, others] = shown;
  assert.is(decimals.length, others?.length);
  const unit = 10 ** -decimals.length;
  // Two digits of the half-width.
  assert.ok(halfWidth >= 9.5 * unit && halfWidth < 100 * unit, `${halfWidth} in ${unit}`);
  assert.ok(Math.abs(Number(ofMean) - mean) <= 0.51 * unit);
  assert.ok(Math.abs(Number(ofHalf) - halfWidth) <= 0.51 * unit);
});

test('of class labels the figures are accuracy and cross-entropy, and differences are of the accuracy', () => {
  const ofClasses = { strategies, seeds: 4, rounds: 2, shift: (j: number) => 0.125 * j, classes: true };
  const [summary] = summaryOfRuns(imaginedRecords(ofClasses));
  assert.ok(summary);
  assert.is(summary.compared, 'accuracy');
  assert.equal(Object.keys(summary.strategies[0]?.metrics ?? {}), ['accuracy', 'crossEntropy']);
  near(summary.strategies[0]?.lessGreedy?.mean, 0.125);
  near(summary.strategies[2]?.lessGreedy?.mean, -0.125);
  const [header] = summaryTable(summary);
  assert.ok(header?.includes('test accuracy') && header.includes('accuracy − greedy'));
  assert.match(tableLegend(summary), /above 0, the strategy is better/);
  const mixed = readRunRecords('r.jsonl', asLines([...records, ...imaginedRecords(ofClasses)]));
  assert.ok(isLeft(mixed));
  assert.match(
    showFailure(mixed.left),
    /metrics are of another kind than those of the first record of imagined/,
  );
});

test('where policies are compared the figures are means over the rounds after the first', () => {
  const ratios = [9, 0.5, 0.75];
  const compared = imaginedRecords({ strategies: ['scratch'], seeds: 2, rounds: 2, shift: () => 0 }).map(
    (record) => ({
      ...record,
      metrics: { informationRatio: ratios[record.round] ?? 0, drawnRatio: 1, elboDifference: -0.5 },
    }),
  );
  const read = readRunRecords('r.jsonl', asLines(compared));
  assert.ok(!isLeft(read));
  const [summary] = summaryOfRuns(read.right);
  near(summary?.strategies[0]?.metrics.informationRatio?.mean, 0.625);
  // Records of before have no EUBO; where some have, the others do not make the figure up.
  assert.is(summary?.strategies[0]?.metrics.euboDifference, undefined);
  const newer = compared.map((record) => ({
    ...record,
    metrics: { ...record.metrics, euboDifference: 0.25 },
  }));
  near(summaryOfRuns(newer)[0]?.strategies[0]?.metrics.euboDifference?.mean, 0.25);
  const mixed = readRunRecords('r.jsonl', asLines([...newer.slice(0, 3), ...compared.slice(3)]));
  assert.ok(!isLeft(mixed));
  assert.is(summaryOfRuns(mixed.right)[0]?.strategies[0]?.metrics.euboDifference, undefined);
  const short = summaryOfRun(compared);
  assert.equal(short.columns, [{ from: 1, to: 2, labels: 11 }]);
  near(short.strategies[0]?.values[0]?.mean, 0.625);
});

test('records are read from lines, and every line that is none is named', () => {
  const read = readRunRecords('r.jsonl', `\uFEFF${asLines(records)}\n`);
  assert.ok(!isLeft(read));
  assert.equal(read.right, records);
  const [first] = records;
  assert.ok(first);
  const line = (change: object): string => JSON.stringify({ ...first, ...change });
  const lines = [
    JSON.stringify(first),
    '{"experiment":',
    '',
    line({ metrics: { rmse: '1', logScore: 0 } }),
    line({ metrics: { rmse: 0, logScore: 0 } }),
    line({ round: 0.5 }),
    JSON.stringify(first),
    line({
      picture: {
        grid: [1, 2],
        mean: [1],
        standardDeviation: [1, 1],
        labelledInputs: [],
        labelledTargets: [],
      },
    }),
    '[]',
  ];
  const refused = readRunRecords('r.jsonl', lines.join('\n'));
  assert.ok(isLeft(refused));
  const told = showFailure(refused.left).split('\n');
  assert.is(told.length, 6);
  [
    /^r\.jsonl, line 2: the line is not JSON\. /,
    /^r\.jsonl, line 4: .*metrics\.rmse is missing or of another kind/,
    /^r\.jsonl, line 5: metrics\.rmse is not a finite number above 0/,
    /^r\.jsonl, line 6: round is not a whole number/,
    /^r\.jsonl, line 8: picture has lists of different lengths/,
    /^r\.jsonl, line 9: the line is not a record of a run/,
  ].forEach((says, i) => assert.match(told[i] ?? '', says));
  // Once more with other seconds is the same record; one that says something else is not.
  const again = line({ seconds: { fit: 9, propose: 9 } });
  assert.ok(!isLeft(readRunRecords('r.jsonl', `${line({})}\n${again}\n`)));
  const twice = readRunRecords(
    'r.jsonl',
    [line({}), again, '', line({ labels: first.labels + 1 })].join('\n'),
  );
  assert.ok(isLeft(twice));
  assert.match(
    showFailure(twice.left),
    /^r\.jsonl, line 4: there are two different records of .*, seed \d+, round \d+; the other is on line 1\. Remove one/,
  );
  const empty = readRunRecords('r.jsonl', '\n\n');
  assert.ok(isLeft(empty));
  assert.match(showFailure(empty.left), /^r\.jsonl: there are no records\./);
});

test.run();
