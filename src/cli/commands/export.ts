/** `batchgfn export FOLDER`: the table of a session as it was, with the labels that were told in their cells. */
import { positional } from 'cmd-ts';
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { STANDARD_INPUT } from '../../data/read-table.js';
import { type Failure, inputFailure, type InputFailure } from '../../failure.js';
import type { Session } from '../../learning/session/session.js';
import { labelsByTarget, targetsOf } from '../../learning/session/targets.js';
import { present } from '../../present.js';
import { command, type Context, printed, type Printed, type Work } from '../command.js';
import { json } from '../common-options.js';
import { filePath } from '../decoders.js';
import { guardedIf, guardFormulas } from '../formula-cells.js';
import { checkTableFile } from '../new-file.js';
import { required } from '../options.js';
import { renderJson } from '../render.js';
import { lookAtSession } from '../session-folder.js';
import { copyOfTable, sessionTable } from '../session-table.js';
import {
  labelledInWords,
  labelledRows,
  statusOfTargets,
  targetInWords,
  type TargetStatus,
  toldTable,
} from '../session-targets.js';
import { type LabelText, withFurtherRows } from '../../data/table-writing.js';
import { textTable } from '../text-table.js';
import { written } from '../whole-file.js';

/** Decoded options of export. */
export interface ExportOptions {
  readonly folder: string;
  readonly out: string;
  readonly data: string | undefined;
  readonly guardFormulas: boolean;
  readonly json: boolean;
}

/** What was written. */
interface ExportReport {
  readonly out: string;
  readonly target: string;
  /** Rows that have a label of every target, */
  readonly labelled: number;
  /** and, of several, how many each has. */
  readonly targets?: readonly Pick<TargetStatus, 'target' | 'labelled'>[];
  /** Rows of parts that have joined the session since, behind those of the table. */
  readonly joined?: number;
}

/** The cells of the rows that have joined, by the columns of their parts, in the order in which they did. */
const joinedCells = ({ events }: Session): readonly (readonly (readonly [string, string])[])[] =>
  events.flatMap((event) =>
    event.event === 'added'
      ? event.rows.map((_, i) =>
          (event.cells ?? []).map(({ column, texts }) => [column, texts[i] ?? ''] as const),
        )
      : [],
  );

/** The rows that have joined, by the columns of the table. */
const joinedRows = (session: Session): readonly ReadonlyMap<string, LabelText>[] => {
  const { origin, start } = session;
  const all = labelsByTarget(session);
  const cells = joinedCells(session);
  return start.rows.slice(origin.rows.length).map((row, i) => {
    const at = origin.rows.length + i;
    return new Map<string, LabelText>([
      ...(cells[i] ?? []),
      ...start.featureNames.map((name, j) => [name, start.features[at]?.[j] ?? NaN] as const),
      ...(start.rowNames === undefined
        ? []
        : [[start.rowNames.column, start.rowNames.texts[at] ?? ''] as const]),
      ...targetsOf(start).flatMap((target, j) => {
        const label = all[j]?.get(row);
        return label === undefined ? [] : [[target, start.classNames?.[label] ?? label] as const];
      }),
    ]);
  });
};

/** The session, and its table with labels as text. */
const labelledText = (options: ExportOptions) =>
  pipe(
    lookAtSession(options.folder),
    TE.bindTo('session'),
    TE.bind('table', ({ session: { start } }) => sessionTable(options.folder, start, options.data)),
    TE.let('joined', ({ session }) => joinedRows(session)),
    TE.bind('text', ({ table, session, joined }) => {
      const labelled = toldTable(table, session);
      return pipe(
        E.right(
          joined.length === 0
            ? labelled.text
            : withFurtherRows(labelled, joined, session.start.rowNames?.column ?? 'name'),
        ),
        guardedIf(options.guardFormulas, table),
        TE.fromEither,
      );
    }),
  );

const exportReport = (options: ExportOptions): TE.TaskEither<InputFailure, ExportReport> =>
  pipe(
    labelledText(options),
    // The session goes on with its files and the table as they were.
    TE.chainFirst(({ table }) => checkTableFile('--out', options.out, [options.folder, table.source])),
    TE.chainFirst(({ text }) => written(options.out, text)),
    TE.map(({ session, joined }) => ({
      out: options.out,
      target: targetInWords(session),
      labelled: labelledRows(session),
      ...present({
        targets: statusOfTargets(session)?.map(({ target, labelled }) => ({ target, labelled })),
      }),
      ...(joined.length === 0 ? {} : { joined: joined.length }),
    })),
  );

/** The table itself to standard output, and nothing else. */
const printTable = (
  options: ExportOptions,
  { print }: Pick<Context, 'print'>,
): TE.TaskEither<InputFailure, Printed> =>
  options.json
    ? TE.left(
        inputFailure({
          source: '--json',
          problem: 'the table goes to standard output, and what is reported would stand in it',
          remedy: 'Remove it, or give --out the name of a file',
        }),
      )
    : pipe(
        labelledText(options),
        TE.chainTaskK(
          ({ text }) =>
            () =>
              print(text),
        ),
        TE.map((lost) => {
          const loss = O.toUndefined(lost);
          return loss === undefined || loss.quiet ? printed('') : { text: '', shortfalls: [loss.sentence] };
        }),
      );

const reportText = (report: ExportReport): string =>
  textTable(
    [
      ['table', report.out],
      ['target', report.target],
      ...labelledInWords(report),
      ...(report.joined === undefined ? [] : [['rows of parts', `${report.joined} at its end`]]),
    ],
    () => 'left',
  );

/** The work of export. It changes nothing of the session, and may be done while another command is at work. */
export const exportWork =
  (options: ExportOptions): Work =>
  (context) =>
    pipe(
      options.out === STANDARD_INPUT
        ? printTable(options, context)
        : pipe(
            exportReport(options),
            TE.map((report) => printed(options.json ? renderJson(report) : reportText(report))),
          ),
      TE.mapLeft((failure): Failure => failure),
    );

/** The command, with its options and help. */
export const exported = command({
  name: 'export',
  description: 'Write the table of a session as it was, with the labels that were told in their cells.',
  examples: [{ description: 'the labelled table', command: 'batchgfn export sine -o labelled.csv' }],
  args: {
    folder: positional({ displayName: 'FOLDER', description: 'the session' }),
    out: required(
      {
        long: 'out',
        placeholder: 'FILE.csv',
        description: 'where it is written, replacing what is there; - for standard output',
      },
      filePath('the name of a file', 'Give the name of a file to write, labelled.csv for instance'),
    ),
    data: copyOfTable,
    guardFormulas,
    json,
  },
  handler: exportWork,
});
