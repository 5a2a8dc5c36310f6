/**
 * How do verifications read on a terminal? A line each and what the columns mean. A column that no line has a value for (no
 * total variation where batches cannot be listed) is left out, with what would be said of it.
 */
import type { VerificationReport } from './verification-report.js';
import { problemInWords, trainingInWords } from './verification-report.js';
import { textTable } from './text-table.js';

interface Column {
  readonly header: string;
  readonly cell: (report: VerificationReport) => string | null;
}

const fixed = (value: number | null, digits: number): string | null =>
  value === null ? null : value.toFixed(digits);

const probability = (result: VerificationReport['chiSquare']): string | null =>
  result === null ? null : result.pValue.toPrecision(2);

const columns: readonly Column[] = [
  { header: 'policy', cell: ({ policy }) => policy },
  { header: 'objective', cell: ({ objective }) => objective },
  { header: 'TV', cell: ({ totalVariation }) => fixed(totalVariation, 4) },
  { header: 'JS', cell: ({ jensenShannon }) => fixed(jensenShannon, 6) },
  { header: 'ESS', cell: ({ effectiveSampleSize }) => fixed(effectiveSampleSize, 3) },
  { header: 'ELBO', cell: ({ logZ }) => fixed(logZ.elbo, 3) },
  { header: 'EUBO', cell: ({ logZ }) => fixed(logZ.eubo, 3) },
  { header: 'log Z (IS)', cell: ({ logZ }) => fixed(logZ.importance, 3) },
  { header: 'χ² p', cell: ({ chiSquare }) => probability(chiSquare) },
  { header: 'incl. p', cell: ({ corrected }) => probability(corrected.inclusion) },
  { header: 'accepted', cell: ({ corrected }) => fixed(corrected.acceptance, 3) },
  { header: 'Spearman', cell: ({ rankCorrelation }) => fixed(rankCorrelation, 3) },
  {
    header: 'seconds',
    cell: ({ seconds: { train, draw } }) => fixed(train + draw, 1),
  },
];

const leftColumns = 2;

/** Lines on the columns, each with one of those that it is about: shown where that one is. */
const legend: readonly (readonly [about: string, line: string])[] = [
  [
    'TV',
    'TV, JS: total variation and Jensen–Shannon divergence (nats) of the exact distributions, not of samples.',
  ],
  [
    'EUBO',
    'ELBO ≤ log Z ≤ EUBO in expectation (nats), from the policy’s draws and exact ones; no gap for an exact policy.',
  ],
  ['ESS', 'ESS: effective sample size, as a part of the draws; 1 for an exact policy. IS: by importance.'],
  ['χ² p', 'χ² p: of the drawn batches against the target.'],
  [
    'incl. p',
    'incl. p: of how often each point is in the draws once Metropolis–Hastings has corrected them.',
  ],
  ['accepted', 'accepted: the part of the draws that this correction accepts.'],
  ['Spearman', 'Spearman: rank correlation of log R with the log-probability of a batch, '],
];

const whichBatches = ({ totalVariation }: VerificationReport): string =>
  totalVariation === null ? 'over batches drawn apart from training.' : 'over all batches.';

/** Verifications for people. They are of one problem; an empty list has no text. */
export const renderVerifications = (reports: readonly VerificationReport[]): string => {
  const [first] = reports;
  if (first === undefined) return '';
  const { exact } = first.logZ;
  const shown = columns.filter(({ cell }) => reports.some((report) => cell(report) !== null));
  const rows = reports.map((report) => shown.map(({ cell }) => cell(report) ?? '–'));
  const headers = shown.map(({ header }) => header);
  return [
    `${problemInWords(first.problem)}; `,
    exact === null ? 'no exact answer is known.\n' : `exact log Z ${exact.toFixed(4)} nats.\n`,
    `${trainingInWords(first, first, first.engine)}.\n\n`,
    textTable([headers, ...rows], (column) => (column < leftColumns ? 'left' : 'right')),
    '\n',
    ...legend
      .filter(([about]) => headers.includes(about))
      .map(([about, line]) => `  ${line}${about === 'Spearman' ? whichBatches(first) : ''}\n`),
  ].join('');
};
