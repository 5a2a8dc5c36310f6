/** The page of `batchgfn explore` when a question is changed before its answer is there, or cannot be asked. */
import * as assert from 'uvu/assert';
import type { Page } from 'puppeteer-core';
import { textOf, until, withPage } from '../support/browser.js';
import { isFree, pageSuite } from '../support/explored.js';

const test = pageSuite('the page asked again');

const goTo = (page: Page, hash: string): Promise<unknown> => page.evaluate(`location.hash = '${hash}'`);

const press = (page: Page, id: string): Promise<unknown> =>
  page.evaluate(`document.querySelector('#${id}').click()`);

test('a race, and a learning, of other settings ends, and the next one is not lost', ({ address }) => {
  // A training of minutes: the next race does not wait for it.
  const long = 'pool=30&batchSize=3&policy=messagePassing&iterations=2000&engine=cpu';
  return withPage(`${address}#${long}`, async (page) => {
    await until(page, isFree('start-race'));
    await press(page, 'start-race');
    await until(page, `document.querySelector('#race-gibbs').textContent !== '–'`);
    await until(page, `document.querySelector('#race-gflownet').textContent !== '–'`);
    await goTo(page, 'pool=6&batchSize=2&iterations=50&engine=cpu');
    await until(page, `document.querySelector('#race-gibbs').textContent === '–'`);
    await press(page, 'start-race');
    await until(page, `/draws/.test(document.querySelector('#race-gflownet').textContent)`);
    await press(page, 'start-rounds');
    await until(page, `document.querySelector('#rounds-random').textContent !== '–'`);
    await goTo(page, 'pool=6&batchSize=2&iterations=50&engine=cpu&noise=0.3');
    await until(page, `document.querySelector('#rounds-random').textContent === '–'`);
    await press(page, 'start-rounds');
    await until(page, `document.querySelector('#rounds-gflownet').textContent !== '–'`);
    await until(page, isFree('start-rounds'));
    // Curves of other labels are gone; those of labels that went on stay.
    await until(page, isFree('own-batch'));
    await press(page, 'own-batch');
    await until(page, `document.querySelectorAll('#posterior .pool.chosen').length === 2`);
    await press(page, 'own-batch');
    await until(page, `document.querySelectorAll('#posterior .labelled').length > 3`);
    assert.not.equal(await textOf(page, '#rounds-gflownet'), '–');
    await goTo(page, 'pool=6&batchSize=2&iterations=50&engine=cpu&noise=0.3&labelled=-2,1;0,0;2,1;2.5,1;1,0');
    await until(page, `document.querySelector('#rounds-gflownet').textContent === '–'`);
  });
});

test('why something is not done is seen, and what fails in a scene is told there', ({ address }) =>
  withPage(
    `${address}#pool=-2;-1;0&batch=0;1&engine=webgpu`,
    async (page) => {
      await until(page, isFree('start-race'));
      await until(page, isFree('own-batch'));
      await press(page, 'own-batch');
      await until(
        page,
        `document.querySelector('.refused')?.textContent.includes('Two points stay') ?? false`,
      );
      assert.ok(
        await page.evaluate(`document.querySelector('.refused').getBoundingClientRect().width > 100`),
      );
      await press(page, 'start-rounds');
      await until(
        page,
        `/no adapter|WebGPU/i.test(document.querySelector('#rounds .trouble')?.textContent ?? '')`,
      );
    },
    { webgpu: false },
  ));

test.run();
