/**
 * How does a decoder become an option of a command? Through cmd-ts's `multioption`, because its `option` takes the
 * default where an option stands last without its value, and bad input has to be told, not mended.
 *
 * cmd-ts carries one string an error. The three parts of a fault travel in it as its lines (see usage.ts).
 */
import { flag as flagParser, multioption, positional } from 'cmd-ts';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type { NotANumber } from '../data/read-number.js';
import { decodeWord, type WordDecoder, type WordForm } from './decoders.js';

/** What an option is called and what it does. */
export interface OptionDoc {
  /** Its name without the dashes. */
  readonly long: string;
  /** The word that stands for its value in the help. */
  readonly placeholder: string;
  readonly description: string;
  /** What to change where the option is given several times. */
  readonly once?: string;
}

/** The most characters of a description, which is one line of the help. */
const widest = 110;

/** A description with names in it, all of them or as many as its line has room for: who gives another is told them all. */
export const naming = (before: string, names: readonly string[], after = ''): string => {
  const told = (count: number): string =>
    `${before}${names.slice(0, count).join(', ')}${count < names.length ? ' and others' : ''}${after}`;
  return told(1 + names.findLastIndex((_, i) => told(i + 1).length <= widest));
};

/** Options that are typed daily, by one letter: it means the same in every command, since every option takes its own from here. */
export const letters = {
  acquisition: 'a',
  'batch-size': 'b',
  data: 'd',
  engine: 'e',
  iterations: 'i',
  json: 'j',
  'pool-size': 'n',
  out: 'o',
  policy: 'p',
  quiet: 'q',
  seed: 's',
  target: 't',
  temperature: 'T',
} as const satisfies Readonly<Record<string, string>>;

const isDaily = (long: string): long is keyof typeof letters => Object.hasOwn(letters, long);

/** What the word of an option may be. */
export interface OptionWord<A> {
  /** Completes the sentence "… is not NAME". */
  readonly name: string;
  readonly form: WordForm;
  readonly decode: (word: string) => E.Either<NotANumber, A>;
}

/**
 * An option as a value, for what else is made of the tables of options than their parsers: completions (completion.ts), files of
 * configuration (config-file.ts) and requests (serve/request.ts).
 */
export interface OptionEntry<A> {
  readonly long: string;
  readonly placeholder: string;
  readonly description: string;
  /** Undefined of a flag, which has none. */
  readonly word: OptionWord<A> | undefined;
  readonly required: boolean;
  /** What it is where it is left out. */
  readonly otherwise: A | undefined;
  /** Whether it is of the command line alone. */
  readonly typed?: true;
}

/** A parser with its entry. */
const withEntry = <P extends object, A>(
  parser: P,
  entry: OptionEntry<A>,
): P & { readonly entry: OptionEntry<A> } => ({ ...parser, entry });

const wordOf = <A>(decoder: WordDecoder<A>): OptionWord<A> => ({
  name: decoder.name,
  form: decoder.form ?? { kind: 'text' },
  decode: decodeWord(decoder),
});

/** What the parser is told of an option: its names and what it does. */
const named = ({ long, description }: OptionDoc) => ({
  ...{ long, description },
  ...(isDaily(long) ? { short: letters[long] } : {}),
});

