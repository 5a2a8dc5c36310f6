/** Which labels does a table tell a session? Those in the column of its target, of the rows that another column names. */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { classNamed } from '../data/class-names.js';
import { cellsOf } from '../data/column-cells.js';
import { type Column, columnNamed, findColumns } from '../data/columns.js';
import { thousandOrFraction } from '../data/decimal-comma.js';
import { faultList } from '../data/fault-list.js';
import { quoted, readNumber } from '../data/read-number.js';
import { tableRemarks } from '../data/remarks.js';
import { emptyCells, numberOf, textAt, type Table, type TableColumn } from '../data/table.js';
import { type Fault, inputFailure, type InputFailure } from '../failure.js';
import type { SessionStart } from '../learning/session/events.js';
import { targetsOf } from '../learning/session/targets.js';
import { meansMissing } from '../data/missing.js';
import { labelNotation, notationRemarks } from '../data/target-cells.js';
import { lineColumns } from '../data/table-writing.js';
import { faultsOfNames, type KnownRows, type NamedRow, faultsOfFeatures } from './label-rows.js';
import { nameReader } from './row-words.js';
import { meantBy, withHeaders } from './formula-cells.js';

/** A row and its label: a number, or that of a class. */
export type Label = readonly [row: number, label: number];

/** The labels of a file. */
export interface LabelsOfFile {
  readonly labels: readonly Label[];
  /** The rows whose label is not known yet: their cells are empty. */
  readonly empty: readonly number[];
  /** Sentences on how the file and its labels are written. */
  readonly remarks: readonly string[];
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
  (cell: string): E.Either<Fault, number> => {
    const name = meantBy(cell, (text) => read(text) !== undefined);
    if (name === undefined)
      return E.left({
        ...{
          ...at,
          column,
          problem: `${quoted(cell.trim())} may be the name of two rows, as it is or guarded`,
        },
        remedy: 'Name rows by their lines, in a column `line`',
      });
    return E.fromNullable({
      ...{ ...at, column, problem: `${quoted(cell.trim())} is the name of no row of the session` },
      remedy: 'Give the name of a row as in the table of the session',
    })(read(name));
  };

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
        : (text) => {
            const name = meantBy(text, (known) => classNames.includes(known));
            return name === undefined
              ? E.left(() => ({
                  problem: `${quoted(text.trim())} may be the name of two classes, as it is or guarded`,
                  remedy: 'Tell this label on the command line, ROW=CLASS',
                }))
              : classNamed(classNames)(name);
          },
      E.mapLeft((fault) => () => ({ ...at, column: targetName, ...fault() })),
    );

/** The same of one of the targets of a session. */
export interface TargetLabels extends LabelsOfFile {
  readonly target: string;
}

/** What the file of labels is of. */
type LabelledStart = Pick<SessionStart, 'targetName' | 'classNames' | 'shown'> & KnownRows;

/** How the cells of rows and labels are read. */
const cellReaders = (start: LabelledStart, rowName: string, labelCells: TableColumn) => {
  const { classNames, rowNames } = start;
  const byName = rowName === rowNames?.column ? nameReader(start) : undefined;
  // As the target of the session's own table is read.
  const notation = classNames === undefined ? labelNotation(labelCells) : undefined;
  return {
    row: (at: Place, cell: string): E.Either<Fault, number> =>
      byName === undefined ? rowOfCell(at, rowName)(cell) : rowOfName(at, rowName, byName)(cell),
    label: (at: Place, text: string): E.Either<() => Fault, number> => {
      const written = notation?.read(text) ?? NaN;
      return Number.isNaN(written) ? labelOfCell(start, at)(text) : E.right(written);
    },
    saysNone: (text: string): boolean =>
      classNames === undefined
        ? meansMissing(text, 'numbers')
        : meansMissing(text, 'texts') && !classNames.includes(text.trim()),
  };
};

const twice = (at: Place, column: string, row: number, before: number): Fault => ({
  ...{ ...at, column, problem: `row ${row} has a label on line ${before} already` },
  remedy: 'Leave one of the two out',
});

/** The fault of a column of which nothing tells what its points are. */
const unsettledFault = ({ source }: Table, column: string, cell: string): Fault => {
  const { problem, remedy } = thousandOrFraction(cell);
  return {
    source,
    column,
    problem,
    remedy: `${remedy}, or say with --decimal which mark is the decimal one`,
  };
};

/** Columns of the table of the session that a file of labels may have too. */
const ownColumns = ({ featureNames, rowNames, shown = [] }: LabelledStart): ReadonlySet<string> =>
  new Set([
    ...featureNames,
    ...[...(rowNames === undefined ? [] : [rowNames]), ...shown].map(({ column }) => column),
  ]);

/** The columns that may tell the numbers of rows, those first that are no columns of the session's table. */
const numberColumns = ({ headers }: Table, start: LabelledStart): readonly string[] => {
  const own = ownColumns(start);
  const there = lineColumns.filter((name) => headers.includes(name));
  return [...there.filter((name) => !own.has(name)), ...there.filter((name) => own.has(name))];
};

