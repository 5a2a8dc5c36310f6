/** The picture of a batch: well-formed, complete, inside its frame, the same each time. */
import * as dom from '@xmldom/xmldom';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { batchSvg, type BatchPlot, type ExpectedPoint } from '../../src/report/batch-plot.js';
import { colours } from '../../src/report/panels.js';
import { succeed } from '../support/device.js';
import { runs } from '../support/property.js';

const rootOf = (text: string): dom.Element => {
  const strict = new dom.DOMParser({ onError: dom.onWarningStopParsing });
  const root = strict.parseFromString(text, dom.MIME_TYPE.XML_SVG_IMAGE).documentElement;
  assert.ok(root);
  return root;
};

const all = (root: dom.Element, name: string): readonly dom.Element[] =>
  Array.from<dom.Element>(root.getElementsByTagName(name));

const dotsOf = (root: dom.Element, fill: string): readonly dom.Element[] =>
  all(root, 'g')
    .filter((group) => group.getAttribute('fill') === fill && group.getAttribute('aria-label') === 'dot')
    .flatMap((group) => all(group, 'circle'));

const number = (element: dom.Element, name: string): number => Number(element.getAttribute(name));

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const expected: fc.Arbitrary<ExpectedPoint> = fc.record({
  x: value,
  mean: value,
  deviation: fc.double({ min: 0, max: 1e6, noNaN: true }),
});

const plots: fc.Arbitrary<BatchPlot> = fc
  .record({
    title: fc.string(),
    feature: fc.string(),
    target: fc.string(),
    labelled: fc.array(fc.record({ x: value, y: value }), { maxLength: 5 }),
    pool: fc.array(expected, { minLength: 1, maxLength: 20 }),
    count: fc.nat(5),
    truth: fc.constant([]),
  })
  .map(({ count, ...plot }) => ({ ...plot, chosen: plot.pool.slice(0, count) }));

test('every labelled and every chosen point is a dot, inside the frame', async () => {
  await fc.assert(
    fc.asyncProperty(plots, async (plot) => {
      const root = rootOf(await succeed(batchSvg(plot)));
      const [panel] = all(root, 'svg');
      assert.ok(panel);
      const [chosen, labelled] = [dotsOf(root, colours.edge), dotsOf(root, colours.reference)];
      assert.equal([chosen.length, labelled.length], [plot.chosen.length, plot.labelled.length]);
      for (const dot of [...chosen, ...labelled]) {
        assert.ok(number(dot, 'cx') >= 60 && number(dot, 'cx') <= number(panel, 'width') - 20);
        assert.ok(number(dot, 'cy') >= 8 && number(dot, 'cy') <= number(panel, 'height') - 38);
      }
    }),
    runs(20),
  );
});

const small: BatchPlot = {
  title: 'a batch',
  feature: 'x',
  target: 'y',
  labelled: [{ x: 0, y: 0 }],
  pool: [
    { x: 1, mean: 1, deviation: 0.5 },
    { x: -1, mean: 0, deviation: 0.25 },
    { x: 0.5, mean: 0.5, deviation: 0 },
  ],
  chosen: [{ x: 1, mean: 1, deviation: 0.5 }],
  truth: [],
};

test('the band is of two standard deviations: y of a rule through a chosen point', async () => {
  const root = rootOf(await succeed(batchSvg(small)));
  const [rule] = all(root, 'g')
    .filter((group) => group.getAttribute('stroke') === colours.edge)
    .flatMap((group) => all(group, 'line'));
  const [dot] = dotsOf(root, colours.edge);
  const [label] = dotsOf(root, colours.reference);
  assert.ok(rule && dot && label);
  // From mean 1 to 2 standard deviations of ½ above it is as far as from label 0 to mean 1.
  const above = number(dot, 'cy') - Math.min(number(rule, 'y1'), number(rule, 'y2'));
  assert.ok(Math.abs(above - (number(label, 'cy') - number(dot, 'cy'))) < 0.05);
});

test('the caption speaks of the function only where it is drawn, and the text is the same each time', async () => {
  const once = await succeed(batchSvg(small));
  assert.is(await succeed(batchSvg(small)), once);
  assert.not.match(once, 'Dashed');
  const known = await succeed(
    batchSvg({
      ...small,
      truth: [
        { x: -1, y: 0 },
        { x: 1, y: 1 },
      ],
    }),
  );
  assert.match(known, 'Dashed: the function.');
});

test('a pool without points cannot be drawn', async () => {
  try {
    await batchSvg({ ...small, pool: [] })();
    assert.unreachable();
  } catch (error) {
    assert.instance(error, RangeError);
  }
});

test.run();
