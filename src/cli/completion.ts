/**
 * How does a shell complete a command line of batchgfn? By a script that is made of the tables of commands and options, so that it
 * knows each of them, its letter, and its values where they are few; where a word is a path, or anything, by the names of files.
 */
import type { WordForm } from './decoders.js';
import { inQuotes } from './in-shell.js';
import { argumentForm, entriesOf, letterOf, type OptionEntry } from './options.js';

/** What is known of a command. */
export interface CompletedCommand {
  readonly description?: string | undefined;
  readonly args: Readonly<Record<string, unknown>>;
}

type Commands = Readonly<Record<string, CompletedCommand>>;

const longOptions = ({ args }: CompletedCommand): readonly OptionEntry<unknown>[] =>
  entriesOf(args).map(([, entry]) => entry);

/** The ways to write an option. */
const spellings = (long: string): readonly string[] => {
  const letter = letterOf(long);
  return letter === undefined ? [`--${long}`] : [`--${long}`, `-${letter}`];
};

const wordsOf = (form: WordForm | undefined): readonly string[] => (form?.kind === 'words' ? form.words : []);

const formOf = ({ word }: OptionEntry<unknown>): WordForm => word?.form ?? { kind: 'text' };

const bashCandidates = (words: readonly string[]): string =>
  `COMPREPLY=($(compgen -W ${inQuotes(words.join(' '))} -- "$word"))`;

const bashFiles = 'COMPREPLY=($(compgen -f -- "$word"))';

/** What follows an option that has a value, by its form. */
const bashValue: { readonly [Kind in WordForm['kind']]: (form: WordForm) => string } = {
  words: (form) => bashCandidates(wordsOf(form)),
  file: () => bashFiles,
  text: () => bashFiles,
  name: () => ':',
  number: () => ':',
  integer: () => ':',
  list: () => ':',
};

const bashCommand = ([name, command]: readonly [string, CompletedCommand]): string => {
  const options = longOptions(command);
  const values = options
    .filter(({ word }) => word !== undefined)
    .map((entry) => {
      const form = formOf(entry);
      return `        ${spellings(entry.long).join('|')}) ${bashValue[form.kind](form)}; return ;;`;
    });
  const own = wordsOf(argumentForm(command.args));
  return [
    `    ${name})`,
    '      case "$before" in',
    ...values,
    '      esac',
    '      case "$word" in',
    `        -*) ${bashCandidates([...options.map(({ long }) => `--${long}`), '--help'])} ;;`,
    `        *) ${own.length > 0 ? bashCandidates(own) : bashFiles} ;;`,
    '      esac ;;',
  ].join('\n');
};

const bash = (commands: Commands): string =>
  `${[
    '# Completion of batchgfn for bash: eval "$(batchgfn completion bash)"',
    '_batchgfn() {',
    '  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}',
    '  COMPREPLY=()',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    ${bashCandidates([...Object.keys(commands), '--help', '--version'])}; return`,
    '  fi',
    '  case "${COMP_WORDS[1]}" in',
    ...Object.entries(commands).map(bashCommand),
    '  esac',
    '}',
    'complete -o filenames -F _batchgfn batchgfn',
  ].join('\n')}\n`;

/** What zsh reads as marks in the description of an option. */
const zshText = (text: string): string => text.replace(/[\\[\]:]/g, String.raw`\$&`);

/** The action of zsh by which a value is completed. */
const zshValue: { readonly [Kind in WordForm['kind']]: (form: WordForm) => string } = {
  words: (form) => `(${wordsOf(form).join(' ')})`,
  file: () => '_files',
  text: () => '_files',
  name: () => ' ',
  number: () => ' ',
  integer: () => ' ',
  list: () => ' ',
};

const zshOption = (entry: OptionEntry<unknown>): readonly string[] => {
  const form = formOf(entry);
  const value = entry.word === undefined ? '' : `:${zshText(entry.placeholder)}:${zshValue[form.kind](form)}`;
  const all = spellings(entry.long);
  return all.map((spelling) =>
    inQuotes(`(${all.join(' ')})${spelling}[${zshText(entry.description)}]${value}`),
  );
};

const zshCommand = ([name, command]: readonly [string, CompletedCommand]): string => {
  const own = wordsOf(argumentForm(command.args));
  return [
    `    ${name}) _arguments -s \\`,
    ...longOptions(command).flatMap((entry) => zshOption(entry).map((option) => `      ${option} \\`)),
    `      ${inQuotes('(- *)--help[show the help]')} \\`,
    `      ${inQuotes(own.length > 0 ? `*: :(${own.join(' ')})` : '*:file:_files')} ;;`,
  ].join('\n');
};

const zsh = (commands: Commands): string =>
  `${[
    '#compdef batchgfn',
    '# Completion of batchgfn for zsh: source <(batchgfn completion zsh), or a file _batchgfn in a folder of $fpath',
    '_batchgfn() {',
    '  local -a names',
    '  names=(',
    ...Object.entries(commands).map(
      ([name, { description = '' }]) => `    ${inQuotes(`${name}:${description}`)}`,
    ),
    '  )',
    '  if ((CURRENT == 2)); then _describe command names; return; fi',
    '  local name=$words[2]',
    '  shift words; ((CURRENT--))',
    '  case $name in',
    ...Object.entries(commands).map(zshCommand),
    '  esac',
    '}',
    'if [ "$funcstack[1]" = _batchgfn ]; then _batchgfn "$@"; else compdef _batchgfn batchgfn; fi',
  ].join('\n')}\n`;

/** The script of each shell. */
export const completions = { bash, zsh } as const satisfies Readonly<
  Record<string, (commands: Commands) => string>
>;
