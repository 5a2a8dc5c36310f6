/**
 * What may be in a request? The options of a command by their names, as values of JSON: what a word of the command line stands for is
 * decoded by that word's own decoder, so that it means the same and is refused in the same words.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { decodeWord, listWord, type WordDecoder, type WordForm } from '../decoders.js';
import { entriesOf, type OptionEntry } from '../options.js';
import { schemaOfForm, type SchemaLeaf } from './json-schema.js';

/** A codec of a field, which says its schema. */
export type FieldCodec<A> = t.Type<A, unknown> & SchemaLeaf;

/** The same, of whatever it decodes. */
type AnyCodec = t.Mixed & SchemaLeaf;

/** A field of a request. */
export interface Field {
  /** In the request, and of the decoded option. */
  readonly name: string;
  readonly key: string;
  /** As messages name it. */
  readonly source: string;
  readonly codec: AnyCodec;
  /** What to do where it is missing and has to be given; undefined where it may be left out. */
  readonly missing: string | undefined;
  /** What it is where it is left out. */
  readonly otherwise: unknown;
  /** Whether it is the path of a file or folder. */
  readonly isPath: boolean;
}

/** The word that a value of JSON stands for; undefined where it has another form. */
const wordOfJson = (form: WordForm, value: unknown): string | undefined => {
  switch (form.kind) {
    case 'text':
    case 'file':
    case 'words':
      return typeof value === 'string' ? value : undefined;
    case 'name':
      return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
    case 'number':
    case 'integer':
      return typeof value === 'number' ? String(value) : undefined;
    case 'list': {
      if (!Array.isArray(value)) return undefined;
      const words = value.map((item) => wordOfJson(form.of, item));
      return words.every((word) => word !== undefined) ? listWord(words) : undefined;
    }
  }
};

const inWords: { readonly [Kind in WordForm['kind']]: string } = {
  text: 'a text',
  file: 'a text',
  words: 'a text',
  number: 'a number',
  integer: 'a number',
  name: 'a text or a number',
  list: 'a list',
};

/** A codec of what a word stands for. */
export const wordCodec = <A>(
  { name, form, decode }: NonNullable<OptionEntry<A>['word']>,
  described: Readonly<Record<string, unknown>> = {},
): FieldCodec<A> =>
  Object.assign(
    new t.Type<A, unknown>(
      name,
      (value): value is A => value !== undefined,
      (value, context) => {
        const word = wordOfJson(form, value);
        return word === undefined
          ? t.failure(value, context, `Give ${inWords[form.kind]} of JSON`)
          : pipe(
              decode(word),
              E.match(({ remedy }) => t.failure(value, context, remedy), t.success<A>),
            );
      },
      t.identity,
    ),
    { schema: { ...schemaOfForm(form), ...described } },
  );

const flagCodec = (description: string): FieldCodec<boolean> =>
  Object.assign(
    new t.Type<boolean, unknown>(
      'true or false',
      t.boolean.is,
      (value, context) =>
        typeof value === 'boolean' ? t.success(value) : t.failure(value, context, 'Give one of them'),
      t.identity,
    ),
    { schema: { type: 'boolean', description } },
  );

/** The fields of a table of options. */
export const fieldsOfOptions = (args: Readonly<Record<string, unknown>>): readonly Field[] =>
  entriesOf(args).map(([key, { long, placeholder, description, word, required, otherwise }]) => ({
    ...{ name: long, key, source: `--${long}`, otherwise },
    codec:
      word === undefined
        ? flagCodec(description)
        : wordCodec(word, { description, ...(otherwise === undefined ? {} : { default: otherwise }) }),
    missing: required ? `Add --${long} ${placeholder}: ${description}` : undefined,
    isPath: word?.form.kind === 'file',
  }));

/** A field that is an argument without a name on the command line. */
export interface AnyArgument {
  readonly name: string;
  readonly codec: AnyCodec;
  readonly required: boolean;
  readonly isPath: boolean;
}

/** One that decodes to some value. */
export interface Argument<A> extends AnyArgument {
  readonly codec: FieldCodec<A>;
}

/** An argument of one word, described. */
export const pathArgument = (
  name: string,
  description: string,
  decoder: WordDecoder<string>,
): Argument<string> => ({
  ...{ name, required: true, isPath: true },
  codec: wordCodec(
    { name: decoder.name, form: { kind: 'file' }, decode: decodeWord(decoder) },
    { description },
  ),
});

/** The field of an argument. */
export const fieldOfArgument = (key: string, { name, codec, required, isPath }: AnyArgument): Field => ({
  ...{ name, key, source: name, codec, isPath, otherwise: undefined },
  missing: required ? `Give it: ${String(codec.schema['description'])}` : undefined,
});
