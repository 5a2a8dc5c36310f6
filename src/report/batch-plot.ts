/**
 * Which points were chosen, and why these? One SVG file of a pool with one feature: the posterior mean ± 2 standard
 * deviations of the noise-free function, the labelled points, the pool along the lower edge, and the batch.
 */
import type * as Plot from '@observablehq/plot';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import type { Failure } from '../failure.js';
import { colours } from './panels.js';
import { loadDrawing, sheetSvg, type Load, type Sheet } from './svg.js';

/** A point of the pool: its feature, and what is expected there. */
export interface ExpectedPoint {
  readonly x: number;
  /** The posterior mean, in the units of the target. */
  readonly mean: number;
  /** The posterior standard deviation of the function, without noise, in the same units; at least 0. */
  readonly deviation: number;
}

/** A point of a plane: a label, or a value of a function. */
export interface PlanePoint {
  readonly x: number;
  readonly y: number;
}

/** A batch to draw. */
export interface BatchPlot {
  /** For example "10 of 100 points of the toy pool of seed 0". */
  readonly title: string;
  readonly feature: string;
  readonly target: string;
  readonly labelled: readonly PlanePoint[];
  readonly pool: readonly ExpectedPoint[];
  /** Points of the pool. */
  readonly chosen: readonly ExpectedPoint[];
  /** The function behind the labels, in order of x; none where nobody knows it. */
  readonly truth: readonly PlanePoint[];
}

/** What the picture needs of Observable Plot. */
type Marks = Pick<typeof Plot, 'areaY' | 'dot' | 'frame' | 'line' | 'ruleX'>;

const size = { width: 776, height: 300, marginTop: 8, marginRight: 20, marginBottom: 38, marginLeft: 60 };
const header = 44;
const footer = 32;
const margin = 16;

/** Standard deviations on each side of the mean. */
const deviations = 2;

const low = ({ mean, deviation }: ExpectedPoint): number => mean - deviations * deviation;
const high = ({ mean, deviation }: ExpectedPoint): number => mean + deviations * deviation;

/** The least and the greatest of some numbers, and `share` of their distance more on each side. */
const domainOf = (values: readonly number[], share: number): [number, number] => {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const greatest = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const more = greatest > least ? share * (greatest - least) : 0.5;
  return [least - more, greatest + more];
};

const panelOf = (marks: Marks, plot: BatchPlot): Plot.PlotOptions => {
  const { pool, chosen, labelled, truth, feature, target } = plot;
  const inOrder = [...pool].sort((a, b) => a.x - b.x);
  const values = inOrder.flatMap((point) => [low(point), high(point)]);
  const y = domainOf([...values, ...labelled.map((point) => point.y)], 0.08);
  // A line ends where a value is NaN.
  const inside = truth.map((point) => ({
    x: point.x,
    y: point.y >= y[0] && point.y <= y[1] ? point.y : NaN,
  }));
  return {
    ...size,
    x: {
      ...{ label: feature, labelAnchor: 'center', labelArrow: 'none' },
      domain: domainOf(
        [...pool, ...labelled].map(({ x }) => x),
        0.02,
      ),
    },
    y: { label: target, labelAnchor: 'center', labelArrow: 'none', domain: y, ticks: 5 },
    marks: [
      marks.areaY(inOrder, { x: 'x', y1: low, y2: high, fill: colours.ramp[0], fillOpacity: 0.45 }),
      marks.line(inside, {
        x: 'x',
        y: 'y',
        stroke: colours.reference,
        strokeDasharray: '4 3',
        strokeWidth: 1,
      }),
      marks.line(inOrder, { x: 'x', y: 'mean', stroke: colours.one, strokeWidth: 1.5 }),
      marks.ruleX(chosen, { x: 'x', y1: low, y2: high, stroke: colours.edge, strokeWidth: 1 }),
      marks.dot(chosen, { x: 'x', y: 'mean', r: 4, fill: colours.edge, stroke: 'white' }),
      marks.dot(labelled, { x: 'x', y: 'y', r: 4, fill: colours.reference, stroke: 'white' }),
      marks.ruleX(inOrder, { x: 'x', y1: y[0], y2: y[0] + 0.03 * (y[1] - y[0]), stroke: colours.frame }),
      marks.frame({ stroke: colours.frame }),
    ],
  };
};

/** A batch's panel and texts, placed; pure. Throws a RangeError where there is no pool. */
export const batchSheet = (marks: Marks, plot: BatchPlot): Sheet => {
  if (plot.pool.length === 0) throw new RangeError('batchSheet: the pool has no point');
  const caption = [
    `Orange: to be labelled next. Black: labelled. Blue: the posterior mean ± ${deviations} standard deviations.`,
    ...(plot.truth.length === 0 ? [] : ['Dashed: the function.']),
  ].join(' ');
  const bottom = header + size.height;
  return {
    width: size.width + 2 * margin,
    height: bottom + footer,
    title: `A batch: ${plot.title}`,
    description: `${caption} Chosen: ${plot.feature} = ${plot.chosen.map(({ x }) => x.toPrecision(3)).join(', ')}.`,
    panels: [{ options: panelOf(marks, plot), left: margin, top: header }],
    lines: [
      { text: plot.title, left: margin, top: 28, size: 16, bold: true },
      { text: caption, left: margin, top: bottom + 12, size: 12, bold: false },
    ],
  };
};

/**
 * The text of one SVG file that shows a batch; the same value gives the same text. Throws a RangeError where there is no pool;
 * fails, saying what to install, where the optional packages that draw are missing.
 */
export const batchSvg = (plot: BatchPlot, load?: Load): TE.TaskEither<Failure, string> =>
  pipe(
    loadDrawing(load),
    TE.map((drawing) => sheetSvg(drawing, batchSheet(drawing.plot, plot))),
  );
