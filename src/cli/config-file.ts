/**
 * Which options does a folder set once for all commands? Those of batchgfn.json in the working folder, or of the file that
 * `--config` names: an object of options by their names, `{ "engine": "cpu", "seed": 3 }`. An object under the name of a command,
 * `{ "ask": { "batch-size": 3 } }`, is of that command alone and wins. An option that the command does not take is passed over; a
 * name that no command takes is refused. Options become words of the command line, where a word that is there already wins, so an
 * option means the same wherever it stands.
 */
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { nearestName } from '../data/nearest-name.js';
import { quoted, shortened } from '../data/read-number.js';
import { parseUniqueJson } from '../data/unique-json.js';
import { type Fault, inputFailure, type InputFailure } from '../failure.js';
import { isRecord } from '../misuse.js';
import { listWord } from './decoders.js';
import { fileBytes } from '../data/file-bytes.js';
import { codeOf, fileTrouble } from './file-trouble.js';
import { entriesOf, letterOf, type OptionEntry } from './options.js';

/** The file that is read where it is there and no other is named. */
export const configFile = 'batchgfn.json';

/** Commands by name, with their tables of options. */
export type CommandTables = Readonly<Record<string, { readonly args: Readonly<Record<string, unknown>> }>>;

/** A command line with the options of a file. */
export interface Configured {
  readonly words: readonly string[];
  /** The options that came from a file, `--engine` for instance, and that file. */
  readonly added: ReadonlyMap<string, string>;
}

/** An option may name the file itself nowhere else than on the command line, and some are typed there alone. */
const settable = (args: Readonly<Record<string, unknown>>): readonly OptionEntry<unknown>[] =>
  entriesOf(args).flatMap(([, entry]) => (entry.long === 'config' || entry.typed === true ? [] : [entry]));

/** Whether a word gives an option: by its name, or by its letter, alone or in a group. */
const gives =
  (long: string) =>
  (word: string): boolean => {
    const letter = letterOf(long);
    const [, group = ''] = /^-([A-Za-z]+)/.exec(word) ?? [];
    return (
      word === `--${long}` ||
      word.startsWith(`--${long}=`) ||
      (letter !== undefined && group.includes(letter))
    );
  };

/** The value of the last option `--config` of some words. */
const namedFile = (words: readonly string[]): string | undefined => {
  const at = words.findLastIndex(gives('config'));
  const word = words[at] ?? '';
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : at < 0 ? undefined : words[at + 1];
};

const isScalar = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number';

/** An option of a file as words. */
const wordsOf =
  (file: string) =>
  (entry: OptionEntry<unknown>, value: unknown): E.Either<Fault, readonly string[]> => {
    const refuse = (problem: string, remedy: string): E.Either<Fault, never> =>
      E.left({ source: `${file}, ${entry.long}`, problem, remedy });
    if (entry.word === undefined)
      return typeof value === 'boolean'
        ? E.right(value ? [`--${entry.long}`] : [])
        : refuse(`${shortened(JSON.stringify(value))} is neither true nor false`, 'Give one of them');
    if (isScalar(value)) return E.right([`--${entry.long}=${value}`]);
    return Array.isArray(value) && value.every(isScalar)
      ? E.right([`--${entry.long}=${listWord(value)}`])
      : refuse(
          `${shortened(JSON.stringify(value))} is no value of an option`,
          'Give a text, a number or a list of them',
        );
  };

const unknown =
  (file: string, names: readonly string[]) =>
  (name: string): Fault => ({
    source: file,
    problem: `there is no option ${quoted(name)}`,
    remedy: pipe(
      nearestName(name, names),
      O.match(
        () => 'Remove it; batchgfn COMMAND --help lists the options',
        (nearest) => `Perhaps ${nearest} is meant`,
      ),
    ),
  });

type Settings = Readonly<Record<string, unknown>>;

/** The names in an object of options that are none of some. */
const strangers = (file: string, settings: Settings, names: readonly string[]): readonly Fault[] =>
  Object.keys(settings)
    .filter((name) => !names.includes(name))
    .map(unknown(file, names));

