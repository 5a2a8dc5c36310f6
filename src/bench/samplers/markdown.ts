/**
 * The records as Markdown: a table for each pool, a summary of the ways over all of them, and how proposals stand beside greedy's
 * batch. Gaps are held against the log Z of a pool and temperature that is known with the least error, whichever row it is of.
 */
import {
  type DrawnRecord,
  isNoWorse,
  levelNames,
  type LevelName,
  type ProposedRecord,
  type SamplerRecord,
} from './record.js';
import { median } from '../measure.js';

const isDrawn = (record: SamplerRecord): record is DrawnRecord => record.kind === 'drawn';
const isProposed = (record: SamplerRecord): record is ProposedRecord => record.kind === 'proposed';

/** log Z of a row's target, by the row of least error; null where none knows it. */
export const bestLogPartition = (
  records: readonly DrawnRecord[],
  { pool, level }: Pick<DrawnRecord, 'pool' | 'level'>,
): DrawnRecord['logPartition'] =>
  records
    .filter((record) => record.pool === pool && record.level === level)
    .map(({ logPartition }) => logPartition)
    .reduce((a, b) => (a === null || (b !== null && b.standardError < a.standardError) ? b : a), null);

/** log Z − ELBO and EUBO − log Z of a row, nats; NaN where there is none. */
export const gapsOf = (
  records: readonly DrawnRecord[],
  record: DrawnRecord,
): { readonly below: number; readonly above: number } => {
  const logZ = bestLogPartition(records, record)?.estimate ?? NaN;
  return { below: logZ - (record.elbo ?? NaN), above: (record.eubo ?? NaN) - logZ };
};

const fixed = (value: number, digits: number): string =>
  Number.isFinite(value)
    ? (value.toFixed(digits) === `-${(0).toFixed(digits)}`
        ? (0).toFixed(digits)
        : value.toFixed(digits)
      ).replace('-', '−')
    : '–';

const short = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(2))).replace('-', '−') : '–';

const share = (value: number | null): string =>
  value === null ? '–' : value < 0.01 ? short(value) : fixed(value, 2);

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), line(head.map((_, i) => (i < 2 ? '---' : '--:'))), ...rows.map(line)].join('');

const levelText: Readonly<Record<LevelName, string>> = {
  half: '½ × default',
  default: 'default',
  four: '4 × default',
  exact: 'T = ½',
};

const head = [
  ...['T', 'way', 'log Z − ELBO', 'EUBO − log Z', 'log Z', 'ESS', 'best U', 'mean U'],
  ...['evaluations', 'train s', 'first s', 'draws', 'all s'],
];

const logPartitionText = (known: DrawnRecord['logPartition']): string =>
  known === null
    ? '–'
    : known.method === 'exact'
      ? `${fixed(known.estimate, 2)} exact`
      : `${fixed(known.estimate, 2)} ± ${fixed(known.standardError, 2)} ${known.method}`;

const rowOf = (records: readonly DrawnRecord[], record: DrawnRecord): readonly string[] => {
  const { below, above } = gapsOf(records, record);
  const { greedy, best, mean } = record.utility;
  return [
    record.level === 'exact' ? levelText.exact : `${levelText[record.level]}, ${short(record.temperature)}`,
    record.way,
    fixed(below, 2),
    fixed(above, 2),
    logPartitionText(record.logPartition),
    share(record.effectiveSampleSize),
    fixed(best / greedy, 4),
    fixed(mean / greedy, 4),
    record.evaluations === null ? '–' : String(record.evaluations),
    record.iterations === 0 ? '–' : short(record.seconds.train),
    short(record.seconds.first),
    String(record.draws),
    record.seconds.all === null ? '–' : short(record.seconds.all),
  ];
};

const poolText = (records: readonly DrawnRecord[], pool: string): string => {
  const own = records.filter((record) => record.pool === pool);
  const [first] = own;
  if (first === undefined) return '';
  const { points, batchSize, reward, unit } = first;
  const bounds = own.flatMap(({ totalVariation, way }) =>
    way === 'annealed' && totalVariation !== null ? [totalVariation] : [],
  );
  return [
    `### ${pool}\n\n${batchSize} of ${points} points by ${reward} (${unit}).`,
    bounds.length === 0
      ? ''
      : ` Total variation of the \`annealed\` draws at most ${fixed(Math.max(...bounds), 3)}.`,
    '\n\n',
    table(
      head,
      levelNames.flatMap((level) =>
        own.filter((record) => record.level === level).map((record) => rowOf(own, record)),
      ),
    ),
    '\n',
  ].join('');
};

