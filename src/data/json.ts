/**
 * Which values of JSON can be written again as they were read? All but three (RFC 8259; ECMA-262, JSON): a number beyond those of
 * 64 bits is read as infinite and written as null, −0 is written as 0, and a key `__proto__` is lost where objects are copied.
 * What is nested deeper than the stack is neither walked nor written.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';

/** Makes −0 to 0 inside a value that was just parsed; whether all of it can be written again. */
const settle = (value: unknown): boolean => {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) {
    const items: unknown[] = value;
    let whole = true;
    for (let i = 0; i < items.length; i++) {
      if (items[i] === 0) items[i] = 0;
      whole = settle(items[i]) && whole;
    }
    return whole;
  }
  const entries = value as Record<string, unknown>;
  let whole = !Object.hasOwn(entries, '__proto__');
  for (const [key, item] of Object.entries(entries)) {
    if (item === 0) entries[key] = 0;
    whole = settle(item) && whole;
  }
  return whole;
};

/** A value of JSON, and whether it can be written again. */
export interface ParsedJson {
  readonly value: unknown;
  readonly whole: boolean;
}

/** What is said of a value that cannot be written again. */
export const notWhole = 'it holds a number that is too large, or a key __proto__';

/** The value of a text, its −0 as 0. Fails with what is wrong where it is not JSON, or nested too deeply. */
export const parseJson = (text: string): E.Either<string, ParsedJson> =>
  pipe(
    E.tryCatch(
      (): unknown => JSON.parse(text),
      () => 'it is not JSON',
    ),
    E.chain((parsed) =>
      E.tryCatch(
        (): ParsedJson => ({ whole: settle(parsed), value: parsed === 0 ? 0 : parsed }),
        () => 'it is nested too deeply',
      ),
    ),
  );