/** Faults of rows that two columns give different numbers. Beside a column that a command wrote, any other is the table's own. */
const faultsOfNumbers = (table: Table, start: LabelledStart, rows: Column): readonly Fault[] => {
  const [first, second = ''] = numberColumns(table, start);
  const other = columnNamed(table.headers, second);
  if (other === undefined || first !== rows.name || first === lineColumns[0] || ownColumns(start).has(second))
    return [];
  const [own, others] = [cellsOf(table, rows), cellsOf(table, other)];
  return Array.from(table.lines).flatMap((line, index) => {
    const [said, also] = [textAt(own, index).trim(), textAt(others, index).trim()];
    return said === also || numberOf(said) === numberOf(also)
      ? []
      : [
          {
            ...{ source: table.source, line, column: other.name },
            problem: `it says ${quoted(also)}, and the column ${rows.name} says ${quoted(said)}`,
            remedy: `Leave one of the two columns out, or call that of the lines ${lineColumns[0]}`,
          },
        ];
  });
};

const labelsIn = (
  table: Table,
  start: LabelledStart,
  rows: Column,
  target: Column,
): E.Either<InputFailure, LabelsOfFile> => {
  const [labelCells, rowCells] = [cellsOf(table, target), cellsOf(table, rows)];
  const empty = emptyCells(labelCells);
  const read = cellReaders(start, rows.name, labelCells);
  const faults = faultList(table.source, table.rowKind);
  const [labels, left, named]: readonly [Label[], number[], NamedRow[]] = [[], [], []];
  const lines = new Map<number, number>();
  for (const [index, line] of table.lines.entries()) {
    const at = { source: table.source, line };
    const row = read.row(at, textAt(rowCells, index));
    const text = textAt(labelCells, index);
    if (empty[index] === 1 || read.saysNone(text)) {
      if (E.isRight(row)) left.push(row.right);
      continue;
    }
    const label = read.label(at, text);
    if (E.isLeft(row)) faults.add(row.left, 'row');
    if (E.isLeft(label)) faults.addLazily('label', line, label.left);
    if (E.isLeft(row) || E.isLeft(label)) continue;
    const before = lines.get(row.right);
    if (before !== undefined) faults.add(twice(at, rows.name, row.right, before), 'twice');
    lines.set(row.right, line);
    named.push([index, row.right]);
    labels.push([row.right, label.right]);
  }
  const unsettled = table.unsettled?.find(
    ({ column, readAs }) => column === target.name && readAs === 'thousands',
  );
  if (unsettled !== undefined) faults.add(unsettledFault(table, target.name, unsettled.cell), 'marks');
  for (const fault of faultsOfNumbers(table, start, rows)) faults.add(fault, 'numbers');
  for (const fault of faultsOfNames(table, start, named)) faults.add(fault, 'name');
  for (const fault of faultsOfFeatures(table, start, named)) faults.add(fault, 'feature');
  const remarks = [
    ...tableRemarks(table),
    ...(start.classNames === undefined ? notationRemarks(table, target) : []),
  ];
  return faults.unless({ labels, empty: left, remarks });
};

/**
 * The labels of a table, and the rows without one; as {@link chosenRows} writes it, its column of rows may have another name. An
 * InputFailure for a table without the columns, rows that are no whole numbers, have two of them, another name or other features, or are
 * given twice, and labels that are none.
 */
export const labelsOfTable = (given: Table, start: LabelledStart): E.Either<InputFailure, LabelsOfFile> => {
  const column = start.rowNames?.column;
  const table = withHeaders(given, [
    ...[start.targetName, ...start.featureNames],
    ...(column === undefined ? [] : [column]),
  ]);
  const [rowName] = [
    ...numberColumns(table, start),
    ...(column === undefined || !table.headers.includes(column) ? [] : [column]),
  ];
  if (rowName === undefined)
    return E.left(
      inputFailure({
        source: given.source,
        problem: 'no column tells which rows the labels are of',
        remedy: `Add a column named line with their lines${column === undefined ? '' : `, or ${column} with their names`}, as ask --out writes it`,
      }),
    );
  return pipe(
    findColumns(table, { target: start.targetName, features: [rowName] }),
    E.chain(({ target, features: [rows = target] }) => labelsIn(table, start, rows, target)),
  );
};

/**
 * The same of each target that the table has a column of, or of one of them alone. Fails as {@link labelsOfTable} does, with every fault
 * once.
 */
export const labelsOfTargets = (
  given: Table,
  start: LabelledStart & Pick<SessionStart, 'furtherTargets'>,
  only: string | undefined,
): E.Either<InputFailure, readonly TargetLabels[]> => {
  const names = targetsOf(start);
  const { headers } = withHeaders(given, names);
  const there = names.filter((name) => headers.includes(name));
  const wanted = only === undefined ? (there.length === 0 ? names.slice(0, 1) : there) : [only];
  const reads = wanted.map((target) =>
    pipe(
      labelsOfTable(given, { ...start, targetName: target }),
      E.map((read): TargetLabels => ({ ...read, target })),
    ),
  );
  const faults = new Map(
    reads
      .flatMap((read) => (E.isLeft(read) ? read.left.faults : []))
      .map((fault) => [JSON.stringify(fault), fault]),
  );
  const [first, ...rest] = faults.values();
  return first === undefined
    ? E.right(reads.flatMap((read) => (E.isRight(read) ? [read.right] : [])))
    : E.left(inputFailure(first, ...rest));
};
