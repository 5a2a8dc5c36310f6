/** How does a run read on a terminal? A table of one measure, a line a strategy. */
import type { Missing } from '../learning/experiment/merge.js';
import type { MeanOverSeeds, RunSummary } from '../learning/experiment/summary.js';
import { measures } from '../learning/measures.js';
import { level, studentQuantile } from '../report/student.js';
import { textTable } from './text-table.js';

const digits = (value: number): string => value.toPrecision(4);

/** Half of the 95% Student interval of a mean, as a report has it; none of one seed. */
const halfWidth = ({ standardError, seeds }: MeanOverSeeds): number | null =>
  standardError === null ? null : standardError * studentQuantile(level, seeds - 1);

const cell = (value: MeanOverSeeds | null): string => {
  if (value === null) return '';
  const half = halfWidth(value);
  return `${digits(value.mean)}${half === null ? '' : ` ± ${half.toPrecision(2)}`}`;
};

/** Where strategies would have stopped, of those that would have before their end. */
const stoppingText = (strategies: RunSummary['strategies']): string => {
  const stopping = strategies.flatMap(({ strategy, stopped }) =>
    stopped === undefined || stopped.early === 0
      ? []
      : [[strategy, cell(stopped.labels), cell(stopped.value), `${Math.round(100 * stopped.early)}%`]],
  );
  return stopping.length === 0
    ? ''
    : `\nStopped before the first batch that is not worth its labels, a thousandth of the error each\n\n${textTable(
        [['strategy', 'labels', 'there', 'seeds that stop'], ...stopping],
        (column) => (column === 0 ? 'left' : 'right'),
      )}`;
};

/** The summary as text. */
export const renderRun = ({ measure, columns, reference, strategies }: RunSummary): string => {
  const header = [
    'strategy',
    'seeds',
    ...columns.map(({ from, to, labels }) => (from === to ? `${labels} labels` : `rounds ${from} to ${to}`)),
    ...(reference === null ? [] : [`last, less ${reference}`]),
  ];
  const rows = strategies.map(({ strategy, values, difference }) => [
    strategy,
    String(values.at(-1)?.seeds ?? 0),
    ...values.map(cell),
    ...(reference === null ? [] : [cell(difference)]),
  ]);
  return [
    `${measures[measure].heading}, mean over seeds ± half of its 95% Student interval\n\n`,
    textTable([header, ...rows], (column) => (column === 0 ? 'left' : 'right')),
    stoppingText(strategies),
  ].join('');
};

const SHOWN = 5;

/** A sentence on the records that are missing, the first of them by name; none where nothing is. */
export const missingText = (missing: readonly Missing[], count: number): readonly string[] => {
  if (count === 0) return [];
  const named = missing
    .slice(0, SHOWN)
    .map(({ strategy, seed, round }) => `${strategy} seed ${seed} round ${round}`)
    .join('; ');
  const others = count > SHOWN ? `; and ${count - SHOWN} more` : '';
  return [`${count} record${count === 1 ? ' is' : 's are'} missing: ${named}${others}.`];
};
