/**
 * By what words are the rows of a session known? By their numbers, and by their names where a column of the table has some: `line:17`
 * is a number in any case, and of other words a name comes first.
 */
import { at } from '../at.js';
import type { SessionStart } from '../learning/session/events.js';
import { present } from '../present.js';
import type { RowWords } from './batch-report.js';

type Start = Pick<SessionStart, 'rows' | 'rowNames' | 'shown'>;

/** The place of a row among those of the session. */
export const placesOf = ({ rows }: Pick<SessionStart, 'rows'>): ReadonlyMap<number, number> =>
  new Map(rows.map((row, i) => [row, i]));

/** The name of a row; empty where it has none. */
export const nameOfRow = (start: Start): ((row: number) => string) => {
  const places = placesOf(start);
  return (row) => start.rowNames?.texts[places.get(row) ?? -1] ?? '';
};

/** What is told of rows of a session beside their numbers. */
export const wordsOfRows = (start: Start, rows: readonly number[]): RowWords => {
  const places = placesOf(start);
  const textsOf = (row: number): Readonly<Record<string, string>> =>
    Object.fromEntries(
      (start.shown ?? []).map(({ column, texts }) => [column, texts[places.get(row) ?? -1] ?? '']),
    );
  return present({
    names: start.rowNames && rows.map(nameOfRow(start)),
    idColumn: start.rowNames?.column,
    texts: start.shown === undefined || start.shown.length === 0 ? undefined : rows.map(textsOf),
  });
};

const NUMBERED = 'line:';

const rowNumber = (word: string): number | undefined => (/^\d+$/.test(word) ? Number(word) : undefined);

const placesByName = ({ rows, rowNames }: Start): ReadonlyMap<string, number> =>
  new Map((rowNames?.texts ?? []).map((name, i) => [name, at(rows, i)]));

/**
 * The row that a word means: by its number where that is said, by its name, or by its number; undefined where it is none of them.
 * Whether there is such a number is not asked.
 */
export const rowReader =
  (start: Start, named = placesByName(start)): ((word: string) => number | undefined) =>
  (word) => {
    const text = word.trim();
    const numbered = text.startsWith(NUMBERED) ? rowNumber(text.slice(NUMBERED.length)) : undefined;
    return numbered ?? named.get(text) ?? rowNumber(text);
  };

/** The row that a text among names means: one that has this name, or else as a word. */
export const nameReader = (start: Start): ((text: string) => number | undefined) => {
  const named = placesByName(start);
  const read = rowReader(start, named);
  return (text) => named.get(text.trim()) ?? read(text);
};

/** A word that means a row of this number and name: its name, unless that would be read as a number or an option. */
export const wordOfRow = (row: number, name: string | undefined): string =>
  name === undefined
    ? String(row)
    : name.startsWith('-') ||
        (name.startsWith(NUMBERED) && rowNumber(name.slice(NUMBERED.length)) !== undefined)
      ? `${NUMBERED}${row}`
      : name;

/** A word as a row and what is behind the = after it: the longest row that it can be. */
export const rowAndRest = (
  word: string,
  read: (word: string) => number | undefined,
): readonly [row: number, rest: string] | undefined => {
  for (let equals = word.lastIndexOf('='); equals > 0; equals = word.lastIndexOf('=', equals - 1)) {
    const row = read(word.slice(0, equals));
    const rest = word.slice(equals + 1);
    if (row !== undefined && rest.trim() !== '') return [row, rest];
  }
  return undefined;
};
