/** What Excel writes itself: `sep=;`, a byte order mark, CRLF, decimal commas; and its own files, which are refused with what to do. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { observe } from './fake-services.js';

const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-excel-'));
const at = (name: string): string => path.join(folder, name);

const rows = Array.from({ length: 12 }, (_, i) => [
  `Haus ${i}`,
  `${i},5`,
  `${1 + (i % 3)}.250,0`,
  i < 5 ? `${i},25` : '',
  i % 2 ? 'x' : '',
]);
const german = (lead: string): string =>
  `\ufeff${lead}${[['Name', 'Fläche', 'Wert', 'Preis', 'frei'], ...rows].map((row) => row.join(';')).join('\r\n')}\r\n`;

for (const [name, lead] of [
  ['with sep=;', 'sep=;\r\n'],
  ['without', ''],
] as const)
  test(`a German CSV ${name}: numbers, names and rows to fill in`, async () => {
    const file = at(`haus${lead.length}.csv`);
    writeFileSync(file, german(lead));
    const out = at(`todo${lead.length}.csv`);
    const words = ['select', file, '-t', 'Preis', '-b', '2', '--exclude', 'frei', '--feature-map', 'linear'];
    const { exitCode, stderr, stdout } = await observe([...words, '-o', out, '--json']);
    assert.is(exitCode, 0, stderr);
    const report = JSON.parse(stdout) as Readonly<{
      values: unknown;
      names: unknown;
      rows: readonly number[];
    }>;
    const first = lead === '' ? 2 : 3;
    // The imagined sampler takes the first points: houses 6 and 8, for 5 and 7 are excluded.
    assert.equal(report.rows, [first + 6, first + 8]);
    assert.equal(report.names, ['Haus 6', 'Haus 8']);
    assert.equal(report.values, [
      { Fläche: 6.5, Wert: 1250 },
      { Fläche: 8.5, Wert: 3250 },
    ]);
    const text = readFileSync(out, 'utf8');
    assert.ok(text.startsWith(`\ufeff${lead}line;Name;Fläche;Wert;Preis;frei\r\n`));
    assert.ok(text.includes(`${first + 6};Haus 6;6,5;1.250,0;;\r\n`));
  });

test('a run takes the rows that flags leave, and no others', async () => {
  const file = at('run.csv');
  const table = Array.from({ length: 40 }, (_, i) => `${i},${i % 7},${i % 2},${i < 4 ? 1 : 0}`);
  writeFileSync(file, ['x,y,wanted,bad', ...table].join('\n'));
  const run = (rounds: number, ...words: readonly string[]) =>
    observe([
      ...['run', '-d', file, '-t', 'y', '--strategies', 'random', '--seeds', '1', '--feature-map', 'linear'],
      ...[
        '--rounds',
        String(rounds),
        '-b',
        '2',
        '--seed-labels',
        '4',
        '-o',
        at(`run${words.length}.jsonl`),
        ...words,
      ],
    ]);
  const { asked } = await run(1, '--only', 'wanted', '--exclude', 'bad');
  // 18 rows are left: 4 of them (0.2) to measure on, and 4 labelled.
  assert.is(asked[0]?.posterior.mean.length, 10);
  assert.is((await run(1, '--drop', 'wanted,bad')).asked[0]?.posterior.mean.length, 28);
  const { exitCode, stderr } = await run(9, '--only', 'wanted', '--drop', 'bad');
  assert.is(exitCode, 2);
  assert.match(stderr, /and 20 have a label/);
  assert.match(
    (
      await observe([
        'run',
        '--preset',
        'toy-regression',
        '--only',
        'wanted',
        '--strategies',
        'random',
        '--seeds',
        '1',
        '-o',
        at('p.jsonl'),
      ])
    ).stderr,
    /^--only: the option has no meaning with --preset/,
  );
});

test('a spreadsheet is refused with what to do: as a table, as predictions, under another name', async () => {
  const zip = Buffer.from(`PK\u0003\u0004${' '.repeat(26)}[Content_Types].xml`, 'latin1');
  for (const name of ['book.xlsx', 'book.ods', 'book']) {
    writeFileSync(at(name), zip);
    for (const words of [
      ['select', at(name), '-t', 'y'],
      ['select', '--predictions', at(name), '--noise', '1'],
    ]) {
      const { exitCode, stderr } = await observe(words);
      assert.is(exitCode, 2);
      assert.match(stderr, /this is a spreadsheet\. Save the table as "CSV UTF-8" and give that file\.\n$/);
    }
  }
});

test('the folder is removed', () => rmSync(folder, { recursive: true }));

test.run();
