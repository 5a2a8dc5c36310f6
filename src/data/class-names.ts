/**
 * Which classes do the labels of a column name? Its distinct texts without white space around them, numbers in the order of their
 * size if all of them are numbers, and their number is their place in that order, from 0.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { isEmptyCell } from './column-values.js';
import type { Column } from './columns.js';
import type { FaultList } from './fault-list.js';
import { quoted, readNumber } from './read-number.js';
import type { Table } from './table.js';

/** The most classes there may be. */
export const maximalClasses = 1000;

/** Numbers by their size where all are numbers, text by its code units. */
const ordered = (names: readonly string[]): readonly string[] => {
  const numeric = names.every((name) => E.isRight(readNumber(name)));
  const valueOf = (name: string): number =>
    pipe(
      readNumber(name),
      E.getOrElse(() => 0),
    );
  return [...names].sort((a, b) => (numeric ? valueOf(a) - valueOf(b) : 0) || (a < b ? -1 : 1));
};

/**
 * The classes of the labelled rows of a table by number, and the names of the classes. Adds to `faults` one fault for fewer than
 * two classes or more than {@link maximalClasses}.
 */
export const readClasses = (
  table: Table,
  target: Column,
  faults: FaultList,
): { readonly targets: Float64Array; readonly classNames: readonly string[] } => {
  const written = table.rows
    .map(({ cells }) => (cells[target.index] ?? '').trim())
    .filter((cell) => !isEmptyCell(cell));
  const classNames = ordered(Array.from(new Set(written)));
  const at = { source: table.source, column: target.name };
  if (classNames.length === 1)
    faults.add({
      ...at,
      problem: `all labelled rows are of one class, ${quoted(classNames[0] ?? '')}`,
      remedy: 'Label a row of another class: two at least are needed to tell them apart',
    });
  if (classNames.length > maximalClasses)
    faults.add({
      ...at,
      problem: `the column holds ${classNames.length} different labels, more than ${maximalClasses} classes`,
      remedy: 'Name a column of class labels, or leave --task out if the target is a number',
    });
  const numbers = new Map(classNames.map((name, c) => [name, c]));
  return { targets: Float64Array.from(written, (name) => numbers.get(name) ?? Number.NaN), classNames };
};
