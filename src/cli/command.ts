/**
 * What is a command? A function from its decoded options to a description of the work, which program.ts runs once.
 * Work touches the world through its context alone, so a spec can run it with a context of its own.
 */
import { command as parserOf } from 'cmd-ts';
import type { Option } from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Progress } from '../acquisition/strategy.js';
import type { Failure } from '../failure.js';
import type { Services } from './contract.js';
import { filePath } from './decoders.js';
import { flag, optional } from './options.js';
import type { Loss } from './streams.js';

/** What work may use. */
export interface Context {
  readonly services: Services;
  /** Tells the user a sentence on stderr. */
  readonly remark: (sentence: string) => void;
  /** Shows how far the work is, on stderr, if that is a terminal. */
  readonly progress: (progress: Progress) => void;
  /** Aborted when the user presses Ctrl-C. */
  readonly signal: AbortSignal;
  /** For work that answers while it goes on: stdin, and how a text gets to stdout; the loss where it did not. */
  readonly input: AsyncIterable<Uint8Array>;
  readonly print: (text: string) => Promise<Option<Loss>>;
}

/** What work prints, and what it was asked to reach and did not: sentences for stderr, and exit code 1. */
export interface Printed {
  readonly text: string;
  readonly shortfalls: readonly string[];
  /** Whether nothing is to be said of where the text goes. */
  readonly quiet?: boolean;
}

/** Text for stdout, with nothing fallen short. */
export const printed = (text: string): Printed => ({ text, shortfalls: [] });

/** The work of one command. */
export type Work = (context: Context) => TE.TaskEither<Failure, Printed>;

/** Options that every command has. */
const everywhere = {
  quiet: flag({ long: 'quiet', description: 'say nothing on stderr but what went wrong' }),
  config: optional(
    {
      long: 'config',
      placeholder: 'FILE',
      description:
        'options by their names, as JSON; batchgfn.json of this folder if left out, and it is there',
    },
    filePath('a file', 'Give the path of a file of options, batchgfn.json for instance'),
  ),
};

/** Parsers of options by their keys. */
export type Parsers = Parameters<typeof parserOf>[0]['args'];

/** The options of a command, decoded by its parsers. */
export type Decoded<Args extends Parsers> = {
  readonly [Name in keyof Args]: Args[Name] extends {
    readonly parse: (context: never) => Promise<infer Result>;
  }
    ? Extract<Result, { readonly _tag: 'ok' }> extends { readonly value: infer A }
      ? A
      : never
    : never;
};

/** What a command is made from. */
export interface CommandConfig<Args extends Parsers> {
  readonly name: string;
  readonly description: string;
  /** The first opens its help. */
  readonly examples: readonly { readonly description: string; readonly command: string }[];
  readonly args: Args;
  readonly handler: (options: Decoded<Args & typeof everywhere>) => Work;
}

const quieted = (context: Context): Context => ({
  ...context,
  remark: () => undefined,
  progress: () => undefined,
});

/** A command with its parser and help, and the table of its options; those that every command has among them. */
export const command = <Args extends Parsers>({ examples, handler, ...config }: CommandConfig<Args>) => {
  const args = { ...config.args, ...everywhere };
  const parser = parserOf({
    ...config,
    ...{ args, examples: [...examples] },
    handler: (parsed: unknown): Work => {
      const options = parsed as Decoded<Args & typeof everywhere>;
      return options.quiet
        ? (context) =>
            pipe(
              handler(options)(quieted(context)),
              TE.map((result) => ({ ...result, quiet: true })),
            )
        : handler(options);
    },
  });
  return { ...parser, args };
};
