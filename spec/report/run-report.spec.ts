/** The page about simulated runs: complete, escaped, without references, with finite drawings, the same each time. */
import * as dom from '@xmldom/xmldom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { showFailure } from '../../src/failure.js';
import type { RunRecord } from '../../src/learning/record.js';
import { curvesOptions, type RunMarks, styleOf } from '../../src/report/run-panels.js';
import { escapeHtml, runReport } from '../../src/report/run-report.js';
import { fail, succeed } from '../support/device.js';
import { imaginedRecords, type Imagined } from '../support/run-records.js';

const strategies = ['gflownet', 'greedy', 'random', 'a<b> & "c"'];
const imagined: Imagined = { strategies, seeds: 3, rounds: 5, shift: (j) => 0.1 * j, pictures: true };

const page = (records: readonly RunRecord[]): Promise<string> => succeed(runReport('r.jsonl', records));

const drawings = (text: string): readonly dom.Element[] =>
  Array.from(text.matchAll(/<figure>\n(<svg.*?<\/svg>)\n<figcaption>/gs), ([, svg = '']) => {
    const strict = new dom.DOMParser({ onError: dom.onWarningStopParsing });
    const root = strict.parseFromString(svg, dom.MIME_TYPE.XML_SVG_IMAGE).documentElement;
    assert.ok(root);
    return root;
  });

const all = (root: dom.Element, name: string): readonly dom.Element[] =>
  Array.from<dom.Element>(root.getElementsByTagName(name));

/** The symbols of points: circles, and paths of other forms. */
const symbolsOf = (panel: dom.Element): readonly dom.Element[] =>
  [...all(panel, 'circle'), ...all(panel, 'path')].filter(
    (element) => (element.parentNode as dom.Element).getAttribute('aria-label') === 'dot',
  );

/** Where a symbol stands, in pixels. */
const placeOf = (symbol: dom.Element): readonly number[] => {
  const moved = /^translate\(([^,]+),([^)]+)\)$/.exec(symbol.getAttribute('transform') ?? '');
  return [moved?.[1] ?? symbol.getAttribute('cx'), moved?.[2] ?? symbol.getAttribute('cy')].map((word) =>
    Number(word ?? Number.NaN),
  );
};

const rowHeaders = (text: string): readonly string[] =>
  Array.from(text.matchAll(/<th scope="row">([^<]*)<\/th>/g), ([, name = '']) => name);

test('each strategy has one row and is in each legend, with its name escaped', async () => {
  const text = await page(imaginedRecords(imagined));
  assert.equal(rowHeaders(text), ['gflownet', 'greedy', 'random', 'a&lt;b&gt; &amp; &quot;c&quot;']);
  assert.not.match(text, /<b>/);
  const [curves, batches, pictures, ...others] = drawings(text);
  assert.ok(curves && batches && pictures);
  assert.is(others.length, 0);
  const texts = (root: dom.Element) => all(root, 'text').map(({ textContent }) => textContent ?? '');
  for (const root of [curves, batches])
    assert.equal(
      strategies.map((name) => texts(root).filter((one) => one === name).length),
      [1, 1, 1, 1],
    );
  for (const name of strategies) assert.ok(texts(pictures).includes(`${name}, round 5`), name);
  // A legend and two panels; a panel a strategy.
  assert.equal(
    [curves, batches, pictures].map((root) => all(root, 'svg').length),
    [3, 3, 4],
  );
  // The picture ends below its last panel.
  const ends = all(pictures, 'svg').map(
    (panel) => Number(panel.getAttribute('y')) + Number(panel.getAttribute('height')),
  );
  assert.ok(Math.max(...ends) <= Number(pictures.getAttribute('height')));
  assert.ok(Number(pictures.getAttribute('height')) <= Math.max(...ends) + 60);
  // The last batch has three points, and the labels before it 5 + 3 · 4.
  const dots = (fill: string) =>
    all(pictures, 'circle').filter((dot) => (dot.parentNode as dom.Element).getAttribute('fill') === fill);
  assert.equal([dots('#d55e00').length, dots('#888888').length], [4 * 3, 4 * 17]);
});

