/**
 * What should the user know about how a table was read? Sentences, one of each kind: a thousand columns that were left out for
 * one reason are one sentence.
 */
import { at } from '../at.js';
import { relativeDeviation, roundingDeviation } from '../linear-algebra/deviation.js';
import { cellsOf, columnLabel } from './column-cells.js';
import { isInOrder, type InRole } from './column-roles.js';
import type { ColumnValues, FeatureValues } from './column-values.js';
import { listed, type Column } from './columns.js';
import type { MissingPolicy } from './missing.js';
import type { Notation } from './notation.js';
import { linesText, type SomeLines } from './fault-list.js';
import { shortened } from './read-number.js';
import { numberOf, textsOf, type Table, type TableColumn } from './table.js';

const isConstant = ({ values }: ColumnValues): boolean => values.every((value) => value === values[0]);

/** Whether the values of a column differ by more than rounding does. */
export const isVarying = ({ values }: ColumnValues): boolean =>
  relativeDeviation(values).deviation > roundingDeviation;

/** A sentence on one column, or on several of one kind. */
const onColumns = <A extends { readonly column: Column; readonly name?: string }>(
  found: readonly A[],
  one: (column: string | number, of: A) => string,
  several: (count: number, columns: string) => string,
): readonly string[] => {
  const label = ({ column, name }: A): string | number =>
    name === undefined || name === '' ? columnLabel(column) : shortened(name);
  const [first, ...others] = found;
  if (first === undefined) return [];
  return others.length === 0
    ? [one(label(first), first)]
    : [several(found.length, listed(found.map((each) => String(label(each)))))];
};

/** Whether a whole number of the column is not the double that it was read as, nor how that one is written. */
const isRounded = (cells: TableColumn): boolean =>
  textsOf(cells).some((text) => {
    const value = numberOf(text);
    const digits = text.trim();
    return Number.isInteger(value) && Math.abs(value) >= 2 ** 53 && String(value) !== digits
      ? Array.from(digits).every((one, i) => (one >= '0' && one <= '9') || (i === 0 && one === '-')) &&
          BigInt(digits) !== BigInt(value)
      : false;
  });

/** The columns that are not the target. */
export interface ReadColumns extends FeatureValues {
  readonly varying: readonly ColumnValues[];
  /** Those that are not, and are left out. */
  readonly still: readonly ColumnValues[];
  /** Those without a name or content. */
  readonly hollow: readonly Column[];
  /** The column by which rows are named, where nobody named it. */
  readonly found: Column | undefined;
  readonly missing: MissingPolicy;
}

const withRole = (roles: readonly InRole[], holds: (one: InRole['role']) => boolean): readonly InRole[] =>
  roles.filter(({ role }) => holds(role));

const written: Readonly<Record<Notation['name'], readonly [one: string, several: string]>> = {
  thousands: [
    'has signs between thousands, which were passed over',
    'have signs between thousands, which were passed over',
  ],
  percent: [
    'is in percent and stays so: the number before the sign was read',
    'are in percent and stay so: the number before the sign was read',
  ],
  booleans: [
    'holds true and false, yes and no: they were read as 1 and 0',
    'hold true and false, yes and no: they were read as 1 and 0',
  ],
};

const notationRemarks = (roles: readonly InRole[]): readonly string[] =>
  (Object.keys(written) as Notation['name'][]).flatMap((name) =>
    onColumns(
      withRole(roles, (role) => role._tag === 'Numbers' && role.notation?.name === name),
      (column) => `the column ${column} ${written[name][0]}.`,
      (count, columns) => `${count} columns ${written[name][1]}: ${columns}.`,
    ),
  );

/** Sentences about columns of text: what they were taken for. */
const textRemarks = ({ roles, found }: Pick<ReadColumns, 'roles' | 'found'>): readonly string[] => [
  ...(found === undefined
    ? []
    : [`the column ${columnLabel(found)} is another text in every row: rows are named by it.`]),
  ...onColumns(
    withRole(roles, (role) => role._tag === 'Kinds' && !role.asked),
    (name, { role }) =>
      `the column ${name} holds text of ${role._tag === 'Kinds' ? role.levels.length : 0} kinds: indicators stand for them (--drop leaves it out).`,
    (count, names) =>
      `${count} columns hold text of few kinds: indicators stand for them (--drop leaves a column out): ${names}.`,
  ),
  ...onColumns(
    withRole(roles, (role) => role._tag === 'LeftOut' && role.why === 'dates'),
    (name) => `the column ${name} holds dates and was left out (--dates takes them as days).`,
    (count, names) => `${count} columns hold dates and were left out (--dates takes them as days): ${names}.`,
  ),
  ...onColumns(
    withRole(roles, (role) => role._tag === 'LeftOut' && role.why === 'levels'),
    (name) =>
      `the column ${name} holds text that hardly repeats and was left out (--categorical takes it as kinds).`,
    (count, names) =>
      `${count} columns hold text that hardly repeats and were left out (--categorical takes them as kinds): ${names}.`,
  ),
  ...onColumns(
    withRole(roles, (role) => role._tag === 'Names').filter(({ column }) => column.index !== found?.index),
    (name) => `the column ${name} is another text in every row and was left out.`,
    (count, names) => `${count} columns are another text in every row and were left out: ${names}.`,
  ),
];

