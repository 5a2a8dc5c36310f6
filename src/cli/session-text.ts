/** What is said of a batch of a session: the object that --json prints, and the text for people. Information in nats, time in seconds. */
import { at } from '../at.js';
import type { Proposal } from '../acquisition/strategy.js';
import type { PredictionsFile } from '../learning/session/events.js';
import type { Session } from '../learning/session/session.js';
import { printableLine } from '../printable.js';
import { listed } from '../data/columns.js';
import { candidatesInWords, type ReportedCandidates } from './asked-candidates.js';
import type { ReportedEngine, ReportedOutput, RowWords } from './batch-report.js';
import { inShell } from './in-shell.js';
import { listWord } from './decoders.js';
import { wordOfRow } from './row-words.js';
import { present } from '../present.js';
import type { Expectation } from '../learning/expectation.js';
import { comparedInWords, nats } from './compared-words.js';
import { expectedWords, labelsTellScale } from './expected-words.js';
import type { TargetStatus } from './session-targets.js';
import { isOfOneModel, limitsText, renderRows } from './render.js';
import type { Predictions } from './row-predictions.js';
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
  /** How far each has come, and what was expected of it when the batch was asked for. */
  readonly targets?: readonly TargetStatus[];
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
    | 'reward'
    | 'seconds'
  > & {
    /** U of the batch by the reward, where that is another one; of greedy's too. */
    readonly utility?: number;
    readonly greedy: { readonly jointMutualInformation: number; readonly utility?: number };
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

/** The features of rows of a session, by name; not embeddings, which say nothing to people. */
export const valuesOf = ({ start }: Session, rows: readonly number[]): AskReport['values'] => {
  const at = new Map(start.rows.map((row, i) => [row, i]));
  const names = start.embedded === true ? [] : start.featureNames;
  return rows.map((row) => {
    const own = start.features[at.get(row) ?? -1];
    return Object.fromEntries(names.map((name, j) => [name, own?.[j] ?? NaN]));
  });
};

/** The predictions that the last batch was chosen by, where a model elsewhere makes them. */
export const lastPredictions = ({ events }: Session): PredictionsFile | undefined =>
  events.flatMap((event) => (event.event === 'asked' ? [event.predictions] : [])).at(-1);

/** What the last batch was expected to do, where that was known and the labels told its scale. */
export const expectedOf = ({
  expected,
  start: { classNames },
  then: { labels },
}: Session): Expectation | undefined =>
  labelsTellScale({ classNames, labelled: { targets: Array.from(labels.values()) } }) ? expected : undefined;

/** Rounds in words. */
export const rounds = (count: number): string => `${count} round${count === 1 ? '' : 's'}`;

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
            ...comparedInWords({ ...proposal, jointMutualInformation }),
            ['batches at random, mean', nats(proposal.random.mean)],
          ],
          (column) => (column === 0 ? 'left' : 'right'),
        )}  nats${proposal.reward === undefined ? ' of joint mutual information' : ''}${
          proposal.iterations === 0
            ? ''
            : `; ${proposal.iterations} iterations of training${proposal.resumed ? `, from the policy of the last batch${proposal.ahead === 0 ? '' : `, trained ahead for ${rounds(proposal.ahead)}`}` : ''}`
        }\n`;
  const within = proposal === undefined ? '' : textTable(limitsText(proposal), () => 'left');
  const among = report.candidates === undefined ? '' : `  ${candidatesInWords(report.candidates)}\n`;
  const expected = [
    ...(report.expected === undefined ? [] : [{ of: '', expected: report.expected }]),
    ...(outputs ?? report.targets ?? []).flatMap((one) =>
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
