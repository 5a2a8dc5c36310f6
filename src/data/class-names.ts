/**
 * Which classes do the labels of a column name? Its distinct texts without white space around them, numbers in the order of their
 * size if all of them are numbers, and their number is their place in that order, from 0.
 */
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import type { Fault } from '../failure.js';
import { cellsOf } from './column-cells.js';
import { type Column, listed } from './columns.js';
import type { FaultList } from './fault-list.js';
import { ordered } from './levels.js';
import { nearestName } from './nearest-name.js';
import { quoted } from './read-number.js';
import { at } from '../at.js';
import { numberOf, textAt, type Table } from './table.js';
import { meansMissing } from './missing.js';

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

/** That labels name one class, or none. */
export const oneClass = ([name]: readonly string[]): string =>
  name === undefined ? 'no row is labelled' : `all labelled rows are of one class, ${quoted(name)}`;

const checkCount = (
  place: Pick<Fault, 'source' | 'column'>,
  names: readonly string[],
  faults: FaultList,
  few: boolean,
): void => {
  if (names.length < 2 && !few)
    faults.add({
      ...place,
      problem: oneClass(names),
      remedy: 'Label a row of another class, or name the classes for init with --classes',
    });
  if (names.length > maximalClasses)
    faults.add({
      ...place,
      problem: `the column holds ${names.length} different labels, more than ${maximalClasses} classes`,
      remedy: 'Name a column of class labels, or leave --task out if the target is a number',
    });
};

/** Texts that differ in what is no difference to people: letters of another size, zeros that a number does not need. */
const sense = (name: string): string => {
  const number = numberOf(name);
  return Number.isNaN(number) ? name.toLowerCase() : String(number);
};

/** Sentences on classes that may be one, written in several ways. */
const spellings = (place: Pick<Fault, 'source' | 'column'>, names: readonly string[]): readonly string[] => {
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
        `${place.source}: column ${place.column ?? ''}: ${listed(first.map(quoted))} are different classes, since they are written differently${
          several.length === 1 ? '' : `, and so are ${several.length - 1} more groups of classes`
        }. Write a class in one way.`,
      ];
};

/** A sentence on a class that is named as programs write what is missing, where other cells are empty. */
const missingWords = (
  place: Pick<Fault, 'source' | 'column'>,
  names: readonly string[],
): readonly string[] => {
  const name = names.find((one) => meansMissing(one, 'numbers'));
  return name === undefined
    ? []
    : [
        `${place.source}: column ${place.column ?? ''}: ${quoted(name)} is taken for a class, beside cells that are empty. Empty these too if their label is unknown, or name the classes with --classes.`,
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
 * else those that the rows have. Adds to `faults` one fault for fewer than two classes, unless `few` will do, or more than
 * {@link maximalClasses}, and one for labels that are none of the given.
 */
export const readClasses = (
  table: Table,
  target: Column,
  labelled: readonly number[],
  faults: FaultList,
  given?: readonly string[],
  few = false,
): ClassLabels => {
  const cells = cellsOf(table, target);
  const labels = labelled.map((row) => textAt(cells, row).trim());
  const classNames = given ?? ordered(Array.from(new Set(labels)));
  const place = { source: table.source, column: target.name };
  checkCount(place, classNames, faults, few);
  const numbers = new Map(classNames.map((name, c) => [name, c]));
  const targets = Float64Array.from(labels, (label, i) => {
    const number = numbers.get(label);
    if (number !== undefined) return number;
    const line = at(table.lines, at(labelled, i));
    faults.addLazily(`class ${label}`, line, () => ({ ...place, line, ...noClass(classNames, label) }));
    return NaN;
  });
  const isEmpty = labels.length < table.lines.length;
  return {
    ...{ targets, classNames },
    remarks: [
      ...spellings(place, classNames),
      ...(given === undefined && isEmpty ? missingWords(place, classNames) : []),
    ],
  };
};
