/**
 * Which columns of a table are the target, the features and the names of rows? Found by the names in the header; what those
 * columns hold is not looked at here.
 */
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import { inputFailure, type Fault, type InputFailure } from '../failure.js';
import { atHeader } from './column-cells.js';
import { delimiterNames } from './delimiter.js';
import { faultList, type FaultList } from './fault-list.js';
import { nearestName } from './nearest-name.js';
import { quoted, shortened } from './read-number.js';
import type { Table } from './table.js';
import { partsOf } from './text-list.js';

/** The names that the user gave. Those that are left out of all columns are found by what columns hold (column-roles.ts). */
export interface ColumnNames {
  /** The header of the one column of labels. */
  readonly target: string;
  /** What may be done beside naming one that is there, for messages. */
  readonly noTarget?: string;
  /** The headers of the features; all columns but the target where left out. */
  readonly features?: readonly string[];
  /** No column is a feature: points are described by embeddings elsewhere, or what they may be is predicted elsewhere. */
  readonly featureless?: 'embedded' | 'predicted';
  /** Columns that are passed over: neither used nor shown. */
  readonly drop?: readonly string[];
  /** The column that names the rows. */
  readonly id?: string;
  /** Features that are kinds, whatever they look like. */
  readonly categorical?: readonly string[];
  /** Features that are dates, as days. */
  readonly dates?: readonly string[];
  /** The columns of flags by which rows stay in the pool: those that are set, or those that are not. */
  readonly only?: string;
  readonly exclude?: string;
  /** The column of what rows cost, and that of the group of each. */
  readonly cost?: string;
  readonly per?: string;
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
  /** Whether the features were named. */
  readonly named: boolean;
  readonly id: Column | undefined;
  readonly only: Column | undefined;
  readonly exclude: Column | undefined;
  readonly cost: Column | undefined;
  readonly per: Column | undefined;
  /** The others that were not dropped: they are shown, not used. */
  readonly others: readonly Column[];
  /** Places of features that are kinds, and dates, because the user says so. */
  readonly categorical: ReadonlySet<number>;
  readonly dates: ReadonlySet<number>;
}

const NAMES_SHOWN = 30;

/** Names as a comma list for messages, shortened where there are many or a name is long. */
export const listed = (names: readonly string[], separator = ', '): string => {
  const shown = names.slice(0, NAMES_SHOWN).map(shortened).join(separator);
  return names.length <= NAMES_SHOWN ? shown : `${shown}${separator}… (${names.length} in all)`;
};

const splitNames = (text: string): readonly string[] =>
  O.getOrElse((): readonly string[] => [text.trim()])(partsOf(text)).filter((name) => name !== '');

/** What may stand between the cells of a header that was read as one cell. */
const unsplit = ({ headers }: Table): string | undefined =>
  headers.length === 1
    ? Object.entries(delimiterNames).find(([, character]) => headers[0]?.includes(character))?.[0]
    : undefined;

/** The column whose name a comma in a list has cut in two. */
const cutName = ({ headers }: Table, written: string): string | undefined =>
  written === ''
    ? undefined
    : headers.find((name) => name.includes(',') && splitNames(name).includes(written));

const inQuotes = (name: string): string =>
  `Put a name with a comma in quotes within the list, '"${shortened(name)}"', or give --feature '${shortened(name)}'`;

const asHeader = (table: Table, what: string, written: string): string =>
  pipe(
    nearestName(written, table.headers),
    O.match(
      () => `Name the ${what} as the header does`,
      (name) => `Name the ${what} as the header does, ${quoted(name)} perhaps`,
    ),
  );

const unknownColumn = (table: Table, what: string, written: string, besides?: string): Fault => {
  const at = atHeader(table);
  const others = besides === undefined ? '' : `; ${besides}`;
  const holder = what === 'target' ? undefined : cutName(table, written);
  const between = unsplit(table);
  return between === undefined
    ? {
        ...at,
        problem: `no column is named ${quoted(written)}; the columns are ${listed(table.headers)}`,
        remedy: `${holder === undefined ? asHeader(table, what, written) : inQuotes(holder)}${others}`,
      }
    : {
        ...at,
        problem: `no column is named ${quoted(written)}; there is one column, ${quoted(table.headers[0] ?? '')}`,
        remedy: `Comma, semicolon and tab between cells are recognised; name another character with --delimiter, ${between} perhaps`,
      };
};

const severalTargets = (table: Table, names: readonly string[]): Fault => ({
  ...atHeader(table),
  problem: `${names.length} target columns are named (${listed(names)}), and one label column at a time is handled`,
  remedy: `Name one of them, --target ${names[0] ?? ''} for instance, and --drop the others; select, sessions and run take several`,
});

