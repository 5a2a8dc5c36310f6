/** By which column are rows named, and which others are shown with them? */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type { InputFailure } from '../failure.js';
import { cellsOf } from './column-cells.js';
import { namesRows } from './column-roles.js';
import type { FeatureValues } from './column-values.js';
import type { Column, Columns } from './columns.js';
import { faultList } from './fault-list.js';
import type { MissingPolicy } from './missing.js';
import { quoted } from './read-number.js';
import { textAt, type Table, type TableColumn } from './table.js';

/** A column of texts that is shown with the rows: its name, and its cells by the place of a row. */
export interface ShownColumn {
  readonly name: string;
  readonly cells: TableColumn;
}

/** An InputFailure where two rows have one name, or a row has none. */
const checkNames = (table: Table, column: Column): E.Either<InputFailure, void> => {
  const cells = cellsOf(table, column);
  const faults = faultList(table.source, table.rowKind);
  const first = new Map<string, number>();
  for (const [row, line] of table.lines.entries()) {
    const name = textAt(cells, row).trim();
    const earlier = first.get(name);
    const place = { source: table.source, line, column: column.name };
    if (name === '')
      faults.add({
        ...place,
        problem: 'the row has no name',
        remedy: 'Name it, or name another column with --id',
      });
    else if (earlier !== undefined)
      faults.add(
        {
          ...place,
          problem: `the name ${quoted(name)} is already that of ${table.rowKind ?? 'line'} ${earlier}`,
          remedy: 'Give each row a name of its own, or name another column with --id',
        },
        'twice',
      );
    else first.set(name, line);
  }
  return faults.unless(undefined);
};

/** The column that names the rows: the one that is named, or the first that tells all of them apart. */
export const idOf = (
  table: Table,
  { id, others }: Columns,
  { roles }: FeatureValues,
): E.Either<InputFailure, Column | undefined> =>
  id === undefined
    ? E.right(
        roles.find(({ role }) => role._tag === 'Names')?.column ??
          others.find((column) => namesRows(table, column)),
      )
    : pipe(
        checkNames(table, id),
        E.map(() => id),
      );

/** A column as it is shown. */
export const shownColumn =
  (table: Table) =>
  (column: Column): ShownColumn => ({ name: column.name, cells: cellsOf(table, column) });

/** The columns that are shown beside the features, in the order of the table. */
export const shownOf = (
  table: Table,
  { others, only, exclude, cost, per }: Columns,
  { roles, filled }: FeatureValues,
  id: Column | undefined,
  missing: MissingPolicy,
): readonly ShownColumn[] => {
  const withGaps = new Set(missing === 'median' ? filled.map(({ column }) => column.index) : []);
  return [
    ...others,
    ...[only, exclude, cost, per].flatMap((column) => column ?? []),
    ...roles
      .filter(({ column, role }) => role._tag !== 'Numbers' || withGaps.has(column.index))
      .map(({ column }) => column),
  ]
    .filter(({ index, name }) => name !== '' && index !== id?.index)
    .sort((a, b) => a.index - b.index)
    .map(shownColumn(table));
};
