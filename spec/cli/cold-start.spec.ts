/** A pool without any label: a batch by the features alone, said so, and a session that goes on from it. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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

test('labels of one class are no more than none, and classes without a label are chosen among all the same', async () => {
  const classes = path.join(folder, 'classes.csv');
  const line = (i: number, y: string): string => `${Math.sin(i)},${Math.cos(3 * i)},${y}`;
  await writeFile(
    classes,
    ['a,b,y', ...Array.from({ length: 30 }, (_, i) => line(i, i < 2 ? 'oak' : ''))].join('\n'),
  );
  const { json, stderr } = told('select', classes, '-t', 'y', '--task', 'classes', '-b', '3', '-a', 'margin');
  assert.match(
    stderr,
    /all labelled rows are of one class, "oak", so the batch is chosen by the features alone/,
  );
  assert.match(
    stderr,
    /labels say nothing of classes yet: the batch is that of typiClust, and margin goes on from there/,
  );
  assert.is(new Set(rowsIn(json)).size, 3);
  assert.equal(
    [json['acquisition'], json['predictedClass'], json['expected']],
    ['typiClust', undefined, undefined],
  );
  // The default gives way too, and what was named does not.
  const usual = told('select', classes, '-t', 'y', '--task', 'classes', '-b', '3');
  assert.is(usual.json['acquisition'], 'typiClust');
  const greedy = told('select', classes, '-t', 'y', '--task', 'classes', '-b', '3', '-a', 'greedy');
  assert.is(greedy.json['acquisition'], 'greedy');
  // What a session may hear of is said at its start.
  const session = path.join(folder, 'of-classes');
  const begin = ['init', session, '-d', table, '-t', 'y', '--task', 'classes', '-a', 'margin'];
  const refused = spawnSync(process.execPath, [PROGRAM, ...begin], { encoding: 'utf8' });
  assert.is(refused.status, 2);
  assert.match(refused.stderr, /no row is labelled\. Name all classes .*--classes/);
  told(...begin, '--classes', 'oak,elm');
  const first = told('ask', session, '-b', '4');
  assert.is(first.json['coldStart'], true);
  const rows = rowsIn(first.json);
  told('tell', session, ...rows.map((row) => `${row}=oak`));
  // One class says as little.
  const second = told('ask', session, '-b', '2');
  assert.is(second.json['coldStart'], true);
  told('tell', session, ...rowsIn(second.json).map((row) => `${row}=elm`));
  const third = told('ask', session, '-b', '2').json;
  assert.is(third['coldStart'], undefined);
  assert.ok(third['expected'] !== undefined && third['classProbabilities'] !== undefined);
  assert.match(JSON.stringify(told('status', session).json), /"expected":\{"error"/);
});

test('a surrogate is chosen by held-out labels, and said to be', async () => {
  const half = path.join(folder, 'half.csv');
  await writeFile(
    half,
    ['a,y', ...Array.from({ length: 30 }, (_, i) => `${i / 5},${i < 12 ? Math.sin(i) + i : ''}`)].join('\n'),
  );
  const auto = ['select', half, '-t', 'y', '-b', '2', '-a', 'greedy', '--surrogate', 'auto'];
  const { json, stderr } = told(...auto);
  const [, name = ''] =
    /the surrogate is (\S+).*by the score of held-out labels.*bayesian-linear -/.exec(stderr) ?? [];
  assert.is((json['surrogate'] as { readonly kind: string }).kind, name.replace(/,$/, ''));
  // What belongs to one surrogate has no meaning.
  const { status, stderr: why } = spawnSync(process.execPath, [PROGRAM, ...auto, '--kernel', 'rbf'], {
    encoding: 'utf8',
  });
  assert.is(status, 2);
  assert.match(why, /--kernel/);
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

test('a table without a column of labels is a pool whose labels will stand in a column of their own', async () => {
  const bare = path.join(folder, 'bare.csv');
  await writeFile(
    bare,
    ['a;b', ...Array.from({ length: 30 }, (_, i) => `${i},5;${(i * 7) % 11},25`), ''].join('\n'),
  );
  const { json, stderr } = told('select', bare, '-b', '3', '-a', 'greedy');
  assert.match(
    stderr,
    /bare\.csv: without --target no row is labelled yet; labels will stand in a column label/,
  );
  const chosen = rowsIn(json);
  assert.is(new Set(chosen).size, 3);
  // The same as with an empty column.
  const empty = path.join(folder, 'empty.csv');
  await writeFile(
    empty,
    (await readFile(bare, 'utf8'))
      .split('\n')
      .flatMap((line, i) => (line === '' ? [] : `${line};${i === 0 ? 'y' : ''}`))
      .join('\n'),
  );
  assert.equal(rowsIn(told('select', empty, '-t', 'y', '-b', '3', '-a', 'greedy').json), chosen);

  const [session, todo, out] = ['bare', 'todo.csv', 'labelled.csv'].map((name) =>
    path.join(folder, name),
  ) as [string, string, string];
  told('init', session, '-d', bare, '-a', 'greedy');
  const rows = rowsIn(told('ask', session, '-b', '2', '-o', todo).json);
  const filled = (await readFile(todo, 'utf8')).replaceAll(/;$/gm, ';0,5');
  assert.match(filled, /^line;a;b;label\n\d+;\d+,5;\d+,25;0,5\n/);
  await writeFile(todo, filled);
  told('tell', session, '--labels', todo);
  told('export', session, '-o', out);
  const lines = (await readFile(out, 'utf8')).split('\n');
  assert.is(lines[0], 'a;b;label');
  for (const [i, line] of lines.slice(1, -1).entries())
    assert.is(line.endsWith(';0,5'), rows.includes(i + 2), line);
  // A target that is not there may be a slip.
  const refused = spawnSync(process.execPath, [PROGRAM, 'select', bare, '-t', 'y'], { encoding: 'utf8' });
  assert.is(refused.status, 2);
  assert.match(refused.stderr, /no column is named "y".*leave --target out where no row has a label yet/);
});

test('run begins without a label where it is asked to, goes on where it was cut off, and refuses less', async () => {
  const labelled = path.join(folder, 'labelled.csv');
  const line = (i: number): string =>
    `${Math.sin(i)},${Math.cos(3 * i)},${i},${['oak', 'elm', 'ash'][i % 3] ?? ''}`;
  await writeFile(labelled, ['a,b,y,kind', ...Array.from({ length: 40 }, (_, i) => line(i))].join('\n'));
  const linesOf = async (out: string): Promise<readonly string[]> =>
    (await readFile(out, 'utf8')).split('\n').map((one) => one.replace(/"seconds":\{[^}]*\}/, ''));
  for (const [task, target, other, guess] of [
    ['regression', 'y', 'kind', /"rmse":/],
    ['classes', 'kind', 'y', /"metrics":\{"accuracy":0\.333\d*,"crossEntropy":1\.0986\d*\}/],
  ] as const) {
    const out = path.join(folder, `${task}.jsonl`);
    const words = (labels: string): readonly string[] => [
      ...['run', '-d', labelled, '-t', target, '--drop', other, '--task', task, '--seeds', '1', '-o', out],
      ...['--strategies', task === 'classes' ? 'margin,random' : 'greedy,random', '--rounds', '2', '-b', '3'],
      ...['--seed-labels', labels, '-e', 'cpu', '--threads', '1'],
    ];
    told(...words('0'));
    const whole = await linesOf(out);
    assert.is(whole.length, 7);
    assert.match(whole[0] ?? '', /"round":0,"labels":0,"batch":\[\]/);
    assert.match(whole[0] ?? '', guess);
    const content = await readFile(out, 'utf8');
    await writeFile(out, content.slice(0, content.split('\n').slice(0, 2).join('\n').length + 30));
    told(...words('0'));
    assert.equal(await linesOf(out), whole);
    told('merge', path.join(folder, `${task}-merged.jsonl`), out);
    // Beginning with a label is another experiment.
    for (const [labels, why] of [
      ['1', /line 1: the record is of another experiment/],
      ['-1', /^--seed-labels: "-1" is not a whole number from 0 up/],
    ] as const) {
      const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...words(labels)], {
        encoding: 'utf8',
      });
      assert.is(status, 2);
      assert.match(stderr, why);
    }
  }
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
