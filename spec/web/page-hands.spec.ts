/** The page of `batchgfn explore` by keyboard and by touch: focus stays where it is, and marks are large enough for fingers. */
import type { Page } from 'puppeteer-core';
import * as assert from 'uvu/assert';
import { until, withPage } from '../support/browser.js';
import { isFree, isIdle, pageSuite } from '../support/explored.js';

const test = pageSuite('the page by hand');

const focused = (page: Page): Promise<unknown> => page.evaluate(`document.activeElement.id`);

test('a button that is pressed keeps the focus, whatever becomes of its words', ({ address }) =>
  withPage(`${address}#pool=6&batchSize=2&iterations=400&engine=cpu`, async (page) => {
    await until(page, isFree('start-race'));
    await page.focus('#play');
    await page.keyboard.press('Enter');
    await until(page, `document.querySelector('#play').textContent === 'Pause'`);
    assert.is(await focused(page), 'play');
    await page.keyboard.press('Enter');
    await until(page, isIdle);
    assert.is(await focused(page), 'play');
    for (const id of ['step', 'reset']) {
      await page.focus(`#${id}`);
      await page.keyboard.press('Enter');
      await until(
        page,
        `document.querySelector('#steps').textContent.startsWith('0 of') === ${id === 'reset'}`,
      );
      await until(page, isIdle);
      assert.is(await focused(page), id);
    }
    // A batch is taken and labelled by the same button.
    await page.focus('#own-batch');
    for (const count of [2, 0]) {
      await page.keyboard.press('Enter');
      await until(page, `document.querySelectorAll('#posterior .pool.chosen').length === ${count}`);
      await until(page, isFree('own-batch'));
      assert.is(await focused(page), 'own-batch');
    }
    // What comes and goes beside a control leaves it as it is.
    await page.focus('#temperature');
    for (const [temperature, isAsked] of [
      [0.5, false],
      [0.6, true],
      [0.5, false],
    ]) {
      await page.evaluate(`location.hash = 'pool=60&batchSize=4&engine=cpu&temperature=${temperature}'`);
      await until(page, `(document.querySelector('#draw-target') !== null) === ${isAsked}`);
      assert.is(await focused(page), 'temperature');
    }
  }));

/** The middle of an element, in pixels of what is seen. */
const middleOf = async (page: Page, selector: string): Promise<readonly [number, number]> =>
  (await page.evaluate(`(() => {
    const { x, y, width, height } = document.querySelector('${selector}').getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  })()`)) as readonly [number, number];

/** A finger that goes down, along a way, and up. */
const drag = async (page: Page, [x, y]: readonly [number, number], by: readonly [number, number]) => {
  const touch = await page.touchscreen.touchStart(x, y);
  for (let i = 1; i <= 10; i++) await touch.move(x + (by[0] * i) / 10, y + (by[1] * i) / 10);
  await touch.end();
};

const look = { width: 360, hasTouch: true };

test('marks are 24 pixels wide and high for who aims at them, or reach to the middle between two', ({
  address,
}) =>
  withPage(
    `${address}#pool=-2;-1;0;0.1;1&labelled=-1,0.5;2,1&batchSize=2&engine=cpu`,
    async (page) => {
      await until(page, `document.querySelectorAll('#worth .gain').length === 5`);
      const aimed = (await page.evaluate(`
        ['#posterior .labelled', '#posterior .pool', '#worth .gain'].flatMap((kind) =>
          [...document.querySelectorAll(kind)].map((mark) => {
            mark.scrollIntoView({ block: 'center' });
            const circle = mark.querySelector('circle').getBoundingClientRect();
            const [x, y] = [circle.x + circle.width / 2, circle.y + circle.height / 2];
            const reaches = (dx, dy) => mark.contains(document.elementFromPoint(x + dx, y + dy));
            return [reaches(-11, 0), reaches(11, 0), reaches(0, 9), reaches(0, -11)].map(Number).join('');
          }))
      `)) as readonly string[];
      const alone = '1111';
      // Two of the pool, 5 pixels from each other, each have their own side.
      const row = [alone, alone, '1011', '0111', alone];
      assert.equal(aimed, [alone, alone, ...row, ...row]);
    },
    look,
  ));

test('a finger drags a label, takes a point into the batch, adds a label, and moves the page', ({
  address,
}) =>
  withPage(
    `${address}#pool=-2;-1;0;1;2&labelled=-1,0.5&batchSize=2&engine=cpu`,
    async (page) => {
      await until(page, `document.querySelectorAll('#worth .gain').length === 5`);
      await page.evaluate(`document.querySelector('#posterior svg').scrollIntoView({ block: 'center' })`);
      const scrolled = async () => Number(await page.evaluate('scrollY'));
      const top = await scrolled();
      await drag(page, await middleOf(page, '#posterior .labelled'), [40, 60]);
      await until(page, `location.hash.includes('labelled=-0.')`);
      const [, y = NaN] =
        /labelled=[-\d.]+,([-\d.]+)/.exec(String(await page.evaluate('location.hash')))?.map(Number) ?? [];
      assert.ok(y < -0.3, String(y));
      assert.is(await scrolled(), top);
      const [x, below] = await middleOf(page, '#posterior svg');
      await page.touchscreen.tap(x + 60, below - 40);
      await until(page, `document.querySelectorAll('#posterior .labelled').length === 2`);
      await page.evaluate(`document.querySelector('#worth svg').scrollIntoView({ block: 'center' })`);
      await page.touchscreen.tap(...(await middleOf(page, '#worth .gain .catch')));
      await until(page, `document.querySelectorAll('#worth .gain.chosen').length === 1`);
      // The page goes on for a while: a tap would stop it, and do no more.
      const before = await scrolled();
      await drag(page, [x - 60, below], [0, -150]);
      await until(page, `scrollY > ${before + 50}`);
      assert.is(
        await page.evaluate(`document.querySelectorAll('#posterior .labelled, .gain.chosen').length`),
        4,
      );
    },
    look,
  ));

test.run();
