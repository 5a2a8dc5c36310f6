/**
 * What should the user know about how a table was read? Sentences, one of each kind: a thousand columns that were left out for
 * one reason are one sentence.
 */
import { at } from '../at.js';
import { relativeDeviation, roundingDeviation } from '../linear-algebra/deviation.js';
import { cellsOf, columnLabel, type ColumnValues } from './column-values.js';
import { listed, type Column } from './columns.js';
import { linesText, type SomeLines } from './fault-list.js';
import { numberOf, textsOf, type Table, type TableColumn } from './table.js';

const isConstant = ({ values }: ColumnValues): boolean => values.every((value) => value === values[0]);

/** Whether the values of a column differ by more than rounding does. */
export const isVarying = ({ values }: ColumnValues): boolean =>
  relativeDeviation(values).deviation > roundingDeviation;

/** A sentence on one column, or on several of one kind. */
const onColumns = <A extends { readonly column: Column }>(
  found: readonly A[],
  one: (column: string | number, of: A) => string,
  several: (count: number, columns: string) => string,
): readonly string[] => {
  const [first, ...others] = found;
  if (first === undefined) return [];
  return others.length === 0
    ? [one(columnLabel(first.column), first)]
    : [several(found.length, listed(found.map(({ column }) => String(columnLabel(column)))))];
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
export interface ReadColumns {
  readonly varying: readonly ColumnValues[];
  /** Those that are not, and are left out. */
  readonly still: readonly ColumnValues[];
  /** Those without a name or content. */
  readonly hollow: readonly Column[];
}

/** Sentences about the columns that were left out or rounded. */
export const columnRemarks = (table: Table, { varying, still, hollow }: ReadColumns): readonly string[] => {
  const rounded = [...varying, ...still].filter(({ column }) => isRounded(cellsOf(table, column)));
  return [
    ...onColumns(
      still.filter(isConstant),
      (name, { values }) => `the column ${name} is ${at(values, 0)} in every row and was left out.`,
      (count, names) => `${count} columns are the same in every row and were left out: ${names}.`,
    ),
    ...onColumns(
      still.filter((column) => !isConstant(column)),
      (name, { values }) =>
        `the column ${name} is ${at(values, 0)} in every row but for rounding and was left out.`,
      (count, names) =>
        `${count} columns are the same in every row but for rounding and were left out: ${names}.`,
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
  ].map((sentence) => `${table.source}: ${sentence}`);
};

/** Sentences about lines of the file. */
export const tableRemarks = ({
  source,
  hollowLines,
  trailingLines,
  commentLines,
}: Table): readonly string[] => {
  const on = (lines: SomeLines, sentence: string): readonly string[] =>
    lines.count === 0 ? [] : [`${source}: ${sentence} (${linesText(lines)}).`];
  return [
    ...on(hollowLines, 'rows without any content were left out'),
    ...on(trailingLines, 'rows end with more delimiters than the header, which were passed over'),
    ...on(commentLines, 'lines before the header that begin with # were taken for comments'),
  ];
};
