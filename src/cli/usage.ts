/**
 * What does a command line that cannot be read lack? The parser's errors as faults of our own form, so that they
 * look like every other: where, what is wrong, what to change.
 */
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import { nearestName } from '../data/nearest-name.js';
import { quoted } from '../data/read-number.js';
import { inputFailure, type Fault, type InputFailure } from '../failure.js';

/** An error as cmd-ts reports it. */
export interface ParsingError {
  readonly message: string;
  readonly nodes: readonly ParsedNode[];
}

/** A piece of the command line as cmd-ts sees it. */
export interface ParsedNode {
  readonly type: string;
  readonly raw: string;
  readonly key?: string;
}

/** What the user could have meant. */
export interface Vocabulary {
  /** Names of the commands. */
  readonly commands: readonly string[];
  /** The command that was given, if it is one. */
  readonly command: string | undefined;
  /** Names of its options and flags, without dashes. */
  readonly options: readonly string[];
}

const help = ({ command }: Vocabulary): string =>
  `see batchgfn ${command === undefined ? '' : `${command} `}--help`;

const nodeName = ({ type, raw, key }: ParsedNode): string =>
  type === 'longOption' ? `--${key ?? raw}` : type === 'shortOption' ? `-${key ?? raw}` : raw;

/** Options of other commands that somebody may look for in one, and why it has none. */
const reasons: Readonly<Record<string, Readonly<Record<string, Pick<Fault, 'problem' | 'remedy'>>>>> = {
  run: Object.fromEntries(
    ['predictions', 'covariance'].map((option) => [
      option,
      {
        problem:
          'a run tells labels and fits again, round by round, and predictions in a file do not learn from labels',
        remedy:
          'Give features that your model makes with --embeddings, or ask round by round in a session of init --own-model',
      },
    ]),
  ),
};

const unknownArgument =
  (vocabulary: Vocabulary) =>
  (node: ParsedNode): Fault =>
    node.type === 'longOption' || node.type === 'shortOption'
      ? {
          source: nodeName(node),
          ...(reasons[vocabulary.command ?? '']?.[node.key ?? ''] ?? {
            problem: 'there is no such option',
            remedy: pipe(
              nearestName(node.key ?? '', vocabulary.options),
              O.match(
                () => `Remove it, or ${help(vocabulary)}`,
                (name) => `Perhaps --${name} is meant; ${help(vocabulary)}`,
              ),
            ),
          }),
        }
      : {
          source: quoted(node.raw),
          problem: 'this word is one too many',
          remedy: `Remove it, or put quotes around a value with spaces; ${help(vocabulary)}`,
        };

const unknownCommand = (vocabulary: Vocabulary, word: string): Fault => ({
  source: quoted(word),
  problem: `there is no such command; the commands are ${vocabulary.commands.join(', ')}`,
  remedy: pipe(
    nearestName(word, vocabulary.commands),
    O.match(
      () => 'Begin with one of them',
      (name) => `Perhaps ${name} is meant`,
    ),
  ),
});

const faultsOf =
  (vocabulary: Vocabulary) =>
  ({ message, nodes }: ParsingError): readonly Fault[] => {
    const [first] = nodes;
    const [source, problem, remedy] = message.split('\n');
    if (message === 'Unknown arguments') return nodes.map(unknownArgument(vocabulary));
    if (vocabulary.command === undefined)
      return [
        first === undefined
          ? {
              source: 'command line',
              problem: 'no command is given',
              remedy: `Begin with one of ${vocabulary.commands.join(', ')}`,
            }
          : unknownCommand(vocabulary, first.raw),
      ];
    if (source !== undefined && problem !== undefined && remedy !== undefined)
      return [{ source, problem, remedy }];
    if (message.startsWith(ARGUMENT_MISSING)) {
      const name = message.slice(ARGUMENT_MISSING.length);
      return [{ source: name, problem: 'the argument is missing', remedy: `Give it; ${help(vocabulary)}` }];
    }
    // What is left is worded by the parser.
    return [
      {
        source: first === undefined ? 'command line' : nodeName(first),
        problem: message === VALUE_MISSING ? 'the option is given without a value' : message,
        remedy:
          message === VALUE_MISSING
            ? `Put a value behind it; ${help(vocabulary)}`
            : `Change the command line; ${help(vocabulary)}`,
      },
    ];
  };

const ARGUMENT_MISSING = 'No value provided for ';
const VALUE_MISSING = 'Expected to get a value, found a flag';

/** The errors of the parser, at least one, as an InputFailure. */
export const usageFailure = (errors: readonly ParsingError[], vocabulary: Vocabulary): InputFailure => {
  const [first, ...rest] = errors.flatMap(faultsOf(vocabulary));
  return first === undefined
    ? inputFailure({
        source: 'command line',
        problem: 'it cannot be read',
        remedy: `Change it; ${help(vocabulary)}`,
      })
    : inputFailure(first, ...rest);
};
