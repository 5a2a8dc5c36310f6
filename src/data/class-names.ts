/**
 * Which classes do the labels of a column name? Its distinct texts without white space around them, numbers in the order of their
 * size if all of them are numbers, and their number is their place in that order, from 0.
 */
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import type { Fault } from '../failure.js';
import { isEmptyCell } from './column-values.js';
import { type Column, listed } from './columns.js';
import type { FaultList } from './fault-list.js';
import { nearestName } from './nearest-name.js';
import { quoted, readNumber } from './read-number.js';
import type { Table } from './table.js';

/** The most classes there may be. */
export const maximalClasses = 1000;

/** The number of the class with the name that is written; on the left why there is none, and the names that there are. */
export const classNamed =
  (names: readonly string[]) =>
  (written: string): E.Either<Omit<Fault, 'source'>, number> => {
    const name = written.trim();
    const number = names.indexOf(name);
    return number >= 0
      ? E.right(number)
      : E.left({
          problem: `${quoted(name)} is none of the classes ${listed(names)}`,
          remedy: pipe(
            nearestName(name, names),
            O.match(
              () => 'Write one of their names',
              (nearest) => `Write one of their names, ${quoted(nearest)} perhaps`,
            ),
          ),
        });
  };

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

const checkCount = (
  at: Pick<Fault, 'source' | 'column'>,
  names: readonly string[],
  faults: FaultList,
): void => {
  if (names.length === 1)
    faults.add({
      ...at,
      problem: `all labelled rows are of one class, ${quoted(names[0] ?? '')}`,
      remedy:
        'Label a row of another class: two at least are needed to tell them apart (init takes their names: --classes)',
    });
  if (names.length > maximalClasses)
    faults.add({
      ...at,
      problem: `the column holds ${names.length} different labels, more than ${maximalClasses} classes`,
      remedy: 'Name a column of class labels, or leave --task out if the target is a number',
    });
};

/**
 * The classes of the labelled rows of a table by number, and the names of the classes: those that are given, all of them, or
 * else those that the rows have. Adds to `faults` one fault for fewer than two classes or more than {@link maximalClasses},
 * and one for each label that is none of the given.
 */
export const readClasses = (
  table: Table,
  target: Column,
  faults: FaultList,
  given?: readonly string[],
): { readonly targets: Float64Array; readonly classNames: readonly string[] } => {
  const written = table.rows
    .map(({ line, cells }) => ({ line, label: (cells[target.index] ?? '').trim() }))
    .filter(({ label }) => !isEmptyCell(label));
  const classNames = given ?? ordered(Array.from(new Set(written.map(({ label }) => label))));
  const at = { source: table.source, column: target.name };
  checkCount(at, classNames, faults);
  const numbers = new Map(classNames.map((name, c) => [name, c]));
  const targets = Float64Array.from(written, ({ line, label }) => {
    const number = numbers.get(label);
    if (number !== undefined) return number;
    return pipe(
      label,
      classNamed(classNames),
      E.getOrElse((fault) => {
        faults.add({ ...at, line, ...fault });
        return Number.NaN;
      }),
    );
  });
  return { targets, classNames };
};
