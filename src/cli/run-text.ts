/** How does a run read on a terminal? A table of mean squared errors, a line a strategy. */
import type { Missing } from '../learning/experiment/merge.js';
import type { MeanOverSeeds, RunSummary } from '../learning/experiment/summary.js';
import { textTable } from './text-table.js';

const digits = (value: number): string => value.toPrecision(4);

const cell = (value: MeanOverSeeds | null): string =>
  value === null
    ? ''
    : `${digits(value.mean)}${value.standardError === null ? '' : ` ± ${value.standardError.toPrecision(2)}`}`;

/** The summary as text. */
export const renderRun = ({ labels, reference, strategies }: RunSummary): string => {
  const header = [
    'strategy',
    'seeds',
    ...labels.map((count) => `${count} labels`),
    ...(reference === null ? [] : [`last, less ${reference}`]),
  ];
  const rows = strategies.map(({ strategy, meanSquaredError, difference }) => [
    strategy,
    String(meanSquaredError.at(-1)?.seeds ?? 0),
    ...meanSquaredError.map(cell),
    ...(reference === null ? [] : [cell(difference)]),
  ]);
  return [
    'Mean squared error on the test rows, mean over seeds ± its standard error\n\n',
    textTable([header, ...rows], (column) => (column === 0 ? 'left' : 'right')),
  ].join('');
};

const SHOWN = 5;

/** A sentence on the records that are missing; none where nothing is. */
export const missingText = (missing: readonly Missing[]): readonly string[] => {
  if (missing.length === 0) return [];
  const named = missing
    .slice(0, SHOWN)
    .map(({ strategy, seed, round }) => `${strategy} seed ${seed} round ${round}`)
    .join('; ');
  const others = missing.length > SHOWN ? `; and ${missing.length - SHOWN} more` : '';
  return [`${missing.length} record${missing.length === 1 ? ' is' : 's are'} missing: ${named}${others}.`];
};