const missingRemarks = (
  table: Table,
  { missing, filled, dropped }: Pick<ReadColumns, 'missing' | 'filled' | 'dropped'>,
): readonly string[] => {
  if (missing === 'median')
    return onColumns(
      filled,
      (name, { count }) =>
        `${count} cell${count === 1 ? '' : 's'} of the column ${name} ${count === 1 ? 'is' : 'are'} missing: the median, or a kind of its own, and an indicator stand there.`,
      (count, names) =>
        `cells of ${count} columns are missing: medians, or kinds of their own, and indicators stand there: ${names}.`,
    );
  if (dropped === undefined) return [];
  const lines = Array.from(table.lines).filter((_, row) => dropped[row] === 1);
  return [
    `rows were left out because a feature is missing (${linesText({ first: lines.slice(0, 5), count: lines.length }, table.rowKind)}).`,
  ];
};

/** Sentences about the columns that were left out, rounded, or read in another way than as plain numbers. */
export const columnRemarks = (table: Table, read: ReadColumns): readonly string[] => {
  const { varying, still, hollow, roles } = read;
  const numeric = [...varying, ...still].filter(({ column, name }) => column.name === name);
  const plain = new Set(withRole(roles, (role) => role._tag === 'Numbers').map(({ column }) => column.index));
  const rounded = numeric.filter(({ column }) => isRounded(cellsOf(table, column)));
  const counting = varying.filter(
    ({ column, name }) =>
      column.name === name && plain.has(column.index) && isInOrder(cellsOf(table, column)),
  );
  return [
    ...onColumns(
      still.filter(isConstant),
      (name, { values }) => `the column ${name} is ${at(values, 0)} in every row and was left out.`,
      (count, names) => `${count} columns are the same in every row and were left out: ${names}.`,
    ),
    ...onColumns(
      still.filter((column) => !isConstant(column)),
      (name, { values }) =>
        `the column ${name} is ${at(values, 0)} in every row but for ${roundingDeviation} of it and was left out.`,
      (count, names) =>
        `${count} columns are the same in every row but for ${roundingDeviation} of it and were left out: ${names}.`,
    ),
    ...onColumns(
      rounded,
      (name) =>
        `the column ${name} has whole numbers beyond 2^53: they were rounded, and some may be alike now.`,
      (count, names) =>
        `${count} columns have whole numbers beyond 2^53: they were rounded, and some may be alike now: ${names}.`,
    ),
    ...onColumns(
      hollow.map((column) => ({ column })),
      (name) => `column ${name} has neither a name nor content and was left out.`,
      (count, names) => `${count} columns have neither a name nor content and were left out: ${names}.`,
    ),
    ...onColumns(
      counting,
      (name) =>
        `the column ${name} holds whole numbers, all different and in order, as the numbers of rows do: --id names rows by it, and does not learn from it.`,
      (count, names) =>
        `${count} columns hold whole numbers, all different and in order, as the numbers of rows do (--id, --drop): ${names}.`,
    ),
    ...textRemarks(read),
    ...notationRemarks(roles),
    ...missingRemarks(table, read),
  ].map((sentence) => `${table.source}: ${sentence}`);
};

/** Sentences about lines of the file. */
export const tableRemarks = ({
  source,
  hollowLines,
  trailingLines,
  commentLines,
  notes = [],
}: Table): readonly string[] => {
  const on = (lines: SomeLines, sentence: string): readonly string[] =>
    lines.count === 0 ? [] : [`${source}: ${sentence} (${linesText(lines)}).`];
  return [
    ...notes.map((note) => `${source}: ${note}.`),
    ...on(hollowLines, 'rows without any content were left out'),
    ...on(trailingLines, 'rows end with more delimiters than the header, which were passed over'),
    ...on(commentLines, 'lines before the header that begin with # were taken for comments'),
  ];
};
