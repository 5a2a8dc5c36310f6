/**
 * Is a cell a number? Decimal notation with a point, optionally a sign and an exponent; nothing else counts:
 *
 *   [+ or −] (digits [. digits] or . digits) [e [+ or −] digits]
 *
 * It is read in one pass. Whole numbers below 2⁵³ and powers of ten up to 10²² are doubles, so that their product or quotient
 * is rounded once, which is the nearest double (Clinger, How to Read Floating Point Numbers Accurately, 1990, section 5);
 * beyond, the language reads the digits.
 */
import * as E from '#fp-ts/Either';

/** Why a cell is not a number that can be used, and what to change: a Fault without its place. */
export interface NotANumber {
  readonly problem: string;
  readonly remedy: string;
}

const LONGEST_QUOTE = 40;

/** A text that is cut where it is long. */
export const shortened = (text: string): string =>
  text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;

/** The text as it is quoted in a message: in quotes, cut where it is long. */
export const quoted = (text: string): string => JSON.stringify(shortened(text));

const ZERO = 48;
const [PLUS, MINUS, POINT, SMALL_E] = [43, 45, 46, 101] as const;
const powersOfTen = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const LARGEST_EXPONENT = 1e6;

const isDigit = (code: number): boolean => code >= ZERO && code <= ZERO + 9;

const isSign = (code: number): boolean => code === PLUS || code === MINUS;

/**
 * The number that the characters from `start` to before `end` are, infinite where it is beyond all doubles; NaN where they are
 * not a decimal number. Each character is looked at once.
 */
export const decimalIn = (text: string, start: number, end: number): number => {
  const negative = start < end && text.charCodeAt(start) === MINUS;
  let at = start < end && isSign(text.charCodeAt(start)) ? start + 1 : start;
  let mantissa = 0;
  let digits = 0;
  let code = 0;
  for (; at < end && isDigit((code = text.charCodeAt(at))); at++, digits++)
    mantissa = mantissa * 10 + (code - ZERO);
  let power = 0;
  if (at < end && code === POINT)
    for (at++; at < end && isDigit((code = text.charCodeAt(at))); at++, digits++, power--)
      mantissa = mantissa * 10 + (code - ZERO);
  if (digits === 0) return NaN;
  if (at < end && (code | 0x20) === SMALL_E) {
    const sign = at + 1 < end ? text.charCodeAt(at + 1) : 0;
    const first = at + (isSign(sign) ? 2 : 1);
    let exponent = 0;
    for (at = first; at < end && isDigit((code = text.charCodeAt(at))); at++)
      exponent = Math.min(LARGEST_EXPONENT, exponent * 10 + (code - ZERO));
    if (at === first) return NaN;
    power += sign === MINUS ? -exponent : exponent;
  }
  if (at !== end) return NaN;
  if (mantissa > Number.MAX_SAFE_INTEGER || power > 22 || power < -22) return Number(text.slice(start, end));
  const size = power < 0 ? mantissa / (powersOfTen[-power] ?? 1) : mantissa * (powersOfTen[power] ?? 1);
  return negative ? -size : size;
};

const isDecimal = (text: string): boolean => !Number.isNaN(decimalIn(text, 0, text.length));

const notFinite = new Set(
  ['nan', 'inf', 'infinity'].flatMap((word) => ['', '+', '-'].map((sign) => `${sign}${word}`)),
);

/** The longest text that is looked at for what it was meant to be. */
const LONGEST_MEANT = 40;

const isNotFinite = (text: string): boolean =>
  text.length <= LONGEST_MEANT && notFinite.has(text.toLowerCase());

const words = new Set(['true', 'false', 'yes', 'no']);

const withoutThousands = (text: string): string =>
  text
    .split(' ')
    .reduce((sum, part, i) => (i === 0 ? part : `${sum}${part.length === 3 ? '' : ' '}${part}`), '')
    .replaceAll('\u00a0', '')
    .replaceAll('\u202f', '')
    .replaceAll('\u2009', '')
    .replaceAll("'", '')
    .replaceAll('’', '');

const POINT_REMEDY = 'Write a decimal point and no separators of thousands, or add --decimal ,';

/** What a text may have been meant as: the number it then is, and what to change. */
const meanings: readonly (readonly [(text: string) => string, string])[] = [
  [(text) => text.replace(',', '.'), POINT_REMEDY],
  [(text) => withoutThousands(text).replaceAll(',', ''), POINT_REMEDY],
  [(text) => withoutThousands(text).replaceAll('.', '').replace(',', '.'), POINT_REMEDY],
  [
    (text) => (text.endsWith('%') ? text.slice(0, -1).trimEnd().replace(',', '.') : ''),
    'Write the number without the percent sign, and with a decimal point',
  ],
  [
    (text) => (['−', '–', '﹣', '－'].includes(text.charAt(0)) ? `-${text.slice(1)}` : ''),
    'Write the minus as a hyphen, the - of the keyboard',
  ],
  [(text) => text.replace('d', 'e').replace('D', 'e'), 'Write the exponent with an e: 1.5e3 of 1.5D+03'],
  [(text) => (words.has(text.toLowerCase()) ? '1' : ''), 'Write 1 and 0 in place of true and false'],
];

/** What to change where the cell was meant as a number in another notation; undefined of any other text. */
export const numberRemedy = (cell: string): string | undefined => {
  const text = cell.trim();
  return text.length > LONGEST_MEANT || text === '' || isDecimal(text)
    ? undefined
    : meanings.find(([meant]) => isDecimal(meant(text)))?.[1];
};

/** Whether the cell was meant as a number: a decimal number, or a spelling of NaN or of an infinity. */
export const looksNumeric = (cell: string): boolean => {
  const text = cell.trim();
  return isDecimal(text) || isNotFinite(text);
};

/** The number in a cell that is not empty, white space around it aside; on the left why it is none. */
export const readNumber = (cell: string): E.Either<NotANumber, number> => {
  const text = cell.trim();
  const value = decimalIn(text, 0, text.length);
  if (Number.isFinite(value)) return E.right(value);
  if (!Number.isNaN(value) || isNotFinite(text))
    return E.left({
      problem: `${quoted(text)} is not a finite number`,
      remedy: 'Put a finite number there, or remove the row',
    });
  return E.left({
    problem: `${quoted(text)} is not a number`,
    remedy: numberRemedy(text) ?? 'Put a number there, or remove the row',
  });
};
