/**
 * How do final figures read? The cells of one table, which the page and the terminal share, and sentences about what it is
 * made of.
 */
import type { ExperimentSummary, StrategySummary } from './run-summary.js';
import { meanOf, type Interval } from './student.js';

const dash = '–';

const digits = (value: number): string =>
  value === 0
    ? '0'
    : Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6
      ? fixed(value)
      : value.toExponential(2);

const fixed = (value: number): string =>
  value.toFixed(Math.max(0, 3 - Math.max(0, Math.floor(Math.log10(Math.abs(value))))));

const signed = (value: number): string => (value > 0 ? `+${digits(value)}` : digits(value).replace('-', '−'));

const interval = ({ mean, halfWidth }: Interval, show: (value: number) => string): string =>
  `${show(mean)}${halfWidth === null ? '' : ` ± ${digits(halfWidth)}`}`;

const minus = (value: number): string => digits(value).replace('-', '−');

const difference = (value: Interval | null): string => (value === null ? dash : interval(value, signed));

/** The columns, with a word for each cell of a strategy. */
const columns: readonly (readonly [string, (summary: StrategySummary) => string])[] = [
  ['strategy', ({ strategy }) => strategy],
  ['labels', ({ labels }) => String(Number(labels.toFixed(1)))],
  ['seeds', ({ seeds }) => String(seeds)],
  ['test MSE', ({ meanSquaredError }) => digits(meanSquaredError)],
  ['RMSE', ({ rmse }) => interval(rmse, digits)],
  ['log score', ({ logScore }) => interval(logScore, minus)],
  ['RMSE − greedy', ({ rmseLessGreedy }) => difference(rmseLessGreedy)],
  ['RMSE − random', ({ rmseLessRandom }) => difference(rmseLessRandom)],
  ['JMI / greedy', ({ informationRatio }) => (informationRatio === null ? dash : digits(informationRatio))],
  ['seconds', ({ seconds }) => digits(seconds.propose)],
];

/** The header and a row of cells for each strategy; only the first column is no number. */
export const summaryTable = ({ strategies }: ExperimentSummary): readonly (readonly string[])[] => [
  columns.map(([name]) => name),
  ...strategies.map((summary) => columns.map(([, show]) => show(summary))),
];

const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;

/** What the figures of an experiment are made of, in one sentence or two. */
export const summaryScope = ({ rounds, seeds, leftOut, strategies }: ExperimentSummary): string =>
  [
    `${count(strategies.length, 'strategy').replace('strategys', 'strategies')}, ${count(rounds, 'round')}, ${count(seeds.length, 'seed')}${strategies.length === 0 ? '' : `, ${Number(meanOf(strategies.map(({ labels }) => labels)).toFixed(1))} labels in the end`}.`,
    ...(leftOut.length === 0
      ? []
      : [
          `Left out because a strategy lacks rounds of them: ${count(leftOut.length, 'seed')} (${leftOut.slice(0, 10).join(', ')}${leftOut.length > 10 ? ', …' : ''}).`,
        ]),
  ].join(' ');

/** What the columns are, in sentences. */
export const tableLegend =
  'After the last round, means over seeds; ± is half of a 95% Student interval over seeds. RMSE − greedy and RMSE − random are differences on the same seed: below 0, the strategy is better. JMI / greedy is the joint mutual information of its batches over that of greedy BatchBALD on the same posterior. Seconds are those to propose one batch.';
