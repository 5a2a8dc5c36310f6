// Tables of users on the command line: rows by their names from init to tell, columns of text shown, forms of files, standard input.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { npyOf } from '../support/numpy-files.js';
import { observe, type Observed } from './fake-services.js';

const PROGRAM = fileURLToPath(new URL('../../../dist/node/main.js', import.meta.url));

const test = suite<{ folder: string }>('tables of users', { folder: '' });

test.before.each((context) => {
  context.folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-spec-'));
});

test.after.each(({ folder }) => {
  rmSync(folder, { recursive: true });
});

const done = async (...words: readonly string[]): Promise<Observed> => {
  const observed = await observe(words);
  assert.is(observed.exitCode, 0, observed.stderr);
  return observed;
};

const refused = async (...words: readonly string[]): Promise<string> => {
  const { exitCode, stderr } = await observe(words);
  assert.is(exitCode, 2);
  return stderr;
};

const json = async (...words: readonly string[]) =>
  JSON.parse((await done(...words, '--json')).stdout) as Readonly<Record<string, unknown>>;

const houses = [
  'id,sold,area,kind,price',
  ...Array.from({ length: 12 }, (_, i) =>
    [
      `H-${i}`,
      `2024-01-${10 + i}`,
      50 + 7 * ((5 * i) % 12),
      ['flat', 'house'][i % 2] ?? '',
      i < 4 ? 100 + i : '',
    ].join(),
  ),
  '',
].join('\n');

const saved = (folder: string, name: string, content: string | Uint8Array): string => {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
};

test('rows are asked for and told by their names, and their texts are shown', async ({ folder }) => {
  const file = saved(folder, 'houses.csv', houses);
  const session = path.join(folder, 'session');
  const { remarks } = await done('init', session, '-d', file, '-t', 'price', '--feature-map', 'linear');
  assert.match(remarks.join('\n'), /column id is another text in every row: rows are named by it/);
  const asked = await json('ask', session, '-b', '3');
  const rows = asked['rows'] as readonly number[];
  const names = asked['names'] as readonly string[];
  assert.equal(
    names,
    rows.map((row) => `H-${row - 2}`),
  );
  assert.is(asked['idColumn'], 'id');
  assert.equal(
    asked['texts'],
    rows.map((row) => ({ sold: `2024-01-${8 + row}`, kind: ['flat', 'house'][row % 2] })),
  );
  const { stdout } = await done('ask', session, '-b', '3');
  assert.match(stdout, /line +id +area +kind +sold/);
  assert.match(stdout, new RegExp(`batchgfn tell .* ${names[0] ?? ''}=LABEL`));
  const status = await json('status', session);
  assert.equal([status['pending'], status['pendingNames']], [rows, names]);
  assert.match(
    (await done('status', session)).stdout,
    new RegExp(`pending +${String(rows[0])} \\(${names[0] ?? ''}\\)`),
  );
  const [first = '', second = '', third = ''] = names;
  const told = await json('tell', session, `${first}=7.5`, `line:${String(rows[1])}=8`, '--skip', third);
  assert.equal([told['labelled'], told['skipped'], told['pending']], [6, [rows[2]], []]);
  assert.equal(told['skippedNames'], [third]);
  assert.ok(
    (await done('status', session)).stdout.includes(`  skipped            ${String(rows[2])} (${third})\n`),
  );
  const journal = readFileSync(path.join(session, 'journal.jsonl'), 'utf8');
  assert.ok(
    journal.includes(`[${String(rows[0])},7.5]`) && journal.includes(`[${String(rows[1])},8]`),
    second,
  );
  assert.match(
    await refused('tell', session, 'H-99=1'),
    /H-99=1: it is not a row and its label\. Give the id or the line/,
  );
  assert.match(await refused('tell', session, '--skip', 'H-99'), /--skip: "H-99" is not a list of rows/);
});

test('a filled-in table tells labels by the names of its rows', async ({ folder }) => {
  const file = saved(folder, 'houses.csv', houses);
  const session = path.join(folder, 'session');
  await done('init', session, '-d', file, '-t', 'price', '--feature-map', 'linear');
  const own = saved(folder, 'own.csv', 'id;price\nH-7;1.250,5\nH-8;NA\nH-9;47,5\n');
  await done('tell', session, '--labels', own);
  assert.ok(
    readFileSync(path.join(session, 'journal.jsonl'), 'utf8').includes('"labels":[[9,1250.5],[11,47.5]]'),
  );
  await done('tell', session, '--labels', saved(folder, 'more.csv', 'id,price\nH-5,"1,375"\nH-6,"2,000"\n'));
  assert.ok(
    readFileSync(path.join(session, 'journal.jsonl'), 'utf8').includes('"labels":[[7,1375],[8,2000]]'),
  );
  const wrong = saved(folder, 'wrong.csv', 'id,price\nH-70,1\n');
  assert.match(
    await refused('tell', session, '--labels', wrong),
    /line 2, column id: "H-70" is the name of no row/,
  );
});