test('the page refers to nothing outside, runs nothing, and has each id once', async () => {
  const twice = [...imaginedRecords(imagined), ...imaginedRecords({ ...imagined, experiment: '</style>&' })];
  const text = await page(twice);
  assert.not.match(text, /<(script|link|img|iframe|image|use|object)\b/i);
  assert.not.match(text, /\b(href|src)\s*=|@import|url\(/i);
  // The one address is the name of the language of drawings.
  const addresses = text.match(/https?:[^"'\s<]*/g) ?? [];
  assert.equal([...new Set(addresses)], ['http://www.w3.org/2000/svg']);
  const ids = Array.from(text.matchAll(/\sid="([^"]*)"/g), ([, id = '']) => id);
  assert.is(ids.length, 12);
  assert.is(new Set(ids).size, ids.length);
  for (const [, names = ''] of text.matchAll(/aria-labelledby="([^"]*)"/g))
    for (const name of names.split(' ')) assert.ok(ids.includes(name), name);
  assert.match(text, /<h2>&lt;\/style&gt;&amp;<\/h2>/);
});

test('a line of reference lies inside of its panel, whatever the curves are', () => {
  const marks = Object.fromEntries(
    ['areaY', 'dot', 'frame', 'line', 'ruleY', 'text'].map((name) => [name, () => []]),
  ) as unknown as RunMarks;
  const points = [0.2, 0.3].map((y, x) => ({ x, y, low: y - 0.1, high: y + 0.1 }));
  const domainOf = (reference: { readonly reference?: number }): readonly number[] => {
    const axes = { x: 'round', y: 'ratio', logarithmic: false, ...reference };
    const { y } = curvesOptions(marks, [{ strategy: 'a', style: styleOf(0), points }], axes);
    return Array.from(y?.domain ?? [], Number);
  };
  const [[low = NaN, high = NaN], [, raised = NaN]] = [domainOf({}), domainOf({ reference: 1 })];
  assert.ok(low < 0.1 && high > 0.4 && high < 0.5, `${low} to ${high}`);
  assert.ok(raised > 1 && raised < 1.1, `${raised}`);
});

test('nothing is drawn where a figure cannot lie, and what is counted has whole marks', () => {
  const marks = Object.fromEntries(
    ['areaY', 'dot', 'frame', 'line', 'ruleY', 'text'].map((name) => [name, (data: unknown) => data]),
  ) as unknown as RunMarks;
  const points = [0.9, 0.99].map((y, x) => ({ x, y, low: y - 0.2, high: y + 0.2 }));
  const {
    x,
    y,
    marks: drawn,
  } = curvesOptions(marks, [{ strategy: 'a', style: styleOf(0), points }], {
    ...{ x: 'round', y: 'accuracy', logarithmic: false, range: [0, 1] },
  });
  const [low = NaN, high = NaN] = Array.from(y?.domain ?? [], Number);
  assert.ok(low > 0.6 && high === 1, `${low} to ${high}`);
  const bands = (drawn ?? []).flat(2) as unknown as readonly { readonly high: number }[];
  assert.ok(bands.some((band) => band.high === 1) && bands.every((band) => !(band.high > 1)));
  assert.equal(x?.ticks, [0, 1]);
});

test('a page fits a telephone, and says where seeds are too few', async () => {
  const few = await page(imaginedRecords(imagined));
  assert.match(
    few,
    /@media \(max-width: \d+rem\) \{\n {2}figure \{ overflow-x: auto; \}\n {2}figure svg \{ max-width: none; \}/,
  );
  assert.match(few, /Of 3 seeds that is wide or nothing: 5 or more tell strategies apart\./);
  assert.not.match(await page(imaginedRecords({ ...imagined, seeds: 5 })), /wide or nothing/);
});

test('every number of the drawings is finite, with one seed, one strategy, many, no time and no JMI', async () => {
  const many = Array.from({ length: 17 }, (_, j) => `strategy ${j}`);
  const unknown = imaginedRecords(imagined).map((record) => ({
    ...record,
    jointMutualInformation: null,
    picture: null,
    seconds: { fit: 0, propose: 0 },
  }));
  for (const [records, figures] of [
    [imaginedRecords(imagined), 3],
    [imaginedRecords({ ...imagined, seeds: 1 }), 3],
    [imaginedRecords({ ...imagined, strategies: ['greedy'] }), 3],
    [imaginedRecords({ ...imagined, strategies: many }), 3],
    [imaginedRecords({ ...imagined, classes: true, pictures: false }), 2],
    [imaginedRecords({ ...imagined, rounds: 0, pictures: false }), 1],
    [unknown, 2],
  ] as const) {
    const text = await page(records);
    assert.is(drawings(text).length, figures);
    assert.not.match(text, /NaN|Infinity|undefined|null/);
    // Each strategy stands in the panel of time and quality, after the legend.
    const standings = drawings(text).flatMap((root) => all(root, 'svg').slice(1, 2))[1];
    if (standings !== undefined)
      assert.is(symbolsOf(standings).length, new Set(records.map(({ strategy }) => strategy)).size);
    // Every symbol stands inside its panel.
    for (const root of drawings(text))
      for (const panel of all(root, 'svg'))
        for (const symbol of symbolsOf(panel)) {
          const [x, y] = placeOf(symbol);
          assert.ok(Number(x) >= 0 && Number(x) <= Number(panel.getAttribute('width')), `x ${x}`);
          assert.ok(Number(y) >= 0 && Number(y) <= Number(panel.getAttribute('height')), `y ${y}`);
        }
  }
});

test('the same records give the same page; other records another', async () => {
  const records = imaginedRecords(imagined);
  assert.is(await page(records), await page(records));
  assert.is.not(await page(records), await page(imaginedRecords({ ...imagined, shift: () => 0 })));
});

test('without a seed that all strategies completed there is no page, nor without what draws', async () => {
  const records = imaginedRecords(imagined);
  const cut = records.filter(({ strategy, round }) => strategy !== 'random' || round < 5);
  const failure = await fail(runReport('r.jsonl', cut));
  assert.match(showFailure(failure), /^r\.jsonl: no seed of imagined has all rounds from 0 to 5 of all/);
  const missing = await fail(runReport('r.jsonl', records, () => Promise.reject(new Error('no package'))));
  assert.match(showFailure(missing), /could not be loaded: Error: no package\. Install them with/);
});

test('text is escaped, and what HTML has no place for is replaced', () => {
  assert.is(escapeHtml(`<a href='x'>"&"</a>`), '&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;');
  assert.is(escapeHtml('a\u0000b\uD800c\nd'), 'a\\u0000b\\ud800c\nd');
});

test.run();
