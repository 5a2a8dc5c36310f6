/** The picture of a verification: well-formed, complete, inside its frames, small, the same each time. */
import * as dom from '@xmldom/xmldom';
import { isLeft } from '#fp-ts/Either';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { showFailure } from '../../src/failure.js';
import { keyFromSeed, split, uniforms } from '../../src/random/key.js';
import { colours, sizes } from '../../src/report/panels.js';
import {
  verificationSvg,
  type VerificationPlot,
  type VerificationRun,
} from '../../src/report/verification-plot.js';
import { succeed } from '../support/device.js';
import { runs } from '../support/property.js';

const parsed = (text: string): dom.Element => {
  const strict = new dom.DOMParser({ onError: dom.onWarningStopParsing });
  const root = strict.parseFromString(text, dom.MIME_TYPE.XML_SVG_IMAGE).documentElement;
  assert.ok(root);
  return root;
};

const draw = async (plot: VerificationPlot): Promise<dom.Element> =>
  parsed(await succeed(verificationSvg(plot)));

const all = (root: dom.Element, name: string): readonly dom.Element[] =>
  Array.from<dom.Element>(root.getElementsByTagName(name));

const texts = (root: dom.Element): readonly string[] =>
  all(root, 'text').map((text) => text.textContent ?? '');

/** All words of the caption and the labels, with line breaks as spaces. */
const words = (root: dom.Element): string => texts(root).join(' ');

const number = (element: dom.Element, name: string): number => Number(element.getAttribute(name));

const panels = (root: dom.Element): readonly dom.Element[] => all(root, 'svg');

const dots = (panel: dom.Element, fill?: string): readonly dom.Element[] =>
  all(panel, 'circle').filter(
    (dot) => fill === undefined || (dot.parentNode as dom.Element).getAttribute('fill') === fill,
  );

const normal = (values: Float64Array): Float64Array => {
  const total = values.reduce((a, b) => a + b, 0);
  return values.map((value) => value / total);
};

/** Probabilities over several decades, and others near them. */
const probabilities = (count: number, seed: number) => {
  const key = keyFromSeed(seed);
  const target = Float64Array.from(uniforms(split(key, 0), count), (u) => Math.exp(12 * u));
  const noise = uniforms(split(key, 1), count);
  return {
    target: normal(target),
    learned: normal(target.map((p, i) => p * Math.exp(2 * (noise[i] ?? 0) - 1))),
  };
};

const run = (name: string, count: number, steps: number): VerificationRun => ({
  name,
  probabilities: probabilities(count, 1),
  totalVariation: 0.012345,
  loss: Array.from({ length: steps }, (_, i) => ({ iteration: 10 * (i + 1), loss: 30 / (1 + (i % 97)) })),
  elbo: Array.from({ length: steps }, (_, i) => ({ iteration: 10 * (i + 1), elbo: 7 - 3 / (1 + i) })),
  logZ: 7.25,
});

const small: VerificationPlot = {
  problem: '15 points & batches of 3, T < 0.2',
  runs: [run('gain, trajectoryBalance', 455, 50), run('pointer, "flowMatching"', 455, 50)],
};

test('three panels a run, with the total variation, log Z, axis labels and names', async () => {
  const root = await draw(small);
  assert.is(panels(root).length, 6);
  for (const panel of panels(root)) assert.is(panel.getAttribute('class'), null);
  const counts = new Map<string, number>();
  for (const text of texts(root)) counts.set(text, (counts.get(text) ?? 0) + 1);
  for (const label of [
    'target probability',
    'learned probability',
    'loss (nats²)',
    'ELBO (nats)',
    'iteration',
    'total variation 0.0123',
    'log Z 7.250',
    '455 batches',
  ])
    assert.is(counts.get(label), 2, label);
  for (const { name } of small.runs) assert.is(counts.get(name), 1, name);
  assert.is(counts.get(small.problem), 1);
});

