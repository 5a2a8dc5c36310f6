/** `batchgfn tell FOLDER ROW=LABEL …`: labels for a session, corrections of labels, and rows that cannot be labelled. */
import { positional, restPositionals } from 'cmd-ts';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { classNamed } from '../../data/class-names.js';
import { readNumber } from '../../data/read-number.js';
import { type Failure, type Fault, inputFailure, type InputFailure } from '../../failure.js';
import type { SessionStart } from '../../learning/session/events.js';
import { noSuchRow, type Session, skip, tell as tellSession } from '../../learning/session/session.js';
import { command, type Context, printed, type Work } from '../command.js';
import { json } from '../common-options.js';
import { filePath, rowList } from '../decoders.js';
import { type Label, type LabelsOfFile, labelsOfTable } from '../label-file.js';
import { optional } from '../options.js';
import { renderJson } from '../render.js';
import { tellOfChanges } from '../session-data.js';
import { changeSession } from '../session-folder.js';
import { renderStatus, type StatusReport, statusOf } from '../session-text.js';
import { delimiter, tableOfFile } from '../table-file.js';

/** Decoded options of tell. */
export interface TellOptions {
  readonly folder: string;
  readonly labels: readonly string[];
  readonly file: string | undefined;
  readonly delimiter: string | undefined;
  readonly skip: readonly number[] | undefined;
}

const gathered = <A>(results: readonly E.Either<Fault, A>[]): E.Either<InputFailure, readonly A[]> => {
  const [first, ...rest] = results.flatMap((result) => (E.isLeft(result) ? [result.left] : []));
  return first === undefined
    ? E.right(results.flatMap((result) => (E.isRight(result) ? [result.right] : [])))
    : E.left(inputFailure(first, ...rest));
};

/** Reads a row and its label: a number or, in a session of classes, the name of one. */
const labelReader = ({ classNames }: SessionStart): ((word: string) => E.Either<Fault, Label>) => {
  const form =
    classNames === undefined
      ? 'a number with = between them: 17=0.25'
      : `a class with = between them: 17=${classNames[0] ?? ''}`;
  return (word) => {
    const neither: Fault = {
      source: word,
      problem: 'it is not a row and its label',
      remedy: `Give the line and ${form}`,
    };
    const [, row, label = ''] = /^(\d+)=(.+)$/.exec(word.trim()) ?? [];
    if (row === undefined) return E.left(neither);
    // A number that is not whole any more would be shown as another.
    if (!Number.isSafeInteger(Number(row))) return E.left({ ...noSuchRow, source: `row ${row}` });
    const number: E.Either<Fault, number> =
      classNames === undefined
        ? pipe(
            readNumber(label),
            E.mapLeft(() => neither),
          )
        : pipe(
            label,
            classNamed(classNames),
            E.mapLeft((fault) => ({ source: word, ...fault() })),
          );
    return pipe(
      number,
      E.map((value): Label => [Number(row), value]),
    );
  };
};

/** Most rows that a sentence names. */
const rowsNamed = 10;

const listedRows = (rows: readonly number[]): string =>
  `${rows.slice(0, rowsNamed).join(', ')}${rows.length > rowsNamed ? ` and ${rows.length - rowsNamed} more` : ''}`;

/** What is to be said of rows of a file that have no label in it yet. */
const sentenceOfEmpty = (file: string, empty: readonly number[], { pending }: Session): readonly string[] => {
  const awaited = empty.filter((row) => pending.includes(row));
  const one = awaited.length === 1;
  return awaited.length === 0
    ? []
    : [
        `${file} has no label yet of line${one ? '' : 's'} ${listedRows(awaited)}, which stay${one ? 's' : ''} pending.`,
      ];
};

/** What labels were before they were corrected. */
const corrections = (before: Session, now: Session): readonly string[] => {
  const named = (label: number): string =>
    before.start.classNames === undefined ? String(label) : (before.start.classNames[label] ?? String(label));
  const changed = [...before.labels].filter(([row, label]) => now.labels.get(row) !== label);
  return [
    ...changed
      .slice(0, rowsNamed)
      .map(
        ([row, label]) => `Line ${row} was ${named(label)}, and is now ${named(now.labels.get(row) ?? NaN)}.`,
      ),
    ...(changed.length > rowsNamed ? [`So ${changed.length - rowsNamed} more labels were changed.`] : []),
  ];
};

const told =
  (labels: readonly Label[], skipped: readonly number[]) =>
  (session: Session): E.Either<InputFailure, Session> =>
    pipe(session, tellSession(labels), E.chain(skip(skipped)));

/** The labels of a file, by the delimiter of the session's own table where none is named. */
const labelsIn = (
  file: string | undefined,
  between: string | undefined,
  { start }: Session,
  context: Context,
): TE.TaskEither<Failure, LabelsOfFile> =>
  file === undefined
    ? TE.right({ labels: [], empty: [] })
    : pipe(
        tableOfFile(file, between ?? start.data?.delimiter, context),
        TE.chainEitherKW((table) => labelsOfTable(table, start)),
      );

/** Tells, and how far the session has come then. All of it is kept, or nothing where some of it cannot be. */
export const tellReport = (
  { folder, labels: words, file, delimiter: between, skip: skipped = [] }: TellOptions,
  context: Context,
): TE.TaskEither<Failure, StatusReport> =>
  pipe(
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
          TE.chainEitherKW(() => gathered(words.map(labelReader(session.start)))),
          TE.bindTo('given'),
          TE.bind('read', () => labelsIn(file, between, session, context)),
          TE.bindW('now', ({ given, read: { labels } }) =>
            TE.fromEither(told([...given, ...labels], skipped)(session)),
          ),
          TE.map(({ read: { empty }, now }) => {
            const said = [...corrections(session, now), ...sentenceOfEmpty(file ?? '', empty, now)];
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
  ],
  args: {
    folder: positional({ displayName: 'FOLDER', description: 'the session' }),
    labels: restPositionals({
      displayName: 'ROW=LABEL',
      description: 'a line of the file and its label: 17=0.25, or 17=oak where labels are classes',
    }),
    file: optional(
      {
        long: 'labels',
        placeholder: 'FILE',
        description:
          'a CSV file of labels with the columns line and that of the target, as ask --out writes it',
      },
      filePath('a file', 'Give the path of a CSV file'),
    ),
    delimiter,
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
