/**
 * What number is a date? Days since 1 January 1970 in UTC, with the time of day as their fraction. Known forms:
 *
 *   2024-05-17   2024/05/17   and behind it T or a space, 14:30, 14:30:05 or 14:30:05.25, and Z or +02:00     (ISO 8601)
 *   17.5.2024    17/5/2024    5/17/2024
 *
 * Whether a day or a month is first of two with a stroke between them is told by the column: one above 12 is a day.
 */
const DAY = 86_400_000;

const LONGEST = 40;

interface Calendar {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The whole number of `least` to `most` digits; NaN of any other text. */
const digits = (text: string | undefined, least: number, most: number): number =>
  text !== undefined &&
  text.length >= least &&
  text.length <= most &&
  Array.from(text).every((character) => character >= '0' && character <= '9')
    ? Number(text)
    : NaN;

/** Milliseconds of a day that there is; NaN of 30 February. */
const startOf = ({ year, month, day }: Calendar): number => {
  const time = Date.UTC(year, month - 1, day);
  const there = new Date(time);
  return there.getUTCMonth() === month - 1 && there.getUTCDate() === day && there.getUTCFullYear() === year
    ? time
    : NaN;
};

/** Milliseconds of `14:30:05.25`. */
const clock = (text: string): number => {
  const [hours, minutes, seconds, ...rest] = text.split(':');
  const [whole, fraction, ...more] = seconds === undefined ? ['0'] : seconds.split('.');
  const parts = [digits(hours, 1, 2), digits(minutes, 2, 2), digits(whole, 1, 2)] as const;
  const part = fraction === undefined ? 0 : digits(fraction, 1, 9) / 10 ** fraction.length;
  const [h, m, s] = parts;
  return rest.length === 0 && more.length === 0 && h < 24 && m < 60 && s < 60
    ? ((h * 60 + m) * 60 + s + part) * 1000
    : NaN;
};

/** The time behind a date, with its zone. */
const timeOfDay = (text: string): number => {
  if (text.endsWith('Z')) return clock(text.slice(0, -1).trim());
  const sign = Math.max(text.lastIndexOf('+'), text.lastIndexOf('-'));
  if (sign < 0) return clock(text.trim());
  const zone = text.slice(sign + 1);
  const offset = zone.includes(':') ? clock(zone) : digits(zone, 2, 2) * 3_600_000;
  return clock(text.slice(0, sign).trim()) - (text.charAt(sign) === '-' ? -offset : offset);
};

/** The order of the parts of a date, by the place of each. */
interface Order {
  readonly between: string;
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const orders: readonly Order[] = [
  { between: '-', year: 0, month: 1, day: 2 },
  { between: '/', year: 0, month: 1, day: 2 },
  { between: '.', year: 2, month: 1, day: 0 },
  { between: '/', year: 2, month: 1, day: 0 },
  { between: '/', year: 2, month: 0, day: 1 },
];

/** The place of the first character of a time: behind T or a space, or the end. */
const timeAt = (text: string): number => {
  const found = Math.max(text.indexOf('T'), text.indexOf(' '));
  return found < 0 ? text.length : found;
};

const dayBy =
  (order: Order) =>
  (written: string): number => {
    const text = written.trim();
    if (text.length > LONGEST) return NaN;
    const end = timeAt(text);
    const parts = text.slice(0, end).split(order.between);
    if (parts.length !== 3) return NaN;
    const date = {
      year: digits(parts[order.year], 4, 4),
      month: digits(parts[order.month], 1, 2),
      day: digits(parts[order.day], 1, 2),
    };
    const time = end === text.length ? 0 : timeOfDay(text.slice(end + 1));
    return (startOf(date) + time) / DAY;
  };

const readers = orders.map(dayBy);

/** How the dates of a column are read: one of the orders, `ambiguous` where days and months cannot be told apart, or none. */
export type DateReader = ((text: string) => number) | 'ambiguous' | undefined;

/** How texts are read as dates. NaN of a reader: the text is none. */
export const dateReaderOf = (texts: readonly string[]): DateReader => {
  const [first = ''] = texts;
  const [reader, other] = readers
    .filter((read) => !Number.isNaN(read(first)))
    .filter((read) => texts.every((text) => !Number.isNaN(read(text))));
  if (reader === undefined || other === undefined) return reader;
  // 3/3/2024 is the same in both.
  return texts.every((text) => reader(text) === other(text)) ? reader : 'ambiguous';
};
