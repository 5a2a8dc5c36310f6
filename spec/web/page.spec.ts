/**
 * The page of `batchgfn explore` in a real browser: every scene opened, a policy trained on the pool that was drawn, a batch labelled, a
 * table dropped. With WebGPU (SwiftShader) and without; nothing may be complained of, and nothing asked of another address.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'puppeteer-core';
import * as assert from 'uvu/assert';
import { run } from '../cli/real-services.js';
import { textOf, until, withPage } from '../support/browser.js';
import { slowDawnsTurns } from '../support/dawn-turns.js';
import { dropFile, isFree, isIdle, pageSuite, types } from '../support/explored.js';
import { provideDriver } from '../support/swiftshader.js';

const test = pageSuite('the page');

/** A table of two features, every second row of it labelled, and how many of the others are to be labelled. */
interface Table {
  readonly cells: readonly (readonly string[])[];
  readonly batchSize: string;
}

const tableOf = (rows: number, batchSize: string): Table => ({
  cells: Array.from({ length: rows }, (_, i) => [
    String(Math.sin(3 * i)),
    String((i * 7) % 11),
    i % 2 === 0 ? String(Math.cos(i / 4)) : '',
  ]),
  batchSize,
});

/** In software an adapter takes minutes for more. */
const tables: Readonly<Record<string, Table>> = { cpu: tableOf(80, '8'), webgpu: tableOf(12, '2') };

const textOfTable = ({ cells }: Table): string =>
  [['a', 'b', 'y'], ...cells].map((row) => `${row.join(',')}\n`).join('');

/** The lines that the command line chooses. */
const selected = async (file: string, engine: string, batchSize: string): Promise<readonly number[]> => {
  if (engine === 'webgpu') {
    await provideDriver();
    slowDawnsTurns();
  }
  const words = [
    'select',
    file,
    '-t',
    'y',
    '-b',
    batchSize,
    '-a',
    'gflownet',
    '--seed',
    '4',
    '--engine',
    engine,
    '--json',
  ];
  const { stdout, stderr, exitCode } = await run(...words);
  assert.is(exitCode, 0, stderr);
  return (JSON.parse(stdout) as { readonly rows: readonly number[] }).rows;
};

const scenes = ['posterior', 'worth', 'target', 'race', 'training', 'rounds', 'table'];

const seesScenes = async (page: Page): Promise<void> => {
  await until(page, `document.querySelector('#log-z')?.textContent.includes('nats')`);
  await until(page, `document.querySelector('#start-race') !== null`);
  for (const scene of scenes) {
    await page.evaluate(`document.querySelector('#${scene}').scrollIntoView()`);
    assert.is(await page.evaluate(`document.querySelectorAll('#${scene} .told p').length`), 4, scene);
    const source = String(await page.evaluate(`document.querySelector('#${scene} .file a').href`));
    assert.is(await page.evaluate(`fetch('${source}').then((answer) => answer.status)`), 200, source);
  }
  const narrower = `document.documentElement.scrollWidth <= document.documentElement.clientWidth`;
  assert.ok(await page.evaluate(narrower));
};

/** A pool is drawn by clicks on the line below the picture, and a label by one in it. */
const drawsPool = async (page: Page): Promise<void> => {
  const count = (kind: string): Promise<unknown> =>
    page.evaluate(`document.querySelectorAll('#posterior .${kind}').length`);
  const [pool, labels] = [Number(await count('pool')), Number(await count('labelled'))];
  await page.evaluate(`document.querySelector('#posterior').scrollIntoView()`);
  const box = await (await page.$('#posterior svg'))?.boundingBox();
  assert.ok(box);
  await page.mouse.click(box.x + box.width * 0.618, box.y + box.height - 38);
  await page.mouse.click(box.x + box.width * 0.9, box.y + box.height * 0.3);
  await until(page, `document.querySelectorAll('#posterior .pool').length === ${pool + 1}`);
  await until(page, `document.querySelectorAll('#posterior .labelled').length === ${labels + 1}`);
  await page.evaluate(`document.querySelector('#posterior .labelled').focus()`);
  await page.keyboard.press('Delete');
  await until(page, `document.querySelectorAll('#posterior .labelled').length === ${labels}`);
};

