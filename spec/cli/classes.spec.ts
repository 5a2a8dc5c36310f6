// select on labels of classes, and the neural surrogates by name: what is printed, and which options belong to which.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import * as t from '#io-ts';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { observe } from './fake-services.js';

const test = suite<{ folder: string; file: string }>('classes on the command line', { folder: '', file: '' });

const DATA = 'a,kind,b\n1,oak,2\n5, elm ,-1\n2,,4\n3,,9\n4,oak,1\n6,ash,0\n5,,8\n';

test.before(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  context.file = path.join(context.folder, 'trees.csv');
  await writeFile(context.file, DATA);
});

test.after(async ({ folder }) => {
  await rm(folder, { recursive: true });
});

const reported = t.type({
  rows: t.array(t.number),
  predictedClass: t.array(t.string),
  classProbabilities: t.array(t.record(t.string, t.number)),
  problem: t.type({ classes: t.array(t.string) }),
  surrogate: t.type({ kind: t.string, classes: t.number, draws: t.number }),
});

const brief = ['--fit-iterations', '3', '--hidden', '4,3', '--posterior-draws', '5'] as const;
const ways = [
  [],
  ['--surrogate', 'gaussian-process', '--kernel', 'rbf', '--posterior-draws', '5'],
  ['--surrogate', 'last-layer', ...brief],
  ['--surrogate', 'ensemble', ...brief],
  ['--surrogate', 'dropout', ...brief],
] as const;

test('labels of classes: the most probable one and all probabilities, by name', async ({ file }) => {
  for (const way of ways) {
    const select = ['select', file, '--target', 'kind', '--task', 'classes', '--batch-size', '2', ...way];
    const { stdout, exitCode, asked } = await observe([...select, '--json']);
    assert.is(exitCode, 0);
    const decoded = reported.decode(JSON.parse(stdout));
    assert.ok(E.isRight(decoded), way.join(' '));
    const { rows, predictedClass, classProbabilities, problem, surrogate } = decoded.right;
    assert.equal([rows, problem.classes, surrogate.classes], [[4, 5], ['ash', 'elm', 'oak'], 3]);
    assert.is(surrogate.draws, way.length === 0 ? 64 : 5);
    classProbabilities.forEach((row, i) => {
      const [best] = Object.entries(row).sort(([, p], [, q]) => q - p);
      assert.is(predictedClass[i], best?.[0]);
      assert.ok(Math.abs(Object.values(row).reduce((sum, p) => sum + p, 0) - 1) < 1e-9);
    });
    assert.not.ok(stdout.includes('predictedMean'));
    // What a batch is chosen by are the probabilities.
    assert.is(asked[0]?.posterior.classes?.draws, surrogate.draws);
    const lines = (await observe(select)).stdout.split('\n');
    assert.match(lines[2] ?? '', /^ {2}line {2}a {2}b {2}kind expected {2}probability$/);
    assert.match(lines[3] ?? '', /^ {5}4 {2}2 {2}4 +(ash|elm|oak) +0\.\d{3}$/);
  }
});

test('neural surrogates of numbers by name', async ({ file }) => {
  for (const name of ['last-layer', 'ensemble', 'dropout']) {
    const select = [
      'select',
      file,
      '--target',
      'b',
      '--features',
      'a',
      '--batch-size',
      '1',
      '--surrogate',
      name,
    ];
    await writeFile(file, DATA.replace('3,,9', '3,,'));
    const { stdout, stderr, exitCode } = await observe([...select, '--hidden', '3', '--fit-iterations', '2']);
    await writeFile(file, DATA);
    assert.is(exitCode, 0, stderr);
    assert.match(stdout, /b expected/);
    assert.match(
      stdout,
      /surrogate +network, (16 networks|64 masks|last layer), hidden 3, noise variance \d/,
    );
  }
});

test('what does not go together is refused, with what to change', async ({ file }) => {
  const refused = async (...words: readonly string[]) => {
    const { stderr, exitCode, stdout } = await observe(['select', file, '--target', 'kind', ...words]);
    assert.equal([exitCode, stdout], [2, '']);
    return stderr;
  };
  assert.match(await refused(), /holds text \("oak" for instance\).*--task classes/);
  assert.match(
    await refused('--task', 'class'),
    /^--task: "class" is not one of regression, classes\. Give classes/,
  );
  assert.match(
    await refused('--task', 'classes', '--surrogate', 'bayesian-linear'),
    /^--surrogate: .* not of classes/,
  );
  assert.match(
    await refused('--task', 'classes', '--degree', '3'),
    /^--degree: .*--surrogate bayesian-linear/,
  );
  assert.match(await refused('--surrogate', 'ensemble', '--kernel', 'rbf'), /^--kernel: .*gaussian-process/);
  assert.match(await refused('--hidden', '4'), /^--hidden: .*last-layer or ensemble or dropout/);
  assert.match(await refused('--surrogate', 'ensemble', '--hidden', '4,0'), /^--hidden: "4,0" is not a list/);
  assert.match(
    await refused('--surrogate', 'dropout', '--posterior-draws', '1'),
    /^--posterior-draws: .*Give 2/,
  );
  assert.match(
    await refused('--task', 'classes', '--surrogate', 'gaussian-process', '--posterior-draws', '1'),
    /^--posterior-draws: .*Give 2/,
  );
  assert.match(await refused('--surrogate', 'last-layer', '--posterior-draws', '8'), /^--posterior-draws: /);
  assert.match(
    await refused('--surrogate', 'gaussian-process', '--posterior-draws', '8'),
    /^--posterior-draws: /,
  );
});

test.run();
