/**
 * How do verifications read on a terminal? A line each and what the columns mean. A column that no line has a value for (no
 * total variation where batches cannot be listed) is left out, with what would be said of it.
 */
import { printableLine } from '../printable.js';
import type { VerificationReport } from './verification-report.js';
import { problemInWords, trainingInWords } from './verification-report.js';
import { textTable } from './text-table.js';

interface Column {
  readonly header: string;
  readonly cell: (report: VerificationReport) => string | null;
}

const fixed = (value: number | null, digits: number): string | null =>
  value === null ? null : value.toFixed(digits);

const withError = (value: number | null, error: number | null, digits: number): string | null =>
  value === null || error === null
    ? fixed(value, digits)
    : `${value.toFixed(digits)} ± ${error.toFixed(digits)}`;

const probability = (result: VerificationReport['chiSquare']): string | null =>
  result === null ? null : result.pValue.toPrecision(2);

const columns: readonly Column[] = [
  { header: 'policy', cell: ({ policy }) => policy },
  { header: 'objective', cell: ({ objective }) => objective },
  { header: 'TV', cell: ({ totalVariation }) => fixed(totalVariation, 4) },
  { header: 'JS', cell: ({ jensenShannon }) => fixed(jensenShannon, 6) },
  { header: 'ESS', cell: ({ effectiveSampleSize }) => fixed(effectiveSampleSize, 3) },
  { header: 'ELBO', cell: ({ logZ }) => fixed(logZ.elbo, 3) },
  { header: 'EUBO', cell: ({ logZ }) => withError(logZ.eubo, logZ.euboStandardError, 3) },
  { header: 'log Z (IS)', cell: ({ logZ }) => fixed(logZ.importance, 3) },
  { header: 'χ² p', cell: ({ chiSquare }) => probability(chiSquare) },
  { header: 'drawn p', cell: ({ inclusion }) => probability(inclusion) },
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
    'ELBO ≤ log Z ≤ EUBO in expectation (nats), from the policy’s draws and from the target’s; no gap for an exact policy.',
  ],
  [
    'ESS',
    'ESS, log Z (IS): effective sample size, as a fraction of the draws, and log Z by importance, of batches with the order in which they grew. They see no batch and no order that the policy leaves out: then ESS is too high and log Z (IS) too low, and EUBO tells.',
  ],
  ['χ² p', 'χ² p: of the drawn batches against the target.'],
  ['drawn p', 'drawn p: of how often each point is in the drawn batches, against the target.'],
  [
    'incl. p',
    'incl. p: the same of the draws once Metropolis–Hastings has corrected them, which follow the target whatever the policy.',
  ],
  ['accepted', 'accepted: the part of the draws that this correction accepts.'],
  ['Spearman', 'Spearman: rank correlation of log R with the log-probability of a batch, '],
];

const whichBatches = ({ totalVariation }: VerificationReport): string =>
  totalVariation === null ? 'over batches drawn apart from training.' : 'over all batches.';

/** What is known of the target, and from what. */
const targetInWords = ({ logZ, certificate }: VerificationReport): string => {
  if (logZ.exact !== null) return `exact log Z ${logZ.exact.toFixed(4)} nats.\n`;
  const { totalVariation = 1, updates = 0, pairs = 0 } = certificate ?? {};
  return logZ.source === null
    ? `nothing is known of the target: of ${pairs} pairs of Gibbs chains some had not met after ${updates} updates, so that their draws may be far from it.\n`
    : `log Z ${withError(logZ.estimate, logZ.standardError, 3) ?? ''} nats, by annealed Gibbs chains.\nThe target’s draws are Gibbs draws after ${updates} updates, each within a total variation of ${totalVariation.toPrecision(2)} of it: all of ${pairs} pairs of chains had met.\n`;
};

/** Of whom the corrected draws could not be tested, and why. */
const untested = (reports: readonly VerificationReport[]): readonly string[] =>
  reports
    .filter(({ logZ, corrected }) => logZ.source !== null && corrected.inclusion === null)
    .map(
      ({ policy, objective, corrected: { acceptance } }) =>
        `  ${policy}, ${objective}: no incl. p, as a correction that accepts ${(100 * acceptance).toFixed(1)}% moves too slowly for a test; raise --iterations or --draws.\n`,
    );

/** Verifications for people. They are of one problem; an empty list has no text. */
export const renderVerifications = (reports: readonly VerificationReport[]): string => {
  const [first] = reports;
  if (first === undefined) return '';
  const shown = columns.filter(({ cell }) => reports.some((report) => cell(report) !== null));
  const rows = reports.map((report) => shown.map(({ cell }) => cell(report) ?? '–'));
  const headers = shown.map(({ header }) => header);
  return [
    `${printableLine(problemInWords(first.problem))}; `,
    targetInWords(first),
    `${trainingInWords(first, first, first.engine)}.\n\n`,
    textTable([headers, ...rows], (column) => (column < leftColumns ? 'left' : 'right')),
    '\n',
    ...legend
      .filter(([about]) => headers.includes(about))
      .map(([about, line]) => `  ${line}${about === 'Spearman' ? whichBatches(first) : ''}\n`),
    ...untested(reports),
  ].join('');
};
