/** Answers that go back: chosen rows as the file wrote them, labels filled in, and the whole table with labels in its cells. */
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tableText } from '../../src/data/table-text.js';
import { chosenRows, labelledTable } from '../../src/data/table-writing.js';
import { parseTable } from '../../src/data/parse-table.js';
import { textAt } from '../../src/data/table.js';
import { runs } from '../support/property.js';
import { observe } from './fake-services.js';

const test = suite<{ folder: string; file: string; session: string; out: string }>('answers', {
  ...{ folder: '', file: '', session: '', out: '' },
});

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  context.file = path.join(context.folder, 'data.csv');
  context.session = path.join(context.folder, 'session');
  context.out = path.join(context.folder, 'todo.csv');
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true });
});

/** Quotes, a comment, semicolons, a byte order mark and line breaks of two characters: lines 3 to 10, of which 3 and 4 are labelled. */
const german = [
  '\ufeff# made by hand',
  'name;x;y;"a note; of mine"',
  'p0;0;1.50;""',
  'p1;1;2;""',
  ...Array.from({ length: 6 }, (_, i) => `p${i + 2};${i + 2};;"said ""${i}"""`),
  '',
].join('\r\n');

const begin = async (file: string, session: string, text: string, ...more: readonly string[]) => {
  await writeFile(file, text);
  const { exitCode, stderr } = await observe([
    ...['init', session, '-d', file, '-t', 'y', '--features', 'x'],
    ...(more.length === 0 ? ['--feature-map', 'linear'] : more),
  ]);
  assert.is(exitCode, 0, stderr);
};

const done = async (...words: readonly string[]) => {
  const outcome = await observe(words);
  assert.is(outcome.exitCode, 0, outcome.stderr);
  return outcome;
};

test('ask writes rows as the file does, tell takes them filled in, export gives the table back', async ({
  file,
  session,
  out,
  folder,
}) => {
  // A comment behind a byte order mark is none: the table begins with it.
  const text = german.replace('# made by hand\r\n', '');
  await begin(file, session, text);
  const asked = await done('ask', session, '-b', '3', '-o', out);
  assert.match(
    asked.stdout,
    `When labels are in the column y of it: batchgfn tell ${session} --labels ${out}\n`,
  );
  assert.equal(asked.remarks, [`The rows are in ${out}.`]);
  const rows = await readFile(out, 'utf8');
  assert.is(
    rows,
    [
      '\ufeffline;name;x;y;"a note; of mine"',
      '4;p2;2;;"said ""0"""',
      '5;p3;3;;"said ""1"""',
      '6;p4;4;;"said ""2"""',
      '',
    ].join('\r\n'),
  );
  await writeFile(out, rows.replace('p2;2;;', 'p2;2;-0.5;').replace('p4;4;;', 'p4;4;1e3;'));
  const told = await done('tell', session, '--labels', out, '--json');
  assert.equal((JSON.parse(told.stdout) as { pending: unknown }).pending, [5]);
  assert.equal(told.remarks, [`${out} has no label yet of line 5 (p3), which stays pending.`]);
  const whole = path.join(folder, 'labelled.csv');
  await done('export', session, '-o', whole);
  assert.is(
    await readFile(whole, 'utf8'),
    text.replace('p2;2;;', 'p2;2;-0.5;').replace('p4;4;;', 'p4;4;1000;'),
  );
});

test('a file that is there is not written over, unless it says the same', async ({ file, session, out }) => {
  await begin(file, session, german.slice(german.indexOf('name')));
  const words = ['ask', session, '-b', '2', '-o', out];
  await done(...words);
  const rows = await readFile(out, 'utf8');
  await done(...words);
  await writeFile(out, rows.replace(';;', ';7;'));
  const again = await observe(words);
  assert.equal([again.exitCode, again.stdout, again.engines], [2, '', 0]);
  assert.match(again.stderr, /^--out: the file is there already, and labels may have been filled in\. Give /);
  assert.is(await readFile(out, 'utf8'), rows.replace(';;', ';7;'));
  // With nothing pending too it is told before the work.
  await done('tell', session, '--labels', out, '--skip', '5');
  const early = await observe(words);
  assert.equal([early.exitCode, early.stdout, early.engines], [2, '', 0]);
  const chosen = await observe(['select', file, '-t', 'y', '--features', 'x', '-b', '2', '-o', out]);
  assert.equal([chosen.exitCode, chosen.engines], [2, 0]);
  const predicted = await observe(['select', '--predictions', 'none.npy', '-o', out]);
  assert.match(predicted.stderr, /^--out: there is no table whose rows could be written/);
});

