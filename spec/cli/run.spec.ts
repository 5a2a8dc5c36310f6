// run and merge: what the files hold, and that a stopped run goes on. On an imagined sampler, so that nothing is trained.
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { observe, type Observed } from './fake-services.js';

const test = suite<{ folder: string; file: string }>('run and merge', { folder: '', file: '' });

const ROWS = 40;

test.before(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  context.file = path.join(context.folder, 'data.csv');
  const rows = Array.from({ length: ROWS }, (_, i) => `${i},${Math.sin(i / 5).toFixed(4)}\n`);
  await writeFile(context.file, ['x,y\n', ...rows, '99,\n'].join(''));
});

test.after(async ({ folder }) => {
  await rm(folder, { recursive: true });
});

type Place = Readonly<{ folder: string; file: string }>;

const words = ({ folder, file }: Place, out: string, ...others: readonly string[]): readonly string[] => [
  ...['run', '--data', file, '--target', 'y', '--strategies', 'random,greedy', '--seeds', '2'],
  ...['--rounds', '2', '--batch-size', '3', '--seed-labels', '5', '--feature-map', 'linear'],
  ...['--out', path.join(folder, out), ...others],
];

const linesOf = async ({ folder }: Place, out: string): Promise<readonly string[]> =>
  (await readFile(path.join(folder, out), 'utf8'))
    .split('\n')
    .map((line) => line.replace(/"seconds":\{[^}]*\}/, ''));

const done = async (asked: readonly string[]): Promise<Observed> => {
  const observed = await observe(asked);
  assert.equal([observed.exitCode, observed.stderr], [0, '']);
  return observed;
};

test('a record for every strategy, seed and round, and a table', async (place) => {
  const { stdout, choices, asked } = await done(words(place, 'whole.jsonl'));
  assert.is((await linesOf(place, 'whole.jsonl')).length, 2 * 2 * 3 + 1);
  assert.is(asked.length, 2 * 2 * 2);
  assert.equal(choices, ['cpu']);
  assert.match(stdout, /strategy +seeds +5 labels +8 labels +11 labels +last, less greedy/);
  assert.match(stdout, /random +2 +[\d.]+ ± /);
});

test('seeds are a number of them, or a list with ranges, from the lower to the higher one', async (place) => {
  const { folder, file } = place;
  const of = (seeds: string, out: string) =>
    [
      ...[
        'run',
        '--data',
        file,
        '--target',
        'y',
        '--strategies',
        'random',
        '--seeds',
        seeds,
        '--rounds',
        '1',
      ],
      ...[
        '--batch-size',
        '3',
        '--seed-labels',
        '5',
        '--feature-map',
        'linear',
        '--out',
        path.join(folder, out),
      ],
    ] as const;
  await done(of('7-9,3', 'listed.jsonl'));
  const seeds = (await linesOf(place, 'listed.jsonl')).flatMap(
    (line) => /"seed":(\d+)/.exec(line)?.[1] ?? [],
  );
  assert.equal([...new Set(seeds)], ['7', '8', '9', '3']);
  for (const wrong of ['9-7', '3,3', '1-3,2', 'x', '4-'])
    assert.match(
      (await observe(of(wrong, 'none.jsonl'))).stderr,
      /^--seeds: .* is not a number of seeds or a list of different ones/,
    );
});

test('a run that was stopped within a line does what is missing, and a whole one nothing', async (place) => {
  await done(words(place, 'stopped.jsonl'));
  const out = path.join(place.folder, 'stopped.jsonl');
  const text = await readFile(out, 'utf8');
  const before = await linesOf(place, 'stopped.jsonl');
  const cut = text.indexOf('\n', text.length / 2) + 1;
  await writeFile(out, text.slice(0, cut + 30));
  const { asked, remarks } = await done(words(place, 'stopped.jsonl'));
  assert.ok(asked.length > 0 && asked.length < 8);
  assert.ok(remarks.includes(`${out}: the last line is half written and was cut off.`), remarks.join('\n'));
  assert.equal(await linesOf(place, 'stopped.jsonl'), before);
  assert.is((await done(words(place, 'stopped.jsonl'))).asked.length, 0);
});

