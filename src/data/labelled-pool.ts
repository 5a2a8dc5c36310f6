/**
 * Which points are labelled, which are the pool, and what numbers describe them? A row whose target cell is empty, or says that
 * nothing is known, belongs to the pool; the others are labelled. What columns are for is decided in column-roles.ts.
 */
import * as A from '#fp-ts/Array';
import * as E from '#fp-ts/Either';
import type { Separated } from '#fp-ts/Separated';
import { pipe } from '#fp-ts/function';
import { at } from '../at.js';
import { inputFailure, type InputFailure } from '../failure.js';
import { roundingDeviation } from '../linear-algebra/deviation.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { oneClass, readClasses, type ClassLabels } from './class-names.js';
import { atHeader, cellsOf } from './column-cells.js';
import { readFeatures, type ColumnValues, type FeatureValues } from './column-values.js';
import { findColumns, type Column, type ColumnNames, type Columns } from './columns.js';
import { faultList } from './fault-list.js';
import type { MissingPolicy } from './missing.js';
import { columnRemarks, isVarying, tableRemarks } from './remarks.js';
import { idOf, shownColumn, type ShownColumn, shownOf } from './row-names.js';
import { type Needs, outsideOf, type Split, splitRows } from './split-rows.js';
import { emptyCells, type Table } from './table.js';
import {
  readTargets,
  targetRemarks,
  type TargetKind,
  unlabelledCells,
  unlabelledRemarks,
} from './target-cells.js';
import { present } from '../present.js';

/** How a table is to be understood: the names of its columns, and what is done with rows that lack a feature. */
export interface TableReading extends ColumnNames {
  /** A fault where left out. */
  readonly missing?: MissingPolicy;
}

/** Points of the table: features in the table's units, one row a point, one column a feature name. */
export interface Points {
  /** 1-based line of the file of each point; its row from 0 where the file has no lines. */
  readonly lines: readonly number[];
  /** 0-based place of each point among the rows of the table. */
  readonly places: readonly number[];
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
  /** The column that names the rows, where there is one. */
  readonly id?: ShownColumn;
  /** The columns of what rows cost and of their groups, where they were named. */
  readonly cost?: ShownColumn;
  readonly per?: ShownColumn;
  /** Columns whose texts tell more than the features: those that are not used, kinds, and dates. */
  readonly shown: readonly ShownColumn[];
  /** Sentences about what was left out, or may be meant in another way. */
  readonly remarks: readonly string[];
}

/** Whether a column has neither a name nor content. */
const isHollow = (table: Table, column: Column): boolean =>
  column.name === '' && emptyCells(cellsOf(table, column)).every((empty) => empty === 1);

interface Numbers {
  readonly labels: Pick<ClassLabels, 'targets' | 'remarks'> & Partial<Pick<ClassLabels, 'classNames'>>;
  readonly features: FeatureValues;
  readonly split: Split;
  /** Columns without a name or content, which were not read. */
  readonly hollow: readonly Column[];
}

const readNumbers = (
  table: Table,
  columns: Columns,
  kind: TargetKind,
  missing: MissingPolicy,
  needs: Needs,
): E.Either<InputFailure, Numbers> => {
  const { target } = columns;
  const faults = faultList(table.source, table.rowKind);
  const hollow = columns.features.filter((column) => isHollow(table, column));
  const used =
    hollow.length === 0 ? columns.features : columns.features.filter((one) => !hollow.includes(one));
  const unlabelled = unlabelledCells(table, target, kind);
  const rows = (away: Uint8Array | undefined) =>
    pipe(
      outsideOf(table, columns),
      E.chain((outside) => splitRows(table, target, unlabelled, { away, outside }, needs)),
    );
  return pipe(
    // That there is nothing to learn from, or to choose from, is told before all else.
    rows(undefined),
    E.map(({ labelled }) => {
      const labels =
        kind === 'numbers'
          ? { targets: readTargets(table, target, labelled, faults), remarks: [] }
          : readClasses(
              ...([table, target, labelled, faults] as const),
              kind === 'classes' ? undefined : kind.classes,
              // A first batch needs no class.
              !needs.label,
            );
      return {
        labels,
        labelled,
        features: readFeatures(table, { ...columns, features: used }, unlabelled, missing, faults),
      };
    }),
    E.chain((read) => faults.unless(read)),
    E.bind('split', ({ features }) => rows(features.dropped)),
    E.map(({ labels, labelled, features, split }) => ({
      ...{ features, split, hollow },
      labels: {
        ...labels,
        targets:
          features.dropped === undefined
            ? labels.targets
            : labels.targets.filter((_, i) => features.dropped?.[at(labelled, i)] === 0),
        remarks: [
          ...unlabelledRemarks(table, target, unlabelled),
          ...(kind === 'numbers' ? targetRemarks(table, target, labels.targets) : labels.remarks),
        ],
      },
    })),
  );
};

