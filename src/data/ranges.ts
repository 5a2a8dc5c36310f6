/**
 * Which numbers may stand in a file? Codecs of numbers with a range: what a file claims is bounded before anything is made of it.
 * The name of a codec completes the sentence "… is not NAME".
 */
import * as t from '#io-ts';

const numberIn = (name: string, holds: (value: number) => boolean): t.Type<number> => {
  const is = (value: unknown): value is number => typeof value === 'number' && holds(value);
  return new t.Type(
    name,
    is,
    (value, context) =>
      is(value)
        ? t.success(value)
        : t.failure(value, context, typeof value === 'number' ? `is not ${name}` : undefined),
    t.identity,
  );
};

/** A finite number. */
export const finite = /* @__PURE__ */ numberIn('a finite number', Number.isFinite);

/** How large a measured number may be, so that squares of it and their sums are finite. */
const MEASURED = 1e150;

/** A number that was measured. */
export const measured = /* @__PURE__ */ numberIn(
  `a finite number of at most ${MEASURED}`,
  (value) => Math.abs(value) <= MEASURED,
);

/** One above 0. */
export const measuredAbove = /* @__PURE__ */ numberIn(
  `a finite number above 0 of at most ${MEASURED}`,
  (value) => value > 0 && value <= MEASURED,
);

/** A finite number above 0. */
export const positive = /* @__PURE__ */ numberIn(
  'a finite number above 0',
  (value) => value > 0 && value < Infinity,
);

/** A finite number from 0 up. */
export const nonNegative = /* @__PURE__ */ numberIn(
  'a finite number from 0 up',
  (value) => value >= 0 && value < Infinity,
);

/** A number from 0 to 1. */
export const fraction = /* @__PURE__ */ numberIn('a number from 0 to 1', (value) => value >= 0 && value <= 1);

/** A whole number from `least` to `most`. */
export const wholeIn = (min: number, max: number): t.Type<number> =>
  numberIn(
    `a whole number from ${min} to ${max === Number.MAX_SAFE_INTEGER ? '2^53 - 1' : max}`,
    (value) => Number.isSafeInteger(value) && value >= min && value <= max,
  );

/** A whole number from 0 to 2⁵³ − 1: a row, or a seed. */
export const whole = /* @__PURE__ */ wholeIn(0, Number.MAX_SAFE_INTEGER);

/** A whole number from 1 to 2⁵³ − 1: how many there are of something. */
export const count = /* @__PURE__ */ wholeIn(1, Number.MAX_SAFE_INTEGER);

/** A round: a whole number from 0 to a million. */
export const roundNumber = /* @__PURE__ */ wholeIn(0, 1_000_000);
