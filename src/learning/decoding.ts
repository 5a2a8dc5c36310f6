/** Where does a value differ from what a codec expects of it? The parts of unions and intersections have numbers for names. */
import type * as t from '#io-ts';

/** The place of the first error, names with points between them; empty where the whole value is of another kind. */
export const placeOfError = (errors: t.Errors): string =>
  (errors[0]?.context ?? [])
    .map(({ key }) => key)
    .filter((key) => !/^\d*$/.test(key))
    .join('.');
