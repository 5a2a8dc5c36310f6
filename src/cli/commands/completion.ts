/** `batchgfn completion SHELL`: a script by which a shell completes commands, options and their values. */
import * as TE from '#fp-ts/TaskEither';
import { command, printed } from '../command.js';
import { type CompletedCommand, completions } from '../completion.js';
import { keyOf } from '../decoders.js';
import { argument } from '../options.js';

/** The command beside the others, which it completes too. */
export const completionOf = (others: Readonly<Record<string, CompletedCommand>>) => {
  const own = command({
    name: 'completion',
    description: 'Print a script by which bash or zsh completes commands, options and their values.',
    examples: [
      {
        description: 'for this shell; the line `eval "$(batchgfn completion bash)"` of ~/.bashrc is for all',
        command: 'batchgfn completion bash',
      },
    ],
    args: {
      shell: argument('SHELL', Object.keys(completions).join(' or '), keyOf(completions)),
    },
    handler: ({ shell }) => {
      const all: Readonly<Record<string, CompletedCommand>> = { ...others, completion: own };
      return () => TE.right(printed(completions[shell](all)));
    },
  });
  return own;
};