const trains = async (page: Page): Promise<void> => {
  await page.click('#step');
  await until(page, `document.querySelector('#steps').textContent.startsWith('1 of')`);
  await until(page, isIdle);
  // Begun again, it is at its first step and not at its second.
  await page.click('#reset');
  await until(page, `document.querySelector('#steps').textContent.startsWith('0 of')`);
  await page.click('#step');
  await until(page, `document.querySelector('#steps').textContent.startsWith('1 of')`);
  await until(page, isIdle);
  const before = Number(await textOf(page, '#tv'));
  await page.click('#play');
  await until(page, `${isIdle} && Number(document.querySelector('#tv').textContent) < 0.02`, 120);
  assert.ok(Number(await textOf(page, '#tv')) < before);
  const [elbo, logZ, eubo] = await Promise.all(
    ['#elbo', '#trained-log-z', '#eubo'].map(async (one) => Number(await textOf(page, one))),
  );
  // 64 draws each: a tenth of a nat is far beyond their errors at such a distance.
  assert.ok(Math.abs((elbo ?? NaN) - (logZ ?? NaN)) < 0.1 && Math.abs((eubo ?? NaN) - (logZ ?? NaN)) < 0.1);
};

const labelsBatch = async (page: Page): Promise<void> => {
  await page.click('#take-greedy');
  await until(
    page,
    `document.querySelector('#information').textContent === document.querySelector('#greedy-information').textContent`,
  );
  const labels = `document.querySelectorAll('#posterior .labelled').length`;
  const before = Number(await page.evaluate(labels));
  await page.click('#label-batch');
  await until(page, `${labels} === ${before + 2}`);
  assert.match(
    String(await page.evaluate('location.hash')) +
      String(await page.evaluate(`new Promise((done) => setTimeout(() => done(location.hash), 500))`)),
    /labelled=/,
  );
};

/**
 * All samplers draw: greedy alone stays far from the target, whose frequencies have less than a fifth beside it. The GFlowNet is trained
 * for as long as it has, and longer where the machine is slow: it draws one piece at least.
 */
const races = async (page: Page): Promise<void> => {
  await page.evaluate(`location.hash = location.hash.replace('iterations=150', 'iterations=2000')`);
  await until(page, `document.querySelector('#steps').textContent === '0 of 2000'`);
  await page.evaluate(`
    window.stood = [];
    new MutationObserver(() => stood.push(document.querySelector('#race-gflownet').textContent))
      .observe(document.querySelector('#race'), { subtree: true, childList: true, characterData: true });
  `);
  await page.click('#start-race');
  await until(page, `document.querySelector('#race-gflownet').textContent !== '–'`);
  await until(page, isFree('start-race'));
  const stood = (await page.evaluate('stood')) as readonly string[];
  assert.ok(stood.some((words) => /^trains for [\d.]+ s so far$/.test(words)));
  const stands = await textOf(page, '#race-gflownet');
  const [, draws, late] =
    /^[\d.]+ by (\d+) draws after [\d.]+ s of training(, none of them within 2 s)?$/.exec(stands) ?? [];
  // A first piece that was drawn within that time is not the last.
  assert.ok(Number(draws) >= 256 && (late !== undefined) === (draws === '256'), stands);
  const [greedy = NaN, gibbs = NaN, gflownet = NaN] = await Promise.all(
    ['greedy', 'gibbs', 'gflownet'].map(async (name) => parseFloat(await textOf(page, `#race-${name}`))),
  );
  assert.ok(greedy > 0.2 && gibbs < 0.2 && gflownet < 0.2, `${greedy}, ${gibbs}, ${gflownet}`);
  assert.match(await textOf(page, '#race .seen'), /met after \d+ updates/);
};

