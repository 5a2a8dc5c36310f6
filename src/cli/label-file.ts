/** Which labels does a table tell a session? Those in the column of its target, of the rows that another column names. */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { classNamed } from '../data/class-names.js';
import { cellsOf } from '../data/column-values.js';
import { findColumns } from '../data/columns.js';
import { faultList } from '../data/fault-list.js';
import { quoted, readNumber } from '../data/read-number.js';
import { emptyCells, textAt, type Table } from '../data/table.js';
import type { Fault, InputFailure } from '../failure.js';
import type { SessionStart } from '../learning/session/events.js';
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
  start: Pick<SessionStart, 'targetName' | 'classNames'>,
): E.Either<InputFailure, LabelsOfFile> => {
  const rowName = lineColumns.find((name) => table.headers.includes(name)) ?? 'row';
  return pipe(
    findColumns(table, { target: start.targetName, features: [rowName] }),
    E.chain(({ target, features: [rows = target] }) => {
      const [labelCells, rowCells] = [cellsOf(table, target), cellsOf(table, rows)];
      const empty = emptyCells(labelCells);
      const faults = faultList(table.source);
      const [labels, left]: readonly [Label[], number[]] = [[], []];
      for (const [place, line] of table.lines.entries()) {
        const at = { source: table.source, line };
        const row = rowOfCell(at, rowName)(textAt(rowCells, place));
        if (empty[place] === 1) {
          if (E.isRight(row)) left.push(row.right);
          continue;
        }
        const label = labelOfCell(start, at)(textAt(labelCells, place));
        if (E.isLeft(row)) faults.add(row.left, 'row');
        if (E.isLeft(label)) faults.addLazily('label', line, label.left);
        if (E.isRight(row) && E.isRight(label)) labels.push([row.right, label.right]);
      }
      return faults.unless({ labels, empty: left });
    }),
  );
};
