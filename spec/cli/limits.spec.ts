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

test('the folder is removed', () => rmSync(folder, { recursive: true }));

test.run();
