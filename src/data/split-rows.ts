/** Which rows are labelled, and which may be chosen? By the target, by flags, and by what is left out because features are missing. */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { inputFailure, type InputFailure } from '../failure.js';
import type { Column, Columns } from './columns.js';
import { flaggedRows } from './target-cells.js';
import type { Table } from './table.js';

/** The rows of a table by whether their label is known. */
export interface Split {
  /** Positions in the table's rows. */
  readonly labelled: readonly number[];
  readonly pool: readonly number[];
}

/** Of which rows there has to be one at least. Where a label is needed labelled rows are chosen from, as if they had none. */
export interface Needs {
  readonly pool: boolean;
  readonly label: boolean;
}

/**
 * The rows by whether their label is known; `away` are neither, `outside` are labelled or nothing: nothing where labelled rows are chosen
 * from.
 */
export const splitRows = (
  table: Table,
  target: Column,
  unlabelled: Uint8Array,
  { away, outside }: { readonly away: Uint8Array | undefined; readonly outside: Uint8Array | undefined },
  needs: Needs,
): E.Either<InputFailure, Split> => {
  const place = { source: table.source, column: target.name };
  const labelled: number[] = [];
  const pool: number[] = [];
  for (let row = 0; row < unlabelled.length; row++) {
    if (away?.[row] === 1) continue;
    const isOutside = outside?.[row] === 1;
    if (unlabelled[row] === 0) {
      if (!needs.label || !isOutside) labelled.push(row);
    } else if (!isOutside) pool.push(row);
  }
  const left = away === undefined ? '' : ' and has all features';
  if (labelled.length === 0 && needs.label)
    return E.left(
      inputFailure({
        ...place,
        problem:
          away === undefined && outside === undefined
            ? 'no row is labelled: every target cell is empty, so there is nothing to learn from'
            : `no row that is left is labelled${left}`,
        remedy: 'Fill in the target of at least one row',
      }),
    );
  if (pool.length === 0 && needs.pool)
    return E.left(
      inputFailure({
        ...place,
        problem:
          away === undefined && outside === undefined
            ? 'no row is unlabelled: every target cell is filled in, so there is nothing to choose from'
            : `no row that is left is unlabelled${left}`,
        remedy: 'Leave the target cell empty in the rows that may be labelled next',
      }),
    );
  return E.right({ labelled, pool });
};

/** The rows that are not to be chosen, 1 of each. */
export const outsideOf = (
  table: Table,
  { only, exclude }: Columns,
): E.Either<InputFailure, Uint8Array | undefined> => {
  const flags = (column: Column | undefined) =>
    column === undefined ? E.right(undefined) : flaggedRows(table, column);
  return pipe(
    E.Do,
    E.bind('set', () => flags(exclude)),
    E.bind('wanted', () => flags(only)),
    E.map(({ set, wanted }) =>
      set === undefined && wanted === undefined
        ? undefined
        : new Uint8Array(table.lines.length).map((_, row) =>
            set?.[row] === 1 || wanted?.[row] === 0 ? 1 : 0,
          ),
    ),
  );
};
