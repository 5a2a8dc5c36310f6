/** Which labels does a table tell a session? Those in the column of its target, of the rows that another column names. */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { classNamed } from '../data/class-names.js';
import { cellsOf } from '../data/column-cells.js';
import { findColumns } from '../data/columns.js';
import { faultList } from '../data/fault-list.js';
import { quoted, readNumber } from '../data/read-number.js';
import { emptyCells, textAt, type Table } from '../data/table.js';
import type { Fault, InputFailure } from '../failure.js';
import type { SessionStart } from '../learning/session/events.js';
import { meansMissing } from '../data/missing.js';
import { labelNotation } from '../data/target-cells.js';
import { rowReader } from './row-words.js';
import { lineColumns } from './table-writing.js';

/** A row and its label: a number, or that of a class. */
export type Label = readonly [row: number, label: number];

/** The labels of a file. */
export interface LabelsOfFile {
  readonly labels: readonly Label[];
  /** The rows whose label is not known yet: their cells are empty. */
  readonly empty: readonly number[];
}

/** Where a cell of a file of labels is. */
type Place = Pick<Fault, 'source' | 'line'>;

const rowOfCell =
  (at: Place, column: string) =>
  (cell: string): E.Either<Fault, number> =>
    pipe(
      readNumber(cell),
      E.filterOrElse(
        (row) => Number.isSafeInteger(row) && row >= 0,
        () => ({ problem: `${quoted(cell.trim())} is not the number of a row`, remedy: '' }),
      ),
      E.mapLeft(({ problem }) => ({
        ...{ ...at, column, problem },
        remedy: 'Give the line of the row in the table of the session, as ask prints it',
      })),
    );

const rowOfName =
  (at: Place, column: string, read: (word: string) => number | undefined) =>
  (cell: string): E.Either<Fault, number> =>
    E.fromNullable({
      ...{ ...at, column, problem: `${quoted(cell.trim())} is the name of no row of the session` },
      remedy: 'Give the name of a row as in the table of the session',
    })(read(cell));

const labelOfCell =
  ({ classNames, targetName }: Pick<SessionStart, 'targetName' | 'classNames'>, at: Place) =>
  (cell: string): E.Either<() => Fault, number> =>
    pipe(
      cell,
      classNames === undefined
        ? (text) =>
            pipe(
              readNumber(text),
              E.mapLeft(({ problem }) => () => ({
                problem,
                remedy: 'Put a finite number there, or empty the cell if the label is not known',
              })),
            )
        : classNamed(classNames),
      E.mapLeft((fault) => () => ({ ...at, column: targetName, ...fault() })),
    );

/**
 * The labels of a table, and the rows without one; as {@link chosenRows} writes it, its column of rows may have another name. An InputFailure for a table without the columns, rows that are no
 * whole numbers, and labels that are none.
 */
export const labelsOfTable = (
  table: Table,
  start: Pick<SessionStart, 'targetName' | 'classNames' | 'rowNames'> & Partial<Pick<SessionStart, 'rows'>>,
): E.Either<InputFailure, LabelsOfFile> => {
  const column = start.rowNames?.column;
  const [rowName = 'row'] = [...lineColumns, ...(column === undefined ? [] : [column])].filter((name) =>
    table.headers.includes(name),
  );
  const byName = rowName === column ? rowReader({ rows: [], ...start }) : undefined;
  return pipe(
    findColumns(table, { target: start.targetName, features: [rowName] }),
    E.chain(({ target, features: [rows = target] }) => {
      const [labelCells, rowCells] = [cellsOf(table, target), cellsOf(table, rows)];
      const empty = emptyCells(labelCells);
      const { classNames } = start;
      const saysNone = (text: string): boolean =>
        classNames === undefined
          ? meansMissing(text, 'numbers')
          : meansMissing(text, 'texts') && !classNames.includes(text.trim());
      // As the target of the session's own table is read.
      const notation = classNames === undefined ? labelNotation(labelCells) : undefined;
      const faults = faultList(table.source, table.rowKind);
      const [labels, left]: readonly [Label[], number[]] = [[], []];
      for (const [place, line] of table.lines.entries()) {
        const at = { source: table.source, line };
        const cell = textAt(rowCells, place);
        const row =
          byName === undefined ? rowOfCell(at, rowName)(cell) : rowOfName(at, rowName, byName)(cell);
        const text = textAt(labelCells, place);
        if (empty[place] === 1 || saysNone(text)) {
          if (E.isRight(row)) left.push(row.right);
          continue;
        }
        const written = notation?.read(text) ?? NaN;
        const label = Number.isNaN(written) ? labelOfCell(start, at)(text) : E.right(written);
        if (E.isLeft(row)) faults.add(row.left, 'row');
        if (E.isLeft(label)) faults.addLazily('label', line, label.left);
        if (E.isRight(row) && E.isRight(label)) labels.push([row.right, label.right]);
      }
      return faults.unless({ labels, empty: left });
    }),
  );
};
