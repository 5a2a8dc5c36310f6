/** `batchgfn tell FOLDER ROW=LABEL …`: labels for a session, corrections of labels, and rows that cannot be labelled. */
import { positional, restPositionals } from 'cmd-ts';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { at } from '../../at.js';
import { quoted } from '../../data/read-number.js';
import { type Failure, type Fault, inputFailure, type InputFailure } from '../../failure.js';
import type { SessionStart } from '../../learning/session/events.js';
import { type Session, skip, tell as tellSession } from '../../learning/session/session.js';
import { faultOfTarget, labelsByTarget, targetsOf } from '../../learning/session/targets.js';
import { command, type Context, printed, type Work } from '../command.js';
import { json } from '../common-options.js';
import { filePath, rowList } from '../decoders.js';
import { labelsOfTargets, type TargetLabels } from '../label-file.js';
import { labelRemarks } from '../label-remarks.js';
import { optional } from '../options.js';
import { targetName } from '../pool-file.js';
import { renderJson } from '../render.js';
import { nameOfRow, rowReader } from '../row-words.js';
import { tellOfChanges } from '../session-data.js';
import { targetMeant } from '../session-targets.js';
import { changeSession } from '../session-folder.js';
import { renderStatus, type StatusReport, statusOf } from '../session-status.js';
import { tableOfFile } from '../table-file.js';
import { type FileChoice, fileOptions } from '../table-options.js';
import { labelReader } from '../typed-labels.js';

/** Decoded options of tell. */
export interface TellOptions extends FileChoice {
  readonly folder: string;
  /** Words, alone or with the name of the target that each is of. */
  readonly labels: readonly (string | readonly [word: string, target: string])[];
  /** Whose labels they are; the only one if left out, or of a file all that it has. */
  readonly target: string | undefined;
  readonly file: string | undefined;
  readonly skip: readonly string[] | undefined;
}

const gathered = <A>(results: readonly E.Either<Fault, A>[]): E.Either<InputFailure, readonly A[]> => {
  const [first, ...rest] = results.flatMap((result) => (E.isLeft(result) ? [result.left] : []));
  return first === undefined
    ? E.right(results.flatMap((result) => (E.isRight(result) ? [result.right] : [])))
    : E.left(inputFailure(first, ...rest));
};

/** The labels of a target of a session. */
const labelsOf = (session: Session, target: string): ReadonlyMap<number, number> =>
  at(labelsByTarget(session), targetsOf(session.start).indexOf(target));

/** Most rows that a sentence names. */
const rowsNamed = 10;

/** A row by its number, and by its name where it has one. */
const rowInWords = ({ start }: Session): ((row: number) => string) => {
  const nameOf = nameOfRow(start);
  return (row) => (start.rowNames === undefined ? String(row) : `${row} (${nameOf(row)})`);
};

const listedRows = (rows: readonly string[]): string =>
  `${rows.slice(0, rowsNamed).join(', ')}${rows.length > rowsNamed ? ` and ${rows.length - rowsNamed} more` : ''}`;

/** What is to be said of rows that have no label of a target in a file: those that are pending, and those that had one `before` and keep it. */
const sentencesOfEmpty = (
  file: string,
  { target, empty }: Pick<TargetLabels, 'target' | 'empty'>,
  before: Session,
  now: Session,
): readonly string[] => {
  const kind = now.start.rowKind ?? 'line';
  const inWords = (rows: readonly number[]): string =>
    `${kind}${rows.length === 1 ? '' : 's'} ${listedRows(rows.map(rowInWords(now)))}`;
  const label = now.start.furtherTargets === undefined ? 'label' : `label ${target}`;
  const [labelsBefore, labels] = [labelsOf(before, target), labelsOf(now, target)];
  const unfilled = empty.filter((row) => now.pending.includes(row) && !labels.has(row));
  const kept = empty.filter((row) => labelsBefore.has(row) && labelsBefore.get(row) === labels.get(row));
  const [one, alone] = [unfilled.length === 1, kept.length === 1];
  return [
    ...(unfilled.length === 0
      ? []
      : [`${file} has no ${label} yet of ${inWords(unfilled)}, which stay${one ? 's' : ''} pending.`]),
    ...(kept.length === 0
      ? []
      : [
          `${file} has no ${label} of ${inWords(kept)}, which ${alone ? 'has one and keeps it' : 'have some and keep them'}: a label can be corrected, not taken back.`,
        ]),
  ];
};

/** Rows by their words. */
const rowsOf =
  (words: readonly string[]) =>
  ({ start }: Session): E.Either<InputFailure, readonly number[]> => {
    const read = rowReader(start);
    return gathered(
      words.map((word) =>
        E.fromNullable<Fault>({
          source: '--skip',
          problem: `${quoted(word)} is not a list of rows with commas between them`,
          remedy: 'Give the numbers of lines, 12,17 for instance, or the names of rows',
        })(read(word)),
      ),
    );
  };

/** Labels of a target. */
type Told = Pick<TargetLabels, 'target' | 'labels'>;

/** A session after labels by target, all or none of them, and rows that are skipped. */
const told =
  (all: readonly Told[], skipped: readonly number[]) =>
  (session: Session): E.Either<InputFailure, Session> =>
    pipe(
      all.reduce<E.Either<InputFailure, Session>>(
        (now, { target, labels }) => pipe(now, E.chain(tellSession(labels, target))),
        E.right(session),
      ),
      E.chain(skip(skipped)),
    );

/** That a target is one of the session's, and may be left unnamed only if it is alone. */
const checkTarget = (start: SessionStart, name: string | undefined): E.Either<Fault, void> => {
  const fault = faultOfTarget(start, name);
  return fault === undefined ? E.right(undefined) : E.left({ ...fault, source: '--target' });
};