test('the title and the description say what the picture shows', async () => {
  const root = await draw(small);
  assert.is(all(root, 'title')[0]?.textContent, `Verification: ${small.problem}`);
  const description = all(root, 'desc')[0]?.textContent ?? '';
  assert.match(
    description,
    /gain, trajectoryBalance: 455 batches, total variation 0\.0123, loss 0\.6 nats² after 500 iterations\./,
  );
  const ids = (root.getAttribute('aria-labelledby') ?? '').split(' ');
  assert.equal(
    ids,
    [...all(root, 'title'), ...all(root, 'desc')].map((element) => element.getAttribute('id')),
  );
});

test('the same value gives the same text, whatever was drawn before', async () => {
  const first = await succeed(verificationSvg(small));
  await draw({ problem: 'another', runs: [run('a', 10, 3)] });
  assert.is(await succeed(verificationSvg(small)), first);
  // Nothing is loaded from elsewhere, and nothing runs.
  assert.not.match(first.replaceAll('http://www.w3.org/2000/svg', ''), /https?:|<script|<style|url\(|href/);
});

const { width, height, marginLeft, marginRight, marginTop, marginBottom } = sizes.agreement;
const frame = { left: marginLeft, right: width - marginRight, top: marginTop, bottom: height - marginBottom };

/** By how much a rounded coordinate may be off. */
const pixel = 0.011;

const probability = fc.oneof(
  fc.constantFrom(0, 5e-324, 1e-300, 1e-20, 1),
  fc.double({ min: 0, max: 1, noNaN: true }),
);

test('a dot for each batch: inside the frame, on the diagonal where equal, on the edge in orange where 0', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(probability, probability), { minLength: 1, maxLength: 40 }),
      async (pairs) => {
        const [target, learned] = [pairs.map(([p]) => p), pairs.map(([, q]) => q)];
        const one = { name: 'r', totalVariation: null, loss: [], elbo: [], logZ: null };
        const root = await draw({ problem: 'p', runs: [{ ...one, probabilities: { target, learned } }] });
        const panel = panels(root)[0];
        assert.ok(panel);
        assert.is(dots(panel).length, pairs.length);
        for (const dot of dots(panel)) {
          const [x, y] = [number(dot, 'cx'), number(dot, 'cy')];
          assert.ok(x >= frame.left - pixel && x <= frame.right + pixel, `x = ${x}`);
          assert.ok(y >= frame.top - pixel && y <= frame.bottom + pixel, `y = ${y}`);
        }
        for (const dot of dots(panel, colours.edge))
          assert.ok(
            Math.min(number(dot, 'cx') - frame.left, frame.bottom - number(dot, 'cy')) <= pixel,
            'on the edge',
          );
        const zeros = pairs.filter(([p, q]) => p === 0 || q === 0).length;
        assert.ok(dots(panel, colours.edge).length >= zeros);
        if (zeros > 0) assert.match(words(root), /On the lower or left edge, in orange/);
        const equal = pairs.filter(([p, q]) => p === q).length;
        const diagonal = dots(panel).filter(
          (dot) => Math.abs(number(dot, 'cx') - frame.left - (frame.bottom - number(dot, 'cy'))) <= 2 * pixel,
        );
        assert.ok(diagonal.length >= equal);
      },
    ),
    runs(60),
  ));

test('a decade is as wide as it is high, and larger probabilities lie to the right and above', async () => {
  const target = [0.9, 0.09, 0.009, 0.001];
  const learned = [0.09, 0.9, 0.001, 0.009];
  const one = { name: 'r', totalVariation: null, loss: [], elbo: [], logZ: null };
  const root = await draw({ problem: 'p', runs: [{ ...one, probabilities: { target, learned } }] });
  const at = dots(panels(root)[0] ?? root).map((dot) => [number(dot, 'cx'), number(dot, 'cy')] as const);
  const [a = [0, 0], b = [0, 0], c = [0, 0]] = at;
  assert.ok(a[0] > b[0] && b[0] > c[0]);
  assert.ok(b[1] < a[1] && a[1] < c[1]);
  assert.ok(Math.abs(a[0] - b[0] - (a[1] - b[1])) <= 4 * pixel);
  assert.ok(Math.abs(a[0] - b[0] - (b[0] - c[0])) <= 4 * pixel);
});

