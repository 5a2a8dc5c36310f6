/**
 * How long does the page keep its reader waiting? Run by hand, since seconds are the machine's:
 *
 *   node .build/spec/web/measure.js [TIMES]
 *
 * Opens it with a pool of 60 points on the CPU engine and presses play at once. Prints the milliseconds from opening to the first paint
 * and to the first trained policy that is measured, with a batch drawn from it; then the longest tasks that held the page up, while it
 * trains and while a label is dragged, as the browser tells them (PerformanceObserver, from 50 ms).
 */
import { loadavg } from 'node:os';
import type { Page } from 'puppeteer-core';
import { until, withPage } from '../support/browser.js';
import { explore, isIdle } from '../support/explored.js';

/** Runs before the page: notes long tasks, presses play when it is there, and notes when a policy was measured. */
const watching = `
  window.seen = { long: [], trained: 0 };
  new PerformanceObserver((list) => seen.long.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask', buffered: true });
  new MutationObserver(() => {
    const play = document.querySelector('#play');
    if (play !== null && seen.played === undefined) (seen.played = performance.now()), play.click();
    const shown = document.querySelector('#tv')?.textContent ?? '–';
    if (shown !== '–' && seen.trained === 0) seen.trained = performance.now();
  }).observe(document, { childList: true, subtree: true, characterData: true });
`;

const measure = async (page: Page): Promise<string> => {
  await until(page, `seen.trained > 0 && ${isIdle}`);
  const [paint, trained, training] = (await page.evaluate(
    `[performance.getEntriesByType('paint')[0].startTime, seen.trained, Math.max(0, ...seen.long)]`,
  )) as readonly [number, number, number];
  await page.evaluate(`seen.long.length = 0; document.querySelector('#posterior').scrollIntoView()`);
  const box = await (await page.$('#posterior .labelled circle'))?.boundingBox();
  if (!box) throw new Error('no label to drag');
  await page.mouse.move(box.x + 7, box.y + 7);
  await page.mouse.down();
  for (let i = 0; i < 60; i++) await page.mouse.move(box.x + 7 + 3 * i, box.y + 7 + i);
  await page.mouse.up();
  await until(page, `location.hash.includes('labelled')`);
  const dragging = (await page.evaluate(`Math.max(0, ...seen.long)`)) as number;
  return [
    `first paint ${paint.toFixed(0)} ms`,
    `first trained ${trained.toFixed(0)} ms`,
    `longest task ${training.toFixed(0)} ms training, ${dragging.toFixed(0)} ms dragging`,
    `load ${loadavg()[0]?.toFixed(1) ?? ''}`,
  ].join(', ');
};

const { server, address } = await explore();
for (let i = 0; i < Number(process.argv[2] ?? 3); i++)
  console.log(await withPage(`${address}#pool=60&engine=cpu&iterations=100`, measure, { before: watching }));
server.kill('SIGINT');
