/**
 * What do the panels of simulated runs show, as options of Observable Plot? Pure, as panels.ts: what is drawn into a file
 * and into a page is the same.
 *
 * A strategy has a colour and a symbol of its own in every panel, by its place among the strategies. The colours are of Okabe
 * and Ito's palette without its yellow; after seven strategies lines are dashed and the colours begin again.
 */
import type * as Plot from '@observablehq/plot';
import type { RunRecord } from '../learning/record.js';
import { logTicks, wholeTicks } from './log-axis.js';
import { colours } from './panels.js';

/** What the options need of Observable Plot. */
export type RunMarks = Pick<typeof Plot, 'areaY' | 'dot' | 'frame' | 'line' | 'ruleY' | 'text'>;

const palette = ['#0072b2', '#d55e00', '#007a5e', '#b0478a', '#7a5c00', '#3b9bd6', '#222222'] as const;
const symbols = ['circle', 'square', 'triangle', 'diamond', 'star', 'cross', 'wye'] as const;
const dashes = ['none', '6 3', '2 2'] as const;

/** How a strategy is drawn. */
export interface Style {
  readonly stroke: string;
  readonly symbol: (typeof symbols)[number];
  readonly dash: string;
}

/** The style of the k-th strategy. */
export const styleOf = (k: number): Style => ({
  stroke: palette[k % palette.length] ?? colours.reference,
  symbol: symbols[k % symbols.length] ?? 'circle',
  dash: dashes[Math.floor(k / palette.length) % dashes.length] ?? 'none',
});

/** A point of a curve, with a band about it where there is one. */
export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

/** One strategy's curve. */
export interface Curve {
  readonly strategy: string;
  readonly style: Style;
  readonly points: readonly CurvePoint[];
}

/** Size of a panel with its axes, in pixels. */
export const panelSize = {
  width: 440,
  height: 300,
  marginTop: 8,
  marginRight: 20,
  marginBottom: 38,
  marginLeft: 60,
} as const;

/** Size of a picture of the posterior. */
export const pictureSize = { ...panelSize, height: 220 } as const;

const centred = { labelAnchor: 'center', labelArrow: 'none' } as const;

/** Where a figure can lie. */
export type Range = readonly [least: number, most: number];

const everywhere: Range = [-Infinity, Infinity];

const within = ([least, most]: Range, value: number): number => Math.max(least, Math.min(most, value));

interface Extent {
  readonly low: number;
  readonly high: number;
}

/** Around the values, with a margin of 5% on each side; `least` is the smallest width. */
const extentOf = (values: readonly number[], least: number): Extent => {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const margin = Math.max(0.05 * (high - low), (least - (high - low)) / 2);
  return { low: low - margin, high: high + margin };
};

/** A scale of log₁₀ values, marked as a logarithmic axis. */
const logScale = (values: readonly number[], label: string): Plot.ScaleOptions => {
  const { low, high } = extentOf(values, 0.2);
  const ticks = logTicks(low, high);
  return { ...centred, label, domain: [low, high], ticks: ticks.values, tickFormat: ticks.show };
};

const linearScale = (values: readonly number[], label: string, range = everywhere): Plot.ScaleOptions => {
  const { low, high } = extentOf(values, 1e-6);
  return { ...centred, label, domain: [within(range, low), within(range, high)], ticks: 5 };
};

/** A scale of what is counted: rounds, labels. */
const wholeScale = (values: readonly number[], label: string): Plot.ScaleOptions => {
  const { low, high } = extentOf(values, 1);
  return { ...centred, label, domain: [low, high], ticks: [...wholeTicks(low, high)], tickFormat: 'd' };
};

const framed = (marks: RunMarks) => marks.frame({ stroke: colours.frame });

/** What the axes of curves are. */
export interface CurveAxes {
  readonly x: string;
  readonly y: string;
  /** Whether y is a log₁₀. */
  readonly logarithmic: boolean;
  /** A horizontal line for comparison. */
  readonly reference?: number;
  /** Where y can lie: neither bands nor marks go beyond it. Everywhere if left out. */
  readonly range?: Range | undefined;
}

const scaleOf = (
  values: readonly number[],
  { y, logarithmic, range }: Pick<CurveAxes, 'y' | 'logarithmic' | 'range'>,
): Plot.ScaleOptions => (logarithmic ? logScale(values, y) : linearScale(values, y, range));

/** A line a strategy over its band; x is counted. Throws a RangeError where there is no point. */
export const curvesOptions = (
  marks: RunMarks,
  drawn: readonly Curve[],
  axes: CurveAxes,
): Plot.PlotOptions => {
  const { range = everywhere } = axes;
  const curves = drawn.map((curve) => ({
    ...curve,
    points: curve.points.map((point) => ({
      ...point,
      ...{ low: within(range, point.low), high: within(range, point.high) },
    })),
  }));
  const points = curves.flatMap((curve) => curve.points);
  if (points.length === 0) throw new RangeError('curvesOptions: there are no points');
  const { reference } = axes;
  const heights = [
    ...points.flatMap(({ low, high }) => [low, high]),
    ...(reference === undefined ? [] : [reference]),
  ];
  return {
    ...panelSize,
    x: wholeScale(
      points.map(({ x }) => x),
      axes.x,
    ),
    y: scaleOf(heights, axes),
    marks: [
      framed(marks),
      ...(reference === undefined
        ? []
        : [marks.ruleY([reference], { stroke: colours.reference, strokeDasharray: '5 3' })]),
      ...curves.map((curve) =>
        marks.areaY(curve.points, {
          x: 'x',
          y1: 'low',
          y2: 'high',
          fill: curve.style.stroke,
          fillOpacity: 0.14,
        }),
      ),
      ...curves.flatMap(({ points: own, style: { stroke, symbol, dash } }) => [
        marks.line(own, { x: 'x', y: 'y', stroke, strokeWidth: 1.5, strokeDasharray: dash }),
        // Every point of a long curve would hide the line.
        marks.dot(
          own.filter((_, i) => i % Math.ceil(own.length / 12) === 0),
          { x: 'x', y: 'y', stroke, fill: 'white', symbol, r: 3 },
        ),
      ]),
    ],
  };
};

