/**
 * Answers that go back where the table is no plain text: packed it is written as what is in it, and lines of JSON and arrays as CSV, by
 * the lines or rows that commands tell. What is filled in is told, and `export` has it in place.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { npzBytes } from '../../src/data/npz-writing.js';
import { observe } from './fake-services.js';

const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-forms-'));
const at = (name: string): string => path.join(folder, name);

const PROGRAM = fileURLToPath(new URL('../../../dist/node/main.js', import.meta.url));

const ROWS = 9;
const LABELLED = 3;
const x = Array.from({ length: ROWS }, (_, i) => i / 4);
const label = (i: number): number => i / 8 - 1;
const known = (i: number): string => (i < LABELLED ? String(label(i)) : '');

const done = async (...words: readonly string[]) => {
  const outcome = await observe(words);
  assert.is(outcome.exitCode, 0, outcome.stderr);
  return outcome;
};

const text = ['x;note;y', ...x.map((value, i) => `${value};"a; ${i}";${known(i)}`), ''].join('\r\n');
const jsonl = x.map((value, i) =>
  JSON.stringify({ x: value, note: `a, ${i}`, y: i < LABELLED ? label(i) : null }),
);
const columns = { x, y: x.map((_, i) => (i < LABELLED ? label(i) : NaN)) };
const arrays = Object.fromEntries(
  Object.entries(columns).map(([name, values]) => [name, { shape: [ROWS], data: Float64Array.from(values) }]),
);
const both = {
  z: { shape: [ROWS, 2], data: Float64Array.from(x.flatMap((value, i) => [value, columns.y[i] ?? NaN])) },
};

interface Form {
  readonly name: string;
  /** What is written. */
  readonly bytes: string | Uint8Array;
  readonly file?: string;
  readonly target?: string;
  /** The line or row of the i-th row, and how the table is written with labels in some cells. */
  readonly line: (i: number) => number;
  readonly kind: 'line' | 'row';
  readonly header: string;
  readonly row: (i: number, y: string) => string;
  readonly end?: string;
}

const forms: readonly Form[] = [
  {
    ...{ name: 'packed.csv.gz', bytes: gzipSync(text), line: (i) => i + 2, kind: 'line', end: '\r\n' },
    ...{ header: 'x;note;y', row: (i, y) => `${x[i] ?? ''};"a; ${i}";${y}` },
  },
  {
    ...{ name: 'lines.jsonl', bytes: `${jsonl.join('\n')}\n`, line: (i) => i + 1, kind: 'line' },
    ...{ header: 'x,note,y', row: (i, y) => `${x[i] ?? ''},"a, ${i}",${y}` },
  },
  {
    ...{ name: 'packed.jsonl.gz', bytes: gzipSync(jsonl.join('\n')), line: (i) => i + 1, kind: 'line' },
    ...{ header: 'x,note,y', row: (i, y) => `${x[i] ?? ''},"a, ${i}",${y}` },
  },
  {
    ...{ name: 'arrays.npz', bytes: npzBytes(arrays), line: (i) => i, kind: 'row' },
    ...{ header: 'x,y', row: (i, y) => `${x[i] ?? ''},${y}` },
  },
  {
    ...{
      name: 'both.npz',
      file: 'both.npz:z',
      target: '1',
      bytes: npzBytes(both),
      line: (i) => i,
      kind: 'row',
    },
    ...{ header: '0,1', row: (i, y) => `${x[i] ?? ''},${y}` },
  },
];

