/**
 * Which marks does a logarithmic axis carry, and how are they written? Powers of ten as 10⁻³, thinned to `most`; on an
 * axis of fewer than three powers of ten 1, 2 and 5 times them, or 1 and 3 times where these are too many, or marks at equal
 * distances where they are too few.
 */

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

const raised = (exponent: number): string =>
  (exponent < 0 ? '⁻' : '') +
  Array.from(String(Math.abs(exponent)), (digit) => superscripts[Number(digit)] ?? '').join('');

/** A positive number as an axis writes it: 0.002, 50, 10⁻⁵, 2·10⁻⁵. */
export const showPositive = (value: number): string => {
  const exponent = Math.floor(Math.log10(value) + 1e-9);
  const digits = Number((value / 10 ** exponent).toPrecision(3));
  if (Math.abs(exponent) <= 3) return String(Number(value.toPrecision(3)));
  return `${digits === 1 ? '' : `${digits}·`}10${raised(exponent)}`;
};

/** A power of ten as an axis of decades writes it: 1, 10, 10², 10⁻³. */
const showDecade = (exponent: number): string =>
  exponent === 0 ? '1' : exponent === 1 ? '10' : `10${raised(exponent)}`;

/** The marks of an axis, as log₁₀ of their values, and their text. */
export interface Ticks {
  readonly values: readonly number[];
  readonly show: (log10: number) => string;
}

const whole = (low: number, high: number): readonly number[] =>
  Array.from({ length: Math.max(0, high - low + 1) }, (_, i) => low + i);

const slack = 1e-9;

/** Round numbers at equal distances, 1, 2 or 5 times a power of ten, from low to high: three to eight. */
export const evenTicks = (low: number, high: number): readonly number[] => {
  const power = 10 ** Math.floor(Math.log10((high - low) / 3));
  const step = [5, 2, 1].map((digit) => digit * power).find((one) => one <= (high - low) / 3) ?? power;
  return whole(Math.ceil(low / step - slack), Math.floor(high / step + slack)).map((k) =>
    Number((k * step).toPrecision(12)),
  );
};

/** The same of whole numbers alone, where a number between two means nothing: fewer where there are no more. */
export const wholeTicks = (low: number, high: number): readonly number[] =>
  high - low >= 3 ? evenTicks(low, high) : whole(Math.ceil(low - slack), Math.floor(high + slack));

/**
 * Marks of an axis from 10^low to 10^high, low < high: at least two. Of decades at most `most`; of less than two
 * decades one or two more.
 */
export const logTicks = (low: number, high: number, most = 6): Ticks => {
  const [from, to] = [Math.ceil(low - slack), Math.floor(high + slack)];
  const decades = whole(from, to);
  if (decades.length >= 3) {
    const stride = Math.ceil(decades.length / most);
    // Counted from 10⁰, so that axes with the same stride carry the same marks.
    const kept = decades.filter((exponent) => exponent % stride === 0);
    return { values: kept, show: (log10) => showDecade(Math.round(log10)) };
  }
  const show = (log10: number): string => showPositive(10 ** log10);
  const multiples = (digits: readonly number[]): readonly number[] =>
    whole(from - 1, to)
      .flatMap((exponent) => digits.map((digit) => exponent + Math.log10(digit)))
      .filter((log10) => log10 >= low - slack && log10 <= high + slack);
  const fine = multiples([1, 2, 5]);
  if (fine.length > most + 1) return { values: multiples([1, 3]), show };
  if (fine.length >= 3) return { values: fine, show };
  const even = evenTicks(10 ** low, 10 ** high);
  // On a very short axis three digits do not tell them apart.
  return new Set(even.map(showPositive)).size === even.length && even.length > fine.length
    ? { values: even.map(Math.log10), show }
    : { values: fine.length === 2 ? fine : [low, high], show };
};
