/**
 * What do simulated runs look like? Sheets of one experiment, each of which is one SVG drawing:
 *
 *  - learning curves: the measures of the records against labels, test RMSE and log score for one;
 *  - batches: their JMI over greedy's in each round, and the first measure in the end against the seconds of a proposal;
 *  - pictures: where there is one input, the posterior after the last round of the first seed, a panel a strategy.
 *
 * Bands are those of paired.ts; of a measure with a logarithmic axis they are taken of its log₁₀, so that they fit, and its
 * mean over seeds is the geometric one.
 */
import { withinSeedBands } from './paired.js';
import { atRound, finalValues, informationRatio, type RunGrid } from './run-grid.js';
import {
  curvesOptions,
  legendHeight,
  legendOptions,
  panelSize,
  pictureOptions,
  pictureSize,
  standingsOptions,
  styleOf,
  type Curve,
  type RunMarks,
} from './run-panels.js';
import type { Measure } from '../learning/measures.js';
import type { RunRecord } from '../learning/record.js';
import type { Line, Placed, Sheet } from './svg.js';
import { meanOf, studentInterval, type Interval } from './student.js';

const margin = 12;
const gap = 8;
const width = 2 * (panelSize.width + margin) + gap;
const right = margin + panelSize.width + gap;

/** Seconds below this are drawn as this: clocks do not tell them apart. */
const minSeconds = 1e-4;

const rounds = ({ lastRound }: RunGrid): readonly number[] =>
  Array.from({ length: lastRound + 1 }, (_, round) => round);

/** What is drawn of a record on the axis of a measure. */
const heightOf =
  ({ of, logarithmic }: Measure) =>
  ({ metrics }: RunRecord): number =>
    logarithmic ? Math.log10(of(metrics)) : of(metrics);

/** A curve a strategy of a measure over labels, with bands. */
const metricCurves = (grid: RunGrid, measure: Measure): readonly Curve[] => {
  const valueOf = heightOf(measure);
  const bands = rounds(grid).map((round) =>
    withinSeedBands(grid.courses.map((courses) => atRound(courses, round, valueOf))),
  );
  return grid.strategies.map((strategy, j) => ({
    strategy,
    style: styleOf(j),
    points: bands.map((band, round) => {
      const { mean, halfWidth } = band[j] ?? { mean: NaN, halfWidth: null };
      const labels = meanOf(atRound(grid.courses[j] ?? [], round, (record) => record.labels));
      return { x: labels, y: mean, low: mean - (halfWidth ?? 0), high: mean + (halfWidth ?? 0) };
    }),
  }));
};

/** JMI over greedy's by round; rounds in which nothing is known are passed over. */
const ratioCurves = (grid: RunGrid): readonly Curve[] =>
  grid.strategies.map((strategy, j) => ({
    strategy,
    style: styleOf(j),
    points: rounds(grid).flatMap((round) => {
      const ratios = (grid.courses[j] ?? []).flatMap((course) =>
        course.slice(round, round + 1).flatMap(informationRatio),
      );
      if (ratios.length === 0) return [];
      const { mean, halfWidth }: Interval = studentInterval(ratios);
      return [{ x: round, y: mean, low: mean - (halfWidth ?? 0), high: mean + (halfWidth ?? 0) }];
    }),
  }));

interface Described {
  readonly title: string;
  readonly description: string;
}

/** Panels side by side under the names of the strategies. */
const legendSheet = (
  marks: RunMarks,
  { strategies }: RunGrid,
  described: Described,
  panels: readonly Placed['options'][],
): Sheet => {
  const height = legendHeight(strategies, width - 2 * margin);
  const top = margin + height + gap;
  return {
    ...described,
    width,
    height: top + panelSize.height + margin,
    lines: [],
    panels: [
      { options: legendOptions(marks, strategies, width - 2 * margin), left: margin, top: margin },
      ...panels.map((options, i) => ({ options, left: i === 0 ? margin : right, top })),
    ],
  };
};

