/**
 * Which rows of a part of a pool may a session be asked for? Those without a label that the session does not have. A part is a table with
 * the session's features as columns of numbers, under the same names; its rows are named by the session's column of names, or by the
 * name of the file and their line.
 */
import path from 'node:path';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { at } from '../at.js';
import { cellsOf } from '../data/column-cells.js';
import { columnNamed } from '../data/columns.js';
import { faultList } from '../data/fault-list.js';
import { quoted } from '../data/read-number.js';
import { numbersOf, textAt, type Table, type TableColumn } from '../data/table.js';
import { unlabelledCells } from '../data/target-cells.js';
import { type Fault, inputFailure, type InputFailure } from '../failure.js';
import { knownNames } from '../learning/session/event-faults.js';
import type { RowTexts } from '../learning/session/events.js';
import type { Session } from '../learning/session/session.js';
import type { Matrix } from '../linear-algebra/matrix.js';

/** The rows of a part that may be chosen. */
export interface PartRows {
  readonly part: string;
  /** Of the whole part. */
  readonly count: number;
  /** Lines of those that may be chosen, their names, and their features n×d. */
  readonly rows: readonly number[];
  readonly nameAt: (i: number) => string;
  /** The cells of some of them, of columns that are neither features nor names, as they are written. */
  readonly cellsOf: (some: readonly number[]) => readonly RowTexts[];
  readonly features: Matrix;
}

const cellsNamed = (table: Table, name: string): TableColumn | undefined => {
  const column = columnNamed(table.headers, name);
  return column && cellsOf(table, column);
};

/** The columns of the features. An InputFailure that names the first that the part lacks. */
const featureColumns = (
  table: Table,
  { start: { featureNames, embedded } }: Session,
): E.Either<InputFailure, readonly TableColumn[]> => {
  const refuse = (problem: string, remedy: string) =>
    E.left(inputFailure({ source: table.source, problem, remedy }));
  if (featureNames.length === 0 || embedded === true)
    return refuse(
      'the session has no columns of features, by which parts are scanned',
      'Begin one whose features are columns of numbers',
    );
  const found = featureNames.map((name) => cellsNamed(table, name));
  const missing = featureNames.find((_, j) => found[j] === undefined);
  return missing === undefined
    ? E.right(found.flatMap((column) => column ?? []))
    : refuse(
        `it has no column ${quoted(missing)}, which is a feature of the session`,
        'Give parts with the features of the session as columns of numbers; make indicators and other numbers of text before',
      );
};

/** The faults of rows that have the name of another. */
const faultsOfNames = (
  { source, lines }: Table,
  places: readonly number[],
  nameOf: (row: number) => string,
  column: string,
): readonly Fault[] => {
  const seen = new Map<string, number>();
  return places.flatMap((row): readonly Fault[] => {
    const [name, line] = [nameOf(row), at(lines, row)];
    const before = seen.get(name);
    seen.set(name, line);
    return before === undefined
      ? []
      : [
          {
            ...{ source, line, column, problem: `the row on line ${before} is named ${quoted(name)} too` },
            remedy: 'Give each row a name of its own, or none',
          },
        ];
  });
};

/** The columns that are neither features nor names nor labels. */
const otherColumns = (
  table: Table,
  { start: { featureNames, rowNames, targetName } }: Session,
): readonly (readonly [name: string, cells: TableColumn])[] => {
  const known = new Set([...featureNames, rowNames?.column, targetName]);
  return table.headers.flatMap((name) => {
    const cells = known.has(name) ? undefined : cellsNamed(table, name);
    return cells === undefined ? [] : [[name, cells] as const];
  });
};

/** The rows, 1 of each, that have no label and that the session does not have by name. */
const freeRows = (table: Table, session: Session, nameOf: (row: number) => string): Uint8Array => {
  const { targetName, classNames } = session.start;
  const target = columnNamed(table.headers, targetName);
  const unlabelled =
    target === undefined
      ? new Uint8Array(table.lines.length).fill(1)
      : unlabelledCells(table, target, classNames === undefined ? 'numbers' : { classes: classNames });
  const known = new Set(knownNames(session));
  return unlabelled.map((free, row) => (free === 1 && !known.has(nameOf(row)) ? 1 : 0));
};

/**
 * The rows of a part for a session. An InputFailure for a feature that it lacks, and for cells of rows to choose that are no
 * finite numbers.
 */
export const partRows = (table: Table, session: Session): E.Either<InputFailure, PartRows> => {
  const { rowNames } = session.start;
  const names = rowNames === undefined ? undefined : cellsNamed(table, rowNames.column);
  const part = path.basename(table.source);
  const nameOf = (row: number): string => {
    const own = names === undefined ? '' : textAt(names, row).trim();
    return own === '' ? `${part}:${at(table.lines, row)}` : own;
  };
  return pipe(
    featureColumns(table, session),
    E.chain((columns) => {
      const free = freeRows(table, session, nameOf);
      const places = Array.from(free.keys()).filter((row) => free[row] === 1);
      const data = new Float64Array(places.length * columns.length);
      const faults = faultList(table.source, table.rowKind);
      for (const [j, column] of columns.entries()) {
        const values = numbersOf(column);
        for (const [i, row] of places.entries()) {
          const value = values[row] ?? NaN;
          data[i * columns.length + j] = value;
          if (!Number.isFinite(value))
            faults.add(
              {
                ...{ source: table.source, line: at(table.lines, row) },
                column: session.start.featureNames[j] ?? '',
                problem: `${quoted(textAt(column, row))} is not a number`,
                remedy: 'Put a finite number there, or leave the row out',
              },
              'no number',
            );
        }
      }
      for (const fault of faultsOfNames(table, places, nameOf, rowNames?.column ?? ''))
        faults.add(fault, 'name');
      return faults.unless({
        ...{ part, count: table.lines.length },
        rows: places.map((row) => at(table.lines, row)),
        nameAt: (i: number) => nameOf(places[i] ?? -1),
        cellsOf: (some) =>
          otherColumns(table, session).map(([column, cells]) => ({
            column,
            texts: some.map((i) => textAt(cells, at(places, i))),
          })),
        features: { rows: places.length, columns: columns.length, data },
      });
    }),
  );
};