test('a table that has changed is neither told as it was nor written over', async ({
  file,
  session,
  out,
}) => {
  const text = german.slice(german.indexOf('name'));
  await begin(file, session, text);
  const over = await observe(['export', session, '-o', file]);
  assert.match(
    over.stderr,
    /^--out: .* would take the place of what is read: .*data\.csv\. Give a name of its own/,
  );
  // Rows that were added are none of the session's.
  await writeFile(file, `${text}p9;9;;""\r\n`);
  await done('export', session, '-o', out);
  assert.is(await readFile(out, 'utf8'), text);
  await writeFile(file, text.replace('p1', 'q1'));
  for (const words of [
    ['export', session, '-o', out],
    ['ask', session, '-b', '2', '-o', path.join(path.dirname(out), 'other.csv')],
  ]) {
    const { exitCode, stderr, engines } = await observe(words);
    assert.equal([exitCode, engines], [2, 0]);
    assert.match(stderr, /it is not the table that the session was made from, .* with --data\./);
  }
  const copy = `${file}.copy`;
  await writeFile(copy, text);
  await done('export', session, '-o', out, '--data', copy);
});

test('labels of the table stay as they are written; those that are told are in percent where all are', async ({
  file,
  session,
  out,
}) => {
  const percent = ['x,y', '0,0.5%', '1,1.25%', '2,n/a', '3,', '4,', '5,', ''].join('\n');
  const thousands = ['x,y', '0,"1,200"', '1,950', '2,"12,000.5"', '3,', '4,', '5,', ''].join('\n');
  for (const [text, told, after] of [
    [percent, ['5=0.75', '6=-2'], percent.replace('3,', '3,0.75%').replace('4,', '4,-2%')],
    [thousands, ['5=0.75', '2=1300'], thousands.replace('"1,200"', '1300').replace('3,\n', '3,0.75\n')],
  ] as const) {
    await begin(file, session, text);
    await done('export', session, '-o', out);
    assert.is(await readFile(out, 'utf8'), text);
    await done('tell', session, ...told);
    await done('export', session, '-o', out);
    assert.is(await readFile(out, 'utf8'), after);
    await rm(session, { recursive: true });
  }
});

test('export writes to standard output where that is said, and no other command to a file of that name', async ({
  file,
  session,
}) => {
  const text = 'x,y\n1,5\n2,\n3,6\n4,\n5,\n';
  await begin(file, session, text);
  await done('tell', session, '3=7');
  const { stdout, remarks, printed } = await done('export', session, '-o', '-');
  assert.equal([stdout, printed, remarks], ['', text.replace('2,', '2,7'), []]);
  const both = await observe(['export', session, '-o', '-', '--json']);
  assert.is(both.exitCode, 2);
  assert.match(both.stderr, /^--json: the table goes to standard output, and .* Remove it, or give --out/);
  for (const words of [
    ['ask', session, '-b', '1'],
    ['select', file, '-t', 'y', '-b', '1', '-a', 'greedy'],
  ]) {
    const { exitCode, stderr } = await observe([...words, '-o', '-']);
    assert.is(exitCode, 2);
    assert.match(stderr, /^--out: standard output is no place for it/);
  }
});

