/** How far has a session come? The object that --json prints, and the text for people. Information in nats. */
import { at } from '../at.js';
import { listed } from '../data/columns.js';
import type { Expectation } from '../learning/expectation.js';
import type { PredictionsFile, SessionStart } from '../learning/session/events.js';
import { poolOf, type Session } from '../learning/session/session.js';
import { isLabelledIn } from '../learning/session/targets.js';
import { present } from '../present.js';
import { nats } from './compared-words.js';
import { expectedWords } from './expected-words.js';
import { nameOfRow } from './row-words.js';
import {
  labelledInWords,
  labelledRows,
  lackingOf,
  statusOfTargets,
  targetInWords,
  type TargetStatus,
} from './session-targets.js';
import { expectedOf, lastPredictions, rounds } from './session-text.js';
import { textTable } from './text-table.js';

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
  /** What was given for it, a reward among it; nothing if left out. */
  readonly settings?: SessionStart['settings'];
  readonly rounds: number;
  /** Rows that have a label of every target. */
  readonly labelled: number;
  /** Of several targets, how far each has come. */
  readonly targets?: readonly TargetStatus[];
  readonly pool: number;
  /** Rows that were refused, and their names, where rows have some. */
  readonly skipped: readonly number[];
  readonly skippedNames?: readonly string[];
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

/** How many labels each class has. */
const counted = (names: readonly string[], { labels }: Session): Readonly<Record<string, number>> => {
  const counts = names.map(() => 0);
  for (const label of labels.values()) counts[label] = (counts[label] ?? NaN) + 1;
  return Object.fromEntries(names.map((name, c) => [name, at(counts, c)]));
};

/** A file of predictions in words. */
const predictionsText = ({ file, of, shape, sha256 }: PredictionsFile): string =>
  `${of} [${shape.join(', ')}] of ${file}, SHA-256 ${sha256.slice(0, 12)}…`;

/** The rows that are not to be asked for and have no label. */
const skippedOf = (session: Session): readonly number[] =>
  Array.from(session.skipped).filter((row) => !isLabelledIn(session)(row));

/** The status of a session. */
export const statusOf = (session: Session): StatusReport => ({
  target: targetInWords(session),
  ...(session.start.classNames === undefined
    ? {}
    : { classCounts: counted(session.start.classNames, session) }),
  features: session.start.embedded === true ? [] : session.start.featureNames,
  surrogate: session.start.surrogate.kind,
  acquisition: session.start.acquisition,
  ...(Object.keys(session.start.settings).length === 0 ? {} : { settings: session.start.settings }),
  rounds: session.rounds,
  labelled: labelledRows(session),
  ...present({ targets: statusOfTargets(session) }),
  pool: poolOf(session).length,
  skipped: skippedOf(session),
  pending: session.pending,
  ...present({
    lacking: lackingOf(session, session.pending),
    pendingNames: session.start.rowNames && session.pending.map(nameOfRow(session.start)),
    skippedNames: session.start.rowNames && skippedOf(session).map(nameOfRow(session.start)),
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

/** Which labels a pending row still lacks, where it has some. */
const lacksInWords = ({ lacking, targets = [] }: StatusReport, i: number): readonly string[] =>
  lacking === undefined || at(lacking, i).length === targets.length
    ? []
    : [`lacks ${at(lacking, i).join(' and ')}`];

/** The skipped rows, with their names. */
const skippedInWords = ({ skipped, skippedNames }: StatusReport): string =>
  skipped
    .map((row, i) => (skippedNames === undefined ? String(row) : `${row} (${at(skippedNames, i)})`))
    .join(', ');

/** The pending rows, with their names and which labels they lack. */
const pendingInWords = (status: StatusReport): string =>
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
        .join(', ');

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
      ...(status.settings === undefined
        ? []
        : [
            [
              'settings',
              Object.entries(status.settings)
                .map(([name, value]) => `${name} ${value}`)
                .join(', '),
            ],
          ]),
      ['batches asked for', String(status.rounds)],
      ...labelledInWords(status),
      ['pool', String(status.pool)],
      ...(status.skipped.length === 0 ? [] : [['skipped', skippedInWords(status)]]),
      ...(status.idColumn === undefined ? [] : [['rows by', status.idColumn]]),
      ['pending', pendingInWords(status)],
      ...(status.expected === undefined
        ? []
        : [
            [
              'last batch',
              `${status.jointMutualInformation === undefined ? '' : `${nats(status.jointMutualInformation)} nats of information; `}${expectedWords(status.expected, status.classCounts !== undefined)}`,
            ],
          ]),
      ...(status.targets ?? []).flatMap(({ target, expected }) =>
        expected === undefined ? [] : [[`expected of ${target}`, expectedWords(expected, false)]],
      ),
      ...(status.ahead === 0 ? [] : [['trained ahead', rounds(status.ahead)]]),
    ],
    () => 'left',
  );