/** One strategy's place in a plane; x is a log₁₀, and so is y where its axis is logarithmic. */
export interface Standing {
  readonly strategy: string;
  readonly style: Style;
  readonly x: number;
  readonly y: number;
}

/** A dot a strategy; the axis of x is logarithmic. Throws a RangeError where there is none. */
export const standingsOptions = (
  marks: RunMarks,
  standings: readonly Standing[],
  axes: Pick<CurveAxes, 'x' | 'y' | 'logarithmic' | 'range'>,
): Plot.PlotOptions => {
  if (standings.length === 0) throw new RangeError('standingsOptions: there are no strategies');
  return {
    ...panelSize,
    x: logScale(
      standings.map(({ x }) => x),
      axes.x,
    ),
    y: scaleOf(
      standings.map(({ y }) => y),
      axes,
    ),
    marks: [
      framed(marks),
      ...standings.map((standing) =>
        marks.dot([standing], {
          x: 'x',
          y: 'y',
          stroke: standing.style.stroke,
          fill: standing.style.stroke,
          symbol: standing.style.symbol,
          r: 5,
        }),
      ),
    ],
  };
};

/** The picture of a record. */
export type Picture = NonNullable<RunRecord['picture']>;

/** Mean ± 2 standard deviations of a label over the one input, the labelled points, and the last `batch` of them. */
export const pictureOptions = (
  marks: RunMarks,
  { grid, mean, standardDeviation, labelledInputs, labelledTargets }: Picture,
  batch: number,
  style: Style,
): Plot.PlotOptions => {
  const band = grid
    .map((x, i) => {
      const [middle, spread] = [mean[i] ?? NaN, standardDeviation[i] ?? NaN];
      return { x, y: middle, low: middle - 2 * spread, high: middle + 2 * spread };
    })
    .toSorted((a, b) => a.x - b.x);
  const points = labelledInputs.map((x, i) => ({ x, y: labelledTargets[i] ?? NaN }));
  const older = points.slice(0, points.length - batch);
  const newest = points.slice(points.length - batch);
  return {
    ...pictureSize,
    x: linearScale([...grid, ...labelledInputs], 'input'),
    y: linearScale([...band.flatMap(({ low, high }) => [low, high]), ...labelledTargets], 'target'),
    marks: [
      framed(marks),
      marks.areaY(band, { x: 'x', y1: 'low', y2: 'high', fill: style.stroke, fillOpacity: 0.16 }),
      marks.line(band, { x: 'x', y: 'y', stroke: style.stroke, strokeWidth: 1.5 }),
      marks.dot(older, { x: 'x', y: 'y', fill: colours.frame, r: 2.5 }),
      marks.dot(newest, { x: 'x', y: 'y', fill: colours.edge, stroke: 'white', r: 4 }),
    ],
  };
};

/** The names of the strategies beside their symbols, in lines of `width` pixels. */
export const legendOptions = (
  marks: RunMarks,
  strategies: readonly string[],
  width: number,
): Plot.PlotOptions => {
  const placed = legendPlaces(strategies, width);
  const height = legendHeight(strategies, width);
  return {
    ...{ width, height, margin: 0 },
    x: { axis: null, domain: [0, width], range: [0, width] },
    y: { axis: null, domain: [0, height], range: [0, height] },
    marks: placed.flatMap(({ name, x, y }, k) => {
      const { stroke, symbol, dash } = styleOf(k);
      const ends = [
        { x, y },
        { x: x + 24, y },
      ];
      return [
        marks.line(ends, { x: 'x', y: 'y', stroke, strokeWidth: 1.5, strokeDasharray: dash }),
        marks.dot([{ x: x + 12, y }], { x: 'x', y: 'y', stroke, fill: 'white', symbol, r: 3.5 }),
        marks.text([{ x: x + 30, y }], { x: 'x', y: 'y', text: () => name, textAnchor: 'start' }),
      ];
    }),
  };
};

const legendLine = 20;

/** Names longer than a line of a legend are cut. */
const cut = (name: string): string => (name.length > 60 ? `${name.slice(0, 59)}…` : name);

const legendPlaces = (strategies: readonly string[], width: number) => {
  let [x, line] = [0, 0];
  return strategies.map(cut).map((name) => {
    // No letter of the font is wider than 9 pixels but few.
    const space = 44 + 7 * name.length;
    if (x > 0 && x + space > width) [x, line] = [0, line + 1];
    const place = { name, x, y: (line + 0.5) * legendLine };
    x += space;
    return place;
  });
};

/** The height that the legend takes, in pixels. */
export const legendHeight = (strategies: readonly string[], width: number): number =>
  legendPlaces(strategies, width).reduce((most, { y }) => Math.max(most, y + legendLine / 2), 0);
