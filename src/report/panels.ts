/**
 * What do the panels of a run show, as options of Observable Plot? Pure: marks and scales are described, nothing is
 * drawn, so that a file and a page draw the same. The library comes as an argument, since it is loaded only when
 * something is drawn.
 *
 *  - agreement: learned against target probability of each batch, the diagonal, and the total variation;
 *  - loss: of single training steps, on a logarithmic axis;
 *  - ELBO: of the same steps, with the exact log Z, which it reaches where the sampler is exact.
 *
 * Logarithmic axes are linear ones of log₁₀ with marks of their own: d3's leave out labels that they find too many.
 *
 * Colours are of Okabe and Ito's palette (Color Universal Design, 2008) and a ramp of one hue from light to dark:
 * they differ in lightness, too.
 */
import type * as Plot from '@observablehq/plot';
import { logTicks } from './log-axis.js';
import { thinnedCurve, type Spot } from './thinning.js';
import type { Agreement } from './agreement.js';
import type { VerificationRun } from './plot-data.js';

/** What the options need of Observable Plot. */
export type Marks = Pick<typeof Plot, 'dot' | 'frame' | 'line' | 'ruleY' | 'text'>;

/** Colours of the panels. */
export const colours = {
  one: '#0072b2',
  /** Few to many batches in a spot. */
  ramp: ['#7fb8dc', '#4c97c9', '#2374ad', '#0b5088', '#052c50'],
  edge: '#d55e00',
  loss: '#0072b2',
  elbo: '#007a5e',
  reference: '#222222',
  frame: '#888888',
} as const;

/** Sizes of the panels with their axes, in pixels; the frame of the agreement is a square. */
export const sizes = {
  agreement: { width: 346, height: 312, marginTop: 8, marginRight: 20, marginBottom: 38, marginLeft: 60 },
  loss: { width: 430, height: 172, marginTop: 8, marginRight: 24, marginBottom: 24, marginLeft: 60 },
  elbo: { width: 430, height: 140, marginTop: 8, marginRight: 24, marginBottom: 38, marginLeft: 60 },
} as const;

/** The most points that a curve is drawn with. */
export const curvePoints = 400;

/** Three significant digits. */
export const short = (value: number): string => String(Number(value.toPrecision(3)));

const centred = { labelAnchor: 'center', labelArrow: 'none' } as const;

/** A linear scale of log₁₀ between two natural logarithms, marked as a logarithmic axis. */
const decades = (low: number, high: number, most?: number): Plot.ScaleOptions => {
  const ticks = logTicks(low / Math.LN10, high / Math.LN10, most);
  return { domain: [low / Math.LN10, high / Math.LN10], ticks: ticks.values, tickFormat: ticks.show };
};

const framed = (marks: Marks) => marks.frame({ stroke: colours.frame });

/** A line of text inside a frame, at one of its corners. */
const note = (
  marks: Marks,
  text: string,
  dy: number,
  frameAnchor: 'top-left' | 'bottom-right' = 'top-left',
) =>
  marks.text([text], {
    frameAnchor,
    dx: frameAnchor === 'top-left' ? 8 : -8,
    dy,
    fill: colours.reference,
    stroke: 'white',
    strokeWidth: 3,
  });

const levelOf = ({ count }: Spot, largest: number): number =>
  Math.min(
    colours.ramp.length - 1,
    Math.floor((colours.ramp.length * Math.log(count)) / Math.log(largest + 1)),
  );

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Dots in groups of one colour, the darkest last. */
const dotsOf = (marks: Marks, agreement: Agreement, placeOf: (spot: Spot) => Place) => {
  const { spots, side, largest } = agreement;
  const inside = spots.filter(({ u, v }) => u > 0 && v > 0);
  const edge = spots.filter(({ u, v }) => u === 0 || v === 0);
  const { width, marginLeft, marginRight } = sizes.agreement;
  // The circle around a cell: neighbours leave no gaps.
  const radius = side === null ? 2 : (width - marginLeft - marginRight) / side / Math.SQRT2;
  const dots = (data: readonly Spot[], r: number, fill: string, fillOpacity: number) =>
    data.length === 0
      ? []
      : [marks.dot(data.map(placeOf), { x: 'x', y: 'y', r, fill, fillOpacity, stroke: 'none' })];
  const levels =
    side === null
      ? dots(inside, radius, colours.one, 0.55)
      : colours.ramp.flatMap((fill, level) =>
          dots(
            inside.filter((spot) => levelOf(spot, largest) === level),
            radius,
            fill,
            1,
          ),
        );
  return [...levels, ...dots(edge, Math.min(radius, 2.5), colours.edge, 0.8)];
};

const agreementNotes = (
  { totalVariation }: VerificationRun,
  { spread, batches }: Agreement,
): readonly string[] => [
  ...(totalVariation === null ? [] : [`total variation ${short(totalVariation)}`]),
  ...(spread === null ? [] : [`sd of log ratio ${short(spread)} nats`]),
  `${batches.toLocaleString('en-US')} ${spread === null ? '' : 'held-out '}${batches === 1 ? 'batch' : 'batches'}`,
];

