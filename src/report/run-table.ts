/**
 * How do final figures read? The cells of one table, which the page and the terminal share, and sentences about what it is
 * made of.
 */
import { measures, type MeasureName } from '../learning/measures.js';
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

/** Decimals that tell two digits of a half-width; none where it has too many zeros. */
const decimalsOf = (halfWidth: number | null): number | undefined =>
  halfWidth !== null && halfWidth >= 1e-6 && halfWidth < 1e6
    ? Math.max(0, 1 - Math.floor(Math.log10(halfWidth)))
    : undefined;

/** A mean and its half-width, with as many decimals as that says something of. */
export const interval = ({ mean, halfWidth }: Interval): string => {
  const decimals = decimalsOf(halfWidth);
  const show = (value: number): string =>
    (decimals === undefined ? digits(value) : value.toFixed(decimals)).replace('-', '−');
  return `${show(mean)}${halfWidth === null ? '' : ` ± ${show(halfWidth)}`}`;
};

/** The same with its sign; a dash for nothing. */
export const difference = (value: Interval | null): string =>
  value === null ? dash : `${value.mean > 0 ? '+' : ''}${interval(value)}`;

type Column = readonly [string, (summary: StrategySummary) => string];

const measureColumn = (name: MeasureName): Column => [
  measures[name].final === 'last' ? `test ${measures[name].title}` : measures[name].title,
  ({ metrics }) => (metrics[name] === undefined ? dash : interval(metrics[name])),
];

/** The columns, with a word for each cell of a strategy. */
const columnsOf = ({ strategies, compared }: ExperimentSummary): readonly Column[] => {
  const { title } = measures[compared];
  // All strategies have the same.
  const names = Object.keys(strategies[0]?.metrics ?? {}) as MeasureName[];
  return [
    ['strategy', ({ strategy }) => strategy],
    ['labels', ({ labels }) => String(Number(labels.toFixed(1)))],
    ['seeds', ({ seeds }) => String(seeds)],
    ...names.map(measureColumn),
    ...(strategies[0]?.outputs ?? []).map(({ target }, j): Column => [
      `test RMSE of ${target}`,
      ({ outputs }) => (outputs?.[j] === undefined ? dash : interval(outputs[j].rmse)),
    ]),
    ...(strategies.some(({ lessGreedy }) => lessGreedy !== null)
      ? [[`${title} − greedy`, ({ lessGreedy }) => difference(lessGreedy)] satisfies Column]
      : []),
    ...(strategies.some(({ lessRandom }) => lessRandom !== null)
      ? [[`${title} − random`, ({ lessRandom }) => difference(lessRandom)] satisfies Column]
      : []),
    ['JMI / greedy', ({ informationRatio }) => (informationRatio === null ? dash : digits(informationRatio))],
    ...(strategies.some(({ effectiveSampleSize }) => effectiveSampleSize !== null)
      ? ([
          ['ESS', ({ effectiveSampleSize: part }) => (part === null ? dash : digits(part))],
          ['EUBO − ELBO', ({ evidenceGap: gap }) => (gap === null ? dash : digits(gap))],
        ] satisfies Column[])
      : []),
    ['seconds', ({ seconds }) => digits(seconds.propose)],
  ];
};

/** The header and a row of cells for each strategy; only the first column is no number. */
export const summaryTable = (summary: ExperimentSummary): readonly (readonly string[])[] => {
  const columns = columnsOf(summary);
  return [
    columns.map(([name]) => name),
    ...summary.strategies.map((strategy) => columns.map(([, show]) => show(strategy))),
  ];
};

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

/** From so many seeds on intervals are not many times as wide as those of a hundred. */
const fewSeeds = 5;

/** What the columns of an experiment are, in sentences; and where there are too few seeds to compare strategies by. */
export const tableLegend = ({ compared, seeds }: ExperimentSummary): string => {
  const { title, better, final } = measures[compared];
  const few =
    seeds.length < fewSeeds
      ? ` Of ${count(seeds.length, 'seed')} that is wide or nothing: ${fewSeeds} or more tell strategies apart.`
      : '';
  return `${final === 'last' ? 'After the last round, means over seeds' : 'Means over the rounds after the first, and over seeds'}; ± is half of a 95% Student interval over seeds.${few} ${title} − greedy and ${title} − random are differences on the same seed: ${better} 0, the strategy is better. JMI / greedy is the joint mutual information of its batches over that of greedy BatchBALD on the same posterior. Seconds are those to propose one batch.`;
};
