/** How do results read on a terminal? Tables of text with aligned columns; the objects themselves under --json. */
import type { BatchReport } from './batch-report.js';
import type { Verification } from '../verify/verification.js';
import type { Device } from './contract.js';

/** The object as JSON, with a line break at the end. */
export const renderJson = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

const FEATURES_SHOWN = 8;

const short = (value: number, digits = 6): string => String(Number(value.toPrecision(digits)));
const nats = (value: number): string => value.toFixed(4);
const seconds = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} s`;

type Alignment = 'left' | 'right';

/** Lines of text with columns as wide as their widest cell, two spaces between them. */
const table = (rows: readonly (readonly string[])[], alignment: (column: number) => Alignment): string => {
  const widths = (rows[0] ?? []).map((_, j) => Math.max(...rows.map((cells) => cells[j]?.length ?? 0)));
  return rows
    .map((cells) =>
      cells
        .map((cell, j) =>
          alignment(j) === 'left' ? cell.padEnd(widths[j] ?? 0) : cell.padStart(widths[j] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `  ${line}\n`)
    .join('');
};

const chosenRows = ({ rows, rowKind, values, predictedMean, problem }: BatchReport): string => {
  const shown = problem.features.slice(0, FEATURES_SHOWN);
  const hidden = problem.features.length - shown.length;
  const body = rows.map((row, i) => [
    String(row),
    ...shown.map((name) => short(values[i]?.[name] ?? Number.NaN)),
    ...(hidden > 0 ? ['…'] : []),
    short(predictedMean[i] ?? Number.NaN, 4),
  ]);
  const header = [rowKind, ...shown, ...(hidden > 0 ? [`${hidden} more`] : []), `${problem.target} expected`];
  return table([header, ...body], () => 'right');
};

const information = ({ jointMutualInformation, greedy, random, drawn }: BatchReport): string =>
  table(
    [
      [`this batch, the best of ${drawn.count} drawn`, nats(jointMutualInformation)],
      ['greedy BatchBALD', nats(greedy.jointMutualInformation)],
      ['batches drawn, mean', nats(drawn.mean)],
      ['batches at random, mean', nats(random.mean)],
    ],
    (column) => (column === 0 ? 'left' : 'right'),
  );

const logPartitionText = (log: BatchReport['logPartition']): string =>
  'exact' in log
    ? `${nats(log.exact)} (exact)`
    : `${nats(log.elbo)} (ELBO), ${nats(log.importance)} (importance)`;

const facts = (report: BatchReport): string => {
  const { surrogate, engine, problem, logPartition, iterations } = report;
  const training =
    iterations === 0 ? '' : `${seconds(report.seconds.train)} to train (${iterations} iterations), `;
  const { lengthScale } = surrogate;
  const software = engine.software ? ' (software)' : '';
  return table(
    [
      ['acquisition', report.acquisition],
      ['temperature', short(report.temperature, 4)],
      ['effective sample size', `${(100 * report.effectiveSampleSize).toFixed(1)}% of ${report.drawn.count}`],
      ['log Z', logPartitionText(logPartition)],
      [
        'surrogate',
        `${surrogate.kind}, ${surrogate.featureMap.kind} features, noise variance ${short(surrogate.noiseVariance, 4)}` +
          (lengthScale === undefined ? '' : `, length-scale ${short(lengthScale, 4)}`),
      ],
      ['points', `${problem.labelled} labelled, ${problem.pool} in the pool`],
      [
        'engine',
        engine.kind === engine.description ? engine.kind : `${engine.kind}: ${engine.description}${software}`,
      ],
      [
        'seconds',
        `${seconds(report.seconds.fit)} to fit, ${training}${seconds(report.seconds.draw)} to draw`,
      ],
    ],
    () => 'left',
  );
};

/** A report for people: the rows to label, their information beside that of other batches, and how it came about. */
export const renderBatch = (report: BatchReport): string =>
  [
    `Label these ${report.rows.length} ${report.rowKind}s of ${report.problem.source} next:\n\n`,
    chosenRows(report),
    '\nJoint mutual information in nats\n\n',
    information(report),
    '\n',
    facts(report),
  ].join('');

/** The machines that programs can run on, for people. */
export const renderDevices = (devices: readonly Device[]): string =>
  table(
    [
      ['engine', 'adapter', 'kind'],
      ...devices.map(({ engine, description, software }) => [
        engine,
        description,
        engine === 'cpu' ? 'this process' : software ? 'software' : 'hardware',
      ]),
    ],
    () => 'left',
  );

const orDash = (value: number | null, digits: number): string =>
  value === null ? '–' : value.toFixed(digits);

/** Verifications for people: a line each, and what the columns mean. */
export const renderVerifications = (
  problem: { readonly poolSize: number; readonly batchSize: number; readonly temperature: number },
  verifications: readonly Verification[],
): string => {
  const exact = verifications[0]?.logZ.exact ?? null;
  const header = ['policy', 'objective', 'TV', 'JS', 'ESS', 'ELBO', 'EUBO', 'log Z (IS)', 'χ² p', 'seconds'];
  const rows = verifications.map((v) => [
    v.policy,
    v.objective,
    orDash(v.totalVariation, 4),
    orDash(v.jensenShannon, 6),
    v.effectiveSampleSize.toFixed(3),
    v.logZ.elbo.toFixed(3),
    orDash(v.logZ.eubo, 3),
    v.logZ.importance.toFixed(3),
    v.chiSquare === null ? '–' : v.chiSquare.pValue.toPrecision(2),
    (v.seconds.train + v.seconds.draw).toFixed(1),
  ]);
  return [
    `Batches of ${problem.batchSize} from ${problem.poolSize} points (1-D Matérn-5/2) at T = ${problem.temperature}; `,
    exact === null ? 'no exact answer is known.\n\n' : `exact log Z ${exact.toFixed(4)} nats.\n\n`,
    table([header, ...rows], (column) => (column < 2 ? 'left' : 'right')),
    '\n  TV, JS: total variation and Jensen–Shannon divergence (nats) of the exact distributions, not of samples.\n',
    '  EUBO − ELBO is zero, and ESS one, for an exact policy. χ² p: of the drawn batches against the target.\n',
  ].join('');
};