test('merged shards are the whole', async (place) => {
  const { folder } = place;
  const at = (name: string): string => path.join(folder, name);
  await done(words(place, 'all.jsonl'));
  await done(words(place, 'a.jsonl', '--shard', '1/2'));
  await done(words(place, 'b.jsonl', '--shard', '2/2'));
  await done(['merge', at('ab.jsonl'), at('b.jsonl'), at('a.jsonl')]);
  await done(['merge', at('sorted.jsonl'), at('all.jsonl')]);
  const merged = await linesOf(place, 'ab.jsonl');
  assert.is(merged.length, 13);
  assert.equal(merged, await linesOf(place, 'sorted.jsonl'));
  const [first = ''] = (await readFile(at('a.jsonl'), 'utf8')).split('\n');
  await writeFile(at('changed.jsonl'), `${first.replace('"labels":5', '"labels":6')}\n`);
  const conflict = await observe(['merge', at('c.jsonl'), at('a.jsonl'), at('changed.jsonl')]);
  assert.equal([conflict.exitCode, conflict.stdout], [2, '']);
  assert.match(conflict.stderr, /two different records of random, seed 0, round 0/);
  const gaps = await observe(['merge', at('gaps.jsonl'), at('changed.jsonl'), at('b.jsonl')]);
  assert.is(gaps.exitCode, 0);
  assert.match(gaps.remarks.join(' '), /records are missing: .*random seed 0 round 1/);
});

test('a file of another experiment, or of no records, is left as it is', async (place) => {
  await done(words(place, 'other.jsonl'));
  const out = path.join(place.folder, 'other.jsonl');
  const before = await readFile(out, 'utf8');
  const other = await observe([...words(place, 'other.jsonl'), '--degree', '2']);
  assert.is(other.exitCode, 2);
  const setting = await observe(words(place, 'other.jsonl', '--test-fraction', '0.3'));
  assert.equal([setting.exitCode, setting.engines], [2, 0]);
  assert.match(setting.stderr, /line 1: the record is of another experiment .* or other settings/);
  assert.is(await readFile(out, 'utf8'), before);
  await appendFile(out, 'nonsense\n');
  assert.match((await observe(words(place, 'other.jsonl'))).stderr, /line 13: the line is not JSON/);
});

test('a table may have exactly as many rows as are needed', async ({ folder, file }) => {
  // 8 to measure on and 5 labelled at the start.
  const left = ROWS - 8 - 5;
  const asked = (batch: number): readonly string[] => [
    ...['run', '--data', file, '--target', 'y', '--strategies', 'random', '--seeds', '1', '--rounds', '1'],
    ...['--seed-labels', '5', '--feature-map', 'linear', '--batch-size', String(batch)],
    ...['--out', path.join(folder, `exact-${batch}.jsonl`)],
  ];
  await done(asked(left));
  const { stderr } = await observe(asked(left + 1));
  assert.match(stderr, /1 batches of 28 are 41 rows, and 40 have a label/);
});

test('what cannot be run is told before an engine is asked for', async (place) => {
  const { folder, file } = place;
  const rest = ['--strategies', 'random', '--seeds', '2', '--out', path.join(folder, 'none.jsonl')];
  for (const [asked, message] of [
    [['run', ...rest], /--preset: give it or --data/],
    [['run', '--data', file, ...rest], /--target: the option is missing/],
    [['run', '--data', file, '--target', 'y', ...rest], /128 rows, and 40 have a label/],
    [['run', '--preset', 'toy-regression', '--target', 'y', ...rest], /--target: the option has no meaning/],
    [['run', '--preset', 'toy-regression', '--data', file, ...rest], /--preset: give it or --data/],
    [
      ['run', '--preset', 'toy-regression', '--task', 'classes', ...rest],
      /--task: the option has no meaning/,
    ],
    [['run', '--preset', 'digits', ...rest], /--data: --preset digits is of a file/],
    [['run', '--preset', 'digits', '--data', file, ...rest], /--target: the option is missing/],
    [['run', '--preset', 'lookahead', ...rest], /--strategies: the option has no meaning.*compares policies/],
    [['run', '--preset', 'toy-regression', ...rest.slice(2)], /--strategies: the option is missing/],
    [['run', '--data', file, '--target', 'y', ...rest.slice(2)], /--strategies: the option is missing/],
    [['run', '--data', file, ...rest.with(1, 'random,random:0')], /is not a list of different strategies/],
    [['run', '--preset', 'toy-regression', '--rounds', '201', ...rest], /more than the pool of 2000/],
    [
      ['run', '--preset', 'lookahead', ...rest.slice(2), '--policies', 'across+0'],
      /--preset lookahead has no policy across\+0/,
    ],
    [
      ['run', '--preset', 'meta', ...rest.slice(2), '--policies', 'best'],
      /is not a list of different policies/,
    ],
    [words(place, 'none.jsonl', '--policies', 'fresh+0'), /--policies: the option has no meaning/],
    [
      words(place, 'none.jsonl', '--temperature', '2'),
      /--temperature: the option has no meaning with --strategies random,greedy/,
    ],
    [words(place, 'none.jsonl', '--shard', '3/2'), /is not a shard i\/n/],
    [words(place, 'no/such/folder.jsonl'), /no such file or folder/],
    [['merge', path.join(folder, 'none.jsonl')], /no part to merge/],
  ] as const) {
    const { exitCode, stderr, engines } = await observe(asked);
    assert.equal([exitCode, engines], [2, 0], stderr);
    assert.match(stderr, message);
  }
});

