/** What is said of a session: the objects that --json prints, and the text for people. Information in nats, time in seconds. */
import { at } from '../at.js';
import type { Proposal } from '../acquisition/strategy.js';
import type { PredictionsFile } from '../learning/session/events.js';
import { poolOf, type Session } from '../learning/session/session.js';
import { isLabelledIn } from '../learning/session/targets.js';
import { printableLine } from '../printable.js';
import { listed } from '../data/columns.js';
import { candidatesInWords, type ReportedCandidates } from './asked-candidates.js';
import type { ReportedEngine, ReportedOutput, RowWords } from './batch-report.js';
import { inShell } from './in-shell.js';
import { listWord } from './decoders.js';
import { nameOfRow, wordOfRow } from './row-words.js';
import { present } from '../present.js';
import { type Expectation } from '../learning/expectation.js';
import { expectedWords, labelsTellScale } from './expected-words.js';
import { batchInWords, greedyInWords, isOfOneModel, limitsText, renderRows } from './render.js';
import type { Predictions } from './row-predictions.js';
import {
  labelledInWords,
  labelledRows,
  lackingOf,
  statusOfTargets,
  targetInWords,
  type TargetStatus,
} from './session-targets.js';
import { textTable } from './text-table.js';

/** What is asked for. */
export interface AskReport extends Predictions, RowWords {
  readonly round: number;
  /** Lines of the file that the session was made from: those that are to be labelled, ascending. */
  readonly rows: readonly number[];
  /** What `rows` are, where they are no lines. */
  readonly rowKind?: 'row';
  /** Whether the batch was pending already: it is what is left of it then, and nothing is said of what to expect. */
  readonly again: boolean;
  /** The features of each row, by name. */
  readonly values: readonly Readonly<Record<string, number>>[];
  /** Of the batch as it was proposed. */
  readonly jointMutualInformation: number | null;
  /** What the batch is expected to do for predictions, where labels had a say in it, */
  readonly expected?: Expectation;
  /** and whether none had. */
  readonly coldStart?: true;
  readonly target: string;
  /** Of several targets: those whose label each of `rows` lacks, */
  readonly lacking?: readonly (readonly string[])[];
  /** and what is expected of the rows by each, as select tells it. */
  readonly outputs?: readonly ReportedOutput[];
  /** Of class labels: the names of the classes. */
  readonly classes?: readonly string[];
  /** By which predictions it was chosen, where a model elsewhere makes them. */
  readonly predictions?: PredictionsFile;
  /** Of what it was chosen beside the session's rows, and what that can lose. */
  readonly candidates?: ReportedCandidates;
  /** How it came about; not where it was pending already. */
  readonly proposal?: Pick<
    Proposal,
    | 'improvement'
    | 'certificate'
    | 'effectiveSampleSize'
    | 'temperature'
    | 'logPartition'
    | 'informationBound'
    | 'limits'
    | 'iterations'
    | 'random'
    | 'seconds'
  > & {
    readonly greedy: { readonly jointMutualInformation: number };
    /** `batches` by their rows. */
    readonly drawn: Proposal['drawn'];
    /** What each row of the batch brings to it, U(B) − U(B without it), in the reward's unit. */
    readonly gain: readonly number[];
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
  /** Of class labels: how many labels each class has, by name. */
  readonly classCounts?: Readonly<Record<string, number>>;
  /** Their names; none of embeddings. */
  readonly features: readonly string[];
  /** How many features embeddings are, where they stand for the columns. */
  readonly embeddings?: number;
  readonly surrogate: string;
  /** Of a model elsewhere, the predictions that the last batch was chosen by. */
  readonly predictions?: PredictionsFile;
  readonly acquisition: string;
  readonly rounds: number;
  /** Rows that have a label of every target. */
  readonly labelled: number;
  /** Of several targets, how far each has come. */
  readonly targets?: readonly TargetStatus[];
  readonly pool: number;
  /** Rows that were refused. */
  readonly skipped: readonly number[];
  readonly pending: readonly number[];
  /** Of several targets, those whose label each pending row lacks. */
  readonly lacking?: readonly (readonly string[])[];
  /** The names of the rows that are pending, where rows have some, and the column that names them. */
  readonly pendingNames?: readonly string[];
  readonly idColumn?: string;
  /** Rounds that were trained ahead of their labels. */
  readonly ahead: number;
  /** What the last batch was expected to do for predictions, and its joint mutual information, nats. */
  readonly expected?: Expectation;
  readonly jointMutualInformation?: number;
}

/** The features of rows of a session, by name; not embeddings, which say nothing to people. */
export const valuesOf = ({ start }: Session, rows: readonly number[]): AskReport['values'] => {
  const at = new Map(start.rows.map((row, i) => [row, i]));
  const names = start.embedded === true ? [] : start.featureNames;
  return rows.map((row) => {
    const own = start.features[at.get(row) ?? -1];
    return Object.fromEntries(names.map((name, j) => [name, own?.[j] ?? NaN]));
  });
};

/** How many labels each class has. */
const counted = (names: readonly string[], { labels }: Session): Readonly<Record<string, number>> => {
  const counts = names.map(() => 0);
  for (const label of labels.values()) counts[label] = (counts[label] ?? NaN) + 1;
  return Object.fromEntries(names.map((name, c) => [name, at(counts, c)]));
};

/** The predictions that the last batch was chosen by, where a model elsewhere makes them. */
export const lastPredictions = ({ events }: Session): PredictionsFile | undefined =>
  events.flatMap((event) => (event.event === 'asked' ? [event.predictions] : [])).at(-1);

/** A file of predictions in words. */
const predictionsText = ({ file, of, shape, sha256 }: PredictionsFile): string =>
  `${of} [${shape.join(', ')}] of ${file}, SHA-256 ${sha256.slice(0, 12)}…`;

/** What the last batch was expected to do, where that was known and the labels told its scale. */
export const expectedOf = ({
  expected,
  start: { classNames },
  then: { labels },
}: Session): Expectation | undefined =>
  labelsTellScale({ classNames, labelled: { targets: Array.from(labels.values()) } }) ? expected : undefined;

/** The status of a session. */
export const statusOf = (session: Session): StatusReport => ({
  target: targetInWords(session),
  ...(session.start.classNames === undefined
    ? {}
    : { classCounts: counted(session.start.classNames, session) }),
  features: session.start.embedded === true ? [] : session.start.featureNames,
  surrogate: session.start.surrogate.kind,
  acquisition: session.start.acquisition,
  rounds: session.rounds,
  labelled: labelledRows(session),
  ...present({ targets: statusOfTargets(session) }),
  pool: poolOf(session).length,
  skipped: Array.from(session.skipped).filter((row) => !isLabelledIn(session)(row)),
  pending: session.pending,
  ...present({
    lacking: lackingOf(session, session.pending),
    pendingNames: session.start.rowNames && session.pending.map(nameOfRow(session.start)),
    idColumn: session.start.rowNames?.column,
    embeddings: session.start.embedded === true ? session.start.featureNames.length : undefined,
    predictions: lastPredictions(session),
  }),
  ahead: session.ahead?.rounds ?? 0,
  ...present({
    expected: expectedOf(session),
    jointMutualInformation: session.jointMutualInformation ?? undefined,
  }),
});

const nats = (value: number): string => value.toFixed(4);

const rounds = (count: number): string => `${count} round${count === 1 ? '' : 's'}`;

/** The rows to label, for people; `folder` is where the session is, `file` where the rows were written. */
export const renderAsk = (folder: string, report: AskReport, file?: string): string => {
  const { rows, values, proposal, jointMutualInformation, again, round, classes, target } = report;
  const { rowKind = 'line', names, idColumn, texts, predictedClass, classProbabilities } = report;
  const { outputs, lacking } = report;
  const table = renderRows({
    ...{ rows, values, target, rowKind, features: Object.keys(values[0] ?? {}) },
    ...present({ names, idColumn, texts, predictedClass, classProbabilities, outputs, lacking }),
  });
  const comparison =
    proposal === undefined ||
    jointMutualInformation === null ||
    (report.predictions !== undefined && isOfOneModel(report.predictions))
      ? ''
      : `\n${textTable(
          [
            [batchInWords(proposal), nats(jointMutualInformation)],
            [greedyInWords(proposal), nats(proposal.greedy.jointMutualInformation)],
            ['batches at random, mean', nats(proposal.random.mean)],
          ],
          (column) => (column === 0 ? 'left' : 'right'),
        )}  nats of joint mutual information${
          proposal.iterations === 0
            ? ''
            : `; ${proposal.iterations} iterations of training${proposal.resumed ? `, from the policy of the last batch${proposal.ahead === 0 ? '' : `, trained ahead for ${rounds(proposal.ahead)}`}` : ''}`
        }\n`;
  const within = proposal === undefined ? '' : textTable(limitsText(proposal), () => 'left');
  const among = report.candidates === undefined ? '' : `  ${candidatesInWords(report.candidates)}\n`;
  const expected = [
    ...(report.expected === undefined ? [] : [{ of: '', expected: report.expected }]),
    ...(outputs ?? []).flatMap((one) =>
      one.expected === undefined ? [] : [{ of: ` of ${printableLine(one.target)}`, expected: one.expected }],
    ),
  ].map((one) => `Expected${one.of}: ${expectedWords(one.expected, classes !== undefined)}.\n`);
  const outlook =
    report.coldStart === true
      ? '\nLabels say nothing yet: the rows were chosen by their features alone.\n'
      : expected.length === 0
        ? ''
        : `\n${expected.join('')}`;
  const first = wordOfRow(at(rows, 0), report.names?.[0]);
  return (
    `Round ${round}: ${again ? 'still to be labelled' : 'label these rows next'}, ${rows.length} in all.\n\n${table}${comparison}${within}${among}${outlook}\n` +
    (classes === undefined ? '' : `The classes are ${printableLine(listed(classes))}. `) +
    (file === undefined
      ? `When a label is known: batchgfn tell ${inShell(folder)} ${inShell(`${first}=LABEL`)} …${lacking === undefined ? '' : ` --target ${inShell(at(at(lacking, 0), 0))}`}   (or --skip ${inShell(listWord([first]))})\n`
      : `When labels are in the column${lacking === undefined ? '' : 's'} ${printableLine(target)} of it: batchgfn tell ${inShell(folder)} --labels ${inShell(file)}\n`)
  );
};

/** Which labels a pending row still lacks, where it has some. */
const lacksInWords = ({ lacking, targets = [] }: StatusReport, i: number): readonly string[] =>
  lacking === undefined || at(lacking, i).length === targets.length
    ? []
    : [`lacks ${at(lacking, i).join(' and ')}`];

/** The status, for people. */
export const renderStatus = (folder: string, status: StatusReport): string =>
  textTable(
    [
      ['session', folder],
      ['target', status.target],
      ...(status.classCounts === undefined
        ? []
        : [
            [
              'classes',
              listed(Object.entries(status.classCounts).map(([name, count]) => `${name} (${count})`)),
            ],
          ]),
      ...(status.embeddings === undefined
        ? status.surrogate === 'predictions'
          ? []
          : [['features', status.features.join(', ')]]
        : [['features', `${status.embeddings} of embeddings`]]),
      ['surrogate', status.surrogate === 'predictions' ? 'a model of yours' : status.surrogate],
      ...(status.predictions === undefined ? [] : [['predictions', predictionsText(status.predictions)]]),
      ['acquisition', status.acquisition],
      ['batches asked for', String(status.rounds)],
      ...labelledInWords(status),
      ['pool', String(status.pool)],
      ...(status.skipped.length === 0 ? [] : [['skipped', status.skipped.join(', ')]]),
      ...(status.idColumn === undefined ? [] : [['rows by', status.idColumn]]),
      [
        'pending',
        status.pending.length === 0
          ? 'nothing'
          : status.pending
              .map((row, i) => {
                const words = [
                  ...(status.pendingNames === undefined ? [] : [at(status.pendingNames, i)]),
                  ...lacksInWords(status, i),
                ];
                return words.length === 0 ? String(row) : `${row} (${words.join(', ')})`;
              })
              .join(', '),
      ],
      ...(status.expected === undefined
        ? []
        : [
            [
              'last batch',
              `${status.jointMutualInformation === undefined ? '' : `${nats(status.jointMutualInformation)} nats; `}${expectedWords(status.expected, status.classCounts !== undefined)}`,
            ],
          ]),
      ...(status.targets ?? []).flatMap(({ target, expected }) =>
        expected === undefined ? [] : [[`expected of ${target}`, expectedWords(expected, false)]],
      ),
      ...(status.ahead === 0 ? [] : [['trained ahead', rounds(status.ahead)]]),
    ],
    () => 'left',
  );