const checkHeaders = (table: Table): E.Either<InputFailure, void> => {
  const faults = faultList(table.source, table.rowKind);
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

/** The column of a name among the headers, as they are; undefined where there is none. */
export const columnNamed = (headers: readonly string[], name: string): Column | undefined => {
  const index = headers.indexOf(name);
  return index < 0 ? undefined : { index, name };
};

/** The names in a list of targets, where it is one: of columns that are there. A header may hold a comma itself, as it is or in quotes. */
export const targetsIn = ({ headers }: Table, written: string): readonly string[] => {
  const names = splitNames(written);
  return !headers.includes(written.trim()) &&
    names.length > 0 &&
    names.every((name) => headers.includes(name))
    ? Array.from(new Set(names))
    : [written];
};

const findTarget = (
  table: Table,
  { target: written, noTarget }: Pick<ColumnNames, 'target' | 'noTarget'>,
): E.Either<InputFailure, Column> => {
  const column = written.trim() === '' ? undefined : columnNamed(table.headers, written.trim());
  if (column !== undefined) return E.right(column);
  const names = splitNames(written);
  const isThere = (name: string): boolean => table.headers.includes(name);
  const missing = names.length > 1 && names.some(isThere) ? names.find((name) => !isThere(name)) : written;
  return E.left(
    inputFailure(
      missing === undefined
        ? severalTargets(table, names)
        : unknownColumn(table, 'target', missing, noTarget),
    ),
  );
};

/** What columns may be named for, and whom they may not be at the same time. */
interface Naming {
  /** In messages: "the feature". */
  readonly what: string;
  readonly written: readonly string[] | undefined;
  /** What is the target, or another thing already, by name. */
  readonly taken: ReadonlyMap<string, string>;
}

const namedColumns = (
  table: Table,
  { what, written, taken }: Naming,
  faults: FaultList,
): readonly Column[] => {
  const names = (written ?? []).map((name) => name.trim());
  const places = new Map(table.headers.map((name, index) => [name, index]));
  const seen = new Set<string>();
  const fault = (problem: string, remedy: string): void =>
    faults.add({ source: table.source, line: table.headerLine, problem, remedy });
  if (written !== undefined && names.length === 0)
    fault(`the list of ${what}s is empty`, 'Name at least one column, or leave the list out to use all');
  for (const name of names) {
    const other = taken.get(name);
    if (name === '' || !places.has(name))
      faults.addLazily(`${what} ${name}`, undefined, () => unknownColumn(table, what, name));
    else if (other !== undefined)
      fault(
        `the ${other} ${quoted(name)} is named as ${what === 'id' ? 'an' : 'a'} ${what} too`,
        `Remove it from the ${what}s`,
      );
    else if (seen.has(name)) fault(`the ${what} ${quoted(name)} is named twice`, `Name each ${what} once`);
    seen.add(name);
  }
  return names.flatMap((name) => {
    const index = places.get(name);
    return index === undefined ? [] : [{ index, name }];
  });
};

/** Kinds and dates that are not among the features that were named. */
const strayFeatures = (
  table: Table,
  what: string,
  columns: readonly Column[],
  features: ReadonlySet<number>,
  faults: FaultList,
): void => {
  for (const { index, name } of columns)
    if (!features.has(index))
      faults.add({
        ...{ source: table.source, line: table.headerLine },
        problem: `the ${what} ${quoted(name)} is not among the features`,
        remedy: `Add it to the features, or leave it out of the ${what}s`,
      });
};

const indices = (columns: readonly Column[]): ReadonlySet<number> =>
  new Set(columns.map(({ index }) => index));

const byName = (columns: readonly Column[], what: string): readonly (readonly [string, string])[] =>
  columns.map(({ name }) => [name, what]);

const columnsNamed = (table: Table, target: Column, names: ColumnNames): E.Either<InputFailure, Columns> => {
  const faults = faultList(table.source, table.rowKind);
  const one = (what: string, name: string | undefined, taken: ReadonlyMap<string, string>) =>
    namedColumns(table, { what, written: name === undefined ? undefined : [name], taken }, faults)[0];
  const many = (
    what: string,
    written: readonly string[] | undefined,
    taken: readonly (readonly [string, string])[],
  ) => namedColumns(table, { what, written, taken: new Map(taken) }, faults);
  const ofTarget = byName([target], 'target');
  const [id, only, exclude, cost, per] = (['id', 'only', 'exclude', 'cost', 'per'] as const).map((what) =>
    one(what, names[what], new Map(ofTarget)),
  );
  const [ids, flags, ofRows] = [[id], [only, exclude], [cost, per]].map((some) =>
    some.flatMap((column) => column ?? []),
  ) as [Column[], Column[], Column[]];
  const dropped = many('dropped column', names.drop, [...ofTarget, ...byName(ids, 'id')]);
  const taken = [
    ...byName(dropped, 'dropped column'),
    ...ofTarget,
    ...byName(ids, 'id'),
    ...byName(flags, 'column of flags'),
    ...byName(ofRows, 'column of costs or groups'),
  ];
  const given = many('feature', names.features, taken);
  const away = indices([target, ...dropped, ...ids, ...flags, ...ofRows]);
  const all = table.headers.map((name, index) => ({ index, name })).filter(({ index }) => !away.has(index));
  const features = names.featureless !== undefined ? [] : names.features === undefined ? all : given;
  const used = indices(features);
  const categorical = many('categorical column', names.categorical, taken);
  const dates = many('column of dates', names.dates, [
    ...taken,
    ...byName(categorical, 'categorical column'),
  ]);
  strayFeatures(table, 'categorical column', categorical, used, faults);
  strayFeatures(table, 'column of dates', dates, used, faults);
  return faults.unless({
    ...{ target, features, id, only, exclude, cost, per },
    named: names.features !== undefined,
    others: all.filter(({ index }) => !used.has(index)),
    categorical: indices(categorical),
    dates: indices(dates),
  });
};

/**
 * The columns of the given names. Fails with an InputFailure for two headers alike, a name that the header does not
 * have (the message suggests the nearest), a target that lists several columns, and features that are empty, named
 * twice or the target itself; likewise for the other names.
 */
export const findColumns = (table: Table, names: ColumnNames): E.Either<InputFailure, Columns> =>
  pipe(
    E.Do,
    E.chainFirst(() => checkHeaders(table)),
    E.bind('target', () => findTarget(table, names)),
    E.chain(({ target }) => columnsNamed(table, target, names)),
  );
