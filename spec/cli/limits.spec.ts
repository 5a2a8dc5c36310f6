/** `select --cost --budget` and `--at-most --per`: what reaches the sampler, what is said, and what does not go together. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from './real-services.js';

const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-limits-'));
const file = path.join(folder, 'houses.csv');
writeFileSync(
  file,
  [
    'x,price,euros,site',
    ...Array.from({ length: 24 }, (_, i) =>
      [Math.sin(i).toFixed(3), i < 4 ? i : '', 1 + (i % 5), ['north', 'south', 'east'][i % 3]].join(),
    ),
  ].join('\n'),
);

const select = (...words: readonly string[]) => run('select', file, '-t', 'price', ...words);

interface Chosen {
  readonly rows: readonly number[];
  readonly texts: readonly Readonly<Record<string, string>>[];
  readonly limits: Readonly<Record<string, unknown>>;
  readonly problem: { readonly batchSize: number; readonly features: readonly string[] };
}

const chosen = async (...words: readonly string[]): Promise<Chosen> => {
  const { exitCode, stdout, stderr } = await select(
    ...words,
    '-a',
    'greedy',
    '--feature-map',
    'linear',
    '--json',
  );
  assert.equal([exitCode, stderr], [0, '']);
  return JSON.parse(stdout) as Chosen;
};

test('a budget stands in the place of a batch size, and the costs are no feature', async () => {
  const { rows, texts, limits, problem } = await chosen('--cost', 'euros', '--budget', '9', '--drop', 'site');
  const cost = texts.reduce((sum, { euros }) => sum + Number(euros), 0);
  assert.ok(cost <= 9 && cost === limits['cost'] && limits['budget'] === 9);
  assert.equal([problem.batchSize, problem.features], [rows.length, ['x']]);
  // None of the rows that are left is paid for by what is left.
  const others = Array.from({ length: 20 }, (_, i) => i + 4).filter((i) => !rows.includes(i + 2));
  assert.ok(others.every((i) => 1 + (i % 5) > 9 - cost));
  const few = await chosen('--cost', 'euros', '--budget', '9', '-b', '2', '--drop', 'site');
  assert.is(few.rows.length, 2);
  const { stdout } = await select('--cost', 'euros', '--budget', '9', '-a', 'greedy', '--drop', 'site');
  assert.match(stdout, / {2}cost +[1-9] of 9, by gain( per cost)?\n/);
  assert.match(stdout, / {2}greedy by gain alone /);
});

test('at most so many of one group', async () => {
  const { texts, rows } = await chosen('--at-most', '2', '--per', 'site', '-b', '6', '--drop', 'euros');
  const counts = ['north', 'south', 'east'].map((name) => texts.filter(({ site }) => site === name).length);
  assert.equal([rows.length, counts], [6, [2, 2, 2]]);
  const full = await chosen('--at-most', '1', '--per', 'site', '--drop', 'euros');
  assert.is(full.rows.length, 3);
});

test('what does not go together, and costs that are none, are told', async () => {
  const greedy = ['-a', 'greedy'];
  for (const [pattern, ...words] of [
    [/^--cost: it goes with --budget X, which is missing/, '--cost', 'euros', ...greedy],
    [/^--budget: it goes with --cost COLUMN, which is missing/, '--budget', '3', ...greedy],
    [/^--at-most: it goes with --per COLUMN/, '--at-most', '3', ...greedy],
    [/^--per: it goes with --at-most K/, '--per', 'site', ...greedy],
    [
      /^--cost: --acquisition gflownet draws batches of a size, .* Add --acquisition greedy\./,
      '--cost',
      'euros',
      '--budget',
      '3',
      '-a',
      'gflownet',
    ],
    [
      /^--cost: --acquisition gflownet draws batches of a size/,
      '--cost',
      'euros',
      '--budget',
      '3',
      '--temperature',
      '0.1',
    ],
    [/^--at-most: --acquisition margin draws/, '--at-most', '3', '--per', 'site', '-a', 'margin'],
    [
      /^--candidates: within limits all of the pool/,
      '--cost',
      'euros',
      '--budget',
      '3',
      ...greedy,
      '--candidates',
      '20',
    ],
    [/line 6, column site: "south" is no cost/, '--cost', 'site', '--budget', '3', ...greedy],
    [/no column is named "prize"/, '--cost', 'prize', '--budget', '3', ...greedy],
    [
      /the column of costs or groups "euros" is named as a feature too/,
      '--cost',
      'euros',
      '--budget',
      '3',
      ...greedy,
      '--features',
      'x,euros',
    ],
    [
      /^--budget: no row of the pool that would tell something costs as little/,
      '--cost',
      'euros',
      '--budget',
      '0.5',
      ...greedy,
    ],
  ] as const) {
    const { exitCode, stdout, stderr } = await select(...words);
    assert.equal([exitCode, stdout], [2, ''], words.join(' '));
    assert.match(stderr, pattern);
  }
});

test('a session knows costs and groups of its rows, and each batch has limits of its own', async () => {
  const session = path.join(folder, 'session');
  const begin = ['init', session, '-d', file, '-t', 'price', '--feature-map', 'linear', '-a', 'greedy'];
  const begun = await run(...begin, '--cost', 'euros', '--per', 'site');
  assert.equal([begun.exitCode, begun.stderr], [0, '']);
  const asked = async (...words: readonly string[]): Promise<Chosen['rows']> => {
    const { exitCode, stdout, stderr } = await run('ask', session, ...words, '--json');
    assert.equal([exitCode, stderr], [0, '']);
    const { rows } = JSON.parse(stdout) as Chosen;
    await run('tell', session, ...rows.map((row) => `${row}=0.5`));
    return rows;
  };
  // The same batch as select's, of the same labels.
  const first = await asked('--budget', '9');
  assert.equal(first, (await chosen('--cost', 'euros', '--budget', '9', '--drop', 'site')).rows);
  assert.ok(first.reduce((sum, row) => sum + 1 + ((row - 2) % 5), 0) <= 9);
  const grouped = await asked('--at-most', '1', '-b', '3');
  assert.is(new Set(grouped.map((row) => (row - 2) % 3)).size, 3);
  const both = await asked('--at-most', '1', '--budget', '4');
  assert.ok(both.length <= 3 && both.reduce((sum, row) => sum + 1 + ((row - 2) % 5), 0) <= 4);
  const { stdout } = await run('ask', session, '--budget', '5');
  assert.match(stdout, / {2}greedy by gain alone [^]* {2}cost +[1-5] of 5, by gain( per cost)?\n/);

  const refused = async (pattern: RegExp, ...words: readonly string[]): Promise<void> => {
    const { exitCode, stderr } = await run(...words);
    assert.is(exitCode, 2);
    assert.match(stderr, pattern);
  };
  const plain = path.join(folder, 'plain');
  await run(...begin.with(1, plain));
  await refused(/^--budget: the session does not know what rows cost/, 'ask', plain, '--budget', '5');
  await refused(/^--at-most: the session knows no groups/, 'ask', plain, '--at-most', '2');
  await refused(
    /^--cost: --acquisition annealed draws/,
    ...begin.with(1, 'x').with(-1, 'annealed'),
    '--cost',
    'euros',
  );
});

test('the folder is removed', () => rmSync(folder, { recursive: true }));

test.run();
