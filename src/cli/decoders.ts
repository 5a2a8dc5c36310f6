/**
 * What may a word of the command line be? Decoders from text, in io-ts. A decoder's name completes the sentence
 * "… is not NAME"; the message of a failed decoding is the remedy.
 */
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { maximalClasses } from '../data/class-names.js';
import { nearestName } from '../data/nearest-name.js';
import { quoted, readNumber } from '../data/read-number.js';
import { partsOf } from '../data/text-list.js';
import { smallestTemperature } from '../gflownet/problem.js';
import type { NotANumber } from '../data/read-number.js';

/** What a word stands for, where it is not given as a word: a shell completes it, JSON has its own forms. */
export type WordForm =
  /** A name is a text, or a number where that is one. */
  | { readonly kind: 'text' | 'file' | 'name' }
  /** The bounds are those of JSON Schema. */
  | {
      readonly kind: 'number' | 'integer';
      readonly minimum?: number;
      readonly exclusiveMinimum?: number;
      readonly maximum?: number;
    }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** Values with commas between them. */
  | { readonly kind: 'list'; readonly of: WordForm };

/** A decoder of one word; it stands for a text where nothing else is said. */
export type WordDecoder<A> = t.Type<A, string, string> & { readonly form?: WordForm };

/** A decoder by what it is called, what to change, which values it gives, how it reads a word, and what that stands for. */
export const wordDecoder = <A>(
  name: string,
  remedy: (word: string) => string,
  is: t.Is<A>,
  read: (word: string) => O.Option<A>,
  form: WordForm = { kind: 'text' },
): WordDecoder<A> =>
  Object.assign(
    new t.Type<A, string, string>(
      name,
      is,
      (word, context) =>
        pipe(
          read(word),
          O.match(() => t.failure(word, context, remedy(word)), t.success<A>),
        ),
      String,
    ),
    { form },
  );

/** Bounds of a number. */
type Bounds = Omit<Extract<WordForm, { readonly kind: 'number' | 'integer' }>, 'kind'>;

const number = (
  name: string,
  example: string,
  accepts: (value: number) => boolean,
  bounds: Bounds,
  kind: 'number' | 'integer' = 'number',
): WordDecoder<number> =>
  wordDecoder(
    name,
    () => `Give ${name}, ${example} for instance`,
    (value): value is number => typeof value === 'number' && accepts(value),
    (word) => pipe(readNumber(word), O.fromEither, O.filter(accepts)),
    { kind, ...bounds },
  );

/** A whole number from 1 up, or up to `most`. */
export const positiveInteger = (
  example: number,
  most: number = Number.MAX_SAFE_INTEGER,
): WordDecoder<number> =>
  number(
    `a whole number from 1 ${most === Number.MAX_SAFE_INTEGER ? 'up' : `to ${most}`}`,
    String(example),
    (value) => Number.isSafeInteger(value) && value >= 1 && value <= most,
    { minimum: 1, maximum: most },
    'integer',
  );

