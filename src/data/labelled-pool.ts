/**
 * Which points are labelled, which are the pool, and what numbers describe them? A row whose target cell is empty
 * belongs to the pool; the others are labelled.
 */
import * as A from '#fp-ts/Array';
import * as E from '#fp-ts/Either';
import type { Separated } from '#fp-ts/Separated';
import { pipe } from '#fp-ts/function';
import { at } from '../at.js';
import { inputFailure, type InputFailure } from '../failure.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { readClasses, type ClassLabels } from './class-names.js';
import { cellsOf, readFeatures, wordsOf, type ColumnValues } from './column-values.js';
import { findColumns, type Column, type ColumnNames } from './columns.js';
import { faultList, type FaultList } from './fault-list.js';
import { quoted, readNumber } from './read-number.js';
import { columnRemarks, isVarying, tableRemarks } from './remarks.js';
import { emptyCells, numbersOf, textAt, type Table } from './table.js';
import { present } from '../present.js';

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
  /** At least one point, unless none is asked for. */
  readonly pool: Points;
  /** Sentences about what was left out, or may be meant in another way. */
  readonly remarks: readonly string[];
}

const readTargets = (
  table: Table,
  target: Column,
  labelled: readonly number[],
  faults: FaultList,
): Float64Array => {
  const cells = cellsOf(table, target);
  const words = wordsOf(table, cells);
  const place = { source: table.source, column: target.name };
  if (words !== undefined) {
    faults.add({
      ...place,
      line: words.line,
      problem: `the target holds text (${quoted(words.example)} for instance) and no number`,
      remedy:
        words.remedy ??
        'Name a target column of numbers, with empty cells for the pool (select, init and run take class labels: --task classes)',
    });
    return new Float64Array(labelled.length);
  }
  const numbers = numbersOf(cells);
  return Float64Array.from(labelled, (row) => {
    const value = numbers[row] ?? NaN;
    if (!Number.isNaN(value)) return value;
    const number = readNumber(textAt(cells, row));
    if (E.isLeft(number))
      faults.add(
        {
          ...place,
          line: at(table.lines, row),
          problem: number.left.problem,
          remedy: 'Put a finite number there, or empty the cell if the label is not known',
        },
        'not a number',
      );
    return value;
  });
};

/** What the target column holds: numbers, or labels of classes, which may be given by their names. */
export type TargetKind = 'numbers' | 'classes' | { readonly classes: readonly string[] };

interface Split {
  /** Positions in the table's rows. */
  readonly labelled: readonly number[];
  readonly pool: readonly number[];
}

const splitRows = (table: Table, target: Column, needsPool: boolean): E.Either<InputFailure, Split> => {
  const place = { source: table.source, column: target.name };
  const labelled: number[] = [];
  const pool: number[] = [];
  emptyCells(cellsOf(table, target)).forEach((empty, row) => (empty === 1 ? pool : labelled).push(row));
  if (labelled.length === 0)
    return E.left(
      inputFailure({
        ...place,
        problem: 'no row is labelled: every target cell is empty, so there is nothing to learn from',
        remedy: 'Fill in the target of at least one row',
      }),
    );
  if (pool.length === 0 && needsPool)
    return E.left(
      inputFailure({
        ...place,
        problem: 'no row is unlabelled: every target cell is filled in, so there is nothing to choose from',
        remedy: 'Leave the target cell empty (nothing in it, not NA) in the rows that may be labelled next',
      }),
    );
  return E.right({ labelled, pool });
};

/** Whether a column has neither a name nor content. */
const isHollow = (table: Table, column: Column): boolean =>
  column.name === '' && emptyCells(cellsOf(table, column)).every((empty) => empty === 1);

interface Numbers {
  readonly labels: Pick<ClassLabels, 'targets' | 'remarks'> & Partial<Pick<ClassLabels, 'classNames'>>;
  readonly columns: readonly ColumnValues[];
  /** Columns without a name or content, which were not read. */
  readonly hollow: readonly Column[];
}

