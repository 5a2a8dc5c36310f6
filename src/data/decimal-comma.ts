/**
 * Is the comma of a table's numbers a decimal one? `--decimal` says so; else the first rows tell, where a semicolon or a tab stands
 * between cells. Such a number is put into the notation that is read everywhere else, with a decimal point:
 *
 *   47,0 → 47.0      1.234.567,8 → 1234567.8      1 234,5 → 1234.5      0,4% → 0.4%
 */
import { withoutThousands } from './notation.js';
import type { Fault } from '../failure.js';
import { decimalIn, quoted } from './read-number.js';
import { INCOMPLETE, MALFORMED, type RowScanner } from './row-scanner.js';

/** What stands before the fraction of a number. */
export type DecimalMark = ',' | '.';

const LONGEST = 40;

/** What may stand between thousands where the comma is a decimal one. */
const separators = ['.', ' ', '\u00a0', '\u202f', '\u2009', "'", '\u2019'] as const;

const numberFrom = (text: string): string | undefined => {
  const comma = text.indexOf(',');
  if (comma >= 0 && text.indexOf(',', comma + 1) < 0) {
    const plain = `${text.slice(0, comma)}.${text.slice(comma + 1)}`;
    if (text.indexOf('.') < 0 && comma + 1 < text.length && !Number.isNaN(decimalIn(plain, 0, plain.length)))
      return plain;
  }
  for (const separator of separators) {
    const plain = withoutThousands(text, separator, ',');
    if (plain !== undefined) return plain;
  }
  return undefined;
};

/** A number with a decimal comma as one with a decimal point; undefined of any other text. */
export const pointed = (cell: string): string | undefined => {
  const text = cell.trim();
  if (text.length === 0 || text.length > LONGEST) return undefined;
  if (!text.endsWith('%')) return numberFrom(text);
  const number = numberFrom(text.slice(0, -1).trimEnd());
  return number === undefined ? undefined : `${number}%`;
};

const [COMMA, POINT, SPACE, APOSTROPHE, BEYOND_ASCII] = [44, 46, 32, 39, 0x80] as const;

/** Whether a cell has a character that a number may have which is to be put into another notation. */
export const mayBePointed = (text: string, start: number, end: number): boolean => {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === POINT || code === SPACE || code === APOSTROPHE || code >= BEYOND_ASCII)
      return true;
  }
  return false;
};

/** Whether a comma, or several, separate thousands for certain. */
const hasThousands = (text: string): boolean =>
  (text.includes('.') || text.indexOf(',') !== text.lastIndexOf(',')) &&
  withoutThousands(text, ',', '.') !== undefined;

/** Whether a cell is a number for certain whose fraction stands behind a point, or whose thousands stand before a comma. */
export const hasPoint = (cell: string): boolean => {
  const text = cell.trim();
  return (
    hasThousands(text) ||
    (text.includes('.') && !Number.isNaN(decimalIn(text, 0, text.length)) && numberFrom(text) === undefined)
  );
};

/** Where the comma is a decimal one: whether three digits behind a point alone are a fraction or a thousand cannot be said. */
export const isThousandOrFraction = (text: string): boolean =>
  text.indexOf('.') === text.lastIndexOf('.') &&
  !text.includes(',') &&
  withoutThousands(text, '.', ',') !== undefined;

/** The fault of such a text, but for its place. */
export const thousandOrFraction = (text: string): Pick<Fault, 'problem' | 'remedy'> => ({
  problem: `${quoted(text)} may be a fraction or a thousand beside decimal commas`,
  remedy: `Write ${text.replace('.', ',')} or ${text.replace('.', '')}`,
});

const ROWS_LOOKED_AT = 200;

/** Whether the comma of a cell separates a fraction: of a group of three digits alone that cannot be said. */
const isFraction = (cell: string): boolean =>
  cell.includes(',') && pointed(cell) !== undefined && withoutThousands(cell.trim(), ',', '.') === undefined;

/**
 * The decimal mark of a text that begins with a header, by its first rows. `usual` is that of a table which the text goes with: where its
 * comma is a decimal one, so it is here, unless it stands between cells.
 */
export const detectDecimal = (
  text: string,
  scanner: RowScanner,
  delimiter: string,
  whole: boolean,
  usual: DecimalMark = '.',
): DecimalMark => {
  const apart = delimiter === ';' || delimiter === '\t';
  if (apart === (usual === ',')) return usual;
  let found = false;
  let at = 0;
  for (let row = 0; row <= ROWS_LOOKED_AT && at < text.length; row++) {
    const next = scanner.scan(text, at, whole);
    if (next === INCOMPLETE || next === MALFORMED) break;
    at = next;
    for (let c = 0; row > 0 && c < scanner.count(); c++) {
      if (!mayBePointed(text, scanner.start(c), scanner.end(c))) continue;
      const cell = text.slice(scanner.start(c), scanner.end(c));
      if (hasPoint(cell)) return '.';
      found ||= delimiter === ';' ? cell.includes(',') && pointed(cell) !== undefined : isFraction(cell);
    }
  }
  return found ? ',' : '.';
};
