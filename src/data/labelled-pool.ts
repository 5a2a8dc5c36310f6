/**
 * Which points are labelled, which are the pool, and what numbers describe them? A row whose target cell is empty
 * belongs to the pool; the others are labelled.
 */
import * as A from '#fp-ts/Array';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { inputFailure, type InputFailure } from '../failure.js';
import { matrixFrom, type Matrix } from '../linear-algebra/matrix.js';
import { readClasses } from './class-names.js';
import { columnLabel, isEmptyCell, readFeatures, type ColumnValues } from './column-values.js';
import { findColumns, listed, type Column, type ColumnNames } from './columns.js';
import { faultList, type FaultList } from './fault-list.js';
import { looksNumeric, quoted, readNumber } from './read-number.js';
import type { Table } from './table.js';

/** Points of the table: features in the table's units, one row a point, one column a feature name. */
export interface Points {
  /** 1-based line of the file of each point. */
  readonly lines: readonly number[];
  readonly features: Matrix;
}

/** The labelled points, the pool, and what the user should know about how they were read. */
export interface LabelledPool {
  readonly targetName: string;
  readonly featureNames: readonly string[];
  /** Of class labels: what is written for class 0, 1, … */
  readonly classNames?: readonly string[];
  /** At least one point; `targets` in the table's units, one a point, or the numbers of their classes. */
  readonly labelled: Points & { readonly targets: Float64Array };
  /** At least one point. */
  readonly pool: Points;
  /** Sentences about what was left out. */
  readonly remarks: readonly string[];
}

const readTargets = (table: Table, target: Column, faults: FaultList): Float64Array => {
  const full = table.rows.filter(({ cells }) => !isEmptyCell(cells[target.index]));
  const [first] = full;
  if (first !== undefined && !full.some(({ cells }) => looksNumeric(cells[target.index] ?? ''))) {
    faults.add({
      source: table.source,
      line: first.line,
      column: target.name,
      problem: `the target holds text (${quoted((first.cells[target.index] ?? '').trim())} for instance) and no number`,
      remedy:
        'Name a target column of numbers, with empty cells for the pool (select, init and run take class labels: --task classes)',
    });
    return new Float64Array(full.length);
  }
  return Float64Array.from(full, ({ line, cells }) => {
    const number = readNumber(cells[target.index] ?? '');
    if (E.isRight(number)) return number.right;
    faults.add({
      source: table.source,
      line,
      column: target.name,
      problem: number.left.problem,
      remedy: 'Put a finite number there, or empty the cell if the label is not known',
    });
    return Number.NaN;
  });
};

/** What the target column holds: numbers, or labels of classes, which may be given by their names. */
export type TargetKind = 'numbers' | 'classes' | { readonly classes: readonly string[] };

interface Split {
  /** Positions in the table's rows. */
  readonly labelled: readonly number[];
  readonly pool: readonly number[];
}

const splitRows = (table: Table, target: Column): E.Either<InputFailure, Split> => {
  const at = { source: table.source, column: target.name };
  const { left: labelled, right: pool } = pipe(
    table.rows.map((_, row) => row),
    A.partition((row) => isEmptyCell(table.rows[row]?.cells[target.index])),
  );
  if (labelled.length === 0)
    return E.left(
      inputFailure({
        ...at,
        problem: 'no row is labelled: every target cell is empty, so there is nothing to learn from',
        remedy: 'Fill in the target of at least one row',
      }),
    );
  if (pool.length === 0)
    return E.left(
      inputFailure({
        ...at,
        problem: 'no row is unlabelled: every target cell is filled in, so there is nothing to choose from',
        remedy: 'Leave the target cell empty (nothing in it, not NA) in the rows that may be labelled next',
      }),
    );
  return E.right({ labelled, pool });
};

const isConstant = ({ values }: ColumnValues): boolean => values.every((value) => value === values[0]);

const isHollow = (table: Table, column: Column): boolean =>
  column.name === '' && table.rows.every(({ cells }) => isEmptyCell(cells[column.index]));

interface Numbers {
  readonly targets: Float64Array;
  readonly classNames?: readonly string[];
  readonly columns: readonly ColumnValues[];
  /** Columns without a name or content, which were not read. */
  readonly hollow: readonly Column[];
}

const readNumbers = (
  table: Table,
  target: Column,
  features: readonly Column[],
  kind: TargetKind,
): E.Either<InputFailure, Numbers> => {
  const faults = faultList(table.source);
  const { left: used, right: hollow } = pipe(
    [...features],
    A.partition((column) => isHollow(table, column)),
  );
  const labels =
    kind === 'numbers'
      ? { targets: readTargets(table, target, faults) }
      : readClasses(table, target, faults, kind === 'classes' ? undefined : kind.classes);
  const columns = readFeatures(table, target, used, faults);
  return faults.unless({ ...labels, columns, hollow });
};

const checkVarying = (
  table: Table,
  columns: readonly ColumnValues[],
): E.Either<InputFailure, readonly ColumnValues[]> => {
  const varying = columns.filter((column) => !isConstant(column));
  return varying.length > 0
    ? E.right(varying)
    : E.left(
        inputFailure({
          source: table.source,
          line: table.headerLine,
          problem: 'no feature is left: besides the target there is no column of numbers that differ',
          remedy: 'Add at least one column of numbers that tells the points apart',
        }),
      );
};

const remarksOn = (
  table: Table,
  constant: readonly ColumnValues[],
  hollow: readonly Column[],
): readonly string[] => [
  ...constant.map(
    ({ column, values }) =>
      `${table.source}: the column ${column.name} is ${values[0] ?? 0} in every row and was left out.`,
  ),
  ...hollow.map(
    (column) =>
      `${table.source}: column ${columnLabel(column)} has neither a name nor content and was left out.`,
  ),
  ...(table.hollowLines.length === 0
    ? []
    : [
        `${table.source}: rows without any content were left out (line ${listed(table.hollowLines.map(String))}).`,
      ]),
];

const pointsOf = (table: Table, rows: readonly number[], columns: readonly ColumnValues[]): Points => ({
  lines: rows.map((row) => table.rows[row]?.line ?? 0),
  features: matrixFrom(rows.length, columns.length, (i, j) => columns[j]?.values[rows[i] ?? 0] ?? Number.NaN),
});

/**
 * The labelled points and the pool of a table. Features are the named columns, or all columns but the target;
 * columns that are constant over all rows are left out with a remark. A target of classes may hold any text: its distinct
 * values are the classes, in order, unless their names are given. Fails with an InputFailure for names as findColumns does, a
 * target or feature cell that is not a finite number, an empty feature cell, a feature column of text, no labelled row, no
 * unlabelled row, no feature left, fewer than two or more than 1,000 classes, and labels that are none of the given ones.
 */
export const labelledPool = (
  table: Table,
  names: ColumnNames,
  kind: TargetKind = 'numbers',
): E.Either<InputFailure, LabelledPool> =>
  pipe(
    findColumns(table, names),
    E.bind('split', ({ target }) => splitRows(table, target)),
    E.bind('read', ({ target, features }) => readNumbers(table, target, features, kind)),
    E.bind('varying', ({ read }) => checkVarying(table, read.columns)),
    E.map(({ target, split, read, varying }) => ({
      targetName: target.name,
      featureNames: varying.map(({ column }) => column.name),
      ...(read.classNames === undefined ? {} : { classNames: read.classNames }),
      labelled: { ...pointsOf(table, split.labelled, varying), targets: read.targets },
      pool: pointsOf(table, split.pool, varying),
      remarks: remarksOn(table, read.columns.filter(isConstant), read.hollow),
    })),
  );
