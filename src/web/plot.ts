/** Scales, axes and paths: what the pictures of all scenes are drawn with, as SVG in pixels of the page. */
import { h, type Drawn } from './view.js';

/** From a value to a pixel, and back. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly from: (pixel: number) => number;
  readonly ticks: readonly number[];
}

type Ends = readonly [number, number];

const step = (span: number, count: number): number => {
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((unit) => unit * power >= rough) ?? 10);
};

/** Even steps between two ends. */
export const linear = ([low, high]: Ends, [from, to]: Ends, count = 5): Scale => {
  const span = high > low ? high - low : 1;
  const by = step(span, count);
  const first = Math.ceil(low / by - 1e-9);
  const last = Math.floor((low + span) / by + 1e-9);
  return {
    at: (value) => from + ((value - low) / span) * (to - from),
    from: (pixel) => low + ((pixel - from) / (to - from)) * span,
    ticks: Array.from({ length: Math.max(0, last - first + 1) }, (_, i) =>
      Number(((first + i) * by).toPrecision(12)),
    ),
  };
};

/** Ticks of a logarithmic axis: powers of ten, or of a short one 1, 2 and 5 of each. */
const logTicks = ([low, high]: Ends): readonly number[] => {
  const from = Math.floor(Math.log10(low));
  const count = Math.ceil(Math.log10(high)) - from + 1;
  const units = count <= 3 ? [1, 2, 5] : [1];
  const every = Math.ceil(count / 7);
  return Array.from({ length: count }, (_, i) => i)
    .filter((i) => i % every === 0)
    .flatMap((i) => units.map((unit) => Number((unit * 10 ** (from + i)).toPrecision(6))))
    .filter((value) => value >= low && value <= high);
};

/** Even factors. From 0 no factor leads anywhere: three powers of ten are shown then. */
export const logarithmic = ([least, high]: Ends, pixels: Ends): Scale => {
  const low = least > 0 ? least : high / 1000;
  const inner = linear([Math.log10(low), Math.log10(high)], pixels);
  return {
    at: (value) => inner.at(Math.log10(Math.max(value, low))),
    from: (pixel) => 10 ** inner.from(pixel),
    ticks: logTicks([low, high]),
  };
};

/** The least and the largest of numbers, those that are none aside. */
export const endsOf = (values: Iterable<number>): Ends => {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values)
    if (Number.isFinite(value)) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return low <= high ? [low, high] : [0, 1];
};

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A number as short as a tick wants it. */
export const short = (value: number): string => {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    const power = Math.round(Math.log10(size));
    const digits = Array.from(String(Math.abs(power)), (digit) => superscripts[Number(digit)] ?? '').join('');
    if (Math.abs(Math.log10(size) - power) < 1e-9)
      return `${value < 0 ? '−' : ''}10${power < 0 ? '⁻' : ''}${digits}`;
    return value.toExponential(1);
  }
  return String(Number(value.toPrecision(4))).replace('-', '−');
};

/** A number with three digits or so, for sentences. */
export const told = (value: number): string =>
  !Number.isFinite(value)
    ? '–'
    : (Math.abs(value) >= 100
        ? value.toFixed(1)
        : Math.abs(value) >= 1
          ? value.toFixed(2)
          : short(Number(value.toPrecision(3)))
      ).replace('-', '−');

/** Where in a picture there is room for marks. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A frame with room for axes. */
export const framed = (width: number, height: number, left = 46): Frame => ({
  ...{ width, height, left, top: 10 },
  ...{ right: width - 10, bottom: height - 34 },
});

/** The axis below, and the one at the left, with their words. */
export const axes = (
  frame: Frame,
  x: Scale | undefined,
  y: Scale | undefined,
  words: { readonly x: string; readonly y: string },
): readonly Drawn[] => [
  ...(y?.ticks ?? []).map((value) =>
    h(
      'g',
      { class: 'tick', key: `y${value}` },
      h('line', { x1: frame.left, x2: frame.right, y1: y?.at(value), y2: y?.at(value) }),
      h('text', { x: frame.left - 6, y: (y?.at(value) ?? 0) + 4, 'text-anchor': 'end' }, short(value)),
    ),
  ),
  ...(x?.ticks ?? []).map((value) =>
    h(
      'g',
      { class: 'tick', key: `x${value}` },
      h('text', { x: x?.at(value), y: frame.bottom + 15, 'text-anchor': 'middle' }, short(value)),
    ),
  ),
  h('line', {
    class: 'axis',
    x1: frame.left,
    x2: frame.right,
    y1: frame.bottom,
    y2: frame.bottom,
    key: 'axis',
  }),
  h('text', { class: 'word', x: frame.right, y: frame.height - 4, 'text-anchor': 'end', key: 'wx' }, words.x),
  h('text', { class: 'word', x: frame.left + 4, y: frame.top + 8, key: 'wy' }, words.y),
];

const pixel = (value: number): string => value.toFixed(1);

/** A path through points. */
export const line = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${pixel(x)} ${pixel(y)}`).join('');

/** A path of dots, for a stroke with round ends. */
export const dots = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y]) => `M${pixel(x)} ${pixel(y)}h0`).join('');

/** A path of bars from a base. */
export const bars = (points: readonly (readonly [number, number])[], width: number, base: number): string =>
  points.map(([x, y]) => `M${pixel(x)} ${pixel(base)}V${pixel(y)}h${pixel(width)}V${pixel(base)}z`).join('');

/** Half of the least width and height of what is aimed at, in pixels (WCAG 2.5.8). */
const half = 12;

/** Room about each of some marks in a row, by their pixels, for who aims at one: to the middle between two where they are near. */
export const room = (marks: readonly number[]): readonly (readonly [from: number, to: number])[] => {
  const order = Array.from(marks.keys()).sort((a, b) => (marks[a] ?? 0) - (marks[b] ?? 0));
  const own: (readonly [number, number])[] = [];
  order.forEach((n, i) => {
    const at = marks[n] ?? 0;
    const [before = -Infinity, after = Infinity] = [order[i - 1], order[i + 1]].map((m) =>
      m !== undefined ? ((marks[m] ?? 0) + at) / 2 : undefined,
    );
    own[n] = [Math.max(at - half, before), Math.min(at + half, after)];
  });
  return own;
};

/** What is aimed at: it is not seen. */
export const caught = ([from, to]: readonly [number, number], top: number, bottom: number): Drawn =>
  h('rect', { class: 'catch', key: 'catch', x: from, y: top, width: to - from, height: bottom - top });

/** The same about a mark that is alone. */
export const caughtAt = (x: number, y: number): Drawn => caught([x - half, x + half], y - half, y + half);

/** A picture, with the sentence that stands for it where it is not seen. */
export const picture = (
  frame: Pick<Frame, 'width' | 'height'>,
  about: string,
  marks: readonly Drawn[],
  more: Drawn['attributes'] = {},
): Drawn =>
  h(
    'svg',
    {
      viewBox: `0 0 ${frame.width} ${frame.height}`,
      width: frame.width,
      height: frame.height,
      role: 'group',
      'aria-label': about,
      ...more,
    },
    h('title', {}, about),
    ...marks,
  );
