/**
 * Does a trained sampler agree with the exact answer, at a glance? One SVG file, a row for each run: on the left learned
 * against target probability of every batch, with the total variation; on the right the loss of training and the ELBO
 * against log Z. A caption says what was thinned and what lies on the edge.
 *
 * A file stays below 1 MB for 15 runs of 200,000 batches: all runs together have a fixed number of dots.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import { agreementOfRun, type Agreement } from './agreement.js';
import {
  agreementOptions,
  curvePoints,
  elboOptions,
  lossOptions,
  short,
  sizes,
  type Marks,
} from './panels.js';
import { checkVerificationPlot, type VerificationPlot, type VerificationRun } from './plot-data.js';
import { loadDrawing, sheetSvg, type Line, type Load, type Placed, type Sheet } from './svg.js';

export type { ElboPoint, LossPoint, VerificationPlot, VerificationRun } from './plot-data.js';

/** Dots of all runs together, and the most that one run has. */
const dotsInAll = 15_000;
const dotsInOne = 4000;

const margin = 16;
const gap = 4;
const header = 44;
const rowTitle = 20;
const rowGap = 14;
const lineHeight = 16;
const columns = 128;

interface Row {
  readonly run: VerificationRun;
  readonly agreement: Agreement | undefined;
}

/** Words filled into lines of at most `columns` characters. */
const wrapped = (sentences: readonly string[]): readonly string[] =>
  sentences
    .join(' ')
    .split(' ')
    .reduce<readonly string[]>((lines, word) => {
      const last = lines.at(-1);
      return last !== undefined && last.length + 1 + word.length <= columns
        ? [...lines.slice(0, -1), `${last} ${word}`]
        : [...lines, word];
    }, []);

const count = (n: number): string => n.toLocaleString('en-US');

const gridsOf = (gathered: readonly Agreement[]): string => {
  const sides = gathered.map(({ side }) => side ?? 1);
  const [least, most] = [Math.min(...sides), Math.max(...sides)];
  return least === most ? String(most) : `${least} to ${most}`;
};

/** What the reader must know, in sentences: only what is true of this picture. */
const captionOf = (rows: readonly Row[]): readonly string[] => {
  const agreements = rows.flatMap(({ agreement }) => (agreement === undefined ? [] : [agreement]));
  const listed = agreements.filter(({ spread }) => spread === null);
  const held = agreements.filter(({ spread }) => spread !== null);
  const gathered = agreements.filter(({ side }) => side !== null);
  const largest = gathered.reduce((most, agreement) => Math.max(most, agreement.largest), 1);
  const below = agreements.reduce((sum, agreement) => sum + agreement.below, 0);
  const long = rows.some(({ run }) => Math.max(run.loss.length, run.elbo.length) > curvePoints);
  return [
    ...(listed.length === 0
      ? []
      : [
          'Left: learned against target probability of each batch, on logarithmic axes; on the diagonal they are equal.',
        ]),
    ...(held.length === 0
      ? []
      : [
          `${listed.length === 0 ? 'Left' : 'Where not all batches can be listed'}: log learned probability of held-out batches against their log target, known up to a constant; the line has slope 1 and goes through the mean.`,
        ]),
    ...(gathered.length === 0
      ? []
      : [
          `${gathered.length === agreements.length ? 'Batches' : 'Where there are many, batches'} in one cell of a grid (${gridsOf(gathered)} cells a side) are one dot, the darker the more there are (1 to ${count(largest)}).`,
        ]),
    ...(below === 0
      ? []
      : [
          `On the lower or left edge, in orange: batches of probability 0 or below the axis (${count(below)} in all).`,
        ]),
    'Right: loss of single training steps, and the ELBO of their trajectories; an exact sampler reaches log Z (dashed).',
    ...(long
      ? ['Long curves show the least and the greatest value of equal stretches of recorded steps.']
      : []),
    ...(rows.some(({ run }) => run.loss.some(({ loss }) => loss === 0))
      ? ['A loss of 0 is drawn on the lower edge.']
      : []),
  ];
};

const describe = ({ run, agreement }: Row): string => {
  const last = run.loss.at(-1);
  return [
    `${run.name}:`,
    ...(agreement === undefined ? [] : [`${count(agreement.batches)} batches,`]),
    ...(run.totalVariation === null ? [] : [`total variation ${short(run.totalVariation)},`]),
    ...(agreement?.spread == null
      ? []
      : [`standard deviation of the log ratio ${short(agreement.spread)} nats,`]),
    last === undefined
      ? 'no losses.'
      : `loss ${short(last.loss)} nats² after ${count(last.iteration)} iterations.`,
  ].join(' ');
};

/** A verification's panels and texts, placed; pure. Throws a RangeError that names what cannot be drawn. */
export const verificationSheet = (marks: Marks, plot: VerificationPlot): Sheet => {
  checkVerificationPlot(plot);
  const maxDots = Math.min(dotsInOne, Math.max(64, Math.floor(dotsInAll / plot.runs.length)));
  const rows = plot.runs.map((run): Row => ({ run, agreement: agreementOfRun(run, maxDots) }));
  const rowHeight = rowTitle + sizes.agreement.height + rowGap;
  const right = margin + sizes.agreement.width + gap;
  const width = right + sizes.loss.width + margin;
  const panels = rows.flatMap(({ run, agreement }, i): readonly Placed[] => {
    const top = header + i * rowHeight + rowTitle;
    return [
      { options: agreementOptions(marks, run, agreement), left: margin, top },
      { options: lossOptions(marks, run), left: right, top },
      { options: elboOptions(marks, run), left: right, top: top + sizes.loss.height },
    ];
  });
  const bottom = header + rows.length * rowHeight;
  const caption = captionOf(rows);
  const captionLines = wrapped(caption);
  const lines: readonly Line[] = [
    { text: plot.problem, left: margin, top: 28, size: 16, bold: true },
    ...rows.map(({ run }, i) => ({
      text: run.name,
      left: margin + sizes.agreement.marginLeft,
      top: header + i * rowHeight + 14,
      size: 13,
      bold: true,
    })),
    ...captionLines.map((text, i) => ({
      text,
      left: margin,
      top: bottom + 8 + i * lineHeight,
      size: 12,
      bold: false,
    })),
  ];
  return {
    width,
    height: bottom + captionLines.length * lineHeight + margin,
    title: `Verification: ${plot.problem}`,
    description: [...rows.map(describe), ...caption].join(' '),
    panels,
    lines,
  };
};

/**
 * The text of one SVG file that shows a verification; the same value gives the same text. Throws a RangeError that
 * names what cannot be drawn; fails, saying what to install, where the optional packages that draw are missing.
 */
export const verificationSvg = (plot: VerificationPlot, load?: Load): TE.TaskEither<Failure, string> => {
  checkVerificationPlot(plot);
  return pipe(
    loadDrawing(load),
    TE.map((drawing) => sheetSvg(drawing, verificationSheet(drawing.plot, plot))),
  );
};
