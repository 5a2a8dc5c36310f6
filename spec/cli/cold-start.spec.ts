/** A pool without any label: a batch by the features alone, said so, and a session that goes on from it. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as t from '#io-ts';
import { isLeft } from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const PROGRAM = fileURLToPath(new URL('../../../dist/node/main.js', import.meta.url));

const folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
const table = path.join(folder, 'pool.csv');
await writeFile(
  table,
  ['a,b,y', ...Array.from({ length: 40 }, (_, i) => `${Math.sin(i)},${Math.cos(3 * i)},`)].join('\n'),
);

const batch = t.type({ rows: t.array(t.number), jointMutualInformation: t.number });

const told = (...words: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...words, '--json'], {
    encoding: 'utf8',
  });
  assert.is(status, 0, stderr);
  return { json: JSON.parse(stdout) as Record<string, unknown>, stderr };
};

const rowsIn = (json: unknown): readonly number[] => {
  const decoded = batch.decode(json);
  if (isLeft(decoded)) throw new Error(JSON.stringify(json));
  return decoded.right.rows;
};

test('select says that no row is labelled, and expects nothing of the rows', () => {
  for (const surrogate of ['bayesian-linear', 'gaussian-process']) {
    const words = ['select', table, '-t', 'y', '-b', '3', '-a', 'greedy', '--surrogate', surrogate];
    const { json, stderr } = told(...words);
    assert.match(stderr, /no row is labelled, so the batch is chosen by the features alone/);
    assert.is(new Set(rowsIn(json)).size, 3);
    assert.is(json['predictedMean'], undefined);
  }
});

test('a session begins without a label and goes on with those that are told', () => {
  const session = path.join(folder, 'session');
  told('init', session, '-d', table, '-t', 'y', '-a', 'greedy');
  const first = rowsIn(told('ask', session, '-b', '3').json);
  told('tell', session, ...first.map((row, i) => `${row}=${i / 2}`));
  const second = rowsIn(told('ask', session, '-b', '3').json);
  assert.is(new Set([...first, ...second]).size, 6);
  // Begun again with the same words, it is told as it is.
  const { json } = told('init', session, '-d', table, '-t', 'y', '-a', 'greedy');
  assert.match(JSON.stringify(json), /"labelled":3,"pool":37/);
});

test('a temperature at which gains are not finite ends a verification in words', () => {
  const words = ['verify', '-n', '8', '-b', '2', '-T', '1e-20', '-i', '5'];
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...words], { encoding: 'utf8' });
  assert.is(status, 1);
  assert.match(stderr, /^\S+: gains are not finite: .*\.$/m);
  assert.not.match(stderr, /at .*\.js/);
});

test.after(() => rm(folder, { recursive: true }));

test.run();
