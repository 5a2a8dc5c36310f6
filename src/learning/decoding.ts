/** Where does a value differ from what a codec expects of it? And what do the lines of a file say that has one value a line? */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type * as t from '#io-ts';
import { faultList } from '../data/fault-list.js';
import { ofLine, parseUniqueJson } from '../data/unique-json.js';
import type { InputFailure } from '../failure.js';

/** The names to the place of an error, with points between them. The parts of unions and intersections have numbers for names. */
const placeOf = (error: t.ValidationError | undefined): string =>
  (error?.context ?? [])
    .map(({ key }) => key)
    .filter((key) => !/^\d*$/.test(key))
    .join('.');

/** The error that says most: a number out of its range (ranges.ts), else a value of another kind, else one that is missing. */
const tellingError = (errors: t.Errors): t.ValidationError | undefined =>
  errors.find(({ message }) => message !== undefined) ??
  errors.find(({ value }) => value !== undefined) ??
  errors[0];

/** What is wrong with a value, and where: a part of another kind, or a number out of its range. Of a whole of another kind, `ofAll`. */
const problemOr = (errors: t.Errors, ofAll: string, ofOne = ''): string => {
  const error = tellingError(errors);
  const place = placeOf(error);
  if (place === '') return ofAll;
  return error?.message === undefined
    ? `${ofOne}${place} is missing or of another kind`
    : `${place} ${error.message}`;
};

/** What is wrong with a value, and where: of another kind, or a number out of its range. */
export const problemOfErrors = (errors: t.Errors): string =>
  problemOr(errors, 'it is missing or of another kind');

/** A value from a line of JSON, by its codec; else what is wrong with the line, which is not `what`. */
export const decodeLine =
  <A>(codec: t.Type<A, unknown>, what: string) =>
  (line: string): E.Either<string, A> =>
    pipe(
      parseUniqueJson(line),
      E.mapLeft(ofLine),
      E.chain(({ value }) =>
        pipe(
          codec.decode(value),
          E.mapLeft((errors) => problemOr(errors, `the line is not ${what}`, `the line is not ${what}: `)),
        ),
      ),
    );

/** What a line of a file says. */
export interface Entry<A> {
  /** 1-based. */
  readonly line: number;
  readonly value: A;
}

/** Whether a line says nothing: white space alone, as Unicode has it. */
export const isBlankLine = (line: string): boolean => line.trim() === '';

/**
 * What the lines of a file say; blank lines say nothing and are passed over. An InputFailure of `source` that names
 * the lines that cannot be decoded, those with the same problem together.
 */
export const decodeLines = <A>(
  source: string,
  lines: Iterable<string>,
  decode: (line: string) => E.Either<string, A>,
  remedy: string,
): E.Either<InputFailure, readonly Entry<A>[]> => {
  const faults = faultList(source);
  const entries: Entry<A>[] = [];
  let line = 0;
  for (const text of lines) {
    line++;
    if (isBlankLine(text)) continue;
    const decoded = decode(text.trim());
    if (E.isRight(decoded)) entries.push({ line, value: decoded.right });
    else faults.add({ source, line, problem: decoded.left, remedy });
  }
  return faults.unless(entries);
};