test('a correction, and a label far from the others, are taken and told of', async ({ folder }) => {
  const file = saved(folder, 'houses.csv', houses);
  const session = path.join(folder, 'session');
  await done('init', session, '-d', file, '-t', 'price', '--feature-map', 'linear');
  const told = await done('tell', session, 'H-0=100', 'H-1=105', 'H-5=110', 'H-6=-1e9');
  assert.equal(told.remarks, [
    'line 3 (H-1): the label was 101 and is 105 now.',
    'line 8 (H-6): -1000000000 is far from the labels so far, which are from 100 to 103.',
  ]);
  const many = Array.from({ length: 8 }, (_, i) => `H-${i}=${200 + i}`);
  const { remarks } = await done('tell', session, ...many);
  assert.ok(remarks.includes('1 more correction like these.'), remarks.join('\n'));
});

test('a session of a table without names is as before', async ({ folder }) => {
  const file = saved(folder, 'plain.csv', 'x,y\n1.5,2\n2.5,\n3,\n');
  const session = path.join(folder, 'session');
  await done('init', session, '-d', file, '-t', 'y', '--feature-map', 'linear');
  const start = readFileSync(path.join(session, 'session.json'), 'utf8');
  for (const field of ['rowNames', 'shown', 'rowKind']) assert.not.ok(start.includes(field), field);
});

test('a session of an array counts its rows from 0', async ({ folder }) => {
  const data = Float64Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? (i * 7) % 24 : i < 6 ? i : NaN));
  const file = saved(folder, 'table.npy', npyOf({ shape: [12, 2], data }));
  const session = path.join(folder, 'session');
  await done('init', session, '-d', file, '-t', '1', '--feature-map', 'linear');
  const asked = await json('ask', session, '-b', '2');
  assert.is(asked['rowKind'], 'row');
  assert.ok((asked['rows'] as readonly number[]).every((row) => row >= 3 && row < 12));
  assert.match((await done('ask', session, '-b', '2')).stdout, /^ +row +0$/m);
});

test('options of columns that contradict each other, or have no table, are refused', async ({ folder }) => {
  const file = saved(folder, 'houses.csv', houses);
  const of = ['select', file, '-t', 'price'];
  assert.match(await refused(...of, '--drop', 'aera'), /no column is named "aera".*"area" perhaps/);
  assert.match(
    await refused(...of, '--dates', 'area'),
    /line \d+, column area: not every cell of the column is a date/,
  );
  assert.match(
    await refused(...of, '--missing', 'mean'),
    /--missing: "mean" is not one of error, drop, median\. Give median/,
  );
  assert.match(await refused(...of, '--decimal', ';'), /--decimal: ";" is not one of \., ,/);
  assert.match(
    await refused('select', '--predictions', 'p.npy', '--drop', 'a'),
    /--drop: predictions are of a pool without a table/,
  );
  assert.match(
    await refused('verify', '--categorical', 'a'),
    /--categorical: the option has no meaning without a file/,
  );
  assert.match(await refused(...of, '--features', 'area,"sold'), /--features: .* is not a list of names/);
});

test('run reads tables in the same way', async ({ folder }) => {
  const full = houses
    .split('\n')
    .map((line, i) => (line.endsWith(',') ? `${line}${i}` : line))
    .join('\n');
  const file = saved(folder, 'houses.csv.gz', gzipSync(full));
  const out = path.join(folder, 'runs.jsonl');
  const { remarks } = await done(
    ...['run', '--data', file, '--target', 'price', '--strategies', 'random', '--seeds', '1', '--out', out],
    ...[
      '--rounds',
      '1',
      '--batch-size',
      '2',
      '--seed-labels',
      '3',
      '--dates',
      'sold',
      '--feature-map',
      'linear',
    ],
  );
  assert.match(remarks.join('\n'), /column kind holds text of 2 kinds/);
});

test('standard input is a table, packed or not', ({ folder }) => {
  for (const input of [Buffer.from(houses), gzipSync(houses)]) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [PROGRAM, ...['select', '-', '-t', 'price', '-b', '2', '-a', 'greedy', '--json']],
      { cwd: folder, input, encoding: 'utf8' },
    );
    assert.is(status, 0, stderr);
    const { problem } = JSON.parse(stdout) as { readonly problem: { readonly source: string } };
    assert.is(problem.source, 'standard input');
  }
});

test.run();
