/** Labels that are told: what a table or a word of the command line means, and what is refused because it may mean two things. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { observe } from './fake-services.js';

const test = suite<{ folder: string; file: string; session: string; labels: string; out: string }>(
  'labels that are told',
  { folder: '', file: '', session: '', labels: '', out: '' },
);

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  context.file = path.join(context.folder, 'data.csv');
  context.session = path.join(context.folder, 'session');
  context.labels = path.join(context.folder, 'labels.csv');
  context.out = path.join(context.folder, 'out.csv');
});

test.after.each(({ folder }) => rm(folder, { recursive: true }));

const done = async (...words: readonly string[]) => {
  const outcome = await observe(words);
  assert.is(outcome.exitCode, 0, outcome.stderr);
  return outcome;
};

const refused = async (...words: readonly string[]): Promise<string> => {
  const { exitCode, stderr } = await observe(words);
  assert.is(exitCode, 2);
  return stderr;
};

const begin = async (file: string, session: string, text: string, ...more: readonly string[]) => {
  await writeFile(file, text);
  return done('init', session, '-d', file, '-t', 'y', '--feature-map', 'linear', ...more);
};

test('labels have the decimal sign of the table of the session, typed or in a file', async (context) => {
  const { file, session, labels, out } = context;
  const table = 'x;y\n1,0;1500\n2,0;\n3,0;1200\n4,0;\n5,0;\n';
  await begin(file, session, table);
  assert.is(
    await refused('tell', session, '3=1.234'),
    '3=1.234: "1.234" may be a fraction or a thousand beside decimal commas. Write 1,234 or 1234.\n',
  );
  const toldBy = async (...words: readonly string[]) => {
    const { remarks } = await done('tell', session, ...words);
    await done('export', session, '-o', out);
    return [remarks.filter((sentence) => sentence.includes('decimal')).length, await readFile(out, 'utf8')];
  };
  const exported = (third: string, fifth: string) =>
    `x;y\n1,0;1500\n2,0;${third}\n3,0;1200\n4,0;${fifth}\n5,0;\n`;
  assert.equal(await toldBy('3=1,234', '5=1.234.567'), [0, exported('1,234', '1234567')]);
  assert.equal(await toldBy('3=2.5', '5=1.234', '--decimal', ','), [0, exported('2,5', '1234')]);
  assert.equal(await toldBy('5=1.234', '--decimal', '.'), [0, exported('2,5', '1,234')]);
  const toldIn = async (text: string, ...more: readonly string[]) => {
    await writeFile(labels, text);
    return toldBy('--labels', labels, ...more);
  };
  // One text is one number, whatever stands beside it in the file, and that is said; where nothing tells which, it is refused as typed.
  assert.equal(await toldIn('line;y\n5;1.234\n3;1,5\n'), [1, exported('1,5', '1234')]);
  assert.equal(await toldIn('line\ty\n3\t1.234\n5\t1.234.567\n'), [1, exported('1234', '1234567')]);
  await writeFile(labels, 'line\ty\n3\t1.234\n5\t2\n');
  assert.match(
    await refused('tell', session, '--labels', labels),
    /labels\.csv, column y: "1\.234" may be a fraction or a thousand beside decimal commas\. Write 1,234 or 1234, or say with --decimal/,
  );
  assert.equal(await toldIn('line;y\n3;1.234\n5;2\n', '--decimal', ','), [0, exported('1234', '2')]);
  // Where the comma stands between cells it is a decimal one in quotes alone.
  assert.equal(await toldIn('line,y\n3,1.234\n5,1.5\n'), [0, exported('1,234', '1,5')]);
  assert.equal(await toldIn('line,y\n3,"2,5"\n5,3\n'), [1, exported('2,5', '3')]);
  assert.equal(await toldIn('line;y\n3;1.234\n', '--decimal', '.'), [0, exported('1,234', '3')]);
  await writeFile(labels, 'line;y\n3;1.234\n5;2.5\n');
  assert.match(
    await refused('tell', session, '--labels', labels),
    /labels\.csv, column y: numbers have a decimal comma or points .*"1\.234".* and a decimal point too/,
  );
});

test('a typed label that is no number is told how numbers are written', async ({ file, session }) => {
  await begin(file, session, 'x,y\n1,5\n2,\n3,6\n4,\n');
  for (const [word, sentence] of [
    ['3=0,5', /^3=0,5: "0,5" is not a number\. Write the number with a decimal point.* or add --decimal ,\./],
    ['3=a', /^3=a: "a" is not a number\. Give a number behind the =: 17=0\.25/],
    ['3=NaN', /^3=NaN: "NaN" is not a finite number\. /],
    ['3.0=1', /^3\.0=1: it is not a row and its label\. Give the line, in digits alone, and a number/],
  ] as const)
    assert.match(await refused('tell', session, word), sentence);
  await done('tell', session, '3=0,5', '--decimal', ',');
});

const plain = ['x,y', ...Array.from({ length: 8 }, (_, i) => `${i},${i < 3 ? i : ''}`), ''].join('\n');

test('an empty cell of a row that has a label is said, and no label is taken back', async (context) => {
  const { file, session, labels } = context;
  await begin(file, session, plain);
  await done('tell', session, '5=3');
  await writeFile(labels, 'line,y\n5,\n6,1\n7,\n');
  const { remarks } = await done('tell', session, '--labels', labels);
  assert.equal(remarks, [
    `${labels} has no label of line 5, which has one and keeps it: a label can be corrected, not taken back.`,
  ]);
  await writeFile(labels, 'line,y\n5,#N/A\n2,\n6,2\n');
  assert.equal((await done('tell', session, '--labels', labels)).remarks, [
    'line 6: the label was 1 and is 2 now.',
    `${labels} has no label of lines 5, 2, which have some and keep them: a label can be corrected, not taken back.`,
  ]);
  // Told in the same words, it is no loss.
  await writeFile(labels, 'line,y\n5,\n');
  assert.equal((await done('tell', session, '5=4', '--labels', labels)).remarks, [
    'line 5: the label was 3 and is 4 now.',
  ]);
  assert.match(
    await refused('tell', session, '5='),
    /^5=: there is no label behind the =\..* not taken back/,
  );
});

test('columns that give a row two numbers are refused; one of the table itself gives none', async (context) => {
  const { file, session, labels } = context;
  await begin(file, session, plain);
  await writeFile(labels, 'row,line,y\n5,5.0,1\n6,7,2\n');
  assert.is(
    await refused('tell', session, '--labels', labels),
    `${labels}, line 3, column line: it says "7", and the column row says "6". Leave one of the two columns out, or call that of the lines batchgfn_line.\n`,
  );
  await writeFile(labels, 'row,line,y\n5,5.0,1\n6,6,2\n');
  const labelled = async () =>
    (JSON.parse((await done('status', session, '--json')).stdout) as { readonly labelled: number }).labelled;
  await done('tell', session, '--labels', labels);
  assert.is(await labelled(), 5);
  // A feature that has such a name is no number of a row.
  await rm(session, { recursive: true });
  const rows = Array.from({ length: 8 }, (_, i) => `${10 * (8 - i)},${i < 3 ? i : ''}`);
  await begin(file, session, ['row,y', ...rows, ''].join('\n'));
  await writeFile(labels, 'row,line,y\n50,5,1\n40,6,2\n');
  await done('tell', session, '--labels', labels);
  assert.is(await labelled(), 5);
  await writeFile(labels, 'batchgfn_line,row,line,y\n7,30,99,1\n');
  await done('tell', session, '--labels', labels);
  assert.is(await labelled(), 6);
});

test('a file of labels without a column of rows is told what it lacks', async ({ file, session, labels }) => {
  await begin(file, session, plain);
  await writeFile(labels, 'x,y\n1,2\n');
  assert.is(
    await refused('tell', session, '--labels', labels),
    `${labels}: no column tells which rows the labels are of. Add a column named line with their lines, as ask --out writes it.\n`,
  );
});

test('line:17 is a line in any case, and what ask prints takes a row by its name', async (context) => {
  const { file, session, labels } = context;
  await begin(file, session, plain);
  await done('tell', session, 'line:5=1', '--skip', 'line:6');
  await rm(session, { recursive: true });
  const names = ['line:4', 'b', 'a,b', "it's", '-5', 'line:x'];
  const rows = names.map((name, i) => `"${name}",${i},${i < 1 ? i : ''}`);
  await begin(file, session, ['id,x,y', ...rows, ''].join('\n'), '--id', 'id', '-a', 'greedy');
  assert.equal((await done('tell', session, 'line:2=7')).remarks, [
    'line 2 (line:4): the label was 0 and is 7 now.',
  ]);
  assert.equal((await done('tell', session, 'line:4=7')).remarks, []);
  assert.equal((await done('tell', session, 'line:4=8')).remarks, [
    'line 4 (a,b): the label was 7 and is 8 now.',
  ]);
  assert.match(await refused('tell', session, 'line:line:4=8'), /it is not a row and its label/);
  // Among names a name is one.
  await writeFile(labels, 'id,y\nline:4,9\nline:x,1\n');
  assert.equal((await done('tell', session, '--labels', labels)).remarks, [
    'line 2 (line:4): the label was 7 and is 9 now.',
  ]);
});

test.run();
