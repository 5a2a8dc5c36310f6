/** The tables of strategies over pools as Markdown: for each task, surrogate and reference the standings, then pool by pool. */
import { difference, interval } from '../../report/run-table.js';
import type { PoolGroup, PoolTable, Reference, Standing } from './summary.js';

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join('');

const signed = (value: number | null): string =>
  difference(value === null ? null : { mean: Number(value.toFixed(3)), halfWidth: null });

const standings = (rows: readonly Standing[], reference: Reference): string =>
  table(
    [
      'strategy',
      'pools',
      'mean rank',
      'pools won',
      `less ${reference}, mean`,
      'below',
      'clearly',
      'clearly above',
    ],
    rows.map((row) => [
      row.strategy,
      String(row.pools),
      row.meanRank.toFixed(1),
      `${Math.round(100 * row.won)}%`,
      signed(row.lessReference),
      ...(row.lessReference === null
        ? ['–', '–', '–']
        : [row.below, row.clearlyBelow, row.clearlyAbove].map((count) => `${count} of ${row.pools}`)),
    ]),
  );

const scoreName = (task: PoolGroup['task']): string => (task === 'classes' ? 'cross-entropy' : 'log RMSE');

const pool = (
  { task, reference }: PoolGroup,
  { pool: name, seeds, leftOut, labels, rows }: PoolTable,
): string => {
  const [first, last] = labels;
  const left = leftOut === 0 ? '' : `; ${leftOut} left out that some strategy has not completed`;
  return rows.length === 0
    ? `### ${name}\n\nNo seed is complete.\n`
    : `### ${name}\n\n${first} to ${last} labels, ${seeds} seed${seeds === 1 ? '' : 's'}${left}.\n\n${table(
        [
          'strategy',
          scoreName(task),
          `less ${reference}`,
          ...(task === 'classes' ? ['accuracy'] : []),
          'rank',
        ],
        rows
          .toSorted((a, b) => a.rank - b.rank)
          .map(({ strategy, score, lessReference, accuracy, rank }) => [
            strategy,
            interval(score),
            difference(lessReference),
            ...(accuracy === undefined ? [] : [interval(accuracy)]),
            String(rank),
          ]),
      )}`;
};

const group = (own: PoolGroup): string => {
  const { task, surrogate, reference, pools, standings: rows } = own;
  const name = [
    task === 'classes' ? 'Classes' : 'Numbers',
    ...(surrogate === undefined ? [] : [surrogate]),
    ...(reference === 'random' ? ['without labels at the start'] : []),
  ].join(', ');
  return [
    `## ${name}\n\n`,
    rows.length === 0 ? '' : `${standings(rows, reference)}\n`,
    pools.map((one) => pool(own, one)).join('\n'),
  ].join('');
};

/** All groups, with what their columns are; a sentence where there are none. */
export const strategiesMarkdown = (groups: readonly PoolGroup[]): string =>
  groups.length === 0
    ? 'There are no records.\n'
    : `${groups.map(group).join('\n')}
Scores are means over the rounds after the first, and over seeds, of the log RMSE or the cross-entropy (nats) on the test rows; ±
is half of a 95% Student interval over seeds, and "less greedy", or random, is on the same seed. Below: pools on which that is below 0;
clearly: by more than its interval. Ranks begin at 1, the least score.
`;
