/** `batchgfn tell FOLDER ROW=LABEL …`: labels for a session, corrections of labels, and rows that cannot be labelled. */
import { command, positional, restPositionals } from 'cmd-ts';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { classNamed } from '../../data/class-names.js';
import { quoted, readNumber } from '../../data/read-number.js';
import { type Failure, type Fault, inputFailure, type InputFailure } from '../../failure.js';
import type { SessionStart } from '../../learning/session/events.js';
import { noSuchRow, type Session, skip, tell as tellSession } from '../../learning/session/session.js';
import { printed, type Work } from '../command.js';
import { json } from '../common-options.js';
import { rowList, text } from '../decoders.js';
import { type Label, labelsOfTable } from '../label-file.js';
import { labelRemarks } from '../label-remarks.js';
import { optional } from '../options.js';
import { renderJson } from '../render.js';
import { rowAndRest, rowReader } from '../row-words.js';
import { tellOfChanges } from '../session-data.js';
import { changeSession } from '../session-folder.js';
import { renderStatus, statusOf } from '../session-text.js';
import { tableOfFile } from '../table-file.js';
import { type FileChoice, fileOptions } from '../table-options.js';

/** Decoded options of tell. */
export interface TellOptions extends FileChoice {
  readonly folder: string;
  readonly labels: readonly string[];
  readonly file: string | undefined;
  readonly skip: readonly string[] | undefined;
  readonly json: boolean;
}

const gathered = <A>(results: readonly E.Either<Fault, A>[]): E.Either<InputFailure, readonly A[]> => {
  const [first, ...rest] = results.flatMap((result) => (E.isLeft(result) ? [result.left] : []));
  return first === undefined
    ? E.right(results.flatMap((result) => (E.isRight(result) ? [result.right] : [])))
    : E.left(inputFailure(first, ...rest));
};

/** Reads a row and its label: a number or, in a session of classes, the name of one. */
const labelReader = (start: SessionStart): ((word: string) => E.Either<Fault, Label>) => {
  const { classNames, rowNames } = start;
  const example = rowNames?.texts[0] ?? '17';
  const form =
    classNames === undefined
      ? `a number with = between them: ${example}=0.25`
      : `a class with = between them: ${example}=${classNames[0] ?? ''}`;
  const read = rowReader(start);
  return (word) => {
    const neither: Fault = {
      source: word,
      problem: 'it is not a row and its label',
      remedy: `Give the ${rowNames === undefined ? 'line' : `${rowNames.column} or the line`} and ${form}`,
    };
    const found = rowAndRest(word.trim(), read);
    if (found === undefined) return E.left(neither);
    const [row, label] = found;
    // A number that is not whole any more would be shown as another.
    if (!Number.isSafeInteger(row))
      return E.left({ ...noSuchRow, source: `row ${word.slice(0, word.indexOf('='))}` });
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
      E.map((value): Label => [row, value]),
    );
  };
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

const told =
  (labels: readonly Label[], skipped: readonly number[]) =>
  (session: Session): E.Either<InputFailure, Session> =>
    pipe(session, tellSession(labels), E.chain(skip(skipped)));

/** The work of tell. All of it is kept, or nothing where some of it cannot be. */
export const tellWork =
  ({ folder, labels: words, file, skip: skipped = [], json: asJson, ...form }: TellOptions): Work =>
  (context) =>
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
            TE.bind('read', () =>
              file === undefined
                ? TE.right<Failure, readonly Label[]>([])
                : pipe(
                    tableOfFile(file, form, context),
                    TE.chainEitherKW((table) => labelsOfTable(table, session.start)),
                  ),
            ),
            TE.bindW('refused', () => TE.fromEither(rowsOf(skipped)(session))),
            TE.bindW('now', ({ given, read, refused }) =>
              TE.fromEither(told([...given, ...read], refused)(session)),
            ),
            TE.map(({ given, read, now }) => {
              labelRemarks(session, [...given, ...read]).forEach(context.remark);
              return [now, statusOf(now)] as const;
            }),
          ),
        ),
      ),
      TE.map((status) => (asJson ? renderJson(status) : renderStatus(folder, status))),
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
      description: 'a line of the file, or the name of its row, and the label: 17=0.25, A-104=oak',
    }),
    file: optional(
      {
        long: 'labels',
        placeholder: 'FILE',
        description: 'a table of labels with a column row or line, or that of names, and the target’s',
      },
      text('a file', 'Give the path of a CSV file'),
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