/** A frame with a word on why it is empty. */
const emptyOptions = (
  marks: Marks,
  size: Readonly<Record<string, number>>,
  reason: string,
): Plot.PlotOptions => ({
  ...size,
  x: { axis: null },
  y: { axis: null },
  marks: [framed(marks), marks.text([reason], { frameAnchor: 'middle', fill: colours.reference })],
});

/** Learned against target probability of a run, or the reason why there is nothing to draw. */
export const agreementOptions = (
  marks: Marks,
  run: VerificationRun,
  agreement: Agreement | undefined,
): Plot.PlotOptions => {
  if (agreement === undefined) return emptyOptions(marks, sizes.agreement, 'batches not listed');
  const { low, high, constant, spread } = agreement;
  const held = spread !== null;
  const span = high - low;
  const placeOf = ({ u, v }: Pick<Spot, 'u' | 'v'>): Place =>
    held
      ? { x: low + u * span - constant, y: low + v * span }
      : { x: (low + u * span) / Math.LN10, y: (low + v * span) / Math.LN10 };
  const corners = [placeOf({ u: 0, v: 0 }), placeOf({ u: 1, v: 1 })];
  const diagonal = { x: 'x', y: 'y', strokeWidth: 1 } as const;
  const scales = held
    ? {
        x: {
          ...centred,
          label: 'log target + constant (nats)',
          domain: [low - constant, high - constant],
          ticks: 5,
        },
        y: { ...centred, label: 'log learned probability (nats)', domain: [low, high], ticks: 5 },
      }
    : {
        x: { ...centred, label: 'target probability', ...decades(low, high) },
        y: { ...centred, label: 'learned probability', ...decades(low, high) },
      };
  return {
    ...sizes.agreement,
    ...scales,
    marks: [
      framed(marks),
      marks.line(corners, { ...diagonal, stroke: colours.reference }),
      ...dotsOf(marks, agreement, placeOf),
      // Dots without number hide the line: white dashes are seen on them, and dark ones are left beside them.
      ...(agreement.side === null
        ? []
        : [marks.line(corners, { ...diagonal, stroke: 'white', strokeDasharray: '4 4' })]),
      ...agreementNotes(run, agreement).map((text, i) => note(marks, text, 7 + 15 * i)),
    ],
  };
};

/** The last iteration of either curve; both panels share the axis. */
const lastIteration = ({ loss, elbo }: VerificationRun): number =>
  Math.max(1, loss.at(-1)?.iteration ?? 0, elbo.at(-1)?.iteration ?? 0);

/** The loss of a run's training steps, nats². A loss of 0 lies on the lower edge. */
export const lossOptions = (marks: Marks, run: VerificationRun): Plot.PlotOptions => {
  if (run.loss.length === 0) return emptyOptions(marks, sizes.loss, 'no losses recorded');
  const logs = run.loss.map(({ loss }) => Math.log(loss)).filter((log) => log > -Infinity);
  const least = logs.reduce((a, b) => Math.min(a, b), Infinity);
  const greatest = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  const margin = greatest > least ? 0.04 * (greatest - least) : 0.5;
  const [low, high] = logs.length === 0 ? [-Math.LN10, 0] : [least - margin, greatest + margin];
  const points = thinnedCurve(run.loss, ({ loss }) => loss, curvePoints).map(({ iteration, loss }) => ({
    iteration,
    log: Math.max(low, Math.log(loss)) / Math.LN10,
  }));
  return {
    ...sizes.loss,
    x: { domain: [0, lastIteration(run)], label: null, ticks: 5 },
    y: { ...centred, label: 'loss (nats²)', ...decades(low, high, 5) },
    marks: [
      framed(marks),
      marks.line(points, { x: 'iteration', y: 'log', stroke: colours.loss, strokeWidth: 1 }),
    ],
  };
};

/** The ELBO of a run's training steps, nats, with the exact log Z where it is known. */
export const elboOptions = (marks: Marks, run: VerificationRun): Plot.PlotOptions => {
  if (run.elbo.length === 0) return emptyOptions(marks, sizes.elbo, 'no ELBO recorded');
  const points = thinnedCurve(run.elbo, ({ elbo }) => elbo, curvePoints);
  const shown = [...points.map(({ elbo }) => elbo), ...(run.logZ === null ? [] : [run.logZ])];
  const low = shown.reduce((a, b) => Math.min(a, b));
  const high = shown.reduce((a, b) => Math.max(a, b));
  const margin = high > low ? 0.08 * (high - low) : 0.5;
  return {
    ...sizes.elbo,
    x: { ...centred, domain: [0, lastIteration(run)], label: 'iteration', ticks: 5 },
    y: { ...centred, domain: [low - margin, high + margin], label: 'ELBO (nats)', ticks: 4 },
    marks: [
      framed(marks),
      marks.line(points, { x: 'iteration', y: 'elbo', stroke: colours.elbo, strokeWidth: 1 }),
      ...(run.logZ === null
        ? []
        : [
            marks.ruleY([run.logZ], { stroke: colours.reference, strokeDasharray: '5 3' }),
            note(marks, `log Z ${run.logZ.toFixed(3)}`, -6, 'bottom-right'),
          ]),
    ],
  };
};
