/** What is said of a session: the objects that --json prints, and the text for people. Information in nats, time in seconds. */
import type { Proposal } from '../acquisition/strategy.js';
import { poolOf, type Session } from '../learning/session/session.js';
import type { ReportedEngine } from './batch-report.js';
import { textTable } from './text-table.js';

/** What is asked for. */
export interface AskReport {
  readonly round: number;
  /** Lines of the file that the session was made from: those that are to be labelled, ascending. */
  readonly rows: readonly number[];
  /** Whether the batch was awaited already: it is what is left of it then. */
  readonly again: boolean;
  /** The features of each row, by name. */
  readonly values: readonly Readonly<Record<string, number>>[];
  /** Of the batch as it was proposed. */
  readonly jointMutualInformation: number | null;
  readonly target: string;
  /** How it came about; not where it was awaited already. */
  readonly proposal?: Pick<
    Proposal,
    'effectiveSampleSize' | 'temperature' | 'logPartition' | 'iterations' | 'random' | 'seconds'
  > & {
    readonly greedy: { readonly jointMutualInformation: number };
    readonly drawn: Pick<Proposal['drawn'], 'mean' | 'best' | 'count'>;
    /** Whether training went on from the policy of the last batch, */
    readonly resumed: boolean;
    /** and for how many rounds that was trained ahead of labels. */
    readonly ahead: number;
    readonly engine: ReportedEngine;
  };
}

/** How far a session has come. */
export interface StatusReport {
  readonly target: string;
  readonly features: readonly string[];
  readonly surrogate: string;
  readonly acquisition: string;
  readonly rounds: number;
  readonly labelled: number;
  readonly pool: number;
  /** Rows that were refused. */
  readonly skipped: readonly number[];
  readonly awaited: readonly number[];
  /** Rounds that were trained ahead of their labels. */
  readonly ahead: number;
}

/** The features of rows of a session, by name. */
export const valuesOf = ({ start }: Session, rows: readonly number[]): AskReport['values'] => {
  const at = new Map(start.rows.map((row, i) => [row, i]));
  return rows.map((row) => {
    const own = start.features[at.get(row) ?? -1];
    return Object.fromEntries(start.featureNames.map((name, j) => [name, own?.[j] ?? Number.NaN]));
  });
};

/** The status of a session. */
export const statusOf = (session: Session): StatusReport => ({
  target: session.start.targetName,
  features: session.start.featureNames,
  surrogate: session.start.surrogate.kind,
  acquisition: session.start.acquisition,
  rounds: session.rounds,
  labelled: session.labels.size,
  pool: poolOf(session).length,
  skipped: Array.from(session.refused).filter((row) => !session.labels.has(row)),
  awaited: session.awaited,
  ahead: session.ahead?.rounds ?? 0,
});

const rounds = (count: number): string => `${count} round${count === 1 ? '' : 's'}`;

const FEATURES_SHOWN = 8;
const short = (value: number): string => String(Number(value.toPrecision(6)));

/** The rows to label, for people; `folder` is where the session is. */
export const renderAsk = (folder: string, report: AskReport): string => {
  const { rows, values, proposal, jointMutualInformation, again, round } = report;
  const names = Object.keys(values[0] ?? {});
  const shown = names.slice(0, FEATURES_SHOWN);
  const more = names.length > shown.length;
  const table = textTable(
    [
      ['line', ...shown, ...(more ? [`${names.length - shown.length} more`] : [])],
      ...rows.map((row, i) => [
        String(row),
        ...shown.map((name) => short(values[i]?.[name] ?? Number.NaN)),
        ...(more ? ['…'] : []),
      ]),
    ],
    () => 'right',
  );
  const nats = (value: number): string => value.toFixed(4);
  const beside =
    proposal === undefined || jointMutualInformation === null
      ? ''
      : `\n${textTable(
          [
            [`this batch, the best of ${proposal.drawn.count} drawn`, nats(jointMutualInformation)],
            ['greedy BatchBALD', nats(proposal.greedy.jointMutualInformation)],
            ['batches at random, mean', nats(proposal.random.mean)],
          ],
          (column) => (column === 0 ? 'left' : 'right'),
        )}  nats of joint mutual information${
          proposal.iterations === 0
            ? ''
            : `; ${proposal.iterations} iterations of training${proposal.resumed ? `, from the policy of the last batch${proposal.ahead === 0 ? '' : `, trained ahead for ${rounds(proposal.ahead)}`}` : ''}`
        }\n`;
  const first = rows[0] ?? 0;
  return (
    `Round ${round}: ${again ? 'still to be labelled' : 'label these rows next'}, ${rows.length} in all.\n\n${table}${beside}\n` +
    `When a label is known: batchgfn tell ${folder} ${first}=LABEL …   (or --skip ${first})\n`
  );
};

/** The status, for people. */
export const renderStatus = (folder: string, status: StatusReport): string =>
  textTable(
    [
      ['session', folder],
      ['target', status.target],
      ['features', status.features.join(', ')],
      ['surrogate', status.surrogate],
      ['acquisition', status.acquisition],
      ['batches asked for', String(status.rounds)],
      ['labelled', String(status.labelled)],
      ['pool', String(status.pool)],
      ...(status.skipped.length === 0 ? [] : [['skipped', status.skipped.join(', ')]]),
      ['awaited', status.awaited.length === 0 ? 'nothing' : status.awaited.join(', ')],
      ...(status.ahead === 0 ? [] : [['trained ahead', rounds(status.ahead)]]),
    ],
    () => 'left',
  );