test('15 runs of 200,000 batches and 5,000 steps stay below 1 MB, and the caption says how', async () => {
  const listed = run('a', 200_000, 5000);
  const text = await succeed(
    verificationSvg({ problem: 'p', runs: Array.from({ length: 15 }, () => listed) }),
  );
  assert.ok(text.length < 1_000_000, `${text.length} bytes`);
  const root = parsed(text);
  for (const panel of panels(root)) assert.ok(dots(panel).length <= 1000);
  assert.match(words(root), /Batches in one cell of a grid \(\d+ cells a side\) are one dot/);
  assert.match(words(root), /Long curves show the least and the greatest value/);
  const dense = run('b', 1000, 5000);
  const single = await succeed(
    verificationSvg({ problem: 'p', runs: Array.from({ length: 15 }, () => dense) }),
  );
  assert.ok(single.length < 1_000_000, `${single.length} bytes`);
  assert.is(dots(parsed(single)).length, 15_000);
  assert.not.match(words(parsed(single)), /one cell of a grid/);
});

test('held-out batches: their spread, whatever the constant', async () => {
  const logTarget = [10, 11, 12, 13];
  const picture = (constant: number) =>
    draw({
      problem: 'p',
      runs: [
        {
          name: 'r',
          logRatios: { logTarget, logLearned: [-0.5, 0.5, -0.5, 0.5].map((e, i) => i + e + constant) },
          totalVariation: null,
          loss: [],
          elbo: [],
          logZ: null,
        },
      ],
    });
  const [here, there] = [await picture(-20), await picture(-30)];
  assert.ok(texts(here).includes('sd of log ratio 0.5 nats'));
  assert.ok(texts(here).includes('log target + constant (nats)'));
  assert.ok(texts(here).includes('4 held-out batches'));
  assert.match(words(here), /no losses recorded/);
  // Half a nat below and above the diagonal by turns, and none on the edge.
  assert.is(dots(here, colours.edge).length, 0);
  const above = dots(here).map((dot) => frame.bottom - number(dot, 'cy') - (number(dot, 'cx') - frame.left));
  const [first = 0] = above;
  assert.ok(first < -10);
  above.forEach((height, i) =>
    assert.ok(Math.abs(height - (i % 2 === 0 ? first : -first)) <= 4 * pixel, String(height)),
  );
  const coordinates = (root: dom.Element) => dots(root).map((dot) => [number(dot, 'cx'), number(dot, 'cy')]);
  assert.equal(coordinates(here), coordinates(there));
});

test('a loss of 0 lies on the lower edge, and the caption says so', async () => {
  const loss = [1, 0, 4].map((value, i) => ({ iteration: i + 1, loss: value }));
  const root = await draw({
    problem: 'p',
    runs: [{ name: 'r', totalVariation: null, loss, elbo: [], logZ: null }],
  });
  assert.match(words(root), /A loss of 0 is drawn on the lower edge/);
  const curve = all(panels(root)[1] ?? root, 'path').find(
    (path) => (path.parentNode as dom.Element).getAttribute('aria-label') === 'line',
  );
  const heights = Array.from((curve?.getAttribute('d') ?? '').matchAll(/,([\d.]+)/g), ([, y]) => Number(y));
  assert.is(heights[1], sizes.loss.height - sizes.loss.marginBottom);
  assert.ok((heights[2] ?? 0) < (heights[0] ?? 0));
});