/** A whole number from 0 up. */
export const nonNegativeInteger = (example: number): WordDecoder<number> =>
  number(
    'a whole number from 0 up',
    String(example),
    (value) => Number.isSafeInteger(value) && value >= 0,
    { minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    'integer',
  );

/** A whole number from 0 to `most`. */
export const integerUpTo = (most: number, example: number): WordDecoder<number> =>
  number(
    `a whole number from 0 to ${most}`,
    String(example),
    (value) => Number.isSafeInteger(value) && value >= 0 && value <= most,
    { minimum: 0, maximum: most },
    'integer',
  );

/** A finite number above 0. */
export const positiveNumber = (example: number): WordDecoder<number> =>
  number('a number greater than 0', String(example), (value) => value > 0 && Number.isFinite(value), {
    exclusiveMinimum: 0,
  });

/** A temperature that engines can compute with. */
export const temperatureNumber: WordDecoder<number> = number(
  `a number from ${smallestTemperature} up`,
  '0.5',
  (value) => value >= smallestTemperature && Number.isFinite(value),
  { minimum: smallestTemperature },
);

/** A finite number from 0 up. */
export const nonNegativeNumber = (example: number): WordDecoder<number> =>
  number('a number from 0 up', String(example), (value) => value >= 0 && Number.isFinite(value), {
    minimum: 0,
  });

/** A number from 0 to 1. */
export const share: WordDecoder<number> = number(
  'a number from 0 to 1',
  '0.05',
  (value) => value >= 0 && value <= 1,
  { minimum: 0, maximum: 1 },
);

/** A seed: a whole number from 0 to 2^53 - 1. */
export const seed: WordDecoder<number> = number(
  'a whole number from 0 to 2^53 - 1',
  '7',
  (value) => Number.isSafeInteger(value) && value >= 0,
  { minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  'integer',
);

/** Any text with something in it, called `name`. */
export const text = (name: string, remedy: string, kind: 'text' | 'file' = 'text'): WordDecoder<string> =>
  wordDecoder(
    name,
    () => remedy,
    t.string.is,
    O.fromPredicate((word) => word.trim() !== ''),
    { kind },
  );

/** The path of a file or folder. */
export const filePath = (name: string, remedy: string): WordDecoder<string> => text(name, remedy, 'file');

/** One of the given words. */
export const oneOf = <const Word extends string>(words: readonly Word[]): WordDecoder<Word> => {
  const isWord = (value: unknown): value is Word => words.some((word) => word === value);
  const list = words.join(', ');
  return wordDecoder(
    words.length === 1 ? list : `one of ${list}`,
    (word) =>
      pipe(
        nearestName(word, words),
        O.match(
          () => (words.length === 1 ? `Give ${list}, the only choice` : `Give one of ${list}`),
          (nearest) => `Give ${nearest}${words.length === 1 ? '' : `, or another of ${list}`}`,
        ),
      ),
    isWord,
    O.fromPredicate(isWord),
    { kind: 'words', words },
  );
};

/** The name of an entry of a record. */
export const keyOf = <Key extends string>(record: Readonly<Record<Key, unknown>>): WordDecoder<Key> =>
  oneOf(Object.keys(record) as Key[]);

/** Whole numbers between commas, 15 digits at most. */
const wholeList = (name: string, example: string, least: number): WordDecoder<readonly number[]> =>
  wordDecoder(
    name,
    () => example,
    (value): value is readonly number[] => Array.isArray(value) && value.every(Number.isSafeInteger),
    (word) => {
      const words = word.split(',').map((part) => part.trim());
      return words.every((part) => /^\d{1,15}$/.test(part) && Number(part) >= least)
        ? O.some(words.map(Number))
        : O.none;
    },
    { kind: 'list', of: { kind: 'integer', minimum: least } },
  );

/** Sizes between commas. */
export const sizeList: WordDecoder<readonly number[]> = wholeList(
  'a list of whole numbers from 1 up with commas between them',
  'Give a number for each layer, 64,64 for instance',
  1,
);

/** Values as such a list. */
export const listWord = (parts: readonly (string | number)[]): string =>
  parts
    .map(String)
    .map((part) => (/[,"]|^ | $/.test(part) ? `"${part.replaceAll('"', '""')}"` : part))
    .join(',');

const textList = (
  name: string,
  remedy: string,
  accepts: (texts: readonly string[]) => boolean,
  form: WordForm = { kind: 'list', of: { kind: 'text' } },
): WordDecoder<readonly string[]> =>
  wordDecoder(
    name,
    () => remedy,
    (value): value is readonly string[] => Array.isArray(value) && value.every(t.string.is),
    (word) => pipe(partsOf(word), O.filter(accepts)),
    form,
  );

/** Names between commas, none of them empty. */
export const nameList: WordDecoder<readonly string[]> = textList(
  'a list of names with commas between them',
  'Give the names as in the header, a,b,c for instance, without empty places',
  (names) => names.every((name) => name !== ''),
);

/** Rows between commas, by their numbers or their names. */
export const rowList: WordDecoder<readonly string[]> = textList(
  'a list of rows with commas between them',
  'Give the numbers of lines, 12,17 for instance',
  (names) => names.every((name) => name !== ''),
  { kind: 'list', of: { kind: 'name' } },
);

/** One name as it is, commas and all. */
export const oneName: WordDecoder<readonly string[]> = wordDecoder(
  'the name of a column',
  () => 'Name a column as in the header',
  (value): value is readonly string[] => Array.isArray(value) && value.every(t.string.is),
  (word) => (word.trim() === '' ? O.none : O.some([word.trim()])),
);

/** Names of classes between commas: two at least, none of them empty, no two alike. */
export const classList: WordDecoder<readonly string[]> = textList(
  'a list of different classes with commas between them',
  `Give 2 to ${maximalClasses} names, each once, as labels have them: yes,no for instance`,
  (names) =>
    names.length >= 2 &&
    names.length <= maximalClasses &&
    new Set(names.filter((name) => name !== '')).size === names.length,
);

/** The decoded word, or what is wrong with it and what to change. */
export const decodeWord =
  <A>(decoder: WordDecoder<A>) =>
  (word: string): E.Either<NotANumber, A> =>
    pipe(
      decoder.decode(word),
      E.mapLeft(([error]) => ({
        problem: `${quoted(word)} is not ${decoder.name}`,
        remedy: error?.message ?? `Give ${decoder.name}`,
      })),
    );
