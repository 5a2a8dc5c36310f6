/**
 * Which cells say that nothing is known? Empty ones, and those with a word that other programs write there: NA, NaN, null, -, ? and
 * their like. `none` is one beside numbers alone: among texts it is a kind of its own (no basement, no defect).
 */
import { numberOf, type TableColumn } from './table.js';

/** What is done with a row whose features are not all known. */
export const missingPolicies = ['error', 'drop', 'median'] as const;

/** What is done with a row whose features are not all known: told, left out, or the median of the column put there. */
export type MissingPolicy = (typeof missingPolicies)[number];

/** What the cells of a column are: it decides what `none` says. */
export type Content = 'numbers' | 'texts';

const ofAll = ['na', 'n/a', '#n/a', '#na', '<na>', 'nan', 'null', '?', '-', '--', '.', '#value!', '#div/0!'];

const words: Readonly<Record<Content, ReadonlySet<string>>> = {
  numbers: new Set([...ofAll, 'none']),
  texts: new Set(ofAll),
};

const LONGEST_WORD = 8;

/** Whether a text is a word by which programs say that a cell is empty. */
export const meansMissing = (text: string, content: Content): boolean => {
  const trimmed = text.trim();
  return trimmed.length <= LONGEST_WORD && words[content].has(trimmed.toLowerCase());
};

/** The cells that say that nothing is known, 1 of each row that does. `isWord` tells of a text that is not empty. */
export const missingCells = (column: TableColumn, isWord: (text: string) => boolean): Uint8Array => {
  const says = (text: string): boolean => text.trim() === '' || isWord(text);
  if (column._tag === 'Coded') {
    const missing = column.texts.map(says);
    const cells = new Uint8Array(column.codes.length);
    if (missing.includes(true))
      for (let row = 0; row < cells.length; row++)
        cells[row] = missing[column.codes[row] ?? -1] === true ? 1 : 0;
    return cells;
  }
  const { numbers, others } = column;
  const cells = new Uint8Array(numbers.length);
  for (let row = 0; row < cells.length; row++) cells[row] = Number.isNaN(numbers[row]) ? 1 : 0;
  for (const [i, row] of others.rows.entries()) cells[row] = says(others.texts[i] ?? '') ? 1 : 0;
  return cells;
};

/** What a column holds beside cells that say nothing. */
export interface Held {
  /** Whether one of them is a plain number. */
  readonly numbers: boolean;
  /** The texts that are none; each once in a column of few texts. */
  readonly words: readonly string[];
}

/** What a column holds. */
export const heldIn = (column: TableColumn): Held => {
  const texts = column._tag === 'Coded' ? column.texts : column.others.texts;
  const words = texts.filter(
    (text) => text.trim() !== '' && Number.isNaN(numberOf(text)) && !meansMissing(text, 'numbers'),
  );
  const numbers =
    column._tag === 'Numbers'
      ? column.numbers.some((value) => !Number.isNaN(value))
      : column.texts.some((text) => !Number.isNaN(numberOf(text)));
  return { numbers, words };
};
