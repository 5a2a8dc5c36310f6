/** Which rows are labelled, and what are their labels? A target cell that is empty, or says that nothing is known, is none. */
import * as E from '#fp-ts/Either';
import { at } from '../at.js';
import type { InputFailure } from '../failure.js';
import { cellsOf } from './column-cells.js';
import { exampleOf } from './column-roles.js';
import type { Column } from './columns.js';
import { faultList, linesText, type FaultList } from './fault-list.js';
import { heldIn, meansMissing, missingCells } from './missing.js';
import { type Notation, notationOf, numbersBy } from './notation.js';
import { looksNumeric, quoted, readNumber } from './read-number.js';
import { emptyCells, textAt, textsOf, type Table, type TableColumn } from './table.js';

/** What the target column holds: numbers, or labels of classes, which may be given by their names. */
export type TargetKind = 'numbers' | 'classes' | { readonly classes: readonly string[] };

/** Which texts of a target say that there is no label: not a class that was named, and not the - beside a +. */
const saysNone = (table: Table, target: Column, kind: TargetKind): ((text: string) => boolean) => {
  if (kind === 'numbers') return (text) => meansMissing(text, 'numbers');
  if (kind !== 'classes') {
    const given = new Set(kind.classes);
    return (text) => !given.has(text.trim()) && meansMissing(text, 'texts');
  }
  const signs = textsOf(cellsOf(table, target)).some((text) => text.trim() === '+');
  return (text) => !(signs && text.trim() === '-') && meansMissing(text, 'texts');
};

/** The rows whose label is not known, 1 of each. */
export const unlabelledCells = (table: Table, target: Column, kind: TargetKind): Uint8Array =>
  missingCells(cellsOf(table, target), saysNone(table, target, kind));

/** A sentence on the rows that say in a word that they have no label. */
export const unlabelledRemarks = (
  table: Table,
  target: Column,
  unlabelled: Uint8Array,
): readonly string[] => {
  const cells = cellsOf(table, target);
  const empty = emptyCells(cells);
  const lines: number[] = [];
  let word = '';
  for (let row = 0; row < unlabelled.length; row++)
    if (unlabelled[row] === 1 && empty[row] === 0) {
      if (lines.length === 0) word = textAt(cells, row).trim();
      lines.push(at(table.lines, row));
    }
  return lines.length === 0
    ? []
    : [
        `${table.source}: rows whose ${target.name} says ${quoted(word)} or the like were taken for unlabelled (${linesText({ first: lines.slice(0, 5), count: lines.length }, table.rowKind)}).`,
      ];
};

/** How the numbers of a column of labels are written; undefined where plainly, or not as numbers. */
export const labelNotation = (cells: TableColumn): Notation | undefined => {
  const { numbers, words } = heldIn(cells);
  const found = notationOf(words, numbers);
  // True and false are classes sooner than numbers.
  return found?.name === 'booleans' ? undefined : found;
};

/** The labels of rows as numbers. Adds to `faults` those that are none. */
export const readTargets = (
  table: Table,
  target: Column,
  labelled: readonly number[],
  faults: FaultList,
): Float64Array => {
  const cells = cellsOf(table, target);
  const { numbers: plain, words } = heldIn(cells);
  const place = { source: table.source, column: target.name };
  const notation = labelNotation(cells);
  if (!plain && notation === undefined && words.length > 0 && !words.some(looksNumeric)) {
    const { line, example, remedy } = exampleOf(table, cells, words);
    faults.add({
      ...{ ...place, line },
      problem: `the target holds text (${quoted(example)} for instance) and no number`,
      remedy:
        (notationOf(words, plain) === undefined ? remedy : undefined) ??
        'Name a column of numbers, with empty cells for the pool, or add --task classes to select, init or run',
    });
    return new Float64Array(labelled.length);
  }
  const numbers = numbersBy(cells, notation?.read);
  return Float64Array.from(labelled, (row) => {
    const value = numbers[row] ?? NaN;
    if (!Number.isNaN(value)) return value;
    const number = readNumber(textAt(cells, row));
    if (E.isLeft(number))
      faults.add(
        {
          ...{ ...place, line: at(table.lines, row), problem: number.left.problem },
          remedy: 'Put a finite number there, or empty the cell if the label is not known',
        },
        'not a number',
      );
    return value;
  });
};

/** Sentences on labels that are written in another way than plain numbers. */
export const notationRemarks = (table: Table, target: Column): readonly string[] => {
  const notation = labelNotation(cellsOf(table, target))?.name;
  return [
    ...(notation === 'percent'
      ? [`the target ${target.name} is in percent and stays so: the number before the sign was read.`]
      : []),
    ...(notation === 'thousands'
      ? [`the target ${target.name} has signs between thousands, which were passed over.`]
      : []),
  ].map((sentence) => `${table.source}: ${sentence}`);
};

/** Sentences on labels that may be meant as classes, or are written in another way than plain numbers. */
export const targetRemarks = (table: Table, target: Column, targets: Float64Array): readonly string[] => {
  const twoClasses =
    targets.length > 2 &&
    targets.every((y) => y === 0 || y === 1) &&
    targets.includes(0) &&
    targets.includes(1);
  return [
    ...notationRemarks(table, target),
    ...(twoClasses
      ? [
          `${table.source}: the target ${target.name} is 0 or 1 in every row: if these are classes, add --task classes.`,
        ]
      : []),
  ];
};

/** The rows of a column of flags that are set, 1 of each. Fails where a cell is no flag. */
export const flaggedRows = (table: Table, column: Column): E.Either<InputFailure, Uint8Array> => {
  const cells = cellsOf(table, column);
  const faults = faultList(table.source, table.rowKind);
  const values = numbersBy(cells, flagOf);
  const missing = missingCells(cells, (text) => meansMissing(text, 'numbers'));
  const flags = Uint8Array.from(values, (value, row) => {
    if (missing[row] === 1 || value === 0) return 0;
    if (value !== 1)
      faults.add(
        {
          ...{ source: table.source, line: at(table.lines, row), column: column.name },
          problem: `${quoted(textAt(cells, row))} is no flag`,
          remedy: 'Flags are 1 and 0, true and false, yes and no, or x and an empty cell',
        },
        'flag',
      );
    return 1;
  });
  return faults.unless(flags);
};

const flags: ReadonlyMap<string, number> = new Map([
  ...(['true', 'yes', 'x', 't', 'y'] as const).map((word) => [word, 1] as const),
  ...(['false', 'no', 'f', 'n'] as const).map((word) => [word, 0] as const),
]);

const flagOf = (text: string): number =>
  text.length > 8 ? NaN : (flags.get(text.trim().toLowerCase()) ?? NaN);
