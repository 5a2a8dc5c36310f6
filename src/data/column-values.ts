/**
 * What numbers do the feature columns hold, by what each is for (column-roles.ts)? Numbers and dates as they are, kinds as
 * indicators (1 in the rows of a level, 0 elsewhere; one indicator of two levels, for the other would say the same). Where cells
 * are missing: a fault a column, or their rows are left out, or the median of the column stands there and an indicator says so.
 */
import * as E from '#fp-ts/Either';
import { at } from '../at.js';
import { cellsOf, columnLabel } from './column-cells.js';
import { leaveOutBy, rolesOf, type InRole, type Role } from './column-roles.js';
import type { Column, Columns } from './columns.js';
import type { FaultList } from './fault-list.js';
import { meansMissing, missingCells, type MissingPolicy } from './missing.js';
import { numbersBy } from './notation.js';
import { quoted, readNumber } from './read-number.js';
import { textAt, type Table, type TableColumn } from './table.js';

/** A feature's value in every row of the table, labelled and pool alike. */
export interface ColumnValues {
  /** Where it comes from. */
  readonly column: Column;
  /** Of the feature: that of the column, with a level behind it where it is an indicator. */
  readonly name: string;
  readonly values: Float64Array;
}

/** The features, and which rows have all of them. */
export interface FeatureValues {
  readonly columns: readonly ColumnValues[];
  readonly roles: readonly InRole[];
  /** Rows that are left out, 1 of each, because something is missing; undefined where there are none. */
  readonly dropped: Uint8Array | undefined;
  /** How many cells of which columns were missing. */
  readonly filled: readonly { readonly column: Column; readonly count: number }[];
}

type Numeric = Extract<Role, { readonly _tag: 'Numbers' | 'Dates' }>;
type Used = Exclude<Role, { readonly _tag: 'Names' | 'LeftOut' | 'Fault' }>;

const isUsed = (one: InRole): one is { readonly column: Column; readonly role: Used } =>
  one.role._tag === 'Numbers' || one.role._tag === 'Kinds' || one.role._tag === 'Dates';

/** Cells that are no numbers and do not say that they are missing, a fault of each. */
const tellWrongCells = (
  table: Table,
  column: Column,
  values: Float64Array,
  missing: Uint8Array,
  faults: FaultList,
): void => {
  const cells = cellsOf(table, column);
  for (let row = 0; row < values.length; row++) {
    if (!Number.isNaN(values[row]) || missing[row] === 1) continue;
    const number = readNumber(textAt(cells, row));
    if (E.isLeft(number))
      faults.add(
        {
          ...{ source: table.source, line: at(table.lines, row), column: columnLabel(column) },
          ...number.left,
        },
        'not a number',
      );
  }
};

/** What the column of values would be without those that are missing. */
export const medianOf = (values: Float64Array, missing: Uint8Array): number => {
  const known = values.filter((_, row) => missing[row] === 0).sort();
  const middle = known.length >> 1;
  return known.length % 2 === 1
    ? (known[middle] ?? NaN)
    : (known[middle - 1] ?? NaN) / 2 + (known[middle] ?? NaN) / 2;
};

const indicator = (rows: number, isSet: (row: number) => boolean): Float64Array => {
  const values = new Float64Array(rows);
  for (let row = 0; row < rows; row++) if (isSet(row)) values[row] = 1;
  return values;
};

/** The values of numbers or dates, and an indicator of those that were missing. */
const numericValues = (
  table: Table,
  column: Column,
  role: Numeric,
  missing: Uint8Array,
  policy: MissingPolicy,
  faults: FaultList,
): readonly ColumnValues[] => {
  const read = role._tag === 'Dates' ? role.read : role.notation?.read;
  const found = numbersBy(cellsOf(table, column), read);
  tellWrongCells(table, column, found, missing, faults);
  const own = { column, name: column.name };
  if (policy !== 'median' || !missing.includes(1)) return [{ ...own, values: found }];
  const median = medianOf(found, missing);
  return [
    { ...own, values: found.map((value, row) => (missing[row] === 1 ? median : value)) },
    { column, name: `${column.name}=missing`, values: indicator(found.length, (row) => missing[row] === 1) },
  ];
};

/** The level of each row: its place, or −1 where it is missing. */
const levelsIn = (cells: TableColumn, levels: readonly string[]): Int32Array => {
  const places = new Map(levels.map((level, place) => [level, place]));
  if (cells._tag === 'Numbers') return new Int32Array(cells.numbers.length).fill(-1);
  const byCode = cells.texts.map((text) => places.get(text.trim()) ?? -1);
  return Int32Array.from(cells.codes, (code) => byCode[code] ?? -1);
};