for (const { name, bytes, file = name, target = 'y', line, kind, header, row, end = '\n' } of forms)
  test(`rows of ${file} are written, told filled in, and stand in the table`, async () => {
    writeFileSync(at(name), bytes);
    const [session, todo, whole] = [at(`${name}-session`), at(`${name}-todo.csv`), at(`${name}-out.csv`)];
    const words = ['-t', target, '--feature-map', 'linear', '-a', 'greedy'];
    await done('init', session, '-d', at(file), ...words);
    await done('ask', session, '-b', '2', '-o', todo);
    const [top, ...asked] = readFileSync(todo, 'utf8').split(end);
    assert.is(top, `${kind}${header.includes(';') ? ';' : ','}${header}`);
    const chosen = asked.slice(0, 2).map((written) => Number.parseInt(written, 10));
    const places = chosen.map((own) => x.findIndex((_, i) => line(i) === own));
    const between = header.includes(';') ? ';' : ',';
    assert.equal(
      asked.slice(0, 2),
      places.map((i) => `${line(i)}${between}${row(i, '')}`),
    );
    const filled = places.map((i) => `${line(i)}${between}${row(i, String(label(i)))}`);
    writeFileSync(todo, [top, ...filled, ''].join(end));
    await done('tell', session, '--labels', todo);
    const all = (isThere: (i: number) => boolean): string =>
      [header, ...x.map((_, i) => row(i, isThere(i) ? String(label(i)) : '')), ''].join(end);
    await done('export', session, '-o', whole);
    const inPlace = all((i) => i < LABELLED || places.includes(i));
    assert.is(readFileSync(whole, 'utf8'), inPlace);
    // A file that grew is written as it was.
    if (kind === 'line' && typeof bytes === 'string') {
      writeFileSync(at(name), `${bytes}{"x": 9, "note": "", "y": null}\n`);
      await done('export', session, '-o', whole);
      assert.is(readFileSync(whole, 'utf8'), inPlace);
      writeFileSync(at(name), bytes);
    }
    const selected = at(`${name}-selected.csv`);
    await done('select', at(file), ...words, '-b', '2', '-o', selected);
    assert.equal(readFileSync(selected, 'utf8').split(end).slice(0, 3), [
      top,
      ...places.map((i) => `${line(i)}${between}${row(i, '')}`),
    ]);
    writeFileSync(at(name), 'x,y\n1,2\n2,3\n3,\n');
    const refused = await observe(['export', session, '-o', whole]);
    assert.is(refused.exitCode, 2);
    assert.match(refused.stderr, /it is not the table that the session was made from/);
  });

test('rows go into no file of another form', async () => {
  writeFileSync(at('plain.csv'), text);
  const words = ['plain.csv', '-t', 'y', '--feature-map', 'linear', '-a', 'greedy'];
  await done('init', at('plain'), '-d', ...words.with(0, at('plain.csv')));
  for (const ending of ['jsonl', 'npz', 'parquet', 'csv.gz'])
    for (const asked of [
      ['select', ...words.with(0, at('plain.csv')), '-b', '1'],
      ['ask', at('plain'), '-b', '1'],
      ['export', at('plain')],
    ]) {
      const { exitCode, stderr } = await observe([...asked, '-o', at(`todo.${ending}`)]);
      assert.is(exitCode, 2);
      assert.match(
        stderr,
        /^--out: the rows are written as lines of cells, and \.(jsonl|npz|parquet|gz) is another/,
      );
    }
});

test('a session of standard input gives its rows back by a copy of that', () => {
  const program = (input: string, ...words: readonly string[]) =>
    spawnSync(process.execPath, [PROGRAM, ...words], { input, encoding: 'utf8' });
  const session = at('piped');
  const begun = program(
    text,
    'init',
    session,
    '-d',
    '-',
    '-t',
    'y',
    '--feature-map',
    'linear',
    '-a',
    'greedy',
  );
  assert.is(begun.status, 0, begun.stderr);
  assert.is(program('', 'tell', session, '7=0.5').status, 0);
  const refused = program('', 'export', session, '-o', at('piped.csv'));
  assert.is(refused.status, 2);
  assert.match(refused.stderr, /made from standard input.*Name a copy of what was read then with --data/);
  writeFileSync(at('copy.csv'), text);
  const copy = ['--data', at('copy.csv')];
  assert.is(program('', 'export', session, '-o', at('piped.csv'), ...copy).status, 0);
  assert.is(readFileSync(at('piped.csv'), 'utf8'), text.replace('"a; 5";', '"a; 5";0.5'));
  assert.is(program('', 'ask', session, '-b', '1', '-o', at('piped-todo.csv'), ...copy).status, 0);
  writeFileSync(at('copy.csv'), text.replace('0.25', '0.75'));
  assert.match(program('', 'export', session, '-o', at('piped.csv'), ...copy).stderr, /it is not the table/);
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
