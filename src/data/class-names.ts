/**
 * Which classes do the labels of a column name? Its distinct texts without white space around them, numbers in the order of their
 * size if all of them are numbers, and their number is their place in that order, from 0.
 */
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import type { Fault } from '../failure.js';
import { cellsOf } from './column-values.js';
import { type Column, listed } from './columns.js';
import type { FaultList } from './fault-list.js';
import { nearestName } from './nearest-name.js';
import { quoted } from './read-number.js';
import { emptyCells, numberOf, textAt, type Table } from './table.js';

/** The most classes there may be. */
export const maximalClasses = 1000;

/** A fault without its place: no class has this name, and which names there are. */
const noClass = (names: readonly string[], name: string): Omit<Fault, 'source'> => ({
  problem: `${quoted(name)} is none of the classes ${listed(names)}`,
  remedy: pipe(
    nearestName(name, names),
    O.match(
      () => 'Write one of their names',
      (nearest) => `Write one of their names, ${quoted(nearest)} perhaps`,
    ),
  ),
});

/** The number of the class with the name that is written; on the left why there is none, if somebody asks. */
export const classNamed =
  (names: readonly string[]) =>
  (written: string): E.Either<() => Omit<Fault, 'source'>, number> => {
    const name = written.trim();
    const number = names.indexOf(name);
    return number >= 0 ? E.right(number) : E.left(() => noClass(names, name));
  };

/** Numbers by their size where all are numbers, text by its code units. */
const ordered = (names: readonly string[]): readonly string[] => {
  const values = new Map(names.map((name) => [name, numberOf(name)]));
  const numeric = !Array.from(values.values()).some(Number.isNaN);
  const valueOf = (name: string): number => values.get(name) ?? 0;
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

/** What other programs write where a cell is empty, in small letters. */
const missing = new Set(['na', 'n/a', '#n/a', '#na', '<na>', 'nan', 'null', 'none', '?', '-', '--', '.']);

/** Whether the text is a word by which other programs say that a cell is empty. */
export const meansMissing = (text: string): boolean =>
  text.length <= 4 && missing.has(text.trim().toLowerCase());

/** Texts that differ in what is no difference to people: letters of another size, zeros that a number does not need. */
const sense = (name: string): string => {
  const number = numberOf(name);
  return Number.isNaN(number) ? name.toLowerCase() : String(number);
};

/** Sentences on classes that may be one, written in several ways. */
const spellings = (at: Pick<Fault, 'source' | 'column'>, names: readonly string[]): readonly string[] => {
  const alike = new Map<string, string[]>();
  for (const name of names) {
    const same = alike.get(sense(name));
    if (same === undefined) alike.set(sense(name), [name]);
    else same.push(name);
  }
  const several = Array.from(alike.values()).filter(({ length }) => length > 1);
  const [first] = several;
  return first === undefined
    ? []
    : [
        `${at.source}: column ${at.column ?? ''}: ${listed(first.map(quoted))} are different classes, since they are written differently${
          several.length === 1 ? '' : `, and so are ${several.length - 1} more groups of classes`
        }. Write a class in one way.`,
      ];
};

/** The labels of a column as classes. */
export interface ClassLabels {
  /** The class of each labelled row. */
  readonly targets: Float64Array;
  readonly classNames: readonly string[];
  /** Sentences about classes that may be meant as one. */
  readonly remarks: readonly string[];
}

/**
 * The classes of the labelled rows of a table by number, and the names of the classes: those that are given, all of them, or
 * else those that the rows have. Adds to `faults` one fault for fewer than two classes or more than {@link maximalClasses},
 * one for labels that are none of the given, and one for labels such as NA or ? where there are rows without a label too, for
 * these may be meant to have none.
 */
export const readClasses = (
  table: Table,
  target: Column,
  faults: FaultList,
  given?: readonly string[],
): ClassLabels => {
  const cells = cellsOf(table, target);
  const empty = emptyCells(cells);
  const labels = Array.from(table.lines, (line, row) => ({ line, row }))
    .filter(({ row }) => empty[row] === 0)
    .map(({ line, row }) => ({ line, label: textAt(cells, row).trim() }));
  const classNames = given ?? ordered(Array.from(new Set(labels.map(({ label }) => label))));
  const at = { source: table.source, column: target.name };
  checkCount(at, classNames, faults);
  const suspect = given === undefined && labels.length < table.lines.length;
  const numbers = new Map(classNames.map((name, c) => [name, c]));
  const targets = Float64Array.from(labels, ({ line, label }) => {
    if (suspect && meansMissing(label))
      faults.add(
        {
          ...at,
          line,
          problem: `the label ${quoted(label)} says that there is none, and other cells of the column are empty`,
          remedy:
            'Empty the cell if the label is not known; a class of this name has to be written in another way, or named among --classes (init)',
        },
        'missing',
      );
    const number = numbers.get(label);
    if (number !== undefined) return number;
    faults.addLazily(`class ${label}`, line, () => ({ ...at, line, ...noClass(classNames, label) }));
    return NaN;
  });
  return { targets, classNames, remarks: spellings(at, classNames) };
};
