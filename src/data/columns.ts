/**
 * Which columns of a table are the target and the features? Found by the names in the header; what those columns
 * hold is not looked at here.
 */
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import { inputFailure, type Fault, type InputFailure } from '../failure.js';
import { delimiterNames } from './delimiter.js';
import { faultList } from './fault-list.js';
import { nearestName } from './nearest-name.js';
import { quoted, shortened } from './read-number.js';
import type { Table } from './table.js';

/** The names that the user gave. */
export interface ColumnNames {
  /** The header of the one column of labels. */
  readonly target: string;
  /** The headers of the features; all columns but the target where left out. */
  readonly features?: readonly string[];
}

/** A column by its place in every row. */
export interface Column {
  /** 0-based position in a row. */
  readonly index: number;
  /** Its header; empty where the column has no name. */
  readonly name: string;
}

/** Columns that were found. */
export interface Columns {
  readonly target: Column;
  readonly features: readonly Column[];
}

const NAMES_SHOWN = 30;

/** Names as a comma list for messages, shortened where there are many or a name is long. */
export const listed = (names: readonly string[], separator = ', '): string => {
  const shown = names.slice(0, NAMES_SHOWN).map(shortened).join(separator);
  return names.length <= NAMES_SHOWN ? shown : `${shown}${separator}… (${names.length} in all)`;
};

const splitNames = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** What may stand between the cells of a header that was read as one cell. */
const unsplit = ({ headers }: Table): string | undefined =>
  headers.length === 1
    ? Object.entries(delimiterNames).find(([, character]) => headers[0]?.includes(character))?.[0]
    : undefined;

const unknownColumn = (table: Table, what: string, written: string): Fault => {
  const at = { source: table.source, line: table.headerLine };
  const between = unsplit(table);
  return between === undefined
    ? {
        ...at,
        problem: `no column is named ${quoted(written)}; the columns are ${listed(table.headers)}`,
        remedy: pipe(
          nearestName(written, table.headers),
          O.match(
            () => `Name the ${what} as the header does`,
            (name) => `Name the ${what} as the header does, ${quoted(name)} perhaps`,
          ),
        ),
      }
    : {
        ...at,
        problem: `no column is named ${quoted(written)}; there is one column, ${quoted(table.headers[0] ?? '')}`,
        remedy: `Comma, semicolon and tab between cells are recognised; name another character with --delimiter, ${between} perhaps`,
      };
};

const severalTargets = (table: Table, names: readonly string[]): Fault => ({
  source: table.source,
  line: table.headerLine,
  problem: `${names.length} target columns are named (${listed(names)}), and one label column at a time is handled`,
  remedy: `Name one of them, --target ${names[0] ?? ''} for instance, and leave the others out with --features`,
});

const checkHeaders = (table: Table): E.Either<InputFailure, void> => {
  const faults = faultList(table.source);
  const first = new Map<string, number>();
  for (const [index, name] of table.headers.entries()) {
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, index);
    else if (name !== '')
      faults.add({
        source: table.source,
        line: table.headerLine,
        column: index + 1,
        problem: `the name ${quoted(name)} is already that of column ${earlier + 1}`,
        remedy: 'Give each column a name of its own',
      });
  }
  return faults.unless(undefined);
};

const findTarget = (table: Table, written: string): E.Either<InputFailure, Column> => {
  const index = written.trim() === '' ? -1 : table.headers.indexOf(written.trim());
  if (index >= 0) return E.right({ index, name: written.trim() });
  const names = splitNames(written);
  const headers = new Set(table.headers);
  const several = names.length > 1 && names.some((name) => headers.has(name));
  return E.left(
    inputFailure(several ? severalTargets(table, names) : unknownColumn(table, 'target', written)),
  );
};

const namedFeatures = (
  table: Table,
  target: Column,
  written: readonly string[],
): E.Either<InputFailure, readonly Column[]> => {
  const faults = faultList(table.source);
  const names = written.map((name) => name.trim());
  const places = new Map(table.headers.map((name, index) => [name, index]));
  const seen = new Set<string>();
  const fault = (problem: string, remedy: string): void =>
    faults.add({ source: table.source, line: table.headerLine, problem, remedy });
  if (names.length === 0)
    fault('the list of features is empty', 'Name at least one column, or leave the list out to use all');
  for (const name of names) {
    if (name === '' || !places.has(name))
      faults.addLazily(`feature ${name}`, undefined, () => unknownColumn(table, 'feature', name));
    else if (name === target.name)
      fault(`the target ${quoted(name)} is named as a feature too`, 'Remove it from the features');
    else if (seen.has(name)) fault(`the feature ${quoted(name)} is named twice`, 'Name each feature once');
    seen.add(name);
  }
  return faults.unless(names.map((name) => ({ index: places.get(name) ?? -1, name })));
};

const otherColumns = (table: Table, target: Column): readonly Column[] =>
  table.headers.map((name, index) => ({ index, name })).filter(({ index }) => index !== target.index);

/**
 * The columns of the given names. Fails with an InputFailure for two headers alike, a name that the header does not
 * have (the message suggests the nearest), a target that lists several columns, and features that are empty, named
 * twice or the target itself.
 */
export const findColumns = (table: Table, names: ColumnNames): E.Either<InputFailure, Columns> =>
  pipe(
    E.Do,
    E.chainFirst(() => checkHeaders(table)),
    E.bind('target', () => findTarget(table, names.target)),
    E.bind('features', ({ target }) =>
      names.features === undefined
        ? E.right(otherColumns(table, target))
        : namedFeatures(table, target, names.features),
    ),
  );