test('what a file of labels says of its rows beside their labels is held against the session', async ({
  file,
  session,
  out,
}) => {
  const rows = Array.from({ length: 8 }, (_, i) => `${i},${10 * i},${i < 3 ? i : ''},p${i}`);
  await writeFile(file, ['a,b,y,name', ...rows, ''].join('\n'));
  await done('init', session, '-d', file, '-t', 'y', '--features', 'a,b', '--id', 'name');
  const tell = async (...lines: readonly string[]) => {
    await writeFile(out, [...lines, ''].join('\n'));
    return observe(['tell', session, '--labels', out]);
  };
  const labels = async () =>
    /"labelled": (\d+)/.exec((await observe(['status', session, '--json'])).stdout)?.[1];
  // Rounded by a spreadsheet, and in percent: said.
  const rounded = await tell('line,a,b,y', '5,3.02,30,7%', '6,4,40.3,8%');
  assert.is(rounded.exitCode, 0, rounded.stderr);
  assert.equal(rounded.remarks, [
    `${out}: the target y is in percent and stays so: the number before the sign was read.`,
  ]);
  // Of other rows.
  const shifted = await tell('line,a,b,y', '7,4,40,3', '8,5,50,4', '9,7,70,5');
  assert.is(shifted.exitCode, 2);
  assert.is(
    shifted.stderr,
    `${out}, line 2, column a: it is 4 here, and 5 in the session's row 7 (and 1 more like it, line 3). Give the number of the row that the label is of; where that is right, leave out the column of the feature.\n`,
  );
  assert.is(await labels(), '5');
  assert.is((await tell('line,y', '7,3', '8,4', '9,5')).exitCode, 0);
  assert.is(await labels(), '8');
  // By name and number at once: one of them is wrong.
  const named = await tell('line,name,y', '5,p3,1', '6,p7,1', '7,,1');
  assert.is(named.exitCode, 2);
  assert.match(
    named.stderr,
    /todo\.csv, line 3, column name: row 6 is named .p4. in the session, and .p7. here\. /,
  );
  const twice = await tell('name,y', 'p3,1', 'p4,2', 'p3,1');
  assert.is(twice.exitCode, 2);
  assert.match(twice.stderr, /todo\.csv, line 4, column name: row 5 has a label on line 2 already\. Leave/);
});

test('select writes its rows; where the table has a column of that name, that of the lines has another', async ({
  file,
  session,
  out,
}) => {
  const text = `row,x,y\n${Array.from({ length: 8 }, (_, i) => `${9 - i},${i},${i < 3 ? i : ''}`).join('\n')}`;
  await begin(file, session, text);
  await done('select', file, '-t', 'y', '--features', 'x', '-b', '2', '-o', out);
  const rows = await readFile(out, 'utf8');
  assert.is(rows, 'batchgfn_line,row,x,y\n5,6,3,\n6,5,4,\n');
  await done('ask', session, '-b', '2');
  await writeFile(out, rows.replace('4,\n', '4,8\n'));
  const { stdout } = await done('tell', session, '--labels', out, '--json');
  assert.equal((JSON.parse(stdout) as { pending: unknown }).pending, [5]);
});

test('classes go back by their names, and a corrected label is told', async ({ file, session, out }) => {
  const rows = Array.from({ length: 9 }, (_, i) => `${i},${['oak', 'elm', 'a "b", c'][i] ?? ''}`);
  const quoted = rows.map((row) => row.replace('a "b", c', '"a ""b"", c"'));
  const text = `x,y\n${quoted.join('\n')}\n`;
  await begin(file, session, text, '--task', 'classes');
  const told = await done('tell', session, '5=oak', '2=elm', '6=a "b", c');
  assert.equal(told.remarks, ['line 2: the label was oak and is elm now.']);
  await done('export', session, '-o', out);
  assert.is(
    await readFile(out, 'utf8'),
    text.replace('0,oak', '0,elm').replace('\n3,', '\n3,oak').replace('\n4,', '\n4,"a ""b"", c"'),
  );
});

test('ask without a size tells what is awaited; another size is refused with what is left', async ({
  file,
  session,
}) => {
  await begin(file, session, german.slice(german.indexOf('name')));
  await done('ask', session, '-b', '3');
  await done('tell', session, '4=1');
  assert.match((await done('ask', session)).stdout, /^Round 1: still to be labelled, 2 in all/);
  const { stderr } = await observe(['ask', session, '-b', '10']);
  assert.match(
    stderr,
    /a batch of 3 is pending, and one of 10 is asked for; 2 of the 3 are still to be labelled/,
  );
});

test('--json tells deviations, gains and the batches that were drawn', async ({ file, session }) => {
  await begin(file, session, german.slice(german.indexOf('name')));
  const asked = JSON.parse((await done('ask', session, '-b', '2', '--json')).stdout) as {
    predictedMean: number[];
    standardDeviation: number[];
    proposal: { gain: number[]; drawn: { batches: number[][] } };
  };
  const chosen = JSON.parse(
    (await done('select', file, '-t', 'y', '--features', 'x', '--feature-map', 'linear', '-b', '2', '--json'))
      .stdout,
  ) as {
    predictedMean: number[];
    standardDeviation: number[];
    gain: number[];
    drawn: { batches: number[][] };
    surrogate: { noiseVariance: number };
  };
  assert.equal(chosen.drawn.batches, [
    [4, 5],
    [5, 6],
    [4, 5],
  ]);
  assert.equal(asked.proposal.drawn.batches, chosen.drawn.batches);
  assert.equal(asked.proposal.gain, chosen.gain);
  assert.equal(asked.standardDeviation, chosen.standardDeviation);
  assert.equal(asked.predictedMean, chosen.predictedMean);
  // Alone a row is worth ½ log(1 + v), v its variance in noise variances; in a batch less, but no nothing.
  const alone = chosen.standardDeviation.map(
    (s) => 0.5 * Math.log1p(s ** 2 / chosen.surrogate.noiseVariance),
  );
  chosen.gain.forEach((gain, i) => assert.ok(gain > 0 && gain < (alone[i] ?? NaN)));
});