const readNumbers = (
  table: Table,
  target: Column,
  features: readonly Column[],
  kind: TargetKind,
  { labelled }: Split,
): E.Either<InputFailure, Numbers> => {
  const faults = faultList(table.source);
  const hollow = features.filter((column) => isHollow(table, column));
  const used = hollow.length === 0 ? features : features.filter((column) => !hollow.includes(column));
  const labels =
    kind === 'numbers'
      ? { targets: readTargets(table, target, labelled, faults), remarks: [] }
      : readClasses(table, target, faults, kind === 'classes' ? undefined : kind.classes);
  const columns = readFeatures(table, target, used, faults);
  return faults.unless({ labels, columns, hollow });
};

const withoutStill = (
  table: Table,
  columns: readonly ColumnValues[],
): E.Either<InputFailure, Separated<readonly ColumnValues[], readonly ColumnValues[]>> => {
  const parts = pipe([...columns], A.partition(isVarying));
  return parts.right.length > 0
    ? E.right(parts)
    : E.left(
        inputFailure({
          source: table.source,
          line: table.headerLine,
          problem: 'no feature is left: besides the target there is no column of numbers that differ',
          remedy: 'Add at least one column of numbers that tells the points apart',
        }),
      );
};

const pointsOf = (table: Table, rows: readonly number[], columns: readonly ColumnValues[]): Points => {
  const data = new Float64Array(rows.length * columns.length);
  for (const [j, { values }] of columns.entries())
    for (let i = 0; i < rows.length; i++) data[i * columns.length + j] = values[rows[i] ?? -1] ?? NaN;
  return {
    lines: rows.map((row) => at(table.lines, row)),
    features: { rows: rows.length, columns: columns.length, data },
  };
};

const pointsOfTable = (
  table: Table,
  names: ColumnNames,
  kind: TargetKind,
  needsPool: boolean,
): E.Either<InputFailure, LabelledPool> =>
  pipe(
    findColumns(table, names),
    E.bind('split', ({ target }) => splitRows(table, target, needsPool)),
    E.bind('read', ({ target, features, split }) => readNumbers(table, target, features, kind, split)),
    E.bind('parts', ({ read }) => withoutStill(table, read.columns)),
    E.map(({ target, split, read: { labels, hollow }, parts: { left: still, right: varying } }) => ({
      targetName: target.name,
      featureNames: varying.map(({ column }) => column.name),
      ...present({ classNames: labels.classNames }),
      labelled: { ...pointsOf(table, split.labelled, varying), targets: labels.targets },
      pool: pointsOf(table, split.pool, varying),
      remarks: [
        ...columnRemarks(table, { varying, still, hollow }),
        ...labels.remarks,
        ...tableRemarks(table),
      ],
    })),
  );

/**
 * The labelled points and the pool of a table. Features are the named columns, or all columns but the target;
 * columns that are constant over all rows are left out with a remark. A target of classes may hold any text: its distinct
 * values are the classes, in order, unless their names are given. Fails with an InputFailure for names as findColumns does, a
 * target or feature cell that is not a finite number, an empty feature cell, a feature column of text, no labelled row, no
 * unlabelled row, no feature left, fewer than two or more than 1,000 classes, labels that are none of the given ones, and
 * labels such as NA (class-names.ts).
 */
export const labelledPool = (
  table: Table,
  names: ColumnNames,
  kind: TargetKind = 'numbers',
): E.Either<InputFailure, LabelledPool> => pointsOfTable(table, names, kind, true);

/** The same of a table whose rows may all be labelled: its pool may be empty. Fails as labelledPool does otherwise. */
export const labelledRows = (
  table: Table,
  names: ColumnNames,
  kind: TargetKind = 'numbers',
): E.Either<InputFailure, LabelledPool> => pointsOfTable(table, names, kind, false);
