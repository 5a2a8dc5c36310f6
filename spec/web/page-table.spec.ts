/**
 * A table on the page of `batchgfn explore`: what is chosen, said and written of it is what `batchgfn select` chooses, says and writes,
 * by the command that the page shows.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'puppeteer-core';
import * as assert from 'uvu/assert';
import { run } from '../cli/real-services.js';
import { textOf, until, withPage } from '../support/browser.js';
import { dropFile, isFree, pageSuite, types } from '../support/explored.js';

const test = pageSuite('a table on the page');

/** Keeps what is made for downloads. */
const before = `
  window.made = [];
  const create = URL.createObjectURL;
  URL.createObjectURL = (blob) => (made.push(blob), create(blob));
`;

/** The bytes of the newest download. */
const downloaded = async (page: Page): Promise<Buffer> =>
  Buffer.from(
    (await page.evaluate(
      `made.at(-1).arrayBuffer().then((bytes) => Array.from(new Uint8Array(bytes)))`,
    )) as number[],
  );

/** A table of a spreadsheet in German: semicolons, decimal commas, quotes, Latin-1; cells of a feature are missing. */
const german = (): Buffer =>
  Buffer.from(
    [
      'Höhe;"Ort;genau";x;y',
      ...Array.from({ length: 30 }, (_, i) => {
        const height = i === 4 ? '' : String(Math.round(100 * Math.sin(3 * i)) / 100).replace('.', ',');
        return `${height};"a; ""${i}""";${i % 7},5;${i % 3 === 0 ? '' : `${(i * 5) % 11},25`}`;
      }),
      '',
    ].join('\r\n'),
    'latin1',
  );

/** Kinds of two features, of which the first rows have labels. */
const kinds = (name: (i: number) => string): Buffer =>
  Buffer.from(
    [
      'a,b,kind',
      ...Array.from({ length: 24 }, (_, i) => `${i},${(i * 7) % 5},${i < 9 ? name(i) : ''}`),
      '',
    ].join('\n'),
  );

/** What the page chooses, and what the command that it shows does. */
const agrees = async (page: Page, folder: string, name: string, bytes: Buffer): Promise<string> => {
  await until(page, isFree('choose-rows'));
  await page.click('#choose-rows');
  await until(page, `document.querySelector('#table-rows') !== null`);
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  const shown = await textOf(page, '#table-command');
  const words = shown.split(' ').slice(1);
  const out = path.join(folder, `${name}.out.csv`);
  const {
    stdout,
    stderr,
    exitCode,
    remarks: said,
  } = await run(
    ...words.map((word) => (word === name ? file : word.replaceAll("'", ''))),
    ...['--json', '--out', out],
  );
  assert.is(exitCode, 0, stderr);
  const { rows } = JSON.parse(stdout) as { readonly rows: readonly number[] };
  assert.is(await textOf(page, '#table-rows'), rows.join(', '));
  assert.equal(await downloaded(page), readFileSync(out));
  const remarks = (await page.evaluate(
    `[...document.querySelectorAll('#table .remark')].map((one) => one.textContent)`,
  )) as readonly string[];
  assert.equal(
    remarks,
    said
      .filter((sentence) => !sentence.startsWith('The rows are in '))
      .map((sentence) => sentence.replace(file, name)),
  );
  return [shown, ...remarks].join('\n');
};

test('its encoding is told, and rows go back with its separator, its quotes and its decimal commas', ({
  address,
  folder,
}) =>
  withPage(
    `${address}#engine=cpu`,
    async (page) => {
      const bytes = german();
      await until(page, `document.querySelector('#drop') !== null`);
      await dropFile(page, 'orte.csv', bytes);
      await until(page, `document.querySelector('#table-target') !== null`);
      await types(page, '#table-target', 'y');
      await types(page, '#table-batch-size', '3');
      await types(page, '#table-seed', '4');
      await page.click('#choose-rows');
      await until(page, `document.querySelector('#table .trouble') !== null`);
      assert.match(await textOf(page, '#table .trouble'), /line 6, column H.he: the cell is empty/);
      // Columns passed over are ticked, and what is missing is chosen.
      await page.evaluate(`document.querySelector('#table-drop').open = true`);
      await page.click('#table-drop-1');
      await types(page, '#table-missing', 'median');
      const said = await agrees(page, folder, 'orte.csv', bytes);
      const words = `batchgfn select orte.csv -t y -b 3 -a gflownet --drop 'Ort;genau' --missing median --seed 4 --engine cpu`;
      assert.ok(said.startsWith(`${words}\n`), said);
      assert.match(said, /orte\.csv: it is not UTF-8, and was read as Latin-1 \(Windows-1252\)\./);
      assert.match(said, /decimal comma/);
    },
    { before },
  ));

test('labels of classes, and labels that say nothing of classes yet', ({ address, folder }) =>
  withPage(
    `${address}#engine=cpu`,
    async (page) => {
      await until(page, `document.querySelector('#drop') !== null`);
      for (const [name, bytes, remark] of [
        ['trees.csv', kinds((i) => (i % 3 === 0 ? 'oak' : 'elm')), ''],
        ['oaks.csv', kinds(() => 'oak'), 'the batch is that of typiClust'],
      ] as const) {
        await dropFile(page, name, bytes);
        await until(page, `document.querySelector('#table-target')?.value === 'kind'`);
        await types(page, '#table-task', 'classes');
        await types(page, '#table-batch-size', '2');
        const said = await agrees(page, folder, name, bytes);
        assert.ok(
          said.startsWith(`batchgfn select ${name} -t kind -b 2 -a gflownet --task classes --engine cpu`),
          said,
        );
        assert.match(said, remark);
      }
    },
    { before },
  ));

test.run();
