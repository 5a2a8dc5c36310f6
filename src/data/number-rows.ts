/**
 * How do lines of numbers become an array [rows, columns]? Comma, semicolon, tab or spaces between them (numpy.savetxt writes
 * spaces); lines that begin with # are comments, and a first line without any number is a header. Every other cell is a finite
 * number, and every line has as many.
 */
import * as E from '#fp-ts/Either';
import { type Fault, inputFailure, type InputFailure } from '../failure.js';
import { growingArray } from './column-store.js';
import { detectDelimiter } from './delimiter.js';
import { faultList } from './fault-list.js';
import type { NumberArray } from './npy.js';
import { readNumber } from './read-number.js';
import { numberOf } from './table.js';

/** Takes text in pieces of any size, then gives the array. */
export interface NumberRowsReader {
  readonly feed: (text: string) => E.Either<InputFailure, void>;
  readonly finish: () => E.Either<InputFailure, NumberArray>;
}

/** The most characters of a line. */
const LONGEST_LINE = 2 ** 26;

const ragged = (source: string, line: number, found: number, width: number): Fault => ({
  ...{ source, line, problem: `${found} numbers where the first line has ${width}` },
  remedy: 'Give as many numbers in every line',
});

/** The cells of a line by the character between them; spaces count as one. */
const cellsOf = (text: string, delimiter: string): readonly string[] => {
  const cells = text.split(delimiter);
  return delimiter === ' ' ? cells.filter((cell) => cell !== '') : cells;
};

/** What stands between the numbers of a line that is the first. */
const delimiterOf = (line: string): string => {
  const found = detectDelimiter(line, true);
  return line.includes(found) ? found : ' ';
};

/** The lines that arrive, put into one array. */
const numberStore = (source: string) => {
  const faults = faultList(source);
  const numbers = growingArray((length) => new Float64Array(length));
  let delimiter: string | undefined;
  let [width, rows, line] = [0, 0, 0];

  const addRow = (cells: readonly string[]): void => {
    if (width === 0) width = cells.length;
    rows++;
    if (cells.length !== width) {
      faults.add(ragged(source, line, cells.length, width), 'ragged');
      return;
    }
    for (const [column, cell] of cells.entries()) {
      const value = numberOf(cell);
      numbers.push(value);
      if (!Number.isNaN(value)) continue;
      const number = readNumber(cell);
      if (E.isLeft(number))
        faults.add(
          { ...{ source, line, column: column + 1 }, ...number.left, remedy: 'Put a finite number there' },
          'not a number',
        );
    }
  };

  const addLine = (raw: string): void => {
    line++;
    const text = raw.trim();
    if (text === '' || text.startsWith('#')) return;
    delimiter ??= delimiterOf(text);
    const cells = cellsOf(text, delimiter);
    if (rows === 0 && width === 0 && cells.every((cell) => Number.isNaN(numberOf(cell)))) {
      width = cells.length;
      return;
    }
    addRow(cells);
  };

  return {
    addLine,
    /** The line that comes next. */
    next: (): number => line + 1,
    array: (): ReturnType<NumberRowsReader['finish']> =>
      rows === 0
        ? E.left(
            inputFailure({
              source,
              problem: 'it holds no numbers',
              remedy: 'Give a file of NumPy (.npy), or lines of numbers',
            }),
          )
        : faults.unless({ shape: [rows, width], data: numbers.filled() }),
  };
};

/** A reader of lines of numbers. `source` is the file as the user named it. */
export const numberRowsReader = (source: string): NumberRowsReader => {
  const { addLine, next, array } = numberStore(source);
  let pending: string[] = [];
  let length = 0;
  return {
    feed: (text) => {
      const lines = text.split('\n');
      const last = lines.pop() ?? '';
      for (const [i, one] of lines.entries()) {
        addLine(i === 0 ? pending.join('') + one : one);
        if (i === 0) [pending, length] = [[], 0];
      }
      pending.push(last);
      length += last.length;
      return length <= LONGEST_LINE
        ? E.right(undefined)
        : E.left(
            inputFailure({
              ...{ source, line: next(), problem: `the line is longer than ${LONGEST_LINE} characters` },
              remedy: 'Give a file of NumPy (.npy), or lines of numbers',
            }),
          );
    },
    finish: () => {
      addLine(pending.join(''));
      return array();
    },
  };
};
