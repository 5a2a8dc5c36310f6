/**
 * From the words of a command line to text and an exit code: parse, run the work, fold the failure.
 *
 * Exit codes: 0 done, 1 a machine or a computation failed or a bound asked for was not met, 2 bad input, 130
 * interrupted. stdout gets the result or
 * nothing.
 */
import { parse, runSafely, setDefaultHelpFormatter, subcommands } from 'cmd-ts';
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { showFailure, type Failure } from '../failure.js';
import { printable, printableLine } from '../printable.js';
import type { Context } from './command.js';
import { commands } from './commands/index.js';
import { configured, namingFile } from './config-file.js';
import { exitCodeOf } from './exit-code.js';
import { exampleFirst } from './help.js';
import { entriesOf } from './options.js';
import { present } from '../present.js';
import { usageFailure } from './usage.js';

/** What the program leaves behind: text for each stream, and the exit code. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** Whether nothing is to be said of where stdout goes. */
  readonly quiet?: boolean;
}

/** What work says, made harmless to a terminal here, so that no message can forget it. */
const harmless = (context: Context): Context => ({
  ...context,
  remark: (sentence) => context.remark(printableLine(sentence)),
  progress: ({ stage, note, ...counts }) =>
    context.progress({ stage: printableLine(stage), note: printableLine(note), ...counts }),
});

const failed = (failure: Failure): Outcome => ({
  stdout: '',
  stderr: `${showFailure(failure)}\n`,
  exitCode: exitCodeOf(failure),
});

const partlyParsed = t.type({ error: t.type({ partialValue: t.type({ command: t.string }) }) });

const isCommand = (word: string): word is keyof typeof commands => Object.hasOwn(commands, word);

/** The command that the parser got to before it failed. */
const commandOf = (parsed: unknown): keyof typeof commands | undefined =>
  pipe(
    partlyParsed.decode(parsed),
    O.fromEither,
    O.map(({ error }) => error.partialValue.command),
    O.filter(isCommand),
    O.toUndefined,
  );

/** Long names of the options of a command. */
const optionNames = (name: keyof typeof commands): readonly string[] => [
  ...entriesOf(commands[name].args).map(([, { long }]) => long),
  'help',
];

const program = (version: string) =>
  subcommands({
    name: 'batchgfn',
    version,
    description:
      'Choose which batch of points to label next; with a GFlowNet that samples informative batches.',
    cmds: commands,
  });

/** Runs whole words, those of a file of options among them. */
const runWords = async (
  words: readonly string[],
  version: string,
  context: Context,
): Promise<E.Either<Failure, Outcome>> => {
  const parser = program(version);
  const parsed = await runSafely(parser, [...words]);
  if (parsed._tag === 'ok')
    return pipe(
      await parsed.value.value(harmless(context))(),
      E.map(({ text, shortfalls, quiet }) => {
        const stderr = shortfalls.map((sentence) => `${printableLine(sentence)}\n`).join('');
        return {
          stdout: printable(text),
          stderr,
          exitCode: shortfalls.length > 0 ? 1 : 0,
          ...present({ quiet }),
        };
      }),
    );
  const { exitCode, message } = parsed.error.config;
  // Help and version end the parser too, with code 0. An error's own text is a drawing; its parts are asked for.
  if (exitCode === 0) return E.right({ stdout: `${message}\n`, stderr: '', exitCode });
  const again = await parse(parser, [...words]);
  const command = commandOf(again);
  return E.left(
    usageFailure(again._tag === 'error' ? again.error.errors : [], {
      commands: Object.keys(commands),
      command,
      options: command === undefined ? [] : optionNames(command),
    }),
  );
};

/** Runs the command line `words` (without the program's name) in a context. Never throws for what the user did. */
export const runProgram = async (
  words: readonly string[],
  version: string,
  context: Context,
): Promise<Outcome> => {
  setDefaultHelpFormatter(exampleFirst);
  const whole = await configured(words, commands)();
  if (E.isLeft(whole)) return failed(whole.left);
  const { words: all, added } = whole.right;
  const done = await runWords(all, version, context);
  if (E.isRight(done)) return done.right;
  const failure = done.left;
  return failed(failure._tag === 'InputFailure' ? namingFile(added)(failure) : failure);
};