/** The option of a name in camel case: --fit-iterations of fitIterations. */
export const longName = (name: string): string =>
  `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** An error as one string: where, what is wrong, what to change, a line each. */
export const errorLines = (source: string, problem: string, remedy: string): string =>
  [source, problem, remedy].join('\n');

/** A decoded word, as the parser takes it. */
const orRejected = <A>(source: string, decoded: E.Either<NotANumber, A>): Promise<A> =>
  E.isRight(decoded)
    ? Promise.resolve(decoded.right)
    : Promise.reject(new Error(errorLines(source, decoded.left.problem, decoded.left.remedy)));

const decodeOnce =
  <A>(doc: OptionDoc, decoder: WordDecoder<A>) =>
  (words: string[]): Promise<A> => {
    const refuse = (problem: string, remedy: string): Promise<never> =>
      Promise.reject(new Error(errorLines(`--${doc.long}`, problem, remedy)));
    const [word, ...others] = words;
    if (word === undefined)
      return refuse('the option is missing', `Add --${doc.long} ${doc.placeholder}: ${doc.description}`);
    if (others.length > 0)
      return refuse(`the option is given ${words.length} times`, doc.once ?? 'Give it once');
    return orRejected(`--${doc.long}`, decodeWord(decoder)(word));
  };

/** An option that has to be given. */
export const required = <A>(doc: OptionDoc, decoder: WordDecoder<A>) =>
  withEntry(
    multioption({
      ...named(doc),
      type: { from: decodeOnce(doc, decoder), displayName: doc.placeholder },
    }),
    { ...doc, word: wordOf(decoder), required: true, otherwise: undefined },
  );

/** An option with a default, which the help shows. */
export const withDefault = <A extends string | number>(doc: OptionDoc, decoder: WordDecoder<A>, value: A) =>
  withEntry(
    multioption({
      ...named(doc),
      type: {
        from: decodeOnce(doc, decoder),
        displayName: doc.placeholder,
        defaultValue: () => value,
        defaultValueIsSerializable: true,
      },
    }),
    { ...doc, word: wordOf(decoder), required: false, otherwise: value },
  );

/** An option that is undefined where it is left out, which the parser would call a list. */
const leftOut = <A>(doc: OptionDoc, word: OptionWord<A>, from: (words: string[]) => Promise<A>) => {
  const parser = multioption({
    ...named(doc),
    type: {
      from: (words: string[]): Promise<A | undefined> => from(words),
      displayName: doc.placeholder,
      defaultValue: (): A | undefined => undefined,
    },
  });
  const helpTopics = () => parser.helpTopics().map((topic) => ({ ...topic, defaults: ['optional'] }));
  return withEntry<typeof parser, A>(
    { ...parser, helpTopics },
    { ...doc, word, required: false, otherwise: undefined },
  );
};

/** An option that may be left out: undefined then. */
export const optional = <A>(doc: OptionDoc, decoder: WordDecoder<A>) =>
  leftOut(doc, wordOf(decoder), decodeOnce(doc, decoder));

/** An option that may be given several times, each time with a list: all of them, or undefined. */
export const gathered = <A>(doc: OptionDoc, decoder: WordDecoder<readonly A[]>) =>
  leftOut(doc, wordOf(decoder), async (words: string[]): Promise<readonly A[]> =>
    (await Promise.all(words.map((word) => decodeOnce(doc, decoder)([word])))).flat(),
  );

/** An option that may be given several times, each time with values between commas: all of them, or undefined. */
export const several = <A>(doc: OptionDoc, decoder: WordDecoder<A>) => {
  const { name, form } = wordOf(decoder);
  const decode = (word: string): E.Either<NotANumber, readonly A[]> =>
    pipe(
      word.split(',').map((part) => part.trim()),
      E.traverseArray(decodeWord(decoder)),
    );
  return leftOut(doc, { name, form: { kind: 'list', of: form }, decode }, (words) =>
    orRejected(`--${doc.long}`, decode(words.join(','))),
  );
};

/** The same option for the command line alone: files of options and requests do not know it. */
export const typed = <A, P extends { readonly entry: OptionEntry<A> }>(parser: P): P => ({
  ...parser,
  entry: { ...parser.entry, typed: true },
});

/** An option without a value, which holds where it is given. */
export const flag = (doc: Pick<OptionDoc, 'long' | 'description'>) =>
  withEntry(flagParser(named({ ...doc, placeholder: '' })), {
    ...doc,
    ...{ placeholder: '', word: undefined, required: false, otherwise: false },
  });

/** An argument without a name, of one word that is always given. */
export const argument = <A>(name: string, description: string, decoder: WordDecoder<A>) => ({
  ...positional({
    displayName: name,
    description,
    type: {
      from: (word: string): Promise<A> => orRejected(name, decodeWord(decoder)(word)),
    },
  }),
  argument: wordOf(decoder).form,
});

const isEntered = (parser: unknown): parser is { readonly entry: OptionEntry<unknown> } =>
  typeof parser === 'object' && parser !== null && 'entry' in parser;

/** The options of a table of parsers, by their keys; arguments without a name are none. */
export const entriesOf = (
  args: Readonly<Record<string, unknown>>,
): readonly (readonly [key: string, entry: OptionEntry<unknown>])[] =>
  Object.entries(args).flatMap(([key, parser]) => (isEntered(parser) ? [[key, parser.entry] as const] : []));

/** The letter of an option, if it has one. */
export const letterOf = (long: string): string | undefined => (isDaily(long) ? letters[long] : undefined);

/** What the first argument without a name stands for; undefined where nothing is known of it. */
export const argumentForm = (args: Readonly<Record<string, unknown>>): WordForm | undefined =>
  Object.values(args).flatMap((parser) =>
    typeof parser === 'object' && parser !== null && 'argument' in parser
      ? [parser.argument as WordForm]
      : [],
  )[0];