/** The labels that words tell, each with its target; every target that is named is looked at, and each once. */
const typedLabels = (
  start: SessionStart,
  { labels: words, target, decimal }: Pick<TellOptions, 'labels' | 'target' | 'decimal'>,
): E.Either<InputFailure, readonly Told[]> => {
  const read = labelReader(start, decimal);
  const all = words.map((word) => (typeof word === 'string' ? ([word, target] as const) : word));
  const names = new Set([...(target === undefined ? [] : [target]), ...all.map(([, name]) => name)]);
  return pipe(
    gathered(Array.from(names, (name) => checkTarget(start, name))),
    E.chain(() =>
      gathered(
        all.map(([word, name = start.targetName]) =>
          pipe(
            read(word),
            E.map((label): Told => ({ target: name, labels: [label] })),
          ),
        ),
      ),
    ),
  );
};

/** Labels by target, in the order of the session's targets. */
const byTarget = (start: SessionStart, all: readonly Told[]): readonly Told[] =>
  targetsOf(start).flatMap((target) => {
    const own = all.filter((one) => one.target === target);
    return own.length === 0 ? [] : [{ target, labels: own.flatMap(({ labels }) => labels) }];
  });

/** The labels of a file, written as the session's own table is where nothing else is said. */
const labelsIn = (
  { file, target, delimiter, decimal, format }: TellOptions,
  { start }: Session,
  context: Context,
): TE.TaskEither<Failure, readonly TargetLabels[]> => {
  if (file === undefined) return TE.right([]);
  const usual = start.data?.decimal;
  return pipe(
    tableOfFile(
      file,
      {
        delimiter: delimiter ?? start.data?.delimiter,
        // A point that was said is one everywhere; a comma is none where it stands between cells.
        ...{ decimal: decimal ?? (usual === '.' ? usual : undefined), usualDecimal: usual, format },
      },
      context,
    ),
    TE.chainEitherKW((table) => labelsOfTargets(table, start, target)),
  );
};

/** Tells, and how far the session has come then. All of it is kept, or nothing where some of it cannot be. */
export const tellReport = (options: TellOptions, context: Context): TE.TaskEither<Failure, StatusReport> => {
  const { folder, labels: words, file, skip: skipped = [] } = options;
  return pipe(
    words.length + skipped.length > 0 || file !== undefined
      ? TE.right(undefined)
      : TE.left<Failure>(
          inputFailure({
            source: 'tell',
            problem: 'nothing is told',
            remedy: 'Give rows with their labels (17=0.25), --labels FILE or --skip ROWS',
          }),
        ),
    TE.chain(() =>
      changeSession(folder, context.remark, (session) =>
        pipe(
          TE.fromTask(tellOfChanges(folder, context)(session.start.data)),
          TE.map(() => ({ ...options, target: targetMeant(session.start, options.target) })),
          TE.bindTo('by'),
          TE.bind('given', ({ by }) => TE.fromEither(typedLabels(session.start, by))),
          TE.bind('read', ({ by }) => labelsIn(by, session, context)),
          TE.bindW('refused', () => TE.fromEither(rowsOf(skipped)(session))),
          TE.let('all', ({ given, read }) => byTarget(session.start, [...given, ...read])),
          TE.bindW('now', ({ all, refused }) => TE.fromEither(told(all, refused)(session))),
          TE.map(({ all, read, now }) => {
            const said = [
              ...new Set(read.flatMap(({ remarks }) => remarks)),
              ...all.flatMap((one) => labelRemarks(session, labelsOf(session, one.target), one)),
              ...read.flatMap((one) => sentencesOfEmpty(file ?? '', one, session, now)),
            ];
            return [now, { report: statusOf(now), said }] as const;
          }),
        ),
      ),
    ),
    // What is not kept is not said.
    TE.map(({ report, said }) => {
      said.forEach(context.remark);
      return report;
    }),
  );
};

/** The work of tell. */
export const tellWork =
  (options: TellOptions & { readonly json: boolean }): Work =>
  (context) =>
    pipe(
      tellReport(options, context),
      TE.map((report) => (options.json ? renderJson(report) : renderStatus(options.folder, report))),
      TE.map(printed),
    );

/** The command, with its options and help. */
export const tell = command({
  name: 'tell',
  description: 'Tell a session labels, of any of its rows; a label told again is a correction.',
  examples: [
    {
      description: 'two labels, and a row that cannot be labelled',
      command: 'batchgfn tell sine 2=-0.621 53=-0.242 --skip 61',
    },
    {
      description: 'a label of one of several targets',
      command: 'batchgfn tell wells 17=3.1 --target yield',
    },
  ],
  args: {
    folder: positional({ displayName: 'FOLDER', description: 'the session' }),
    labels: restPositionals({
      displayName: 'ROW=LABEL',
      description: 'a line of the file, or the name of its row, and the label: 17=0.25, A-104=oak',
    }),
    file: optional(
      {
        long: 'labels',
        placeholder: 'FILE',
        description: 'a table of labels with a column row or line, or that of names, and those of targets',
      },
      filePath('a file', 'Give the path of a CSV file'),
    ),
    target: optional(
      {
        long: 'target',
        placeholder: 'COLUMN',
        description: 'of several targets the one whose labels these are; of a file all if left out',
      },
      targetName,
    ),
    ...fileOptions,
    skip: optional(
      {
        long: 'skip',
        placeholder: 'ROWS',
        description: 'rows that cannot be labelled, with commas between them; they are not asked for again',
      },
      rowList,
    ),
    json,
  },
  handler: tellWork,
});
