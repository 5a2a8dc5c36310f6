/** Is a cell a number? Decimal notation with a point, optionally a sign and an exponent; nothing else counts. */
import * as E from '#fp-ts/Either';

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;
const DECIMAL_COMMA = /^[+-]?\d+,\d+(?:e[+-]?\d+)?$/i;

/** Why a cell is not a number that can be used, and what to change: a Fault without its place. */
export interface NotANumber {
  readonly problem: string;
  readonly remedy: string;
}

const LONGEST_QUOTE = 40;

/** The text as it is quoted in a message: in quotes, cut where it is long. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text);

/** Whether the cell was meant as a number: a decimal number, or a spelling of NaN or of an infinity. */
export const looksNumeric = (cell: string): boolean => {
  const text = cell.trim();
  return DECIMAL.test(text) || NOT_FINITE.test(text);
};

/** The number in a cell that is not empty, white space around it aside; on the left why it is none. */
export const readNumber = (cell: string): E.Either<NotANumber, number> => {
  const text = cell.trim();
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return E.right(value);
  if (NOT_FINITE.test(text) || DECIMAL.test(text))
    return E.left({
      problem: `${quoted(text)} is not a finite number`,
      remedy: 'Put a finite number there, or remove the row',
    });
  return E.left({
    problem: `${quoted(text)} is not a number`,
    remedy: DECIMAL_COMMA.test(text)
      ? 'Write the number with a decimal point and without separators of thousands'
      : 'Put a number there, or remove the row',
  });
};
