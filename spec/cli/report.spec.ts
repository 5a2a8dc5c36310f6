/** `batchgfn report`: the page is where it was wanted, the table is printed, and bad files are told before anything is written. */
import { existsSync, rmdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as TE from '#fp-ts/TaskEither';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inputFailure } from '../../src/failure.js';
import { summaryOfRuns } from '../../src/report/run-summary.js';
import { asLines, imaginedRecords } from '../support/run-records.js';
import { observe } from './fake-services.js';

const test = suite<{ folder: string; file: string }>('report', { folder: '', file: '' });

const records = imaginedRecords({
  strategies: ['gflownet', 'greedy', 'random'],
  seeds: 3,
  rounds: 2,
  shift: (j) => j,
});

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  context.file = path.join(context.folder, 'results.jsonl');
  await writeFile(context.file, asLines(records));
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true });
});

test('the page is written whole, and the table printed', async ({ folder, file }) => {
  const out = path.join(folder, 'page.html');
  await writeFile(out, 'old');
  const { exitCode, stdout, remarks, engines } = await observe(['report', file, '--out', out]);
  assert.equal([exitCode, remarks, engines], [0, [`The page is in ${out}.`], 0]);
  assert.match(stdout, /^imagined: 3 strategies, 2 rounds, 3 seeds, 11 labels in the end\.\n\n {2}strategy /);
  for (const name of ['gflownet', 'greedy', 'random'])
    assert.is(stdout.match(new RegExp(`^ {2}${name} `, 'gm'))?.length, 1, name);
  assert.match(await readFile(out, 'utf8'), /^<!doctype html>[^]*<\/html>\n$/);
  assert.equal((await readdir(folder)).sort(), ['page.html', 'results.jsonl']);
});

test('--json prints the figures that the table is made of', async ({ folder, file }) => {
  const { stdout } = await observe(['report', file, '--out', path.join(folder, 'p.html'), '--json']);
  assert.equal(JSON.parse(stdout), summaryOfRuns(records));
});

test('what cannot be reported is told, with its line, and nothing is written', async ({ folder, file }) => {
  const out = path.join(folder, 'page.html');
  const bad = path.join(folder, 'bad.jsonl');
  await writeFile(bad, `${asLines(records.slice(0, 2))}{"experiment": 3}\n`);
  const cut = path.join(folder, 'cut.jsonl');
  await writeFile(cut, asLines(records.slice(0, 4)));
  const same = path.join(folder, 'same.html');
  await writeFile(same, asLines(records));
  const missing = inputFailure({ source: 'plot', problem: 'no packages', remedy: 'Install them' });
  for (const [words, says, undrawable] of [
    [[bad, '--out', out], /bad\.jsonl, line 3: the line is not a record of a run: experiment is missing/, 0],
    [[cut, '--out', out], /cut\.jsonl: no seed of imagined has all rounds/, 0],
    [
      [path.join(folder, 'none'), '--out', out],
      /none: the file cannot be read: ENOENT, there is no such file or folder\. Check/,
      0,
    ],
    [[file, '--out', path.join(folder, 'page.svg')], /^--out: .*page\.svg is not the name of an HTML/, 0],
    [[same, '--out', same], /^--out: .*same\.html would take the place of what is read/, 0],
    [[file, '--out', out], /^plot: no packages\. Install them\./, missing],
  ] as const) {
    const { exitCode, stdout, stderr } = await observe(
      ['report', ...words],
      undrawable === 0 ? {} : { undrawable },
    );
    assert.equal([exitCode, stdout], [2, ''], words.join(' '));
    assert.match(stderr, says);
  }
  assert.equal((await readdir(folder)).sort(), ['bad.jsonl', 'cut.jsonl', 'results.jsonl', 'same.html']);
  assert.is(await readFile(same, 'utf8'), asLines(records));
});

test('where a page cannot be is told before anything is read; one that fails in the end leaves the table', async ({
  folder,
  file,
}) => {
  const out = path.join(folder, 'folder.html');
  await mkdir(out);
  for (const [place, says] of [
    [out, /^--out: .*folder\.html is a folder\. Give the name of a file in it/],
    [path.join(folder, 'none', 'p.html'), /^--out: there is no folder .*none\. Create it/],
    [path.join('/proc', 'p.html'), /^--out: nothing can be written to the folder \/proc: E/],
  ] as const) {
    if (place.startsWith('/proc') && !existsSync('/proc')) continue;
    const { exitCode, stdout, stderr, remarks } = await observe(['report', file, '--out', place]);
    assert.equal([exitCode, stdout, remarks], [2, '', []]);
    assert.match(stderr, says);
  }
  assert.equal((await readdir(folder)).sort(), ['folder.html', 'results.jsonl']);
  // The folder goes while the page is drawn.
  const gone = path.join(folder, 'gone');
  await mkdir(gone);
  const ready = TE.rightIO(() => {
    rmdirSync(gone);
  });
  const late = await observe(['report', file, '--out', path.join(gone, 'p.html')], { ready });
  assert.equal([late.exitCode, late.remarks], [1, []]);
  assert.match(late.stdout, /^imagined: /);
  assert.match(late.stderr, /^--out: .*\.html: the file cannot be written: ENOENT/);
});

test.run();