const withoutStill = (
  table: Table,
  columns: readonly ColumnValues[],
  { featureless }: Pick<TableReading, 'featureless'>,
): E.Either<InputFailure, Separated<readonly ColumnValues[], readonly ColumnValues[]>> => {
  const parts = pipe([...columns], A.partition(isVarying));
  return parts.right.length > 0 || featureless !== undefined
    ? E.right(parts)
    : E.left(
        inputFailure({
          ...atHeader(table),
          problem: `no feature is left: besides the target there is no column of numbers that differ by more than ${roundingDeviation} of them`,
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
    places: rows,
    features: { rows: rows.length, columns: columns.length, data },
  };
};

/** Whether there is no label, or all are of one class. */
const saysNothing = (labelled: readonly number[], targets: Float64Array, kind: TargetKind): boolean =>
  labelled.length === 0 || (kind !== 'numbers' && targets.every((y) => y === targets[0]));

const nothingSaid = (labelled: readonly number[], names: readonly string[]): string =>
  labelled.length === 0
    ? oneClass([])
    : names.length > 1
      ? 'all labelled rows are of one class'
      : oneClass(names);

/** What is said of a table whose labels say nothing. */
const noLabel = ({ source }: Table, column: string, why: string): string =>
  `${source}, column ${column}: ${why}, so the batch is chosen by the features alone`;

const pointsOfTable = (
  table: Table,
  { missing = 'error', ...names }: TableReading,
  kind: TargetKind,
  needs: Needs,
): E.Either<InputFailure, LabelledPool> =>
  pipe(
    findColumns(table, names),
    E.bindTo('columns'),
    E.bind('read', ({ columns }) => readNumbers(table, columns, kind, missing, needs)),
    E.bind('parts', ({ read }) => withoutStill(table, read.features.columns, names)),
    E.bind('id', ({ columns, read }) => idOf(table, columns, read.features)),
    E.map(({ columns, id, read, parts: { left: still, right: varying } }) => {
      const { labels, features, split, hollow } = read;
      const found = columns.id === undefined ? id : undefined;
      return {
        targetName: columns.target.name,
        featureNames: varying.map(({ name }) => name),
        ...present({
          classNames: labels.classNames,
          id: id && shownColumn(table)(id),
          cost: columns.cost && shownColumn(table)(columns.cost),
          per: columns.per && shownColumn(table)(columns.per),
        }),
        labelled: { ...pointsOf(table, split.labelled, varying), targets: labels.targets },
        pool: pointsOf(table, split.pool, varying),
        shown: shownOf(table, columns, features, id, missing),
        remarks: [
          ...(saysNothing(split.labelled, labels.targets, kind) && names.featureless !== 'predicted'
            ? [noLabel(table, columns.target.name, nothingSaid(split.labelled, labels.classNames ?? []))]
            : []),
          ...columnRemarks(table, { ...features, varying, still, hollow, found, missing }),
          ...labels.remarks,
          ...tableRemarks(table),
        ],
      };
    }),
  );

/**
 * The labelled points and the pool of a table. Features are the named columns, or all columns but the target, by what they are
 * for (column-roles.ts); columns that are constant over all rows are left out with a remark. A target of classes may hold any
 * text: its distinct values are the classes, in order, unless their names are given. Fails with an InputFailure for names as
 * findColumns does, a target or feature cell that is not a finite number, a missing feature cell unless `missing` says what to do
 * with it, a feature column of text that was named, no unlabelled row, no feature left, more
 * than 1,000 classes, and labels that are none of the given ones.
 */
export const labelledPool = (
  table: Table,
  reading: TableReading,
  kind: TargetKind = 'numbers',
): E.Either<InputFailure, LabelledPool> => pointsOfTable(table, reading, kind, { pool: true, label: false });

/** The same of a table whose rows may all be labelled: its pool may be empty. Fails as labelledPool does otherwise. */
export const labelledRows = (
  table: Table,
  reading: TableReading,
  kind: TargetKind = 'numbers',
): E.Either<InputFailure, LabelledPool> => pointsOfTable(table, reading, kind, { pool: false, label: true });

/** The same by one of several targets, which may have all labels, or none. Fails as labelledPool does otherwise. */
export const rowsOfTarget = (
  table: Table,
  reading: TableReading,
  kind: TargetKind = 'numbers',
): E.Either<InputFailure, LabelledPool> => pointsOfTable(table, reading, kind, { pool: false, label: false });