/** The options that a file sets for a command, as words, by their names. Faults for everything in it that is none. */
const optionsIn = (
  file: string,
  settings: Settings,
  tables: CommandTables,
  name: string,
): E.Either<InputFailure, readonly (readonly [long: string, words: readonly string[]])[]> => {
  const every = new Set(Object.values(tables).flatMap(({ args }) => settable(args).map(({ long }) => long)));
  // What is both a command and an option of others is the option where it holds no options.
  const isSection = ([key, value]: readonly [string, unknown]): boolean =>
    Object.hasOwn(tables, key) && (isRecord(value) || !every.has(key));
  const sections = Object.entries(settings).filter(isSection);
  const general = Object.fromEntries(Object.entries(settings).filter((entry) => !isSection(entry)));
  const faults = [
    ...strangers(file, general, [...every]),
    ...sections.flatMap(([command, section]): readonly Fault[] =>
      isRecord(section)
        ? strangers(
            `${file}, ${command}`,
            section,
            settable(tables[command]?.args ?? {}).map(({ long }) => long),
          )
        : [
            {
              source: `${file}, ${command}`,
              problem: 'it is no object',
              remedy: 'Give the options of the command by their names',
            },
          ],
    ),
  ];
  const own = settings[name];
  const merged: Settings = { ...general, ...(isRecord(own) ? own : {}) };
  const words = settable(tables[name]?.args ?? {})
    .filter(({ long }) => Object.hasOwn(merged, long))
    .map((entry) =>
      pipe(
        wordsOf(file)(entry, merged[entry.long]),
        E.map((given) => [entry.long, given] as const),
      ),
    );
  const [first, ...rest] = [...faults, ...words.flatMap((word) => (E.isLeft(word) ? [word.left] : []))];
  return first === undefined
    ? E.right(words.flatMap((word) => (E.isRight(word) ? [word.right] : [])))
    : E.left(inputFailure(first, ...rest));
};

/** The object in a file; undefined where it is not there and nobody named it. */
const settingsOf = (named: string | undefined): TE.TaskEither<InputFailure, Settings | undefined> => {
  const file = named ?? configFile;
  const refuse = (problem: string): InputFailure =>
    inputFailure({
      source: file,
      problem,
      remedy: 'Give an object of options by their names: { "engine": "cpu" }',
    });
  return pipe(
    TE.tryCatch(
      async () => {
        try {
          return new TextDecoder().decode(await fileBytes(file));
        } catch (error) {
          if (named === undefined && codeOf(error) === 'ENOENT') return undefined;
          throw error;
        }
      },
      fileTrouble(file, 'read'),
    ),
    TE.chainEitherK((text) =>
      text === undefined
        ? E.right(undefined)
        : pipe(
            parseUniqueJson(text),
            E.mapLeft(refuse),
            E.chain(({ value }) =>
              isRecord(value) && !Array.isArray(value) ? E.right(value) : E.left(refuse('it is no object')),
            ),
          ),
    ),
  );
};

/**
 * The words of a command line with the options of a file for its command. Fails where the file cannot be read, where it is no object,
 * and for what is in it that is no option.
 */
export const configured = (
  words: readonly string[],
  tables: CommandTables,
): TE.TaskEither<InputFailure, Configured> => {
  const [name = '', ...rest] = words;
  const plain: Configured = { words, added: new Map() };
  if (!Object.hasOwn(tables, name) || rest.some((word) => word === '--help' || word === '-h'))
    return TE.right(plain);
  const named = namedFile(rest);
  const file = named ?? configFile;
  return pipe(
    settingsOf(named),
    TE.chainEitherK((settings) => {
      if (settings === undefined) return E.right(plain);
      return pipe(
        optionsIn(file, settings, tables, name),
        E.map((options): Configured => {
          const added = options.filter(([long, given]) => given.length > 0 && !rest.some(gives(long)));
          return {
            words: [name, ...added.flatMap(([, given]) => given), ...rest],
            added: new Map(added.map(([long]) => [`--${long}`, file])),
          };
        }),
      );
    }),
  );
};

/** A failure in which faults of options that came from a file name it. */
export const namingFile =
  (added: Configured['added']) =>
  ({ faults: [first, ...rest] }: InputFailure): InputFailure => {
    const own = (fault: Fault): Fault => {
      const file = added.get(fault.source);
      return file === undefined ? fault : { ...fault, source: `${file}, ${fault.source}` };
    };
    return inputFailure(own(first), ...rest.map(own));
  };