/** The indicators of a column of kinds. A cell that is missing is a level of its own by the policy of the median. */
const kindValues = (
  table: Table,
  column: Column,
  levels: readonly string[],
  missing: Uint8Array,
  policy: MissingPolicy,
): readonly ColumnValues[] => {
  const own = levelsIn(cellsOf(table, column), levels);
  const shown = levels.length === 2 ? levels.slice(1) : levels;
  const first = levels.length - shown.length;
  const columns = shown.map((level) => ({
    ...{ column, name: `${column.name}=${level}` },
    values: new Float64Array(own.length),
  }));
  for (let row = 0; row < own.length; row++) {
    const values = columns[(own[row] ?? NaN) - first]?.values;
    if (values !== undefined) values[row] = 1;
  }
  return policy === 'median' && missing.includes(1)
    ? [
        ...columns,
        {
          column,
          name: `${column.name}=missing`,
          values: indicator(own.length, (row) => missing[row] === 1),
        },
      ]
    : columns;
};

const tellMissing = (table: Table, column: Column, missing: Uint8Array, faults: FaultList): void => {
  const cells = cellsOf(table, column);
  const remedy =
    'Fill it in, remove the row, leave the column out with --drop, or add --missing drop or median';
  for (let row = 0; row < missing.length; row++)
    if (missing[row] === 1) {
      const text = textAt(cells, row).trim();
      const problem = text === '' ? 'the cell is empty' : `the cell says ${quoted(text)}: nothing is known`;
      const place = { source: table.source, line: at(table.lines, row), column: columnLabel(column) };
      faults.add({ ...place, problem, remedy }, 'missing');
    }
};

const readColumn = (
  table: Table,
  { column, role }: { readonly column: Column; readonly role: Used },
  missing: Uint8Array,
  policy: MissingPolicy,
  faults: FaultList,
): readonly ColumnValues[] => {
  if (policy === 'error') tellMissing(table, column, missing, faults);
  return role._tag === 'Kinds'
    ? kindValues(table, column, role.levels, missing, policy)
    : numericValues(table, column, role, missing, policy, faults);
};

/** Rows in which something is missing, 1 of each. */
const anyMissing = (all: readonly Uint8Array[], rows: number): Uint8Array | undefined => {
  const some = all.filter((missing) => missing.includes(1));
  return some.length === 0
    ? undefined
    : new Uint8Array(rows).map((_, row) => (some.some((missing) => missing[row] === 1) ? 1 : 0));
};

/**
 * The values of rows that are left out are those of a row that stays: nothing that is said of a column, its being the same in
 * every row for instance, hangs on them.
 */
const asIn = (columns: readonly ColumnValues[], dropped: Uint8Array): readonly ColumnValues[] => {
  const stays = dropped.indexOf(0);
  return columns.map((one) => ({
    ...one,
    values: one.values.map((value, row) => (dropped[row] === 1 ? (one.values[stays] ?? NaN) : value)),
  }));
};

/**
 * The values of the features, in the table's units; each length is the number of rows. `labels` tells the rows whose target is not
 * known. Adds to `faults` a fault for each column with cells that are no finite numbers, or that are missing where that is an error,
 * and one for a column that is empty, without a name, a second column of labels, or text though it was named. The values are
 * meaningful where nothing was added.
 */
export const readFeatures = (
  table: Table,
  columns: Columns,
  labels: Uint8Array,
  policy: MissingPolicy,
  faults: FaultList,
): FeatureValues => {
  const roles = rolesOf(table, columns, labels);
  const leaveOut = leaveOutBy(roles);
  for (const { role } of roles) if (role._tag === 'Fault') faults.add(role.fault(leaveOut));
  const used = roles.filter(isUsed).map((one) => {
    const content = one.role._tag === 'Kinds' ? 'texts' : 'numbers';
    const missing = missingCells(cellsOf(table, one.column), (text) => meansMissing(text, content));
    return { ...one, missing };
  });
  const values = used.flatMap(({ missing, ...one }) => readColumn(table, one, missing, policy, faults));
  const dropped =
    policy === 'drop'
      ? anyMissing(
          used.map(({ missing }) => missing),
          table.lines.length,
        )
      : undefined;
  return {
    columns: dropped === undefined ? values : asIn(values, dropped),
    roles,
    dropped,
    filled: used
      .map(({ column, missing }) => ({ column, count: missing.reduce((sum, one) => sum + one, 0) }))
      .filter(({ count }) => count > 0),
  };
};