/** A table in some dialect: its cells, and its text. */
const dialects = fc
  .record({
    delimiter: fc.constantFrom(',', ';', '\t'),
    lineBreak: fc.constantFrom('\n', '\r\n', '\r'),
    mark: fc.constantFrom('', '\ufeff'),
    lead: fc.constantFrom('', 'sep='),
    end: fc.boolean(),
    rows: fc.array(
      fc.record({
        x: fc.integer({ min: -99, max: 99 }),
        note: fc.string({ unit: fc.constantFrom('a', ' ', '"', ',', ';', '\n', 'é', "'"), maxLength: 6 }),
        labelled: fc.boolean(),
      }),
      { minLength: 3, maxLength: 12 },
    ),
  })
  .map(({ delimiter, lineBreak, mark, lead, end, rows }) => {
    const quoted = (cell: string): string => `"${cell.replaceAll('"', '""').replaceAll('\n', lineBreak)}"`;
    const lines = [
      ['x', 'note', 'y'],
      ...rows.map(({ x, note, labelled }) => [`${x}.5`, quoted(`n${note}`), labelled ? '0.10' : '']),
    ].map((cells) => cells.join(delimiter));
    const text = `${mark}${lead === '' ? '' : `${lead}${delimiter}${lineBreak}`}${lines.join(lineBreak)}${end ? lineBreak : ''}`;
    return { text, delimiter, rows };
  });

test('in any dialect rows and labels go back and forth', () => {
  fc.assert(
    fc.property(dialects, fc.integer({ min: 0, max: 1e6 }), ({ text, delimiter }, seed) => {
      const table = tableText('t.csv', text, { delimiter });
      const parsed = parseTable('t.csv', text.replace(/^\ufeff/, ''), { delimiter });
      assert.ok(E.isRight(table) && E.isRight(parsed));
      const lines = Array.from(parsed.right.lines);
      assert.equal([...table.right.rows.keys()], lines);
      // The chosen rows have the cells that the table has, and no label.
      const chosen = lines.filter((line) => (line + seed) % 3 !== 0);
      if (chosen.length === 0) return;
      const back = pipe(
        chosenRows(table.right, chosen, 'y'),
        E.chain((rows) => parseTable('todo.csv', rows.replace(/^\ufeff/, ''), { delimiter })),
      );
      assert.ok(E.isRight(back));
      assert.equal(back.right.headers, ['line', 'x', 'note', 'y']);
      const cells = (t: typeof back.right, column: number, rows: readonly number[]) =>
        rows.map((row) => {
          const own = t.columns[column];
          return own === undefined ? '' : textAt(own, row);
        });
      const all = chosen.map((_, i) => i);
      const places = chosen.map((line) => lines.indexOf(line));
      assert.equal(cells(back.right, 0, all), chosen.map(String));
      for (const column of [0, 1])
        assert.equal(cells(back.right, column + 1, all), cells(parsed.right, column, places));
      assert.ok(cells(back.right, 3, all).every((cell) => cell === ''));
      // What is labelled as it is stays as it is; other labels are in their cells, and nothing else has changed.
      const known = new Map(
        lines.flatMap((line, i) => (cells(parsed.right, 2, [i])[0] === '' ? [] : [[line, 0.1]])),
      );
      assert.is(labelledTable(table.right, known, 'y').text, text);
      const told = new Map(chosen.map((line, i) => [line, i - 0.25]));
      const { text: whole } = labelledTable(table.right, told, 'y');
      const now = parseTable('t.csv', whole.replace(/^\ufeff/, ''), { delimiter });
      assert.ok(E.isRight(now));
      assert.equal(
        cells(now.right, 2, places).map(Number),
        chosen.map((line) => told.get(line)),
      );
      for (const column of [0, 1])
        assert.equal(
          cells(
            now.right,
            column,
            lines.map((_, i) => i),
          ),
          cells(
            parsed.right,
            column,
            lines.map((_, i) => i),
          ),
        );
    }),
    runs(200),
  );
});

