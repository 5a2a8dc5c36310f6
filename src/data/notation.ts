/**
 * What number does a cell mean that is not written plainly? By its column, whose texts must all be of one notation:
 *
 *   thousands   6,215,651   1 234.5   1'234    groups of three digits behind the first, one sign between them
 *   percent     0.4%                           the number before the sign, which stays in percent
 *   booleans    true, false, yes, no           1 and 0
 *
 * A decimal comma is read with the file (decimal-comma.ts): `1,5` is here no number.
 */
import { decimalIn } from './read-number.js';
import { numberOf, numbersOf, type TableColumn } from './table.js';

/** How the numbers of a column are written. */
export interface Notation {
  readonly name: 'thousands' | 'percent' | 'booleans';
  /** NaN of a text that is not written so. */
  readonly read: (text: string) => number;
}

const LONGEST = 40;

/** Between thousands: a comma, a space of several kinds, an apostrophe of two. */
const separators = [',', ' ', '\u00a0', '\u202f', '\u2009', "'", '\u2019'] as const;

const isDigits = (text: string): boolean =>
  Array.from(text).every((character) => character >= '0' && character <= '9');

/** The text without what separates thousands, or undefined where it is not written so. */
export const withoutThousands = (text: string, separator: string, point: string): string | undefined => {
  if (text.length > LONGEST || !text.includes(separator)) return undefined;
  const signed = text.startsWith('-') || text.startsWith('+');
  const [whole = '', ...fraction] = text.slice(signed ? 1 : 0).split(point);
  const [first = '', ...groups] = whole.split(separator);
  const holds =
    fraction.length <= 1 &&
    fraction.every(isDigits) &&
    first.length >= 1 &&
    first.length <= 3 &&
    // 0.125 is no thousand.
    !first.startsWith('0') &&
    isDigits(first) &&
    groups.length > 0 &&
    groups.every((group) => group.length === 3 && isDigits(group));
  return holds
    ? `${signed ? text.charAt(0) : ''}${first}${groups.join('')}${fraction.map((digits) => `.${digits}`).join('')}`
    : undefined;
};

const decimal = (text: string | undefined): number =>
  text === undefined ? NaN : decimalIn(text, 0, text.length);

const thousandsBy = (separator: string): Notation => ({
  name: 'thousands',
  read: (text) => decimal(withoutThousands(text.trim(), separator, '.')),
});

const percent: Notation = {
  name: 'percent',
  read: (text) => {
    const trimmed = text.trim();
    return trimmed.endsWith('%') && trimmed.length <= LONGEST ? numberOf(trimmed.slice(0, -1)) : NaN;
  },
};

const truths: ReadonlyMap<string, number> = new Map([
  ['true', 1],
  ['yes', 1],
  ['false', 0],
  ['no', 0],
]);

const booleans: Notation = {
  name: 'booleans',
  read: (text) => (text.length > LONGEST ? NaN : (truths.get(text.trim().toLowerCase()) ?? NaN)),
};

const notations: readonly Notation[] = [booleans, percent, ...separators.map(thousandsBy)];

/**
 * The notation of a column with these texts, `beside` plain numbers or not; undefined where they are not of one. Plain numbers may
 * stand beside thousands alone: `950` beside `1,200` is one, `5` beside `4%` may be anything.
 */
export const notationOf = (texts: readonly string[], beside: boolean): Notation | undefined => {
  const [first] = texts;
  if (first === undefined) return undefined;
  // The first text tells which it can be at all, so that each of the others is looked at once or twice.
  return notations
    .filter(({ name, read }) => (name === 'thousands' || !beside) && !Number.isNaN(read(first)))
    .find(({ read }) => texts.every((text) => !Number.isNaN(read(text))));
};

/** The numbers of a column, one a row; NaN where a cell holds no finite one. `read` is asked about texts that are no plain ones. */
export const numbersBy = (
  column: TableColumn,
  read: ((text: string) => number) | undefined,
): Float64Array => {
  if (read === undefined) return numbersOf(column);
  const valueOf = (text: string): number => {
    const plain = numberOf(text);
    const value = Number.isNaN(plain) ? read(text) : plain;
    return Number.isFinite(value) ? value : NaN;
  };
  if (column._tag === 'Coded') {
    const values = Float64Array.from(column.texts, valueOf);
    return Float64Array.from(column.codes, (code) => values[code] ?? NaN);
  }
  const numbers = column.numbers.slice();
  for (const [i, row] of column.others.rows.entries()) numbers[row] = valueOf(column.others.texts[i] ?? '');
  return numbers;
};