test('the lines of the caption stand one below the other, below the panels and inside of the picture', async () => {
  const root = await draw({ ...small, runs: [run('gain, trajectoryBalance', 5000, 2000)] });
  const bottom = Math.max(...panels(root).map((panel) => number(panel, 'y') + number(panel, 'height')));
  const tops = all(root, 'text')
    .filter((text) => text.parentNode === root)
    .map((text) => number(text, 'y'))
    .filter((y) => y >= bottom);
  assert.ok(tops.length > 1, `${tops.length} lines`);
  tops.slice(1).forEach((y, i) => assert.ok(y - (tops[i] ?? NaN) >= 12, tops.join()));
  assert.ok(Math.max(...tops) < number(root, 'height'));
});

test('names with characters that XML has not are drawn all the same', async () => {
  const root = await draw({ problem: 'a\u0000b\uD800c', runs: [run('\u001b[1m', 3, 2)] });
  assert.ok(texts(root).includes('a\\u0000b\\ud800c'));
});

test('what cannot be drawn throws a RangeError that names it', () => {
  const good = run('one', 3, 2);
  const third = [1 / 3, 1 / 3, 1 / 3];
  const cases: readonly (readonly [Partial<VerificationRun>, RegExp])[] = [
    [{ probabilities: { target: third, learned: [1] } }, /target has 3 values and .*learned has 1/],
    [{ probabilities: { target: [], learned: [] } }, /probabilities\.target has no values/],
    [{ probabilities: { target: [1, -0.5], learned: [1, 0] } }, /target\[1\] is -0\.5/],
    [{ probabilities: { target: [1, 0], learned: [NaN, 0] } }, /learned\[0\] is NaN/],
    [{ probabilities: { target: [1, 0], learned: [2, 0] } }, /learned\[0\] is 2/],
    [{ logRatios: { logTarget: [1], logLearned: [1, 2] } }, /logTarget has 1 .*logLearned has 2/],
    [{ logRatios: { logTarget: [-Infinity], logLearned: [1] } }, /logTarget\[0\] is -Infinity/],
    [{ logRatios: { logTarget: [1], logLearned: [Infinity] } }, /logLearned\[0\] is Infinity/],
    [{ totalVariation: 1.5 }, /totalVariation is 1\.5/],
    [{ logZ: NaN }, /logZ is NaN/],
    [{ loss: [{ iteration: 1, loss: -1 }] }, /loss\[0\] is -1/],
    [{ loss: [{ iteration: 1, loss: Infinity }] }, /loss\[0\] is Infinity/],
    [{ elbo: [{ iteration: 1, elbo: NaN }] }, /elbo\[0\] is NaN/],
    [
      {
        loss: [
          { iteration: 2, loss: 1 },
          { iteration: 2, loss: 1 },
        ],
      },
      /loss iteration\[1\] does not come after/,
    ],
  ];
  for (const [change, wanted] of cases)
    assert.throws(
      () => verificationSvg({ problem: 'p', runs: [good, { ...good, name: 'wrong', ...change }] }),
      (error: unknown) =>
        error instanceof RangeError && error.message.includes("run 'wrong'") && wanted.test(error.message),
      String(wanted),
    );
  assert.throws(
    () => verificationSvg({ problem: 'p', runs: [] }),
    (error: unknown) => error instanceof RangeError && error.message.includes('no runs'),
  );
});

test('without the packages that draw it fails and says what to install', async () => {
  for (const missing of ['@observablehq/plot', '@xmldom/xmldom']) {
    const result = await verificationSvg(small, (name) =>
      name === missing ? Promise.reject(new Error(`Cannot find package '${name}'`)) : import(name),
    )();
    assert.ok(isLeft(result));
    assert.match(showFailure(result.left), new RegExp(`Cannot find package '${missing}'`));
    assert.match(
      showFailure(result.left),
      /npm install @observablehq\/plot@\d+\.\d+\.\d+ @xmldom\/xmldom@\d+\.\d+\.\d+/,
    );
  }
});

test.run();
