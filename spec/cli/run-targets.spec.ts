/** `run --target a,b`: what is measured of several targets is what is measured of each, and strategies go by all of them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { experimentFrom } from '../../src/learning/experiment/sources.js';
import { lastingText, type RunRecord } from '../../src/learning/record.js';
import { matrixFrom } from '../../src/linear-algebra/matrix.js';
import { run } from './real-services.js';

const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-run-targets-'));
const at = (name: string): string => path.join(folder, name);

const ROWS = 40;
const a = Array.from({ length: ROWS }, (_, i) => Math.sin(i / 4));
const b = Array.from({ length: ROWS }, (_, i) => 100 + 20 * Math.cos(i / 9));
const features = Array.from({ length: ROWS }, (_, i) => [i / 10, ((i * 7) % 11) / 5]);

const table = (name: string, cells: (i: number) => readonly (string | number)[]): string => {
  const lines = features.map((row, i) => [...row, ...cells(i)].join());
  writeFileSync(at(name), ['x,z,a,b', ...lines, ''].join('\n'));
  return at(name);
};
const whole = table('whole.csv', (i) => [a[i] ?? NaN, b[i] ?? NaN]);

const words = (file: string, targets: string, out: string, ...more: readonly string[]): readonly string[] => [
  ...[
    'run',
    '--data',
    file,
    '--target',
    targets,
    ...(more.includes('--seeds') ? [] : ['--seeds', '2']),
    '--rounds',
    '2',
    '--batch-size',
    '3',
  ],
  ...[
    '--seed-labels',
    '6',
    ...(more.includes('classes') ? [] : ['--feature-map', 'linear']),
    '--engine',
    'cpu',
    '--out',
    at(out),
    ...more,
  ],
];

const recordsOf = async (
  file: string,
  targets: string,
  out: string,
  ...more: readonly string[]
): Promise<{
  readonly records: readonly RunRecord[];
  readonly stdout: string;
  readonly remarks: readonly string[];
}> => {
  const { exitCode, stdout, stderr, remarks } = await run(...words(file, targets, out, ...more));
  assert.equal([exitCode, stderr], [0, '']);
  const lines = readFileSync(at(out), 'utf8').trim().split('\n');
  return { records: lines.map((line) => JSON.parse(line) as RunRecord), stdout, remarks };
};

const deviation = (values: readonly number[]): number => {
  const mean = values.reduce((sum, y) => sum + y, 0) / values.length;
  return Math.sqrt(values.reduce((sum, y) => sum + (y - mean) ** 2, 0) / (values.length - 1));
};

const near = (actual: number | undefined, expected: number): void =>
  assert.ok(
    Math.abs((actual ?? NaN) - expected) <= 1e-9 * Math.abs(expected),
    `${actual ?? ''} for ${expected}`,
  );

test('random batches are those of one target, and their errors and information those of each', async () => {
  const random = ['--strategies', 'random'];
  const { records: both } = await recordsOf(whole, 'a,b', 'both.jsonl', ...random);
  const [ofA, ofB] = [
    (await recordsOf(whole, 'a', 'a.jsonl', ...random, '--drop', 'b')).records,
    (await recordsOf(whole, 'b', 'b.jsonl', ...random, '--drop', 'a')).records,
  ];
  assert.is(both.length, 2 * 3);
  for (const [k, { batch, metrics, jointMutualInformation: jmi, picture, expected }] of both.entries()) {
    const [one, other] = [ofA[k], ofB[k]];
    assert.ok('averageRelativeRmse' in metrics && one && other);
    assert.ok('rmse' in one.metrics && 'rmse' in other.metrics);
    assert.equal(batch, one.batch);
    assert.equal(
      metrics.outputs.map(({ target, ...rest }) => [target, rest]),
      [
        ['a', one.metrics],
        ['b', other.metrics],
      ],
    );
    near(
      metrics.averageRelativeRmse,
      (one.metrics.rmse / deviation(a) + other.metrics.rmse / deviation(b)) / 2,
    );
    near(metrics.logScore, one.metrics.logScore + other.metrics.logScore);
    for (const name of ['batch', 'random', 'drawn'] as const)
      if (jmi !== null)
        near(
          jmi[name],
          (one.jointMutualInformation?.[name] ?? NaN) + (other.jointMutualInformation?.[name] ?? NaN),
        );
    assert.equal([picture, expected], [null, undefined]);
  }
});

test('greedy goes by what batches tell of all, and a report has the errors of each', async () => {
  const { records, stdout } = await recordsOf(
    whole,
    'a,b',
    'runs.jsonl',
    '--strategies',
    'greedy,annealed,lcmd',
  );
  const [greedy] = records.filter(({ round, strategy }) => round === 1 && strategy === 'greedy');
  assert.is(greedy?.jointMutualInformation?.batch, greedy?.jointMutualInformation?.greedy);
  for (const { jointMutualInformation: jmi, sampler, strategy, round } of records) {
    if (jmi === null || strategy !== 'annealed') continue;
    assert.ok(jmi.batch >= jmi.greedy - 1e-9 && jmi.greedy > jmi.random, `round ${round}`);
    assert.ok((sampler?.logPartition ?? 0) > 0);
  }
  assert.match(stdout, /^Root mean squared error on the test rows beside the standard deviation, mean over/);
  const page = at('page.html');
  const report = await run('report', at('runs.jsonl'), '--out', page);
  assert.equal([report.exitCode, report.stderr], [0, '']);
  assert.match(report.stdout, /test aRRMSE +test log score +test RMSE of a +test RMSE of b +aRRMSE − greedy/);
  const json = await run('report', at('runs.jsonl'), '--out', page, '--json');
  assert.match(json.stdout, /"outputs":/);
  assert.match(readFileSync(page, 'utf8'), /test RMSE of b/);
});

test('a run of several targets goes on, the same with any number of threads, and not with others', async () => {
  const asked = ['--strategies', 'random,greedy', '--threads'];
  const { records: one } = await recordsOf(whole, 'a,b', 'one.jsonl', ...asked, '1');
  const { records: two } = await recordsOf(whole, 'a,b', 'two.jsonl', ...asked, '2');
  const sorted = (records: readonly RunRecord[]) => records.map(lastingText).toSorted();
  assert.equal(sorted(two), sorted(one));
  const lines = readFileSync(at('one.jsonl'), 'utf8').split('\n');
  writeFileSync(at('cut.jsonl'), `${lines.slice(0, 4).join('\n')}\n`);
  const { records: on } = await recordsOf(whole, 'a,b', 'cut.jsonl', ...asked, '1');
  assert.equal(sorted(on), sorted(one));
  for (const targets of ['b,a', 'a']) {
    const { exitCode, stderr } = await run(...words(whole, targets, 'one.jsonl', '--strategies', 'random'));
    assert.is(exitCode, 2);
    assert.match(stderr, /the record is of another experiment .* or other settings/);
  }
});

test('rows that lack a label are left out and counted, and what cannot be compared is told', async () => {
  const gaps = table('gaps.csv', (i) => [i < 5 ? '' : (a[i] ?? NaN), i > 36 ? '' : (b[i] ?? NaN)]);
  const { records, remarks } = await recordsOf(gaps, 'a,b', 'gaps.jsonl', '--strategies', 'random');
  assert.ok(
    remarks.some((text) =>
      text.endsWith('8 rows that have a label of some but not of all targets are left out.'),
    ),
  );
  assert.is(records.length, 2 * 3);
  const still = table('still.csv', (i) => [a[i] ?? NaN, 3]);
  const apart = table('apart.csv', (i) => (i < 20 ? [a[i] ?? NaN, ''] : ['', b[i] ?? NaN]));
  for (const [file, pattern, ...more] of [
    [still, /column b: its labels are all the same/, '--strategies', 'random'],
    [apart, /no row has a label of each of a, b/, '--strategies', 'random'],
    [whole, /^--task: several targets are of numbers/, '--strategies', 'random', '--task', 'classes'],
    [
      whole,
      /^--strategies: .* by their information, and greedy@epig is not/,
      '--strategies',
      'random,greedy@epig',
    ],
  ] as const) {
    const { exitCode, stderr } = await run(...words(file, 'a,b', 'none.jsonl', ...more));
    assert.is(exitCode, 2);
    assert.match(stderr, pattern);
  }
});

test('errors of none at all are kept, and records of other targets do not stand beside these', async () => {
  // Of the second target few labels differ: a fit that has seen none of them is right about all that are 0.
  const rare = table('rare.csv', (i) => [a[i] ?? NaN, i === 3 || i === 17 ? 3 : 0]);
  const { records } = await recordsOf(rare, 'a,b', 'rare.jsonl', '--strategies', 'random', '--seeds', '20');
  const errors = records.flatMap(({ metrics }) => ('outputs' in metrics ? metrics.outputs : []));
  assert.ok(errors.some(({ rmse }) => rmse < 1e-12) && errors.every(({ rmse }) => rmse > 0));
  const page = ['--out', at('page.html')];
  assert.is((await run('report', at('rare.jsonl'), ...page)).exitCode, 0);
  await recordsOf(rare, 'b,a', 'turned.jsonl', '--strategies', 'greedy');
  const both = (...names: readonly string[]): string => {
    writeFileSync(at('joined.jsonl'), names.map((name) => readFileSync(at(name), 'utf8')).join(''));
    return at('joined.jsonl');
  };
  const mixed = await run('report', both('rare.jsonl', 'turned.jsonl'), ...page);
  assert.is(mixed.exitCode, 2);
  assert.match(mixed.stderr, /the metrics are of b, a, and those of the first record of \S+ of a, b/);
  // Of one target a record does not say which.
  await recordsOf(rare, 'a', 'one-a.jsonl', '--strategies', 'random', '--drop', 'b');
  await recordsOf(rare, 'b', 'one-b.jsonl', '--strategies', 'greedy', '--drop', 'a');
  const { remarks } = await run('report', both('one-a.jsonl', 'one-b.jsonl'), ...page);
  // Of a generated table each seed is another one.
  const ofSeeds = readFileSync(at('one-a.jsonl'), 'utf8').replaceAll(
    /"seed":1,(.*"fingerprint":")[^"]+/g,
    '"seed":1,$1another',
  );
  writeFileSync(at('seeds.jsonl'), ofSeeds);
  assert.equal((await run('report', at('seeds.jsonl'), ...page)).remarks, [
    `The page is in ${at('page.html')}.`,
  ]);
  assert.ok(
    remarks.some((said) => / were made under 2 different settings, of which the target may be/.test(said)),
  );
});

test('a program is told that a target whose labels are all the same has no relative error', () => {
  const one = Float64Array.from(a);
  assert.throws(
    () =>
      experimentFrom({
        table: {
          ...{ name: 'still', test: 5, seedLabels: 5, batchSize: 2, rounds: 1 },
          surrogate: { kind: 'bayesian-linear', featureMap: { kind: 'linear' } },
          table: {
            inputs: matrixFrom(ROWS, 1, (i) => i),
            targets: one,
            outputs: [
              { target: 'a', targets: one },
              { target: 'b', targets: new Float64Array(ROWS).fill(2) },
            ],
          },
        },
      }),
    /tableExperiment: all labels of b are the same, so it has no relative error/,
  );
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