test('a table with decimal commas and names goes back and forth as it is written', async ({
  file,
  session,
  out,
}) => {
  const text = `Probe;x;y\n${Array.from({ length: 8 }, (_, i) => `P-${i};${i},5;${i < 3 ? `${i},25` : 'NA'}`).join('\n')}\n`;
  await writeFile(file, text);
  await done('init', session, '-d', file, '-t', 'y', '--id', 'Probe', '--feature-map', 'linear');
  await done('ask', session, '-b', '3', '-o', out);
  const rows = await readFile(out, 'utf8');
  assert.is(rows, 'line;Probe;x;y\n5;P-3;3,5;\n6;P-4;4,5;\n7;P-5;5,5;\n');
  await writeFile(out, rows.replace('3,5;', '3,5;-7,5').replace('4,5;', '4,5;NA'));
  const { remarks } = await done('tell', session, '--labels', out, 'P-0=1');
  assert.equal(remarks.slice(-2), [
    'line 2 (P-0): the label was 0.25 and is 1 now.',
    `${out} has no label yet of lines 6 (P-4), 7 (P-5), which stay pending.`,
  ]);
  await done('export', session, '-o', `${out}.all`);
  assert.is(
    await readFile(`${out}.all`, 'utf8'),
    text.replace('0,5;0,25', '0,5;1').replace('3,5;NA', '3,5;-7,5'),
  );
});

test('rows of another encoding are written in UTF-8 with a mark', async ({ file, out }) => {
  const latin = `größe,y\n${Array.from({ length: 8 }, (_, i) => `${i},${i < 3 ? i : ''}`).join('\n')}\n`;
  await writeFile(file, latin, 'latin1');
  await done('select', file, '-t', 'y', '-b', '1', '-o', out);
  assert.is(await readFile(out, 'utf8'), '\ufeffline,größe,y\n5,3,\n');
});

test('a decimal comma stays one, and what is no number in its place is quoted', () => {
  const text = 'a;y\n1,5;2,0\n3,25;\n4;\n';
  const table = tableText('t.csv', text);
  assert.ok(E.isRight(table));
  assert.is(
    labelledTable(
      table.right,
      new Map([
        [2, 2],
        [3, -0.5],
        [4, 1e-7],
      ]),
      'y',
    ).text,
    'a;y\n1,5;2,0\n3,25;-0,5\n4;1e-7\n',
  );
  assert.is(
    labelledTable(
      table.right,
      new Map([
        [3, 'a;b'],
        [4, 'plain'],
      ]),
      'y',
    ).text,
    'a;y\n1,5;2,0\n3,25;"a;b"\n4;plain\n',
  );
});

test('labels of a table without a column for them stand behind its last', () => {
  for (const end of ['\n', '\r\n', '']) {
    const table = tableText('t.csv', ['a;b', '1,5;x', '2,5;"y;z"'].join(end === '' ? '\n' : end) + end);
    assert.ok(E.isRight(table));
    const lines = (text: string): readonly string[] => text.split(/\r?\n/).filter((line) => line !== '');
    assert.equal(lines(labelledTable(table.right, new Map([[3, 0.5]]), 'label').text), [
      'a;b;label',
      '1,5;x;',
      '2,5;"y;z";0,5',
    ]);
    const rows = chosenRows(table.right, [3], 'label');
    assert.ok(E.isRight(rows));
    assert.equal(lines(rows.right), ['line;a;b;label', '3;2,5;"y;z";']);
  }
});

/** Names that a spreadsheet would run, that begin like guarded ones, and numbers with signs, which are no formulas. */
const hostile = ['=1+2', '+cmd|x', '-2;3', '@sum', "'=held", '-1.5', '+2', 'plain', "'quoted"];

