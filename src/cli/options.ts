/**
 * How does a decoder become an option of a command? Through cmd-ts's `multioption`, because its `option` takes the
 * default where an option stands last without its value, and bad input has to be told, not mended.
 *
 * cmd-ts carries one string an error. The three parts of a fault travel in it as its lines (see usage.ts).
 */
import { multioption } from 'cmd-ts';
import * as E from '#fp-ts/Either';
import { decodeWord, type WordDecoder } from './decoders.js';

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
  seed: 's',
  target: 't',
  temperature: 'T',
} as const satisfies Readonly<Record<string, string>>;

const isDaily = (long: string): long is keyof typeof letters => Object.hasOwn(letters, long);

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
    const decoded = decodeWord(decoder)(word);
    return E.isRight(decoded)
      ? Promise.resolve(decoded.right)
      : refuse(decoded.left.problem, decoded.left.remedy);
  };

/** An option that has to be given. */
export const required = <A>(doc: OptionDoc, decoder: WordDecoder<A>) =>
  multioption({
    ...named(doc),
    type: { from: decodeOnce(doc, decoder), displayName: doc.placeholder },
  });

/** An option with a default, which the help shows. */
export const withDefault = <A extends string | number>(doc: OptionDoc, decoder: WordDecoder<A>, value: A) =>
  multioption({
    ...named(doc),
    type: {
      from: decodeOnce(doc, decoder),
      displayName: doc.placeholder,
      defaultValue: () => value,
      defaultValueIsSerializable: true,
    },
  });

/** An option that may be left out: undefined then. */
export const optional = <A>(doc: OptionDoc, decoder: WordDecoder<A>) => {
  const parser = multioption({
    ...named(doc),
    type: {
      from: (words: string[]): Promise<A | undefined> => decodeOnce(doc, decoder)(words),
      displayName: doc.placeholder,
      defaultValue: (): A | undefined => undefined,
    },
  });
  // The parser would call it a list.
  const helpTopics = () => parser.helpTopics().map((topic) => ({ ...topic, defaults: ['optional'] }));
  return { ...parser, helpTopics };
};

/** An option that may be given several times, each time with a list: all of them, or undefined. */
export const gathered = <A>(doc: OptionDoc, decoder: WordDecoder<readonly A[]>) => {
  const parser = multioption({
    ...named(doc),
    type: {
      from: async (words: string[]): Promise<readonly A[] | undefined> =>
        (await Promise.all(words.map((word) => decodeOnce(doc, decoder)([word])))).flat(),
      displayName: doc.placeholder,
      defaultValue: (): readonly A[] | undefined => undefined,
    },
  });
  const helpTopics = () => parser.helpTopics().map((topic) => ({ ...topic, defaults: ['optional'] }));
  return { ...parser, helpTopics };
};

/** An option that may be given several times, each time with values between commas: all of them, or undefined. */
export const several = <A>(doc: OptionDoc, decoder: WordDecoder<A>) => {
  const parser = multioption({
    ...named(doc),
    type: {
      from: (words: string[]): Promise<readonly A[] | undefined> => {
        const decoded = words
          .flatMap((word) => word.split(','))
          .map((word) => decodeWord(decoder)(word.trim()));
        const wrong = decoded.find(E.isLeft);
        return wrong === undefined
          ? Promise.resolve(decoded.filter(E.isRight).map(({ right }) => right))
          : Promise.reject(new Error(errorLines(`--${doc.long}`, wrong.left.problem, wrong.left.remedy)));
      },
      displayName: doc.placeholder,
      defaultValue: (): readonly A[] | undefined => undefined,
    },
  });
  const helpTopics = () => parser.helpTopics().map((topic) => ({ ...topic, defaults: ['optional'] }));
  return { ...parser, helpTopics };
};