/** All strategies learn: the error of each falls. */
const learns = async (page: Page): Promise<void> => {
  const before = parseFloat(await textOf(page, '#own-error'));
  await page.click('#start-rounds');
  await until(page, `document.querySelector('#rounds-gflownet').textContent !== '–'`);
  await until(page, isFree('start-rounds'));
  for (const name of ['random', 'greedy', 'stochasticBatchBald', 'kdpp', 'gflownet'])
    assert.ok(parseFloat(await textOf(page, `#rounds-${name}`)) < before, name);
};

const dropsTable = async (page: Page, table: Table, expected: readonly number[]): Promise<void> => {
  const { cells, batchSize } = table;
  await dropFile(page, 'data.csv', Buffer.from(textOfTable(table)));
  await until(page, `document.querySelector('#table-target')?.value === 'y'`);
  await types(page, '#table-batch-size', '99');
  await types(page, '#table-seed', '4');
  await page.click('#choose-rows');
  await until(page, `document.querySelector('#table .trouble') !== null`);
  assert.match(
    await textOf(page, '#table .trouble'),
    `a batch of 99 is larger than the pool of ${cells.length / 2} unlabelled points`,
  );
  await types(page, '#table-batch-size', batchSize);
  await until(page, isFree('choose-rows'));
  await page.click('#choose-rows');
  await until(page, `document.querySelector('#table-rows') !== null`);
  assert.is(await textOf(page, '#table-rows'), expected.join(', '));
  assert.equal((await textOf(page, '#table .rows')).split('\n'), [
    'line,a,b,y',
    ...expected.map((row) => [row, ...(cells[row - 2] ?? [])].join(',')),
  ]);
  assert.is(await page.evaluate(`document.querySelector('#download').download`), 'batch-of-data.csv');
};

const shows = async (page: Page, engine: string, folder: string): Promise<void> => {
  const file = path.join(folder, 'data.csv');
  const table = tables[engine] ?? tableOf(0, '');
  writeFileSync(file, textOfTable(table));
  await seesScenes(page);
  await drawsPool(page);
  await trains(page);
  assert.is((await textOf(page, '#engine-name')) === 'cpu', engine === 'cpu');
  if (engine === 'cpu') await races(page);
  await labelsBatch(page);
  if (engine === 'cpu') await learns(page);
  await dropsTable(page, table, await selected(file, engine, table.batchSize));
};

for (const engine of ['cpu', 'webgpu'])
  test(`every scene, with ${engine}`, ({ address, folder }) =>
    withPage(
      `${address}#pool=6&batchSize=2&iterations=${engine === 'cpu' ? 150 : 70}&engine=${engine}`,
      (page) => shows(page, engine, folder),
      { webgpu: engine === 'webgpu' },
    ));

test('an answer stands beside what was asked alone, and no setting is beyond the picture', ({ address }) => {
  const pool = 'pool=60&batchSize=4&engine=cpu';
  return withPage(`${address}#${pool}&temperature=0.6`, async (page) => {
    await until(page, `document.querySelector('#draw-target') !== null`);
    await page.click('#draw-target');
    await page.evaluate(`location.hash = '${pool}&temperature=9'`);
    await until(page, `document.querySelector('#draw-target').textContent === 'Draw with Gibbs'`);
    assert.not.match(await textOf(page, '#known-by'), /Gibbs draws/);
    assert.not.match(await textOf(page, '#log-z'), /nats/);
    // Labels and points beyond the line are at its ends.
    await page.evaluate(
      `location.hash = 'labelled=1e308,1e308;0,-1e300&pool=1e300;2;-80&engine=cpu&batchSize=2'`,
    );
    await until(page, `document.querySelector('#log-z').textContent.includes('nats')`);
    assert.is(await page.evaluate(`document.querySelectorAll('#view .trouble').length`), 0);
    // A point less in the batch: its bar had no length.
    await page.click('#take-best');
    await until(page, isFree('empty-batch'));
    await page.click('#empty-batch');
    await until(page, `!(${isFree('empty-batch')})`);
    // Two of three points would leave one.
    await page.click('#take-greedy');
    await until(page, isFree('label-batch'));
    await page.click('#label-batch');
    await until(page, `document.querySelector('.said').textContent.includes('Two points stay')`);
    assert.is(await page.evaluate(`document.querySelectorAll('#posterior .labelled').length`), 2);
    // Another engine: what the first is at goes on unseen, and the second works.
    await page.evaluate(`location.hash = 'pool=6&batchSize=2&engine=cpu'`);
    await until(page, isFree('start-rounds'));
    await page.click('#start-rounds');
    await page.evaluate(`location.hash = 'pool=6&batchSize=2&engine=auto'`);
    await until(page, isFree('start-rounds'));
    await page.click('#step');
    await until(page, `document.querySelector('#steps').textContent.startsWith('1 of')`);
    await until(page, isIdle);
    assert.is(await page.evaluate(`document.querySelectorAll('.trouble').length`), 0);
    assert.is(await textOf(page, '#rounds-gflownet'), '–');
  });
});

