/** `select --target a,b`: independent outputs that share the batch, from a table with gaps in one of them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from './real-services.js';

const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-targets-'));
const at = (name: string): string => path.join(folder, name);

/** Eight rows have both labels, four have the first alone, and eight none. */
const rows = Array.from({ length: 20 }, (_, i) =>
  [
    Math.sin(i).toFixed(3),
    Math.cos(2 * i).toFixed(3),
    i < 12 ? (i / 3).toFixed(2) : '',
    i < 8 ? Math.sin(3 * i).toFixed(3) : '',
  ].join(),
);
writeFileSync(at('wells.csv'), ['x,z,a,b', ...rows, ''].join('\n'));

const words = ['-a', 'greedy', '--feature-map', 'linear'];

interface Chosen {
  readonly rows: readonly number[];
  readonly jointMutualInformation: number;
  readonly problem: { readonly target: string; readonly pool: number; readonly features: readonly string[] };
  readonly gain: readonly number[];
  readonly outputs?: readonly {
    readonly target: string;
    readonly labelled: number;
    readonly predictedMean: readonly number[];
    readonly surrogate: { readonly noiseVariance: number };
  }[];
  readonly predictedMean?: readonly number[];
  readonly surrogate: { readonly noiseVariance: number };
}

const select = async (...asked: readonly string[]): Promise<Chosen> => {
  const { exitCode, stdout, stderr } = await run('select', at('wells.csv'), ...words, ...asked, '--json');
  assert.equal([exitCode, stderr], [0, '']);
  return JSON.parse(stdout) as Chosen;
};

test('a batch of two targets tells what it tells of each', async () => {
  // All of the pool: the rows are the same then.
  const [a, b] = [
    await select('-t', 'a', '--drop', 'b', '-b', '8'),
    await select('-t', 'b', '--drop', 'a', '-b', '12'),
  ];
  const both = await select('-t', 'a,b', '-b', '12');
  assert.equal([both.problem.target, both.problem.pool, both.problem.features], ['a, b', 12, ['x', 'z']]);
  assert.equal(both.rows, b.rows);
  const sum = a.jointMutualInformation + b.jointMutualInformation;
  assert.ok(Math.abs(both.jointMutualInformation - sum) < 1e-9, `${both.jointMutualInformation} for ${sum}`);
  assert.is(both.predictedMean, undefined);
  assert.equal(
    both.outputs?.map(({ target, labelled }) => [target, labelled]),
    [
      ['a', 12],
      ['b', 8],
    ],
  );
  assert.equal(both.outputs?.[1]?.predictedMean, b.predictedMean);
  assert.equal(
    both.outputs?.map(({ surrogate: { noiseVariance } }) => noiseVariance),
    [a.surrogate.noiseVariance, b.surrogate.noiseVariance],
  );
});

test('it is shown, and rows are written as they are, with the labels that are there', async () => {
  const out = at('todo.csv');
  const { exitCode, stdout } = await run(
    'select',
    at('wells.csv'),
    ...words,
    '-t',
    'a,b',
    '-b',
    '12',
    '-o',
    out,
  );
  assert.is(exitCode, 0);
  assert.match(stdout, /^ +line +x +z +a expected +b expected$/m);
  assert.match(stdout, /^ {2}surrogate of a +bayesian-linear.*\n {2}surrogate of b +bayesian-linear/m);
  assert.match(stdout, /^ {2}points +12 labelled a, 8 labelled b, 12 in the pool$/m);
  assert.match(stdout, /^ {2}expected of b +error /m);
  const written = readFileSync(out, 'utf8').split('\n');
  assert.is(written[0], 'line,x,z,a,b');
  assert.is(written[1], `10,${rows[8] ?? ''}`);
});

test('a sampler goes by it too', async () => {
  const { exitCode, stdout } = await run(
    ...['select', at('wells.csv'), '-t', 'a,b', '-b', '2', '-a', 'annealed', '--json', '--engine', 'cpu'],
  );
  assert.is(exitCode, 0);
  const { jointMutualInformation, rows: chosen } = JSON.parse(stdout) as Chosen;
  assert.is(new Set(chosen).size, 2);
  assert.ok(jointMutualInformation > 0);
});

test('one of the targets may have all labels, or none, and a name with a comma stands in quotes', async () => {
  const of = (name: string, label: (i: number) => readonly [string, string]) => {
    const lines = Array.from({ length: 20 }, (_, i) => [Math.sin(i).toFixed(3), ...label(i)].join());
    writeFileSync(at(name), ['x,"yield, %",pur', ...lines, ''].join('\n'));
    return at(name);
  };
  const both = ['-t', '"yield, %",pur', '-b', '3', ...words, '--json'];
  const full = of('full.csv', (i) => [i < 8 ? (i / 3).toFixed(2) : '', Math.cos(i).toFixed(3)]);
  const chosen = await run('select', full, ...both);
  assert.equal([chosen.exitCode, chosen.stderr], [0, '']);
  const { problem, outputs } = JSON.parse(chosen.stdout) as Chosen;
  assert.equal([problem.pool, outputs?.map(({ labelled }) => labelled)], [12, [8, 20]]);
  const none = of('none.csv', (i) => [i < 8 ? (i / 3).toFixed(2) : '', '']);
  assert.is((await run('select', none, ...both)).exitCode, 0);
  const all = await run(
    'select',
    of('all.csv', (i) => [String(i), String(i * i)]),
    ...both,
  );
  assert.is(all.exitCode, 2);
  assert.match(all.stderr, /^--target: no row lacks a label of yield, %, pur, so there is nothing to choose/);
});

test('what several targets are not taken with is told', async () => {
  for (const [pattern, ...more] of [
    [/^--task: several targets are of numbers\. Remove it, or name one target\.$/m, '--task', 'classes'],
    [/^--reward: batches for several targets are by their information/m, '--reward', 'epig'],
    [/^--acquisition: margin is of class labels/m, '-a', 'margin'],
  ] as const) {
    const { exitCode, stderr } = await run('select', at('wells.csv'), '-t', 'a,b', '-b', '2', ...more);
    assert.is(exitCode, 2);
    assert.match(stderr, pattern);
  }
  const { stderr } = await run('verify', at('wells.csv'), '-t', 'a,b', '-b', '2');
  assert.match(
    stderr,
    /2 target columns are named \(a, b\), and one label column at a time is handled.*select, sessions and run take several/,
  );
  const unknown = await run('select', at('wells.csv'), '-t', 'a,bb', '-b', '2');
  assert.match(unknown.stderr, /no column is named "bb"; .*"b" perhaps/);
});

test('the folder is removed', () => rmSync(folder, { recursive: true }));

test.run();