test('with --guard-formulas no cell that is written is a formula, and labels in the file are told all the same', async ({
  file,
  session,
  out,
  folder,
}) => {
  const text = `=id,x,y\n${hostile.map((name, i) => `"${name}",${i - 4},${i < 2 ? 'no' : ''}\n`).join('')}`;
  const classes = ['--task', 'classes', '--classes', 'no,=yes', '--id', '=id', '-a', 'random'];
  await begin(file, session, text, ...classes);
  await done('ask', session, '-b', '7', '-o', out, '--guard-formulas');
  const rows = await readFile(out, 'utf8');
  const cells = (written: string): readonly string[] =>
    written
      .split('\n')
      .filter((row) => row !== '')
      .map((row) => row.replace(/^\d+,/, '').replace(/^"([^"]*)".*$|^([^,]*),.*$/, '$1$2'));
  assert.equal(
    cells(rows).slice(1).sort(),
    ["'-2;3", "'@sum", "''=held", '-1.5', '+2', 'plain', "'quoted"].sort(),
  );
  assert.match(rows, /^line,'=id,x,y\n/);
  // As it was asked the first time: the same rows once more are no other file.
  assert.equal((await done('ask', session, '-b', '7', '-o', out, '--guard-formulas')).remarks, [
    `The rows are in ${out}.`,
  ]);
  await writeFile(out, rows.replaceAll(/,\n/g, ",'=yes\n"));
  const told = await done('tell', session, '--labels', out, '--json');
  assert.equal((JSON.parse(told.stdout) as { pending: unknown }).pending, []);
  assert.equal(told.remarks, []);
  const whole = path.join(folder, 'labelled.csv');
  await done('export', session, '-o', whole, '--guard-formulas');
  assert.is((await readFile(whole, 'utf8')).match(/,'=yes$/gm)?.length, 7);
  assert.not.match(await readFile(whole, 'utf8'), /(^|,)"?[=@]/m);
  await done('export', session, '-o', whole);
  assert.match(await readFile(whole, 'utf8'), /^=id,x,y\n"=1\+2",-4,no\n/);
});

test('a cell that is known as it is stands for itself; what is known only without its guard, for that; what both are is refused', async ({
  file,
  session,
  folder,
}) => {
  const text = `n,x,y\n${['=e', "'=e", '=f', "'@g", 'h'].map((name, i) => `${name},${i},\n`).join('')}`;
  const classes = ['--task', 'classes', '--classes', "=foo,'=foo,=bar", '--id', 'n', '-a', 'random'];
  await begin(file, session, text, ...classes);
  const labels = path.join(folder, 'labels.csv');
  const told = async (written: string): Promise<string> => {
    await writeFile(labels, written);
    const { exitCode, stderr } = await observe(['tell', session, '--labels', labels]);
    return exitCode === 0 ? 'told' : stderr;
  };
  assert.match(
    await told("line,y\n2,'=foo\n"),
    /"'=foo" may be the name of two classes.*on the command line/,
  );
  assert.match(await told("n,y\n'=e,=foo\n"), /"'=e" may be the name of two rows.*by their lines/);
  assert.is(await told("n,y\n=e,'=bar\n"), 'told');
  assert.is(await told("n,y\n'=f,=foo\n"), 'told');
  assert.is(await told("line,n,y\n5,'@g,=bar\n6,h,=foo\n"), 'told');
  const { rows } = JSON.parse((await done('status', session, '--json')).stdout) as { rows?: unknown };
  assert.is(rows, undefined);
  assert.match(
    await readFile(path.join(session, 'journal.jsonl'), 'utf8'),
    /\[\[2,2\]\].*\[\[4,0\]\].*\[\[5,2\],\[6,0\]\]/s,
  );
});

test('what the work reads is never written over: the session, the table, a part', async ({
  file,
  session,
  folder,
}) => {
  await begin(
    file,
    session,
    `x,y\n${Array.from({ length: 9 }, (_, i) => `${i},${i < 3 ? i : ''}\n`).join('')}`,
  );
  const [part, link] = [path.join(folder, 'part.csv'), path.join(folder, 'link.npz')];
  await writeFile(part, 'x\n1\n2\n');
  await symlink(part, link);
  const inside = ['journal.jsonl', 'journal.head', 'session.json', 'new.csv'].map((name) =>
    path.join(session, name),
  );
  const before = await readFile(path.join(session, 'journal.head'), 'utf8');
  for (const [words, places] of [
    [
      ['export', session],
      [...inside, file],
    ],
    [['ask', session, '-b', '2'], inside],
    [
      ['candidates', part, '--session', session, '-b', '2'],
      [...inside, part, link],
    ],
  ] as const)
    for (const place of places) {
      const { exitCode, stderr } = await observe([...words, '-o', place]);
      assert.is(exitCode, 2, place);
      assert.match(stderr, /^--out: .* would take the place of what is read: /);
    }
  assert.is(await readFile(path.join(session, 'journal.head'), 'utf8'), before);
  assert.is(await readFile(part, 'utf8'), 'x\n1\n2\n');
});

test.run();