test('where batches cannot be listed the k-DPP or Gibbs draws answer, and the pretrained policy needs no training', ({
  address,
}) =>
  withPage(`${address}#pool=60&batchSize=4&temperature=0.5`, async (page) => {
    await until(page, `document.querySelector('#known-by')?.textContent.includes('k-DPP')`);
    const exact = parseFloat(await textOf(page, '#log-z'));
    await page.evaluate(`location.hash = 'pool=60&batchSize=4&temperature=0.501'`);
    await until(page, `document.querySelector('#draw-target') !== null`);
    await page.click('#draw-target');
    await until(page, `document.querySelector('#known-by').textContent.includes('Gibbs')`);
    // A step of 0.001 of T moves log Z, some 20 nats, by less than a tenth of one.
    assert.ok(Math.abs(parseFloat(await textOf(page, '#log-z')) - exact) < 0.3);
    await page.evaluate(`location.hash = 'pool=10&batchSize=2'`);
    await until(page, `document.querySelector('#batches').textContent === '45'`);
    await page.click('#pretrained');
    await until(page, `document.querySelector('#pretrained-tv') !== null`);
    const [, variation] = /total variation ([\d.]+)/.exec(await textOf(page, '#pretrained-tv')) ?? [];
    assert.ok(Number(variation) < 0.3, variation);
  }));

test('what is set is in the address, and what cannot be is said in the words of the command line', ({
  address,
}) => {
  const told = 'labelled=-1,0.5&pool=-2;-1;0;1;2&batchSize=2&temperature=0.5&batch=1;3&theme=dark';
  const look = { width: 360 };
  return withPage(
    `${address}#${told}&engine=webgpu`,
    async (page) => {
      await until(page, `document.querySelector('#log-z')?.textContent.includes('nats')`);
      const count = async (selector: string) =>
        Number(await page.evaluate(`document.querySelectorAll('${selector}').length`));
      assert.equal([await count('#posterior .labelled'), await count('#posterior .pool')], [1, 5]);
      assert.equal([await count('#posterior .pool.chosen'), await textOf(page, '#batches')], [2, '10']);
      assert.is(await page.evaluate(`document.documentElement.dataset.theme`), 'dark');
      assert.ok(await page.evaluate(`document.documentElement.scrollWidth <= 360`));
      // With no label it is the prior.
      await page.click('#clear-labels');
      await until(page, `document.querySelectorAll('#posterior .labelled').length === 0`);
      // A point of the pool is labelled by a key, and a point is taken into the batch by another.
      await page.evaluate(`document.querySelector('#posterior .pool').focus()`);
      await page.keyboard.press('Enter');
      await until(page, `document.querySelectorAll('#posterior .pool').length === 4`);
      await page.evaluate(`document.querySelector('#worth .gain').focus()`);
      await page.keyboard.press('Space');
      await until(page, `document.querySelector('#worth .gain').getAttribute('aria-checked') === 'true'`);
      await page.click('#play');
      await until(page, `document.querySelector('#training .trouble') !== null`);
      assert.match(await textOf(page, '#training .trouble'), /^engine webgpu: /);
      await until(page, `location.hash.includes('labelled=-2,')`);
    },
    look,
  );
});

test.run();