const distinct = (values: readonly string[]): readonly string[] => Array.from(new Set(values));

/** Medians over pools of the ways that have a target, by temperature. */
const summaryText = (records: readonly DrawnRecord[]): string => {
  const targeted = records.filter(({ elbo }) => elbo !== null);
  const rows = levelNames.flatMap((level) =>
    distinct(targeted.map(({ way }) => way)).flatMap((way) => {
      const own = targeted.filter((record) => record.level === level && record.way === way);
      if (own.length === 0) return [];
      const gaps = own.map((record) => gapsOf(records, record));
      const sizes = own.map(({ effectiveSampleSize }) => effectiveSampleSize ?? NaN);
      return [
        [
          levelText[level],
          way,
          String(own.length),
          fixed(median(gaps.map(({ below }) => below)), 2),
          fixed(Math.max(...gaps.map(({ below }) => below)), 2),
          fixed(median(gaps.map(({ above }) => above)), 2),
          fixed(Math.max(...gaps.map(({ above }) => above)), 2),
          share(median(sizes)),
          share(Math.min(...sizes)),
        ],
      ];
    }),
  );
  return table(
    [
      ...['T', 'way', 'pools', 'log Z − ELBO, median', 'worst', 'EUBO − log Z, median', 'worst'],
      ...['ESS, median', 'worst'],
    ],
    rows,
  );
};

/** Proposals of less utility than greedy's batch, and how many there were. */
export const proposalsBelow = (
  records: readonly SamplerRecord[],
): { readonly below: readonly ProposedRecord[]; readonly count: number } => {
  const all = records.filter(isProposed);
  return { below: all.filter((record) => !isNoWorse(record)), count: all.length };
};

/** One proposal in words. */
export const proposalText = ({ pool, reward, seed, strategy, utility }: ProposedRecord): string =>
  `${pool}, ${reward}, seed ${seed}, ${strategy}: ${utility.proposed} beside greedy's ${utility.greedy}`;

const proposalsText = (records: readonly SamplerRecord[]): string => {
  const all = records.filter(isProposed);
  if (all.length === 0) return '';
  const { below, count } = proposalsBelow(records);
  const above = all.filter(({ utility: { greedy, proposed } }) => proposed > greedy * (1 + 1e-9)).length;
  return [
    `## Proposals beside greedy's batch\n\nOf ${count} proposals ${below.length === 0 ? 'none is' : `${below.length} are`} below `,
    `greedy's batch; ${above} are above it. U of the proposal over greedy's, least and largest over seeds:\n\n`,
    table(
      ['pool', 'reward', 'strategy', 'proposals', 'least', 'largest'],
      distinct(all.map(({ pool, reward, strategy }) => JSON.stringify([pool, reward, strategy]))).map(
        (name) => {
          const own = all.filter(
            ({ pool, reward, strategy }) => JSON.stringify([pool, reward, strategy]) === name,
          );
          const ratios = own.map(({ utility }) => utility.proposed / utility.greedy);
          const [first] = own;
          return [
            first?.pool ?? '',
            first?.reward ?? '',
            first?.strategy ?? '',
            String(own.length),
            fixed(Math.min(...ratios), 5),
            fixed(Math.max(...ratios), 5),
          ];
        },
      ),
    ),
    ...below.map((record) => `\nBELOW: ${proposalText(record)}\n`),
  ].join('');
};

/** The records as Markdown. */
export const samplersMarkdown = (records: readonly SamplerRecord[]): string => {
  const drawn = records.filter(isDrawn);
  return [
    drawn.length === 0 ? '' : `## All pools\n\n${summaryText(drawn)}\n## Pool by pool\n\n`,
    ...distinct(drawn.map(({ pool }) => pool)).map((pool) => poolText(drawn, pool)),
    proposalsText(records),
  ].join('');
};