/** The measures against labels. Throws a RangeError for a grid without seeds. */
export const learningSheet = (marks: RunMarks, grid: RunGrid): Sheet => {
  const { curves } = grid.measures;
  return legendSheet(
    marks,
    grid,
    {
      title: `Learning curves: ${grid.experiment}`,
      description: `${curves.map(({ axis }) => axis).join(' and ')} against labels, a line a strategy, of ${grid.strategies.length} strategies and ${grid.seeds.length} seeds.`,
    },
    curves.map((measure) =>
      curvesOptions(marks, metricCurves(grid, measure), {
        ...{ x: 'labels', y: measure.axis, logarithmic: measure.logarithmic, range: measure.range },
      }),
    ),
  );
};

/** JMI over greedy's, and time against quality. Undefined where there is no round after 0, so no batch. */
export const batchesSheet = (marks: RunMarks, grid: RunGrid): Sheet | undefined => {
  const ratios = ratioCurves(grid);
  if (grid.lastRound === 0) return undefined;
  const [measure] = grid.measures.curves;
  const standings = grid.strategies.map((strategy, j) => {
    const courses = grid.courses[j] ?? [];
    const seconds = meanOf(
      courses.flatMap((course) => course.slice(1).map((record) => record.seconds.propose)),
    );
    return {
      strategy,
      style: styleOf(j),
      x: Math.log10(Math.max(minSeconds, seconds)),
      y: meanOf(
        finalValues(grid, courses, measure).map((value) => (measure.logarithmic ? Math.log10(value) : value)),
      ),
    };
  });
  return legendSheet(
    marks,
    grid,
    {
      title: `Batches: ${grid.experiment}`,
      description: `Joint mutual information of the batches over that of greedy BatchBALD in each round; final ${measure.title} against seconds a proposal.`,
    },
    [
      standingsOptions(marks, standings, {
        ...{ x: 'seconds a proposal', y: `final ${measure.axis}` },
        ...{ logarithmic: measure.logarithmic, range: measure.range },
      }),
      ...(ratios.every(({ points }) => points.length === 0)
        ? []
        : [
            curvesOptions(marks, ratios, {
              ...{ x: 'round', y: 'JMI / greedy', logarithmic: false },
              ...{ reference: 1, range: [0, Infinity] },
            }),
          ]),
    ],
  );
};

/** Posterior and points after the last pictured round of the first seed; undefined where no record has a picture. */
export const picturesSheet = (marks: RunMarks, grid: RunGrid): Sheet | undefined => {
  const pictured = grid.strategies.flatMap((strategy, j) => {
    const record = grid.courses[j]?.[0]?.findLast(({ picture }) => picture !== null);
    return record?.picture == null ? [] : [{ strategy, j, record, picture: record.picture }];
  });
  if (pictured.length === 0) return undefined;
  const title = 20;
  const rowHeight = title + pictureSize.height + gap;
  const placed = pictured.map((one, i) => ({
    ...one,
    left: i % 2 === 0 ? margin : right,
    top: margin + Math.floor(i / 2) * rowHeight,
  }));
  return {
    width,
    height: 2 * margin + Math.ceil(pictured.length / 2) * rowHeight,
    title: `Posterior and chosen points: ${grid.experiment}`,
    description: `Of seed ${grid.seeds[0] ?? ''}, a panel a strategy: ${pictured.map(({ strategy }) => strategy).join(', ')}.`,
    panels: placed.map(({ record, picture, j, left, top }) => ({
      options: pictureOptions(marks, picture, record.batch.length, styleOf(j)),
      left,
      top: top + title,
    })),
    lines: placed.map(({ strategy, record, left, top }): Line => ({
      text: `${strategy}, round ${record.round}`,
      left: left + pictureSize.marginLeft,
      top: top + 14,
      size: 13,
      bold: true,
    })),
  };
};