test('strategies have the names that they were given, and as many draws', async (place) => {
  const asked = words(place, 'named.jsonl').map((word) =>
    word === 'random,greedy' ? 'random:16,random' : word,
  );
  const { stdout, asked: proposals } = await done(asked);
  assert.match(stdout, /^ {2}random:16 +2 /m);
  assert.equal(
    proposals.map(({ options }) => options.draws),
    [16, 16, 1, 1, 16, 16, 1, 1],
  );
});

test('a preset of a file takes its labels as classes, by another surrogate where one is given', async (place) => {
  const file = path.join(place.folder, 'images.csv');
  await writeFile(file, ['x,z\n', ...Array.from({ length: 40 }, (_, i) => `${i},${i % 10}\n`)].join(''));
  const { stdout } = await done([
    ...[
      'run',
      '--preset',
      'digits',
      '--data',
      file,
      '--target',
      'z',
      '--strategies',
      'random',
      '--seeds',
      '1',
    ],
    ...['--rounds', '1', '--batch-size', '2', '--out', path.join(place.folder, 'images.jsonl')],
    ...['--surrogate', 'gaussian-process', '--posterior-draws', '8'],
  ]);
  assert.match(stdout, /^Part of the test rows whose class is predicted/);
  assert.match((await linesOf(place, 'images.jsonl'))[0] ?? '', /"experiment":"digits".*"accuracy":/);
});

test('a file that is not ours is left as it is: by run, by merge and by init', async (place) => {
  const { folder, file } = place;
  const mine = path.join(folder, 'mine.json');
  await writeFile(mine, '{"my":"data"}');
  assert.match(
    (await observe(words(place, 'mine.json'))).stderr,
    /mine\.json: the file is there, and batchgfn did not write it/,
  );
  await done(words(place, 'one.jsonl', '--shard', '1/2'));
  await done(words(place, 'two.jsonl', '--shard', '2/2'));
  const [one, two] = [path.join(folder, 'one.jsonl'), path.join(folder, 'two.jsonl')];
  for (const [out, message] of [
    [mine, /mine\.json: /],
    [file, /line 1/],
    [two, /two\.jsonl: it holds 6 records that the parts have not\. Name it among the parts too/],
  ] as const) {
    const before = await readFile(out, 'utf8');
    const { exitCode, stderr } = await observe(['merge', out, one]);
    assert.is(exitCode, 2);
    assert.match(stderr, message);
    assert.is(await readFile(out, 'utf8'), before);
  }
  await done(['merge', two, one, two]);
  assert.is((await linesOf(place, 'two.jsonl')).length, 13);
  const notes = path.join(folder, 'notes');
  await mkdir(notes);
  await writeFile(path.join(notes, 'journal.jsonl'), 'my only notes');
  const begun = await observe(['init', notes, '--data', file, '--target', 'y']);
  assert.match(begun.stderr, /journal\.jsonl: the file is there, and batchgfn did not write it/);
  assert.is(await readFile(path.join(notes, 'journal.jsonl'), 'utf8'), 'my only notes');
});

test('an interrupted run keeps what is recorded', async (place) => {
  const failure = { _tag: 'Interrupted', during: 'drawing' } as const;
  const { exitCode } = await observe(words(place, 'cut.jsonl'), { failure });
  assert.is(exitCode, 130);
  assert.is((await linesOf(place, 'cut.jsonl')).length, 2);
  // One that is stopped before the first fit has nothing to keep.
  const { exitCode: early } = await observe(words(place, 'early.jsonl'), { signal: AbortSignal.abort() });
  assert.is(early, 130);
  assert.equal(await linesOf(place, 'early.jsonl'), ['']);
});

test.run();
